"""
The NumPy expression that people write for each public function, under its name and with its arguments.

The demonstration checks fastact against these and the benchmarks time it against them. They are the naive forms on
purpose; the tests have oracles of their own.
"""

import inspect
import math

import numpy as np

from fastact._verify.naive import rows
from fastact._verify.naive.from_output import *  # noqa: F403
from fastact._verify.naive.losses import *  # noqa: F403
from fastact._verify.naive.rows import *  # noqa: F403
from fastact._verify.naive.rows import log_softmax


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


def celu(x):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def celu_grad(x, g):
    return g * np.where(x > 0, 1, np.exp(np.minimum(x, 0)))


def prelu(x, weight=0.25):
    return np.where(x > 0, x, weight * x)


def prelu_grad(x, g, weight=0.25):
    return g * np.where(x > 0, 1, weight), g * np.minimum(x, 0)


def pact(x, alpha=2.0):
    return np.clip(x, 0, alpha)


def pact_grad(x, g, alpha=2.0):
    return g * ((x > 0) & (x < alpha)), g * (x >= alpha)


def tanhshrink(x):
    return x - np.tanh(x)


def tanhshrink_grad(x, g):
    return g * np.tanh(x) ** 2


def softcap(x, cap=2.0):
    return cap * np.tanh(x / cap)


def softcap_grad(x, g, cap=2.0):
    return g * (1 - np.tanh(x / cap) ** 2)


def squareplus(x):
    return (x + np.sqrt(x * x + 4)) / 2


def squareplus_grad(x, g):
    return g * (1 + x / np.sqrt(x * x + 4)) / 2


def sparse_plus(x):
    return np.where(x >= 1, x, np.maximum(x + 1, 0) ** 2 / 4)


def sparse_plus_grad(x, g):
    return g * np.clip((x + 1) / 2, 0, 1)


def sparse_sigmoid(x):
    return np.clip((x + 1) / 2, 0, 1)


def sparse_sigmoid_grad(x, g):
    return g * (np.abs(x) < 1) / 2


def hard_sigmoid(x):
    return np.clip(x / 6 + 0.5, 0, 1)


def hard_sigmoid_grad(x, g):
    return g * (np.abs(x) < 3) / 6


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def gelu_tanh_grad(x, g):
    t = np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))
    return g * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x**2))


def gelu_quick(x):
    return x / (1 + np.exp(-1.702 * x))


def gelu_quick_grad(x, g):
    s = 1 / (1 + np.exp(-1.702 * x))
    return g * s * (1 + 1.702 * x * (1 - s))


def mish(x):
    return x * np.tanh(np.log1p(np.exp(x)))


def mish_grad(x, g):
    t = np.tanh(np.log1p(np.exp(x)))
    return g * (t + x * (1 - t * t) / (1 + np.exp(-x)))


def swiglu(gate, up):
    return silu(gate) * up


def swiglu_grad(gate, up, g):
    return silu_grad(gate, g * up), g * silu(gate)


def geglu(gate, up):
    return gelu(gate) * up


def geglu_grad(gate, up, g):
    return gelu_grad(gate, g * up), g * gelu(gate)


def geglu_tanh(gate, up):
    return gelu_tanh(gate) * up


def geglu_tanh_grad(gate, up, g):
    return gelu_tanh_grad(gate, g * up), g * gelu_tanh(gate)


def reglu(gate, up):
    return np.maximum(gate, 0) * up


def reglu_grad(gate, up, g):
    return g * up * (gate > 0), g * np.maximum(gate, 0)


def glu(x):
    a, b = np.split(x, 2, axis=-1)
    return a * sigmoid(b)


def glu_grad(x, g):
    a, b = np.split(x, 2, axis=-1)
    return np.concatenate([g * sigmoid(b), sigmoid_grad(b, g * a)], axis=-1)


# NumPy has no error function of its own.
_erf = np.vectorize(math.erf, otypes=[float])

NAMES = [name for name, value in list(globals().items()) if inspect.isfunction(value)]


def parameters(name):
    """Return the parameters of the function `name`, and their defaults."""
    return inspect.signature(globals()[name]).parameters


def arguments(name, size, dtype, seed=0):
    """Return arguments for the function `name`: arrays of `size` elements in all, rows of at most 1024 of them."""
    rng = np.random.default_rng(seed)
    classes = min(size, 1024)
    is_row = name in rows.__all__
    shape = (size // classes, classes) if is_row else (size // 2 * 2 if name.startswith("glu") else size,)
    fewer = {"glu_grad": size // 2, "logsumexp_grad": shape[0]}
    made = {
        "x": lambda: (3 * rng.standard_normal(shape)).astype(dtype),
        "g": lambda: rng.standard_normal(fewer.get(name, shape)).astype(dtype),
        "target": lambda: rng.integers(0, classes, shape[0]),
        "binary": lambda: rng.integers(0, 2, shape).astype(dtype),
        "probs": lambda: rng.uniform(0.01, 0.99, shape).astype(dtype),
    }
    made["log_probs"] = lambda: log_softmax(made["x"]())
    made["logits"] = made["gate"] = made["log_input"] = made["x"]
    made["up"] = made["g"]
    made["y"] = lambda: globals()[name.removesuffix("_grad_from_output")](made["x"]())
    return tuple(made[key]() if key in made else parameter.default for key, parameter in parameters(name).items())
