"""softmax and log_softmax and their gradients compared with JAX's, where JAX is installed."""

import numpy as np
import pytest

from tests.support import peers
from tests.support.jax_calls import nn, value_and_gradients


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("axis", [-1, 0, 1])
@pytest.mark.parametrize("spread", [1, 30])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_values_and_gradients_along_every_axis(name, spread, axis, dtype):
    peers.assert_along_axis_agrees(name, getattr(nn, name), value_and_gradients, axis, spread, dtype)
