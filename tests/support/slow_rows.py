"""
Slow, obvious definitions of the row functions and of the losses with class labels, in float64.

A row function is written for one row and is given only the entries that are not masked out; `each_row` does the axes,
masks and temperatures of all of them.
"""

from dataclasses import dataclass

import numpy as np


def reduced_axes(axis, ndim):
    """The axes as a sorted tuple of numbers from 0 on."""
    if axis is None:
        return tuple(range(ndim))
    return tuple(sorted(a % ndim for a in (axis if isinstance(axis, tuple) else (axis,))))


def without_axes(shape, axis):
    axes = reduced_axes(axis, len(shape))
    return tuple(n for k, n in enumerate(shape) if k not in axes)


def to_rows(x, axis):
    """Bring the axes to the end as one, and all others to the front as one."""
    axes = reduced_axes(axis, x.ndim)
    rest = tuple(k for k in range(x.ndim) if k not in axes)
    count = int(np.prod([x.shape[k] for k in rest]))
    length = int(np.prod([x.shape[k] for k in axes]))
    return x.transpose(rest + axes).reshape(count, length)


def from_rows(rows, shape, axis):
    """The inverse of `to_rows`."""
    axes = reduced_axes(axis, len(shape))
    order = tuple(k for k in range(len(shape)) if k not in axes) + axes
    return rows.reshape([shape[k] for k in order]).transpose(np.argsort(order, kind="stable"))


def each_row(one_row, operands, axis=-1, where=None, temperature=1.0, masked=0.0):
    """
    Call `one_row` with the entries of every row that are not masked out and with the temperature of the row.

    The others, and all entries of a row that has none, become `masked`.
    """
    arrays = [np.asarray(a, float) for a in operands]
    shape = arrays[0].shape
    rows = [to_rows(a, axis) for a in arrays]
    unmasked = to_rows(np.broadcast_to(True if where is None else where, shape), axis)
    temperatures = np.broadcast_to(np.asarray(temperature, float), without_axes(shape, axis)).ravel()
    result = np.full(rows[0].shape, masked)
    for i, mask in enumerate(unmasked):
        if mask.any():
            result[i, mask] = one_row(*(row[i, mask] for row in rows), temperatures[i])
    return from_rows(result, shape, axis)


# ---- one row


def shifted(x, temperature):
    """(x - max x) / temperature, -inf staying -inf; all NaN with NaN or +inf or without a finite entry."""
    if not np.isfinite(x.max()):
        return np.full(len(x), np.nan)
    with np.errstate(invalid="ignore"):
        return np.where(np.isneginf(x), -np.inf, (x - x.max()) / temperature)


def softmax_row(x, temperature):
    e = np.exp(shifted(x, temperature))
    return e / e.sum()


def log_softmax_row(x, temperature):
    d = shifted(x, temperature)
    others = np.delete(d, np.argmax(d))
    return d - np.log1p(np.exp(others).sum())


def softmax_row_grad_from_output(y, g, temperature):
    return y * (g - (y * g).sum()) / temperature


def log_softmax_row_grad_from_output(y, g, temperature):
    return (g - np.exp(y) * g.sum()) / temperature


def logsumexp_row(x):
    top = x.max()
    if not np.isfinite(top):
        return top
    return top + np.log1p(np.exp(np.delete(x, np.argmax(x)) - top).sum())


def hardmax_row(x, temperature):
    if np.isnan(x).any():
        return np.full(len(x), np.nan)
    return (np.arange(len(x)) == np.argmax(x)).astype(float)


def sparsemax_row(x, temperature):
    if not np.isfinite(x.max()):
        return np.full(len(x), np.nan)
    x = x - x.max()
    threshold = -1.0
    for k, smallest in enumerate(np.sort(x)[::-1], start=1):
        # the threshold if exactly the k largest have a probability; right for the last k whose smallest is above it
        candidate = (np.sort(x)[::-1][:k].sum() - 1) / k
        if smallest > candidate:
            threshold = candidate
    return np.maximum(x - threshold, 0)


def sparsemax_row_grad_from_output(y, g, temperature):
    if np.isnan(y).any():
        return np.full(len(y), np.nan)
    support = y > 0
    return np.where(support, g - g[support].mean(), 0)


# ---- the row functions


def softmax(x, axis=-1, where=None, temperature=1.0):
    return each_row(softmax_row, [x], axis, where, temperature)


def softmax_grad_from_output(y, g, axis=-1, where=None, temperature=1.0):
    return each_row(softmax_row_grad_from_output, [y, g], axis, where, temperature)


def softmax_grad(x, g, axis=-1, where=None, temperature=1.0):
    return softmax_grad_from_output(softmax(x, axis, where, temperature), g, axis, where, temperature)


def log_softmax(x, axis=-1, where=None, temperature=1.0):
    return each_row(log_softmax_row, [x], axis, where, temperature, masked=-np.inf)


def log_softmax_grad_from_output(y, g, axis=-1, where=None, temperature=1.0):
    return each_row(log_softmax_row_grad_from_output, [y, g], axis, where, temperature)


def log_softmax_grad(x, g, axis=-1, where=None, temperature=1.0):
    return log_softmax_grad_from_output(log_softmax(x, axis, where, temperature), g, axis, where, temperature)


def softmin(x, axis=-1, where=None, temperature=1.0):
    return softmax(-np.asarray(x, float), axis, where, temperature)


def softmin_grad(x, g, axis=-1, where=None, temperature=1.0):
    return -softmax_grad(-np.asarray(x, float), g, axis, where, temperature)


def softmin_grad_from_output(y, g, axis=-1, where=None, temperature=1.0):
    return -softmax_grad_from_output(y, g, axis, where, temperature)


def hardmax(x, axis=-1, where=None):
    return each_row(hardmax_row, [x], axis, where)


def sparsemax(x, axis=-1):
    return each_row(sparsemax_row, [x], axis)


def sparsemax_grad_from_output(y, g, axis=-1):
    return each_row(sparsemax_row_grad_from_output, [y, g], axis)


def sparsemax_grad(x, g, axis=-1):
    return sparsemax_grad_from_output(sparsemax(x, axis), g, axis)


def logsumexp(x, axis=-1, keepdims=False, where=None):
    x = np.asarray(x, float)
    unmasked = to_rows(np.broadcast_to(True if where is None else where, x.shape), axis)
    rows = to_rows(x, axis)
    result = [logsumexp_row(row[mask]) if mask.any() else -np.inf for row, mask in zip(rows, unmasked, strict=True)]
    return np.reshape(result, kept_shape(x.shape, axis, keepdims))


def logsumexp_grad(x, g, axis=-1, keepdims=False, where=None):
    p = softmax(x, axis, where)
    return p * np.reshape(np.asarray(g, float), kept_shape(p.shape, axis, True))


def kept_shape(shape, axis, keepdims):
    """The shape of a reduction."""
    axes = reduced_axes(axis, len(shape))
    return tuple(1 if k in axes else n for k, n in enumerate(shape) if keepdims or k not in axes)


# ---- losses


@dataclass(frozen=True)
class Loss:
    """The reduced value and its gradient; each row's own gradient and second derivatives."""

    value: np.ndarray
    grad: np.ndarray
    row_grad: np.ndarray
    row_hess: np.ndarray


def reduce(losses, gradients, denominator, reduction):
    """The reduced loss and its gradient; a mean over nothing is 0."""
    if reduction == "none":
        return losses, gradients
    if reduction == "sum":
        return losses.sum(), gradients
    if denominator == 0:
        return 0.0, np.zeros_like(gradients)
    return losses.sum() / denominator, gradients / denominator


def cross_entropy(logits, target, *, axis=-1, weight=None, ignore_index=-100, label_smoothing=0.0, reduction="mean"):
    """Minus the sum over the classes of a coefficient times the logarithm of the probability."""
    logits, target = np.asarray(logits, float), np.asarray(target)
    rows = to_rows(logits, axis)
    count, classes = rows.shape
    weight = np.ones(classes) if weight is None else np.asarray(weight, float)
    indices = target.dtype.kind in "iu"
    target = target.ravel() if indices else to_rows(target.astype(float), axis)
    losses, denominator = np.zeros(count), 0.0 if indices else float(count)
    gradient, hessian = np.zeros(rows.shape), np.zeros(rows.shape)
    for i in range(count):
        if indices:
            label = int(target[i])
            if label == ignore_index:
                continue
            coefficient = label_smoothing / classes * weight
            coefficient[label] += (1 - label_smoothing) * weight[label]
            denominator += weight[label]
        else:
            coefficient = weight * ((1 - label_smoothing) * target[i] + label_smoothing / classes)
        log_p, p = log_softmax_row(rows[i], 1.0), softmax_row(rows[i], 1.0)
        # 0 times -inf is 0 here, but NaN stays NaN
        counted = (coefficient != 0) | np.isnan(log_p)
        losses[i] = -(coefficient[counted] * log_p[counted]).sum()
        gradient[i] = coefficient.sum() * p - coefficient
        hessian[i] = coefficient.sum() * p * (1 - p)
    losses = losses.reshape(without_axes(logits.shape, axis))
    gradient, hessian = (from_rows(a, logits.shape, axis) for a in (gradient, hessian))
    return Loss(*reduce(losses, gradient, denominator, reduction), gradient, hessian)


def nll_loss(log_probs, target, *, axis=-1, weight=None, ignore_index=-100, reduction="mean"):
    """Minus the weight times the logarithm at the label; returns the value and the gradient."""
    log_probs = np.asarray(log_probs, float)
    rows = to_rows(log_probs, axis)
    weight = np.ones(rows.shape[1]) if weight is None else np.asarray(weight, float)
    losses, gradient, denominator = np.zeros(len(rows)), np.zeros(rows.shape), 0.0
    for i, label in enumerate(map(int, np.asarray(target).ravel())):
        if label != ignore_index:
            denominator += weight[label]
            gradient[i, label] = -weight[label]
            if weight[label] != 0 or np.isnan(rows[i, label]):
                losses[i] = -weight[label] * rows[i, label]
    losses = losses.reshape(without_axes(log_probs.shape, axis))
    return reduce(losses, from_rows(gradient, log_probs.shape, axis), denominator, reduction)


# ---- central differences


def central_differences(function, x, g, step=1e-5):
    """The vector-Jacobian product of `g` with the derivative of `function` at `x`, entry by entry."""
    x = np.asarray(x, float)
    result = np.empty(x.shape)
    for position in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[position] += step
        down[position] -= step
        with np.errstate(invalid="ignore"):
            slope = (function(up) - function(down)) / (2 * step)
        # a masked entry of a logarithm stays -inf
        result[position] = np.where(np.isnan(slope), 0, slope * g).sum()
    return result
