"""softmax, softmin and their gradients."""

from fastact import ufuncs
from fastact._core.axes import row_function, with_options
from fastact._core.callables import plain_first
from fastact._core.docstrings import shared_doc

_SOFTMAX = with_options("softmax")
_SOFTMAX_GRAD = with_options("softmax_grad")
_SOFTMAX_GRAD_FROM_OUTPUT = with_options("softmax_grad_from_output")


@plain_first(ufuncs.softmax)
@shared_doc
def softmax(x, axis=-1, *, where=None, temperature=1.0, out=None, dtype=None):
    """
    Exponentials along an axis, normalised to sum to 1.

    .. math:: f(x)_i = \\frac{e^{x_i / T}}{\\sum_j e^{x_j / T}}

    [Parameters: logits, axis, where, temperature, out, dtype]

    Returns
    -------
    ndarray
        Array of the same shape as `x`. The maximum is subtracted first, so nothing overflows. A row that contains NaN
        or inf, or only -inf, is NaN; -inf among finite entries gives 0; an empty axis gives an empty result. Masked
        entries are 0.

    [errors]

    See Also
    --------
    log_softmax : the logarithm, accurate where softmax is close to 0 or 1
    softmax_grad : the gradient

    [Bridle 1990]

    [Examples]
    >>> fastact.softmax(np.array([1.0, 2.0, 3.0]))
    array([0.09003057, 0.24472847, 0.66524096])
    >>> fastact.softmax(np.array([1.0, 2.0, 3.0]), where=[True, True, False], temperature=0.5)
    array([0.11920292, 0.88079708, 0.        ])
    """
    return row_function(_SOFTMAX, x, axis=axis, where=where, temperature=temperature, out=out, dtype=dtype)


@plain_first(ufuncs.softmax_grad)
@shared_doc
def softmax_grad(x, g, axis=-1, *, where=None, temperature=1.0, out=None):
    """
    Gradient of `softmax`, from the input.

    .. math:: \\frac{p}{T} \\left(g - \\sum_j p_j g_j\\right), \\qquad p = \\mathrm{softmax}(x)

    [Parameters: gradient arguments, axis, where, temperature, out]

    Returns
    -------
    ndarray
        The gradient with respect to `x`, of the same shape. Rows for which `softmax` is NaN are NaN;
        masked entries are 0.

    [errors]

    See Also
    --------
    softmax_grad_from_output : the same from a saved result of `softmax`, without computing the exponentials again

    [Bridle 1990]

    [Examples]
    >>> fastact.softmax_grad(np.array([0.0, 0.0]), np.array([1.0, 0.0]))
    array([ 0.25, -0.25])
    """
    return row_function(_SOFTMAX_GRAD, x, g, axis=axis, where=where, temperature=temperature, out=out)


@plain_first(ufuncs.softmax_grad_from_output)
@shared_doc
def softmax_grad_from_output(y, g, axis=-1, *, where=None, temperature=1.0, out=None):
    """
    Gradient of `softmax`, from its saved output.

    .. math:: \\frac{y}{T} \\left(g - \\sum_j y_j g_j\\right)

    [Parameters: output gradient arguments, axis, where, temperature, out]

    [gradient from output]

    [errors]

    See Also
    --------
    softmax_grad : the same from the logits

    [Bridle 1990]

    [Examples]
    >>> fastact.softmax_grad_from_output(np.array([0.5, 0.5]), np.array([1.0, 0.0]))
    array([ 0.25, -0.25])
    """
    return row_function(_SOFTMAX_GRAD_FROM_OUTPUT, y, g, axis=axis, where=where, temperature=temperature, out=out)


@shared_doc
def softmin(x, axis=-1, *, where=None, temperature=1.0, out=None, dtype=None):
    """
    Softmax of -x: the smallest entry gets the largest share.

    .. math:: f(x)_i = \\frac{e^{-x_i / T}}{\\sum_j e^{-x_j / T}}

    [Parameters: logits, axis, where, temperature, out, dtype]

    Returns
    -------
    ndarray
        Array of the same shape as `x`, with the special values of `softmax` at -x. Masked entries are 0.

    [errors]

    See Also
    --------
    softmax : the largest entry gets the largest share
    softmin_grad : the gradient

    [Goodfellow 2016]

    [Examples]
    >>> fastact.softmin(np.array([1.0, 2.0, 3.0]))
    array([0.66524096, 0.24472847, 0.09003057])
    """
    options = {"where": where, "temperature": temperature, "out": out, "dtype": dtype}
    return row_function(_SOFTMAX, x, axis=axis, negative=True, **options)


@shared_doc
def softmin_grad(x, g, axis=-1, *, where=None, temperature=1.0, out=None):
    """
    Gradient of `softmin`, from the input.

    .. math:: -\\frac{p}{T} \\left(g - \\sum_j p_j g_j\\right), \\qquad p = \\mathrm{softmin}(x)

    [Parameters: gradient arguments, axis, where, temperature, out]

    Returns
    -------
    ndarray
        The gradient with respect to `x`, of the same shape. Rows for which `softmin` is NaN are NaN;
        masked entries are 0.

    [errors]

    See Also
    --------
    softmin_grad_from_output : the same from a saved result of `softmin`

    [Goodfellow 2016]

    [Examples]
    >>> fastact.softmin_grad(np.array([0.0, 0.0]), np.array([1.0, 0.0]))
    array([-0.25,  0.25])
    """
    return row_function(_SOFTMAX_GRAD, x, g, axis=axis, where=where, temperature=temperature, negative=True, out=out)


@shared_doc
def softmin_grad_from_output(y, g, axis=-1, *, where=None, temperature=1.0, out=None):
    """
    Gradient of `softmin`, from its saved output.

    .. math:: -\\frac{y}{T} \\left(g - \\sum_j y_j g_j\\right)

    [Parameters: output gradient arguments, axis, where, temperature, out]

    [gradient from output]

    [errors]

    See Also
    --------
    softmin_grad : the same from the logits

    [Goodfellow 2016]

    [Examples]
    >>> fastact.softmin_grad_from_output(np.array([0.5, 0.5]), np.array([1.0, 0.0]))
    array([-0.25,  0.25])
    """
    options = {"where": where, "temperature": temperature, "out": out}
    return row_function(_SOFTMAX_GRAD_FROM_OUTPUT, y, g, axis=axis, negative=True, **options)
