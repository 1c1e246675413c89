"""
Memory: calls and errors leave nothing behind, and reference counts are right.

The long form, 10^5 calls: `FASTACT_LONG_TESTS=1 pytest tests/package/test_leaks.py`.
"""

import contextlib
import gc
import inspect
import sys
import tracemalloc

import numpy as np
import pytest

import fastact
from tests.support.public_calls import FUNCTIONS, LONG, arguments

# of each function
CALLS = 400 if LONG else 12


def right_and_wrong_calls(name):
    """Return calls of a public function without arguments; the first is right, the others end in an error or may."""
    function, right = getattr(fastact, name), arguments(name, 60, np.float32)
    complex_ones = [a.astype(complex) if isinstance(a, np.ndarray) else a for a in right]
    shorter = [a[:-1] if isinstance(a, np.ndarray) else a for a in right[:1]] + list(right[1:])
    calls = [
        lambda: function(*right),
        lambda: function(*complex_ones),
        lambda: function(*shorter),
        lambda: function(),
        lambda: function(*right, unknown=1),
        lambda: function(*right, out=np.zeros(3)),
        lambda: function(*right, dtype="no dtype"),
        lambda: function(*right, axis=7),
    ]
    if not isinstance(function, np.ufunc) and "target" in inspect.signature(function).parameters:
        calls.append(lambda: function(right[0], np.full_like(right[1], -5)))
    return calls


def labels_out_of_range():
    """Call the ufuncs that raise after their loop, alone and with several threads."""
    for shape in ((5, 3), (4, 2000), (3000, 40), (1, 300_000)):
        logits, labels = np.zeros(shape, np.float32), np.full(shape[0], 2**40)
        with contextlib.suppress(IndexError):
            fastact.ufuncs.cross_entropy_grad(logits, labels, 1.0)


def repeat(calls, times):
    for _ in range(times):
        for call in calls:
            with contextlib.suppress(TypeError, ValueError, IndexError):
                call()


def resident():
    """Return the memory of this process in bytes, or 0 where it is unknown."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * 4096
    except OSError:
        return 0


def test_calls_and_errors_of_all_functions_leave_no_memory_behind():
    calls = [call for name in FUNCTIONS for call in right_and_wrong_calls(name)] + [labels_out_of_range]
    repeat(calls, 3)
    gc.collect()
    tracemalloc.start()
    try:
        repeat(calls, 1)
        gc.collect()
        python_before, resident_before = tracemalloc.get_traced_memory()[0], resident()
        repeat(calls, CALLS // 4)
        gc.collect()
        python_after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    repeat(calls, CALLS)
    # less than 2 bytes a call of Python's memory, and 100 of the rest
    assert python_after - python_before < 2 * len(calls) * (CALLS // 4) + 4096
    assert resident() - resident_before < 100 * len(calls) * CALLS + 2**22


@pytest.mark.parametrize("name", FUNCTIONS)
def test_reference_counts_after_calls_and_errors_are_those_before(name):
    calls = right_and_wrong_calls(name)
    objects = [cell.cell_contents for call in calls for cell in call.__closure__ or ()]
    objects += [a for o in objects if isinstance(o, (tuple, list)) for a in o]
    # no dtypes: NumPy itself keeps one more reference to these after np.tanh([1.0], out=np.zeros(3))
    objects += [IndexError, ValueError, TypeError, np.ndarray, fastact.ufuncs]
    repeat(calls, 1)
    before = [sys.getrefcount(o) for o in objects]
    repeat(calls, 20)
    after = [sys.getrefcount(o) for o in objects]
    # some are Python's and NumPy's own and used by others too
    assert max(b - a for a, b in zip(before, after, strict=True)) < 10


def test_out_is_returned_without_a_further_reference():
    x, out = np.ones((40, 30)), np.empty((40, 30))
    before = sys.getrefcount(out)
    for _ in range(50):
        fastact.sigmoid(x, out=out)
        fastact.elu(x, 2.0, out=out)
        fastact.softmax(x, out=out)
        fastact.softmax(x, axis=None, temperature=2.0, out=out)
    assert sys.getrefcount(out) == before


def test_managers_of_settings_leave_nothing_behind():
    def use():
        for _ in range(1000):
            with fastact.num_threads(1), fastact.precision("fast"):
                pass

    use()
    tracemalloc.start()
    try:
        use()
        before = tracemalloc.get_traced_memory()[0]
        use()
        assert tracemalloc.get_traced_memory()[0] - before < 2000
    finally:
        tracemalloc.stop()
