"""Parameters and gradients of every size: nothing overflows or vanishes halfway."""

import numpy as np
import pytest

import fastact
from tests.support import oracles

pytestmark = pytest.mark.configuration

# How x and the first parameter meet: the test draws both from all magnitudes, so that this stays moderate.
MEETING = {
    "elu": None,
    "celu": "x / p",
    "softplus": "x * p",
    "swish": "x * p",
    "softcap": "x / p",
    "squareplus": "x^2 / p",
}
PRECISIONS = [(np.float32, "exact", 0), (np.float32, "fast", 2), (np.float64, "exact", 0)]
each_precision = pytest.mark.parametrize(("dtype", "precision", "index"), PRECISIONS)


def drawn(name, dtype, count=100):
    """Return pairs of x and parameter."""
    rng = np.random.default_rng(8)
    size = 120 if dtype == np.float32 else 1000
    middle = rng.uniform(-20, 20, count)
    parameter = np.exp2(rng.uniform(-size, size, count)) * rng.choice([-1.0, 1.0], count)
    if MEETING[name] == "x * p":
        x = middle / parameter
    elif MEETING[name] == "x / p":
        x = middle * parameter
    elif MEETING[name] == "x^2 / p":
        parameter = np.abs(parameter)
        x = middle * np.sqrt(parameter)
    else:
        x = middle
    with np.errstate(over="ignore"):
        x, parameter = x.astype(dtype), parameter.astype(dtype)
    fine = np.isfinite(x) & np.isfinite(parameter) & (x != 0) & (parameter != 0)
    return x[fine], parameter[fine]


@pytest.mark.parametrize("name", MEETING)
@each_precision
def test_parameters_of_every_size_give_results_within_the_bounds(name, dtype, precision, index):
    x, parameter = drawn(name, dtype)
    bound = 0.5001 if (dtype, precision) == (np.float32, "exact") else oracles.DEFINITIONS[name].bounds[index]
    with fastact.precision(precision):
        got = getattr(fastact, name)(x, parameter)
    for v, p, y in zip(x, parameter, got, strict=True):
        true = oracles.value(name, float(v), (float(p),))
        assert oracles.ulps(y, true, dtype) <= bound, (v, p, y)


@pytest.mark.parametrize("case", oracles.CASES, ids=oracles.case_id)
def test_large_gradients_do_not_overflow_halfway(case):
    for dtype, precision, index in PRECISIONS:
        assert_large_gradients_are_right(case, dtype, precision, index)


def assert_large_gradients_are_right(case, dtype, precision, index):
    name, parameters = case
    g = dtype(0.8 * np.finfo(dtype).max)
    x = dtype([-700, -80, -30, -2.4, -0.4, -1e-3, 0.35, 1.1, 2.4, 30])
    x = x[~np.isin(x, oracles.DEFINITIONS[name].kinks)]
    with fastact.precision(precision), np.errstate(over="ignore"):
        got = oracles.call_grad(name, x, parameters, g)
    rounded = tuple(float(p) for p in oracles.typed(name, np.dtype(dtype), parameters))
    # one rounding more than the slope has; a slope near its root or far out may be off by this much instead
    bound = 0.5001 if (dtype, precision) == (np.float32, "exact") else oracles.DEFINITIONS[name].bounds[index + 1] + 1
    small = {0: 0.0 if dtype == np.float32 else 2.0**-56, 2: 2.0**-22}[index]
    for v, y in zip(x, got, strict=True):
        slope, factor = oracles.slope(name, float(v), rounded), oracles.mp.mpf(float(g))
        is_close = np.isfinite(y) and abs(oracles.mp.mpf(float(y)) / factor - slope) < small
        assert is_close or oracles.ulps(y, slope * factor, dtype) <= bound, (v, y)
