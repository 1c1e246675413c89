"""The reductions of the losses, and the calls of the elementwise ones."""

from typing import NamedTuple

import numpy as np

from fastact._core.axes import is_lazy
from fastact._core.sums import sum_over

REDUCTIONS = ("none", "mean", "sum")


def check_reduction(reduction, allowed=REDUCTIONS):
    """Raise ValueError unless the reduction is an allowed one."""
    if not isinstance(reduction, str) or reduction not in allowed:
        raise ValueError(f"reduction must be one of {allowed}, not {reduction!r}")


def reduced(losses, denominator, reduction):
    """Return the losses for "none", else their sum divided by the denominator, in the dtype of the losses."""
    if reduction == "none":
        return losses
    if type(denominator) in (int, float) and (value := sum_over(losses, denominator)) is not None:
        return value
    if not hasattr(losses, "__array_function__"):
        losses = np.asarray(losses)
    with np.errstate(all="ignore"):
        return divided(total(losses), denominator).astype(losses.dtype)


def total(values):
    """Return the sum in float64, added in index order, so that its bits do not depend on the memory layout."""
    if type(values) is np.ndarray:
        return np.add.reduce(values.ravel(), dtype=np.float64)
    return np.sum(values, dtype=np.float64)


def divided(value, denominator):
    """
    Return value / denominator, or 0 where the denominator is 0.

    Every mean, of losses or gradients, is divided here; without elements, rows or weights it is 0, not NaN.
    """
    if is_lazy(denominator):
        return value * (denominator != 0) / (denominator + (denominator == 0))
    return value / denominator if denominator != 0 else value * 0


class ElementwiseLoss(NamedTuple):
    """
    The ufuncs of an elementwise loss, and their calls with reduction.

    The denominator is the number of elements for the mean, 1 for the other reductions.
    """

    value: np.ufunc
    gradient: np.ufunc
    value_and_gradient: np.ufunc

    def reduced_value(self, operands, denominator, reduction):
        return reduced(self.value(*operands), denominator, reduction)

    def reduced_gradient(self, operands, denominator):
        """Return the gradient of the reduced loss."""
        return self.gradient(*operands, divided(1.0, denominator))

    def reduced_both(self, operands, denominator, reduction):
        """Return the reduced loss and its gradient, from one pass over ndarrays and from two over other objects."""
        if not isinstance(operands[0], np.ndarray):
            value = self.reduced_value(operands, denominator, reduction)
            return value, self.reduced_gradient(operands, denominator)
        losses, gradient = self.value_and_gradient(*operands, divided(1.0, denominator))
        return reduced(losses, denominator, reduction), gradient


def mean_denominator(x, reduction):
    """Return what the sum of the elementwise losses of x is divided by."""
    return x.size if reduction == "mean" else 1
