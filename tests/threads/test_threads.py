"""How many threads a call takes: limits are obeyed, and show_config says what limits it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import threadpoolctl

import fastact
from tests.support.processes import output_of

pytestmark = pytest.mark.configuration


def test_limits_of_the_calling_thread_combine_to_the_smallest():
    openmp = fastact.show_config("dict")["openmp"] is not None
    before = fastact.get_num_threads()
    try:
        fastact.set_num_threads(4)
        assert fastact.get_num_threads() == (4 if openmp else 1)
        with fastact.num_threads(3):
            assert fastact.get_num_threads() == (3 if openmp else 1)
            with fastact.num_threads(5):
                assert fastact.get_num_threads() == (4 if openmp else 1)
            assert fastact.get_num_threads() == (3 if openmp else 1)
        with threadpoolctl.threadpool_limits(1):
            assert fastact.get_num_threads() == 1
        assert fastact.get_num_threads() == (4 if openmp else 1)
    finally:
        fastact.set_num_threads(before)


def test_context_managers_do_not_leak_into_other_threads():
    before = fastact.get_num_threads(), fastact.get_precision()
    with fastact.num_threads(1), fastact.precision("exact"), ThreadPoolExecutor(1) as pool:
        inside = pool.submit(lambda: (fastact.get_num_threads(), fastact.get_precision())).result()
    assert inside == before


def test_a_build_without_openmp_has_one_thread_and_says_why():
    if fastact.show_config("dict")["openmp"] is not None:
        pytest.skip("built with OpenMP")
    before = fastact.get_num_threads()
    fastact.set_num_threads(8)
    config = fastact.show_config("dict")
    fastact.set_num_threads(before)
    assert (before, config["threads"], config["threads_because"]) == (1, 1, "built without OpenMP")
    assert config["openmp_runtime"] is None


def test_show_config_gives_the_reason_that_holds():
    with fastact.num_threads(1):
        config = fastact.show_config("dict")
    assert config["threads"] == 1
    if config["openmp"] and fastact.get_num_threads() > 1:
        assert config["threads_because"] == "num_threads or threadpoolctl in this thread"


@pytest.mark.parametrize("n", [0, -1, 1025])
def test_a_number_of_threads_out_of_range_is_a_value_error(n):
    with pytest.raises(ValueError, match="from 1 to 1024"):
        fastact.set_num_threads(n)
    with pytest.raises(ValueError, match="from 1 to 1024"):
        fastact.num_threads(n)


def test_a_number_of_threads_that_is_no_integer_is_a_type_error():
    with pytest.raises(TypeError, match="must be an int"):
        fastact.set_num_threads(2.0)


AFTER_A_SUB_INTERPRETER = {
    "one thread": (
        "print(fastact.softmax(np.zeros((100, 50))).sum())\n"
        "print(fastact.ufuncs.cross_entropy(np.zeros((2, 3000)), 0, 1.0)[0])",
        [100, 8.006367567650246],
    ),
    "several threads": (
        "fastact.set_num_threads(4)\n"
        "x, rows, labels = np.zeros(2_000_000), np.zeros((4000, 500)), np.zeros(4000, int)\n"
        "print(fastact.relu(x).sum(), fastact.hardmax(rows).sum(), fastact.hardmax(x).sum())\n"
        "print(fastact.nll_loss(rows, labels))",
        [0, 4000, 1, 0],
    ),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("code", "expected"), AFTER_A_SUB_INTERPRETER.values(), ids=AFTER_A_SUB_INTERPRETER)
def test_the_interpreters_lock_is_released_and_taken_again_after_a_sub_interpreter(code, expected):
    interpreters = pytest.importorskip("_xxsubinterpreters")
    code = f"import numpy as np, {interpreters.__name__} as s, fastact\ns.destroy(s.create())\n{code}"
    assert [float(word) for word in output_of("-c", code).split()] == pytest.approx(expected)
