"""The elementwise functions with parameters: a ufunc takes no default and no operand by name, so these do."""

from fastact import ufuncs


def softplus(x, beta=1.0, **keywords):
    """
    Smooth rectifier, the antiderivative of the sigmoid.

    .. math:: f(x) = \\frac{\\log(1 + e^{\\beta x})}{\\beta}

    Parameters
    ----------
    x : array_like
        Input of any shape. float32 and float64 keep their dtype; bool and integers of up to 16 bits become float32,
        wider integers float64.
    beta : array_like, default 1.0
        Sharpness, broadcast against `x`.
    **keywords
        Those of a ufunc: ``out``, ``where``, ``dtype``, ``casting``, ``order``, ``subok``.

    Returns
    -------
    ndarray or scalar
        The broadcast shape of `x` and `beta`. Exact everywhere: there is no threshold beyond which x itself is
        returned. For beta > 0 the limits are 0 at -inf and inf at inf; for beta < 0 they are -inf and -0; beta = 0
        gives inf. NaN gives NaN. With abs(beta) below 0.001 the left tail ends in 0 early: where beta x < -752 in
        float64, and where beta x < -130 in precision "fast".

    Raises
    ------
    TypeError
        If an argument is complex, longdouble or object.

    See Also
    --------
    softplus_grad : the gradient
    relu : the limit for large beta

    References
    ----------
    Dugas, C. et al. (2000). Incorporating second-order functional knowledge for better option pricing. NIPS.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.softplus(np.array([-50.0, 0.0, 1e4]))
    array([1.92874985e-22, 6.93147181e-01, 1.00000000e+04])
    """
    if type(beta) is float and beta == 1.0:
        return ufuncs.softplus_default(x, **keywords)
    return ufuncs.softplus(x, beta, **keywords)


def softplus_grad(x, g, beta=1.0, **keywords):
    """
    Gradient of `softplus`, from the input.

    .. math:: g \\cdot f'(x), \\qquad f'(x) = \\frac{1}{1 + e^{-\\beta x}}

    Parameters
    ----------
    x : array_like
        The input of the forward function.
    g : array_like
        The gradient by its output, broadcast against `x`.
    beta : array_like, default 1.0
        As in `softplus`.
    **keywords
        Those of a ufunc: ``out``, ``where``, ``dtype``, ``casting``, ``order``, ``subok``.

    Returns
    -------
    ndarray or scalar
        The gradient by `x`: the sigmoid of ``beta * x``, times `g`. For beta > 0 the slope is 0 at -inf and 1 at inf;
        for beta = 0 it is 1/2 throughout. NaN gives NaN.

    Raises
    ------
    TypeError
        If an argument is complex, longdouble or object.

    See Also
    --------
    softplus : the function
    sigmoid : the slope at beta = 1

    References
    ----------
    Dugas, C. et al. (2000). Incorporating second-order functional knowledge for better option pricing. NIPS.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> fastact.softplus_grad(np.array([-2.0, 0.0, 2.0]), 1.0)
    array([0.11920292, 0.5       , 0.88079708])
    """
    if type(beta) is float and beta == 1.0:
        return ufuncs.softplus_grad_default(x, g, **keywords)
    return ufuncs.softplus_grad(x, g, beta, **keywords)
