"""Logits with labels or probabilities, and options of cross_entropy and nll_loss."""

import itertools

import numpy as np

from tests.support import slow_rows
from tests.support.row_cases import numbers

CLASSES = 5
REDUCTIONS = ["none", "mean", "sum"]
WEIGHT = np.array([0.5, 1.0, 0.0, 1.75, 0.25])


def labels_of(shape, axis, ignore_index=None):
    """Random labels; a third of them ignored if there are several."""
    rng = np.random.default_rng(2)
    labels = rng.integers(0, CLASSES, slow_rows.without_axes(shape, axis))
    if ignore_index is not None and labels.size > 1:
        labels.flat[::3] = ignore_index
    return labels


def probabilities_of(shape, axis):
    """Rows that do not sum to 1, with zeros."""
    return np.abs(numbers(3, shape, 0.3)).round(2).astype(np.float16).astype(float)


def options(indices):
    """Every combination of weight, ignore_index, label_smoothing and reduction."""
    for weight, ignore_index, smoothing, reduction in itertools.product(
        (None, WEIGHT), (-100, -1, 2), (0.0, 0.1, 1.0), REDUCTIONS
    ):
        if indices or ignore_index < 0:
            yield {
                "weight": weight,
                "ignore_index": ignore_index,
                "label_smoothing": smoothing,
                "reduction": reduction,
            }
