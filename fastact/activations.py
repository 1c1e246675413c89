"""
The elementwise functions, made from the declarations next to their kernels; and glu, which splits its argument.

A function without parameters is a ufunc. A function with parameters is an `ElementwiseFunction` that calls the ufunc.
"""

import contextlib

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from fastact._core.axes import axis_number
from fastact._core.callables import ElementwiseFunction
from fastact._core.dispatch import declarations, ufuncs
from fastact._core.docstrings import shared_doc

__all__ = ["glu", "glu_grad"]

for _name, _declaration in declarations.items():
    if _declaration.is_public:
        globals()[_name] = ElementwiseFunction(_declaration, "fastact") if _declaration.parameters else ufuncs[_name]
        __all__.append(_name)
    if _declaration.at_defaults:
        with contextlib.suppress(AttributeError):  # NumPy < 2.2, where pickle searches for the module
            _declaration.at_defaults.__module__ = "fastact"
del _name, _declaration


@shared_doc
def glu(x, axis=-1):
    """
    Gated linear unit: the first half of the input times the sigmoid of the second half.

    .. math:: f(x) = a \\, \\sigma(b), \\qquad x = (a, b)

    Parameters
    ----------
    x : array_like
        Input, of even length along `axis`. float16, float32 and float64 keep their dtype; bool and integers are
        promoted as by `numpy.tanh`.
    axis : int, default -1
        The axis along which `x` is split into halves.

    Returns
    -------
    ndarray
        Array of the shape of `x`, but half as long along `axis`. NaN gives NaN.

    Raises
    ------
    TypeError
        If `x` is complex, longdouble or object.
    ValueError
        If the length along `axis` is odd.
    numpy.exceptions.AxisError
        If `x` has no such axis.

    See Also
    --------
    glu_grad : the gradient
    swiglu : the same with silu, and with two operands

    [Dauphin 2017]

    [Examples]
    >>> fastact.glu(np.array([1.0, 2.0, 0.0, 3.0]))
    array([0.5       , 1.90514825])
    """
    first, second, _ = _halves(x, axis)
    return ufuncs["glu"](first, second)


@shared_doc
def glu_grad(x, g, axis=-1):
    """
    Gradient of `glu`, from the input.

    .. math:: (g \\, \\sigma(b), \\ g a \\, \\sigma'(b)), \\qquad x = (a, b)

    Parameters
    ----------
    x : array_like
        The input of the forward function.
    g : array_like
        The gradient with respect to its output, broadcast to the shape of the output.
    axis : int, default -1
        As in `glu`.

    Returns
    -------
    ndarray
        The gradient with respect to `x`, of the same shape. NaN gives NaN.

    Raises
    ------
    TypeError
        If an argument is complex, longdouble or object.
    ValueError
        If the length along `axis` is odd, or `g` does not broadcast to the output.
    numpy.exceptions.AxisError
        If `x` has no such axis.

    See Also
    --------
    glu : the function

    [Dauphin 2017]

    [Examples]
    >>> fastact.glu_grad(np.array([1.0, 0.0]), 1.0)
    array([0.5 , 0.25])
    """
    first, second, axis = _halves(x, axis)
    shape = np.shape(g)
    if len(shape) > first.ndim or any(m not in (1, n) for m, n in zip(shape[::-1], first.shape[::-1], strict=False)):
        raise ValueError(f"g must broadcast to the shape of glu's output, {first.shape}, not {shape}")
    concatenate = np.ma.concatenate if isinstance(first, np.ma.MaskedArray) else np.concatenate
    return concatenate(ufuncs["glu_grad"](first, second, g), axis=axis)


def _halves(x, axis):
    """Return views of the two halves of x along an axis, and the axis as a non-negative int."""
    # other objects, such as data frames, cannot be sliced by position: the halves would be aligned by labels
    x = x if hasattr(type(x), "__array_ufunc__") and hasattr(type(x), "__array_function__") else np.asarray(x)
    axis = normalize_axis_index(axis_number(axis, x.ndim), x.ndim)
    if x.shape[axis] % 2:
        raise ValueError(f"x must be of even length along axis {axis}, not {x.shape[axis]}")
    middle = x.shape[axis] // 2
    before = (slice(None),) * axis
    return x[(*before, slice(None, middle))], x[(*before, slice(middle, None))], axis
