"""Every row function gives the same bits on any number of threads and in any memory order."""

import numpy as np
import pytest

import fastact

NAMES = [name for name in fastact.ufuncs.__all__ if getattr(fastact.ufuncs, name).signature]


def arguments(function, rows):
    """Return an array for each operand, from the letters of its types."""
    loop = next(types for types in function.types if types.startswith(rows.dtype.char))
    cores = function.signature.partition("->")[0].split(",")
    for letter, core in zip(loop.partition("->")[0], cores, strict=True):
        shape = rows.shape if core == "(n)" else rows.shape[:1]
        if letter == rows.dtype.char:
            yield rows if core == "(n)" else rows[:, 0]
        elif letter == "?":
            yield np.arange(np.prod(shape)).reshape(shape) % 3 > 0
        else:
            yield np.full(shape, 0.25) if letter == "d" else np.arange(len(rows)) % rows.shape[1]


def results(name, rows):
    function = getattr(fastact.ufuncs, name)
    found = function(*arguments(function, rows))
    return found if isinstance(found, tuple) else (found,)


@pytest.fixture
def eight_threads():
    before = fastact.get_num_threads()
    fastact.set_num_threads(8)
    yield
    fastact.set_num_threads(before)


@pytest.mark.usefixtures("eight_threads")
@pytest.mark.parametrize(
    ("dtype", "precision"), [(np.float16, "exact"), (np.float32, "exact"), (np.float32, "fast"), (np.float64, "exact")]
)
@pytest.mark.parametrize("name", NAMES)
def test_threads_and_memory_order_do_not_change_a_bit(name, dtype, precision):
    rng = np.random.default_rng(0)
    for shape in [(1, 140_001), (3000, 10), (70, 300)]:
        rows = rng.normal(0, 3, shape).astype(dtype)
        with fastact.precision(precision):
            with fastact.num_threads(1):
                expected = results(name, rows)
            others = [results(name, np.asfortranarray(rows)), results(name, np.repeat(rows, 2, axis=1)[:, ::2])]
            for threads in (2, 3, 7):
                with fastact.num_threads(threads):
                    others.append(results(name, rows))
        for other in others:
            for a, b in zip(expected, other, strict=True):
                np.testing.assert_array_equal(a, b)
