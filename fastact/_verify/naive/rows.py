"""The NumPy expressions for the row functions and losses: a part of `naive`."""

import numpy as np

__all__ = [
    "cross_entropy",
    "cross_entropy_grad",
    "cross_entropy_grad_and_hess",
    "cross_entropy_value_and_grad",
    "hardmax",
    "log_softmax",
    "log_softmax_grad",
    "log_softmax_grad_from_output",
    "logsumexp",
    "logsumexp_grad",
    "nll_loss",
    "nll_loss_grad",
    "nll_loss_value_and_grad",
    "softmax",
    "softmax_grad",
    "softmax_grad_from_output",
    "softmin",
    "softmin_grad",
    "softmin_grad_from_output",
    "sparsemax",
    "sparsemax_grad",
    "sparsemax_grad_from_output",
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


def cross_entropy_grad_and_hess(logits, target):
    probabilities = softmax(logits)
    gradient = probabilities.copy()
    gradient[np.arange(len(target)), target] -= 1
    return gradient, probabilities * (1 - probabilities)


def nll_loss(log_probs, target):
    return -log_probs[np.arange(len(target)), target].mean()


def nll_loss_grad(log_probs, target):
    gradient = np.zeros_like(log_probs)
    gradient[np.arange(len(target)), target] = -1 / len(target)
    return gradient


def nll_loss_value_and_grad(log_probs, target):
    return nll_loss(log_probs, target), nll_loss_grad(log_probs, target)


def softmin(x):
    return softmax(-x)


def softmin_grad(x, g):
    return -softmax_grad(-x, g)


def softmin_grad_from_output(y, g):
    return -softmax_grad_from_output(y, g)


def logsumexp(x):
    m = x.max(axis=-1)
    return m + np.log(np.exp(x - m[..., None]).sum(axis=-1))


def logsumexp_grad(x, g):
    return softmax(x) * g[..., None]


def hardmax(x):
    return np.eye(x.shape[-1], dtype=x.dtype)[x.argmax(axis=-1)]


def sparsemax(x):
    descending = np.sort(x, axis=-1)[..., ::-1]
    excess = descending.cumsum(axis=-1) - 1
    positions = np.arange(1, x.shape[-1] + 1)
    size = (positions * descending > excess).sum(axis=-1, keepdims=True)
    return np.maximum(x - np.take_along_axis(excess, size - 1, axis=-1) / size, 0)


def sparsemax_grad(x, g):
    return sparsemax_grad_from_output(sparsemax(x), g)


def sparsemax_grad_from_output(y, g):
    support = y > 0
    mean = (g * support).sum(axis=-1, keepdims=True) / support.sum(axis=-1, keepdims=True)
    return np.where(support, g - mean, 0)
