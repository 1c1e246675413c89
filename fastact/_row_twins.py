"""The NumPy expressions for the row functions and losses: a part of `_twins`."""

import numpy as np

__all__ = [
    "cross_entropy",
    "cross_entropy_grad",
    "cross_entropy_value_and_grad",
    "log_softmax",
    "log_softmax_grad",
    "log_softmax_grad_from_output",
    "softmax",
    "softmax_grad",
    "softmax_grad_from_output",
]


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
