"""What is particular to relu."""

import numpy as np
import pytest

import fastact

pytestmark = pytest.mark.configuration


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_are_those_of_maximum_with_positive_zero(dtype):
    x = np.random.default_rng(0).normal(size=1000).astype(dtype)
    np.testing.assert_array_equal(fastact.relu(x), np.maximum(x, 0))
    assert not np.signbit(fastact.relu(dtype(-0.0)))


def test_gradient_is_zero_below_and_at_the_kink_whatever_g_is():
    x = np.array([-2.0, -0.0, 0.0])
    np.testing.assert_array_equal(fastact.relu_grad(x, np.inf), np.zeros(3))
    np.testing.assert_array_equal(fastact.relu_grad(x, np.nan), np.zeros(3))


def test_gradient_passes_g_above_the_kink():
    np.testing.assert_array_equal(fastact.relu_grad([5e-324, 1.0, np.inf], -3.0), [-3.0, -3.0, -3.0])
