"""Processes started after a parallel call: the child is right, parallel again, and finished in seconds."""

import concurrent.futures
import contextlib
import multiprocessing
import os
import select
import threading
import time

import numpy as np
import pytest

import fastact
from tests.support.processes import output_of

N = 2_000_003  # enough work for sleeping threads to be woken

pytestmark = [
    pytest.mark.configuration,
    pytest.mark.xdist_group("threads"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
    # Python's own, and one of JAX where other tests have loaded it
    pytest.mark.filterwarnings("ignore:.*fork.*"),
    pytest.mark.timeout(60),
]


def compute(seed=0):
    """Return a number that depends on every element of a parallel call of each of the two drivers."""
    x = np.random.default_rng(seed).normal(size=N).astype(np.float32)
    rows = fastact.softmax(x[:2_000_000].reshape(-1, 500))
    return float(fastact.sigmoid(x).sum(dtype=np.float64)), float((rows * rows).sum(dtype=np.float64))


def run_in_fork(function, seconds=30):
    """Return the repr of what `function` returns in a forked child."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        with contextlib.suppress(BaseException):
            os.write(writing, repr(function()).encode())
            status = 0
        os._exit(status)
    os.close(writing)
    answer = os.read(reading, 1000).decode() if select.select([reading], [], [], seconds)[0] else "no answer"
    os.close(reading)
    if answer == "no answer":
        os.kill(child, 9)
    os.waitpid(child, 0)
    return answer


def test_a_fork_from_the_main_thread_is_right_and_so_are_parent_and_grandchild():
    expected = compute()
    assert run_in_fork(compute) == repr(expected)
    assert compute() == expected
    assert run_in_fork(lambda: run_in_fork(compute)) == repr(repr(expected))


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_pool_of_processes_works_after_a_parallel_call(method):
    expected = [compute(seed) for seed in range(4)]
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map_async(compute, range(4)).get(timeout=45) == expected


def test_an_executor_that_forks_works_while_another_thread_computes():
    expected, stop = compute(), threading.Event()

    def keep_computing():
        while not stop.is_set():
            compute()

    thread = threading.Thread(target=keep_computing)
    thread.start()
    try:
        for _ in range(4):
            assert run_in_fork(compute) == repr(expected)
        context = multiprocessing.get_context("fork")
        with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
            assert list(pool.map(compute, [0, 0, 0], timeout=45)) == [expected] * 3
    finally:
        stop.set()
        thread.join()


def test_a_fork_from_another_thread_works_while_the_pool_of_the_first_exists():
    expected, answers = compute(), []

    def fork_and_compute():
        compute()
        answers.append(run_in_fork(compute))

    thread = threading.Thread(target=fork_and_compute)
    thread.start()
    thread.join()
    assert answers == [repr(expected)]
    assert compute() == expected


def test_forks_from_several_threads_at_once_work():
    expected, answers = compute(), []
    threads = [threading.Thread(target=lambda: answers.append(run_in_fork(compute))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [repr(expected)] * 4


def test_a_child_keeps_the_settings_of_the_thread_that_forked():
    def settings():
        return fastact.get_num_threads(), fastact.get_precision()

    with fastact.num_threads(1), fastact.precision("fast"):
        assert run_in_fork(settings) == repr((1, "fast"))
    assert run_in_fork(settings) == repr(settings())


@pytest.mark.usefixtures("many_threads")
def test_a_child_is_parallel_again():
    def threads_after_calls():
        # a pause in which this thread shares no calls may not have ended
        for _ in range(100):
            compute()
            with contextlib.suppress(OSError):
                if fastact.get_num_threads() > 1 and len(os.listdir("/proc/self/task")) == 1:
                    time.sleep(0.01)
                    continue
            return True
        return False

    assert run_in_fork(threads_after_calls) == "True"


def test_a_thread_may_end_while_its_pool_of_threads_exists_and_a_fork_follow():
    expected = compute()
    for _ in range(3):
        thread = threading.Thread(target=compute)
        thread.start()
        thread.join()
        assert run_in_fork(compute) == repr(expected)


# scikit-learn sets it for all processes that are started after it was imported
@pytest.mark.parametrize("variables", [{}, {"KMP_INIT_AT_FORK": "FALSE"}], ids=["", "KMP_INIT_AT_FORK"])
def test_a_process_that_forks_and_the_child_too_end_by_themselves(variables):
    code = (
        "import os, sys, threading, fastact, numpy as np\n"
        "x = np.ones(2_000_000, np.float32)\n"
        "fastact.sigmoid(x)\n"
        "child = os.fork()\n"
        "fastact.sigmoid(x)\n"
        "if child: sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    start = time.monotonic()
    output_of("-c", code, timeout=50, **variables)
    assert time.monotonic() - start < 30
