"""The same bits on any number of threads, for every ufunc and loss."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import fastact
from tests.support.places import operands
from tests.support.public_calls import ELEMENTWISE, KINDS, LOSSES, ROW_UFUNCS, UFUNCS, arguments, bits
from tests.support.row_cases import row_arguments

pytestmark = [pytest.mark.configuration, pytest.mark.usefixtures("many_threads")]


def assert_same_on_all_threads(call, repeat=1, threads=(2, 3, 7)):
    """Several calls one after the other, so that the threads of the later ones are awake."""
    with fastact.num_threads(1):
        expected = bits(call())
    for n in threads:
        with fastact.num_threads(n):
            for _ in range(repeat):
                assert bits(call()) == expected, n


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_number_of_threads_does_not_change_the_bits_of_an_elementwise_ufunc(name):
    function = UFUNCS[name]
    for dtype, precision in KINDS:
        # seven shares
        given = operands(function, 7 * 16384 + 11, dtype)
        with fastact.precision(precision):
            assert_same_on_all_threads(lambda given=given: function(*given), repeat=2)


@pytest.mark.parametrize("name", ROW_UFUNCS)
def test_the_number_of_threads_does_not_change_the_bits_of_a_row_ufunc(name):
    function = UFUNCS[name]
    for dtype, precision in KINDS:
        # one row and few long ones, in which threads share a row, and many short ones
        for shape in [(1, 140_001), (2, 60_000), (3000, 10), (300, 211)]:
            rows = np.random.default_rng(0).normal(0, 3, shape).astype(dtype)
            given = list(row_arguments(function, rows))
            with fastact.precision(precision):
                assert_same_on_all_threads(lambda given=given: function(*given))


@pytest.mark.parametrize("name", LOSSES)
def test_the_number_of_threads_does_not_change_the_bits_of_a_loss(name):
    function = getattr(fastact, name)
    for dtype, precision in KINDS:
        given = arguments(name, 100_000, dtype)
        with fastact.precision(precision):
            assert_same_on_all_threads(lambda given=given: function(*given), repeat=2)


def test_threads_woken_for_a_large_array_give_the_same_bits():
    x = np.random.default_rng(0).normal(size=2_000_003).astype(np.float32)
    rows, labels = x[:1_800_000].reshape(3600, 500), np.arange(3600) % 500
    for call in (
        lambda: fastact.sigmoid(x),
        lambda: fastact.softplus_grad(x, x, 0.7),
        lambda: fastact.softmax(rows),
        lambda: fastact.cross_entropy_value_and_grad(rows, labels),
    ):
        assert_same_on_all_threads(call, threads=(2, 3, 4, 7))


@pytest.mark.parametrize(("name", "shape"), [("identity", (32768,)), ("relu_grad", (32768,)), ("softmax", (2, 8192))])
def test_too_little_work_to_wake_sleeping_threads_for_has_the_same_bits(name, shape):
    given = arguments(name, np.prod(shape), np.float32)
    given = [x.reshape(shape) if isinstance(x, np.ndarray) else x for x in given]
    with fastact.num_threads(1):
        expected = bits(getattr(fastact, name)(*given))
    for _ in range(20):  # a thread's first call finds them asleep
        with ThreadPoolExecutor(1) as pool:
            assert bits(pool.submit(getattr(fastact, name), *given).result()) == expected
