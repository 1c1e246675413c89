"""
The same bits at every place in memory, for all strides and with `out=`, for every elementwise ufunc and loss.

Rows are in tests/rows/test_bits.py, numbers of threads in tests/threads/test_same_bits.py, AVX2 against AVX-512 in
tests/package/test_isa.py and, for 10^8 inputs per function, `python -m tools.same_bits`.
"""

import contextlib
import itertools

import numpy as np
import pytest

import fastact
from fastact._core import runtime
from tests.support.places import comparing_few_bits, moved, operands, side_by_side
from tests.support.public_calls import ELEMENTWISE, KINDS, LOSSES, UFUNCS, arguments, bits, results

pytestmark = pytest.mark.configuration

each_elementwise = pytest.mark.parametrize("name", ELEMENTWISE)


@each_elementwise
def test_the_place_of_an_element_in_array_and_memory_does_not_change_its_bits(name):
    function = UFUNCS[name]
    for dtype, precision in KINDS:
        given = operands(function, 230, dtype)
        with fastact.precision(precision):
            expected = results(function(*given))
            places = [moved(a, 0) for a in given]
            for k in range(64):
                assert bits(function(*(a[k:] for a in places))) == bits(tuple(y[k:] for y in expected))
                assert bits(function(*(a[: k + 1] for a in places))) == bits(tuple(y[: k + 1] for y in expected))


@each_elementwise
def test_the_alignment_of_operands_and_out_does_not_change_the_bits(name):
    function = UFUNCS[name]
    for dtype, precision in KINDS:
        given = operands(function, 300, dtype)
        with fastact.precision(precision):
            expected = bits(function(*given))
            for k in range(5):
                copies = [moved(a, 7 * k * (i + 1) % 64) for i, a in enumerate(given)]
                out = tuple(moved(y, 5 * k + 11 * o) for o, y in enumerate(results(function(*given))))
                assert bits(function(*copies)) == expected
                assert bits(function(*copies, out=out)) == expected


@each_elementwise
def test_the_start_of_a_large_array_within_a_cache_line_does_not_change_the_bits(name):
    function = UFUNCS[name]
    for dtype, precision in KINDS:
        given = operands(function, 4500, dtype)
        with fastact.precision(precision):
            halves = [results(function(*(a[part] for a in given))) for part in (slice(2250), slice(2250, None))]
            expected = bits(tuple(np.concatenate(both) for both in zip(*halves, strict=True)))
            for k in (0, 1, 4, 15):
                assert bits(function(*(moved(a, k) for a in given))) == expected
                assert bits(function(*(moved(a, k * (i == 0)) for i, a in enumerate(given)))) == expected


@each_elementwise
def test_large_arrays_side_by_side_do_not_change_the_bits(name):
    function = UFUNCS[name]
    for (dtype, precision), n, few_bits in itertools.product(KINDS, (300, 4500), (True, False)):
        given = operands(function, n, dtype)
        with fastact.precision(precision), comparing_few_bits(few_bits):
            expected = results(function(*given))
            places = side_by_side([*given, *(np.full_like(y, 7) for y in expected)])
            for turn in range(len(places)):  # outputs behind all inputs, some or none
                order = places[turn:] + places[:turn]
                copies, out = order[: len(given)], tuple(order[len(given) :])
                if [a.dtype for a in order] == [a.dtype for a in places]:
                    for copy, array in zip(copies, given, strict=True):
                        copy[...] = array
                    assert bits(function(*copies, out=out)) == bits(expected)


WAYS = ["plain stores", "prefetched", "streamed", "streamed page by page", "by trial"]


@pytest.fixture
def beyond_caches():
    """Have every call treat its arrays as larger than the caches."""
    before = runtime.set_beyond_caches(0)
    yield
    runtime.set_beyond_caches(before)


@contextlib.contextmanager
def moved_by(way):
    """Have arrays larger than the caches moved in one way, or in the best of a trial."""
    before = runtime.set_only_way(-1 if way == "by trial" else WAYS.index(way))
    try:
        yield
    finally:
        runtime.set_only_way(before)


@pytest.mark.usefixtures("beyond_caches")
@each_elementwise
def test_how_arrays_larger_than_the_caches_are_moved_does_not_change_the_bits(name):
    function = UFUNCS[name]
    # from 131,072 on each way is tried on 1,024 elements and more; eight pages in turn have 8,192 at the most
    n = 140_011
    for dtype, precision in KINDS:
        given = operands(function, n, dtype)
        with fastact.precision(precision), fastact.num_threads(1):
            parts = [results(function(*(a[i : i + 4_000] for a in given))) for i in range(0, n, 4_000)]
            expected = tuple(np.concatenate(pieces) for pieces in zip(*parts, strict=True))
            for way in WAYS:
                with moved_by(way):
                    count = n if way == "by trial" else 20_011
                    assert_same_bits_in_place(function, [a[:count] for a in given], [y[:count] for y in expected])


def assert_same_bits_in_place(function, given, expected):
    """With an `out` elsewhere, and with one that is the first operand or overlaps it."""
    expected_bits = bits(tuple(expected))
    out = tuple(moved(np.full_like(y, 7), 1 + 2 * o) for o, y in enumerate(expected))
    assert bits(function(*given, out=out)) == expected_bits
    if given[0].dtype == out[0].dtype:
        n = len(given[0])
        memory = np.zeros(n + 5, given[0].dtype)
        for shift in (0, -5, 3):
            first = memory[5:] if shift < 0 else memory[:n]
            first[...] = given[0]
            place = memory[5 + shift :][:n] if shift < 0 else memory[shift:][:n]
            assert bits(function(first, *given[1:], out=(place, *out[1:]))) == expected_bits


@each_elementwise
def test_strides_and_single_values_do_not_change_the_bits(name):
    function = UFUNCS[name]
    for dtype, precision in KINDS:
        given = operands(function, 3000, dtype)
        with fastact.precision(precision):
            expected = bits(function(*given))
            for step in (-1, 2, -3):
                copies = [np.repeat(a, abs(step))[::step] for a in given]
                turned = tuple(y[:: np.sign(step)] for y in results(function(*copies)))
                assert bits(turned) == expected
            for k in range(1, len(given)):
                single = [np.full(3000, a[0]) if i == k else a for i, a in enumerate(given)]
                spread = [np.broadcast_to(a[0], 3000) if i == k else a for i, a in enumerate(given)]
                assert bits(function(*spread)) == bits(function(*single))


@each_elementwise
def test_out_even_in_place_of_an_input_does_not_change_the_bits(name):
    function = UFUNCS[name]
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


@pytest.mark.parametrize("name", LOSSES)
def test_alignment_and_strides_do_not_change_the_bits_of_a_loss(name):
    function = getattr(fastact, name)
    for dtype, precision in KINDS:
        given = arguments(name, 2000, dtype)
        with fastact.precision(precision):
            expected = bits(function(*given))
            for k in range(0, 64, 3):
                copies = [moved(a, k * (i + 1) % 64) for i, a in enumerate(given)]
                assert bits(function(*copies)) == expected
            for order in (
                np.asfortranarray,
                lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
                lambda a: a[::-1].copy()[::-1],
            ):
                assert bits(function(*map(order, given))) == expected
