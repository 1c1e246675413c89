"""The interpreter's lock is released while a call computes."""

import os
import sys
import threading
import time

import numpy as np
import pytest

import fastact
from tests.support.processes import usable_cores
from tests.support.public_calls import FUNCTIONS, ROW_UFUNCS, UFUNCS, arguments
from tests.support.row_cases import row_arguments

pytestmark = [
    pytest.mark.configuration,
    pytest.mark.xdist_group("alone"),
    pytest.mark.timeout(60),
    # on one core the second thread would wait for the first to be interrupted
    pytest.mark.skipif(len(usable_cores()) < 2, reason="needs two cores"),
]

# One driver has all row functions, so one of each signature is enough.
ONE_OF_EACH_SIGNATURE = list({UFUNCS[name].signature: name for name in ROW_UFUNCS}.values())


def lets_others_run(call, patience=30.0):
    """
    Return whether a second thread, which waits for the interpreter's lock, gets it while `call` runs.

    Nobody is asked for the lock here, so it changes hands only where it is given back. A short call may be over before
    the second thread has woken up, most of all on a busy machine: hence the seconds of patience.
    """
    before = sys.getswitchinterval()
    reading, writing = os.pipe()
    runs = []

    def second():
        while os.read(reading, 1) == b"x":
            runs.append(None)

    thread = threading.Thread(target=second)
    sys.setswitchinterval(1000)
    try:
        thread.start()
        end = time.perf_counter() + patience
        while time.perf_counter() < end:
            os.write(writing, b"x")
            sum(range(10_000))
            count = len(runs)
            call()
            if len(runs) > count:
                return True
        return False
    finally:
        sys.setswitchinterval(before)
        os.close(writing)
        thread.join()
        os.close(reading)


def seconds(call):
    """Return the shortest of a few times."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def test_the_measure_sees_a_lock_that_is_kept_and_one_that_is_given_back():
    assert not lets_others_run(lambda: sum(range(100_000)), patience=0.05)
    assert lets_others_run(lambda: time.sleep(0.003))


@pytest.mark.parametrize("shape", [(1, 2_000_000), (250_000, 8)], ids=str)
@pytest.mark.parametrize("name", ONE_OF_EACH_SIGNATURE)
def test_the_lock_is_free_during_a_row_function_for_few_long_rows_too(name, shape):
    function = UFUNCS[name]
    given = list(row_arguments(function, np.ones(shape)))
    with fastact.num_threads(1):
        # some look at one number of a row: over before anybody could wake up
        assert seconds(lambda: function(*given)) < 100e-6 or lets_others_run(lambda: function(*given))


def one_of_each_kind():
    """
    Return the public functions, but of the elementwise ufuncs one for each number of inputs and outputs.

    These have one driver, whatever the function. On a busy machine each case takes up to a second.
    """
    kinds = {}
    for name in FUNCTIONS:
        ufunc = getattr(getattr(fastact, name), "ufunc", getattr(fastact, name))
        kinds.setdefault((ufunc.nin, ufunc.nout) if isinstance(ufunc, np.ufunc) else name, name)
    return list(kinds.values())


@pytest.mark.parametrize("name", one_of_each_kind())
def test_the_lock_is_free_during_a_public_call(name):
    # of each of its rows of 1024 numbers nll_loss reads one
    given = arguments(name, 5_000_000 if name == "nll_loss" else 2_000_000)
    with fastact.num_threads(1):
        assert lets_others_run(lambda: getattr(fastact, name)(*given))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_lock_is_free_also_where_numpy_converts_or_cuts_into_pieces(dtype):
    x = np.ones((3000, 1100), dtype)
    with fastact.num_threads(1):
        for call in (
            lambda: fastact.gelu(x[:, :1000]),
            lambda: fastact.gelu(x, dtype=np.float64),
            lambda: fastact.gelu(x.astype(x.dtype.newbyteorder())),
            lambda: fastact.gelu(x, where=np.ones(1100, bool), out=np.empty_like(x)),
            lambda: fastact.softmax(x[:, ::2], axis=0),
            lambda: fastact.softmax(x, where=np.ones(1100, bool), temperature=2.0),
        ):
            assert lets_others_run(call)
