"""The reductions that the losses share."""

import numpy as np

from fastact import ufuncs

REDUCTIONS = ("none", "mean", "sum")


def check_reduction(reduction, allowed=REDUCTIONS):
    if not isinstance(reduction, str) or reduction not in allowed:
        raise ValueError(f"reduction must be one of {allowed}, not {reduction!r}")


def reduced(losses, denominator, reduction):
    """Return the losses, their sum, or that over the denominator, added up in float64; 0 if that is 0."""
    if reduction == "none":
        return losses
    if not hasattr(losses, "__array_function__"):
        losses = np.asarray(losses)
    with np.errstate(all="ignore"):
        value = total(losses)
        if reduction == "mean":
            value = value * (denominator != 0) / (denominator + (denominator == 0))
        return value.astype(losses.dtype)


def total(values):
    """Return the sum in float64, added up in the order of the indices: that in memory would show in the last bits."""
    if type(values) is np.ndarray:
        return np.add.reduce(values.ravel(), dtype=np.float64)
    return np.sum(values, dtype=np.float64)


def gradient_scale(count, reduction):
    """Return the factor of each element's gradient in that of the reduced loss."""
    return 1 / max(count, 1) if reduction == "mean" else 1.0


def value_and_grad(name, operands, count, reduction, suffix=""):
    """Return the reduced loss and its gradient: of arrays in one pass, of other objects in two."""
    scale = gradient_scale(count, reduction)
    if isinstance(operands[0], np.ndarray):
        losses, gradient = getattr(ufuncs, f"{name}_value_and_grad{suffix}")(*operands, scale)
    else:
        losses = getattr(ufuncs, f"{name}{suffix}")(*operands)
        gradient = getattr(ufuncs, f"{name}_grad{suffix}")(*operands, scale)
    return reduced(losses, count, reduction), gradient
