"""
What the general tests need to know of every elementwise function in addition to its definition, which is in
fastact/_verify/definitions.py. One entry there and one here give a function all the general tests.
"""

from dataclasses import dataclass, field
from functools import cache

import numpy as np

from fastact._verify import definitions
from fastact._verify.definitions import DEFINITIONS, SELU_ALPHA, SELU_SCALE, call, call_grad, mp, slope, typed, value

__all__ = [
    "CASES",
    "DEFINITIONS",
    "FUNCTIONS",
    "call",
    "call_grad",
    "case_id",
    "mp",
    "slope",
    "true_slopes",
    "true_values",
    "ulps",
    "value",
]


@dataclass(frozen=True)
class Case:
    """
    `border` is the x where the float64 result underflows or saturates, or any number if it never does: the inputs crowd
    there.
    """

    border: float = 10.0
    # (f, f') at -inf, and the same at -0, +0 and +inf, for the first parameters; None where there is no derivative
    limits: dict = field(default_factory=dict)


FUNCTIONS = {
    "relu": Case(
        limits={"-inf": (0.0, 0.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (np.inf, 1.0)},
    ),
    "identity": Case(
        limits={"-inf": (-np.inf, 1.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (np.inf, 1.0)},
    ),
    "relu6": Case(
        limits={"-inf": (0.0, 0.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (6.0, 0.0)},
    ),
    "relu2": Case(
        limits={"-inf": (0.0, 0.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (np.inf, np.inf)},
    ),
    "leaky_relu": Case(
        limits={"-inf": (-np.inf, 0.01), "-0": (-0.0, 0.01), "+0": (0.0, 0.01), "+inf": (np.inf, 1.0)},
    ),
    "threshold": Case(
        limits={"-inf": (-7.0, 0.0), "-0": (-7.0, 0.0), "+0": (-7.0, 0.0), "+inf": (np.inf, 1.0)},
    ),
    "thresholded_relu": Case(
        limits={"-inf": (0.0, 0.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (np.inf, 1.0)},
    ),
    "step": Case(
        limits={"-inf": (0.0, 0.0), "-0": (1.0, 0.0), "+0": (1.0, 0.0), "+inf": (1.0, 0.0)},
    ),
    "elu": Case(
        border=-745.0,
        limits={"-inf": (-1.0, 0.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (np.inf, 1.0)},
    ),
    "selu": Case(
        border=-745.0,
        limits={
            "-inf": (-float(SELU_SCALE * SELU_ALPHA), 0.0),
            "-0": (-0.0, float(SELU_SCALE * SELU_ALPHA)),
            "+0": (0.0, float(SELU_SCALE * SELU_ALPHA)),
            "+inf": (np.inf, float(SELU_SCALE)),
        },
    ),
    "softsign": Case(
        limits={"-inf": (-1.0, 0.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (1.0, 0.0)},
    ),
    "gelu": Case(
        border=-38.6,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (np.inf, 1.0)},
    ),
    "log_sigmoid": Case(
        border=745.0,
        limits={
            "-inf": (-np.inf, 1.0),
            "-0": (-float(mp.log(2)), 0.5),
            "+0": (-float(mp.log(2)), 0.5),
            "+inf": (-0.0, 0.0),
        },
    ),
    "hard_tanh": Case(
        limits={"-inf": (-1.0, 0.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (1.0, 0.0)},
    ),
    "hard_swish": Case(
        limits={"-inf": (-0.0, 0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (np.inf, 1.0)},
    ),
    "softshrink": Case(
        limits={"-inf": (-np.inf, 1.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (np.inf, 1.0)},
    ),
    "hardshrink": Case(
        limits={"-inf": (-np.inf, 1.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (np.inf, 1.0)},
    ),
    "shrink": Case(
        limits={"-inf": (-np.inf, 1.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (np.inf, 1.0)},
    ),
    "silu": Case(
        border=-745.0,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (np.inf, 1.0)},
    ),
    "swish": Case(
        border=-745.0,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (np.inf, 1.0)},
    ),
    "sigmoid": Case(
        border=-745.0,
        limits={"-inf": (0.0, 0.0), "-0": (0.5, 0.25), "+0": (0.5, 0.25), "+inf": (1.0, 0.0)},
    ),
    "tanh": Case(
        border=-20.0,
        limits={"-inf": (-1.0, 0.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (1.0, 0.0)},
    ),
    "softplus": Case(
        border=-745.0,
        limits={
            "-inf": (0.0, 0.0),
            "-0": (float(mp.log(2)), 0.5),
            "+0": (float(mp.log(2)), 0.5),
            "+inf": (np.inf, 1.0),
        },
    ),
    "celu": Case(
        border=-745.0,
        limits={"-inf": (-1.0, 0.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (np.inf, 1.0)},
    ),
    "prelu": Case(
        limits={"-inf": (-np.inf, 0.25), "-0": (-0.0, 0.25), "+0": (0.0, 0.25), "+inf": (np.inf, 1.0)},
    ),
    "pact": Case(
        limits={"-inf": (0.0, 0.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (6.0, 0.0)},
    ),
    "tanhshrink": Case(
        limits={"-inf": (-np.inf, 1.0), "-0": (-0.0, 0.0), "+0": (0.0, 0.0), "+inf": (np.inf, 1.0)},
    ),
    "softcap": Case(
        border=-600.0,
        limits={"-inf": (-30.0, 0.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (30.0, 0.0)},
    ),
    "squareplus": Case(
        limits={"-inf": (0.0, 0.0), "-0": (1.0, 0.5), "+0": (1.0, 0.5), "+inf": (np.inf, 1.0)},
    ),
    "sparse_plus": Case(
        limits={"-inf": (0.0, 0.0), "-0": (0.25, 0.5), "+0": (0.25, 0.5), "+inf": (np.inf, 1.0)},
    ),
    "sparse_sigmoid": Case(
        limits={"-inf": (0.0, 0.0), "-0": (0.5, 0.5), "+0": (0.5, 0.5), "+inf": (1.0, 0.0)},
    ),
    "hard_sigmoid": Case(
        limits={"-inf": (0.0, 0.0), "-0": (0.5, 1 / 6), "+0": (0.5, 1 / 6), "+inf": (1.0, 0.0)},
    ),
    "gelu_tanh": Case(
        border=-21.5,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (np.inf, 1.0)},
    ),
    "gelu_quick": Case(
        border=-437.0,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (np.inf, 1.0)},
    ),
    "mish": Case(
        border=-745.0,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.6), "+0": (0.0, 0.6), "+inf": (np.inf, 1.0)},
    ),
    "swiglu": Case(
        border=-745.0,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (np.inf, 1.0)},
    ),
    "geglu": Case(
        border=-38.6,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (np.inf, 1.0)},
    ),
    "geglu_tanh": Case(
        border=-21.5,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (np.inf, 1.0)},
    ),
    "reglu": Case(
        limits={"-inf": (0.0, 0.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (np.inf, 1.0)},
    ),
    "glu": Case(
        limits={"-inf": (-np.inf, 0.5), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (np.inf, 0.5)},
    ),
}

CASES = [(name, parameters) for name, definition in DEFINITIONS.items() for parameters in definition.parameters]


def case_id(case):
    name, parameters = case
    return f"{name}{parameters}" if parameters else name


@cache
def points(name, dtype, parameter_scale=1.0):
    """Inputs spread over all magnitudes and crowded around 0, the border where the result underflows, and kinks."""
    rng = np.random.default_rng(11)
    border = FUNCTIONS[name].border * (1 if dtype == np.float64 else 104 / 745)
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
    """Inputs and their true function values, the parameters taken as rounded to the dtype; of every `step`th point."""
    parameters = tuple(float(p) for p in typed(name, np.dtype(dtype), parameters))
    x = points(name, dtype, abs(parameters[0]) or 1.0 if parameters else 1.0)[::step]
    return x, [value(name, float(v), parameters) for v in x]


@cache
def true_slopes(name, parameters, dtype, step=1):
    """Inputs away from kinks and their true derivatives; of every `step`th point."""
    parameters = tuple(float(p) for p in typed(name, np.dtype(dtype), parameters))
    x = points(name, dtype, abs(parameters[0]) or 1.0 if parameters else 1.0)[::step]
    x = x[~np.isin(x, DEFINITIONS[name].kinks)]
    return x, [slope(name, float(v), parameters) for v in x]


def ulps(result, true, dtype):
    """The distance of a result from the true value in units in the last place of the true value."""
    return float(definitions.ulps(result, true, dtype))
