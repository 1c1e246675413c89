"""nll_loss: the loss for log-probabilities that exist already."""

from fastact._targets import prepare


def nll_loss(log_probs, target, *, axis=-1, weight=None, ignore_index=-100, reduction="mean"):
    """
    Negative log-likelihood of class labels, from log-probabilities.

    .. math:: \\ell = -w_y x_y

    Parameters
    ----------
    log_probs : array_like
        Log-probabilities x, such as `log_softmax` returns, with the K classes along `axis`; 1-dimensional ones are one
        row. float16, float32 and float64 keep their dtype, integers are promoted as by `numpy.tanh`.
    target : array_like of int
        Class labels y from 0 to K - 1, of any integer dtype; the shape is that of `log_probs` without `axis`.
    axis : int, default -1
        The axis of the classes. (torch's is always 1.)
    weight : array_like, optional
        A weight w for each class, of shape (K,).
    ignore_index : int, default -100
        Rows with this label take no part, whatever they hold.
    reduction : {"mean", "sum", "none"}, default "mean"
        ``"mean"`` divides the sum by the sum of the weights of the labels that are not ignored. If that is 0, so are
        loss and gradient.

    Returns
    -------
    scalar or ndarray
        The loss in the dtype of `log_probs`; for ``"none"`` one a row, 0 for ignored rows. Only what the row holds at
        its label counts: NaN there gives NaN, -inf gives inf, but with weight 0 the loss is 0.

    Raises
    ------
    ValueError
        If an option is out of range, the shapes do not match, or there are rows but no classes.
    TypeError
        If `target` is not of integers, or an array is complex, longdouble, object or masked.
    IndexError
        If a label that is not ignored is out of range; the message has its position.

    See Also
    --------
    nll_loss_grad : the gradient by the log-probabilities
    cross_entropy : from logits, without the step between

    References
    ----------
    Bishop, C. M. (2006). Pattern Recognition and Machine Learning, section 4.3.4. Springer.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.nll_loss(np.log([[0.5, 0.5], [0.25, 0.75]]), [0, 0], reduction="none").round(6)
    array([0.693147, 1.386294])
    """
    rows = _prepared(log_probs, target, axis, weight, ignore_index, reduction)
    return rows.reduce(rows.call_nll("nll_loss", [""]), reduction)


def nll_loss_grad(log_probs, target, *, axis=-1, weight=None, ignore_index=-100, reduction="mean"):
    """
    Gradient of `nll_loss` by the log-probabilities.

    .. math:: \\frac{\\partial \\ell}{\\partial x_i} = -w_y [i = y]

    Parameters
    ----------
    log_probs, target, axis, weight, ignore_index
        As in `nll_loss`.
    reduction : {"mean", "sum", "none"}, default "mean"
        The gradient is that of the reduced loss; for ``"none"`` of each row's own loss.

    Returns
    -------
    ndarray
        The gradient in the shape and dtype of `log_probs`, 0 in ignored rows. It does not depend on their values.

    Raises
    ------
    ValueError, TypeError, IndexError
        As in `nll_loss`.

    See Also
    --------
    nll_loss : the loss

    References
    ----------
    Bishop, C. M. (2006). Pattern Recognition and Machine Learning, section 4.3.4. Springer.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.nll_loss_grad(np.log([[0.5, 0.5]]), [1])
    array([[ 0., -1.]])
    """
    return _prepared(log_probs, target, axis, weight, ignore_index, reduction).call_nll("nll_loss_grad", ["n"])


def nll_loss_value_and_grad(log_probs, target, *, axis=-1, weight=None, ignore_index=-100, reduction="mean"):
    """
    The values of `nll_loss` and `nll_loss_grad` from one pass.

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

    Raises
    ------
    ValueError, TypeError, IndexError
        As in `nll_loss`.

    See Also
    --------
    nll_loss : the loss
    nll_loss_grad : the gradient

    References
    ----------
    Bishop, C. M. (2006). Pattern Recognition and Machine Learning, section 4.3.4. Springer.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.nll_loss_value_and_grad(np.log([[0.5, 0.5]]), [1])
    (np.float64(0.6931471805599453), array([[ 0., -1.]]))
    """
    rows = _prepared(log_probs, target, axis, weight, ignore_index, reduction)
    losses, gradient = rows.call_nll("nll_loss_value_and_grad", ["", "n"])
    return rows.reduce(losses, reduction), gradient


def _prepared(log_probs, target, axis, weight, ignore_index, reduction):
    return prepare(log_probs, target, axis, weight, ignore_index, reduction, probabilities=False, name="log_probs")
