"""
softmax, log_softmax, logsumexp and cross_entropy element by element against their true values, on hundreds of rows.

`python -m tools.row_accuracy` does the same with ten thousand rows, and longer ones.
"""

import mpmath
import numpy as np
import pytest

import fastact
from tests.support import true_rows

pytestmark = pytest.mark.configuration

mp = mpmath.mp.clone()
mp.dps = 60

LENGTHS = [1, 2, 3, 7, 10, 16, 31, 33, 64, 65, 100, 257, 1000, 2000]
every_case = pytest.mark.parametrize(("case", "dtype", "precision"), [(i, *c) for i, c in enumerate(true_rows.CASES)])


def assert_within_bounds(found, case):
    broken = {name: worst for name, worst in found.items() if worst.error > true_rows.BOUNDS[name][case]}
    assert not broken


@every_case
def test_every_element_of_rows_of_every_kind_is_within_its_bound(case, dtype, precision):
    rng = np.random.default_rng(0)
    with fastact.precision(precision):
        for n in LENGTHS:
            assert_within_bounds(true_rows.worst_errors(rng, 100, n, dtype), case)


@every_case
@pytest.mark.parametrize("kind", ["normal", "30 times that", "nearly equal"])
def test_every_element_of_a_long_row_is_within_its_bound(kind, case, dtype, precision):
    rng = np.random.default_rng(1)
    with fastact.precision(precision):
        found = true_rows.worst_errors(rng, 1, 100_003, dtype, first=true_rows.KINDS.index(kind))
    assert_within_bounds(found, case)


# in float64 only such that the division is exact
@pytest.mark.parametrize(
    ("case", "dtype", "precision", "temperature"),
    [(0, np.float32, "exact", t) for t in (0.75, 3.0)]
    + [(1, np.float32, "fast", t) for t in (0.01, 0.75, 3.0)]
    + [(2, np.float64, "exact", t) for t in (0.5, 4.0)],
)
def test_every_element_at_a_temperature_is_within_its_bound(case, dtype, precision, temperature):
    rng = np.random.default_rng(2)
    with fastact.precision(precision):
        for n in (2, 10, 100, 1000):
            assert_within_bounds(true_rows.worst_errors(rng, 40, n, dtype, temperature=temperature), case)


@pytest.mark.parametrize(
    ("dtype", "precision", "bound"), [(np.float32, "exact", 0.5001), (np.float32, "fast", 4), (np.float64, "exact", 2)]
)
def test_the_loss_of_a_confident_row_keeps_its_relative_accuracy(dtype, precision, bound):
    for lead in (1.0, 20.0, 40.0, 80.0):
        for others in (1, 5, 300):
            x = np.zeros((1, others + 1), dtype)
            x[0, 0] = lead
            true = mp.log1p(others * mp.exp(-mp.mpf(lead)))
            with fastact.precision(precision):
                loss = fastact.cross_entropy(x, [0], reduction="none")
            truth = true_rows.Truth(np.array([float(true)]), np.array([float(true - mp.mpf(float(true)))]))
            assert truth.errors(loss, dtype)[0] <= bound, (lead, others)


@pytest.mark.parametrize("temperature", [1.0, 0.75])
@pytest.mark.parametrize(
    ("dtype", "truths", "digits"),
    [(np.float32, true_rows.truth_in_float64, 13), (np.float64, true_rows.truth_in_pairs, 29)],
)
def test_the_truth_itself_agrees_with_mpmath(dtype, truths, digits, temperature):
    rng = np.random.default_rng(3)
    for n in (1, 2, 3, 17):
        x = true_rows.rows_of_every_kind(rng, 20, n, dtype)
        truth = truths(x, temperature)
        for i, row in enumerate(x):
            top = mp.mpf(float(max(row)))
            d = [(mp.mpf(float(v)) - top) / mp.mpf(temperature) for v in row]
            e = [mp.exp(v) for v in d]
            k = d.index(0)
            log_sum = mp.log1p(mp.fsum(e[:k] + e[k + 1 :]))
            assert abs(value(truth["logsumexp"], i) - (top + log_sum)) <= mp.mpf(10) ** -digits * (abs(top) + log_sum)
            for j in range(n):
                probability, logarithm = e[j] / mp.fsum(e), d[j] - log_sum
                if probability > mp.mpf(2) ** -1500:
                    assert mp.almosteq(value(truth["softmax"], (i, j)), probability, mp.mpf(10) ** -digits)
                if mp.isfinite(logarithm):
                    assert mp.almosteq(value(truth["log_softmax"], (i, j)), logarithm, mp.mpf(10) ** -digits)
                else:
                    assert truth["log_softmax"].high[i, j] == -np.inf


def value(truth, index):
    parts = [np.broadcast_to(v, truth.high.shape)[index] for v in (truth.high, truth.low, truth.exponent)]
    return mp.ldexp(mp.mpf(float(parts[0])) + mp.mpf(float(parts[1])), int(parts[2]))


def test_the_errors_are_in_units_in_the_last_place():
    truth = true_rows.Truth(np.array([1.5, 1.5, 2.0**-140, 0.0, -np.inf, 1.0, 1.0]), np.zeros(7))
    got = np.array([1.5, 1.5 + 2.0**-23, 2.0**-140 + 2.0**-149, 2.0**-149, -np.inf, np.nan, np.inf], np.float32)
    np.testing.assert_array_equal(truth.errors(got, np.float32), [0, 1, 1, 1, 0, np.inf, np.inf])
