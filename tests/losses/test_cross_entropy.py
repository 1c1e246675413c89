"""cross_entropy: larger batches against the slow definition, confident rows against mpmath, known values, any axis."""

import mpmath
import numpy as np
import pytest

import fastact
from tests.support import slow_rows

pytestmark = pytest.mark.configuration

mp = mpmath.mp.clone()
mp.dps = 120

both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])
both_precisions = pytest.mark.parametrize("precision", ["exact", "fast"])


@both_dtypes
@pytest.mark.parametrize("shape", [(1, 2), (7, 10), (100, 65), (40, 1000), (5, 1)])
def test_value_and_gradient_agree_with_the_slow_definition(shape, dtype):
    rng = np.random.default_rng(0)
    logits = (4 * rng.normal(size=shape)).astype(dtype)
    target = rng.integers(0, shape[1], shape[0])
    tolerance = 1e-6 if dtype == np.float32 else 1e-12
    for reduction in ("none", "mean", "sum"):
        expected = slow_rows.cross_entropy(logits, target, reduction=reduction)
        for precision in ("exact", "fast"):
            with fastact.precision(precision):
                value, grad = fastact.cross_entropy_value_and_grad(logits, target, reduction=reduction)
                np.testing.assert_array_equal(fastact.cross_entropy(logits, target, reduction=reduction), value)
                np.testing.assert_array_equal(fastact.cross_entropy_grad(logits, target, reduction=reduction), grad)
            np.testing.assert_allclose(value, expected.value, rtol=tolerance, atol=1e-15)
            np.testing.assert_allclose(grad, expected.grad, rtol=20 * tolerance, atol=tolerance / 10)
            assert value.dtype == grad.dtype == dtype
            assert grad.shape == shape


@both_dtypes
@both_precisions
@pytest.mark.parametrize("lead", [0.0, 1.0, 20.0, 40.0, 80.0])
@pytest.mark.parametrize("label", [0, 1])
def test_confident_rows_keep_their_relative_accuracy(lead, label, dtype, precision):
    logits = np.array([lead, 0.0, -1.0], dtype)
    total = mp.fsum(mp.exp(float(v)) for v in logits)
    loss = mp.log(total) - float(logits[label])
    probabilities = [mp.exp(float(v)) / total for v in logits]
    gradient = [p - (i == label) for i, p in enumerate(probabilities)]
    with fastact.precision(precision):
        got, got_gradient = fastact.cross_entropy_value_and_grad(logits, label, reduction="none")
        alone, hessian = fastact.cross_entropy_grad_and_hess(logits, label)
    ulp = 4 * np.finfo(dtype).eps
    assert abs(mp.mpf(float(got)) / loss - 1) < ulp
    curvature = [p * (1 - p) for p in probabilities]
    for results, truth in ((got_gradient, gradient), (alone, gradient), (hessian, curvature)):
        for value, true in zip(results, truth, strict=True):
            assert abs(mp.mpf(float(value)) / true - 1) < ulp


def test_the_articles_three_rows_come_out_to_the_printed_digits():
    logits = [[2, -5, 0.5, -0.1], [0, 0, 1.9, 1.4], [-100, 100, -100, -100]]
    got = fastact.cross_entropy(np.array(logits), [0, 3, 1], reduction="none")
    # printed from a float32 computation: the first is one unit in the last place above the true 0.297507497
    np.testing.assert_allclose(got[:2], [0.29750752, 1.1448325], rtol=np.finfo(np.float32).eps)
    assert 0 < got[2] < 1e-80


@pytest.mark.parametrize("axis", [0, 1, 2, -2])
def test_classes_along_any_axis_have_the_bits_of_classes_along_the_last(axis):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4, 5, 6))
    moved = np.moveaxis(logits, axis, -1)
    target = rng.integers(0, moved.shape[-1], moved.shape[:-1])
    expected, expected_gradient = fastact.cross_entropy_value_and_grad(moved.copy(), target)
    value, gradient = fastact.cross_entropy_value_and_grad(logits, target, axis=axis)
    assert value == expected
    np.testing.assert_array_equal(np.moveaxis(gradient, axis, -1), expected_gradient)
