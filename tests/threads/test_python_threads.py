"""Many Python threads at once: right results, settings that stay with a thread, threads shared among callers."""

import multiprocessing
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import threadpoolctl

import fastact
from tests.support.processes import output_of, usable_cores
from tests.support.public_calls import FUNCTIONS, arguments, bits

pytestmark = [pytest.mark.configuration, pytest.mark.xdist_group("threads")]

WORKERS = 16


def run_together(*functions):
    """Run each function in a separate thread, all from the same moment on; return their results."""
    gate = threading.Barrier(len(functions))

    def run(function):
        gate.wait(30)
        return function()

    with ThreadPoolExecutor(len(functions)) as pool:
        return [future.result(60) for future in [pool.submit(run, function) for function in functions]]


# ---- results


@pytest.mark.timeout(60)
def test_sixteen_threads_with_different_functions_and_the_same_arrays_all_get_the_right_bits():
    jobs = {name: arguments(name, 20_000, np.float32) for name in FUNCTIONS}
    expected = {name: bits(getattr(fastact, name)(*given)) for name, given in jobs.items()}

    def work(first):
        names = list(jobs)[first:] + list(jobs)[:first]
        return all(bits(getattr(fastact, name)(*jobs[name])) == expected[name] for name in names)

    assert all(run_together(*(lambda k=k: work(8 * k) for k in range(WORKERS))))


@pytest.mark.timeout(60)
@pytest.mark.usefixtures("many_threads")
def test_sixteen_threads_share_one_large_array():
    x = np.random.default_rng(0).normal(size=(300, 1000)).astype(np.float32)
    for function in (fastact.sigmoid, fastact.softmax, lambda v: fastact.logsumexp(v, axis=None)):
        expected = bits(function(x))
        assert run_together(*[lambda f=function: bits(f(x))] * WORKERS) == [expected] * WORKERS


@pytest.mark.timeout(60)
@pytest.mark.usefixtures("many_threads")
def test_sixteen_threads_write_to_parts_of_one_array():
    x = np.random.default_rng(0).normal(size=(WORKERS, 60_000))
    out = np.empty_like(x)
    run_together(*(lambda k=k: fastact.gelu(x[k], out=out[k]) for k in range(WORKERS)))
    assert bits(out) == bits(fastact.gelu(x))


@pytest.mark.timeout(60)
def test_errors_in_some_threads_stay_there():
    logits, right, wrong = np.zeros((3000, 20)), np.zeros(3000, int), np.full(3000, 20)

    def work(k):
        for _ in range(20):
            if k % 2:
                with pytest.raises(IndexError, match="20 is out of bounds for 20 classes"):
                    fastact.ufuncs.cross_entropy(logits, wrong, 1.0)
            else:
                np.testing.assert_allclose(fastact.ufuncs.cross_entropy(logits, right, 1.0), np.log(20))
        return True

    assert all(run_together(*(lambda k=k: work(k) for k in range(WORKERS))))


@pytest.mark.timeout(60)
def test_the_interpreter_ends_while_daemon_threads_compute():
    code = (
        "import threading, time, numpy as np, fastact\n"
        "few, many = np.zeros((2, 400_000), np.float32), np.zeros((300, 1000), np.float32)\n"
        "def work():\n"
        "    while True: fastact.ufuncs.cross_entropy(few, 0, 1.0), fastact.softmax(many), fastact.softmax(few)\n"
        "for _ in range(4): threading.Thread(target=work, daemon=True).start()\n"
        "time.sleep(0.05)\n"
    )
    output_of("-c", code, timeout=50)


# ---- settings


@pytest.mark.timeout(60)
def test_settings_of_sixteen_threads_are_obeyed_and_stay_with_their_thread():
    process = fastact.get_num_threads(), fastact.get_precision()
    x = np.random.default_rng(0).normal(size=5000).astype(np.float32)
    expected = {}
    for word in ("exact", "fast"):
        with fastact.precision(word):
            expected[word] = bits(fastact.sigmoid(x))

    def work(k):
        word, limit = ("exact", "fast")[k % 2], k // 2 % 2 + 1
        seen = set()
        for _ in range(50):
            with fastact.precision(word), fastact.num_threads(limit):
                time.sleep(0)
                seen.add((fastact.get_precision(), fastact.get_num_threads() <= limit))
                seen.add(bits(fastact.sigmoid(x)) == expected[word])
            seen.add((fastact.get_num_threads(), fastact.get_precision()) == process)
        return seen == {(word, True), True}

    assert all(run_together(*(lambda k=k: work(k) for k in range(WORKERS))))
    assert (fastact.get_num_threads(), fastact.get_precision()) == process


@pytest.mark.timeout(60)
@pytest.mark.usefixtures("many_threads")
def test_settings_of_the_process_may_change_while_other_threads_compute():
    x = np.random.default_rng(0).normal(size=40_000).astype(np.float32)
    before, expected, changes = fastact.get_precision(), [], 300
    for word in ("exact", "fast"):
        with fastact.precision(word):
            expected.append(bits(fastact.sigmoid(x)))

    def change():
        for k in range(changes):
            fastact.set_num_threads(1 + k % 3)
            fastact.set_precision(("fast", "exact")[k % 2])
            time.sleep(0)
        return True

    def compute():
        return all(bits(fastact.sigmoid(x)) in expected for _ in range(changes // 3))

    try:
        assert all(run_together(change, compute, compute))
    finally:
        fastact.set_precision(before)


@pytest.mark.timeout(60)
@pytest.mark.usefixtures("many_threads")
def test_a_limit_of_threadpoolctl_holds_in_the_thread_that_set_it_and_in_no_other():
    if fastact.show_config("dict")["openmp"] is None:
        pytest.skip("built without OpenMP")
    if fastact.get_num_threads() == 1 or len(usable_cores()) == 1 or os.environ.get("OMP_NUM_THREADS"):
        pytest.skip("a limit like OpenMP's own default cannot be told from none")
    inside, leave = threading.Barrier(2), threading.Barrier(2)

    def limited():
        with threadpoolctl.threadpool_limits(1, user_api="openmp"):
            inside.wait(30)
            seen = fastact.get_num_threads()
            leave.wait(30)
        return seen, fastact.get_num_threads()

    def free():
        inside.wait(30)
        seen = fastact.get_num_threads()
        leave.wait(30)
        return seen, fastact.get_num_threads()

    before = fastact.get_num_threads()
    assert run_together(limited, free) == [(1, before), (before, before)]


def test_executors_of_threads_do_not_inherit_or_keep_settings():
    with ThreadPoolExecutor(1) as pool:
        settings = fastact.get_num_threads(), fastact.get_precision()

        def inside():
            with fastact.num_threads(1), fastact.precision("fast"):
                return fastact.get_num_threads(), fastact.get_precision()

        assert pool.submit(inside).result() == (1, "fast")
        with fastact.num_threads(1), fastact.precision("fast"):
            after = pool.submit(lambda: (fastact.get_num_threads(), fastact.get_precision())).result()
        assert after == settings


# ---- callers at once, workers of joblib and dask

EIGHT_CALLERS = """
import os, threading, time
import numpy as np
import fastact
from fastact._core import runtime

fastact.set_num_threads(8)
x = np.random.default_rng(0).normal(size=(1500, 1000)).astype(np.float32)
before = len(os.listdir("/proc/self/task"))
gate, end = threading.Barrier(9), threading.Event()

def work(function):
    gate.wait()
    while not end.is_set():
        function(x)

callers = [threading.Thread(target=work, args=(f,)) for f in 4 * [fastact.mish, fastact.softmax]]
for caller in callers:
    caller.start()
gate.wait()
found = []
for _ in range(40):
    time.sleep(0.02)
    found.append(len(os.listdir("/proc/self/task")) - before)
end.set()
for caller in callers:
    caller.join()
print(sorted(found)[20], runtime.calls_under_way())
"""


@pytest.mark.timeout(60)
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts the threads of a process as Linux shows them")
def test_eight_callers_at_once_share_the_threads_that_one_may_use():
    threads, calls = map(int, output_of("-c", EIGHT_CALLERS).split())
    assert threads < 40  # with a team of eight each there would be 64
    assert calls == 0


@pytest.mark.timeout(60)
@pytest.mark.usefixtures("many_threads")
def test_a_thread_with_a_stack_of_256_kb_can_call_every_function():
    given = {(name, dtype): arguments(name, 20_000, dtype) for name in FUNCTIONS for dtype in "efd"}
    done = []

    def work():
        for (name, _), operands in given.items():
            getattr(fastact, name)(*operands)
            done.append(name)

    before = threading.stack_size(256 * 1024)
    try:
        caller = threading.Thread(target=work)
        caller.start()
        caller.join()
    finally:
        threading.stack_size(before)
    assert len(done) == len(given)


def threads_of_a_worker(_=None):
    """Return how many threads a call in this process or thread may use."""
    return fastact.get_num_threads()


@pytest.mark.timeout(60)
def test_processes_of_joblib_share_the_cores(monkeypatch):
    joblib = pytest.importorskip("joblib")
    monkeypatch.delenv("FASTACT_NUM_THREADS", raising=False)  # which counts more than what joblib sets
    cores = joblib.cpu_count()
    for workers in {2, cores}:
        with joblib.parallel_config(backend="loky", n_jobs=workers):
            found = joblib.Parallel()(joblib.delayed(threads_of_a_worker)(i) for i in range(2))
        assert max(found) <= max(1, cores // workers)
    joblib.externals.loky.get_reusable_executor().shutdown(wait=True)
    assert multiprocessing.active_children() == []


@pytest.mark.timeout(60)
@pytest.mark.usefixtures("many_threads")
@pytest.mark.parametrize("scheduler", ["threads", "sync"])
def test_results_of_dask_do_not_depend_on_its_workers(scheduler):
    da = pytest.importorskip("dask.array")
    x = np.random.default_rng(0).normal(size=(400, 500)).astype(np.float32)
    chunked = da.from_array(x, chunks=(50, 500))
    for function in (fastact.sigmoid, fastact.softmax, fastact.logsumexp):
        got = function(chunked).compute(scheduler=scheduler, num_workers=8)
        assert bits(got) == bits(function(x))
