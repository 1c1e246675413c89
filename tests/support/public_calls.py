"""
Every public function with arguments that it takes: what the tests of threads, memory and floating-point state call.

The long forms of tests that draw their cases are run like this: `FASTACT_LONG_TESTS=1 pytest tests/numpy_protocol`.
"""

import os

import numpy as np

import fastact
from fastact._core import dispatch
from fastact._core.dispatch import declarations
from fastact._verify import naive

LONG = bool(os.environ.get("FASTACT_LONG_TESTS"))
FUNCTIONS = [name for name in fastact.__all__ if name in naive.NAMES]
# Those with the default parameters built in are called celu.at_defaults and so on.
AT_DEFAULTS = [declaration.at_defaults for declaration in declarations.values() if declaration.at_defaults]
UFUNCS = dispatch.ufuncs | {function.__name__: function for function in AT_DEFAULTS}
ELEMENTWISE = [name for name, function in UFUNCS.items() if function.signature is None]
ROW_UFUNCS = [name for name, function in UFUNCS.items() if function.signature]
LOSSES = [name for name in FUNCTIONS if any(word in name for word in ("entropy", "loss", "kl_div"))]
KINDS = [("e", "exact"), ("f", "exact"), ("f", "fast"), ("d", "exact"), ("d", "fast")]


def examples(count):
    """Return how many cases hypothesis draws: fifty times as many in the long form."""
    return 50 * count if LONG else count


def arguments(name, size=600, dtype=np.float64, seed=0):
    """Return arguments for a public function, of `size` elements in all."""
    given = naive.arguments(name, size, np.dtype(np.float64), seed)
    return tuple(a.astype(dtype) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a for a in given)


def results(outcome):
    """Return what a call gives as a tuple, however many there are."""
    return outcome if isinstance(outcome, tuple) else (outcome,)


def bits(outcome):
    """
    Return dtypes, shapes and bytes of the results of a call.

    All NaNs are one: which of two an operation passes on, and so its sign, IEEE 754 leaves to the compiler.
    """
    return [(str(y.dtype), np.shape(y), one_nan(np.ascontiguousarray(y)).tobytes()) for y in results(outcome)]


def one_nan(y):
    nan = np.isnan(y) if y.dtype.kind == "f" else False
    return np.where(nan, y.dtype.type(np.nan), y) if np.any(nan) else y


def call(name, *operands, **keywords):
    return results(getattr(fastact, name)(*operands, **keywords))
