"""NumPy expressions for the elementwise functions, each with its gradients."""

import math

import numpy as np

# NumPy has no error function.
_erf = np.vectorize(math.erf, otypes=[float])


def relu(x):
    return np.maximum(x, 0)


def relu_grad(x, g):
    return g * (x > 0)


def relu_grad_from_output(y, g):
    return g * (y > 0)


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


def leaky_relu_grad_from_output(y, g):
    return np.where(y > 0, g, 0.01 * g)


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


def elu_grad_from_output(y, g):
    return g * np.where(y > 0, 1, y + 1)


def selu(x):
    return np.where(x > 0, 1.0507009873554805 * x, 1.7580993408473768 * np.expm1(np.minimum(x, 0)))


def selu_grad(x, g):
    return g * np.where(x > 0, 1.0507009873554805, 1.7580993408473768 * np.exp(np.minimum(x, 0)))


def selu_grad_from_output(y, g):
    return g * np.where(y > 0, 1.0507009873554805, y + 1.7580993408473768)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_grad(x, g):
    y = 1 / (1 + np.exp(-x))
    return g * y * (1 - y)


def sigmoid_grad_from_output(y, g):
    return g * y * (1 - y)


def tanh(x):
    return np.tanh(x)


def tanh_grad(x, g):
    return g * (1 - np.tanh(x) ** 2)


def tanh_grad_from_output(y, g):
    return g * (1 - y * y)


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


def log_sigmoid_grad_from_output(y, g):
    return -g * np.expm1(y)


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


def softplus_grad_from_output(y, g):
    return -g * np.expm1(-y)


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
