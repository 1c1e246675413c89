"""cross_entropy and its gradient compared with JAX's, where JAX is installed."""

import numpy as np
import pytest

import fastact
from tests.support.jax_calls import jnp, nn, value_and_gradients
from tests.support.peers import CANCELS, assert_agree


def cross_entropy(logits, target, ignore_index, reduction):
    """Along axis 1; JAX itself has no such function."""
    kept = target != ignore_index
    log_probabilities = nn.log_softmax(logits, 1)
    chosen = jnp.take_along_axis(log_probabilities, jnp.expand_dims(jnp.where(kept, target, 0), 1), 1).squeeze(1)
    losses = jnp.where(kept, -chosen, 0)
    return {"none": losses, "sum": losses.sum(), "mean": losses.sum() / kept.sum()}[reduction].astype(logits.dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("ignore_index", [-100, 2, -1])
@pytest.mark.parametrize("shape", [(30, 7), (6, 7, 4, 5)])
def test_cross_entropy_with_ignored_labels_and_every_reduction(shape, ignore_index, reduction, dtype):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, shape).astype(dtype)
    target = rng.integers(0, 7, shape[:1] + shape[2:])
    target.ravel()[::5] = ignore_index
    g = np.ones(target.shape if reduction == "none" else (), dtype)
    value, (gradient,) = value_and_gradients(lambda v: cross_entropy(v, target, ignore_index, reduction), g, logits)
    options = {"axis": 1, "ignore_index": ignore_index, "reduction": reduction}
    own, own_gradient = fastact.cross_entropy_value_and_grad(logits, target, **options)
    assert_agree(own, value, CANCELS)
    assert_agree(own_gradient, gradient, CANCELS)
