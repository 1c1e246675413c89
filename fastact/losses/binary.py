"""Binary cross-entropy from logits and from probabilities: values, gradients, and the diagonal of the Hessian."""

from fastact import ufuncs
from fastact._core.docstrings import shared_doc
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


@shared_doc
def binary_cross_entropy_with_logits(logits, target, *, weight=None, pos_weight=None, reduction="mean"):
    """
    Binary cross-entropy of logits with targets: minus the logarithm of the probability of the target.

    .. math:: \\ell = w \\, \\bigl(w_+ \\, t \\, \\log(1 + e^{-x}) + (1 - t) \\log(1 + e^x)\\bigr)

    Parameters
    ----------
    logits : array_like
        Unnormalised scores of any shape. float16, float32 and float64 keep their dtype, integers are promoted.
    target : array_like
        Bools, integers or floats in the shape of `logits`, usually 0 or 1; values between them are probabilities.
    weight : array_like, optional
        Weight of each element, broadcast to `logits`. Default is 1.
    pos_weight : array_like, optional
        Weight of the positive term, broadcast to `logits`: one for each class, for example. Default is 1.
    reduction : {"mean", "sum", "none"}, default "mean"
        ``"mean"`` divides the sum by the number of elements; the mean of no elements is 0.

    Returns
    -------
    scalar or ndarray
        The loss in the dtype of `logits`; for ``"none"`` that of each element. The loss of a confident correct
        prediction keeps its relative accuracy: nothing is clamped or cancels. It is 0 at inf with target 1 and at -inf
        with target 0; at infinity with any other target it is inf, or 0 where the weight is 0. NaN gives NaN.

    Raises
    ------
    ValueError
        If `reduction` is unknown, `target` has a different shape, or a weight would enlarge `logits`.
    TypeError
        If an argument is complex, longdouble, object or a masked array.

    See Also
    --------
    binary_cross_entropy_with_logits_grad : the gradient with respect to the logits
    binary_cross_entropy_with_logits_value_and_grad : both from one pass
    binary_cross_entropy : the same from probabilities
    sigmoid_focal_loss : the same with less weight on easy examples

    [Cox 1958]

    [Examples]
    >>> fastact.binary_cross_entropy_with_logits(np.array([40.0, 0.0, -2.0]), [1, 1, 0], reduction="none")
    array([4.24835426e-18, 6.93147181e-01, 1.26928011e-01])
    """
    operands, denominator = _checked_from_logits(logits, target, weight, pos_weight, reduction)
    return _FROM_LOGITS.reduced_value(operands, denominator, reduction)


@shared_doc
def binary_cross_entropy_with_logits_grad(logits, target, *, weight=None, pos_weight=None, reduction="mean"):
    """
    Gradient of `binary_cross_entropy_with_logits` with respect to the logits.

    .. math:: \\frac{\\partial \\ell}{\\partial x}
              = w \\, \\bigl((1 - t) \\, \\sigma(x) - w_+ \\, t \\, \\sigma(-x)\\bigr)

    Parameters
    ----------
    logits, target, weight, pos_weight
        As in `binary_cross_entropy_with_logits`.
    reduction : {"mean", "sum", "none"}, default "mean"
        The gradient is that of the reduced loss; for ``"none"`` that of each element's loss.

    Returns
    -------
    ndarray or scalar
        The gradient in the shape and dtype of `logits`. For targets 0 and 1 nothing cancels, so the gradient of a
        confident correct prediction keeps its relative accuracy; at infinite logits it is the limit. NaN gives NaN.

    [Raises: ValueError, TypeError as in `binary_cross_entropy_with_logits`]

    See Also
    --------
    binary_cross_entropy_with_logits : the loss
    binary_cross_entropy_with_logits_value_and_grad : both from one pass
    binary_cross_entropy_with_logits_grad_and_hess : first and second derivatives

    [Cox 1958]

    [Examples]
    >>> fastact.binary_cross_entropy_with_logits_grad(np.array([0.0, 0.0]), [1, 0])
    array([-0.25,  0.25])
    """
    operands, denominator = _checked_from_logits(logits, target, weight, pos_weight, reduction)
    return _FROM_LOGITS.reduced_gradient(operands, denominator)


@shared_doc
def binary_cross_entropy_with_logits_value_and_grad(logits, target, *, weight=None, pos_weight=None, reduction="mean"):
    """
    `binary_cross_entropy_with_logits` and its gradient from one pass over the logits.

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

    [Raises: ValueError, TypeError as in `binary_cross_entropy_with_logits`]

    See Also
    --------
    binary_cross_entropy_with_logits : the loss
    binary_cross_entropy_with_logits_grad : the gradient

    [Cox 1958]

    [Examples]
    >>> fastact.binary_cross_entropy_with_logits_value_and_grad(np.array([0.0, 0.0]), [1, 0])
    (np.float64(0.6931471805599453), array([-0.25,  0.25]))
    """
    operands, denominator = _checked_from_logits(logits, target, weight, pos_weight, reduction)
    return _FROM_LOGITS.reduced_both(operands, denominator, reduction)


@shared_doc
def binary_cross_entropy_with_logits_grad_and_hess(logits, target, *, weight=None, pos_weight=None):
    """
    First and second derivatives of `binary_cross_entropy_with_logits` for each element, as used in gradient boosting.

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
        The second derivative, of the same shape and dtype: the true diagonal of the Hessian, not raised to a minimum,
        accurate down to subnormal numbers; 0 at infinite logits. XGBoost's own objective is
        ``np.maximum(2 * h, 1e-16)``.

    [Raises: ValueError, TypeError as in `binary_cross_entropy_with_logits`]

    See Also
    --------
    binary_cross_entropy_with_logits_grad : the gradient of the reduced loss

    References
    ----------
    Chen, T. and Guestrin, C. (2016). XGBoost: a scalable tree boosting system. KDD.

    [Examples]
    >>> fastact.binary_cross_entropy_with_logits_grad_and_hess(np.array([0.0, 0.0]), [1, 0])
    (array([-0.5,  0.5]), array([0.25, 0.25]))
    """
    operands, _ = _checked_from_logits(logits, target, weight, pos_weight, "none")
    return ufuncs.binary_cross_entropy_with_logits_grad_and_hess(*operands)


@shared_doc
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
        Bools, integers or floats between 0 and 1, in the shape of `probs`.
    weight : array_like, optional
        Weight of each element, broadcast to `probs`. Default is 1.
    reduction : {"mean", "sum", "none"}, default "mean"
        ``"mean"`` divides the sum by the number of elements; the mean of no elements is 0.

    Returns
    -------
    scalar or ndarray
        The loss in the dtype of `probs`; for ``"none"`` that of each element. Nothing is clamped: a probability of 0
        with target 1 gives inf (torch gives 100), with target 0 it gives 0. NaN gives NaN. If logits are available,
        `binary_cross_entropy_with_logits` is more accurate: probabilities near 1 are rounded to multiples of the unit
        in the last place of 1.

    Raises
    ------
    ValueError
        If `probs` or `target` has an element outside [0, 1] (in a lazy array it gives NaN instead), `reduction` is
        unknown, `target` has a different shape, or `weight` would enlarge `probs`.
    TypeError
        If an argument is complex, longdouble, object or a masked array.

    See Also
    --------
    binary_cross_entropy_grad : the gradient with respect to the probabilities
    binary_cross_entropy_value_and_grad : both from one pass
    binary_cross_entropy_with_logits : the same from logits

    [Good 1952]

    [Examples]
    >>> fastact.binary_cross_entropy(np.array([0.9, 0.2, 0.0]), [1, 0, 0], reduction="none")
    array([0.10536052, 0.22314355, 0.        ])
    """
    operands, denominator = _checked_from_probabilities(probs, target, weight, reduction)
    return _FROM_PROBABILITIES.reduced_value(operands, denominator, reduction)


@shared_doc
def binary_cross_entropy_grad(probs, target, *, weight=None, reduction="mean"):
    """
    Gradient of `binary_cross_entropy` with respect to the probabilities.

    .. math:: \\frac{\\partial \\ell}{\\partial p} = w \\, \\frac{p - t}{p \\, (1 - p)}

    Parameters
    ----------
    probs, target, weight
        As in `binary_cross_entropy`.
    reduction : {"mean", "sum", "none"}, default "mean"
        The gradient is that of the reduced loss; for ``"none"`` that of each element's loss.

    Returns
    -------
    ndarray or scalar
        The gradient in the shape and dtype of `probs`. At the ends it is the limit: 1 for p = t = 0, -1 for p = t = 1,
        -inf for p = 0 and t = 1, inf for p = 1 and t = 0. NaN gives NaN.

    [Raises: ValueError, TypeError as in `binary_cross_entropy`]

    See Also
    --------
    binary_cross_entropy : the loss
    binary_cross_entropy_value_and_grad : both from one pass

    [Good 1952]

    [Examples]
    >>> fastact.binary_cross_entropy_grad(np.array([0.5, 0.8]), [1, 0], reduction="sum")
    array([-2.,  5.])
    """
    operands, denominator = _checked_from_probabilities(probs, target, weight, reduction)
    return _FROM_PROBABILITIES.reduced_gradient(operands, denominator)


@shared_doc
def binary_cross_entropy_value_and_grad(probs, target, *, weight=None, reduction="mean"):
    """
    `binary_cross_entropy` and its gradient from one pass.

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

    [Raises: ValueError, TypeError as in `binary_cross_entropy`]

    See Also
    --------
    binary_cross_entropy : the loss
    binary_cross_entropy_grad : the gradient

    [Good 1952]

    [Examples]
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
