"""Shared by the functions along an axis: axes, masks, temperatures, and checks that raise clear errors."""

import math
import numbers
import operator

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from fastact._core.dispatch import ufuncs

DTYPES = (np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64))


def with_options(name):
    """Return the ufuncs of a row function: without options, with a mask, with a temperature, and with both."""
    return tuple(ufuncs[name + suffix] for suffix in ("", "_where", "_temperature", "_where_temperature"))


def row_function(variants, x, g=None, *, axis, where=None, temperature=1.0, negative=False, out=None, dtype=None):
    """
    Call a generalised ufunc whose result has the shape of x along one or more axes.

    `variants` are the ufuncs of `with_options`, or one alone of a function without options. `negative` replaces x by
    -x.
    """
    x, g = as_array(x), None if g is None else as_array(g)
    if dtype is not None:
        x = x.astype(checked_dtype(dtype, x), copy=False)
    if g is not None and getattr(g, "shape", None) != getattr(x, "shape", None):
        raise ValueError(f"g must have the shape of the first argument, {x.shape}, not {g.shape}")
    one = not negative and isinstance(temperature, (int, float)) and temperature == 1
    rows = [x] if g is None else [x, g]
    if where is not None:
        rows.append(mask_for(x, where))
    values = () if one else [temperature_for(x, axis, temperature, negative)]
    return along(variants[(where is not None) + 2 * (not one)], rows, values, axis=axis, out=out)


def along(function, rows, values=(), *, axis, out=None):
    """
    Call a generalised ufunc along one or more axes; its result has the shape of the first of the `rows`.

    `rows` are the operands with a core dimension, `values` those with one number for each row.
    """
    x = rows[0]
    if out is not None:
        check_out(out, x, getattr(x, "shape", None))
    axis = checked_axis(x, axis)
    if isinstance(axis, int):
        if type(x) is np.ndarray and axis in (-1, x.ndim - 1):  # the ufuncs' default
            return function(*rows, *values) if out is None else function(*rows, *values, out=out)
        if out is None and -x.ndim <= axis < x.ndim:
            out = result_like(function, rows, values)
        return function(*rows, *values, axis=axis, out=out)
    result = split_axes(function(*(merge_axes(a, axis) for a in rows), *values), x.shape, axis)
    if out is None:
        return result
    np.copyto(out, result)  # raises for the casts that ufuncs refuse too, such as float64 to int
    return out


def result_like(function, rows, values):
    """
    Return an empty array for the result with the memory layout of the first of the rows, or None.

    None unless all operands are plain arrays or numbers. A result that a generalised ufunc allocates has the core axis
    last in memory, whatever the layout of the input: slow to write, and slow to combine with the input later.
    """
    operands = (*rows, *values)
    if (
        type(rows[0]) is np.ndarray
        and rows[0].dtype in DTYPES
        and all(type(a) is np.ndarray and a.dtype in (rows[0].dtype, bool) for a in rows)
    ):
        return np.empty_like(rows[0])
    if all(type(operand) in (np.ndarray, np.float64, float, int) for operand in operands):
        dtypes = (*(np.asarray(operand).dtype for operand in operands), *[None] * function.nout)
        return np.empty_like(rows[0], function.resolve_dtypes(dtypes)[-1])
    return None


def as_array(x):
    """Return x if its type overrides ufuncs, else x as an ndarray."""
    if type(x) is np.ndarray:
        return x
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError("masked arrays are not supported here: their masks would be ignored; use where=")
    if not hasattr(type(x), "__array_ufunc__"):
        return np.asarray(x)
    if not hasattr(x, "shape"):
        raise TypeError(f"an array is needed, which {type(x).__name__} is not: it has no shape")
    return x


def is_lazy(x):
    """Whether x is a dask array."""
    return hasattr(x, "dask") and hasattr(x, "chunks")


def rechunked_like(x, other, without=()):
    """
    Return `other` in the chunks of x if x is a dask array, else unchanged.

    `other` has the shape of x, less the axes `without`.
    """
    if not is_lazy(x):
        return other
    from dask import array

    chunks = tuple(c for i, c in enumerate(x.chunks) if i not in without)
    return other.rechunk(chunks) if is_lazy(other) else array.from_array(other, chunks=chunks)


def checked_dtype(dtype, x):
    """Return `dtype` as a NumPy dtype that x can be converted to by ``same_kind`` casting, as ufuncs convert."""
    dtype = np.dtype(dtype)
    if dtype.newbyteorder("=") not in DTYPES:
        raise TypeError(f"dtype must be float16, float32 or float64, not {dtype}")
    own = getattr(x, "dtype", None)
    if isinstance(own, np.dtype) and not np.can_cast(own, dtype, "same_kind"):
        raise TypeError(f"x must be of float16, float32, float64, integers or bool, not {own}")
    return dtype


def floating(name, dtype):
    """Return the dtype of the result for an argument of `dtype`; `name` is that of the argument in messages."""
    if dtype in DTYPES:
        return dtype
    try:
        return ufuncs["identity"].resolve_dtypes((dtype, None))[1]
    except TypeError:
        raise TypeError(f"{name} must be of float16, float32, float64, integers or bool, not {dtype}") from None


def integer(name, value):
    """Return a Python or NumPy integer as an int."""
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an int, not {value!r}") from None


def real_number(name, value):
    """Return a Python or NumPy number as a float."""
    if type(value) is float:
        return value
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, not {value!r}")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{name} is too large for a float") from None


def axis_number(axis, ndim):
    """Return an axis as an int; raise AxisError for one too large for a C int, where NumPy raises OverflowError."""
    axis = integer("axis", axis)
    if abs(axis) > 2**31 - 1:
        raise np.exceptions.AxisError(axis, ndim)
    return axis


def checked_axis(x, axis):
    """Return a single axis as an int, several as a tuple of non-negative ints."""
    ndim = getattr(x, "ndim", 1)
    if type(axis) is int and -ndim <= axis < ndim:
        return axis
    if axis is not None and not isinstance(axis, tuple):
        try:
            axis = operator.index(axis)
        except TypeError:
            raise TypeError(f"axis must be an int, a tuple of ints or None, not {axis!r}") from None
        if ndim == 0:
            raise ValueError("functions along an axis need at least one, but the first argument is 0-dimensional")
        return axis_number(axis, ndim)
    axes = range(x.ndim) if axis is None else normalize_axis_tuple([axis_number(a, ndim) for a in axis], x.ndim)
    axes = tuple(axes)
    return axes[0] if len(axes) == 1 else axes


def merge_axes(x, axes):
    """Return x with the axes moved to the end and merged into one: a view where possible."""
    moved = np.moveaxis(x, axes, range(-len(axes), 0))
    outer = moved.shape[: x.ndim - len(axes)]
    return moved.reshape((*outer, math.prod(moved.shape[len(outer) :])))


def split_axes(x, shape, axes):
    """Undo `merge_axes`; `shape` is that of the array before."""
    outer = tuple(n for i, n in enumerate(shape) if i not in axes)
    return np.moveaxis(x.reshape((*outer, *(shape[i] for i in axes))), range(-len(axes), 0), axes)


def mask_for(x, where):
    """Return the mask, broadcast to the shape of x."""
    if type(where) is np.ndarray and where.dtype == bool and where.shape == x.shape and not is_lazy(x):
        return where
    if isinstance(where, np.ma.MaskedArray):
        raise TypeError("where must not be a masked array")
    mask = np.True_ if where is None else where if is_lazy(where) else np.asarray(where)
    if mask.dtype != bool:
        raise TypeError(f"where must be an array of bool, not of {mask.dtype}")
    if mask.shape == x.shape:
        return rechunked_like(x, mask)
    try:
        mask = np.broadcast_to(mask, x.shape)
    except ValueError:
        raise ValueError(
            f"where must broadcast to the shape of the first argument, {x.shape}, not {mask.shape}"
        ) from None
    return rechunked_like(x, mask)


def temperature_for(x, axis, temperature, negative):
    """Return the temperature of each row, negative if the function is to be taken at -x."""
    if type(temperature) is int:
        temperature = real_number("temperature", temperature)
    if type(temperature) is float and temperature > 0:  # the usual case, without a detour through arrays
        return -temperature if negative else temperature
    if isinstance(temperature, numbers.Real) and not isinstance(temperature, (bool, np.generic)):
        temperature = real_number("temperature", temperature)
    values = temperature if is_lazy(temperature) else np.asarray(temperature)
    if values.dtype.kind not in "fiu":
        raise TypeError(f"temperature must be a real number or an array of them, not {temperature!r}")
    with np.errstate(all="ignore"):
        values = values.astype(np.float64)
    if not is_lazy(values) and not (values > 0).all():
        raise ValueError(f"temperature must be positive, not {values[~(values > 0)].flat[0]}")
    if values.ndim:
        axes = normalize_axis_tuple(checked_axis(x, axis), x.ndim)
        rows = tuple(n for i, n in enumerate(x.shape) if i not in axes)
        if values.shape != rows:
            raise ValueError(
                f"temperature must be a number or of the shape of the first argument without axis, {rows}, "
                f"not {values.shape}"
            )
        values = rechunked_like(x, values, without=axes)
    return -values if negative else values


def check_out(out, x, shape):
    """Raise an error unless the result can be written to `out`."""
    if is_lazy(x):
        raise TypeError("out is not supported for dask arrays")
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be an ndarray, not {type(out).__name__}")
    if shape is not None and out.shape != shape:
        raise ValueError(f"out must be of the shape of the result, {shape}, not {out.shape}")
