"""Losses from logits: value, gradient, and both from one pass."""

import operator

import numpy as np

from fastact import ufuncs
from fastact._reduce import reduced

REDUCTIONS = ("none", "mean", "sum")


def cross_entropy(logits, target, *, axis=-1, ignore_index=-100, reduction="mean"):
    """
    Cross-entropy of logits with class labels: minus the logarithm of the softmax at the label.

    .. math:: \\ell = -\\log \\mathrm{softmax}(x)_y = (m - x_y) + \\log\\Bigl(1 + \\sum_{j \\ne k} e^{x_j - m}\\Bigr),
              \\qquad m = x_k = \\max x

    Parameters
    ----------
    logits : array_like
        Unnormalised scores with the classes along `axis`; 1-dimensional logits are one row. float16, float32 and
        float64 keep their dtype, integers are promoted.
    target : array_like of int
        Class labels from 0 to K - 1 for K classes, of any integer dtype; its shape is that of `logits` without `axis`.
    axis : int, default -1
        The axis of the classes. (torch's is always 1.)
    ignore_index : int, default -100
        Rows with this label take no part, whatever they hold.
    reduction : {"mean", "sum", "none"}, default "mean"
        ``"mean"`` divides the sum by the number of rows that are not ignored; with no such row the loss is 0.

    Returns
    -------
    scalar or ndarray
        The loss in the dtype of `logits`; for ``"none"`` one a row, of the shape of `target`, 0 for ignored rows. It
        is never negative; a confident right answer keeps its relative accuracy. NaN in a row gives NaN, and so does
        inf; a label whose logit is -inf gives inf.

    Raises
    ------
    ValueError
        If `reduction` is unknown, the shapes do not match, or there are rows but no classes.
    TypeError
        If `target` is not of integers, or `logits` is complex, longdouble, object or a masked array.
    IndexError
        If a label that is not ignored is out of range; the message has its position.

    See Also
    --------
    cross_entropy_grad : the gradient by the logits
    cross_entropy_value_and_grad : both from one pass
    log_softmax : the logarithms themselves

    References
    ----------
    Bridle, J. S. (1990). Probabilistic interpretation of feedforward classification network outputs.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> logits = np.array([[2.0, -5.0, 0.5, -0.1], [0.0, 0.0, 1.9, 1.4], [-100.0, 100.0, -100.0, -100.0]])
    >>> fastact.cross_entropy(logits, [0, 3, 1], reduction="none").round(6)
    array([0.297507, 1.144833, 0.      ])
    >>> fastact.cross_entropy(logits, [0, 3, 1]).round(6)
    np.float64(0.48078)
    """
    logits, labels, scale, count = _prepare(logits, target, axis, ignore_index, reduction)
    losses = ufuncs.cross_entropy(logits, labels, scale, axes=[(axis,), (), (), ()])
    return reduced(losses, count, reduction)


def cross_entropy_grad(logits, target, *, axis=-1, ignore_index=-100, reduction="mean"):
    """
    Gradient of `cross_entropy` by the logits.

    .. math:: \\frac{\\partial \\ell}{\\partial x_i} = \\mathrm{softmax}(x)_i - [i = y]

    Parameters
    ----------
    logits, target, axis, ignore_index
        As in `cross_entropy`.
    reduction : {"mean", "sum", "none"}, default "mean"
        The gradient is that of the reduced loss; for ``"none"`` of each row's own loss.

    Returns
    -------
    ndarray
        The gradient in the shape and dtype of `logits`, 0 in ignored rows. At the label it is minus the sum of the
        other probabilities, not a difference of two numbers near 1, so it keeps its relative accuracy.

    Raises
    ------
    ValueError, TypeError, IndexError
        As in `cross_entropy`.

    See Also
    --------
    cross_entropy : the loss
    cross_entropy_value_and_grad : both from one pass

    References
    ----------
    Bridle, J. S. (1990). Probabilistic interpretation of feedforward classification network outputs.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.cross_entropy_grad(np.array([[0.0, 0.0]]), [1])
    array([[ 0.5, -0.5]])
    """
    logits, labels, scale, _ = _prepare(logits, target, axis, ignore_index, reduction)
    return ufuncs.cross_entropy_grad(logits, labels, scale, axes=[(axis,), (), (), (axis,)])


def cross_entropy_value_and_grad(logits, target, *, axis=-1, ignore_index=-100, reduction="mean"):
    """
    The values of `cross_entropy` and `cross_entropy_grad` from one pass over the logits.

    .. math:: \\ell = -\\log \\mathrm{softmax}(x)_y, \\qquad
              \\frac{\\partial \\ell}{\\partial x_i} = \\mathrm{softmax}(x)_i - [i = y]

    Parameters
    ----------
    logits, target, axis, ignore_index, reduction
        As in `cross_entropy`.

    Returns
    -------
    value : scalar or ndarray
        What `cross_entropy` returns.
    gradient : ndarray
        What `cross_entropy_grad` returns.

    Raises
    ------
    ValueError, TypeError, IndexError
        As in `cross_entropy`.

    See Also
    --------
    cross_entropy : the loss
    cross_entropy_grad : the gradient

    References
    ----------
    Bridle, J. S. (1990). Probabilistic interpretation of feedforward classification network outputs.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> value, gradient = fastact.cross_entropy_value_and_grad(np.array([[0.0, 0.0]]), [1])
    >>> value, gradient
    (np.float64(0.6931471805599453), array([[ 0.5, -0.5]]))
    """
    logits, labels, scale, count = _prepare(logits, target, axis, ignore_index, reduction)
    losses, gradient = ufuncs.cross_entropy_value_and_grad(logits, labels, scale, axes=[(axis,), (), (), (), (axis,)])
    return reduced(losses, count, reduction), gradient


def _prepare(logits, target, axis, ignore_index, reduction):
    """Check the arguments; return logits, labels, the weight of each row in the gradient, and the rows that count."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"reduction must be one of {REDUCTIONS}, not {reduction!r}")
    if isinstance(logits, np.ma.MaskedArray) or isinstance(target, np.ma.MaskedArray):
        raise TypeError("masked arrays are not supported here: their masked entries would take part")
    axis, ignore_index = _integer("axis", axis), _integer("ignore_index", ignore_index)
    logits, labels = np.asarray(logits), np.asarray(target)
    if logits.ndim == 0:
        raise ValueError("logits must have at least one axis, but is 0-dimensional")
    axis = np.lib.array_utils.normalize_axis_index(axis, logits.ndim)
    rows = logits.shape[:axis] + logits.shape[axis + 1 :]
    classes = logits.shape[axis]
    if labels.dtype.kind not in "iu" and not (labels.size == 0 and isinstance(target, list)):
        raise TypeError(f"target must be of an integer dtype (class labels), not {labels.dtype}")
    if labels.shape != rows:
        hint = " (the default is -1; torch has the classes along axis 1)" if logits.ndim > 2 else ""
        raise ValueError(
            f"target must have the shape of logits without axis {axis}, {rows}, not {labels.shape}; "
            f"the classes are along axis {axis}{hint}"
        )
    if labels.size == 0:
        return logits, labels.astype(np.int64), 1.0, 0
    if classes == 0:
        raise ValueError(f"logits has no classes along axis {axis}")
    scale, count = 1.0, labels.size
    if labels.min() <= ignore_index <= labels.max():
        taking_part = labels != ignore_index
        count = int(np.count_nonzero(taking_part))
        labels, scale = np.where(taking_part, labels, labels.dtype.type(0)), taking_part.astype(np.float64)
    if labels.min() < 0 or labels.max() >= classes:
        position = np.unravel_index(np.argmax((labels < 0) | (labels >= classes)), labels.shape)
        where = tuple(int(i) for i in position)
        raise IndexError(
            f"target {labels[position]} at position {where} is out of bounds for {classes} classes; "
            f"allowed are 0 to {classes - 1} and ignore_index={ignore_index}"
        )
    if reduction == "mean":
        scale = scale / max(count, 1)
    return logits, labels, scale, count


def _integer(name, value):
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an int, not {value!r}") from None
