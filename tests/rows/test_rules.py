"""The rules for special rows of the row functions, one by one, and their errors."""

import numpy as np
import pytest

import fastact

NAN, INF = np.nan, np.inf
SOFTMAX_AND_KIN = ["softmax", "log_softmax", "softmin"]
WITH_WHERE = [*SOFTMAX_AND_KIN, "hardmax", "logsumexp"]
ALL = [*WITH_WHERE, "sparsemax"]
# of (x, g)
GRADIENTS = ["softmax_grad", "log_softmax_grad", "softmin_grad", "sparsemax_grad"]
FROM_OUTPUT = [f"{name}_from_output" for name in GRADIENTS]
every_kind = pytest.mark.parametrize(
    ("dtype", "precision"), [(np.float16, "exact"), (np.float32, "exact"), (np.float32, "fast"), (np.float64, "exact")]
)


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
def test_nan_makes_logsumexp_nan_also_beside_infinity(dtype, precision):
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
def test_minus_infinity_beside_numbers_has_probability_zero(dtype, precision):
    kind, row = (dtype, precision), [[-INF, 3, -INF]]
    assert_rows("softmax", kind, row, [[0, 1, 0]])
    assert_rows("log_softmax", kind, row, [[-INF, 0, -INF]])
    assert_rows("softmin", kind, [[INF, 3, INF]], [[0, 1, 0]])
    assert_rows("sparsemax", kind, row, [[0, 1, 0]])
    assert_rows("logsumexp", kind, row, [3])


@every_kind
def test_minus_infinity_beside_numbers_has_gradient_zero_and_leaves_the_others_as_they_are(dtype, precision):
    x, g = np.array([-INF, 1, 0], dtype), np.array([5, 1, -2], dtype)
    for name in ("softmax_grad", "sparsemax_grad"):
        got = call(name, precision, x, g)
        assert got[0] == 0
        np.testing.assert_allclose(got[1:], call(name, precision, x[1:], g[1:]), rtol=4 * np.finfo(dtype).eps)
    assert call("log_softmax_grad", precision, x, g)[0] == 5
    assert call("logsumexp_grad", precision, x, dtype(2))[0] == 0


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


@pytest.mark.parametrize("shape", [(0,), (3, 0), (2, 0, 4)])
def test_an_empty_axis_gives_an_empty_result_and_logsumexp_minus_infinity(shape):
    x = np.empty(shape, np.float32)
    axis = shape.index(0)
    rest = tuple(n for n in shape if n)
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


@every_kind
def test_a_mask_that_leaves_only_minus_infinity_is_as_such_a_row_without_mask(dtype, precision):
    x, where = np.array([3, -INF, -INF], dtype), np.array([False, True, True])
    for name in ("softmax", "log_softmax"):
        assert np.isnan(call(name, precision, x, where=where)[1:]).all()
    assert np.isnan(call("softmin", precision, -x, where=where)[1:]).all()
    assert call("logsumexp", precision, x, where=where) == -INF
    np.testing.assert_array_equal(call("hardmax", precision, x, where=where), [0, 1, 0])


@every_kind
def test_nan_that_takes_part_makes_the_entries_that_take_part_nan(dtype, precision):
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


# ---- errors


def operands_of(name):
    """Valid operands of shape (2, 3)."""
    if name == "logsumexp_grad":
        return np.ones((2, 3)), np.ones(2)
    return (np.ones((2, 3)),) * (2 if "grad" in name else 1)


@pytest.mark.parametrize("name", [*SOFTMAX_AND_KIN, *GRADIENTS[:3], *FROM_OUTPUT[:3]])
def test_a_temperature_not_positive_or_of_another_shape_is_a_value_error_before_anything_is_written(name):
    out = np.full((2, 3), 7.0)
    not_positive = (0, 0.0, -0.0, -1.0, NAN, -INF, np.array([1.0, 0.0]), np.array([NAN, 1.0]))
    for temperature in (*not_positive, np.ones(3), np.ones((2, 3))):
        with pytest.raises(ValueError, match="temperature"):
            getattr(fastact, name)(*operands_of(name), temperature=temperature, out=out)
        np.testing.assert_array_equal(out, 7)


@pytest.mark.parametrize("name", [*WITH_WHERE, *GRADIENTS[:3], *FROM_OUTPUT[:3], "logsumexp_grad"])
def test_a_mask_that_is_not_bool_is_a_type_error_and_one_that_does_not_broadcast_a_value_error(name):
    function, operands = getattr(fastact, name), operands_of(name)
    for mask in (np.ones(3, int), np.ones(3), [1, 0, 1], 1, "yes"):
        with pytest.raises(TypeError, match="where"):
            function(*operands, where=mask)
    with pytest.raises(TypeError, match="where must not be a masked array"):
        function(*operands, where=np.ma.ones(3, bool))
    for shape in ((2,), (4,), (3, 3), (5, 2, 3)):
        with pytest.raises(ValueError, match="where"):
            function(*operands, where=np.ones(shape, bool))


@pytest.mark.parametrize("name", [*ALL, *GRADIENTS, *FROM_OUTPUT, "logsumexp_grad"])
def test_bad_axes_and_dtypes_are_clear_errors(name):
    function, operands = getattr(fastact, name), operands_of(name)
    for axis in (2, -3, (0, 5)):
        with pytest.raises(np.exceptions.AxisError):
            function(*operands, axis=axis)
    for axis in ((0, 0), (1, -1)):
        with pytest.raises(ValueError, match=r"axis|axes"):
            function(*operands, axis=axis)
    for axis in (1.5, "last", (0, 0.5)):
        with pytest.raises(TypeError, match=r"axis|interpreted as an integer"):
            function(*operands, axis=axis)
    for dtype in (complex, np.longdouble, object):
        with pytest.raises(TypeError):
            function(*(a.astype(dtype) for a in operands))
    for k in range(len(operands)):
        with pytest.raises(TypeError, match="masked"):
            function(*(np.ma.asarray(a) if i == k else a for i, a in enumerate(operands)))


@pytest.mark.parametrize("name", [*GRADIENTS, *FROM_OUTPUT])
def test_a_gradient_of_another_shape_is_a_value_error(name):
    for shape in ((3,), (2, 1), (3, 2), (2, 3, 1), ()):
        with pytest.raises(ValueError, match=r"shape"):
            getattr(fastact, name)(np.ones((2, 3)), np.ones(shape))


def test_the_gradient_for_logsumexp_has_the_shape_of_its_result():
    x = np.ones((2, 3))
    for shape, keepdims in [((2, 3), False), ((3,), False), ((2, 1), False), ((2,), True), ((2, 3), True)]:
        with pytest.raises(ValueError, match=r"shape"):
            fastact.logsumexp_grad(x, np.ones(shape), keepdims=keepdims)
    with pytest.raises(ValueError, match=r"shape"):
        fastact.logsumexp_grad(x, np.ones(2), axis=None)


@pytest.mark.parametrize("name", ALL)
def test_one_number_needs_axis_none_for_which_it_is_a_row(name):
    function = getattr(fastact, name)
    with pytest.raises(ValueError, match="0-dimensional"):
        function(1.5)
    expected = {"log_softmax": 0.0, "logsumexp": 1.5}.get(name, 1.0)
    got = function(1.5, axis=None)
    assert np.ndim(got) == 0
    assert got == expected


def test_logsumexp_over_all_axes_is_a_scalar_and_one_row_too():
    for x, axis in [(np.zeros((2, 3)), None), (np.zeros(6), -1), (np.zeros((2, 3)), (0, 1))]:
        got = fastact.logsumexp(x, axis=axis)
        assert isinstance(got, np.float64)
        np.testing.assert_allclose(got, np.log(6), rtol=1e-15)


@pytest.mark.parametrize("name", ALL)
def test_out_of_another_shape_is_a_value_error(name):
    with pytest.raises(ValueError, match=r"shape|mismatch|dimension"):
        getattr(fastact, name)(np.ones((2, 3)), out=np.ones((5, 4)))


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmax_grad", "sparsemax", "cross_entropy_grad"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_results_lie_in_memory_as_the_input_does(name, order):
    x = np.asarray(np.random.default_rng(0).normal(size=(3, 5, 7)), order=order)
    arguments = {"softmax_grad": [x, x], "cross_entropy_grad": [x, np.zeros((3, 7), int)]}.get(name, [x])
    assert getattr(fastact, name)(*arguments, axis=1).strides == x.strides
