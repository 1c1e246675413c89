"""
The true values: every elementwise function in mpmath, straight from its definition and in so many digits that no
care is needed. Gradients are central differences of the same, at those digits. One entry here gives a function all
the general tests.
"""

from dataclasses import dataclass, field
from functools import cache

import mpmath
import numpy as np

import fastact

mp = mpmath.mp.clone()
mp.dps = 60
H = mp.mpf(10) ** -22
SELU_SCALE, SELU_ALPHA = mp.mpf("1.0507009873554804934"), mp.mpf("1.6732632423543772848")


@dataclass(frozen=True)
class Elementwise:
    """
    A function of x and parameters.

    `border` is the x where its float64 result underflows or saturates, or any number if it never does: the inputs crowd
    there. `bounds` may be raised for a new function with a reason beside it, not for one that has met them.
    """

    value: object
    border: float = 10.0
    parameters: tuple = ((),)
    kinks: tuple = ()
    # (f, f') at -inf, and the same at -0, +0 and +inf, for the first parameters; None where there is no derivative
    limits: dict = field(default_factory=dict)
    # units in the last place: float64 function, float64 gradient, fast function, fast gradient
    bounds: tuple = (1.0, 2.0, 4.0, 6.0)


FUNCTIONS = {
    "relu": Elementwise(
        lambda x: max(x, mp.zero),
        kinks=(0.0,),
        limits={"-inf": (0.0, 0.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (np.inf, 1.0)},
    ),
    "identity": Elementwise(
        lambda x: x,
        limits={"-inf": (-np.inf, 1.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (np.inf, 1.0)},
    ),
    "relu6": Elementwise(
        lambda x: min(max(x, mp.zero), mp.mpf(6)),
        kinks=(0.0, 6.0),
        limits={"-inf": (0.0, 0.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (6.0, 0.0)},
    ),
    "relu2": Elementwise(
        lambda x: max(x, mp.zero) ** 2,
        kinks=(0.0,),
        limits={"-inf": (0.0, 0.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (np.inf, np.inf)},
    ),
    "leaky_relu": Elementwise(
        lambda x, s="0.01": x if x > 0 else x * mp.mpf(s),
        parameters=((0.01,), (0.3,), (0.0,), (-2.0,)),
        kinks=(0.0,),
        limits={"-inf": (-np.inf, 0.01), "-0": (-0.0, 0.01), "+0": (0.0, 0.01), "+inf": (np.inf, 1.0)},
    ),
    "threshold": Elementwise(
        lambda x, at, value: x if x > at else mp.mpf(value),
        parameters=((1.0, -7.0), (-2.5, 0.0), (0.0, 0.3)),
        kinks=(1.0, -2.5, 0.0),
        limits={"-inf": (-7.0, 0.0), "-0": (-7.0, 0.0), "+0": (-7.0, 0.0), "+inf": (np.inf, 1.0)},
    ),
    "thresholded_relu": Elementwise(
        lambda x, alpha=1: x if x > alpha else mp.zero,
        parameters=((), (0.5,), (-2.0,)),
        kinks=(1.0, 0.5, -2.0),
        limits={"-inf": (0.0, 0.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (np.inf, 1.0)},
    ),
    "step": Elementwise(
        lambda x, at=0: mp.one if x >= at else mp.zero,
        parameters=((), (0.5,), (-2.0,)),
        kinks=(0.0, 0.5, -2.0),
        limits={"-inf": (0.0, 0.0), "-0": (1.0, 0.0), "+0": (1.0, 0.0), "+inf": (1.0, 0.0)},
    ),
    "elu": Elementwise(
        lambda x, alpha=1: x if x > 0 else alpha * mp.expm1(x),
        border=-745.0,
        parameters=((), (0.3,), (-2.5,)),
        kinks=(0.0,),
        limits={"-inf": (-1.0, 0.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (np.inf, 1.0)},
    ),
    "selu": Elementwise(
        lambda x: SELU_SCALE * (x if x > 0 else SELU_ALPHA * mp.expm1(x)),
        border=-745.0,
        kinks=(0.0,),
        limits={
            "-inf": (-float(SELU_SCALE * SELU_ALPHA), 0.0),
            "-0": (-0.0, float(SELU_SCALE * SELU_ALPHA)),
            "+0": (0.0, float(SELU_SCALE * SELU_ALPHA)),
            "+inf": (np.inf, float(SELU_SCALE)),
        },
    ),
    "softsign": Elementwise(
        lambda x: x / (1 + abs(x)),
        limits={"-inf": (-1.0, 0.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (1.0, 0.0)},
        kinks=(0.0,),
    ),
    "gelu": Elementwise(
        # mpmath's erfc ends somewhere; Phi(-10000) is 1e-21715000
        lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2 if abs(x) < 10_000 else max(x, mp.zero),
        border=-38.6,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (np.inf, 1.0)},
        bounds=(1.5, 2.0, 4.0, 6.0),
    ),
    "log_sigmoid": Elementwise(
        lambda x: -mp.log1p(mp.exp(-x)),
        border=745.0,
        limits={
            "-inf": (-np.inf, 1.0),
            "-0": (-float(mp.log(2)), 0.5),
            "+0": (-float(mp.log(2)), 0.5),
            "+inf": (-0.0, 0.0),
        },
    ),
    "hard_tanh": Elementwise(
        lambda x, low=-1, high=1: min(max(x, mp.mpf(low)), mp.mpf(high)),
        parameters=((), (-0.5, 2.0), (1.0, -1.0)),
        kinks=(-1.0, 1.0, -0.5, 2.0),
        limits={"-inf": (-1.0, 0.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (1.0, 0.0)},
    ),
    "hard_swish": Elementwise(
        lambda x: x * min(max(x + 3, mp.zero), mp.mpf(6)) / 6,
        kinks=(-3.0, 3.0),
        limits={"-inf": (-0.0, 0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (np.inf, 1.0)},
    ),
    "softshrink": Elementwise(
        lambda x, lambd=0.5: mp.sign(x) * max(abs(x) - lambd, mp.zero),
        parameters=((), (0.0,), (2.0,)),
        kinks=(0.5, -0.5, 0.0, 2.0, -2.0),
        limits={"-inf": (-np.inf, 1.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (np.inf, 1.0)},
    ),
    "hardshrink": Elementwise(
        lambda x, lambd=0.5: x if abs(x) > lambd else mp.zero,
        parameters=((), (0.0,), (2.0,)),
        kinks=(0.5, -0.5, 0.0, 2.0, -2.0),
        limits={"-inf": (-np.inf, 1.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (np.inf, 1.0)},
    ),
    "shrink": Elementwise(
        lambda x, lambd=0.5, bias=0: x - mp.sign(x) * bias if abs(x) > lambd else mp.zero,
        parameters=((), (1.0, 0.25), (2.0, -1.5)),
        kinks=(0.5, -0.5, 1.0, -1.0, 2.0, -2.0),
        limits={"-inf": (-np.inf, 1.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (np.inf, 1.0)},
    ),
    "silu": Elementwise(
        lambda x: x / (1 + mp.exp(-x)),
        border=-745.0,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (np.inf, 1.0)},
    ),
    "swish": Elementwise(
        lambda x, beta=1: x / (1 + mp.exp(-beta * x)),
        border=-745.0,
        parameters=((), (0.3,), (-2.5,)),
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (np.inf, 1.0)},
    ),
    "sigmoid": Elementwise(
        lambda x: 1 / (1 + mp.exp(-x)),
        border=-745.0,
        limits={"-inf": (0.0, 0.0), "-0": (0.5, 0.25), "+0": (0.5, 0.25), "+inf": (1.0, 0.0)},
    ),
    "tanh": Elementwise(
        lambda x: mp.tanh(x),
        border=-20.0,
        limits={"-inf": (-1.0, 0.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (1.0, 0.0)},
    ),
    "softplus": Elementwise(
        lambda x, beta=1: mp.log1p(mp.exp(beta * x)) / beta,
        border=-745.0,
        parameters=((), (0.3,), (-2.5,)),
        limits={
            "-inf": (0.0, 0.0),
            "-0": (float(mp.log(2)), 0.5),
            "+0": (float(mp.log(2)), 0.5),
            "+inf": (np.inf, 1.0),
        },
    ),
}

CASES = [(name, parameters) for name, function in FUNCTIONS.items() for parameters in function.parameters]


def case_id(case):
    name, parameters = case
    return f"{name}{parameters}" if parameters else name


@cache
def points(name, dtype, parameter_scale=1.0):
    """Inputs spread over all magnitudes and crowded round 0, the border where the result underflows, and kinks."""
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
            np.array(FUNCTIONS[name].kinks),
            [1.0, -1.0, 0.5, -0.5, 20.0, -20.0, 100.0, -100.0],
        ]
    )
    with np.errstate(over="ignore"):
        x = (x / parameter_scale).astype(dtype)
    return np.unique(x[np.isfinite(x) & (x != 0)])


@cache
def true_values(name, parameters, dtype):
    """Inputs and their true function values, the parameters taken as rounded to the dtype."""
    parameters = tuple(float(dtype(p)) for p in parameters)
    x = points(name, dtype, abs(parameters[0]) or 1.0 if parameters else 1.0)
    return x, [value(name, float(v), parameters) for v in x]


@cache
def true_slopes(name, parameters, dtype):
    """Inputs away from kinks and their true derivatives."""
    parameters = tuple(float(dtype(p)) for p in parameters)
    x = points(name, dtype, abs(parameters[0]) or 1.0 if parameters else 1.0)
    x = x[~np.isin(x, FUNCTIONS[name].kinks)]
    return x, [slope(name, float(v), parameters) for v in x]


def value(name, x, parameters=()):
    """Return the true value at x."""
    with mp.workdps(_digits(x)):
        return FUNCTIONS[name].value(mp.mpf(x), *map(mp.mpf, parameters))


def slope(name, x, parameters=None):
    """Return the derivative by central differences."""
    parameters = FUNCTIONS[name].parameters[0] if parameters is None else parameters
    # the step is far below the distance to a kink at 0, and far above the last digit
    step = H * min(abs(mp.mpf(x)), 1)
    with mp.workdps(_digits(x) + 40 - int(mp.log10(step))):
        f = FUNCTIONS[name].value
        upper, lower = mp.mpf(x) + step, mp.mpf(x) - step
        parameters = tuple(map(mp.mpf, parameters))
        return (f(upper, *parameters) - f(lower, *parameters)) / (upper - lower)


def _digits(x):
    """Enough digits for e^-|x| beside 1, up to where every function is flat or linear."""
    return 60 + int(min(abs(x), 5000) * 0.9)


def ulps(result, true, dtype):
    """The distance of a result from the true value in units in the last place of the true value."""
    info = np.finfo(dtype)
    if not np.isfinite(result):
        return 0.0 if abs(true) >= mp.mpf(2) ** info.maxexp and np.sign(result) == mp.sign(true) else np.inf
    exponent = info.minexp if true == 0 else max(int(mp.floor(mp.log(abs(true), 2))), info.minexp)
    return float(abs(mp.mpf(float(result)) - true) / mp.mpf(2) ** (exponent - info.nmant))


def call(name, x, parameters=None):
    """Call the public function with its parameters, by default the first of its cases, in the dtype of x."""
    parameters = FUNCTIONS[name].parameters[0] if parameters is None else parameters
    return getattr(fastact, name)(x, *(x.dtype.type(p) for p in parameters))


def call_grad(name, x, parameters=None, g=1):
    """Call the public gradient likewise."""
    parameters = FUNCTIONS[name].parameters[0] if parameters is None else parameters
    return getattr(fastact, f"{name}_grad")(x, x.dtype.type(g), *(x.dtype.type(p) for p in parameters))
