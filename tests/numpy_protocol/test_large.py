"""
More than 2^31 elements in a call, and in a row: `FASTACT_LARGE_TESTS=1 pytest tests/numpy_protocol/test_large.py`.

Inputs repeat a pattern of prime length, so that an element read from or written to a place that is off by 2^31, 2^32 or
any number of blocks is seen. The arrays are float16, so that two of them are 8.6 GB.
"""

import os

import numpy as np
import pytest

import fastact

pytestmark = pytest.mark.skipif(
    not os.environ.get("FASTACT_LARGE_TESTS"), reason="needs 11 GB of memory and two minutes: FASTACT_LARGE_TESTS=1"
)

N = 2**31 + 5_000_011
PERIOD = 65_521
NUMBERS = np.random.default_rng(0).normal(0, 4, PERIOD).astype(np.float16)
# of logits: so far below zero that it takes all of them to make a sum
LOW = np.random.default_rng(0).choice(np.float16([-10, -10.5, -11.25]), PERIOD)
# in a row among them: at both ends and on both sides of 2^31
HIGH = {0: 10.5, 1_000_003: 9.0, 2**31 - 1: 11.0, 2**31: 8.0, 2**31 + 77: 10.0, N - 1: 9.5}


def whole_periods(x, pattern):
    """Yield views of an array of one dimension, a row for each time that it holds the pattern, and where they start."""
    end = len(x) // len(pattern) * len(pattern)
    step = 1000 * len(pattern)
    for start in range(0, end, step):
        yield start, x[start : min(start + step, end)].reshape(-1, len(pattern))
    yield end, x[None, end:]


def repeated(pattern, out):
    """Fill an array with a pattern, again and again."""
    for _, rows in whole_periods(out, pattern):
        rows[...] = pattern[: rows.shape[1]]
    return out


def differences(x, pattern):
    """Return the first places where an array is not the pattern, repeated; zeros of both signs are one."""
    places = []
    for start, rows in whole_periods(x, pattern):
        places += (np.flatnonzero(rows != pattern[: rows.shape[1]]) + start).tolist()
        if len(places) > 100:
            break
    return places


# ---- elementwise


@pytest.mark.parametrize("name", ["relu", "sigmoid", "gelu"])
def test_an_array_in_place(name):
    x = repeated(NUMBERS, np.empty(N, np.float16))
    function = getattr(fastact, name)
    assert function(x, out=x) is x
    assert differences(x, function(NUMBERS)) == []


def test_two_arrays_into_one_of_them():
    x, g = (repeated(NUMBERS[::step], np.empty(N, np.float16)) for step in (1, -1))
    fastact.silu_grad(x, g, out=g)
    assert differences(g, fastact.silu_grad(NUMBERS, NUMBERS[::-1])) == []
    assert differences(x, NUMBERS) == []


def test_every_second_element_from_back_to_front():
    memory = np.empty(2 * N, np.float16)
    memory[1::2] = 7
    x = repeated(NUMBERS, memory[-2::-2])
    fastact.tanh(x, out=x)
    assert differences(x, fastact.tanh(NUMBERS)) == []
    assert (memory[1::2] == 7).all()


def test_rows_that_do_not_join():
    memory = np.empty((2, N // 2 + 9), np.float16)
    memory[:, -8:] = 7
    x = memory[:, :-8]
    for row in x:
        repeated(NUMBERS, row)
    fastact.softplus(x, 0.5, out=x)
    for row in x:
        assert differences(row, fastact.softplus(NUMBERS, np.float32(0.5))) == []
    assert (memory[:, -8:] == 7).all()


# ---- rows


@pytest.fixture
def logits():
    x = repeated(LOW, np.empty(N, np.float16))
    x[list(HIGH)] = list(HIGH.values())
    return x


def log_of_sum():
    """The logarithm of the sum of e^x over the logits, counted."""
    times = N // PERIOD + (np.arange(PERIOD) < N % PERIOD)
    total = np.sum(times * np.exp(LOW.astype(np.float64)))
    low = np.array([LOW[place % PERIOD] for place in HIGH], np.float64)
    return np.log(total - np.exp(low).sum() + np.exp(list(HIGH.values())).sum())


@pytest.mark.parametrize("shape", [(N,), (1, N), (N, 1)])
def test_softmax_of_a_row(logits, shape):
    x = logits.reshape(shape)
    fastact.softmax(x, axis=0 if shape[-1] == 1 else -1, out=x)
    np.testing.assert_array_equal(logits[list(HIGH)], np.exp(list(HIGH.values()) - log_of_sum()).astype(np.float16))
    assert (np.exp(LOW - log_of_sum()) < 2.0**-25).all()
    assert differences(logits, np.zeros(PERIOD, np.float16)) == list(HIGH)


def test_log_softmax_of_a_row(logits):
    fastact.log_softmax(logits, out=logits)
    np.testing.assert_array_equal(logits[list(HIGH)], (list(HIGH.values()) - log_of_sum()).astype(np.float16))
    assert differences(logits, (LOW - log_of_sum()).astype(np.float16)) == list(HIGH)


def test_logsumexp_of_a_row(logits):
    assert fastact.logsumexp(logits) == np.float16(log_of_sum())


@pytest.mark.parametrize("label", [0, 2**31 - 1, N - 1])
def test_cross_entropy_of_a_row(logits, label):
    assert fastact.cross_entropy(logits[None], [label]) == np.float16(log_of_sum() - HIGH[label])


def test_cross_entropy_with_its_gradient_of_a_row(logits):
    label = 2**31
    loss, gradient = fastact.cross_entropy_value_and_grad(logits[None], [label])
    assert loss == np.float16(log_of_sum() - HIGH[label])
    expected = np.exp(list(HIGH.values()) - log_of_sum())
    expected[list(HIGH).index(label)] -= 1
    np.testing.assert_array_equal(gradient[0, list(HIGH)], expected.astype(np.float16))
    assert differences(gradient[0], np.zeros(PERIOD, np.float16)) == list(HIGH)


def test_many_short_rows():
    x = repeated(NUMBERS, np.empty(2 * (N // 2), np.float16)).reshape(-1, 2)
    fastact.softmax(x, out=x)
    # the period is odd: every second one begins with a pair's second number
    pairs = np.concatenate([NUMBERS, NUMBERS]).reshape(-1, 2)
    assert differences(x.reshape(-1), fastact.softmax(pairs).reshape(-1)) == []
