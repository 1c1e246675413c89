"""The two precisions: who sets them, for whom, and that they differ."""

import threading

import numpy as np
import pytest

import fastact
from tests.support.processes import output_of, run_python

pytestmark = pytest.mark.configuration


def test_set_precision_changes_it_everywhere():
    before = fastact.get_precision()
    try:
        for word in ("exact", "fast"):
            fastact.set_precision(word)
            seen = []
            thread = threading.Thread(target=lambda seen=seen: seen.append(fastact.get_precision()))
            thread.start()
            thread.join()
            assert seen == [fastact.get_precision()] == [word]
    finally:
        fastact.set_precision(before)


def test_the_context_manager_nests_and_restores_after_an_error():
    before, manager = fastact.get_precision(), fastact.precision("fast")
    with manager:
        with fastact.precision("exact"):
            assert fastact.get_precision() == "exact"
        with manager:
            assert fastact.get_precision() == "fast"
        assert fastact.get_precision() == "fast"
    with pytest.raises(KeyError), fastact.precision("fast"):
        raise KeyError
    assert fastact.get_precision() == before


def test_one_manager_serves_several_threads_at_once():
    before = fastact.get_precision()
    manager, inside, leave = fastact.precision("fast"), threading.Event(), threading.Event()

    def other():
        with fastact.precision("exact"), manager:
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with manager:
        thread.start()
        inside.wait(10)
    assert fastact.get_precision() == before
    with manager:
        leave.set()
        thread.join()
        assert fastact.get_precision() == "fast"
    assert fastact.get_precision() == before


@pytest.mark.parametrize("word", ["Exact", "", None, 1, "double"])
def test_an_unknown_word_is_a_value_error_that_names_it(word):
    for function in (fastact.set_precision, fastact.precision):
        with pytest.raises(ValueError, match="must be 'exact' or 'fast'"):
            function(word)


@pytest.mark.parametrize("name", ["sigmoid", "softmax"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_changes_float32_and_float64(name, dtype):
    x = np.random.default_rng(0).normal(size=100_000).astype(dtype)
    with fastact.precision("exact"):
        exact = getattr(fastact, name)(x)
    with fastact.precision("fast"):
        fast = getattr(fastact, name)(x)
    np.testing.assert_allclose(fast, exact, rtol=4 * np.finfo(dtype).eps)
    if fastact.show_config("dict")["instruction_set"] in ("avx2", "avx512"):
        assert (fast != exact).mean() > 0.01


@pytest.mark.parametrize("name", ["sigmoid", "softmax"])
def test_precision_leaves_float16_alone(name):
    x = np.random.default_rng(0).normal(size=100_000).astype(np.float16)
    with fastact.precision("exact"):
        exact = getattr(fastact, name)(x)
    with fastact.precision("fast"):
        fast = getattr(fastact, name)(x)
    np.testing.assert_array_equal(fast, exact)


@pytest.mark.parametrize(("word", "expected"), [("fast", "fast"), ("exact", "exact"), ("", "fast")])
def test_the_environment_sets_the_starting_precision(word, expected):
    code = "import fastact; print(fastact.get_precision())"
    assert output_of("-c", code, FASTACT_PRECISION=word).strip() == expected


def test_a_wrong_word_in_the_environment_is_an_error_that_names_the_variable():
    result = run_python("-c", "import fastact", FASTACT_PRECISION="quick")
    assert "FASTACT_PRECISION must be 'exact' or 'fast', not 'quick'" in result.stderr
