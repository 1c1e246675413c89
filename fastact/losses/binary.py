"""Binary cross-entropy from logits and from probabilities: value, gradient, both from one pass, and the diagonal."""

from fastact import ufuncs
from fastact.losses.operands import checked_input_and_target, checked_weight
from fastact.losses.reductions import ElementwiseLoss, check_reduction, mean_denominator

_FROM_LOGITS = ElementwiseLoss(
    ufuncs.binary_cross_entropy_with_logits,
    ufuncs.binary_cross_entropy_with_logits_grad,
    ufuncs.binary_cross_entropy_with_logits_value_and_grad,
)
_FROM_PROBABILITIES = ElementwiseLoss(
    ufuncs.binary_cross_entropy,
    ufuncs.binary_cross_entropy_grad,
    ufuncs.binary_cross_entropy_value_and_grad,
)


def binary_cross_entropy_with_logits(logits, target, *, weight=None, pos_weight=None, reduction="mean"):
    """
    Binary cross-entropy of logits with targets: minus the logarithm of the probability of the right answer.

    .. math:: \\ell = w \\, \\bigl(w_+ \\, t \\, \\log(1 + e^{-x}) + (1 - t) \\log(1 + e^x)\\bigr)

    Parameters
    ----------
    logits : array_like
        Unnormalised scores of any shape. float16, float32 and float64 keep their dtype, integers are promoted.
    target : array_like
        Of the shape of `logits`: bools, integers or floats, usually 0 or 1; values between them are probabilities.
    weight : array_like, optional
        Factor of each element's loss, broadcast to `logits`. Default is 1.
    pos_weight : array_like, optional
        Factor of the term of the positive answer, broadcast to `logits`: one for each class, say. Default is 1.
    reduction : {"mean", "sum", "none"}, default "mean"
        ``"mean"`` divides the sum by the number of elements; without elements the loss is 0.

    Returns
    -------
    scalar or ndarray
        The loss in the dtype of `logits`; for ``"none"`` that of each element. A confident right answer keeps its
        relative accuracy: there is no clamp and no difference of large numbers. At inf with target 1 and at -inf with
        target 0 it is 0, at infinities else inf, or 0 where the weight is 0. NaN gives NaN.

    Raises
    ------
    ValueError
        If `reduction` is unknown, `target` has another shape, or a weight would enlarge `logits`.
    TypeError
        If an argument is complex, longdouble, object or a masked array.

    See Also
    --------
    binary_cross_entropy_with_logits_grad : the gradient by the logits
    binary_cross_entropy_with_logits_value_and_grad : both from one pass
    binary_cross_entropy : from probabilities
    sigmoid_focal_loss : with less weight on the easy answers

    References
    ----------
    Cox, D. R. (1958). The regression analysis of binary sequences. Journal of the Royal Statistical Society, B 20.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.binary_cross_entropy_with_logits(np.array([40.0, 0.0, -2.0]), [1, 1, 0], reduction="none")
    array([4.24835426e-18, 6.93147181e-01, 1.26928011e-01])
    """
    operands, denominator = _checked_from_logits(logits, target, weight, pos_weight, reduction)
    return _FROM_LOGITS.reduced_value(operands, denominator, reduction)


def binary_cross_entropy_with_logits_grad(logits, target, *, weight=None, pos_weight=None, reduction="mean"):
    """
    Gradient of `binary_cross_entropy_with_logits` by the logits.

    .. math:: \\frac{\\partial \\ell}{\\partial x}
              = w \\, \\bigl((1 - t) \\, \\sigma(x) - w_+ \\, t \\, \\sigma(-x)\\bigr)

    Parameters
    ----------
    logits, target, weight, pos_weight
        As in `binary_cross_entropy_with_logits`.
    reduction : {"mean", "sum", "none"}, default "mean"
        The gradient is that of the reduced loss; for ``"none"`` of each element's own loss.

    Returns
    -------
    ndarray or scalar
        The gradient in the shape and dtype of `logits`. For targets 0 and 1 nothing cancels, so a confident right
        answer keeps its relative accuracy; at infinite logits it is the limit. NaN gives NaN.

    Raises
    ------
    ValueError, TypeError
        As in `binary_cross_entropy_with_logits`.

    See Also
    --------
    binary_cross_entropy_with_logits : the loss
    binary_cross_entropy_with_logits_value_and_grad : both from one pass
    binary_cross_entropy_with_logits_grad_and_hess : with the second derivative

    References
    ----------
    Cox, D. R. (1958). The regression analysis of binary sequences. Journal of the Royal Statistical Society, B 20.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.binary_cross_entropy_with_logits_grad(np.array([0.0, 0.0]), [1, 0])
    array([-0.25,  0.25])
    """
    operands, denominator = _checked_from_logits(logits, target, weight, pos_weight, reduction)
    return _FROM_LOGITS.reduced_gradient(operands, denominator)


def binary_cross_entropy_with_logits_value_and_grad(logits, target, *, weight=None, pos_weight=None, reduction="mean"):
    """
    The values of `binary_cross_entropy_with_logits` and its gradient from one pass over the logits.

    .. math:: \\ell = w \\, \\bigl(w_+ \\, t \\, \\log(1 + e^{-x}) + (1 - t) \\log(1 + e^x)\\bigr), \\qquad
              \\frac{\\partial \\ell}{\\partial x}
              = w \\, \\bigl((1 - t) \\, \\sigma(x) - w_+ \\, t \\, \\sigma(-x)\\bigr)

    Parameters
    ----------
    logits, target, weight, pos_weight, reduction
        As in `binary_cross_entropy_with_logits`.

    Returns
    -------
    value : scalar or ndarray
        What `binary_cross_entropy_with_logits` returns.
    gradient : ndarray or scalar
        What `binary_cross_entropy_with_logits_grad` returns.

    Raises
    ------
    ValueError, TypeError
        As in `binary_cross_entropy_with_logits`.

    See Also
    --------
    binary_cross_entropy_with_logits : the loss
    binary_cross_entropy_with_logits_grad : the gradient

    References
    ----------
    Cox, D. R. (1958). The regression analysis of binary sequences. Journal of the Royal Statistical Society, B 20.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.binary_cross_entropy_with_logits_value_and_grad(np.array([0.0, 0.0]), [1, 0])
    (np.float64(0.6931471805599453), array([-0.25,  0.25]))
    """
    operands, denominator = _checked_from_logits(logits, target, weight, pos_weight, reduction)
    return _FROM_LOGITS.reduced_both(operands, denominator, reduction)


def binary_cross_entropy_with_logits_grad_and_hess(logits, target, *, weight=None, pos_weight=None):
    """
    First and second derivative of each element's `binary_cross_entropy_with_logits`, as gradient boosting wants them.

    .. math:: g = w \\, \\bigl((1 - t) \\, \\sigma(x) - w_+ \\, t \\, \\sigma(-x)\\bigr), \\qquad
              h = w \\, \\bigl(1 + (w_+ - 1) \\, t\\bigr) \\, \\sigma(x) \\, \\sigma(-x)

    Parameters
    ----------
    logits, target, weight, pos_weight
        As in `binary_cross_entropy_with_logits`. There is no reduction.

    Returns
    -------
    gradient : ndarray or scalar
        What `binary_cross_entropy_with_logits_grad` returns for ``reduction="none"``.
    hessian : ndarray or scalar
        The second derivative, of the same shape and dtype: the true diagonal, without a floor, down to the last
        subnormal number; 0 at infinite logits. XGBoost's own objective is ``np.maximum(2 * h, 1e-16)``.

    Raises
    ------
    ValueError, TypeError
        As in `binary_cross_entropy_with_logits`.

    See Also
    --------
    binary_cross_entropy_with_logits_grad : the gradient of the reduced loss

    References
    ----------
    Chen, T. and Guestrin, C. (2016). XGBoost: a scalable tree boosting system. KDD.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.binary_cross_entropy_with_logits_grad_and_hess(np.array([0.0, 0.0]), [1, 0])
    (array([-0.5,  0.5]), array([0.25, 0.25]))
    """
    operands, _ = _checked_from_logits(logits, target, weight, pos_weight, "none")
    return ufuncs.binary_cross_entropy_with_logits_grad_and_hess(*operands)


def binary_cross_entropy(probs, target, *, weight=None, reduction="mean"):
    """
    Binary cross-entropy of probabilities with targets.

    .. math:: \\ell = -w \\, \\bigl(t \\log p + (1 - t) \\log(1 - p)\\bigr)

    Parameters
    ----------
    probs : array_like
        Probabilities between 0 and 1, of any shape. float16, float32 and float64 keep their dtype, integers and bools
        are promoted.
    target : array_like
        Of the shape of `probs`, between 0 and 1: bools, integers or floats.
    weight : array_like, optional
        Factor of each element's loss, broadcast to `probs`. Default is 1.
    reduction : {"mean", "sum", "none"}, default "mean"
        ``"mean"`` divides the sum by the number of elements; without elements the loss is 0.

    Returns
    -------
    scalar or ndarray
        The loss in the dtype of `probs`; for ``"none"`` that of each element. There is no clamp: a probability of 0
        for what happens gives inf (torch gives 100), of 0 for what does not 0. NaN gives NaN. With logits at hand,
        `binary_cross_entropy_with_logits` is more accurate: a probability near 1 has lost what it lacks to 1.

    Raises
    ------
    ValueError
        If `probs` or `target` has an element outside [0, 1], which for arrays that are computed later is NaN instead;
        if `reduction` is unknown, `target` has another shape, or `weight` would enlarge `probs`.
    TypeError
        If an argument is complex, longdouble, object or a masked array.

    See Also
    --------
    binary_cross_entropy_grad : the gradient by the probabilities
    binary_cross_entropy_value_and_grad : both from one pass
    binary_cross_entropy_with_logits : from logits

    References
    ----------
    Good, I. J. (1952). Rational decisions. Journal of the Royal Statistical Society, B 14.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.binary_cross_entropy(np.array([0.9, 0.2, 0.0]), [1, 0, 0], reduction="none")
    array([0.10536052, 0.22314355, 0.        ])
    """
    operands, denominator = _checked_from_probabilities(probs, target, weight, reduction)
    return _FROM_PROBABILITIES.reduced_value(operands, denominator, reduction)


def binary_cross_entropy_grad(probs, target, *, weight=None, reduction="mean"):
    """
    Gradient of `binary_cross_entropy` by the probabilities.

    .. math:: \\frac{\\partial \\ell}{\\partial p} = w \\, \\frac{p - t}{p \\, (1 - p)}

    Parameters
    ----------
    probs, target, weight
        As in `binary_cross_entropy`.
    reduction : {"mean", "sum", "none"}, default "mean"
        The gradient is that of the reduced loss; for ``"none"`` of each element's own loss.

    Returns
    -------
    ndarray or scalar
        The gradient in the shape and dtype of `probs`: 1 for p = t = 0, -1 for p = t = 1, the limits; -inf for p = 0
        and t = 1, inf for p = 1 and t = 0. NaN gives NaN.

    Raises
    ------
    ValueError, TypeError
        As in `binary_cross_entropy`.

    See Also
    --------
    binary_cross_entropy : the loss
    binary_cross_entropy_value_and_grad : both from one pass

    References
    ----------
    Good, I. J. (1952). Rational decisions. Journal of the Royal Statistical Society, B 14.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.binary_cross_entropy_grad(np.array([0.5, 0.8]), [1, 0], reduction="sum")
    array([-2.,  5.])
    """
    operands, denominator = _checked_from_probabilities(probs, target, weight, reduction)
    return _FROM_PROBABILITIES.reduced_gradient(operands, denominator)


def binary_cross_entropy_value_and_grad(probs, target, *, weight=None, reduction="mean"):
    """
    The values of `binary_cross_entropy` and its gradient from one pass.

    .. math:: \\ell = -w \\, \\bigl(t \\log p + (1 - t) \\log(1 - p)\\bigr), \\qquad
              \\frac{\\partial \\ell}{\\partial p} = w \\, \\frac{p - t}{p \\, (1 - p)}

    Parameters
    ----------
    probs, target, weight, reduction
        As in `binary_cross_entropy`.

    Returns
    -------
    value : scalar or ndarray
        What `binary_cross_entropy` returns.
    gradient : ndarray or scalar
        What `binary_cross_entropy_grad` returns.

    Raises
    ------
    ValueError, TypeError
        As in `binary_cross_entropy`.

    See Also
    --------
    binary_cross_entropy : the loss
    binary_cross_entropy_grad : the gradient

    References
    ----------
    Good, I. J. (1952). Rational decisions. Journal of the Royal Statistical Society, B 14.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.binary_cross_entropy_value_and_grad(np.array([0.5, 0.5]), [1, 0])
    (np.float64(0.6931471805599453), array([-1.,  1.]))
    """
    operands, denominator = _checked_from_probabilities(probs, target, weight, reduction)
    return _FROM_PROBABILITIES.reduced_both(operands, denominator, reduction)


def _checked_from_logits(logits, target, weight, pos_weight, reduction):
    """Return the operands of the ufuncs, and what the sum of the losses is divided by."""
    check_reduction(reduction)
    logits, target = checked_input_and_target("logits", logits, target)
    weight = checked_weight("weight", weight, logits, "logits")
    pos_weight = checked_weight("pos_weight", pos_weight, logits, "logits")
    return (logits, target, weight, pos_weight), mean_denominator(logits, reduction)


def _checked_from_probabilities(probs, target, weight, reduction):
    """As `_checked_from_logits`."""
    check_reduction(reduction)
    probs, target = checked_input_and_target("probs", probs, target, probabilities=True)
    return (probs, target, checked_weight("weight", weight, probs, "probs")), mean_denominator(probs, reduction)
