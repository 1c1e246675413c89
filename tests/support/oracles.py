"""The definitions of the elementwise functions under the names that the tests use."""

from fastact._verify import definitions
from fastact._verify.definitions import DEFINITIONS, SELU_ALPHA, SELU_SCALE, call, call_grad, mp, slope, typed, value
from fastact._verify.definitions.points import CASES, case_id, points, true_slopes, true_values

__all__ = [
    "CASES",
    "DEFINITIONS",
    "FUNCTIONS",
    "SELU_ALPHA",
    "SELU_SCALE",
    "call",
    "call_grad",
    "case_id",
    "mp",
    "points",
    "slope",
    "true_slopes",
    "true_values",
    "typed",
    "ulps",
    "value",
]

FUNCTIONS = DEFINITIONS


def ulps(result, true, dtype):
    """Return `definitions.ulps` as a float."""
    return float(definitions.ulps(result, true, dtype))
