"""softmax and log_softmax, their gradients, axes and edges, against mpmath and a slow NumPy twin in float64."""

import mpmath
import numpy as np
import pytest

import fastact

mp = mpmath.mp.clone()
mp.dps = 50

DTYPES = [np.float32, np.float64]
both_dtypes = pytest.mark.parametrize("dtype", DTYPES)
both_precisions = pytest.mark.parametrize("precision", ["exact", "fast"])

# relative error of one element: (float32 exact, float32 fast, float64)
BOUNDS = {"softmax": (0.5001, 4, 1), "log_softmax": (0.5001, 4, 1)}


def rows():
    """Ordinary and adversarial rows: huge offsets, ties, one dominant, -inf among them, one class, many classes."""
    rng = np.random.default_rng(3)
    yield rng.normal(size=10)
    yield rng.normal(size=200) * 30
    yield rng.normal(size=64) + 1e30
    yield np.zeros(17)
    yield np.array([0.0, 20.0])
    yield np.array([80.0, 0.0, -3.0])
    yield np.array([-np.inf, 1.0, -np.inf, 2.0])
    yield np.array([-7.5])
    yield rng.normal(size=1500)
    yield np.linspace(-100, 0, 65)


def true_rows(x):
    x = [mp.mpf(float(v)) for v in x]
    top = max(x)
    e = [mp.exp(v - top) for v in x]
    total = mp.fsum(e)
    rest = mp.fsum(sorted(e)[:-1])
    return {"softmax": [v / total for v in e], "log_softmax": [v - top - mp.log1p(rest) for v in x]}


def error(got, true, dtype):
    info = np.finfo(dtype)
    if mp.isinf(true):
        return 0.0 if got == float(true) else np.inf
    exponent = info.minexp if true == 0 else max(int(mp.floor(mp.log(abs(true), 2))), info.minexp)
    return float(abs(mp.mpf(float(got)) - true) / mp.mpf(2) ** (exponent - info.nmant))


@both_dtypes
@both_precisions
@pytest.mark.parametrize("name", BOUNDS)
def test_every_element_is_within_its_bound_of_the_true_value(name, dtype, precision):
    bound = BOUNDS[name][2] if dtype == np.float64 else BOUNDS[name][precision == "fast"]
    for row in rows():
        x = row.astype(dtype)
        with fastact.precision(precision):
            got = getattr(fastact, name)(x)
        true = true_rows(x)[name]
        assert max(error(g, t, dtype) for g, t in zip(got, true, strict=True)) <= bound, x[:5]


@both_dtypes
@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_any_axis_equals_the_last_axis_of_the_transposed_array(name, axis, dtype):
    x = np.random.default_rng(0).normal(size=(5, 70, 3)).astype(dtype)
    function = getattr(fastact, name)
    expected = np.moveaxis(function(np.ascontiguousarray(np.moveaxis(x, axis, -1))), -1, axis)
    np.testing.assert_array_equal(function(x, axis), expected)


@both_dtypes
@both_precisions
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_gradients_equal_central_differences(name, dtype, precision):
    rng = np.random.default_rng(1)
    x, g = rng.normal(size=(4, 9)).astype(dtype), rng.normal(size=(4, 9)).astype(dtype)
    function = getattr(fastact, name)
    numeric = np.empty((4, 9))
    for j in range(9):
        step = np.zeros(9)
        step[j] = 1e-5
        up, down = function(x.astype(float) + step), function(x.astype(float) - step)
        numeric[:, j] = ((up - down) / 2e-5 * g).sum(axis=1)
    with fastact.precision(precision):
        from_input = getattr(fastact, f"{name}_grad")(x, g)
        from_output = getattr(fastact, f"{name}_grad_from_output")(function(x), g)
    tolerance = 1e-6 if dtype == np.float32 else 1e-9
    np.testing.assert_allclose(from_input, numeric, atol=tolerance)
    np.testing.assert_allclose(from_output, numeric, atol=tolerance)


@both_dtypes
@both_precisions
def test_special_rows(dtype, precision):
    nan, inf = np.nan, np.inf
    x = np.array([[1, nan, 2], [1, inf, 2], [-inf, -inf, -inf], [-inf, 3, -inf]], dtype)
    with fastact.precision(precision):
        np.testing.assert_array_equal(fastact.softmax(x), [[nan] * 3, [nan] * 3, [nan] * 3, [0, 1, 0]])
        np.testing.assert_array_equal(fastact.log_softmax(x), [[nan] * 3, [nan] * 3, [nan] * 3, [-inf, 0, -inf]])


@pytest.mark.parametrize("lead", [5.0, 30.0])
@both_dtypes
def test_gradient_keeps_its_relative_accuracy_where_one_entry_dominates(dtype, lead):
    x, g = np.array([0, lead, -1], dtype), np.array([1, -0.3, 0.5], dtype)
    e = [mp.exp(mp.mpf(float(v))) for v in x]
    p = [v / mp.fsum(e) for v in e]
    mean = mp.fsum(a * mp.mpf(float(b)) for a, b in zip(p, g, strict=True))
    bound = 0.5001 if dtype == np.float32 else 6
    for got, a, b in zip(fastact.softmax_grad(x, g), p, g, strict=True):
        assert error(got, a * (mp.mpf(float(b)) - mean), dtype) <= bound


def test_log_softmax_gradient_takes_the_output_as_given():
    y, g = np.array([[0.5, -1.0]]), np.array([[1.0, 2.0]])
    expected = g - np.exp(y) * g.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(fastact.log_softmax_grad_from_output(y, g), expected, rtol=1e-14)
    assert np.isnan(fastact.log_softmax_grad_from_output([[np.nan, -1.0]], g)).all()


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 4), (20_000, 0)])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_empty_arrays_and_empty_axes_give_empty_results(name, shape):
    x = np.empty(shape, np.float32)
    assert getattr(fastact, name)(x).shape == shape
    assert getattr(fastact, f"{name}_grad")(x, x).shape == shape
    assert getattr(fastact, f"{name}_grad_from_output")(x, x).shape == shape


def test_an_empty_axis_beside_others_is_no_error():
    assert fastact.softmax(np.empty((2, 0, 4)), axis=1).shape == (2, 0, 4)


def test_the_articles_ten_scores_come_out_to_the_printed_digits():
    scores = [0.2, 0.02, 0.15, 0.15, 1.3, 0.5, 0.06, 1.1, 0.05, 3.75]
    printed = [0.021234, 0.017736, 0.020198, 0.020198, 0.063790, 0.028663, 0.018460, 0.052227, 0.018276, 0.739219]
    np.testing.assert_allclose(fastact.softmax(scores), printed, atol=5.1e-7)


def test_two_classes_are_the_sigmoid():
    x = np.linspace(-30, 30, 101)
    np.testing.assert_allclose(fastact.softmax(np.stack([x, 0 * x], axis=1))[:, 0], fastact.sigmoid(x), rtol=1e-15)


def test_a_logit_ahead_by_twenty_keeps_its_small_logarithm():
    np.testing.assert_allclose(fastact.log_softmax([0.0, 20.0])[1], -2.061153620314381e-09, rtol=1e-15)


@both_precisions
def test_a_row_has_the_same_bits_wherever_it_stands(precision):
    rng = np.random.default_rng(2)
    for n in (3, 10, 64, 100, 1030):
        x = rng.normal(size=(60, n)).astype(np.float32)
        with fastact.precision(precision):
            whole = fastact.softmax(x)
            for i in (0, 7, 59):
                np.testing.assert_array_equal(fastact.softmax(x[i]), whole[i])
            np.testing.assert_array_equal(fastact.softmax(np.asfortranarray(x)), whole)
            np.testing.assert_array_equal(fastact.softmax(x[::-1])[::-1], whole)


def test_out_is_used_returned_and_may_be_the_input():
    x = np.random.default_rng(0).normal(size=(40, 30))
    expected = fastact.softmax(x)
    out = np.empty_like(x)
    assert fastact.softmax(x, out=out) is out
    np.testing.assert_array_equal(out, expected)
    assert fastact.softmax(x, out=x) is x
    np.testing.assert_array_equal(x, expected)


@both_precisions
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(
    ("shape", "axis"), [((3, 1024), -1), ((5, 1000), -1), ((40, 30), -1), ((50, 64), 0), ((1, 150_000), -1)]
)
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "sparsemax"])
def test_out_may_be_any_operand_or_overlap_it(name, shape, axis, dtype, precision):
    rng = np.random.default_rng(0)
    x, g = rng.normal(size=(2, *shape)).astype(dtype)
    function, gradient = getattr(fastact, name), getattr(fastact, f"{name}_grad")
    with fastact.precision(precision):
        expected, expected_gradient = function(x, axis), gradient(x, g, axis)
        operands = x.copy(), g.copy()
        np.testing.assert_array_equal(function(operands[0], axis, out=operands[0]), expected)
        for i in range(2):
            operands = x.copy(), g.copy()
            np.testing.assert_array_equal(gradient(*operands, axis, out=operands[i]), expected_gradient)
        memory = np.zeros(x.size + 5, dtype)
        given, out = memory[: x.size].reshape(shape), memory[5:].reshape(shape)
        given[...] = x
        np.testing.assert_array_equal(function(given, axis, out=out), expected)


@pytest.mark.parametrize("axis", [-1, (0, 1), None])
def test_out_of_integers_is_refused_and_not_written(axis):
    out = np.full((2, 3), 7)
    with pytest.raises(TypeError, match="same_kind"):
        fastact.softmax(np.zeros((2, 3)), axis, out=out)
    assert (out == 7).all()


def test_dtype_chooses_the_type_of_the_result():
    x = np.float32([1, 2, 3])
    assert fastact.softmax(x, dtype=np.float64).dtype == np.float64
    assert fastact.softmax(np.arange(3)).dtype == np.float64


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_bad_input_is_a_clear_error(name):
    function = getattr(fastact, name)
    with pytest.raises(ValueError, match="0-dimensional"):
        function(1.0)
    with pytest.raises(np.exceptions.AxisError):
        function(np.zeros((2, 3)), axis=2)
    with pytest.raises(TypeError):
        function(np.zeros((2, 3), complex))
    with pytest.raises(TypeError, match=r"axis must be an int, a tuple of ints or None, not 1\.5"):
        function(np.zeros((2, 3)), axis=1.5)
    with pytest.raises(ValueError, match=r"g must have the shape of the first argument, \(2, 3\), not \(3,\)"):
        getattr(fastact, f"{name}_grad")(np.zeros((2, 3)), np.zeros(3))
    with pytest.raises(TypeError, match="masked"):
        function(np.ma.masked_invalid([1.0, np.nan]))
    with pytest.raises(ValueError, match=r"out must be of the shape of the result, \(2, 3\), not \(2, 4\)"):
        function(np.zeros((2, 3)), out=np.zeros((2, 4)))
