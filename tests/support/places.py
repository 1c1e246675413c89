"""Operands for the tests of equal bits, and copies of them at chosen places in memory."""

import contextlib
from functools import cache

import numpy as np

from fastact._core import runtime


@cache
def operand_pool(n, dtype):
    """Return operands of n elements, most of them moderate; the same ones in every dtype."""
    rng = np.random.default_rng(3)
    pool = rng.normal(0, 4, (6, n))
    pool[:, ::17] *= 20
    pool = pool.astype(dtype)
    pool.flags.writeable = False
    return pool


def operands(function, n, dtype):
    """Return an array for each input of an elementwise ufunc, of the types of its loop."""
    loop = next(types for types in function.types if types.startswith(dtype))
    return [operand_pool(n, letter)[k] for k, letter in enumerate(loop.partition("->")[0])]


def moved(array, offset):
    """Return a copy that starts `offset` elements after a multiple of 64 bytes."""
    memory = np.empty(array.nbytes + 64 * array.itemsize + 64, np.uint8)
    start = -memory.ctypes.data % 64 + offset * array.itemsize
    copy = memory[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def side_by_side(arrays):
    """Return copies a megabyte and 16 bytes apart, as NumPy puts arrays of a megabyte."""
    step = 2**20 + 16
    memory = np.empty(len(arrays) * step + 64, np.uint8)
    start = -memory.ctypes.data % 64
    copies = [memory[start + k * step :][: a.nbytes].view(a.dtype).reshape(a.shape) for k, a in enumerate(arrays)]
    for copy, array in zip(copies, arrays, strict=True):
        copy[...] = array
    return copies


def every_other(array):
    """Return the same numbers, of which no two are neighbours in memory."""
    return np.repeat(array, 2, axis=-1)[..., ::2]


def surrounded(array, margin=5):
    """Return the same rows one element apart in memory, `margin` others before and after; all memory, and the rows."""
    memory = np.full((len(array) + 2 * margin, *array.shape[1:]), 7, array.dtype, order="F")
    memory[margin:-margin] = array
    return memory, memory[margin:-margin]


@contextlib.contextmanager
def comparing_few_bits(value):
    """Have the processor treated as one that compares addresses by their lowest bits, or as another."""
    before = runtime.set_compares_few_bits(value)
    try:
        yield
    finally:
        runtime.set_compares_few_bits(before)
