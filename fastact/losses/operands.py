"""The operands of the elementwise losses: checked, and converted to a common dtype."""

import numpy as np

from fastact._core.axes import floating


def checked_input_and_target(name, x, target, probabilities=False):
    """
    Return both as arrays of equal shape, the target converted to the dtype of x.

    `name` is the name of x in error messages; `probabilities` says that elements outside [0, 1] are errors.
    """
    x, target = _array(name, x), _array("target", target)
    dtype = floating(name, x.dtype)
    floating("target", target.dtype)
    if target.shape != x.shape:
        raise ValueError(f"target must have the shape of {name}, {x.shape}, not {target.shape}")
    if probabilities:
        _check_probabilities(name, x)
        _check_probabilities("target", target)
    return x.astype(dtype) if x.dtype.kind in "biu" else x, _converted(target, dtype)


def checked_weight(name, weight, x, x_name):
    """Return a weight that broadcasts to x without enlarging it, in the dtype of x; 1 if it is None."""
    if weight is None:
        return 1.0
    weight = _array(name, weight)
    floating(name, weight.dtype)
    shape = weight.shape
    if len(shape) > x.ndim or any(m not in (1, n) for m, n in zip(shape[::-1], x.shape[::-1], strict=False)):
        raise ValueError(
            f"{name} must broadcast to the shape of {x_name}, {x.shape}, without enlarging it, not be {shape}"
        )
    return _converted(weight, floating(x_name, x.dtype))


def _check_probabilities(name, x):
    """Raise ValueError if an element is outside [0, 1]; NaN and lazy arrays, whose values are not known, pass."""
    if getattr(x, "chunks", None) is not None:
        return
    x = np.asarray(x)
    if x.size == 0 or (x.min() >= 0 and x.max() <= 1):
        return
    bad = (x < 0) | (x > 1)
    if bad.any():
        position = tuple(int(i) for i in np.unravel_index(np.argmax(bad), x.shape))
        raise ValueError(f"{name} must lie between 0 and 1, but is {x[position]} at position {position}")


def _array(name, value):
    """Return an ndarray, or the value itself if it has a NumPy dtype and overrides ufuncs."""
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array, which is not supported here: its mask would be ignored")
    if hasattr(type(value), "__array_ufunc__") and isinstance(getattr(value, "dtype", None), np.dtype):
        return value
    return np.asarray(value)


def _converted(value, dtype):
    """Return a further operand in the dtype of the first one."""
    if hasattr(value, "to_numpy"):
        value = np.asarray(value)  # pandas would align it by labels, not by position
    if value.dtype == dtype:
        return value
    with np.errstate(all="ignore"):
        return value.astype(dtype)
