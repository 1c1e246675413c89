"""The focal loss from logits: value, gradient, both from one pass."""

import math

from fastact import ufuncs
from fastact._core.axes import real_number
from fastact._core.docstrings import shared_doc
from fastact.losses.operands import checked_input_and_target
from fastact.losses.reductions import ElementwiseLoss, check_reduction, mean_denominator

_FOCAL = ElementwiseLoss(
    ufuncs.sigmoid_focal_loss, ufuncs.sigmoid_focal_loss_grad, ufuncs.sigmoid_focal_loss_value_and_grad
)


@shared_doc
def sigmoid_focal_loss(logits, target, *, alpha=0.25, gamma=2.0, reduction="none"):
    """
    Binary cross-entropy with less weight on examples that are classified well already.

    .. math:: \\ell = \\alpha_t \\, (1 - p_t)^\\gamma \\, \\mathrm{bce}(x, t), \\qquad
              p_t = t \\, \\sigma(x) + (1 - t) \\, \\sigma(-x), \\qquad \\alpha_t = \\alpha t + (1 - \\alpha) (1 - t)

    Parameters
    ----------
    logits : array_like
        Unnormalised scores of any shape. float16, float32 and float64 keep their dtype, integers are promoted.
    target : array_like
        Bools, integers or floats in the shape of `logits`: 0, 1 or a probability between them.
    alpha : float, default 0.25
        Weight of the positive term; that of the negative term is 1 - alpha. -1 switches both weights off.
    gamma : float, default 2.0
        How much the weight of easy examples is reduced; 0 gives the (weighted) binary cross-entropy.
    reduction : {"none", "mean", "sum"}, default "none"
        ``"mean"`` divides the sum by the number of elements; the mean of no elements is 0.

    Returns
    -------
    ndarray or scalar
        The loss in the dtype of `logits`; for ``"none"`` that of each element. The loss of a confident correct
        prediction keeps its relative accuracy; in float64 the error grows with `gamma`, by about a quarter of a unit in
        the last place for each 1. It is 0 at inf with target 1 and at -inf with target 0, and inf at infinity with any
        other target. NaN, or a target outside [0, 1], gives NaN.

    Raises
    ------
    ValueError
        If `alpha` is neither -1 nor between 0 and 1, `gamma` is negative or not finite, `reduction` is unknown, or
        `target` has a different shape.
    TypeError
        If an array is complex, longdouble, object or a masked array, or `alpha` or `gamma` is not a number.

    See Also
    --------
    sigmoid_focal_loss_grad : the gradient with respect to the logits
    sigmoid_focal_loss_value_and_grad : both from one pass
    binary_cross_entropy_with_logits : the same for gamma 0, with weights

    [Lin 2017]

    [Examples]
    >>> fastact.sigmoid_focal_loss(np.array([3.0, 0.0, -2.0]), [1, 1, 0])
    array([2.73208311e-05, 4.33216988e-02, 1.35267213e-03])
    """
    operands, denominator = _checked(logits, target, alpha, gamma, reduction)
    return _FOCAL.reduced_value(operands, denominator, reduction)


@shared_doc
def sigmoid_focal_loss_grad(logits, target, *, alpha=0.25, gamma=2.0, reduction="none"):
    """
    Gradient of `sigmoid_focal_loss` with respect to the logits.

    .. math:: \\frac{\\partial \\ell}{\\partial x} = \\alpha_t \\, (1 - p_t)^\\gamma \\, \\Bigl(\\sigma(x) - t +
              \\gamma \\, (1 - 2 t) \\, \\frac{\\sigma(x) \\, \\sigma(-x)}{1 - p_t} \\, \\mathrm{bce}(x, t)\\Bigr)

    Parameters
    ----------
    logits, target, alpha, gamma
        As in `sigmoid_focal_loss`.
    reduction : {"none", "mean", "sum"}, default "none"
        The gradient is that of the reduced loss; for ``"none"`` that of each element's loss.

    Returns
    -------
    ndarray or scalar
        The gradient in the shape and dtype of `logits`, finite everywhere: at infinite logits it is the limit. NaN, or
        a target outside [0, 1], gives NaN.

    [Raises: ValueError, TypeError as in `sigmoid_focal_loss`]

    See Also
    --------
    sigmoid_focal_loss : the loss
    sigmoid_focal_loss_value_and_grad : both from one pass

    [Lin 2017]

    [Examples]
    >>> fastact.sigmoid_focal_loss_grad(np.array([3.0, 0.0, -2.0]), [1, 1, 0])
    array([-7.87179616e-05, -7.45716988e-02,  3.65320515e-03])
    """
    operands, denominator = _checked(logits, target, alpha, gamma, reduction)
    return _FOCAL.reduced_gradient(operands, denominator)


@shared_doc
def sigmoid_focal_loss_value_and_grad(logits, target, *, alpha=0.25, gamma=2.0, reduction="none"):
    """
    `sigmoid_focal_loss` and its gradient from one pass over the logits.

    .. math:: \\ell = \\alpha_t \\, (1 - p_t)^\\gamma \\, \\mathrm{bce}(x, t), \\qquad
              \\frac{\\partial \\ell}{\\partial x}

    Parameters
    ----------
    logits, target, alpha, gamma, reduction
        As in `sigmoid_focal_loss`.

    Returns
    -------
    value : ndarray or scalar
        What `sigmoid_focal_loss` returns.
    gradient : ndarray or scalar
        What `sigmoid_focal_loss_grad` returns.

    [Raises: ValueError, TypeError as in `sigmoid_focal_loss`]

    See Also
    --------
    sigmoid_focal_loss : the loss
    sigmoid_focal_loss_grad : the gradient

    [Lin 2017]

    [Examples]
    >>> fastact.sigmoid_focal_loss_value_and_grad(np.array([0.0, 0.0]), [1, 0], alpha=-1, reduction="mean")
    (np.float64(0.17328679513998632), array([-0.1491434,  0.1491434]))
    """
    operands, denominator = _checked(logits, target, alpha, gamma, reduction)
    return _FOCAL.reduced_both(operands, denominator, reduction)


def _checked(logits, target, alpha, gamma, reduction):
    """Return the operands of the ufuncs, and what the sum of the losses is divided by."""
    check_reduction(reduction)
    alpha, gamma = real_number("alpha", alpha), real_number("gamma", gamma)
    if alpha != -1 and not 0 <= alpha <= 1:
        raise ValueError(f"alpha must be between 0 and 1, or -1, which switches it off, not {alpha}")
    if not 0 <= gamma < math.inf:
        raise ValueError(f"gamma must be 0 or positive, and finite, not {gamma}")
    logits, target = checked_input_and_target("logits", logits, target)
    return (logits, target, alpha, gamma), mean_denominator(logits, reduction)
