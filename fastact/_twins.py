"""
The NumPy expression that people write for each public function, under its name and with its arguments.

The demonstration checks fastact against these and the benchmarks time it against them. They are the naive forms on
purpose; the tests have oracles of their own.
"""

import inspect
import math

import numpy as np


def relu(x):
    return np.maximum(x, 0)


def relu_grad(x, g):
    return g * (x > 0)


def identity(x):
    return np.array(x)


def identity_grad(x, g):
    return g * np.ones_like(x)


def relu6(x):
    return np.minimum(np.maximum(x, 0), 6)


def relu6_grad(x, g):
    return g * ((x > 0) & (x < 6))


def relu2(x):
    return np.maximum(x, 0) ** 2


def relu2_grad(x, g):
    return 2 * g * np.maximum(x, 0)


def leaky_relu(x):
    return np.where(x > 0, x, 0.01 * x)


def leaky_relu_grad(x, g):
    return np.where(x > 0, g, 0.01 * g)


def threshold(x, threshold=0.5, value=-1.0):
    return np.where(x > threshold, x, value)


def threshold_grad(x, g, threshold=0.5, value=-1.0):
    return np.where(x > threshold, g, 0)


def thresholded_relu(x):
    return np.where(x > 1, x, 0)


def thresholded_relu_grad(x, g):
    return np.where(x > 1, g, 0)


def step(x):
    return np.heaviside(x, 1)


def step_grad(x, g):
    return np.zeros_like(x * g)


def elu(x):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def elu_grad(x, g):
    return g * np.where(x > 0, 1, np.exp(np.minimum(x, 0)))


def selu(x):
    return np.where(x > 0, 1.0507009873554805 * x, 1.7580993408473768 * np.expm1(np.minimum(x, 0)))


def selu_grad(x, g):
    return g * np.where(x > 0, 1.0507009873554805, 1.7580993408473768 * np.exp(np.minimum(x, 0)))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_grad(x, g):
    y = 1 / (1 + np.exp(-x))
    return g * y * (1 - y)


def tanh(x):
    return np.tanh(x)


def tanh_grad(x, g):
    return g * (1 - np.tanh(x) ** 2)


def softsign(x):
    return x / (1 + np.abs(x))


def softsign_grad(x, g):
    return g / (1 + np.abs(x)) ** 2


def silu(x):
    return x / (1 + np.exp(-x))


def silu_grad(x, g):
    s = 1 / (1 + np.exp(-x))
    return g * s * (1 + x * (1 - s))


def swish(x):
    return silu(x)


def swish_grad(x, g):
    return silu_grad(x, g)


def gelu(x):
    return 0.5 * x * (1 + _erf(x / np.sqrt(2)))


def gelu_grad(x, g):
    return g * (0.5 * (1 + _erf(x / np.sqrt(2))) + x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi))


def log_sigmoid(x):
    return -np.logaddexp(0, -x)


def log_sigmoid_grad(x, g):
    return g / (1 + np.exp(x))


def hard_tanh(x):
    return np.clip(x, -1, 1)


def hard_tanh_grad(x, g):
    return g * (np.abs(x) < 1)


def hard_swish(x):
    return x * np.clip(x + 3, 0, 6) / 6


def hard_swish_grad(x, g):
    return g * np.where(x <= -3, 0, np.where(x >= 3, 1, (2 * x + 3) / 6))


def softshrink(x):
    return np.sign(x) * np.maximum(np.abs(x) - 0.5, 0)


def softshrink_grad(x, g):
    return g * (np.abs(x) > 0.5)


def hardshrink(x):
    return np.where(np.abs(x) > 0.5, x, 0)


def hardshrink_grad(x, g):
    return g * (np.abs(x) > 0.5)


def shrink(x):
    return np.where(np.abs(x) > 0.5, x, 0)


def shrink_grad(x, g):
    return g * (np.abs(x) > 0.5)


def softplus(x):
    return np.logaddexp(0, x)


def softplus_grad(x, g):
    return g / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_grad(x, g):
    return softmax_grad_from_output(softmax(x), g)


def softmax_grad_from_output(y, g):
    return y * (g - (y * g).sum(axis=-1, keepdims=True))


def log_softmax(x):
    shifted = x - x.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def log_softmax_grad(x, g):
    return g - softmax(x) * g.sum(axis=-1, keepdims=True)


def log_softmax_grad_from_output(y, g):
    return g - np.exp(y) * g.sum(axis=-1, keepdims=True)


def cross_entropy(logits, target):
    return -log_softmax(logits)[np.arange(len(target)), target].mean()


def cross_entropy_grad(logits, target):
    gradient = softmax(logits)
    gradient[np.arange(len(target)), target] -= 1
    return gradient / len(target)


def cross_entropy_value_and_grad(logits, target):
    return cross_entropy(logits, target), cross_entropy_grad(logits, target)


# NumPy has no error function of its own.
_erf = np.vectorize(math.erf, otypes=[float])

NAMES = [name for name, value in list(globals().items()) if inspect.isfunction(value)]


def arguments(name, size, dtype, seed=0):
    """Return arguments for the function `name`: arrays of `size` elements in all, rows of at most 1024 of them."""
    rng = np.random.default_rng(seed)
    classes = min(size, 1024)
    wanted = list(inspect.signature(globals()[name]).parameters)
    is_row = name.startswith(("softmax", "log_softmax", "cross_entropy"))
    shape = (size // classes, classes) if is_row else (size,)
    made = {
        "x": lambda: (3 * rng.standard_normal(shape)).astype(dtype),
        "g": lambda: rng.standard_normal(shape).astype(dtype),
        "threshold": lambda: 0.5,
        "value": lambda: -1.0,
        "target": lambda: rng.integers(0, classes, shape[0]),
    }
    made["logits"] = made["x"]
    forward = {"softmax_grad_from_output": softmax, "log_softmax_grad_from_output": log_softmax}.get(name)
    made["y"] = lambda: forward(made["x"]())
    return tuple(made[parameter]() for parameter in wanted)
