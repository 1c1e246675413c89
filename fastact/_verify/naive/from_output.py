"""The NumPy expressions for gradients from saved outputs: a part of `naive`."""

import numpy as np

__all__ = [
    "elu_grad_from_output",
    "leaky_relu_grad_from_output",
    "log_sigmoid_grad_from_output",
    "relu_grad_from_output",
    "selu_grad_from_output",
    "sigmoid_grad_from_output",
    "softplus_grad_from_output",
    "tanh_grad_from_output",
]


def sigmoid_grad_from_output(y, g):
    return g * y * (1 - y)


def tanh_grad_from_output(y, g):
    return g * (1 - y * y)


def log_sigmoid_grad_from_output(y, g):
    return -g * np.expm1(y)


def relu_grad_from_output(y, g):
    return g * (y > 0)


def leaky_relu_grad_from_output(y, g):
    return np.where(y > 0, g, 0.01 * g)


def elu_grad_from_output(y, g):
    return g * np.where(y > 0, 1, y + 1)


def selu_grad_from_output(y, g):
    return g * np.where(y > 0, 1.0507009873554805, y + 1.7580993408473768)


def softplus_grad_from_output(y, g):
    return -g * np.expm1(-y)
