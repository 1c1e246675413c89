"""When a thread shares its calls: pieces cover all elements, and sharing that does not pay stops for a while."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import fastact
from fastact._core import runtime

pytestmark = [
    pytest.mark.configuration,
    pytest.mark.skipif(fastact.show_config("dict")["openmp"] is None, reason="built without OpenMP"),
]

WORK = 100_000
LONG = 1.0  # seconds


@pytest.fixture
def fresh(many_threads):
    """Call functions in a new thread: what sharing has gained is counted for each thread."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda function, *arguments: pool.submit(function, *arguments).result()


def test_calls_are_shared_until_waiting_has_cost_more_than_sharing_has_gained(fresh):
    assert fresh(runtime.shares, WORK)
    assert fresh(runtime.share_call, 1e-4, 0.0, 0.5, WORK) == 0
    assert fresh(runtime.shares, WORK)
    assert fresh(runtime.share_call, 1e-4, LONG, 0.5, WORK) > 0
    assert not fresh(runtime.shares, WORK)


def test_what_sharing_has_gained_pays_for_one_long_wait(fresh):
    for _ in range(100):
        fresh(runtime.share_call, 1e-4, 0.0, 0.5, WORK)
    assert fresh(runtime.share_call, 1e-4, 3e-3, 0.5, WORK) == 0
    assert fresh(runtime.share_call, 1e-4, 3e-3, 0.5, WORK) > 0


def test_much_larger_calls_are_shared_during_the_pause(fresh):
    fresh(runtime.share_call, 1e-4, LONG, 0.5, WORK)
    assert not fresh(runtime.shares, 8 * WORK)
    assert fresh(runtime.shares, 8 * WORK + 1)


def test_pauses_are_longer_each_time_up_to_a_limit_and_a_call_that_pays_resets_them(fresh):
    pauses = [fresh(runtime.share_call, 1e-5, 2e-5, 0.5, WORK) for _ in range(20)]
    assert pauses[0] == pytest.approx(max(30 * 1e-5, 16 * 2e-5))
    assert pauses[1] == pytest.approx(2 * pauses[0])
    assert pauses == sorted(pauses)
    assert pauses[-1] == pytest.approx(0.2)
    assert fresh(runtime.share_call, 1e-5, 0.0, 0.5, WORK) == 0
    assert fresh(runtime.shares, WORK)


def test_a_pause_ends(fresh):
    pause = fresh(runtime.share_call, 1e-6, 2e-6, 0.5, WORK)
    assert 0 < pause < 1e-3
    fresh(np.linalg.svd, np.eye(200))  # takes longer
    assert fresh(runtime.shares, WORK)


def test_other_threads_go_on_sharing(fresh):
    fresh(runtime.share_call, 1e-4, LONG, 0.5, WORK)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(runtime.shares, WORK).result()


@pytest.mark.parametrize("threads", [2, 3, 7, 8])
@pytest.mark.parametrize("size", [32_768, 65_537, 131_071, 300_001])
def test_pieces_cover_all_elements_once(threads, size):
    x = np.arange(size, dtype=np.float32) - size // 2
    with fastact.num_threads(1):
        expected = fastact.sigmoid(x)
    before = fastact.get_num_threads()
    fastact.set_num_threads(threads)
    try:
        for _ in range(20):
            out = np.full_like(x, np.nan)
            np.testing.assert_array_equal(fastact.sigmoid(x, out=out), expected)
    finally:
        fastact.set_num_threads(before)


@pytest.mark.parametrize("threads", [2, 3, 7])
@pytest.mark.parametrize("shape", [(4001, 10), (1000, 64), (513, 300), (33, 5000)])
def test_pieces_cover_all_rows_once(threads, shape):
    x = np.random.default_rng(0).normal(size=shape)
    with fastact.num_threads(1):
        expected = fastact.softmax(x)
    before = fastact.get_num_threads()
    fastact.set_num_threads(threads)
    try:
        for _ in range(10):
            out = np.full_like(x, np.nan)
            np.testing.assert_array_equal(fastact.softmax(x, out=out), expected)
    finally:
        fastact.set_num_threads(before)


def test_of_several_labels_out_of_range_the_first_is_reported(many_threads):
    x, labels = np.zeros((20_000, 10), np.float32), np.zeros(20_000, int)
    labels[[700, 1500, 19_999]] = 11, 12, 13
    for _ in range(20):
        with pytest.raises(IndexError, match="target 11 "):
            fastact.ufuncs.cross_entropy(x, labels, 1.0)
