"""
The floating-point environment: import and every call leave it as it was, and the caller's changes no result.

The C library's fegetenv and fesetenv copy MXCSR, in which the rounding mode, FTZ, DAZ and the exception flags are.
"""

import contextlib
import ctypes
import inspect
import platform
import sys

import numpy as np
import pytest

import fastact
from tests.support.processes import output_of
from tests.support.public_calls import FUNCTIONS, KINDS, LONG, arguments, bits, results

pytestmark = [
    pytest.mark.configuration,
    pytest.mark.skipif(
        not (sys.platform == "linux" and platform.machine() == "x86_64"),
        reason="knows the place of MXCSR on Linux and x86-64",
    ),
]

DAZ, FTZ, ROUND_DOWN, ROUND_UP, ROUND_TO_ZERO = 0x0040, 0x8000, 0x2000, 0x4000, 0x6000
FLAGS, STANDARD = 0x003F, 0x1F80
STATES = {"FTZ and DAZ": FTZ | DAZ, "FTZ, up": FTZ | ROUND_UP, "down": ROUND_DOWN, "to zero": ROUND_TO_ZERO}


class Environment(ctypes.Structure):
    _fields_ = (("x87", ctypes.c_uint32 * 7), ("mxcsr", ctypes.c_uint32))


def libm():
    return ctypes.CDLL("libm.so.6")


def mxcsr():
    environment = Environment()
    libm().fegetenv(ctypes.byref(environment))
    return environment.mxcsr


def set_mxcsr(value):
    environment = Environment()
    libm().fegetenv(ctypes.byref(environment))
    environment.mxcsr = value
    libm().fesetenv(ctypes.byref(environment))


@contextlib.contextmanager
def state(value):
    set_mxcsr(STANDARD | value)
    try:
        yield
    finally:
        set_mxcsr(STANDARD)


def difficult(name, dtype):
    """Return arguments of a public function among which are subnormals, the largest numbers and infinities."""
    info, given = np.finfo(dtype), []
    special = [info.smallest_subnormal, -info.tiny / 2, info.max, -info.max, np.inf, -np.inf, np.nan, -90, 90, 1e-5, 0]
    for k, value in enumerate(arguments(name, 660, dtype)):
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            value.flat[: 11 * 11] = np.tile(np.roll(np.array(special, dtype), 3 * k), 11)
            # what is to be a probability
            if list(signature(getattr(fastact, name)))[k : k + 1] in (["probs"], ["target"]):
                value = np.clip(np.nan_to_num(value), 0, 1)
        given.append(value)
    return given


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_call_leaves_the_state_as_it_was_and_the_callers_state_does_not_change_the_bits(name):
    function = getattr(fastact, name)
    for dtype, precision in KINDS:
        given = difficult(name, dtype)
        with fastact.precision(precision), np.errstate(all="ignore"):
            # sums over a batch are NumPy's own
            one = {"reduction": "none"} if "reduction" in signature(function) else {}
            expected = bits(function(*given, **one))
            for value in list(STATES.values()) if LONG else [FTZ | DAZ, FTZ | ROUND_UP]:
                with state(value):
                    before = mxcsr()
                    outcome = function(*given, **one)
                    after = mxcsr()
                assert before & ~FLAGS == STANDARD | value
                assert after & ~FLAGS == before & ~FLAGS
                assert bits(outcome) == expected


def signature(function):
    return () if isinstance(function, np.ufunc) else inspect.signature(function).parameters


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_call_warns_and_the_bits_do_not_depend_on_what_numpy_does_with_errors(name):
    function = getattr(fastact, name)
    for dtype, precision in KINDS:
        given = difficult(name, dtype)
        with fastact.precision(precision):
            expected = bits(function(*given))
            with np.errstate(all="raise"):
                before = np.geterr()
                assert bits(function(*given)) == expected
                assert np.geterr() == before


INF, TINY, HUGE = np.inf, 1e-320, 1e308
UNUSUAL = {
    "losses that cancel": lambda: fastact.kl_div(np.array([-INF, INF]), np.ones(2), reduction="sum"),
    "a mean below the normal": lambda: fastact.binary_cross_entropy_with_logits(np.float32([95, 96]), [1, 1]),
    "a signed infinity": lambda: fastact.binary_cross_entropy_with_logits(
        np.array([INF, -INF]), [0, 1], weight=[1, -1]
    ),
    "weights below the normal": lambda: fastact.cross_entropy_grad([[0.0, 0], [1, 0]], [1, 0], weight=[TINY, TINY]),
    "weights that add up to inf": lambda: fastact.cross_entropy([[0.0, 0], [1, 0]], [1, 0], weight=[HUGE, HUGE]),
    "weights that cancel": lambda: fastact.cross_entropy_grad([[0.0, 0], [1, 0]], [1, 0], weight=[INF, -INF]),
    "weights beyond float32": lambda: fastact.cross_entropy(np.zeros((2, 2), np.float32), [0, 1], weight=[1e300, 1]),
    "weights below float32": lambda: fastact.nll_loss_grad(np.zeros((2, 2), np.float32), [0, 1], weight=[1e-60, 1]),
    "targets beyond float32": lambda: fastact.cross_entropy(np.zeros((1, 2), np.float32), np.array([[1e60, 1e-60]])),
    "a temperature beyond float32": lambda: fastact.softmax(np.zeros(2, np.float32), temperature=1e300),
}


@pytest.mark.parametrize("case", UNUSUAL)
def test_numbers_of_unusual_size_make_no_warning_either(case):
    with np.errstate(all="raise"):
        UNUSUAL[case]()


@pytest.mark.usefixtures("many_threads")
@pytest.mark.parametrize("name", ["sigmoid", "softplus_grad", "softmax", "log_softmax_grad", "cross_entropy_grad"])
def test_no_warning_depends_on_the_number_of_threads(name):
    for n in (40_000, 1_000_000):
        given = difficult(name, np.float32)
        given = [np.tile(a, (n // given[0].size, *[1] * (a.ndim - 1))) for a in given]
        with np.errstate(all="raise"):
            for threads in (1, 2, 7):
                with fastact.num_threads(threads):
                    for _ in range(4):
                        results(getattr(fastact, name)(*given))


def test_a_warning_of_numpys_own_casts_stays():
    out = np.zeros(3, np.float16)
    for function in (np.positive, fastact.relu):
        with pytest.warns(RuntimeWarning, match="overflow encountered"):
            function(np.full(3, 1e30), out=out)


@pytest.mark.parametrize("name", ["sigmoid", "softmax"])
@pytest.mark.parametrize("kind", STATES)
def test_worker_threads_compute_in_the_standard_state_whatever_the_callers_is(kind, name):
    x = np.resize(np.float32([-90, -100, -87.5, 1e-40, 3, -1e-45]), (4000, 300))
    expected = bits(getattr(fastact, name)(x))
    with state(STATES[kind]):
        for threads in (1, 2, 4):
            with fastact.num_threads(threads):
                outcome = getattr(fastact, name)(x)
            assert bits(outcome) == expected


@pytest.mark.parametrize("kind", ["standard", "FTZ and DAZ", "down"])
def test_the_import_leaves_the_state(kind):
    # this file imports fastact too: so the look at the state comes from a copy of it without that
    code = (
        "import ctypes, numpy as np\n"
        + "\n".join(map(inspect.getsource, (Environment, libm, mxcsr, set_mxcsr)))
        + f"\nset_mxcsr({STANDARD | STATES.get(kind, 0)})\n"
        + "before, errors = mxcsr(), np.geterr()\nimport fastact\nfastact.sigmoid(np.ones(100_000))\n"
        + f"assert mxcsr() & ~{FLAGS} == before & ~{FLAGS}, hex(mxcsr())\nassert np.geterr() == errors\n"
    )
    output_of("-c", code)
