"""The rules for special rows of the row functions, one by one."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import fastact
from tests.support.row_cases import FROM_OUTPUT, GRADIENTS, KINDS, SOFTMAX_AND_KIN, WITH_WHERE

NAN, INF = np.nan, np.inf

pytestmark = pytest.mark.configuration

every_kind = pytest.mark.parametrize(("dtype", "precision"), KINDS)


def call(name, precision, *operands, **keywords):
    with fastact.precision(precision):
        return getattr(fastact, name)(*operands, **keywords)


def assert_rows(name, kind, rows, expected, **keywords):
    """All rows in one call, and each alone."""
    dtype, precision = kind
    np.testing.assert_array_equal(call(name, precision, np.array(rows, dtype), **keywords), np.array(expected, dtype))
    for row, result in zip(rows, expected, strict=True):
        np.testing.assert_array_equal(call(name, precision, np.array(row, dtype), **keywords), np.array(result, dtype))


# ---- rows without a mask


@every_kind
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin", "sparsemax", "hardmax"])
def test_nan_makes_the_row_nan(name, dtype, precision):
    rows = [[1, NAN, 2], [NAN, 1, INF], [NAN, -INF, -INF], [NAN, NAN, NAN]]
    assert_rows(name, (dtype, precision), rows, [[NAN] * 3] * 4)


@every_kind
def test_nan_makes_logsumexp_nan_also_together_with_infinity(dtype, precision):
    assert_rows("logsumexp", (dtype, precision), [[1, NAN, 2], [NAN, INF, 1], [INF, NAN, 1]], [NAN] * 3)


@every_kind
@pytest.mark.parametrize("name", [*GRADIENTS, "logsumexp_grad"])
def test_nan_in_the_input_makes_the_row_of_the_gradient_nan(name, dtype, precision):
    x = np.array([[1, NAN, 2], [1, 0, 2]], dtype)
    g = np.array([0.5, 1], dtype) if name == "logsumexp_grad" else np.array([[0.5, 1, 2]] * 2, dtype)
    got = call(name, precision, x, g)
    assert np.isnan(got[0]).all()
    assert np.isfinite(got[1]).all()


@every_kind
@pytest.mark.parametrize("name", FROM_OUTPUT)
def test_nan_in_the_output_makes_the_row_of_the_gradient_nan(name, dtype, precision):
    y, g = np.array([[NAN, NAN, NAN], [0.5, 0.25, 0.25]], dtype), np.array([[0.5, 1, 2]] * 2, dtype)
    got = call(name, precision, y, g)
    assert np.isnan(got[0]).all()
    assert np.isfinite(got[1]).all()


@every_kind
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "sparsemax"])
def test_a_row_of_minus_infinity_alone_is_nan(name, dtype, precision):
    assert_rows(name, (dtype, precision), [[-INF] * 3], [[NAN] * 3])


@every_kind
def test_a_row_of_plus_infinity_alone_is_nan_in_softmin(dtype, precision):
    assert_rows("softmin", (dtype, precision), [[INF] * 3, [-INF, 1, 2]], [[NAN] * 3] * 2)


@every_kind
def test_a_row_of_minus_infinity_alone_is_minus_infinity_in_logsumexp(dtype, precision):
    assert_rows("logsumexp", (dtype, precision), [[-INF] * 3], [-INF])


@every_kind
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "sparsemax"])
def test_plus_infinity_makes_the_row_nan(name, dtype, precision):
    assert_rows(name, (dtype, precision), [[1, INF, 2], [INF, -INF, INF]], [[NAN] * 3] * 2)


@every_kind
def test_plus_infinity_makes_logsumexp_plus_infinity(dtype, precision):
    assert_rows("logsumexp", (dtype, precision), [[1, INF, 2], [INF, -INF, INF]], [INF] * 2)


@every_kind
def test_minus_infinity_among_numbers_has_probability_zero(dtype, precision):
    kind, row = (dtype, precision), [[-INF, 3, -INF]]
    assert_rows("softmax", kind, row, [[0, 1, 0]])
    assert_rows("log_softmax", kind, row, [[-INF, 0, -INF]])
    assert_rows("softmin", kind, [[INF, 3, INF]], [[0, 1, 0]])
    assert_rows("sparsemax", kind, row, [[0, 1, 0]])
    assert_rows("logsumexp", kind, row, [3])


@every_kind
def test_minus_infinity_among_numbers_has_gradient_zero_and_leaves_the_others_as_they_are(dtype, precision):
    x, g = np.array([-INF, 1, 0], dtype), np.array([5, 1, -2], dtype)
    for name in ("softmax_grad", "sparsemax_grad"):
        got = call(name, precision, x, g)
        assert got[0] == 0
        np.testing.assert_allclose(got[1:], call(name, precision, x[1:], g[1:]), rtol=4 * np.finfo(dtype).eps)
    assert call("log_softmax_grad", precision, x, g)[0] == 5
    assert call("logsumexp_grad", precision, x, dtype(2))[0] == 0


@every_kind
@pytest.mark.parametrize("n", [3, 10, 40, 200, 1000, 2049])
def test_an_infinite_gradient_makes_the_others_infinite_with_the_opposite_sign(n, dtype, precision):
    x, g = np.zeros((70, n), dtype), np.ones((70, n), dtype)
    g[::2, n // 2], g[1::2, 0] = INF, -INF
    true = np.where(np.isinf(g), NAN, np.where(np.arange(70)[:, None] % 2, INF, -INF))
    for name in ("log_softmax_grad", "sparsemax_grad"):
        assert_array_equal(call(name, precision, x, g), true, err_msg=name)
    for name in FROM_OUTPUT:
        output = call(name.removesuffix("_grad_from_output"), precision, x)
        expected = -true if name.startswith("softmin") else true
        assert_array_equal(call(name, precision, output, g), expected, err_msg=name)


@every_kind
def test_hardmax_takes_the_first_maximum_also_among_infinities(dtype, precision):
    rows = [[2, 5, 5], [0, 0, 0], [-INF, -INF, -INF], [1, INF, INF], [-0.0, 0.0, -1]]
    expected = [[0, 1, 0], [1, 0, 0], [1, 0, 0], [0, 1, 0], [1, 0, 0]]
    assert_rows("hardmax", (dtype, precision), rows, expected)


@every_kind
def test_sparsemax_shares_ties_and_entries_at_the_threshold_are_zero(dtype, precision):
    rows = [[1, 1, 0], [1, 0, -3], [0, 0, 0.5], [7, 7, 7]]
    third = dtype(1) / dtype(3)
    expected = [
        [0.5, 0.5, 0],
        [1, 0, 0],
        [0.1666666666666666667, 0.1666666666666666667, 0.666666666666666667],
        [third] * 3,
    ]
    got = call("sparsemax", precision, np.array(rows, dtype))
    np.testing.assert_allclose(got, np.array(expected, dtype), rtol=4 * np.finfo(dtype).eps, atol=0)


@every_kind
def test_sparsemax_entries_at_the_threshold_are_outside_the_gradients_support(dtype, precision):
    g = np.array([1, 2, 4], dtype)
    np.testing.assert_array_equal(call("sparsemax_grad", precision, np.array([1, 0, -3], dtype), g), [0, 0, 0])
    np.testing.assert_array_equal(call("sparsemax_grad", precision, np.array([1, 1, 0], dtype), g), [-0.5, 0.5, 0])
    y = np.array([0.5, 0.5, 0], dtype)
    np.testing.assert_array_equal(call("sparsemax_grad_from_output", precision, y, g), [-0.5, 0.5, 0])


@every_kind
def test_one_entry_has_probability_one_whatever_it_is(dtype, precision):
    for value in (-7.5, 0.0, np.finfo(dtype).max):
        assert_rows("softmax", (dtype, precision), [[value]], [[1]])
        assert_rows("log_softmax", (dtype, precision), [[value]], [[0]])
        assert_rows("sparsemax", (dtype, precision), [[value]], [[1]])
        assert_rows("hardmax", (dtype, precision), [[value]], [[1]])
        assert_rows("logsumexp", (dtype, precision), [[value]], [value])


@pytest.mark.parametrize(
    ("shape", "axis"), [((0,), 0), ((3, 0), 1), ((2, 0, 4), 1), ((2, 0, 4), -1), ((20_000, 0), -1)]
)
def test_empty_arrays_and_empty_axes_give_empty_results_and_logsumexp_minus_infinity(shape, axis):
    x = np.empty(shape, np.float32)
    rest = np.zeros(shape).sum(axis=axis).shape
    for name in ("softmax", "log_softmax", "softmin", "hardmax", "sparsemax"):
        assert getattr(fastact, name)(x, axis=axis).shape == shape
    for name in (*GRADIENTS, *FROM_OUTPUT):
        assert getattr(fastact, name)(x, x, axis=axis).shape == shape
    for where in (None, np.ones(shape, bool)):
        np.testing.assert_array_equal(fastact.logsumexp(x, axis=axis, where=where), np.full(rest, -INF))
    assert fastact.logsumexp(x, axis=axis).dtype == np.float32
    assert fastact.logsumexp_grad(x, np.ones(rest, np.float32), axis=axis).shape == shape
    np.testing.assert_array_equal(fastact.logsumexp(x, axis=None), -INF)
    assert fastact.softmax(x, axis=None).shape == shape


def test_no_rows_give_no_results():
    x = np.empty((0, 3))
    for name in ("softmax", "log_softmax", "softmin", "hardmax", "sparsemax"):
        assert getattr(fastact, name)(x).shape == (0, 3)
    for name in (*GRADIENTS, *FROM_OUTPUT):
        assert getattr(fastact, name)(x, x).shape == (0, 3)
    assert fastact.logsumexp(x).shape == (0,)
    assert fastact.softmax(x, where=np.ones((0, 3), bool), temperature=np.ones(0)).shape == (0, 3)


# ---- masks


@every_kind
def test_a_row_that_is_all_masked_out_is_zero_and_minus_infinity_in_logarithms(dtype, precision):
    for row in ([1, 2, 3], [NAN, INF, -INF]):
        x, where = np.array([row], dtype), np.zeros((1, 3), bool)
        for name, expected in [("softmax", 0), ("log_softmax", -INF), ("softmin", 0), ("hardmax", 0)]:
            np.testing.assert_array_equal(call(name, precision, x, where=where), np.full((1, 3), expected))
        np.testing.assert_array_equal(call("logsumexp", precision, x, where=where), [-INF])


@every_kind
def test_the_gradient_of_a_row_that_is_all_masked_out_is_zero(dtype, precision):
    x, where = np.array([[1, NAN, 3]], dtype), np.zeros((1, 3), bool)
    g = np.array([[NAN, INF, 2]], dtype)
    for name in ("softmax_grad", "log_softmax_grad", "softmin_grad"):
        np.testing.assert_array_equal(call(name, precision, x, g, where=where), np.zeros((1, 3)))
    for name, y in [("softmax", 0), ("log_softmax", -INF), ("softmin", 0)]:
        got = call(f"{name}_grad_from_output", precision, np.full((1, 3), y, dtype), g, where=where)
        np.testing.assert_array_equal(got, np.zeros((1, 3)))
    np.testing.assert_array_equal(call("logsumexp_grad", precision, x, g[:, 2], where=where), np.zeros((1, 3)))


@every_kind
@pytest.mark.parametrize("name", WITH_WHERE)
def test_what_is_masked_out_changes_nothing_not_even_nan(name, dtype, precision):
    where = np.array([True, False, True, False])
    expected = call(name, precision, np.array([1, 9, 2, 9], dtype), where=where)
    for unread in (NAN, INF, -INF, np.finfo(dtype).max):
        got = call(name, precision, np.array([1, unread, 2, unread], dtype), where=where)
        np.testing.assert_array_equal(got, expected)
    if name != "logsumexp":
        compressed = call(name, precision, np.array([1, 2], dtype))
        np.testing.assert_allclose(expected[where], compressed, rtol=4 * np.finfo(dtype).eps)
        np.testing.assert_array_equal(expected[~where], [-INF if name == "log_softmax" else 0] * 2)


@pytest.mark.parametrize("shape", [(3, 5), (3, 100), (40, 9), (70, 100), (2, 400)], ids=str)
def test_any_byte_of_a_mask_but_zero_is_true(shape):
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    bytes_of_mask = np.random.default_rng(1).choice(np.uint8([0, 1, 2, 128]), shape)
    expected = fastact.softmax(x, where=bytes_of_mask != 0)
    assert_array_equal(fastact.softmax(x, where=bytes_of_mask.view(bool)), expected)
    np.testing.assert_array_equal(expected == 0, bytes_of_mask == 0)


@every_kind
def test_a_mask_that_leaves_only_minus_infinity_gives_the_result_of_such_a_row_without_mask(dtype, precision):
    x, where = np.array([3, -INF, -INF], dtype), np.array([False, True, True])
    for name in ("softmax", "log_softmax"):
        assert np.isnan(call(name, precision, x, where=where)[1:]).all()
    assert np.isnan(call("softmin", precision, -x, where=where)[1:]).all()
    assert call("logsumexp", precision, x, where=where) == -INF
    np.testing.assert_array_equal(call("hardmax", precision, x, where=where), [0, 1, 0])


@every_kind
def test_nan_that_is_not_masked_out_makes_the_entries_that_are_not_nan(dtype, precision):
    x, where = np.array([3, NAN, 1], dtype), np.array([False, True, True])
    for name in (*SOFTMAX_AND_KIN, "hardmax"):
        assert np.isnan(call(name, precision, x, where=where)[1:]).all()
    assert np.isnan(call("logsumexp", precision, x, where=where))


def test_a_mask_may_be_a_list_or_one_bool():
    x = np.arange(6.0).reshape(2, 3)
    expected = fastact.softmax(x, where=np.array([True, True, False]))
    np.testing.assert_array_equal(fastact.softmax(x, where=[True, True, False]), expected)
    np.testing.assert_array_equal(fastact.softmax(x, where=True), fastact.softmax(x))
    np.testing.assert_array_equal(fastact.softmax(x, where=False), np.zeros((2, 3)))


# ---- temperature


@every_kind
def test_an_infinite_temperature_is_uniform_over_what_is_not_minus_infinity(dtype, precision):
    x = np.array([[3, -INF, 7, 0, -INF], [1, 1, 1, 1, 1]], dtype)
    got = call("softmax", precision, x, temperature=INF)
    third, fifth = dtype(1) / dtype(3), dtype(1) / dtype(5)
    expected = np.array([[third, 0, third, third, 0], [fifth] * 5], dtype)
    np.testing.assert_allclose(got, expected, rtol=4 * np.finfo(dtype).eps)
    logarithm = call("log_softmax", precision, x, temperature=INF)
    np.testing.assert_array_equal(np.isneginf(logarithm), np.isneginf(x))
    np.testing.assert_allclose(logarithm[0, 0], -np.log(3), rtol=4 * np.finfo(dtype).eps)
    g = np.array([[1, 2, 3, 4, 5]] * 2, dtype)
    np.testing.assert_array_equal(call("softmax_grad", precision, x, g, temperature=INF), np.zeros((2, 5)))


@every_kind
def test_an_infinite_temperature_does_not_hide_nan_nor_an_empty_row(dtype, precision):
    rows = np.array([[NAN, 1], [INF, 1], [-INF, -INF]], dtype)
    assert np.isnan(call("softmax", precision, rows, temperature=INF)).all()
    assert np.isnan(call("log_softmax", precision, rows, temperature=INF)).all()


@every_kind
def test_a_small_temperature_does_not_overflow(dtype, precision):
    x, temperature = np.array([1, 3, 2, 3], dtype), float(np.finfo(dtype).tiny)
    np.testing.assert_array_equal(call("softmax", precision, x, temperature=temperature), [0, 0.5, 0, 0.5])
    got = call("log_softmax", precision, x, temperature=temperature)
    np.testing.assert_allclose(got[[1, 3]], -np.log(2), rtol=4 * np.finfo(dtype).eps)
    assert (got[[0, 2]] < -1e4).all()
    np.testing.assert_array_equal(call("softmin", precision, x, temperature=temperature), [1, 0, 0, 0])


# ---- form of the results


@pytest.mark.parametrize("columns", [5, 60, 200, 3000])
@pytest.mark.parametrize(("dtype", "precision"), KINDS)
def test_temperatures_far_below_all_differences_leave_the_maximum_alone(dtype, precision, columns):
    x = (4 * np.random.default_rng(0).standard_normal((3, columns))).astype(dtype)
    with fastact.precision(precision):
        for temperature in (1e-300, 1e-45, 1e-30, 1e-20, 1e-12):
            assert_array_equal(fastact.softmax(x, temperature=temperature), fastact.hardmax(x))
            assert_array_equal(fastact.softmin(x, temperature=temperature), fastact.hardmax(-x))


@pytest.mark.parametrize(("dtype", "precision"), KINDS)
def test_the_smallest_temperatures_leave_the_maxima_and_the_largest_make_all_equal(dtype, precision):
    x = np.array([1, 1, 0, -np.inf], dtype)
    with fastact.precision(precision):
        for temperature in (5e-324, 1e-310, 1e-45, 1e-39):
            assert_array_equal(fastact.softmax(x, temperature=temperature), [0.5, 0.5, 0, 0])
            assert_array_equal(fastact.softmin(-x, temperature=temperature), [0.5, 0.5, 0, 0])
        third = x.dtype.type(1) / 3
        for temperature in (1e30, 1e100, 1.7e308):
            assert_array_equal(fastact.softmax(x, temperature=temperature), [third, third, third, 0])


def test_logsumexp_over_all_axes_is_a_scalar_and_one_row_too():
    for x, axis in [(np.zeros((2, 3)), None), (np.zeros(6), -1), (np.zeros((2, 3)), (0, 1))]:
        got = fastact.logsumexp(x, axis=axis)
        assert isinstance(got, np.float64)
        np.testing.assert_allclose(got, np.log(6), rtol=1e-15)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmax_grad", "sparsemax", "cross_entropy_grad"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_results_have_the_memory_order_of_the_input(name, order):
    x = np.asarray(np.random.default_rng(0).normal(size=(3, 5, 7)), order=order)
    arguments = {"softmax_grad": [x, x], "cross_entropy_grad": [x, np.zeros((3, 7), int)]}.get(name, [x])
    assert getattr(fastact, name)(*arguments, axis=1).strides == x.strides
