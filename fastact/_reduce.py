"""The reduction of losses to one number."""

import numpy as np

REDUCTIONS = ("none", "mean", "sum")


def reduced(losses, denominator, reduction):
    """Return the losses, their sum, or that over the denominator, added up in float64; 0 if that is 0."""
    if reduction == "none":
        return losses
    with np.errstate(over="ignore"):
        total = losses.sum(dtype=np.float64)
        if reduction == "mean":
            total = total * (denominator != 0) / (denominator + (denominator == 0))
        return total.astype(losses.dtype)
