"""The Kullback-Leibler divergence: value, gradient, both from one pass."""

from fastact import ufuncs
from fastact._core.docstrings import shared_doc
from fastact.losses.operands import checked_input_and_target
from fastact.losses.reductions import ElementwiseLoss, check_reduction

REDUCTIONS = ("none", "sum", "batchmean")
_FROM_PROBABILITIES = ElementwiseLoss(ufuncs.kl_div, ufuncs.kl_div_grad, ufuncs.kl_div_value_and_grad)
_FROM_LOGARITHMS = ElementwiseLoss(
    ufuncs.kl_div_log_target, ufuncs.kl_div_grad_log_target, ufuncs.kl_div_value_and_grad_log_target
)


@shared_doc
def kl_div(log_input, target, *, log_target=False, reduction="batchmean"):
    """
    Kullback-Leibler divergence of a target distribution from one given by log-probabilities.

    .. math:: \\ell = t \\, (\\log t - x), \\qquad \\text{with log targets} \\quad \\ell = e^t (t - x)

    Parameters
    ----------
    log_input : array_like
        Log-probabilities of any shape, as returned by `log_softmax`. float16, float32 and float64 keep their dtype,
        integers are promoted.
    target : array_like
        The target probabilities in the shape of `log_input`, or their logarithms if `log_target` is true.
    log_target : bool, default False
        Whether `target` contains logarithms.
    reduction : {"batchmean", "sum", "none"}, default "batchmean"
        ``"batchmean"`` divides the sum by the length of the first axis, which gives the mean divergence of the rows;
        for arrays with fewer than two axes it is the sum. ``"mean"`` is an error: it would divide by the number of
        classes too, which does not give a divergence. Without elements the loss is 0.

    Returns
    -------
    scalar or ndarray
        The loss in the dtype of `log_input`; for ``"none"`` the term of each element. Terms with a target of 0 are 0,
        even if the input is -inf (torch gives NaN); other targets give inf there. NaN, or a negative probability,
        gives NaN.

    Raises
    ------
    ValueError
        If `reduction` is unknown or ``"mean"``, or `target` has a different shape.
    TypeError
        If an argument is complex, longdouble, object or a masked array.

    See Also
    --------
    kl_div_grad : the gradient with respect to the first argument
    kl_div_value_and_grad : both from one pass
    log_softmax : log-probabilities from logits
    cross_entropy : the divergence plus the entropy of the target, from logits

    [Kullback 1951]

    [Examples]
    >>> log_input = fastact.log_softmax(np.array([[0.0, 1.0], [2.0, 0.0]]))
    >>> fastact.kl_div(log_input, [[0.5, 0.5], [1.0, 0.0]]).round(6)
    np.float64(0.123521)
    """
    operands, denominator = _checked(log_input, target, reduction)
    return _variant(log_target).reduced_value(operands, denominator, reduction)


@shared_doc
def kl_div_grad(log_input, target, *, log_target=False, reduction="batchmean"):
    """
    Gradient of `kl_div` with respect to its first argument.

    .. math:: \\frac{\\partial \\ell}{\\partial x} = -t, \\qquad \\text{with log targets} \\quad -e^t

    Parameters
    ----------
    log_input, target, log_target
        As in `kl_div`.
    reduction : {"batchmean", "sum", "none"}, default "batchmean"
        The gradient is that of the reduced loss; for ``"none"`` that of each element's term.

    Returns
    -------
    ndarray or scalar
        The gradient in the shape and dtype of `log_input`. NaN gives NaN.

    [Raises: ValueError, TypeError as in `kl_div`]

    See Also
    --------
    kl_div : the loss
    kl_div_value_and_grad : both from one pass

    [Kullback 1951]

    [Examples]
    >>> fastact.kl_div_grad(np.log([[0.5, 0.5], [0.9, 0.1]]), [[0.5, 0.5], [0.75, 0.25]])
    array([[-0.25 , -0.25 ],
           [-0.375, -0.125]])
    """
    operands, denominator = _checked(log_input, target, reduction)
    return _variant(log_target).reduced_gradient(operands, denominator)


@shared_doc
def kl_div_value_and_grad(log_input, target, *, log_target=False, reduction="batchmean"):
    """
    `kl_div` and its gradient from one pass.

    .. math:: \\ell = t \\, (\\log t - x), \\qquad \\frac{\\partial \\ell}{\\partial x} = -t

    Parameters
    ----------
    log_input, target, log_target, reduction
        As in `kl_div`.

    Returns
    -------
    value : scalar or ndarray
        What `kl_div` returns.
    gradient : ndarray or scalar
        What `kl_div_grad` returns.

    [Raises: ValueError, TypeError as in `kl_div`]

    See Also
    --------
    kl_div : the loss
    kl_div_grad : the gradient

    [Kullback 1951]

    [Examples]
    >>> fastact.kl_div_value_and_grad(np.array([-1.0, -1.0]), [1.0, 0.0])
    (np.float64(1.0), array([-1.,  0.]))
    """
    operands, denominator = _checked(log_input, target, reduction)
    return _variant(log_target).reduced_both(operands, denominator, reduction)


def _variant(log_target):
    return _FROM_LOGARITHMS if log_target else _FROM_PROBABILITIES


def _checked(log_input, target, reduction):
    """Return the operands, and what the sum of the terms is divided by."""
    if isinstance(reduction, str) and reduction == "mean":
        raise ValueError(
            "reduction 'mean' would divide by the number of classes too, which does not give a divergence: "
            "use 'batchmean', the mean over the rows, or 'sum' or 'none'"
        )
    check_reduction(reduction, REDUCTIONS)
    operands = checked_input_and_target("log_input", log_input, target)
    x = operands[0]
    return operands, x.shape[0] if reduction == "batchmean" and x.ndim > 1 else 1
