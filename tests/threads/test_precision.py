"""The two precisions of float32: who sets them, for whom, and that they differ."""

import threading

import numpy as np
import pytest

import fastact
from tests.support.processes import output_of, run_python

pytestmark = pytest.mark.configuration


def test_the_process_starts_exact_and_set_precision_changes_it_everywhere():
    assert fastact.get_precision() == "exact"
    try:
        fastact.set_precision("fast")
        seen = []
        thread = threading.Thread(target=lambda: seen.append(fastact.get_precision()))
        thread.start()
        thread.join()
        assert seen == [fastact.get_precision()] == ["fast"]
    finally:
        fastact.set_precision("exact")


def test_the_context_manager_nests_and_restores_after_an_error():
    manager = fastact.precision("fast")
    with manager:
        with fastact.precision("exact"):
            assert fastact.get_precision() == "exact"
        with manager:
            assert fastact.get_precision() == "fast"
        assert fastact.get_precision() == "fast"
    with pytest.raises(KeyError), fastact.precision("fast"):
        raise KeyError
    assert fastact.get_precision() == "exact"


def test_one_manager_serves_several_threads_at_once():
    manager, inside, leave = fastact.precision("fast"), threading.Event(), threading.Event()

    def other():
        with fastact.precision("exact"), manager:
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with manager:
        thread.start()
        inside.wait(10)
    assert fastact.get_precision() == "exact"
    with manager:
        leave.set()
        thread.join()
        assert fastact.get_precision() == "fast"
    assert fastact.get_precision() == "exact"


@pytest.mark.parametrize("word", ["Exact", "", None, 1, "double"])
def test_an_unknown_word_is_a_value_error_that_names_it(word):
    for function in (fastact.set_precision, fastact.precision):
        with pytest.raises(ValueError, match="must be 'exact' or 'fast'"):
            function(word)


def test_precision_changes_float32_and_leaves_float64_alone():
    x = np.random.default_rng(0).normal(size=100_000)
    exact, exact64 = fastact.sigmoid(x.astype(np.float32)), fastact.sigmoid(x)
    with fastact.precision("fast"):
        fast, fast64 = fastact.sigmoid(x.astype(np.float32)), fastact.sigmoid(x)
    np.testing.assert_array_equal(exact64, fast64)
    np.testing.assert_allclose(fast, exact, rtol=3e-7)
    if fastact.show_config("dict")["instruction_set"] in ("avx2", "avx512"):
        assert (fast != exact).mean() > 0.01


@pytest.mark.parametrize(("word", "expected"), [("fast", "fast"), ("exact", "exact"), ("", "exact")])
def test_the_environment_sets_the_starting_precision(word, expected):
    code = "import fastact; print(fastact.get_precision())"
    assert output_of("-c", code, FASTACT_PRECISION=word).strip() == expected


def test_a_wrong_word_in_the_environment_is_an_error_that_names_the_variable():
    result = run_python("-c", "import fastact", FASTACT_PRECISION="quick")
    assert "FASTACT_PRECISION must be 'exact' or 'fast', not 'quick'" in result.stderr
