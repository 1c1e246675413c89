"""JAX called with NumPy arrays; where it is not installed, a test file that imports this is skipped."""

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="JAX is not installed")
jnp, nn = jax.numpy, jax.nn


def value_and_gradients(function, g, *operands):
    """Call a function of JAX's arrays with NumPy's, in float64 too; return its value and the gradient for each."""
    with jax.enable_x64(True):
        value, product = jax.vjp(function, *map(jnp.asarray, operands))
        return np.asarray(value), [np.asarray(gradient) for gradient in product(jnp.asarray(g))]
