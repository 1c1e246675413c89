"""The same bits of a row wherever it is: in the batch, in memory, in any memory order, next to any other row."""

import itertools

import numpy as np
import pytest

import fastact
from tests.support.places import comparing_few_bits, every_other, moved, operand_pool, side_by_side, surrounded
from tests.support.public_calls import KINDS, LONG, ROW_UFUNCS, UFUNCS, bits, results
from tests.support.row_cases import row_arguments

pytestmark = pytest.mark.configuration

# in elements; all of them in the long form
OFFSETS = range(64) if LONG else (0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63)
each_row_ufunc = pytest.mark.parametrize("name", ROW_UFUNCS)


@each_row_ufunc
def test_a_row_alone_has_the_bits_of_one_among_others(name):
    function = UFUNCS[name]
    for dtype, precision in KINDS:
        rng = np.random.default_rng(0)
        for n in (1, 2, 31, 32, 33, 63, 64, 65, 97, 1000, 1024, 1057, 2049):
            given = list(row_arguments(function, rng.normal(0, 3, (5, n)).astype(dtype)))
            with fastact.precision(precision):
                expected = bits(function(*given))
                alone = [results(function(*(every_other(a[i : i + 1]) for a in given))) for i in range(5)]
            assert bits(tuple(np.concatenate(parts) for parts in zip(*alone, strict=True))) == expected


@each_row_ufunc
def test_the_order_in_memory_does_not_change_the_bits(name):
    function = UFUNCS[name]
    for dtype, precision in KINDS:
        rng = np.random.default_rng(0)
        for shape in [(1, 140_001), (3000, 10), (70, 300)]:
            given = list(row_arguments(function, rng.normal(0, 3, shape).astype(dtype)))
            with fastact.precision(precision), fastact.num_threads(1):
                expected = bits(function(*given))
                for order in (np.asfortranarray, every_other):
                    assert bits(function(*map(order, given))) == expected


@each_row_ufunc
def test_rows_along_the_first_axis_have_the_bits_of_rows_along_the_last(name):
    function = UFUNCS[name]
    for dtype, precision in KINDS:
        rng = np.random.default_rng(0)
        for shape in [(300, 3), (135, 70), (64, 2049), (40, 1)]:
            given = list(row_arguments(function, rng.normal(0, 3, shape).astype(dtype)))
            with fastact.precision(precision):
                expected = results(function(*given))
                memories, out = zip(*[surrounded(np.zeros_like(a)) for a in expected], strict=True)
                function(*(surrounded(a)[1] for a in given), out=out)
                in_place = [surrounded(a)[1] for a in given]
                if len(expected) == 1 and expected[0].shape == shape:
                    assert bits(function(*in_place, out=in_place[0])) == bits(expected)
            assert bits(out) == bits(expected)
            for memory in memories:
                assert (memory[:5] == 7).all()
                assert (memory[-5:] == 7).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_any_axis_has_the_bits_of_the_last_axis_of_the_transposed_array(name, dtype):
    x = np.random.default_rng(0).normal(size=(5, 70, 3)).astype(dtype)
    function = getattr(fastact, name)
    for axis in (0, 1, 2, -1, -3):
        expected = np.moveaxis(function(np.ascontiguousarray(np.moveaxis(x, axis, -1))), -1, axis)
        np.testing.assert_array_equal(function(x, axis), expected)


@each_row_ufunc
def test_the_place_of_rows_in_memory_and_out_do_not_change_the_bits(name):
    function = UFUNCS[name]
    for dtype, precision in KINDS:
        for shape in ((6, 10), (3, 130), (9, 5), (1, 2100)):
            rows = operand_pool(shape[0] * shape[1], dtype)[0].reshape(shape)
            given = list(row_arguments(function, rows))
            with fastact.precision(precision):
                outcome = results(function(*given))
                expected = bits(outcome)
                for k in OFFSETS:
                    copies = [moved(a, (k * (i + 1)) % 64) for i, a in enumerate(given)]
                    out = tuple(moved(y, (3 * k + o) % 64) for o, y in enumerate(outcome))
                    assert bits(function(*copies, out=out)) == expected


@each_row_ufunc
def test_rows_of_large_arrays_side_by_side_do_not_change_the_bits(name):
    function = UFUNCS[name]
    shapes = (6, 10), (3, 130), (5, 3000), (1, 70_000)
    for (dtype, precision), shape, few_bits in itertools.product(KINDS, shapes, (True, False)):
        rows = operand_pool(shape[0] * shape[1], dtype)[0].reshape(shape)
        given = list(row_arguments(function, rows))
        with fastact.precision(precision), comparing_few_bits(few_bits):
            outcome = results(function(*given))
            places = side_by_side([*given, *(np.full_like(y, 7) for y in outcome)])
            assert bits(function(*places[: len(given)], out=tuple(places[len(given) :]))) == bits(outcome)


@pytest.mark.usefixtures("many_threads")
@each_row_ufunc
def test_a_row_has_its_bits_at_every_place_in_the_batch_and_on_four_threads(name):
    function = UFUNCS[name]
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
    assert bits(np.delete(found, 3, axis=0)) == bits(np.delete(expected, 3, axis=0))


# Rows of 16 to 2048 float32 numbers take another way than all others, unless they are in tiles.
@pytest.mark.parametrize("precision", ["exact", "fast"])
@each_row_ufunc
def test_rows_have_the_same_bits_by_themselves_in_tiles_strided_and_in_place(name, precision):
    function = UFUNCS[name]
    for n in (1, 15, 16, 17, 31, 48, 64, 65, 100, 129, 160, 200, 320, 777, 2048, 2049):
        given = rows_of_every_sort(function, n)
        with fastact.precision(precision), np.errstate(all="ignore"):
            expected = results(function(*map(np.asfortranarray, given)))
            assert bits_but_of_nan(function(*given)) == bits_but_of_nan(expected)
            strided = function(*(np.repeat(a, 2, axis=-1)[..., ::2] for a in given))
            assert bits_but_of_nan(strided) == bits_but_of_nan(expected)
            alone = [results(function(*(a[i] for a in given))) for i in range(len(given[0]))]
            alone = tuple(np.array(parts) for parts in zip(*alone, strict=True))
            assert bits_but_of_nan(alone) == bits_but_of_nan(expected)
            if len(expected) == 1 and expected[0].shape == given[0].shape:
                y = np.full((len(given[0]), n + 3), 5, np.float32)  # whose last columns are no part of the result
                y[:, :n] = given[0]
                in_place = function(y[:, :n], *given[1:], out=y[:, :n])
                assert bits_but_of_nan(in_place) == bits_but_of_nan(expected)
                assert (y[:, n:] == 5).all()


def bits_but_of_nan(outcome):
    """Return the bits with all NaN alike: which of two NaN becomes the result depends on the compiler."""
    return bits(tuple(np.where(np.isnan(a), np.nan, a).astype(a.dtype) for a in results(outcome)))


def rows_of_every_sort(function, n):
    """Return operands with rows that are confident, equal, out of range, infinite or NaN, and scales of 0 and NaN."""
    x = np.random.default_rng(n).normal(0, 3, (70, n)).astype(np.float32)
    x[3, -1], x[4, n // 2], x[5], x[6, : n // 2], x[11, 0] = np.nan, np.inf, -np.inf, -np.inf, -np.nan
    x[7:11] *= np.float32([[100], [1e-30], [0], [1e37]])
    x[12:16] += np.float32([[127], [-127], [129], [-129]])
    x[16:20, n // 3] = np.float32([20, 30, 40, 100])
    given = list(row_arguments(function, x))
    for k, operand in enumerate(given):
        if operand.dtype == np.float64:
            given[k] = np.resize([0.25, -2.0, 0.25, 1.0, 3e38], 70)
            given[k][20:24] = 0.0, np.nan, 1e-310, 1e300
        elif operand.dtype.kind in "iu":
            given[k][16:20] = n // 3
    return given
