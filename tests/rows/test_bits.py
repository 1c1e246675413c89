"""Every row function gives the same bits on any number of threads and in any memory order."""

import numpy as np
import pytest

import fastact
from tests.support.row_cases import KINDS, row_arguments

NAMES = [name for name in fastact.ufuncs.__all__ if getattr(fastact.ufuncs, name).signature]


def results(name, arguments):
    found = getattr(fastact.ufuncs, name)(*arguments)
    return found if isinstance(found, tuple) else (found,)


def assert_same_bits(found, expected):
    for a, b in zip(found, expected, strict=True):
        assert np.ascontiguousarray(a).tobytes() == np.ascontiguousarray(b).tobytes()


def every_other(array):
    """Return the same numbers, of which no two are neighbours in memory."""
    return np.repeat(array, 2, axis=-1)[..., ::2]


@pytest.mark.usefixtures("many_threads")
@pytest.mark.parametrize(("dtype", "precision"), KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_threads_and_memory_order_do_not_change_a_bit(name, dtype, precision):
    rng = np.random.default_rng(0)
    for shape in [(1, 140_001), (3000, 10), (70, 300)]:
        rows = rng.normal(0, 3, shape).astype(dtype)
        given = list(row_arguments(getattr(fastact.ufuncs, name), rows))
        with fastact.precision(precision):
            with fastact.num_threads(1):
                expected = results(name, given)
            for order in (np.asfortranarray, every_other):
                assert_same_bits(results(name, [order(a) for a in given]), expected)
            for threads in (2, 3, 7):
                with fastact.num_threads(threads):
                    assert_same_bits(results(name, given), expected)


@pytest.mark.parametrize(("dtype", "precision"), KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_a_row_alone_has_the_bits_of_one_among_others(name, dtype, precision):
    rng = np.random.default_rng(0)
    for n in (1, 2, 31, 32, 33, 63, 64, 65, 97, 1000, 1024, 1057, 2049):
        rows = rng.normal(0, 3, (5, n)).astype(dtype)
        given = list(row_arguments(getattr(fastact.ufuncs, name), rows))
        with fastact.precision(precision):
            expected = results(name, given)
            alone = [results(name, [every_other(a[i : i + 1]) for a in given]) for i in range(len(rows))]
        assert_same_bits([np.concatenate(parts) for parts in zip(*alone, strict=True)], expected)


def beside(array, margin=5):
    """Return the same rows one element apart in memory, between `margin` others before and after."""
    room = np.full((len(array) + 2 * margin, *array.shape[1:]), 7, array.dtype, order="F")
    room[margin:-margin] = array
    return room, room[margin:-margin]


@pytest.mark.parametrize(("dtype", "precision"), KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_rows_beside_each_other_have_the_bits_of_rows_one_after_the_other(name, dtype, precision):
    rng = np.random.default_rng(0)
    for shape in [(300, 3), (135, 70), (64, 2049), (40, 1)]:
        rows = rng.normal(0, 3, shape).astype(dtype)
        given = list(row_arguments(getattr(fastact.ufuncs, name), rows))
        with fastact.precision(precision):
            expected = results(name, given)
            rooms, out = zip(*[beside(np.zeros_like(a)) for a in expected], strict=True)
            getattr(fastact.ufuncs, name)(*(beside(a)[1] for a in given), out=out)
            in_place = [beside(a)[1] for a in given]
            if len(expected) == 1 and expected[0].shape == shape:
                assert_same_bits([getattr(fastact.ufuncs, name)(*in_place, out=in_place[0])], expected)
        assert_same_bits(out, expected)
        for room in rooms:
            assert (room[:5] == 7).all()
            assert (room[-5:] == 7).all()


@pytest.mark.parametrize("name", ["log_softmax", "log_softmax_grad", "softmax"])
@pytest.mark.parametrize("temperature", [1e-60, np.inf])
def test_a_row_that_is_nan_does_not_change_others_of_its_tile(name, temperature):
    rows = np.tile(np.float32([0, -30, -31, -40]), (40, 1)) + np.linspace(0, 1, 40, dtype=np.float32)[:, None]
    given = [rows] if name != "log_softmax_grad" else [rows, rows]
    temperatures = np.ones(40)
    with fastact.precision("fast"):
        expected = getattr(fastact, name)(*given, temperature=temperatures)
        rows[3] = [3e38, -3e38, 0, 0]
        temperatures[3] = temperature
        found = getattr(fastact, name)(*given, temperature=temperatures)
    assert_same_bits([np.delete(found, 3, axis=0)], [np.delete(expected, 3, axis=0)])
