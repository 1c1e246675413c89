"""f_grad_from_output(y, g, *parameters): the gradient from the saved output y = f(x) alone."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

import fastact
from tests.support import oracles
from tests.support.oracles import mp

pytestmark = pytest.mark.configuration

SELU_SLOPE_AT_0 = oracles.SELU_SCALE * oracles.SELU_ALPHA


@dataclass(frozen=True)
class FromOutput:
    """f' in terms of y, that term's derivative with respect to y, settings of the parameters, and y from a to b."""

    slope: Callable
    derivative: Callable
    outputs: tuple
    parameters: tuple = ((),)


FUNCTIONS = {
    "sigmoid": FromOutput(lambda y: y * (1 - y), lambda y: 1 - 2 * y, (0, 1)),
    "tanh": FromOutput(lambda y: (1 - y) * (1 + y), lambda y: -2 * y, (-1, 1)),
    "log_sigmoid": FromOutput(lambda y: -mp.expm1(y), lambda y: -mp.exp(y), (-40, 0)),
    "relu": FromOutput(lambda y: mp.mpf(y > 0), lambda y: 0, (0, 40)),
    "leaky_relu": FromOutput(
        lambda y, slope="0.01": mp.one if y > 0 else mp.mpf(slope), lambda y, *_: 0, (-40, 40), ((), (0.3,), (2.0,))
    ),
    "elu": FromOutput(
        lambda y, alpha=1: mp.one if y > 0 else y + alpha, lambda y, *_: 1, (-1, 40), ((), (0.3,), (2.5,))
    ),
    "selu": FromOutput(
        lambda y: oracles.SELU_SCALE if y > 0 else y + SELU_SLOPE_AT_0, lambda y: 1, (-float(SELU_SLOPE_AT_0), 40)
    ),
    "softplus": FromOutput(
        lambda y, beta=1: -mp.expm1(-beta * y),
        lambda y, beta=1: beta * mp.exp(-beta * y),
        (0, 40),
        ((), (0.3,), (2.5,)),
    ),
}
CASES = [(name, parameters) for name, function in FUNCTIONS.items() for parameters in function.parameters]
cases = pytest.mark.parametrize("case", CASES, ids=oracles.case_id)
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])
both_precisions = pytest.mark.parametrize("precision", ["exact", "fast"])


def call(case, y, g):
    name, parameters = case
    return getattr(fastact, f"{name}_grad_from_output")(y, np.asarray(g, y.dtype), *map(y.dtype.type, parameters))


def outputs_and_slopes(case, dtype):
    """Outputs over all of their range, crowded at 0 and at both ends, and the true f' in terms of them."""
    name, parameters = case
    function = FUNCTIONS[name]
    low, high = (float(dtype(end)) for end in function.outputs)
    if name == "elu":
        low *= parameters[0] if parameters else 1
    rng = np.random.default_rng(2)
    magnitudes = np.exp2(rng.uniform(np.finfo(dtype).minexp - 10, 5, 100))
    y = [rng.uniform(low, high, 100), magnitudes, -magnitudes, low + magnitudes, high - magnitudes, [low, high, 0]]
    y = np.unique(np.concatenate(y).astype(dtype))
    y = y[(y >= dtype(low)) & (y <= dtype(high))]
    parameters = [mp.mpf(float(dtype(p))) for p in parameters]
    with mp.workdps(700):  # so many that 1 - y keeps the smallest y
        return y, [function.slope(mp.mpf(float(v)), *parameters) for v in y]


@cases
@both_precisions
def test_float32_is_the_formula_at_the_given_output_within_its_bound(case, precision):
    y, true = outputs_and_slopes(case, np.float32)
    with fastact.precision(precision):
        got = call(case, y, 1)
    for v, gradient, slope in zip(y, got, true, strict=True):
        error = oracles.ulps(gradient, slope, np.float32)
        if precision == "exact":
            assert error <= 0.5001, v
        else:
            assert error <= 6 or abs(float(gradient) - slope) < 2**-22, v


@cases
def test_float64_is_the_formula_at_the_given_output_within_2_ulp(case):
    y, true = outputs_and_slopes(case, np.float64)
    for v, gradient, slope in zip(y, call(case, y, 1), true, strict=True):
        assert oracles.ulps(gradient, slope, np.float64) <= 2, v


@cases
@both_dtypes
@both_precisions
def test_from_a_saved_output_it_is_the_gradient_up_to_the_rounding_of_that_output(case, dtype, precision):
    """
    The saved y is wrong by d = (its bound in ULP) * ulp(y), which changes the slope h(y) by |h'(y)| d + d^2 at most, as
    no |h''| here exceeds 2 * max(1, beta^2 / 2). In addition, either gradient is wrong by its own bound in ULP.
    """
    name, parameters = case
    x = np.random.default_rng(0).normal(0, 4, 500).astype(dtype)
    g = np.random.default_rng(1).normal(size=x.shape).astype(dtype)
    value_bound, gradient_bound = oracles.DEFINITIONS[name].bounds[:2]
    absolute = 0
    if precision == "fast":
        value_bound, gradient_bound, absolute = 4, 6, 2**-22 if dtype == np.float32 else 2**-51
    elif dtype == np.float32:
        value_bound, gradient_bound = 0.5001, 0.5001
    typed = [dtype(p) for p in parameters]
    with fastact.precision(precision):
        y = getattr(fastact, name)(x, *typed)
        expected = getattr(fastact, f"{name}_grad")(x, g, *typed)
        got = call(case, y, g)
    beta = max([1, *map(float, typed)])
    for i, v in enumerate(y):
        d = value_bound * float(np.spacing(abs(v)))
        derivative = abs(FUNCTIONS[name].derivative(mp.mpf(float(v)), *map(float, typed)))
        scale = abs(float(g[i]))
        own = float(max(np.spacing(abs(expected[i])), np.spacing(abs(got[i]))))
        # one ULP more for the product with g
        bound = scale * (derivative * d + max(1, beta**2 / 2) * d**2)
        bound += 2 * ((gradient_bound + 1) * own + absolute * max(1, scale))
        assert abs(float(got[i]) - float(expected[i])) <= bound, (x[i], v)


@cases
@both_dtypes
@both_precisions
def test_nan_gives_nan(case, dtype, precision):
    y = np.full(40, np.nan, dtype)
    with fastact.precision(precision):
        assert np.isnan(call(case, y, 1)).all()
        assert np.isnan(call(case, y, 0)).all()
        assert np.isnan(call(case, np.full(40, 0.5, dtype), np.nan)).all()
