"""
The same bits whatever the number of threads, the place in memory, the strides, `out=` and the rows beside a row.

Row functions have more of this in test_row_bits.py, AVX2 against AVX-512 is in test_isa.py and, for 10^8 inputs a
function, `python tools/same_bits.py`.
"""

from functools import cache

import numpy as np
import pytest

import fastact
from fastact._core import runtime
from tests.support.public_calls import ELEMENTWISE, FUNCTIONS, KINDS, LONG, ROW_UFUNCS, arguments, bits, results
from tests.support.row_cases import row_arguments

THREADS = (1, 2, 3, 4, 7)
OFFSETS = range(64)
each_elementwise = pytest.mark.parametrize("name", ELEMENTWISE)
each_row_ufunc = pytest.mark.parametrize("name", ROW_UFUNCS)
LOSSES = [name for name in FUNCTIONS if any(word in name for word in ("entropy", "loss", "kl_div"))]


@cache
def operand_pool(n, dtype):
    """Return operands of n elements, most of them moderate; the same ones in every dtype."""
    rng = np.random.default_rng(3)
    pool = rng.normal(0, 4, (6, n))
    pool[:, ::17] *= 20
    pool = pool.astype(dtype)
    pool.flags.writeable = False
    return pool


def operands(function, n, dtype):
    """Return an array for each input of an elementwise ufunc, of the types of its loop."""
    loop = next(types for types in function.types if types.startswith(dtype))
    return [operand_pool(n, letter)[k] for k, letter in enumerate(loop.partition("->")[0])]


def moved(array, offset):
    """Return a copy that starts `offset` elements behind a multiple of 64 bytes."""
    memory = np.empty(array.nbytes + 64 * array.itemsize + 64, np.uint8)
    start = -memory.ctypes.data % 64 + offset * array.itemsize
    copy = memory[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def side_by_side(arrays):
    """Return copies a megabyte and 16 bytes apart, as NumPy puts arrays of a megabyte."""
    step = 2**20 + 16
    memory = np.empty(len(arrays) * step + 64, np.uint8)
    start = -memory.ctypes.data % 64
    copies = [memory[start + k * step :][: a.nbytes].view(a.dtype).reshape(a.shape) for k, a in enumerate(arrays)]
    for copy, array in zip(copies, arrays, strict=True):
        copy[...] = array
    return copies


@each_elementwise
def test_the_place_of_an_element_in_array_and_memory_does_not_change_its_bits(name):
    function = getattr(fastact.ufuncs, name)
    for dtype, precision in KINDS:
        given = operands(function, 230, dtype)
        with fastact.precision(precision):
            expected = results(function(*given))
            places = [moved(a, 0) for a in given]
            for k in OFFSETS:
                assert bits(function(*(a[k:] for a in places))) == bits(tuple(y[k:] for y in expected))
                assert bits(function(*(a[: k + 1] for a in places))) == bits(tuple(y[: k + 1] for y in expected))


@each_elementwise
def test_operands_that_lie_differently_in_memory_do_not_change_the_bits(name):
    function = getattr(fastact.ufuncs, name)
    for dtype, precision in KINDS:
        given = operands(function, 300, dtype)
        with fastact.precision(precision):
            expected = bits(function(*given))
            for k in range(5):
                apart = [moved(a, 7 * k * (i + 1) % 64) for i, a in enumerate(given)]
                out = tuple(moved(y, 5 * k + 11 * o) for o, y in enumerate(results(function(*given))))
                assert bits(function(*apart)) == expected
                assert bits(function(*apart, out=out)) == expected


@each_elementwise
def test_the_start_of_a_large_array_within_a_cache_line_does_not_change_the_bits(name):
    function = getattr(fastact.ufuncs, name)
    for dtype, precision in KINDS:
        given = operands(function, 4500, dtype)
        with fastact.precision(precision):
            halves = [results(function(*(a[part] for a in given))) for part in (slice(2250), slice(2250, None))]
            expected = bits(tuple(np.concatenate(both) for both in zip(*halves, strict=True)))
            for k in (0, 1, 4, 15):
                assert bits(function(*(moved(a, k) for a in given))) == expected
                assert bits(function(*(moved(a, k * (i == 0)) for i, a in enumerate(given)))) == expected


@pytest.fixture(params=[True, False])
def few_bits(request):
    """Have the processor taken for one that compares addresses by their lowest bits, and for another."""
    before = runtime.set_compares_few_bits(request.param)
    yield
    runtime.set_compares_few_bits(before)


@pytest.mark.usefixtures("few_bits")
@each_elementwise
def test_large_arrays_side_by_side_do_not_change_the_bits(name):
    function = getattr(fastact.ufuncs, name)
    for dtype, precision in KINDS:
        for n in (300, 4500):
            given = operands(function, n, dtype)
            with fastact.precision(precision):
                expected = results(function(*given))
                places = side_by_side([*given, *(np.full_like(y, 7) for y in expected)])
                for turn in range(len(places)):  # outputs behind all inputs, some or none
                    order = places[turn:] + places[:turn]
                    apart, out = order[: len(given)], tuple(order[len(given) :])
                    if [a.dtype for a in order] == [a.dtype for a in places]:
                        for copy, array in zip(apart, given, strict=True):
                            copy[...] = array
                        assert bits(function(*apart, out=out)) == bits(expected)


WAYS = ["as it lies", "asked for ahead", "past the caches", "past the caches by turns", "by trial"]


@pytest.fixture(params=WAYS)
def way(request):
    """Have every call take its memory for one beyond the caches, moved in one way or by trial."""
    before = runtime.set_beyond_caches(0)
    chosen = runtime.set_only_way(-1 if request.param == "by trial" else WAYS.index(request.param))
    yield request.param
    runtime.set_only_way(chosen)
    runtime.set_beyond_caches(before)


@each_elementwise
def test_the_ways_beyond_the_caches_do_not_change_the_bits(name, way):
    function = getattr(fastact.ufuncs, name)
    # from 131,072 on each way is tried on 1,024 elements and more; eight pages by turns have 8,192 at the most
    n = 140_011 if way == "by trial" else 20_011
    for dtype, precision in KINDS:
        given = operands(function, n, dtype)
        with fastact.precision(precision), fastact.num_threads(1):
            parts = [results(function(*(a[i : i + 4_000] for a in given))) for i in range(0, n, 4_000)]
            expected = tuple(np.concatenate(pieces) for pieces in zip(*parts, strict=True))
            out = tuple(moved(np.full_like(y, 7), 1 + 2 * o) for o, y in enumerate(expected))
            assert bits(function(*given, out=out)) == bits(expected)
            if given[0].dtype == out[0].dtype:
                memory = np.zeros(n + 5, given[0].dtype)
                for shift in (0, -5, 3):
                    first = memory[5:] if shift < 0 else memory[:n]
                    first[...] = given[0]
                    place = memory[5 + shift :][:n] if shift < 0 else memory[shift:][:n]
                    assert bits(function(first, *given[1:], out=(place, *out[1:]))) == bits(expected)


@each_elementwise
def test_strides_and_single_values_do_not_change_the_bits(name):
    function = getattr(fastact.ufuncs, name)
    for dtype, precision in KINDS:
        given = operands(function, 3000, dtype)
        with fastact.precision(precision):
            expected = bits(function(*given))
            for step in (-1, 2, -3):
                apart = [np.repeat(a, abs(step))[::step] for a in given]
                turned = tuple(y[:: np.sign(step)] for y in results(function(*apart)))
                assert bits(turned) == expected
            for k in range(1, len(given)):
                single = [np.full(3000, a[0]) if i == k else a for i, a in enumerate(given)]
                spread = [np.broadcast_to(a[0], 3000) if i == k else a for i, a in enumerate(given)]
                assert bits(function(*spread)) == bits(function(*single))


@each_elementwise
def test_out_even_in_place_of_an_input_does_not_change_the_bits(name):
    function = getattr(fastact.ufuncs, name)
    for dtype, precision in KINDS:
        given = operands(function, 3000, dtype)
        with fastact.precision(precision):
            outcome = function(*given)
            expected = bits(outcome)
            for k, place in enumerate(given):
                for o, y in enumerate(results(outcome)):
                    if place.dtype == y.dtype:
                        copies = [a.copy() for a in given]
                        out = tuple(copies[k] if i == o else np.empty_like(y) for i in range(function.nout))
                        assert bits(function(*copies, out=out)) == expected


@pytest.mark.usefixtures("many_threads")
@each_elementwise
def test_the_number_of_threads_does_not_change_the_bits_of_a_ufunc(name):
    function = getattr(fastact.ufuncs, name)
    for dtype, precision in KINDS:
        # seven shares; some calls in a row, so that the threads of the later ones are awake
        given = operands(function, 7 * 16384 + 11, dtype)
        with fastact.precision(precision):
            with fastact.num_threads(1):
                expected = results(function(*given))
            for threads in THREADS[1:]:
                with fastact.num_threads(threads):
                    outcomes = [results(function(*given)) for _ in range(4)]
                for outcome in outcomes:
                    for y, true in zip(outcome, expected, strict=True):
                        assert np.array_equal(y.view(f"u{y.itemsize}"), true.view(f"u{y.itemsize}"))


@pytest.mark.usefixtures("many_threads")
@pytest.mark.parametrize("name", LOSSES)
def test_the_number_of_threads_does_not_change_the_bits_of_a_loss(name):
    function = getattr(fastact, name)
    for dtype, precision in KINDS:
        given = arguments(name, 100_000, dtype)
        with fastact.precision(precision):
            with fastact.num_threads(1):
                expected = bits(function(*given))
            for threads in THREADS[1:]:
                with fastact.num_threads(threads):
                    assert [bits(function(*given)) for _ in range(3)] == 3 * [expected]


@each_row_ufunc
def test_the_place_of_rows_in_memory_and_out_do_not_change_the_bits(name):
    function = getattr(fastact.ufuncs, name)
    for dtype, precision in KINDS:
        for shape in ((6, 10), (3, 130), (9, 5), (1, 2100)):
            rows = operand_pool(shape[0] * shape[1], dtype)[0].reshape(shape)
            given = list(row_arguments(function, rows))
            with fastact.precision(precision):
                outcome = results(function(*given))
                expected = bits(outcome)
                for k in OFFSETS if shape[0] > 1 or LONG else OFFSETS[::7]:
                    apart = [moved(a, (k * (i + 1)) % 64) for i, a in enumerate(given)]
                    out = tuple(moved(y, (3 * k + o) % 64) for o, y in enumerate(outcome))
                    assert bits(function(*apart, out=out)) == expected


@pytest.mark.usefixtures("few_bits")
@each_row_ufunc
def test_rows_of_large_arrays_side_by_side_do_not_change_the_bits(name):
    function = getattr(fastact.ufuncs, name)
    for dtype, precision in KINDS:
        for shape in ((6, 10), (3, 130), (5, 3000), (1, 70_000)):
            rows = operand_pool(shape[0] * shape[1], dtype)[0].reshape(shape)
            given = list(row_arguments(function, rows))
            with fastact.precision(precision):
                outcome = results(function(*given))
                places = side_by_side([*given, *(np.full_like(y, 7) for y in outcome)])
                assert bits(function(*places[: len(given)], out=tuple(places[len(given) :]))) == bits(outcome)


@pytest.mark.usefixtures("many_threads")
@each_row_ufunc
def test_a_row_has_its_bits_at_every_place_in_the_batch_and_on_four_threads(name):
    function = getattr(fastact.ufuncs, name)
    for dtype, precision in KINDS:
        for shape in ((40, 12), (12, 150), (1000, 70)):
            rows = operand_pool(shape[0] * shape[1], dtype)[0].reshape(shape)
            # labels and scales of a row that do not depend on its place
            given = [np.zeros_like(a) if a.dtype.kind in "iu" else a for a in row_arguments(function, rows)]
            with fastact.precision(precision), fastact.num_threads(4):
                expected = results(function(*given))
                for first in (1, 2, 3, 5, 8, 17, 31):
                    shifted = function(*(np.roll(a, first, axis=0) for a in given))
                    back = tuple(np.roll(y, -first, axis=0) for y in results(shifted))
                    assert bits(back) == bits(expected)


@pytest.mark.parametrize("name", LOSSES)
def test_losses_of_arrays_that_lie_differently_in_memory_have_the_same_bits(name):
    function = getattr(fastact, name)
    for dtype, precision in KINDS:
        given = arguments(name, 2000, dtype)
        with fastact.precision(precision):
            expected = bits(function(*given))
            for k in range(0, 64, 3):
                apart = [moved(a, k * (i + 1) % 64) for i, a in enumerate(given)]
                assert bits(function(*apart)) == expected
            for order in (
                np.asfortranarray,
                lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
                lambda a: a[::-1].copy()[::-1],
            ):
                assert bits(function(*map(order, given))) == expected
