"""Gated units: the gradient with respect to the second operand, products that would overflow halfway, glu's axis."""

import numpy as np
import pytest

import fastact
from tests.support import oracles

pytestmark = pytest.mark.configuration

GATED = [name for name, definition in oracles.DEFINITIONS.items() if definition.gated]
each = pytest.mark.parametrize("name", GATED)
EXACT = 0.5001


@each
@pytest.mark.usefixtures("exact")
@pytest.mark.parametrize(("dtype", "bound"), [(np.float16, 0.5), (np.float32, EXACT), (np.float64, 2.5)])
def test_the_gradient_with_respect_to_the_second_operand_is_right(name, dtype, bound):
    rng = np.random.default_rng(3)
    first, second, g = (rng.normal(0, 3, 300).astype(dtype) for _ in range(3))
    got = getattr(fastact.ufuncs, f"{name}_grad")(first, second, g)[1]
    for a, b, c, y in zip(first, second, g, got, strict=True):
        a, b, c = map(float, (a, b, c))
        if name == "glu":
            # values times sigmoid(gate): the derivative of the sigmoid by differences
            true = oracles.slope("sigmoid", b) * oracles.mp.mpf(a) * oracles.mp.mpf(c)
        else:
            # linear in the second operand
            true = oracles.value(name, a, (1.0,)) * oracles.mp.mpf(c)
        assert oracles.ulps(y, true, dtype) <= bound, (a, b, c)


@each
def test_the_gradients_are_those_of_the_function(name):
    rng = np.random.default_rng(4)
    first, second, g = (rng.normal(0, 2, 200) for _ in range(3))
    function, step = getattr(fastact.ufuncs, name), 1e-6
    dfirst, dsecond = getattr(fastact.ufuncs, f"{name}_grad")(first, second, g)
    numeric = g * (function(first + step, second) - function(first - step, second)) / (2 * step)
    np.testing.assert_allclose(dfirst, numeric, rtol=1e-6, atol=1e-8)
    numeric = g * (function(first, second + step) - function(first, second - step)) / (2 * step)
    np.testing.assert_allclose(dsecond, numeric, rtol=1e-6, atol=1e-8)


@each
@pytest.mark.parametrize("precision", ["exact", "fast"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_and_small_factors_do_not_overflow_or_vanish_halfway(name, precision, dtype):
    large, small, gate = np.finfo(dtype).max, dtype(0.5), dtype(2.4)
    gradient = getattr(fastact.ufuncs, f"{name}_grad")

    def gate_gradient(other, g):
        return gradient(other, gate, g)[1] if name == "glu" else gradient(gate, other, g)[0]

    with fastact.precision(precision):
        slope = gate_gradient(dtype(1), dtype(1))
        for factor in (small, dtype(4) / large):
            expected = (small * slope * large) * (factor / small)
            np.testing.assert_allclose(gate_gradient(large, factor), expected, rtol=1e-6)
            np.testing.assert_allclose(gate_gradient(factor, large), expected, rtol=1e-6)


@each
@pytest.mark.parametrize("precision", ["exact", "fast"])
def test_nan_in_either_operand_gives_nan_in_all_results(name, precision):
    function, gradient = getattr(fastact.ufuncs, name), getattr(fastact.ufuncs, f"{name}_grad")
    one, nan = np.ones(40, np.float32), np.full(40, np.nan, np.float32)
    with fastact.precision(precision):
        for operands in ((nan, one), (one, nan), (nan, nan)):
            assert np.isnan(function(*operands)).all()
            assert np.isnan(gradient(*operands, one)).all()


@pytest.mark.parametrize("name", ["swiglu", "geglu", "geglu_tanh"])
def test_a_gate_of_minus_infinity_closes_for_every_finite_factor(name):
    closed, largest = np.float32([-np.inf]), np.finfo(np.float32).max
    for precision in ("exact", "fast"):
        with fastact.precision(precision):
            np.testing.assert_array_equal(getattr(fastact, name)(closed, largest), 0)
            np.testing.assert_array_equal(getattr(fastact, f"{name}_grad")(closed, largest, np.float32(1)), 0)


@pytest.mark.parametrize("shape", [(6,), (4, 6), (2, 4, 6)])
@pytest.mark.parametrize("axis", [-1, 0])
def test_glu_cuts_along_its_axis(shape, axis):
    x = np.random.default_rng(0).normal(size=shape)
    first, second = np.split(x, 2, axis=axis)
    y = fastact.glu(x, axis=axis)
    np.testing.assert_array_equal(y, fastact.ufuncs.glu(first, second))
    g = np.random.default_rng(1).normal(size=y.shape)
    gradient = fastact.glu_grad(x, g, axis=axis)
    assert gradient.shape == x.shape
    dfirst, dsecond = fastact.ufuncs.glu_grad(first, second, g)
    np.testing.assert_array_equal(np.split(gradient, 2, axis=axis)[0], dfirst)
    np.testing.assert_array_equal(np.split(gradient, 2, axis=axis)[1], dsecond)


def test_glu_takes_lists_and_an_empty_axis():
    np.testing.assert_array_equal(fastact.glu([2.0, 0.0]), [1.0])
    assert fastact.glu(np.ones((3, 0))).shape == (3, 0)


def test_an_odd_length_or_a_wrong_axis_is_an_error_that_names_it():
    for function, arguments in ((fastact.glu, ()), (fastact.glu_grad, (1.0,))):
        with pytest.raises(ValueError, match="x must be of even length along axis 0, not 3"):
            function(np.ones((3, 4)), *arguments, axis=0)
        with pytest.raises(np.exceptions.AxisError, match="axis 2"):
            function(np.ones((3, 4)), *arguments, axis=2)
        with pytest.raises(np.exceptions.AxisError):
            function(1.0, *arguments)
        with pytest.raises(TypeError):
            function(np.ones(4), *arguments, axis=0.5)
        with pytest.raises(TypeError):
            function(np.ones(4, complex), *arguments)


def test_a_gradient_of_another_shape_is_an_error_that_names_it():
    for shape in ((3, 2), (3,), (1, 2)):
        with pytest.raises(ValueError, match=r"g must broadcast to the shape of glu's output, \(2,\), not"):
            fastact.glu_grad(np.ones(4), np.ones(shape))
    assert fastact.glu_grad(np.ones((3, 4)), np.ones(2)).shape == (3, 4)
    assert fastact.glu_grad(np.ones((3, 4)), 1.0, axis=-1).shape == (3, 4)


def test_masked_arrays_keep_their_mask():
    x = np.ma.array([-1.0, 2.0, 3.0, 4.0], mask=[False, True, False, False])
    np.testing.assert_array_equal(fastact.glu(x).mask, [False, True])
    # the result depends on the masked entry: so do both gradients of its pair
    np.testing.assert_array_equal(fastact.glu_grad(x, 1.0).mask, [False, True, False, True])


def test_the_closed_side_of_reglu_is_0_whatever_g_is():
    for g in (np.inf, -1.0, np.nan):
        np.testing.assert_array_equal(fastact.reglu_grad(-1.0, 2.0, g), (0, 0))
        assert not np.signbit(fastact.reglu_grad(-1.0, 2.0, g)[1])
