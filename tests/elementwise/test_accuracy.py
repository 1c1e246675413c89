"""Values and gradients of every elementwise function against mpmath, in units in the last place."""

import itertools

import numpy as np
import pytest

import fastact
from tests.support import oracles
from tests.support.public_calls import LONG

pytestmark = pytest.mark.configuration

cases = pytest.mark.parametrize("case", oracles.CASES, ids=oracles.case_id)
each_function = pytest.mark.parametrize("name", oracles.FUNCTIONS)
KINDS = [(np.float32, "exact"), (np.float32, "fast"), (np.float64, "exact"), (np.float64, "fast")]
EXACT = 0.5001

# Inputs where the rounding errors of several steps add up: near the border of two expansions, and where the result is
# hardly normal or the last subnormal number
DIFFICULT_VALUES = [
    ("softplus", (0.3,), -3.597278529646677),
    ("softplus", (0.37,), -2.4010035938548793),
    ("tanhshrink", (), 4.096227745137503e-103),
    ("tanhshrink", (), -1.8268539528481377e-103),
    ("tanhshrink", (), 2.5e-108),
]
# the root is between this number and the next
GELU_GRAD_ROOT = -0.7517915246935645


def around(x):
    """Return x and numbers on both sides of it, ever nearer."""
    distances = np.exp2(-np.arange(4.0, 53.0))
    return x * np.concatenate([[1.0], 1 + distances, 1 - distances])


def step(case):
    """Every point for the usual parameters and, except in the long form, every third for other settings of them."""
    name, parameters = case
    return 1 if LONG or parameters == oracles.DEFINITIONS[name].parameters[0] else 3


def worst(got, true, dtype):
    errors = [oracles.ulps(y, t, dtype) for y, t in zip(got, true, strict=True)]
    return max(errors), int(np.argmax(errors))


@cases
def test_float32_values_are_rounded_once_and_fast_ones_stay_within_their_bound(case):
    x, true = oracles.true_values(*case, np.float32, step(case))
    for precision, bound in (("exact", EXACT), ("fast", oracles.DEFINITIONS[case[0]].bounds[2])):
        with fastact.precision(precision):
            error, where = worst(oracles.call(case[0], x, case[1]), true, np.float32)
        assert error <= bound, (precision, x[where])


@cases
def test_float32_gradients_are_rounded_once_and_fast_ones_stay_within_their_bound(case):
    x, true = oracles.true_slopes(*case, np.float32, step(case))
    with fastact.precision("exact"):
        error, where = worst(oracles.call_grad(case[0], x, case[1]), true, np.float32)
    assert error <= EXACT, x[where]
    with fastact.precision("fast"):
        got = oracles.call_grad(case[0], x, case[1])
    bound = oracles.DEFINITIONS[case[0]].bounds[3]
    for v, y, t in zip(x, got, true, strict=True):
        assert oracles.ulps(y, t, np.float32) <= bound or abs(float(y) - t) < 2**-22, v


@pytest.mark.parametrize("name", ["silu", "swish", "gelu", "hard_swish"])
@pytest.mark.usefixtures("exact")
def test_half_a_subnormal_is_rounded_to_the_side_that_the_next_term_decides(name):
    odd = np.arange(1, 200, 2, dtype=np.int32).view(np.float32)
    x = np.concatenate([odd, -odd])
    for v, y in zip(x, oracles.call(name, x), strict=True):
        true = oracles.value(name, float(v))
        assert abs(oracles.mp.mpf(float(y)) - true) < oracles.mp.mpf(2) ** -150, v


@cases
def test_float64_values_stay_within_the_bound_of_their_precision(case):
    x, true = oracles.true_values(*case, np.float64, step(case))
    bounds = oracles.DEFINITIONS[case[0]].bounds
    for precision, bound in (("exact", bounds[0]), ("fast", bounds[2])):
        with fastact.precision(precision):
            error, where = worst(oracles.call(case[0], x, case[1]), true, np.float64)
        assert error <= bound, (precision, x[where])


@cases
def test_float64_gradients_stay_within_the_bound_of_their_precision(case):
    x, true = oracles.true_slopes(*case, np.float64, step(case))
    with fastact.precision("exact"):
        error, where = worst(oracles.call_grad(case[0], x, case[1]), true, np.float64)
    assert error <= oracles.DEFINITIONS[case[0]].bounds[1], x[where]
    with fastact.precision("fast"):
        got = oracles.call_grad(case[0], x, case[1])
    bound = oracles.DEFINITIONS[case[0]].bounds[3]
    for v, y, t in zip(x, got, true, strict=True):
        assert oracles.ulps(y, t, np.float64) <= bound or abs(oracles.mp.mpf(float(y)) - t) < 2**-51, v


@pytest.mark.parametrize(("name", "parameters", "at"), DIFFICULT_VALUES)
@pytest.mark.usefixtures("exact")
def test_float64_values_stay_within_their_bound_where_errors_add_up(name, parameters, at):
    x = around(at)
    true = [oracles.value(name, v, parameters) for v in x]
    error, where = worst(oracles.call(name, x, parameters), true, np.float64)
    assert error <= oracles.DEFINITIONS[name].bounds[0], x[where]


@pytest.mark.parametrize(("name", "parameters"), [("gelu", ()), ("geglu", (0.3,)), ("geglu", (-2.5,))])
@pytest.mark.usefixtures("exact")
def test_float64_gradients_of_gelu_keep_their_relative_accuracy_near_their_root(name, parameters):
    x = np.concatenate([around(GELU_GRAD_ROOT), np.linspace(-1.2, -0.3, 301)])
    true = [oracles.slope(name, v, parameters) for v in x]
    error, where = worst(oracles.call_grad(name, x, parameters), true, np.float64)
    assert error <= oracles.DEFINITIONS[name].bounds[1], x[where]


@cases
def test_gradients_equal_central_differences_of_the_function_itself(case):
    name, parameters = case
    x = np.random.default_rng(5).uniform(-6, 6, 200)
    step = 1e-6
    numeric = (oracles.call(name, x + step, parameters) - oracles.call(name, x - step, parameters)) / (2 * step)
    np.testing.assert_allclose(oracles.call_grad(name, x, parameters), numeric, rtol=1e-6, atol=1e-8)


@each_function
def test_limits_are_those_of_the_documented_table(name):
    inputs = {"-inf": -np.inf, "-0": -0.0, "+0": 0.0, "+inf": np.inf}
    for (dtype, precision), (point, limits) in itertools.product(KINDS, oracles.FUNCTIONS[name].limits.items()):
        x = np.full(40, inputs[point], dtype)
        value, slope = map(dtype, limits)
        with fastact.precision(precision):
            got, got_slope = oracles.call(name, x), oracles.call_grad(name, x)
        # the whole array, so that vector and remainder code both answer
        np.testing.assert_array_equal(got, value, err_msg=point)
        np.testing.assert_array_equal(np.signbit(got), np.signbit(value), err_msg=point)
        np.testing.assert_array_equal(got_slope, slope, err_msg=point)


@each_function
def test_nan_gives_nan_in_functions_and_gradients(name):
    for dtype, precision in KINDS:
        x = np.full(40, np.nan, dtype)
        with fastact.precision(precision):
            assert np.isnan(oracles.call(name, x)).all()
            assert np.isnan(oracles.call_grad(name, x)).all()
            assert np.isnan(oracles.call_grad(name, x, g=0)).all()


@each_function
def test_no_warning_at_any_finite_or_special_input(name):
    for dtype, precision in KINDS:
        info = np.finfo(dtype)
        x = np.array([0, -0.0, info.max, -info.max, info.smallest_subnormal, -info.smallest_subnormal, np.nan], dtype)
        x = np.concatenate([x, dtype([np.inf, -np.inf]), np.linspace(-1000, 1000, 500, dtype=dtype)])
        with np.errstate(all="raise"), fastact.precision(precision):
            oracles.call(name, x)
            oracles.call_grad(name, x)


@each_function
@pytest.mark.usefixtures("exact")
def test_a_large_gradient_does_not_lift_a_vanished_slope(name):
    largest = np.finfo(np.float32).max
    at_infinity = np.float32(oracles.FUNCTIONS[name].limits["-inf"][1]) * largest
    x = np.float32([-130, -300, -1000])
    expected = [float(oracles.slope(name, float(v)) * float(largest)) for v in x]
    np.testing.assert_allclose(oracles.call_grad(name, x, g=largest), expected, rtol=2e-7, atol=1e-44)
    np.testing.assert_array_equal(oracles.call_grad(name, np.float32([-np.inf]), g=largest), at_infinity)
