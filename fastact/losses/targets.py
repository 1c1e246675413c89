"""What the losses with classes share: the checks of logits, targets and weights, and the reduction."""

import math

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from fastact import ufuncs
from fastact.losses.reductions import check_reduction, reduced, total
from fastact._core.axes import as_array, axis_number, beside, floating, integer, is_lazy, real_number


class Rows:
    """
    Checked arguments of a loss with classes.

    `scale` is what the gradient of each row is multiplied by, 0 where the row takes no part; `denominator` what the sum
    of the losses is divided by.
    """

    def __init__(self, logits, axis, target, weight, smoothing, scale, denominator, by_label):
        self.logits, self.axis, self.target, self.weight = logits, axis, target, weight
        self.smoothing, self.scale, self.denominator, self.by_label = smoothing, scale, denominator, by_label

    def call(self, name, outputs, plain=True):
        """Call the generalised ufunc of a loss; `outputs` has "n" for each result that is a row, "" for a value."""
        weight, axes = self.weight, [(self.axis,)]
        if plain and self.by_label and weight is None and self.smoothing == 0:
            operands = [self.logits, self.target, self.scale]
            axes += [(), ()]
        else:
            if weight is None:
                weight = np.broadcast_to(np.ones((), self.logits.dtype), self.logits.shape[self.axis])
            operands = [self.logits, self.target, weight, self.smoothing, self.scale]
            axes += [() if self.by_label else (self.axis,), (0,), (), ()]
            name += "_of_labels" if self.by_label else "_of_probabilities"
        if self.axis == self.logits.ndim - 1:  # the ufuncs' default
            return getattr(ufuncs, name)(*operands)
        axes += [(self.axis,) if output else () for output in outputs]
        return getattr(ufuncs, name)(*operands, axes=axes, out=self.results(outputs))

    def call_nll(self, name, outputs):
        """As `call`, for nll_loss, which has no smoothing and always weights."""
        weight = self.weight
        if weight is None:
            weight = np.broadcast_to(np.ones((), self.logits.dtype), self.logits.shape[self.axis])
        axes = [(self.axis,), (), (0,), (), *((self.axis,) if output else () for output in outputs)]
        operands = (self.logits, self.target, weight, self.scale)
        return getattr(ufuncs, name)(*operands, axes=axes, out=self.results(outputs))

    def results(self, outputs):
        """Rows that lie in memory as the logits do, see `fastact._core.axes.result_like`; None where the ufunc has to."""
        moved = self.axis < self.logits.ndim - 1 and type(self.logits) is np.ndarray
        return tuple(np.empty_like(self.logits) if output and moved else None for output in outputs)

    def reduce(self, losses, reduction):
        return reduced(losses, self.denominator, reduction)


def prepare(
    logits, target, axis, weight, ignore_index, reduction, label_smoothing=0.0, probabilities=True, name="logits"
):
    """Check the arguments of a loss with classes and return them as `Rows`; `name` is what the first is called."""
    check_reduction(reduction)
    smoothing = _checked_smoothing(label_smoothing)
    logits, target = _array(logits), _array(target)
    axis, ignore_index = axis_number(axis, logits.ndim), integer("ignore_index", ignore_index)
    if logits.ndim == 0:
        raise ValueError(f"{name} must have at least one axis, but is 0-dimensional")
    axis = normalize_axis_index(axis, logits.ndim)
    dtype = floating(name, logits.dtype)
    logits = logits.astype(dtype, copy=False)
    weight = _checked_weight(weight, logits.shape[axis], axis, dtype)
    by_label = _is_label(logits, target, axis, name, probabilities)
    if logits.shape[axis] == 0 and math.prod(_rows_of(logits, axis)) > 0:
        raise ValueError(f"{name} has no classes along axis {axis}")
    if by_label:
        target, taking_part = _checked_labels(logits, target, axis, ignore_index)
        scale, denominator = _scale_by_label(logits, target, weight, taking_part, reduction)
    else:
        if ignore_index >= 0:
            raise ValueError(
                f"ignore_index is for class labels; with probabilities it must be negative, not {ignore_index}"
            )
        with np.errstate(all="ignore"):
            target = beside(logits, target.astype(dtype, copy=False))
        denominator = math.prod(_rows_of(logits, axis)) if reduction == "mean" else 1
        scale = 1.0 / denominator if denominator else 0.0
    return Rows(logits, axis, target, weight, smoothing, scale, denominator, by_label)


def _array(x):
    """Return x as an array of dask or NumPy; an empty list is one of labels."""
    x = as_array(x) if not isinstance(x, list) or x else np.zeros(0, np.int64)
    return x if is_lazy(x) else np.asarray(x)


def _rows_of(logits, axis):
    return logits.shape[:axis] + logits.shape[axis + 1 :]


def _checked_smoothing(label_smoothing):
    smoothing = real_number("label_smoothing", label_smoothing)
    if not 0 <= smoothing <= 1:
        raise ValueError(f"label_smoothing must be from 0 to 1, not {label_smoothing}")
    return smoothing


def _checked_weight(weight, classes, axis, dtype):
    if weight is None:
        return None
    weight = _array(weight)
    if weight.dtype.kind not in "fiub":
        raise TypeError(f"weight must be of real numbers, not {weight.dtype}")
    if weight.shape != (classes,):
        raise ValueError(f"weight must have one number for each of the {classes} classes, not the shape {weight.shape}")
    with np.errstate(all="ignore"):
        return weight.astype(dtype)


def _is_label(logits, target, axis, name, probabilities):
    """Whether the targets are class labels, from their shape and dtype; probabilities are the other possibility."""
    rows = _rows_of(logits, axis)
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


def _checked_labels(logits, labels, axis, ignore_index):
    """Return labels with 0 in the place of those to be ignored, and which take part, or None for all."""
    classes = logits.shape[axis]
    if is_lazy(logits) or is_lazy(labels):
        # the labels are looked at when they are computed
        labels = beside(logits, labels, without=(axis,))
        taking_part = labels != ignore_index
        return (labels * taking_part).astype(np.int64 if labels.dtype.kind == "i" else np.uint64), taking_part
    if labels.size == 0:
        return labels.astype(np.int64), None
    # as unsigned numbers labels below 0 are those from the middle on: one look at most
    most = np.maximum.reduce(labels.view(labels.dtype.str.replace("i", "u")), axis=None)
    if most < min(classes, 1 << 8 * labels.itemsize - 1) and not 0 <= ignore_index <= most:
        return labels, None
    taking_part, least, most = None, labels.min(), labels.max()
    if least <= ignore_index <= most:
        taking_part = labels != ignore_index
        labels = np.where(taking_part, labels, labels.dtype.type(0))
        least, most = labels.min(), labels.max()
    if least < 0 or most >= classes:
        position = np.unravel_index(np.argmax((labels < 0) | (labels >= classes)), labels.shape)
        where = tuple(int(i) for i in position)
        raise IndexError(
            f"target {labels[position]} at position {where} is out of bounds for {classes} classes; "
            f"allowed are 0 to {classes - 1} and ignore_index={ignore_index}"
        )
    return labels, taking_part


def _scale_by_label(logits, labels, weight, taking_part, reduction):
    scale = 1.0 if taking_part is None else taking_part.astype(np.float64)
    if reduction != "mean":
        return scale, 1
    if weight is None:
        return _divided(scale, labels.size if taking_part is None else taking_part.sum(), is_lazy(labels))
    with np.errstate(all="ignore"):
        weights = labels.map_blocks(weight.__getitem__, dtype=weight.dtype) if is_lazy(labels) else weight[labels]
        weights = weights.astype(np.float64)
        denominator = total(weights if taking_part is None else weights * taking_part)
        return _divided(scale, denominator, is_lazy(labels))


def _divided(scale, denominator, lazy):
    """Return scale / denominator and the denominator; without rows or weights everything is 0, not NaN."""
    if lazy:
        return scale * (denominator != 0) / (denominator + (denominator == 0)), denominator
    return (scale / denominator if denominator != 0 else scale * 0), denominator
