"""The inputs at which the tests compare the elementwise functions with their definitions, and the true values there."""

from functools import cache

import numpy as np

from fastact._verify.definitions import DEFINITIONS, slope, typed, value

CASES = [(name, parameters) for name, definition in DEFINITIONS.items() for parameters in definition.parameters]


def case_id(case):
    """Return a case as the id of a test."""
    name, parameters = case
    return f"{name}{parameters}" if parameters else name


@cache
def points(name, dtype, parameter_scale=1.0):
    """Return inputs over all magnitudes, with more near 0 and the border where the result underflows, and at kinks."""
    rng = np.random.default_rng(11)
    border = DEFINITIONS[name].border * (1 if dtype == np.float64 else 104 / 745)
    info = np.finfo(dtype)
    exponents = np.concatenate([rng.uniform(info.minexp - info.nmant, info.maxexp, 60), rng.uniform(-60, 10, 60)])
    signs = rng.choice([-1.0, 1.0], exponents.size)
    x = np.concatenate(
        [
            rng.normal(0, 3, 140),
            rng.uniform(-1, 1, 40) * border,
            border * rng.uniform(0.94, 1.02, 60),
            np.exp2(exponents) * signs,
            np.array(DEFINITIONS[name].kinks),
            [1.0, -1.0, 0.5, -0.5, 20.0, -20.0, 100.0, -100.0],
        ]
    )
    with np.errstate(over="ignore"):
        x = (x / parameter_scale).astype(dtype)
    return np.unique(x[np.isfinite(x) & (x != 0)])


@cache
def true_values(name, parameters, dtype, step=1):
    """Return inputs and the true values there, for the parameters as rounded to the dtype."""
    parameters = tuple(float(p) for p in typed(name, np.dtype(dtype), parameters))
    x = points(name, dtype, abs(parameters[0]) or 1.0 if parameters else 1.0)[::step]
    return x, [value(name, float(v), parameters) for v in x]


@cache
def true_slopes(name, parameters, dtype, step=1):
    """Return inputs other than kinks and the true derivatives there, for the parameters as rounded to the dtype."""
    parameters = tuple(float(p) for p in typed(name, np.dtype(dtype), parameters))
    x = points(name, dtype, abs(parameters[0]) or 1.0 if parameters else 1.0)[::step]
    x = x[~np.isin(x, DEFINITIONS[name].kinks)]
    return x, [slope(name, float(v), parameters) for v in x]
