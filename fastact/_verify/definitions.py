"""
What every elementwise function is, in mpmath: straight from its formula and in so many digits that no care is needed.

The tests and `python -m fastact accuracy` take their true values from here.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import mpmath
import numpy as np

import fastact

mp = mpmath.mp.clone()
mp.dps = 60
_STEP = mp.mpf(10) ** -22
SELU_SCALE, SELU_ALPHA = mp.mpf("1.0507009873554804934"), mp.mpf("1.6732632423543772848")


@dataclass(frozen=True)
class Definition:
    """
    A function of x and parameters; settings of these to be tried, the first the most usual; where it has kinks.

    `gated` says that it has two equal operands: the parameter is the second, which has a gradient too. `bounds` are the
    errors promised, in units in the last place. They may be raised for a new function with a reason beside it, not for
    one that has met them.
    """

    value: Callable
    parameters: tuple = ((),)
    kinks: tuple = ()
    gated: bool = False
    # float64 function, float64 gradient, fast float32 function, its gradient
    bounds: tuple = (1.0, 2.0, 4.0, 6.0)


DEFINITIONS = {
    "relu": Definition(
        lambda x: max(x, mp.zero),
        kinks=(0.0,),
    ),
    "identity": Definition(
        lambda x: x,
    ),
    "relu6": Definition(
        lambda x: min(max(x, mp.zero), mp.mpf(6)),
        kinks=(0.0, 6.0),
    ),
    "relu2": Definition(
        lambda x: max(x, mp.zero) ** 2,
        kinks=(0.0,),
    ),
    "leaky_relu": Definition(
        lambda x, s="0.01": x if x > 0 else x * mp.mpf(s),
        parameters=((0.01,), (0.3,), (0.0,), (-2.0,)),
        kinks=(0.0,),
    ),
    "threshold": Definition(
        lambda x, at, value: x if x > at else mp.mpf(value),
        parameters=((1.0, -7.0), (-2.5, 0.0), (0.0, 0.3)),
        kinks=(1.0, -2.5, 0.0),
    ),
    "thresholded_relu": Definition(
        lambda x, alpha=1: x if x > alpha else mp.zero,
        parameters=((), (0.5,), (-2.0,)),
        kinks=(1.0, 0.5, -2.0),
    ),
    "step": Definition(
        lambda x, at=0: mp.one if x >= at else mp.zero,
        parameters=((), (0.5,), (-2.0,)),
        kinks=(0.0, 0.5, -2.0),
    ),
    "elu": Definition(
        lambda x, alpha=1: x if x > 0 else alpha * mp.expm1(x),
        parameters=((), (0.3,), (-2.5,)),
        kinks=(0.0,),
    ),
    "selu": Definition(
        lambda x: SELU_SCALE * (x if x > 0 else SELU_ALPHA * mp.expm1(x)),
        kinks=(0.0,),
    ),
    "softsign": Definition(
        lambda x: x / (1 + abs(x)),
        kinks=(0.0,),
    ),
    "gelu": Definition(
        # mpmath's erfc ends somewhere; Phi(-10000) is 1e-21715000
        lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2 if abs(x) < 10_000 else max(x, mp.zero),
        bounds=(1.5, 2.0, 4.0, 6.0),
    ),
    "log_sigmoid": Definition(
        lambda x: -mp.log1p(mp.exp(-x)),
    ),
    "hard_tanh": Definition(
        lambda x, low=-1, high=1: min(max(x, mp.mpf(low)), mp.mpf(high)),
        parameters=((), (-0.5, 2.0), (1.0, -1.0)),
        kinks=(-1.0, 1.0, -0.5, 2.0),
    ),
    "hard_swish": Definition(
        lambda x: x * min(max(x + 3, mp.zero), mp.mpf(6)) / 6,
        kinks=(-3.0, 3.0),
    ),
    "softshrink": Definition(
        lambda x, lambd=0.5: mp.sign(x) * max(abs(x) - lambd, mp.zero),
        parameters=((), (0.0,), (2.0,)),
        kinks=(0.5, -0.5, 0.0, 2.0, -2.0),
    ),
    "hardshrink": Definition(
        lambda x, lambd=0.5: x if abs(x) > lambd else mp.zero,
        parameters=((), (0.0,), (2.0,)),
        kinks=(0.5, -0.5, 0.0, 2.0, -2.0),
    ),
    "shrink": Definition(
        lambda x, lambd=0.5, bias=0: x - mp.sign(x) * bias if abs(x) > lambd else mp.zero,
        parameters=((), (1.0, 0.25), (2.0, -1.5)),
        kinks=(0.5, -0.5, 1.0, -1.0, 2.0, -2.0),
    ),
    "silu": Definition(
        lambda x: x / (1 + mp.exp(-x)),
    ),
    "swish": Definition(
        lambda x, beta=1: x / (1 + mp.exp(-beta * x)),
        parameters=((), (0.3,), (-2.5,)),
    ),
    "sigmoid": Definition(
        lambda x: 1 / (1 + mp.exp(-x)),
    ),
    "tanh": Definition(
        lambda x: mp.tanh(x),
    ),
    "softplus": Definition(
        lambda x, beta=1: mp.log1p(mp.exp(beta * x)) / beta,
        parameters=((), (0.3,), (-2.5,)),
    ),
    "celu": Definition(
        lambda x, alpha=1: x if x > 0 else alpha * mp.expm1(x / alpha),
        parameters=((), (0.3,), (4.0,), (-2.5,)),
        kinks=(0.0,),
    ),
    "prelu": Definition(
        lambda x, weight: x if x > 0 else weight * x,
        parameters=((0.25,), (0.3,), (-2.0,)),
        kinks=(0.0,),
    ),
    "pact": Definition(
        lambda x, alpha: min(max(x, mp.zero), alpha),
        parameters=((6.0,), (0.3,), (-2.0,)),
        kinks=(0.0, 6.0, 0.3),
    ),
    "tanhshrink": Definition(
        lambda x: x - mp.tanh(x),
    ),
    "softcap": Definition(
        lambda x, cap: cap * mp.tanh(x / cap),
        parameters=((30.0,), (0.3,), (-2.0,)),
    ),
    "squareplus": Definition(
        lambda x, b=4: (x + mp.sqrt(x * x + b)) / 2,
        parameters=((), (0.3,), (1e-6,)),
    ),
    "sparse_plus": Definition(
        lambda x: mp.zero if x <= -1 else x if x >= 1 else (x + 1) ** 2 / 4,
        kinks=(-1.0, 1.0),
    ),
    "sparse_sigmoid": Definition(
        lambda x: min(max((x + 1) / 2, mp.zero), mp.one),
        kinks=(-1.0, 1.0),
    ),
    "hard_sigmoid": Definition(
        lambda x, slope=None, offset=None: min(
            max(slope * x + offset if slope is not None else (x + 3) / 6, mp.zero), mp.one
        ),
        parameters=((), (0.25, 0.5), (0.2, 0.3), (-0.5, 1.5)),
        kinks=(-3.0, 3.0, -2.0, 2.0, -1.5, 3.5, 1.0),
    ),
    "gelu_tanh": Definition(
        lambda x: x / (1 + mp.exp(-2 * mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3))),
    ),
    "gelu_quick": Definition(
        lambda x: x / (1 + mp.exp(-mp.mpf("1.702") * x)),
    ),
    "mish": Definition(
        lambda x: x * mp.tanh(mp.log1p(mp.exp(x))),
        # sums of four terms on both sides, not all of them in two parts
        bounds=(2.0, 2.0, 4.0, 6.0),
    ),
    "swiglu": Definition(
        lambda gate, up: up * gate / (1 + mp.exp(-gate)),
        parameters=((1.0,), (0.3,), (-2.5,)),
        gated=True,
        # a product of two rounded numbers in float lanes, and in the gradient by gate
        bounds=(1.0, 2.5, 4.5, 6.5),
    ),
    "geglu": Definition(
        lambda gate, up: up * (gate * mp.erfc(-gate / mp.sqrt(2)) / 2 if abs(gate) < 10_000 else max(gate, mp.zero)),
        parameters=((1.0,), (0.3,), (-2.5,)),
        gated=True,
        bounds=(1.0, 2.5, 4.5, 6.5),
    ),
    "geglu_tanh": Definition(
        lambda gate, up: up * DEFINITIONS["gelu_tanh"].value(gate),
        parameters=((1.0,), (0.3,), (-2.5,)),
        gated=True,
        bounds=(1.0, 2.5, 4.5, 6.5),
    ),
    "reglu": Definition(
        lambda gate, up: up * max(gate, mp.zero),
        parameters=((1.0,), (0.3,), (-2.5,)),
        kinks=(0.0,),
        gated=True,
    ),
    "glu": Definition(
        lambda values, gate: values / (1 + mp.exp(-gate)),
        parameters=((0.0,), (0.3,), (-80.0,)),
        gated=True,
    ),
}


def value(name, x, parameters=()):
    """Return the true value at x."""
    with mp.workdps(_digits(x, parameters)):
        return DEFINITIONS[name].value(mp.mpf(x), *map(mp.mpf, parameters))


def slope(name, x, parameters=None):
    """Return the derivative by central differences."""
    parameters = DEFINITIONS[name].parameters[0] if parameters is None else parameters
    # the step is far below the distance to a kink at 0, and far above the last digit
    step = _STEP * min(abs(mp.mpf(x)), 1)
    with mp.workdps(_digits(x, parameters) + 40 - int(mp.log10(step))):
        f = DEFINITIONS[name].value
        upper, lower = mp.mpf(x) + step, mp.mpf(x) - step
        parameters = tuple(map(mp.mpf, parameters))
        return (f(upper, *parameters) - f(lower, *parameters)) / (upper - lower)


def _digits(x, parameters):
    """Enough digits for e^-|p| beside 1, p = x times or over a parameter, until every function is flat or linear."""
    scale = max([1, *(max(abs(p), 1 / abs(p)) for p in map(float, parameters) if p)])
    # and for what cancels like x^2 beside 1
    return 60 + int(min(abs(x) * scale, 5000) * 0.9) + 2 * int(abs(math.log10(abs(x) or 1)))


def ulps(result, true, dtype):
    """
    Return how far a result is from the true value, an mpf, in units in the last place of the true value.

    Infinity is right where the true value rounds to it, and infinitely wrong elsewhere.
    """
    info = np.finfo(dtype)
    # frexp's mantissa is in [0.5, 1)
    exponent = max(mp.frexp(true)[1] - 1, info.minexp) if true else info.minexp
    unit = mp.mpf(2) ** (exponent - info.nmant)
    if np.isnan(result):
        return mp.inf
    if np.isinf(result):
        rounds_to_infinity = abs(true) >= mp.mpf(2) ** info.maxexp - mp.mpf(2) ** (info.maxexp - info.nmant - 2)
        return mp.zero if rounds_to_infinity and (result > 0) == (true > 0) else mp.inf
    return abs(mp.mpf(float(result)) - true) / unit


def call(name, x, parameters=None, out=None):
    """Call fastact's function with its parameters, by default the first setting, in the dtype of x."""
    # the ufunc: glu of the public name cuts one argument in two
    function = getattr(fastact.ufuncs if DEFINITIONS[name].gated else fastact, name)
    return function(x, *typed(name, x.dtype, parameters), out=out)


def call_grad(name, x, parameters=None, g=1, out=None):
    """Call fastact's gradient by x likewise."""
    definition = DEFINITIONS[name]
    parameters, g = typed(name, x.dtype, parameters), x.dtype.type(g)
    arguments = (*parameters, g) if definition.gated else (g, *parameters)
    function = getattr(fastact.ufuncs if definition.gated else fastact, f"{name}_grad")
    if getattr(fastact.ufuncs, f"{name}_grad").nout == 1:
        return function(x, *arguments, out=out)
    # a gradient by each operand, that by x the first
    gradient = function(x, *arguments)[0]
    if out is None:
        return gradient
    out[...] = gradient
    return out


def typed(name, dtype, parameters=None):
    """Return the parameters, by default the first setting, in the type that they have beside an x of `dtype`."""
    definition = DEFINITIONS[name]
    dtype = dtype if definition.gated else np.promote_types(dtype, np.float32)
    return [dtype.type(p) for p in (definition.parameters[0] if parameters is None else parameters)]
