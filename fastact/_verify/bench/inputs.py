"""The arrays of a cell: views of a few large arrays, which are made once and used for all cells."""

import math
from dataclasses import dataclass

import numpy as np

import fastact
from fastact._verify import naive
from fastact._verify.bench import cells

SPREAD = 3
ROW_GAP = 64  # elements between the rows of "row-slices"


@dataclass
class Inputs:
    named: dict  # by parameter of the NumPy expression
    out: object  # an array, a tuple of them, or None
    moved: int  # the number of bytes read and written

    @property
    def arguments(self):
        return tuple(self.named.values())


class Pool:
    """Large arrays, of which views are returned; longer views begin with the same numbers as shorter ones."""

    def __init__(self):
        self._kept = {}

    def normal(self, key, count, dtype):
        return self._view((key, dtype), count, self._draw)

    def empty(self, key, count, dtype):
        return self._view((key, dtype), count, lambda key, count: np.empty(count, key[1]))

    def _view(self, key, count, make):
        if key not in self._kept or self._kept[key].size < count:
            self._kept[key] = make(key, count)
        return self._kept[key][:count]

    @staticmethod
    def _draw(key, count):
        name, dtype = key
        values = np.random.default_rng([0, len(name), ord(name[0])]).standard_normal(count, dtype=dtype)
        values *= SPREAD if name in ("x", "gate", "logits") else 1
        return values


def make(cell, pool):
    """Return the inputs of a cell, and arrays for its results."""
    if cell.kind == "other":
        arguments = naive.arguments(cell.name, cell.size, np.dtype(cell.dtype))
        named = dict(zip(naive.parameters(cell.name), arguments, strict=True))
        return Inputs(named, None, _bytes(named.values()))
    named = {}
    for key, parameter in naive.parameters(cell.name).items():
        named[key] = parameter.default if parameter.default is not parameter.empty else _operand(cell, key, pool)
        if cell.layout == "broadcast" and key in ("weight", "alpha", "cap"):
            named[key] = np.abs(pool.normal(key, cell.shape[0], cell.dtype))[:, None] + np.dtype(cell.dtype).type(0.5)
    results = _results(cell, pool)
    moved = _bytes(named.values()) + _bytes(results)
    if cell.layout == "allocating" or cell.kind == "cross-entropy":
        results = ()
    return Inputs(named, results[0] if len(results) == 1 else results or None, moved)


def _operand(cell, key, pool):
    if key == "target":
        count, shape = cells.classes(cell)
        return np.random.default_rng(0).integers(0, count, shape)
    if key == "y":
        forward = getattr(fastact, cell.name.removesuffix("_grad_from_output"))
        axis = {"axis": cell.axis} if cell.kind == "row gradient" else {}
        y = pool.empty("y", cell.size, cell.dtype).reshape(cell.shape)
        return forward(_operand(cell, "x", pool), out=y, **axis)
    if cell.layout == "strided":
        return pool.normal(key, 2 * cell.size, cell.dtype)[::2]
    if cell.layout == "row-slices":
        rows, columns = cell.shape
        wide = pool.normal(key, rows * (columns + ROW_GAP), cell.dtype).reshape(rows, -1)
        return wide[:, :columns]
    if cell.layout == "broadcast" and key in ("g", "up"):
        return pool.normal(key, cell.shape[0], cell.dtype)[:, None]
    array = pool.normal(key, cell.size, cell.dtype).reshape(cell.shape)
    return array.T if cell.layout == "transposed" else array


def _results(cell, pool):
    """Return the arrays into which the results are written."""
    shape, count = cell.shape, 1
    if cell.name == "logsumexp":
        shape = cells.classes(cell)[1]
    elif cell.kind in ("forward", "gradient"):
        count = getattr(fastact.ufuncs, cell.name).nout
    elif cell.kind == "cross-entropy":
        count = {"cross_entropy": 0, "cross_entropy_grad_and_hess": 2}.get(cell.name, 1)
    return tuple(pool.empty(f"out{i}", math.prod(shape), cell.dtype).reshape(shape) for i in range(count))


def _bytes(values):
    return sum(a.nbytes for a in values if isinstance(a, np.ndarray))
