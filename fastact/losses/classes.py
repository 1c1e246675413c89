"""The losses with classes: cross_entropy from logits, nll_loss from log-probabilities."""

from fastact import ufuncs
from fastact._core.docstrings import shared_doc
from fastact.losses.reductions import reduced
from fastact.losses.targets import Variants, evaluated

_CROSS_ENTROPY = Variants(ufuncs.cross_entropy, ufuncs.cross_entropy_of_labels, ufuncs.cross_entropy_of_probabilities)
_CROSS_ENTROPY_GRAD = Variants(
    ufuncs.cross_entropy_grad, ufuncs.cross_entropy_grad_of_labels, ufuncs.cross_entropy_grad_of_probabilities
)
_CROSS_ENTROPY_VALUE_AND_GRAD = Variants(
    ufuncs.cross_entropy_value_and_grad,
    ufuncs.cross_entropy_value_and_grad_of_labels,
    ufuncs.cross_entropy_value_and_grad_of_probabilities,
)
_CROSS_ENTROPY_GRAD_AND_HESS = Variants(
    ufuncs.cross_entropy_grad_and_hess,
    ufuncs.cross_entropy_grad_and_hess_of_labels,
    ufuncs.cross_entropy_grad_and_hess_of_probabilities,
)
_NLL_LOSS = Variants(weighted_labels=ufuncs.nll_loss)
_NLL_LOSS_GRAD = Variants(weighted_labels=ufuncs.nll_loss_grad)
_NLL_LOSS_VALUE_AND_GRAD = Variants(weighted_labels=ufuncs.nll_loss_value_and_grad)


@shared_doc
def cross_entropy(logits, target, *, axis=-1, weight=None, ignore_index=-100, label_smoothing=0.0, reduction="mean"):
    """
    Cross-entropy of logits with class labels or probabilities.

    .. math:: \\ell = -\\sum_c w_c \\tilde q_c \\log \\mathrm{softmax}(x)_c, \\qquad
              \\tilde q = (1 - \\varepsilon) q + \\frac{\\varepsilon}{K}

    For a class label y, q is 1 at y and 0 elsewhere.

    Parameters
    ----------
    logits : array_like
        Unnormalised scores x with the K classes along `axis`; 1-dimensional logits are one row. float16, float32 and
        float64 keep their dtype, integers are promoted as by `numpy.tanh`.
    target : array_like
        Class labels from 0 to K - 1, of any integer dtype, in the shape of `logits` without `axis`; or probabilities
        q, as floats in the shape of `logits`, which need not sum to 1.
    axis : int, default -1
        The axis of the classes. (In torch it is always 1.)
    weight : array_like, optional
        A weight w for each class, of shape (K,).
    ignore_index : int, default -100
        Rows with this label are ignored, even if they contain NaN. Must be negative with probabilities.
    label_smoothing : float, default 0.0
        The share :math:`\\varepsilon`, from 0 to 1, of the target that is spread evenly over the classes.
    reduction : {"mean", "sum", "none"}, default "mean"
        ``"mean"`` divides the sum by the total weight of the labels that are not ignored; with probabilities, by the
        number of rows. If the divisor is 0, the loss and the gradient are 0.

    Returns
    -------
    scalar or ndarray
        The loss in the dtype of `logits`; for ``"none"`` one for each row, in the shape of `logits` without `axis`, 0
        for ignored rows. The loss of a confident correct prediction keeps its relative accuracy. NaN or inf in a row
        gives NaN. A logit of -inf gives inf if its class has a target above 0; with target or weight 0 its term is 0.

    Raises
    ------
    ValueError
        If an option is out of range, the shapes do not match, there are rows but no classes, or `target` contains
        integers in the shape of `logits`.
    TypeError
        If class labels are not integers, or an array is complex, longdouble, object or masked.
    IndexError
        If a label that is not ignored is out of range; the message gives its position.

    See Also
    --------
    cross_entropy_grad : the gradient with respect to the logits
    cross_entropy_value_and_grad : both from one pass
    cross_entropy_grad_and_hess : gradient and Hessian for gradient boosting
    log_softmax : the logarithms of the probabilities
    nll_loss : the same from logarithms of probabilities

    References
    ----------
    Bridle, J. S. (1990). Probabilistic interpretation of feedforward classification network outputs. Label smoothing:
    Szegedy, C. et al. (2016). Rethinking the Inception architecture for computer vision. CVPR.

    [Examples]
    >>> logits = np.array([[2.0, -5.0, 0.5, -0.1], [0.0, 0.0, 1.9, 1.4], [-100.0, 100.0, -100.0, -100.0]])
    >>> fastact.cross_entropy(logits, [0, 3, 1], reduction="none").round(6)
    array([0.297507, 1.144833, 0.      ])
    >>> fastact.cross_entropy(logits, [0, 3, 1]).round(6)
    np.float64(0.48078)
    """
    arguments = (logits, target, axis, weight, ignore_index, reduction, label_smoothing)
    denominator, losses = evaluated(_CROSS_ENTROPY, *arguments)
    return reduced(losses, denominator, reduction)


@shared_doc
def cross_entropy_grad(
    logits, target, *, axis=-1, weight=None, ignore_index=-100, label_smoothing=0.0, reduction="mean"
):
    """
    Gradient of `cross_entropy` with respect to the logits.

    .. math:: \\frac{\\partial \\ell}{\\partial x_i} = p_i \\sum_c w_c \\tilde q_c - w_i \\tilde q_i, \\qquad
              p = \\mathrm{softmax}(x)

    Parameters
    ----------
    logits, target, axis, weight, ignore_index, label_smoothing
        As in `cross_entropy`.
    reduction : {"mean", "sum", "none"}, default "mean"
        The gradient is that of the reduced loss; for ``"none"`` that of each row's loss.

    Returns
    -------
    ndarray
        The gradient in the shape and dtype of `logits`, 0 in ignored rows. At the label it is computed as minus the sum
        of the other probabilities, not as a difference of two numbers near 1, so it keeps its relative accuracy.

    [Raises: ValueError, TypeError, IndexError as in `cross_entropy`]

    See Also
    --------
    cross_entropy : the loss
    cross_entropy_value_and_grad : both from one pass

    [Bridle 1990]

    [Examples]
    >>> fastact.cross_entropy_grad(np.array([[0.0, 0.0]]), [1])
    array([[ 0.5, -0.5]])
    """
    arguments = (logits, target, axis, weight, ignore_index, reduction, label_smoothing)
    return evaluated(_CROSS_ENTROPY_GRAD, *arguments)[1]


@shared_doc
def cross_entropy_value_and_grad(
    logits, target, *, axis=-1, weight=None, ignore_index=-100, label_smoothing=0.0, reduction="mean"
):
    """
    `cross_entropy` and its gradient from one pass over the logits.

    .. math:: \\ell = -\\sum_c w_c \\tilde q_c \\log p_c, \\qquad
              \\frac{\\partial \\ell}{\\partial x_i} = p_i \\sum_c w_c \\tilde q_c - w_i \\tilde q_i

    Parameters
    ----------
    logits, target, axis, weight, ignore_index, label_smoothing, reduction
        As in `cross_entropy`.

    Returns
    -------
    value : scalar or ndarray
        What `cross_entropy` returns.
    gradient : ndarray
        What `cross_entropy_grad` returns.

    [Raises: ValueError, TypeError, IndexError as in `cross_entropy`]

    See Also
    --------
    cross_entropy : the loss
    cross_entropy_grad : the gradient

    [Bridle 1990]

    [Examples]
    >>> value, gradient = fastact.cross_entropy_value_and_grad(np.array([[0.0, 0.0]]), [1])
    >>> value, gradient
    (np.float64(0.6931471805599453), array([[ 0.5, -0.5]]))
    """
    arguments = (logits, target, axis, weight, ignore_index, reduction, label_smoothing)
    denominator, (losses, gradient) = evaluated(_CROSS_ENTROPY_VALUE_AND_GRAD, *arguments)
    return reduced(losses, denominator, reduction), gradient


@shared_doc
def cross_entropy_grad_and_hess(logits, target, *, axis=-1, weight=None, ignore_index=-100, label_smoothing=0.0):
    """
    Gradient of each row's cross-entropy with respect to its logits, and the diagonal of the Hessian.

    .. math:: \\frac{\\partial \\ell}{\\partial x_i} = W p_i - w_i \\tilde q_i, \\qquad
              \\frac{\\partial^2 \\ell}{\\partial x_i^2} = W p_i (1 - p_i), \\qquad W = \\sum_c w_c \\tilde q_c

    Parameters
    ----------
    logits, target, axis, weight, ignore_index, label_smoothing
        As in `cross_entropy`.

    Returns
    -------
    gradient, hessian : ndarray
        Both in the shape and dtype of `logits`, without a reduction; 0 in ignored rows. The Hessian is the true
        diagonal: it is not raised to a minimum, nor scaled by a factor for the number of classes.

    [Raises: ValueError, TypeError, IndexError as in `cross_entropy`]

    See Also
    --------
    cross_entropy_value_and_grad : the loss with its gradient

    References
    ----------
    Friedman, J., Hastie, T. and Tibshirani, R. (2000). Additive logistic regression: a statistical view of boosting.

    [Examples]
    >>> gradient, hessian = fastact.cross_entropy_grad_and_hess(np.array([[0.0, 0.0]]), [1])
    >>> gradient, hessian
    (array([[ 0.5, -0.5]]), array([[0.25, 0.25]]))
    """
    arguments = (logits, target, axis, weight, ignore_index, "none", label_smoothing)
    return evaluated(_CROSS_ENTROPY_GRAD_AND_HESS, *arguments)[1]


@shared_doc
def nll_loss(log_probs, target, *, axis=-1, weight=None, ignore_index=-100, reduction="mean"):
    """
    Negative log-likelihood of class labels, from log-probabilities.

    .. math:: \\ell = -w_y x_y

    Parameters
    ----------
    log_probs : array_like
        Log-probabilities x, as returned by `log_softmax`, with the K classes along `axis`; 1-dimensional
        log-probabilities are one row. float16, float32 and float64 keep their dtype, integers are promoted as by
        `numpy.tanh`.
    target : array_like of int
        Class labels y from 0 to K - 1, of any integer dtype, in the shape of `log_probs` without `axis`.
    axis : int, default -1
        The axis of the classes. (In torch it is always 1.)
    weight : array_like, optional
        A weight w for each class, of shape (K,).
    ignore_index : int, default -100
        Rows with this label are ignored, even if they contain NaN.
    reduction : {"mean", "sum", "none"}, default "mean"
        ``"mean"`` divides the sum by the total weight of the labels that are not ignored. If that is 0, the loss and
        the gradient are 0.

    Returns
    -------
    scalar or ndarray
        The loss in the dtype of `log_probs`; for ``"none"`` one for each row, 0 for ignored rows. It depends on the
        value at the label only: NaN there gives NaN, -inf gives inf; with weight 0 the loss is 0.

    Raises
    ------
    ValueError
        If an option is out of range, the shapes do not match, or there are rows but no classes.
    TypeError
        If `target` does not have an integer dtype, or an array is complex, longdouble, object or masked.
    IndexError
        If a label that is not ignored is out of range; the message gives its position.

    See Also
    --------
    nll_loss_grad : the gradient with respect to the log-probabilities
    cross_entropy : the same from logits

    [Bishop 2006]

    [Examples]
    >>> fastact.nll_loss(np.log([[0.5, 0.5], [0.25, 0.75]]), [0, 0], reduction="none").round(6)
    array([0.693147, 1.386294])
    """
    denominator, losses = _evaluated_nll_loss(_NLL_LOSS, log_probs, target, axis, weight, ignore_index, reduction)
    return reduced(losses, denominator, reduction)


@shared_doc
def nll_loss_grad(log_probs, target, *, axis=-1, weight=None, ignore_index=-100, reduction="mean"):
    """
    Gradient of `nll_loss` with respect to the log-probabilities.

    .. math:: \\frac{\\partial \\ell}{\\partial x_i} = -w_y [i = y]

    Parameters
    ----------
    log_probs, target, axis, weight, ignore_index
        As in `nll_loss`.
    reduction : {"mean", "sum", "none"}, default "mean"
        The gradient is that of the reduced loss; for ``"none"`` that of each row's loss.

    Returns
    -------
    ndarray
        The gradient in the shape and dtype of `log_probs`, 0 in ignored rows. It does not depend on the values of
        `log_probs`.

    [Raises: ValueError, TypeError, IndexError as in `nll_loss`]

    See Also
    --------
    nll_loss : the loss

    [Bishop 2006]

    [Examples]
    >>> fastact.nll_loss_grad(np.log([[0.5, 0.5]]), [1])
    array([[ 0., -1.]])
    """
    return _evaluated_nll_loss(_NLL_LOSS_GRAD, log_probs, target, axis, weight, ignore_index, reduction)[1]


@shared_doc
def nll_loss_value_and_grad(log_probs, target, *, axis=-1, weight=None, ignore_index=-100, reduction="mean"):
    """
    `nll_loss` and its gradient from one pass.

    .. math:: \\ell = -w_y x_y, \\qquad \\frac{\\partial \\ell}{\\partial x_i} = -w_y [i = y]

    Parameters
    ----------
    log_probs, target, axis, weight, ignore_index, reduction
        As in `nll_loss`.

    Returns
    -------
    value : scalar or ndarray
        What `nll_loss` returns.
    gradient : ndarray
        What `nll_loss_grad` returns.

    [Raises: ValueError, TypeError, IndexError as in `nll_loss`]

    See Also
    --------
    nll_loss : the loss
    nll_loss_grad : the gradient

    [Bishop 2006]

    [Examples]
    >>> fastact.nll_loss_value_and_grad(np.log([[0.5, 0.5]]), [1])
    (np.float64(0.6931471805599453), array([[ 0., -1.]]))
    """
    denominator, (losses, gradient) = _evaluated_nll_loss(
        _NLL_LOSS_VALUE_AND_GRAD, log_probs, target, axis, weight, ignore_index, reduction
    )
    return reduced(losses, denominator, reduction), gradient


def _evaluated_nll_loss(variants, *arguments):
    return evaluated(variants, *arguments, probabilities=False, name="log_probs")
