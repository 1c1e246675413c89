"""The contestants of a cell: how fastact, the other libraries and the references are called."""

import importlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from timeit import Timer

import numpy as np

import fastact
from fastact._verify import peers

# fastact by dtype and precision; without a word float32 in both, and float64 in the default one
PRECISIONS = {
    "float32": {"exact": "exact", "fast": "fast"},
    "float64": {"float64 exact": "exact", "float64": "fast"},
}
OURS = tuple(name for names in PRECISIONS.values() for name in names)
LIBRARIES = ("numpy", "scipy", "numexpr", "torch", "jax", "thinc")
ONE_THREAD = ", one thread"
REFERENCE = "np.tanh"
# From this number of bytes on, a copy by several threads is measured as well.
LARGE_COPY = 2**21
# The size at which one thread is compared with several in the same run.
SPEEDUP_SIZE = 2**20


@dataclass
class Call:
    """A function with its operands, which the timer calls directly."""

    function: object
    arguments: tuple = ()
    keywords: dict = field(default_factory=dict)
    precision: str = "exact"
    threads: int = 0  # for fastact; 0 for the number of the cell

    def timer(self):
        names = {f"a{i}": value for i, value in enumerate(self.arguments)}
        keywords = {f"k_{key}": value for key, value in self.keywords.items()}
        operands = [*names, *(f"{key}=k_{key}" for key in self.keywords)]
        return Timer(f"f({', '.join(operands)})", globals={"f": self.function, **names, **keywords})

    def result(self):
        return self.function(*self.arguments, **self.keywords)

    def settings(self, threads):
        stack = ExitStack()
        stack.enter_context(fastact.precision(self.precision))
        stack.enter_context(fastact.num_threads(self.threads or threads))
        return stack


@cache
def versions():
    """Return the version of each library that is installed."""
    return peers.versions(LIBRARIES)


def ours(cell):
    return tuple(PRECISIONS[cell.dtype])


def calls(cell, inputs, libraries=LIBRARIES, references=True):
    """
    Return the Call of each contestant of a cell by name.

    With `references`, also a copy of as many bytes, np.tanh for 16 elements, and fastact with one thread where the cell
    has several.
    """
    found = own_calls(cell, inputs)
    for library in libraries:
        if library in versions() and (call := library_call(library, cell, inputs)):
            found[library] = call
    if references:
        found.update(_references(cell, inputs, found))
    return found


def library_call(library, cell, inputs):
    """Return the Call of a library, or None if it has no such function."""
    return importlib.import_module(f"fastact._verify.bench.{library}_calls").call(cell, inputs)


def own_calls(cell, inputs):
    function, keywords = getattr(fastact, cell.name), {}
    if inputs.out is not None:
        keywords["out"] = inputs.out
    if cell.kind in ("rows", "row gradient", "cross-entropy"):
        keywords["axis"] = cell.axis
    return {name: Call(function, inputs.arguments, keywords, word) for name, word in PRECISIONS[cell.dtype].items()}


def _references(cell, inputs, found):
    references = {}
    if cell.size == 16 and len(inputs.named) == 1:
        references[REFERENCE] = Call(np.tanh, inputs.arguments, {} if inputs.out is None else {"out": inputs.out})
    if cell.layout == "out=" or cell.kind == "cross-entropy":
        source, target = _scratch(inputs.moved // 2)
        references["copy"] = Call(np.copyto, (target, source))
        if cell.threads > 1 and inputs.moved >= LARGE_COPY:
            references["copy by threads"] = Call(SharedCopy(target, source, cell.threads))
    elementwise = cell.kind in ("forward", "gradient") and cell.layout == "out=" and not cell.isa
    if elementwise and cell.threads > 1 and cell.size == SPEEDUP_SIZE:
        for name in ours(cell):
            own = found[name]
            references[name + ONE_THREAD] = Call(own.function, own.arguments, own.keywords, own.precision, threads=1)
    return references


class SharedCopy:
    """A copy by several threads; NumPy releases the GIL in copies."""

    def __init__(self, target, source, threads):
        self._pairs = list(zip(np.array_split(target, threads), np.array_split(source, threads), strict=True))
        self._workers = _workers(threads)

    def __call__(self):
        others = [self._workers.submit(np.copyto, *pair) for pair in self._pairs[1:]]
        np.copyto(*self._pairs[0])
        for other in others:
            other.result()


@cache
def _workers(threads):
    return ThreadPoolExecutor(threads - 1)


_buffers = [np.empty(0, np.uint8), np.empty(0, np.uint8)]


def _scratch(count):
    """Return two byte arrays to copy between."""
    if _buffers[0].size < count:
        _buffers[:] = [np.ones(count, np.uint8), np.ones(count, np.uint8)]
    return _buffers[0][:count], _buffers[1][:count]
