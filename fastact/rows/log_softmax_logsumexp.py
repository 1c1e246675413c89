"""log_softmax and logsumexp with their gradients."""

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from fastact import ufuncs
from fastact._core.axes import (
    along,
    as_array,
    check_out,
    checked_axis,
    mask_for,
    merge_axes,
    rechunked_like,
    row_function,
    with_options,
)
from fastact._core.callables import plain_first
from fastact._core.docstrings import shared_doc

_LOG_SOFTMAX = with_options("log_softmax")
_LOG_SOFTMAX_GRAD = with_options("log_softmax_grad")
_LOG_SOFTMAX_GRAD_FROM_OUTPUT = with_options("log_softmax_grad_from_output")


@plain_first(ufuncs.log_softmax)
@shared_doc
def log_softmax(x, axis=-1, *, where=None, temperature=1.0, out=None, dtype=None):
    """
    Logarithm of `softmax`, with full relative accuracy where one entry dominates.

    .. math:: f(x)_i = \\frac{x_i - m}{T} - \\log\\Bigl(1 + \\sum_{j \\ne k} e^{(x_j - m) / T}\\Bigr),
              \\qquad m = x_k = \\max x

    [Parameters: logits, axis, where, temperature, out, dtype]

    Returns
    -------
    ndarray
        Array of the same shape as `x`. A logit larger than the others by 20 gives -2.06e-9, not 0. A row that contains
        NaN or inf, or only -inf, is NaN; -inf among finite entries gives -inf; an empty axis gives an empty result.
        Masked entries are -inf.

    [errors]

    See Also
    --------
    softmax : the probabilities
    log_softmax_grad : the gradient
    cross_entropy : the loss computed from it

    [Blanchard 2021]

    [Examples]
    >>> fastact.log_softmax(np.array([0.0, 20.0]))
    array([-2.00000000e+01, -2.06115362e-09])
    """
    return row_function(_LOG_SOFTMAX, x, axis=axis, where=where, temperature=temperature, out=out, dtype=dtype)


@plain_first(ufuncs.log_softmax_grad)
@shared_doc
def log_softmax_grad(x, g, axis=-1, *, where=None, temperature=1.0, out=None):
    """
    Gradient of `log_softmax`, from the input.

    .. math:: \\frac{1}{T} \\Bigl(g - p \\sum_j g_j\\Bigr), \\qquad p = \\mathrm{softmax}(x)

    [Parameters: gradient arguments, axis, where, temperature, out]

    Returns
    -------
    ndarray
        The gradient with respect to `x`, of the same shape. At a dominant entry it is computed from the others, without
        cancellation. Rows for which `log_softmax` is NaN are NaN; masked entries are 0.

    [errors]

    See Also
    --------
    log_softmax_grad_from_output : the same from a saved result of `log_softmax`

    [Bridle 1990]

    [Examples]
    >>> fastact.log_softmax_grad(np.array([0.0, 0.0]), np.array([1.0, 0.0]))
    array([ 0.5, -0.5])
    """
    return row_function(_LOG_SOFTMAX_GRAD, x, g, axis=axis, where=where, temperature=temperature, out=out)


@plain_first(ufuncs.log_softmax_grad_from_output)
@shared_doc
def log_softmax_grad_from_output(y, g, axis=-1, *, where=None, temperature=1.0, out=None):
    """
    Gradient of `log_softmax`, from its saved output.

    .. math:: \\frac{1}{T} \\Bigl(g - e^y \\sum_j g_j\\Bigr)

    [Parameters: output gradient arguments, axis, where, temperature, out]

    [gradient from output]

    [errors]

    See Also
    --------
    log_softmax_grad : the same from the logits

    [Bridle 1990]

    [Examples]
    >>> fastact.log_softmax_grad_from_output(np.log([0.5, 0.5]), np.array([1.0, 0.0]))
    array([ 0.5, -0.5])
    """
    return row_function(_LOG_SOFTMAX_GRAD_FROM_OUTPUT, y, g, axis=axis, where=where, temperature=temperature, out=out)


@plain_first(ufuncs.logsumexp)
@shared_doc
def logsumexp(x, axis=-1, *, keepdims=False, where=None, out=None):
    """
    Logarithm of the sum of exponentials along an axis.

    .. math:: f(x) = \\log \\sum_j e^{x_j} = m + \\log\\Bigl(1 + \\sum_{j \\ne k} e^{x_j - m}\\Bigr),
              \\qquad m = x_k = \\max x

    Parameters
    ----------
    [logits]
    [axis]
    keepdims : bool, default False
        Whether the result keeps `axis` with length 1.
    [where]
    [out]

    Returns
    -------
    ndarray or scalar
        The shape is that of `x` without `axis`. Nothing overflows. Near its root, where the two terms cancel, the error
        is relative to the size of the terms. NaN gives NaN; inf gives inf; a row of only -inf, an empty axis or a row
        with all entries masked gives -inf.

    [errors]

    See Also
    --------
    logsumexp_grad : the gradient
    log_softmax : x minus this

    [Blanchard 2021]

    [Examples]
    >>> fastact.logsumexp(np.array([[0.0, 0.0], [1000.0, 1000.0]]))
    array([6.93147181e-01, 1.00069315e+03])
    """
    x = as_array(x)
    axes = checked_axis(x, axis)
    counted = normalize_axis_tuple(axes, getattr(x, "ndim", 1))
    rows = [x] if where is None else [x, mask_for(x, where)]
    function = ufuncs.logsumexp if where is None else ufuncs.logsumexp_where
    target = None
    if out is not None:
        check_out(out, x, _shape_without(x, counted, keepdims))
        target = np.squeeze(out, counted) if keepdims else out
    if isinstance(axes, int):
        result = function(*rows, axis=axes, out=target)
    else:
        result = function(*(merge_axes(a, axes) for a in rows), out=target)
    if out is not None:
        return out
    return np.expand_dims(result, counted) if keepdims else result


@shared_doc
def logsumexp_grad(x, g, axis=-1, *, keepdims=False, where=None, out=None):
    """
    Gradient of `logsumexp`, from the input.

    .. math:: g \\, p, \\qquad p = \\mathrm{softmax}(x)

    Parameters
    ----------
    x : array_like
        The input of the forward function.
    g : array_like
        The gradient with respect to its output, of the same shape as that output.
    [axis]
    keepdims : bool, default False
        Whether `g` still has `axis`, with length 1.
    [where]
    [out]

    Returns
    -------
    ndarray
        The gradient with respect to `x`, of the same shape. Rows for which `softmax` is NaN are NaN;
        masked entries are 0.

    [errors]

    See Also
    --------
    logsumexp : the function

    [Blanchard 2021]

    [Examples]
    >>> fastact.logsumexp_grad(np.array([0.0, 0.0]), 3.0)
    array([1.5, 1.5])
    """
    x, g = as_array(x), as_array(g)
    counted = normalize_axis_tuple(checked_axis(x, axis), x.ndim)
    shape = _shape_without(x, counted, keepdims)
    if g.shape != shape:
        raise ValueError(f"g must have the shape of the result of logsumexp, {shape}, not {g.shape}")
    g = rechunked_like(x, np.squeeze(g, counted) if keepdims else g, without=counted)
    if where is None:
        return along(ufuncs.logsumexp_grad, [x], [g], axis=axis, out=out)
    return along(ufuncs.logsumexp_grad_where, [x, mask_for(x, where)], [g], axis=axis, out=out)


def _shape_without(x, axes, keepdims):
    return tuple(1 if i in axes else n for i, n in enumerate(x.shape) if keepdims or i not in axes)
