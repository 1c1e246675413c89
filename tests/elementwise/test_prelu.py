"""prelu and pact: the gradient with respect to the parameter."""

import numpy as np
import pytest

import fastact

pytestmark = pytest.mark.configuration

X = np.array([-np.inf, -3.0, -0.0, 0.0, 2.0, 6.0, 9.0, np.inf])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_gradient_with_respect_to_the_weight_is_g_x_left_of_0_and_0_elsewhere(dtype):
    dweight = fastact.prelu_grad(X.astype(dtype), dtype(2), dtype(0.25))[1]
    np.testing.assert_array_equal(dweight, dtype([-np.inf, -6, 0, 0, 0, 0, 0, 0]))
    assert dweight.dtype == dtype
    assert np.isnan(fastact.prelu_grad(dtype(np.nan), dtype(2), dtype(0.25))).all()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_gradient_with_respect_to_the_bound_is_g_from_the_bound_on(dtype):
    dalpha = fastact.pact_grad(X.astype(dtype), dtype(2), dtype(6))[1]
    np.testing.assert_array_equal(dalpha, dtype([0, 0, 0, 0, 0, 2, 2, 2]))
    # max(x, 0) >= alpha everywhere
    np.testing.assert_array_equal(fastact.pact_grad(X.astype(dtype), dtype(2), dtype(-1))[1], np.full(8, 2))
    assert np.isnan(fastact.pact_grad(dtype(np.nan), dtype(2), dtype(6))).all()
    assert np.isnan(fastact.pact_grad(dtype(1), dtype(2), dtype(np.nan))).all()


def test_weights_per_channel_broadcast_and_sum_back():
    rng = np.random.default_rng(0)
    x, g, weight = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(2, 3, 4, 5)), rng.uniform(0, 1, 3)
    dx, dweight = fastact.prelu_grad(x, g, weight[:, None, None])
    assert dx.shape == dweight.shape == x.shape
    step = 1e-6
    for channel in range(3):
        up, down = weight.copy(), weight.copy()
        up[channel] += step
        down[channel] -= step
        difference = fastact.prelu(x, up[:, None, None]) - fastact.prelu(x, down[:, None, None])
        numeric = (g * difference).sum() / (2 * step)
        np.testing.assert_allclose(dweight[:, channel].sum(), numeric, rtol=1e-7)


def test_both_results_may_be_written_over_the_inputs():
    rng = np.random.default_rng(1)
    x, g = rng.normal(size=50_000), rng.normal(size=50_000)
    expected = fastact.prelu_grad(x, g, 0.25)
    fastact.prelu_grad(x, g, 0.25, out=(g, x))
    np.testing.assert_array_equal(g, expected[0])
    np.testing.assert_array_equal(x, expected[1])
