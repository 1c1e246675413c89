"""softmax, its logarithm and their gradients along an axis."""

import operator

import numpy as np

from fastact import ufuncs


def _along_axis(function, *operands, axis, **keywords):
    """Call a generalised ufunc along `axis`, after the checks that give clear errors."""
    operands = [x if hasattr(x, "__array_ufunc__") else np.asarray(x) for x in operands]
    if any(isinstance(x, np.ma.MaskedArray) for x in operands):
        raise TypeError("masked arrays are not supported here: their masked entries would take part")
    try:
        axis = operator.index(axis)
    except TypeError:
        raise TypeError(f"axis must be an int, not {axis!r}") from None
    shapes = [getattr(x, "shape", None) for x in operands]
    if shapes[0] == ():
        raise ValueError("softmax and its kin need at least one axis, but the first argument is 0-dimensional")
    if None not in shapes and shapes[-1] != shapes[0]:
        raise ValueError(f"g must have the shape of the first argument, {shapes[0]}, not {shapes[-1]}")
    return function(*operands, axis=axis, **keywords)


def softmax(x, axis=-1, *, out=None, dtype=None):
    """
    Exponentials along an axis, scaled to sum to 1.

    .. math:: f(x)_i = \\frac{e^{x_i}}{\\sum_j e^{x_j}}

    Parameters
    ----------
    x : array_like
        Logits, of at least one axis. float16, float32 and float64 keep their dtype; integers and bool are promoted.
    axis : int, default -1
        The axis to normalise along. (The default of `scipy.special.softmax` is all axes.)
    out : ndarray, optional
        Array of the shape of `x` to write to.
    dtype : dtype, optional
        Type of the result, and to which `x` is converted: float16, float32 or float64.

    Returns
    -------
    ndarray
        Same shape as `x`. The maximum is subtracted first, so nothing overflows. A row with NaN or inf, or of -inf
        alone, becomes NaN; -inf beside finite entries gives 0; an empty axis gives an empty result.

    Raises
    ------
    TypeError
        If `x` is complex, longdouble or object, or a masked array.
    ValueError
        If `x` is 0-dimensional or `out` has another shape.
    numpy.exceptions.AxisError
        If `x` has no such axis.

    See Also
    --------
    log_softmax : the logarithm, accurate where softmax is 0 or 1
    softmax_grad : the gradient

    References
    ----------
    Bridle, J. S. (1990). Probabilistic interpretation of feedforward classification network outputs.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.softmax(np.array([1.0, 2.0, 3.0]))
    array([0.09003057, 0.24472847, 0.66524096])
    """
    return _along_axis(ufuncs.softmax, x, axis=axis, out=out, dtype=dtype)


def softmax_grad(x, g, axis=-1, *, out=None):
    """
    Gradient of `softmax`, from the input.

    .. math:: p \\left(g - \\sum_j p_j g_j\\right), \\qquad p = \\mathrm{softmax}(x)

    Parameters
    ----------
    x : array_like
        The logits.
    g : array_like
        The gradient by the output of `softmax`, of the shape of `x`.
    axis : int, default -1
        As in `softmax`.
    out : ndarray, optional
        Array of the shape of `x` to write to.

    Returns
    -------
    ndarray
        The gradient by `x`, of its shape. Rows for which `softmax` is NaN are NaN.

    Raises
    ------
    TypeError
        If an argument is complex, longdouble or object, or a masked array.
    ValueError
        If `x` is 0-dimensional or the shapes do not match.

    See Also
    --------
    softmax_grad_from_output : the same from a saved result of `softmax`, without another pass of exponentials

    References
    ----------
    Bridle, J. S. (1990). Probabilistic interpretation of feedforward classification network outputs.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.softmax_grad(np.array([0.0, 0.0]), np.array([1.0, 0.0]))
    array([ 0.25, -0.25])
    """
    return _along_axis(ufuncs.softmax_grad, x, g, axis=axis, out=out)


def softmax_grad_from_output(y, g, axis=-1, *, out=None):
    """
    Gradient of `softmax`, from its saved output.

    .. math:: y \\left(g - \\sum_j y_j g_j\\right)

    Parameters
    ----------
    y : array_like
        What `softmax` returned.
    g : array_like
        The gradient by it, of its shape.
    axis : int, default -1
        As in `softmax`.
    out : ndarray, optional
        Array of the shape of `y` to write to.

    Returns
    -------
    ndarray
        The gradient by the logits, of the shape of `y`. NaN in a row makes the row NaN.

    Raises
    ------
    TypeError
        If an argument is complex, longdouble or object, or a masked array.
    ValueError
        If `y` is 0-dimensional or the shapes do not match.

    See Also
    --------
    softmax_grad : the same from the logits

    References
    ----------
    Bridle, J. S. (1990). Probabilistic interpretation of feedforward classification network outputs.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.softmax_grad_from_output(np.array([0.5, 0.5]), np.array([1.0, 0.0]))
    array([ 0.25, -0.25])
    """
    return _along_axis(ufuncs.softmax_grad_from_output, y, g, axis=axis, out=out)


def log_softmax(x, axis=-1, *, out=None, dtype=None):
    """
    Logarithm of `softmax`, with its relative accuracy kept where one entry dominates.

    .. math:: f(x)_i = (x_i - m) - \\log\\Bigl(1 + \\sum_{j \\ne k} e^{x_j - m}\\Bigr), \\qquad m = x_k = \\max x

    Parameters
    ----------
    x : array_like
        Logits, of at least one axis. float16, float32 and float64 keep their dtype; integers and bool are promoted.
    axis : int, default -1
        The axis to normalise along. (The default of `scipy.special.log_softmax` is all axes.)
    out : ndarray, optional
        Array of the shape of `x` to write to.
    dtype : dtype, optional
        Type of the result, and to which `x` is converted: float16, float32 or float64.

    Returns
    -------
    ndarray
        Same shape as `x`. A logit ahead by 20 gives -2.06e-9, not 0. A row with NaN or inf, or of -inf alone, becomes
        NaN; -inf beside finite entries stays -inf; an empty axis gives an empty result.

    Raises
    ------
    TypeError
        If `x` is complex, longdouble or object, or a masked array.
    ValueError
        If `x` is 0-dimensional or `out` has another shape.
    numpy.exceptions.AxisError
        If `x` has no such axis.

    See Also
    --------
    softmax : the probabilities themselves
    log_softmax_grad : the gradient
    cross_entropy : the loss made from it

    References
    ----------
    Blanchard, P., Higham, D. J. and Higham, N. J. (2021). Accurately computing the log-sum-exp and softmax functions.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.log_softmax(np.array([0.0, 20.0]))
    array([-2.00000000e+01, -2.06115362e-09])
    """
    return _along_axis(ufuncs.log_softmax, x, axis=axis, out=out, dtype=dtype)


def log_softmax_grad(x, g, axis=-1, *, out=None):
    """
    Gradient of `log_softmax`, from the input.

    .. math:: g - p \\sum_j g_j, \\qquad p = \\mathrm{softmax}(x)

    Parameters
    ----------
    x : array_like
        The logits.
    g : array_like
        The gradient by the output of `log_softmax`, of the shape of `x`.
    axis : int, default -1
        As in `log_softmax`.
    out : ndarray, optional
        Array of the shape of `x` to write to.

    Returns
    -------
    ndarray
        The gradient by `x`, of its shape. Rows for which `log_softmax` is NaN are NaN.

    Raises
    ------
    TypeError
        If an argument is complex, longdouble or object, or a masked array.
    ValueError
        If `x` is 0-dimensional or the shapes do not match.

    See Also
    --------
    log_softmax_grad_from_output : the same from a saved result of `log_softmax`

    References
    ----------
    Bridle, J. S. (1990). Probabilistic interpretation of feedforward classification network outputs.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.log_softmax_grad(np.array([0.0, 0.0]), np.array([1.0, 0.0]))
    array([ 0.5, -0.5])
    """
    return _along_axis(ufuncs.log_softmax_grad, x, g, axis=axis, out=out)


def log_softmax_grad_from_output(y, g, axis=-1, *, out=None):
    """
    Gradient of `log_softmax`, from its saved output.

    .. math:: g - e^y \\sum_j g_j

    Parameters
    ----------
    y : array_like
        What `log_softmax` returned.
    g : array_like
        The gradient by it, of its shape.
    axis : int, default -1
        As in `log_softmax`.
    out : ndarray, optional
        Array of the shape of `y` to write to.

    Returns
    -------
    ndarray
        The gradient by the logits, of the shape of `y`. NaN in a row makes the row NaN.

    Raises
    ------
    TypeError
        If an argument is complex, longdouble or object, or a masked array.
    ValueError
        If `y` is 0-dimensional or the shapes do not match.

    See Also
    --------
    log_softmax_grad : the same from the logits

    References
    ----------
    Bridle, J. S. (1990). Probabilistic interpretation of feedforward classification network outputs.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.log_softmax_grad_from_output(np.log([0.5, 0.5]), np.array([1.0, 0.0]))
    array([ 0.5, -0.5])
    """
    return _along_axis(ufuncs.log_softmax_grad_from_output, y, g, axis=axis, out=out)
