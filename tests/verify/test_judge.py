"""The judge of float32 results against slow definitions, on values made by hand and at random."""

import numpy as np
import pytest
from fastact._verify.accuracy.judge import Judge

from fastact._verify import definitions
from fastact._verify.definitions import mp

pytestmark = pytest.mark.configuration

LARGEST = float(np.finfo(np.float32).max)
SMALLEST = 2.0**-149
TO_INFINITY = 2.0**128 - 2.0**103  # what rounds to infinity


def judged(y, r, keep_missed=True):
    """Return a judge that has seen the results y of the true values r at the inputs 1, 2, 3 ..."""
    y, r = np.float32(y), np.float64(r)
    judge = Judge(keep_missed)
    judge.add(np.arange(1, len(y) + 1, dtype=np.float32).view(np.uint32), y, r)
    return judge


def kept(sample):
    """Return all the inputs that a sample holds."""
    return np.concatenate([np.zeros(0, np.float32), *(inputs for _, inputs in sample.binades())])


@pytest.mark.parametrize(
    ("y", "r", "error"),
    [
        (1.0, 1.0, 0),
        (0.0, -0.0, 0),
        (1.0, 1 + 2.0**-25, 0.25),
        (1.0, 1 - 2.0**-25, 0.5),
        (1.0, 1 - 2.0**-26, 0.25),
        (1.0, 1 + 2.0**-23, 1),
        (-3.0, -3 - 2.0**-21, 2),
        (0.0, SMALLEST / 4, 0.25),
        (0.0, SMALLEST, 1),
        (2.0**-126, 2.0**-126 + SMALLEST, 1),
        (2 * SMALLEST, -3 * SMALLEST, 5),
        (np.inf, np.inf, 0),
        (-np.inf, -1e300, 0),
        (np.inf, 2.0**128, 0),
        (LARGEST, 2.0**128 - 2.0**102, 0.75),
        (np.inf, LARGEST, np.inf),
        (np.inf, 2.0**128 - 2.0**103 - 2.0**102, np.inf),
        (-np.inf, np.inf, np.inf),
        (LARGEST, np.inf, np.inf),
        (np.nan, np.nan, 0),
        (np.nan, 1.0, np.inf),
        (1.0, np.nan, np.inf),
    ],
)
def test_error_in_units_in_the_last_place(y, r, error):
    judge = judged([0, 0, y], [0, 0, r])
    if error == 0.5:
        assert (judge.near.count, judge.ties.count, judge.largest) == (0, 1, 0)
        assert kept(judge.ties) == [3]
    else:
        assert judge.near.count == 0
        assert judge.largest == error
        assert judge.at == 3 or (error == 0 and np.isnan(judge.at))


def test_random_results_agree_with_a_twin_in_mpmath():
    rng = np.random.default_rng(0)
    r = np.exp2(rng.uniform(-151, 128, 3000)) * rng.choice([-1, 1], 3000)
    y = r.astype(np.float32)
    steps = rng.integers(-6, 7, 3000)
    y = (y.view(np.int32) + steps).astype(np.int32).view(np.float32)
    y, r = y[np.isfinite(y)], r[np.isfinite(y)]
    errors = [float(definitions.ulps(a, mp.mpf(float(b)), np.float32)) for a, b in zip(y, r, strict=True)]
    judge = judged(y, r)
    counts = np.histogram(errors, [0, 0.5, 1, 2, 4, np.inf])[0]
    assert judge.histogram == list(counts)
    assert judge.largest == pytest.approx(max(errors), rel=1e-6)
    assert judge.at == 1 + np.argmax(errors)
    assert judge.missed.count == sum(counts[1:])
    np.testing.assert_array_equal(kept(judge.missed), 1 + np.flatnonzero(np.array(errors) > 0.5))
    big = np.abs(y.astype(float) - r) >= 2.0**-22
    assert judge.largest_beyond == pytest.approx(np.array(errors)[big].max(), rel=1e-6)


def test_ties_are_reported_separately():
    half = SMALLEST / 2
    judge = judged([0, SMALLEST, 2.0**-126, 0], [half, half, 2.0**-126 + half, half * (1 + 2.0**-20)])
    assert (judge.ties.count, judge.near.count, judge.missed.count) == (3, 0, 1)
    np.testing.assert_array_equal(kept(judge.ties), [1, 2, 3])


@pytest.mark.parametrize("side", [-1, 1])
def test_inputs_near_the_middle_of_two_floats_are_left_to_more_digits(side):
    middle = 1 + 2.0**-24
    near, decided = middle * (1 + side * 2.0**-50), middle * (1 + side * 2.0**-45)
    for y in (1.0, 1 + 2.0**-23):
        assert judged([y], [near]).near.count == 1
        assert judged([y], [decided]).near.count == 0
    assert judged([1.0], [decided]).missed.count == (side > 0)
    assert judged([LARGEST, np.inf], [TO_INFINITY, TO_INFINITY]).ties.count == 2


def test_small_absolute_errors_are_reported_separately():
    judge = judged([2.0**-30, 1.0], [2.0**-31, 1 + 2.0**-22])
    assert (judge.largest, judge.at) == (2.0**23, 1)
    assert (judge.largest_beyond, judge.at_beyond) == (2, 2)


def test_of_many_missed_inputs_an_even_sample_of_every_binade_is_kept():
    n = 100_000
    judge = judged(np.ones(n), np.full(n, 2.0))
    assert judge.missed.count == n
    binades = judge.missed.binades()
    assert [count for count, _ in binades] == [*(2**k for k in range(16)), n + 1 - 2**16]
    for k, (count, inputs) in enumerate(binades):
        assert min(count, 512) <= len(inputs) <= 1024
        assert inputs[0] == 2**k
        assert len(set(np.diff(inputs))) <= 1
    assert len(kept(judged(np.ones(n), np.full(n, 2.0), keep_missed=False).missed)) == 0


def test_different_lengths_are_refused():
    with pytest.raises(ValueError, match="differ in length"):
        Judge().add(np.zeros(3, np.uint32), np.zeros(3, np.float32), np.zeros(2))
