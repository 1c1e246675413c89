"""sparsemax with its gradients, and hardmax."""

from fastact import ufuncs
from fastact._core.axes import along, as_array, mask_for, row_function
from fastact._core.callables import plain_first
from fastact._core.docstrings import shared_doc


@plain_first(ufuncs.sparsemax)
@shared_doc
def sparsemax(x, axis=-1, *, out=None):
    """
    Projection onto the probability simplex: like `softmax`, but small entries become 0.

    .. math:: f(x)_i = \\max(x_i - \\tau, 0), \\qquad \\tau \\text{ such that } \\sum_i f(x)_i = 1

    [Parameters: logits, axis, out]

    Returns
    -------
    ndarray
        Array of the same shape as `x`. Equal entries get equal shares; an entry at the threshold is 0. A row that
        contains NaN or inf, or only -inf, is NaN; an empty axis gives an empty result.

    [errors]

    See Also
    --------
    sparsemax_grad : the gradient
    softmax : all entries are positive

    References
    ----------
    Martins, A. F. T. and Astudillo, R. F. (2016). From softmax to sparsemax. ICML. Michelot, C. (1986). A finite
    algorithm for finding the projection of a point onto the canonical simplex.

    [Examples]
    >>> fastact.sparsemax(np.array([1.0, 0.5, -1.0]))
    array([0.75, 0.25, 0.  ])
    """
    return row_function((ufuncs.sparsemax,), x, axis=axis, out=out)


@plain_first(ufuncs.sparsemax_grad)
@shared_doc
def sparsemax_grad(x, g, axis=-1, *, out=None):
    """
    Gradient of `sparsemax`, from the input.

    .. math:: g_i - \\frac{1}{|S|} \\sum_{j \\in S} g_j \\quad (i \\in S), \\qquad S = \\{i : f(x)_i > 0\\}

    [Parameters: gradient arguments, axis, out]

    Returns
    -------
    ndarray
        The gradient with respect to `x`, of the same shape; 0 outside the support S, which does not include an entry
        at the threshold. Rows for which `sparsemax` is NaN are NaN.

    [errors]

    See Also
    --------
    sparsemax_grad_from_output : the same from a saved result of `sparsemax`

    [Martins 2016]

    [Examples]
    >>> fastact.sparsemax_grad(np.array([1.0, 0.5, -1.0]), np.array([1.0, 0.0, 7.0]))
    array([ 0.5, -0.5,  0. ])
    """
    return row_function((ufuncs.sparsemax_grad,), x, g, axis=axis, out=out)


@plain_first(ufuncs.sparsemax_grad_from_output)
@shared_doc
def sparsemax_grad_from_output(y, g, axis=-1, *, out=None):
    """
    Gradient of `sparsemax`, from its saved output.

    .. math:: g_i - \\frac{1}{|S|} \\sum_{j \\in S} g_j \\quad (i \\in S), \\qquad S = \\{i : y_i > 0\\}

    [Parameters: output gradient arguments, axis, out]

    Returns
    -------
    ndarray
        The gradient with respect to the logits, of the shape of `y`; 0 outside the support S. A row of NaN gives NaN.

    [errors]

    See Also
    --------
    sparsemax_grad : the same from the logits

    [Martins 2016]

    [Examples]
    >>> fastact.sparsemax_grad_from_output(np.array([0.75, 0.25, 0.0]), np.array([1.0, 0.0, 7.0]))
    array([ 0.5, -0.5,  0. ])
    """
    return row_function((ufuncs.sparsemax_grad_from_output,), y, g, axis=axis, out=out)


@plain_first(ufuncs.hardmax)
@shared_doc
def hardmax(x, axis=-1, *, where=None, out=None):
    """
    One at the first maximum along an axis, zero elsewhere.

    .. math:: f(x)_i = [i = \\min\\{j : x_j = \\max x\\}]

    [Parameters: logits, axis, where, out]

    Returns
    -------
    ndarray
        Array of the same shape as `x`. Infinite entries are compared like others. A row that contains NaN is NaN.
        Masked entries are 0, and so is a row with all entries masked. The derivative is 0, so there is no gradient
        function.

    [errors]

    See Also
    --------
    softmax : the smooth version
    numpy.argmax : the position of the maximum

    References
    ----------
    Open Neural Network Exchange (ONNX), operator Hardmax.

    [Examples]
    >>> fastact.hardmax(np.array([1.0, 3.0, 3.0]))
    array([0., 1., 0.])
    """
    if where is None:
        return row_function((ufuncs.hardmax,), x, axis=axis, out=out)
    x = as_array(x)
    return along(ufuncs.hardmax_where, [x, mask_for(x, where)], axis=axis, out=out)
