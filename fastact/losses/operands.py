"""The operands of the elementwise losses: checked, converted to one dtype, and none that would enlarge the first."""

import numpy as np

from fastact._core.axes import floating


def prepare(name, x, target, probabilities=False):
    """Return both as arrays, the target in the dtype of x; `name` is what messages call x."""
    x, target = _array(name, x), _array("target", target)
    dtype = floating(name, x.dtype)
    floating("target", target.dtype)
    if target.shape != x.shape:
        raise ValueError(f"target must have the shape of {name}, {x.shape}, not {target.shape}")
    if probabilities:
        _check_probabilities(name, x)
        _check_probabilities("target", target)
    return x.astype(dtype) if x.dtype.kind in "biu" else x, _converted(target, dtype)


def prepare_weight(name, weight, x, x_name):
    """Return a weight that broadcasts to x, in its dtype; 1 if there is none."""
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
    """Refuse what lies outside [0, 1]; NaN passes. Chunked arrays are computed later and cannot be looked at now."""
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
    """Arrays of other libraries stay what they are if they are array-like enough."""
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array, which is not supported here: its masked entries would take part")
    if hasattr(type(value), "__array_ufunc__") and isinstance(getattr(value, "dtype", None), np.dtype):
        return value
    return np.asarray(value)


def _converted(value, dtype):
    """Return a further operand in the dtype of the first one."""
    if hasattr(value, "to_numpy"):
        value = np.asarray(value)  # else pandas would match labels, not positions
    if value.dtype == dtype:
        return value
    with np.errstate(all="ignore"):
        return value.astype(dtype)
