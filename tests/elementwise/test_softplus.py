"""What is particular to softplus: its parameter."""

import numpy as np
import pytest

import fastact

pytestmark = pytest.mark.configuration


def test_values_far_left_and_far_right():
    np.testing.assert_allclose(fastact.softplus(-50.0), np.exp(-50.0), rtol=1e-15)
    assert fastact.softplus(1e4) == 1e4
    assert fastact.softplus(np.float32(3e38)) == np.float32(3e38)


def test_gradient_is_the_sigmoid():
    x = np.random.default_rng(0).normal(size=1000)
    np.testing.assert_allclose(fastact.softplus_grad(x, 1.0), fastact.sigmoid(x), rtol=3e-16)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("precision", ["exact", "fast"])
def test_default_beta_gives_the_same_bits_however_it_is_passed(dtype, precision):
    x = np.random.default_rng(0).normal(size=3000).astype(dtype)
    with fastact.precision(precision):
        expected = fastact.softplus(x)
        for beta in (1.0, 1, np.ones_like(x), dtype(1)):
            np.testing.assert_array_equal(fastact.softplus(x, beta), expected)
            np.testing.assert_array_equal(fastact.softplus_grad(x, dtype(2), beta), fastact.softplus_grad(x, dtype(2)))
        np.testing.assert_array_equal(fastact.softplus(x, beta=1.0), expected)


def test_beta_broadcasts_against_x():
    x = np.arange(6.0).reshape(2, 3)
    beta = np.array([[0.5], [2.0]])
    np.testing.assert_allclose(fastact.softplus(x, beta), np.log1p(np.exp(beta * x)) / beta, rtol=1e-15)


@pytest.mark.parametrize("precision", ["exact", "fast"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_limits_for_negative_and_zero_beta(dtype, precision):
    x = np.array([-np.inf, 0, np.inf], dtype)
    with fastact.precision(precision):
        negative = fastact.softplus(x, dtype(-2))
        np.testing.assert_array_equal(negative, dtype([-np.inf, -np.log(2) / 2, 0]))
        assert np.signbit(negative[2])
        np.testing.assert_array_equal(fastact.softplus_grad(x, dtype(1), dtype(-2)), dtype([1, 0.5, 0]))
        np.testing.assert_array_equal(fastact.softplus(x, dtype(0)), dtype([np.inf] * 3))
        np.testing.assert_array_equal(fastact.softplus(x, dtype(-0.0)), dtype([-np.inf] * 3))
        np.testing.assert_array_equal(fastact.softplus_grad(x, dtype(1), dtype(0)), dtype([0.5] * 3))


@pytest.mark.parametrize("precision", ["exact", "fast"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_infinite_beta_gives_relu(dtype, precision):
    with fastact.precision(precision):
        np.testing.assert_array_equal(fastact.softplus(dtype([-2, 2]), dtype(np.inf)), dtype([0, 2]))


def test_a_python_float_beta_leaves_float32_alone():
    assert fastact.softplus(np.float32([1, 2]), 0.7).dtype == np.float32


def test_nan_beta_gives_nan():
    for dtype in (np.float32, np.float64):
        assert np.isnan(fastact.softplus(dtype(1), dtype(np.nan)))
        assert np.isnan(fastact.softplus_grad(dtype(1), dtype(1), dtype(np.nan)))
