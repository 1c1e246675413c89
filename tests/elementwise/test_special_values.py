"""The tables of special values in the docs: up to date, and true."""

import runpy

import numpy as np
import pytest

from tests.support import oracles
from tests.support.oracles import mp
from tests.support.processes import ROOT

TOOL = ROOT / "tools" / "generate.py"
pytestmark = [
    pytest.mark.configuration,
    pytest.mark.skipif(not TOOL.exists(), reason="needs the checkout"),
]
LIMITS = {(-np.inf, True): "-inf", (0, True): "-0", (0, False): "+0", (np.inf, False): "+inf"}


@pytest.fixture(scope="module")
def tool():
    return runpy.run_path(str(TOOL))


def rounded(true, limit):
    """A true value rounded once to float32, ties to even; what vanishes has the sign of the limit beyond it."""
    info = np.finfo(np.float32)
    exponent = info.minexp if true == 0 else max(int(mp.floor(mp.log(abs(true), 2))), info.minexp)
    # in whole units, which are exact at this many digits
    with mp.workdps(200):
        unit = mp.mpf(2) ** (exponent - info.nmant)
        value = mp.nint(true / unit) * unit
    if abs(value) >= mp.mpf(2) ** info.maxexp:
        return np.float32(np.copysign(np.inf, float(mp.sign(value))))
    return np.float32(value) if value else np.copysign(np.float32(0), np.float32(mp.sign(true) if true else limit))


def expected(name, x):
    """f and f' at a special point: NaN, the limits, or mpmath's value rounded."""
    if np.isnan(x):
        return np.float32(np.nan), np.float32(np.nan)
    limits = oracles.FUNCTIONS[name].limits
    if not np.isfinite(x) or x == 0:
        return tuple(map(np.float32, limits[LIMITS[float(x), bool(np.signbit(x))]]))
    beyond = limits[LIMITS[(np.inf if abs(x) > 1 else 0) * float(np.sign(x)), bool(x < 0)]]
    parameters = oracles.DEFINITIONS[name].parameters[0]
    parameters = [float(np.float32(p)) for p in parameters]
    true = (oracles.value(name, float(x), parameters), oracles.slope(name, float(x), parameters))
    return tuple(rounded(t, limit) for t, limit in zip(true, beyond, strict=True))


@pytest.mark.parametrize("name", oracles.DEFINITIONS)
def test_the_shown_values_are_the_limits_and_the_rounded_true_values(tool, name):
    for x, value, slope in zip(tool["POINTS"], *tool["values"](name), strict=True):
        true_value, true_slope = expected(name, x)
        # the sign of zero counts, and the text of a number has it
        assert (str(value), str(slope)) == (str(true_value), str(true_slope)), x


def test_true_values_are_rounded_once_to_even_and_keep_the_sign_of_zero():
    smallest = mp.mpf(2) ** -149
    assert rounded(mp.mpf(1) + mp.mpf(2) ** -24, 1) == np.float32(1)
    assert rounded(1 + 3 * mp.mpf(2) ** -24, 1) == np.float32(1) + np.spacing(np.float32(1)) * 2
    assert rounded(smallest / 2 + smallest / 10**30, 1) == np.finfo(np.float32).smallest_subnormal
    assert str(rounded(-smallest / 2, 1)) == "-0.0"
    assert str(rounded(mp.zero, -0.0)) == "-0.0"
    assert rounded(mp.mpf(-(2**128)), 1) == -np.inf
