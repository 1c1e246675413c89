"""
The definition of every elementwise function in mpmath: directly from its formula, with enough digits for any argument.

The tests and `python -m fastact accuracy` take their true values from here. `points.py` has the inputs of the tests.
"""

import math

import numpy as np

import fastact
from fastact._verify.definitions.definition import Definition, mp
from fastact._verify.definitions.gated import GATED
from fastact._verify.definitions.rectifiers import RECTIFIERS, SELU_ALPHA, SELU_SCALE
from fastact._verify.definitions.self_gated import SELF_GATED
from fastact._verify.definitions.shrinks import SHRINKS
from fastact._verify.definitions.sigmoids import SIGMOIDS

__all__ = [
    "DEFINITIONS",
    "SELU_ALPHA",
    "SELU_SCALE",
    "Definition",
    "call",
    "call_grad",
    "mp",
    "slope",
    "typed",
    "ulps",
    "value",
]

_STEP = mp.mpf(10) ** -22
DEFINITIONS = RECTIFIERS | SIGMOIDS | SELF_GATED | SHRINKS | GATED


def value(name, x, parameters=()):
    """Return the true value at x as an mpf."""
    with mp.workdps(_digits(x, parameters)):
        return DEFINITIONS[name].value(mp.mpf(x), *map(mp.mpf, parameters))


def slope(name, x, parameters=None):
    """Return the true derivative with respect to x as an mpf, from central differences."""
    parameters = DEFINITIONS[name].parameters[0] if parameters is None else parameters
    # the step is far below the distance to a kink at 0, and far above the last digit
    step = _STEP * min(abs(mp.mpf(x)), 1)
    with mp.workdps(_digits(x, parameters) + 40 - int(mp.log10(step))):
        f = DEFINITIONS[name].value
        upper, lower = mp.mpf(x) + step, mp.mpf(x) - step
        parameters = tuple(map(mp.mpf, parameters))
        return (f(upper, *parameters) - f(lower, *parameters)) / (upper - lower)


def _digits(x, parameters):
    """
    Return how many digits are needed at x.

    They suffice to add e^-|p| to 1, where p is x times or divided by a parameter, for all p until every function is
    constant or linear.
    """
    scale = max([1, *(max(abs(p), 1 / abs(p)) for p in map(float, parameters) if p)])
    # and more for terms that cancel, such as x^2 added to 1
    return 60 + int(min(abs(x) * scale, 5000) * 0.9) + 2 * int(abs(math.log10(abs(x) or 1)))


def ulps(result, true, dtype):
    """
    Return the error of a result in units in the last place of the true value. The true value and the error are mpf.

    Infinity has no error where the true value rounds to it, and an infinite error elsewhere, as NaN has.
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
    # for gated units the ufunc, because the public glu splits a single argument
    function = getattr(fastact.ufuncs if DEFINITIONS[name].gated else fastact, name)
    return function(x, *typed(name, x.dtype, parameters), out=out)


def call_grad(name, x, parameters=None, g=1, out=None):
    """Call fastact's gradient with respect to x, otherwise as `call`."""
    definition = DEFINITIONS[name]
    parameters, g = typed(name, x.dtype, parameters), x.dtype.type(g)
    arguments = (*parameters, g) if definition.gated else (g, *parameters)
    function = getattr(fastact.ufuncs if definition.gated else fastact, f"{name}_grad")
    if getattr(fastact.ufuncs, f"{name}_grad").nout == 1:
        return function(x, *arguments, out=out)
    # the gradients with respect to all operands, that with respect to x first
    gradient = function(x, *arguments)[0]
    if out is None:
        return gradient
    out[...] = gradient
    return out


def typed(name, dtype, parameters=None):
    """Return the parameters, by default the first setting, in the dtype that fastact uses for them if x has `dtype`."""
    definition = DEFINITIONS[name]
    dtype = dtype if definition.gated else np.promote_types(dtype, np.float32)
    return [dtype.type(p) for p in (definition.parameters[0] if parameters is None else parameters)]
