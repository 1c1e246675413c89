"""NumPy expressions for the gated units, each with its gradients."""

import numpy as np

from fastact._verify.naive.activations import (
    gelu,
    gelu_grad,
    gelu_tanh,
    gelu_tanh_grad,
    sigmoid,
    sigmoid_grad,
    silu,
    silu_grad,
)


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
