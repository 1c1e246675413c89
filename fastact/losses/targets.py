"""The losses with classes: their arguments are checked into a `ClassLoss`, which calls the ufuncs and reduces."""

import math
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from fastact._core.axes import as_array, axis_number, floating, integer, is_lazy, real_number, rechunked_like
from fastact._core.sums import checked_labels
from fastact.losses.reductions import REDUCTIONS, check_reduction, divided, total

# What takes longer to compute than this many logits, or labels without logits, does so that checking the labels before
# costs less than calling twice may.
SMALL = 65_536
FLOATS = frozenset(map(np.dtype, (np.float16, np.float32, np.float64)))


class Variants(NamedTuple):
    """The generalised ufuncs of a loss or a gradient, by the form of the target; None where there is none."""

    labels: np.ufunc | None = None  # of logits, labels, scale
    weighted_labels: np.ufunc | None = None  # of logits, labels, weight, (smoothing,) scale
    probabilities: np.ufunc | None = None  # of logits, probabilities, weight, smoothing, scale


class ClassLoss(NamedTuple):
    """
    The checked arguments of a loss with classes.

    `target` are labels, 0 for those ignored, or probabilities, as `by_label` says. `smoothing` is None for a loss
    without it. `scale` is the factor of each row's gradient in that of the reduced loss, 0 for ignored rows.
    `denominator` is what the sum of the losses is divided by.
    """

    logits: object
    target: object
    by_label: bool
    axis: int
    weight: object
    smoothing: float | None
    scale: object
    denominator: object

    def call(self, variants):
        """Call the ufunc for this form of the target along the axis of the classes."""
        logits, axis = self.logits, self.axis
        if variants.labels is not None and self.by_label and self.weight is None and self.smoothing == 0:
            function, options, option_axes = variants.labels, (), ()
        else:
            function = variants.weighted_labels if self.by_label else variants.probabilities
            weight = self.weight
            if weight is None:
                weight = _no_weight(logits.shape[axis], logits.dtype)
            options = (weight,) if self.smoothing is None else (weight, self.smoothing)
            option_axes = ((0,), ())[: len(options)]
        operands = (logits, self.target, *options, self.scale)
        if axis == logits.ndim - 1:  # the ufuncs' default
            return function(*operands)
        rows = _outputs_with_rows(function)
        axes = [(axis,), () if self.by_label else (axis,), *option_axes, (), *((axis,) if row else () for row in rows)]
        # as in fastact._core.axes.result_like: rows with the memory layout of the logits
        out = tuple(np.empty_like(logits) if row and type(logits) is np.ndarray else None for row in rows)
        return function(*operands, axes=axes, out=out)


@lru_cache(4)
def _no_weight(classes, dtype):
    weight = np.ones(classes, dtype)
    weight.flags.writeable = False
    return weight


@cache
def _outputs_with_rows(function):
    """Return for each output of a generalised ufunc whether it has a core dimension."""
    return [core != "()" for core in function.signature.partition("->")[2].split(",")]


def evaluated(variants, logits, target, axis, weight, ignore_index, reduction, smoothing=None, **names):
    """
    Check the arguments of a loss with classes and call its ufunc; `names` are keywords of `checked_class_loss`.

    Returns what the sum of the losses is to be divided by, and the results of the ufunc.
    """
    if is_plain_class_loss(logits, target, axis, weight, ignore_index, reduction, smoothing):
        found = checked_labels(target, logits.shape[-1], ignore_index, weight, reduction == "mean")
        if found is not None:
            labels, scale, denominator = found
            if variants.labels is not None and weight is None and not smoothing:
                return denominator, variants.labels(logits, labels, scale)
            weight = _no_weight(logits.shape[-1], logits.dtype) if weight is None else weight
            options = () if smoothing is None else (smoothing,)
            return denominator, variants.weighted_labels(logits, labels, weight, *options, scale)
    loss = checked_class_loss(logits, target, axis, weight, ignore_index, reduction, smoothing, **names)
    return loss.denominator, loss.call(variants)


def is_plain_class_loss(logits, target, axis, weight, ignore_index, reduction, smoothing):
    """Return whether the arguments are a small ndarray, labels for its last axis, and options of the plainest types."""
    return (
        type(logits) is type(target) is np.ndarray
        and logits.dtype in FLOATS
        and target.dtype.kind in "iu"
        and (weight is None or _is_plain_weight(weight, logits))
        and (smoothing is None or (type(smoothing) is float and 0.0 <= smoothing <= 1.0))
        and type(axis) is type(ignore_index) is int
        and axis in (-1, logits.ndim - 1)
        and -(2**63) <= ignore_index < 2**63
        and type(reduction) is str
        and reduction in REDUCTIONS
        and logits.shape[:-1] == target.shape
        and logits.size > 0
        and (target if smoothing is None else logits).size <= SMALL
    )


def _is_plain_weight(weight, logits):
    return (
        type(weight) is np.ndarray
        and weight.dtype == logits.dtype != np.float16
        and weight.shape == logits.shape[-1:]
        and weight.flags.c_contiguous
    )


def checked_class_loss(
    logits, target, axis, weight, ignore_index, reduction, smoothing=None, probabilities=True, name="logits"
):
    """
    Check the arguments of a loss with classes and return them as a `ClassLoss`.

    `probabilities` says whether the target may hold these; `name` is the name of the logits in error messages.
    """
    check_reduction(reduction)
    smoothing = _checked_smoothing(smoothing)
    logits, target = _array(logits), _array(target)
    axis, ignore_index = axis_number(axis, logits.ndim), integer("ignore_index", ignore_index)
    if logits.ndim == 0:
        raise ValueError(f"{name} must have at least one axis, but is 0-dimensional")
    axis = normalize_axis_index(axis, logits.ndim)
    dtype = floating(name, logits.dtype)
    logits = logits.astype(dtype, copy=False)
    weight = _checked_weight(weight, logits.shape[axis], dtype)
    by_label = _is_label(logits, target, axis, name, probabilities)
    rows = math.prod(_shape_of_rows(logits, axis))
    if logits.shape[axis] == 0 and rows > 0:
        raise ValueError(f"{name} has no classes along axis {axis}")
    if by_label:
        target, kept = _checked_labels(logits, target, axis, ignore_index)
        scale, denominator = _scale_and_denominator(target, weight, kept, reduction)
    else:
        target = _checked_probabilities(logits, target, ignore_index)
        denominator = rows if reduction == "mean" else 1
        scale = divided(1.0, denominator)
    return ClassLoss(logits, target, by_label, axis, weight, smoothing, scale, denominator)


def _array(x):
    """Return x as a dask array or an ndarray; an empty list as one of labels."""
    x = as_array(x) if not isinstance(x, list) or x else np.zeros(0, np.int64)
    return x if is_lazy(x) else np.asarray(x)


def _shape_of_rows(logits, axis):
    return logits.shape[:axis] + logits.shape[axis + 1 :]


def _checked_smoothing(label_smoothing):
    if label_smoothing is None:
        return None
    smoothing = real_number("label_smoothing", label_smoothing)
    if not 0 <= smoothing <= 1:
        raise ValueError(f"label_smoothing must be from 0 to 1, not {label_smoothing}")
    return smoothing


def _checked_weight(weight, classes, dtype):
    if weight is None:
        return None
    if type(weight) is np.ndarray and weight.dtype == dtype and weight.shape == (classes,):
        return weight
    weight = _array(weight)
    if weight.dtype.kind not in "fiub":
        raise TypeError(f"weight must be of real numbers, not {weight.dtype}")
    if weight.shape != (classes,):
        raise ValueError(f"weight must have one number for each of the {classes} classes, not the shape {weight.shape}")
    with np.errstate(all="ignore"):
        return weight.astype(dtype)


def _is_label(logits, target, axis, name, probabilities):
    """Return whether the target holds class labels, not probabilities, by its shape and dtype."""
    rows = _shape_of_rows(logits, axis)
    if target.shape == rows:
        if target.dtype.kind not in "iu":
            raise TypeError(
                f"target must be of an integer dtype where it holds class labels, not {target.dtype}"
                + (f"; probabilities have the shape of {name}, {logits.shape}" if probabilities else "")
            )
        return True
    if probabilities and target.shape == logits.shape:
        if target.dtype.kind in "iub":
            raise ValueError(
                f"target has the shape of {name}, which is that of probabilities: these must be floats, "
                f"not {target.dtype}"
            )
        floating("target", target.dtype)
        return False
    hint = " (the default is -1; torch has the classes along axis 1)" if logits.ndim > 2 else ""
    raise ValueError(
        f"target must have the shape of {name} without axis {axis}, {rows}"
        + (f", or that of {name} if it holds probabilities" if probabilities else "")
        + f", not {target.shape}; the classes are along axis {axis}{hint}"
    )


def _checked_probabilities(logits, target, ignore_index):
    if ignore_index >= 0:
        raise ValueError(
            f"ignore_index is for class labels; with probabilities it must be negative, not {ignore_index}"
        )
    with np.errstate(all="ignore"):
        return rechunked_like(logits, target.astype(logits.dtype, copy=False))


def _checked_labels(logits, labels, axis, ignore_index):
    """Return the labels, those to be ignored replaced by 0, and a mask of the others, None if none is ignored."""
    classes = logits.shape[axis]
    if is_lazy(logits) or is_lazy(labels):
        # the ufunc checks the labels when they are computed
        labels = rechunked_like(logits, labels, without=(axis,))
        kept = labels != ignore_index
        return (labels * kept).astype(np.int64 if labels.dtype.kind == "i" else np.uint64), kept
    if labels.size == 0:
        return labels.astype(np.int64), None
    # of negative labels the largest unsigned number is beyond this too
    most = min(classes, 1 << 8 * labels.itemsize - 1) if labels.dtype.kind == "i" else classes
    if ignore_index < 0 and _largest_unsigned(labels) < most:
        return labels, None
    kept = labels != ignore_index
    labels = labels * kept
    if _largest_unsigned(labels) >= most:
        position = np.unravel_index(np.argmax((labels < 0) | (labels >= classes)), labels.shape)
        where = tuple(int(i) for i in position)
        raise IndexError(
            f"target {labels[position]} at position {where} is out of bounds for {classes} classes; "
            f"allowed are 0 to {classes - 1} and ignore_index={ignore_index}"
        )
    return labels, None if kept.all() else kept


def _largest_unsigned(labels):
    """Return the largest label as an unsigned number: negative ones are in the upper half of the range."""
    return np.maximum.reduce(labels.view(labels.dtype.str.replace("i", "u")), axis=None)


def _scale_and_denominator(labels, weight, kept, reduction):
    """Return the scale and denominator of a `ClassLoss` with labels; `kept` masks the rows not ignored, or is None."""
    scale = 1.0 if kept is None else kept.astype(np.float64)
    if reduction != "mean":
        return scale, 1
    if weight is None:
        denominator = labels.size if kept is None else kept.sum() if is_lazy(kept) else int(np.count_nonzero(kept))
        return divided(scale, denominator), denominator
    with np.errstate(all="ignore"):
        weights = labels.map_blocks(weight.__getitem__, dtype=weight.dtype) if is_lazy(labels) else weight[labels]
        weights = weights.astype(np.float64)
        denominator = total(weights if kept is None else weights * kept)
        # a Python float, because calls with NumPy's scalars take longer
        denominator = denominator if is_lazy(denominator) else float(denominator)
        return divided(scale, denominator), denominator
