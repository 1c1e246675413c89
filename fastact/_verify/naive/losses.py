"""NumPy expressions for the losses, each with its gradient."""

import numpy as np

from fastact._verify.naive.others import LONG_ROWS, others
from fastact._verify.naive.rows import log_softmax, softmax


@others(
    torch="F.cross_entropy",
)
def cross_entropy(logits, target):
    return -log_softmax(logits)[np.arange(len(target)), target].mean()


def cross_entropy_grad(logits, target):
    gradient = softmax(logits)
    gradient[np.arange(len(target)), target] -= 1
    return gradient / len(target)


@others(
    slower_because=LONG_ROWS,
)
def cross_entropy_value_and_grad(logits, target):
    return cross_entropy(logits, target), cross_entropy_grad(logits, target)


def cross_entropy_grad_and_hess(logits, target):
    probabilities = softmax(logits)
    gradient = probabilities.copy()
    gradient[np.arange(len(target)), target] -= 1
    return gradient, probabilities * (1 - probabilities)


@others(
    torch="F.nll_loss",
)
def nll_loss(log_probs, target):
    return -log_probs[np.arange(len(target)), target].mean()


def nll_loss_grad(log_probs, target):
    gradient = np.zeros_like(log_probs)
    gradient[np.arange(len(target)), target] = -1 / len(target)
    return gradient


def nll_loss_value_and_grad(log_probs, target):
    return nll_loss(log_probs, target), nll_loss_grad(log_probs, target)


@others(
    torch="F.binary_cross_entropy_with_logits",
)
def binary_cross_entropy_with_logits(logits, binary):
    return np.mean(np.maximum(logits, 0) - logits * binary + np.log1p(np.exp(-np.abs(logits))))


def binary_cross_entropy_with_logits_grad(logits, binary):
    return (1 / (1 + np.exp(-logits)) - binary) / logits.size


def binary_cross_entropy_with_logits_value_and_grad(logits, binary):
    return binary_cross_entropy_with_logits(logits, binary), binary_cross_entropy_with_logits_grad(logits, binary)


def binary_cross_entropy_with_logits_grad_and_hess(logits, binary):
    p = 1 / (1 + np.exp(-logits))
    return p - binary, p * (1 - p)


@others(
    torch="F.binary_cross_entropy",
)
def binary_cross_entropy(probs, binary):
    return -np.mean(binary * np.log(probs) + (1 - binary) * np.log1p(-probs))


def binary_cross_entropy_grad(probs, binary):
    return (probs - binary) / (probs * (1 - probs)) / probs.size


def binary_cross_entropy_value_and_grad(probs, binary):
    return binary_cross_entropy(probs, binary), binary_cross_entropy_grad(probs, binary)


def sigmoid_focal_loss(logits, binary):
    p = 1 / (1 + np.exp(-logits))
    losses = np.maximum(logits, 0) - logits * binary + np.log1p(np.exp(-np.abs(logits)))
    wrong = p * (1 - binary) + (1 - p) * binary
    return (0.75 - 0.5 * binary) * wrong**2 * losses


def sigmoid_focal_loss_grad(logits, binary):
    p = 1 / (1 + np.exp(-logits))
    losses = np.maximum(logits, 0) - logits * binary + np.log1p(np.exp(-np.abs(logits)))
    wrong = p * (1 - binary) + (1 - p) * binary
    return (0.75 - 0.5 * binary) * wrong * (wrong * (p - binary) + 2 * (1 - 2 * binary) * p * (1 - p) * losses)


def sigmoid_focal_loss_value_and_grad(logits, binary):
    return sigmoid_focal_loss(logits, binary), sigmoid_focal_loss_grad(logits, binary)


@others(
    torch='lambda x, target: F.kl_div(x, target, reduction="sum")',
)
def kl_div(log_input, probs):
    return np.sum(probs * (np.log(probs) - log_input))


def kl_div_grad(log_input, probs):
    return -probs


def kl_div_value_and_grad(log_input, probs):
    return kl_div(log_input, probs), kl_div_grad(log_input, probs)
