"""TensorFlow's activations, by its names and defaults: what each is called here."""

import numpy as np
import pytest

import fastact

CASES = {
    # tf.nn.leaky_relu has 0.2 where PyTorch and fastact have 0.01
    "leaky_relu(alpha=0.2)": (lambda x: fastact.leaky_relu(x, 0.2), lambda x: np.maximum(x, 0.2 * x)),
    "relu6": (fastact.relu6, lambda x: np.clip(x, 0, 6)),
    "elu": (fastact.elu, lambda x: np.where(x > 0, x, np.exp(x) - 1)),
    "selu": (
        fastact.selu,
        lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * (np.exp(x) - 1)),
    ),
    "softplus": (fastact.softplus, lambda x: np.log(np.exp(x) + 1)),
    "softsign": (fastact.softsign, lambda x: x / (np.abs(x) + 1)),
    "silu(beta=1.0)": (fastact.silu, lambda x: x / (1 + np.exp(-x))),
    "silu(beta=1.7)": (lambda x: fastact.swish(x, 1.7), lambda x: x / (1 + np.exp(-1.7 * x))),
    # approximate=False is its default, and the only gelu that is called gelu here
    "gelu(approximate=True)": (
        lambda x: fastact.gelu_tanh(x),
        lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_function_of_tensorflow_is_this_one(name):
    own, definition = CASES[name]
    x = np.linspace(-6, 6, 1001)
    # the definitions as TensorFlow documents them round e^x - 1 and the like to the epsilon of 1
    np.testing.assert_allclose(own(x), definition(x), rtol=1e-15, atol=2e-15)
