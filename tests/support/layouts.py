"""Arrays in every memory layout that NumPy allows, drawn by hypothesis."""

import numpy as np
from hypothesis import strategies as st

DTYPES = ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]
shapes = st.lists(st.integers(0, 7), max_size=4).map(tuple) | st.sampled_from([(200,), (70, 3), (3, 70), (1500,)])


@st.composite
def strides_of(draw, shape, itemsize):
    """Return strides in which no two elements overlap, and the number of bytes that they span."""
    strides, extent = [0] * len(shape), itemsize
    for axis in draw(st.permutations(range(len(shape)))):
        # bytes between neighbours in addition to the elements between them
        gap = draw(st.sampled_from([0, 0, 0, 1, itemsize, 3 * itemsize, itemsize + 2]))
        strides[axis] = extent + gap
        extent += (max(shape[axis], 1) - 1) * strides[axis]
    return strides, extent


@st.composite
def laid_out(draw, values, dtype=None, writeable=False):
    """
    Return an array of these values of which order in memory, alignment, gaps and directions are drawn.

    Some axes get the stride 0 where they have one element; what will not be written to is read-only at times.
    """
    values = np.asarray(values)
    dtype = np.dtype(dtype or values.dtype)
    strides, extent = draw(strides_of(values.shape, dtype.itemsize))
    memory = np.zeros(extent + 64, np.uint8)
    start = -memory.ctypes.data % 16 + draw(st.sampled_from([0, 0, dtype.itemsize, 1, 3]))
    array = np.ndarray(values.shape, dtype, memory, start, strides)
    turned = tuple(slice(None, None, draw(st.sampled_from([1, -1]))) for _ in values.shape)
    array = array[(*turned, ...)]
    array[...] = values
    array.flags.writeable = writeable or draw(st.booleans())
    return array


@st.composite
def repeated(draw, shape):
    """Return a shape with 1 in the place of some lengths: what is broadcast from it has the stride 0 there."""
    return tuple(1 if n and draw(st.booleans()) else n for n in shape)


@st.composite
def overlapping(draw, count, itemsize):
    """Return two views of `count` elements of one memory, as functions of a dtype, and that memory."""
    step = itemsize * draw(st.sampled_from([1, 1, 2, 3])) * draw(st.sampled_from([1, -1]))
    other = draw(st.sampled_from([step, step, -step, 2 * step]))
    shift = draw(st.integers(-3 * itemsize - 2, 3 * itemsize + 2) | st.sampled_from([-itemsize, itemsize, 0]))
    size = 2 * 6 * itemsize * (count + 8)
    memory = np.zeros(size, np.uint8)
    middle = size // 2

    def view(stride, place):
        # a view that runs backwards starts at its end, so that both cover the same memory
        first = middle + place - (stride < 0) * stride * (count - 1)
        return lambda dtype: np.ndarray((count,), dtype, memory, first, (stride,))

    return view(step, 0), view(other, shift), memory
