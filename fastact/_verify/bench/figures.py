"""The required ratios, by kind of work. A ratio is the time of another contestant divided by that of fastact."""

import inspect
import math
from dataclasses import dataclass, field

import numpy as np

import fastact
from fastact._verify import naive
from fastact._verify.bench import cells
from fastact._verify.bench.contestants import LIBRARIES, ONE_THREAD, OURS, REFERENCE, SPEEDUP_SIZE

# A function is limited by its arithmetic if it takes one thread at least this many times as long as a copy.
ARITHMETIC = 2
# Cells with a ratio below this multiple of the required one are measured a second time.
CLOSE = 1.15
NAMES = {
    "numpy": "NumPy",
    "scipy": "SciPy",
    "numexpr": "numexpr",
    "torch": "PyTorch",
    "jax": "JAX",
    "thinc": "thinc",
    "best": "the best",
    "fastest copy": "a copy",
}


@dataclass(frozen=True)
class Result:
    cell: cells.Cell
    seconds: dict


@dataclass(frozen=True)
class Pair:
    """fastact in one precision compared with another contestant of the cell."""

    cell: cells.Cell
    own: str
    other: str
    ratio: float
    required: float | None

    @property
    def margin(self):
        return self.ratio / (self.required or 1)

    def __str__(self):
        # the cell says which dtype
        own = f" {self.own}".removesuffix(" float64").replace(" float64 ", " ")
        other = "one thread" if self.other.endswith(ONE_THREAD) else NAMES.get(self.other, self.other)
        return f"{self.cell}{own}, {other}"


@dataclass(frozen=True)
class Figure:
    work: str
    chosen: object  # function of a cell: whether it belongs here
    precisions: tuple
    # function of cell, precision, times and another contestant: the smallest ratio allowed, None for any
    required: object = lambda cell, own, times, other: None
    text: str = "reported"
    means: dict = field(default_factory=dict)  # the smallest geometric mean allowed, by library
    others: object = None  # function of a precision: the contestants to compare with; by default all libraries

    def pairs(self, results):
        found = []
        for result in results:
            if self.chosen(result.cell):
                for own in self.precisions:
                    if own in result.seconds:
                        found += self._pairs_of(result, own)
        return found

    def _pairs_of(self, result, own):
        times = _times(result.seconds)
        for other in self.others(own) if self.others else LIBRARIES:
            if other in times:
                required = self.required(result.cell, own, times, other)
                yield Pair(result.cell, own, other, times[other] / times[own], required)


def _times(seconds):
    """Return the times, with that of the faster copy as `fastest copy`."""
    copies = [seconds[name] for name in ("copy", "copy by threads") if name in seconds]
    return seconds | ({"fastest copy": min(copies)} if copies else {})


def best_of(runs):
    """Return one result for each cell, with the best time of each contestant."""
    found = {}
    for result in (result for run in runs for result in run):
        best = found.setdefault(result.cell, {})
        best.update({name: min(t, best.get(name, t)) for name, t in result.seconds.items()})
    return [Result(cell, seconds) for cell, seconds in found.items()]


def geometric_means(pairs):
    """Return the geometric mean of the ratios to each library, and to the best one of each cell."""
    ratios, best = {}, {}
    for pair in pairs:
        ratios.setdefault(pair.other, []).append(pair.ratio)
        key = (pair.cell, pair.own)
        best[key] = min(best.get(key, math.inf), pair.ratio)
    ratios["best"] = list(best.values())
    return {name: float(np.exp(np.mean(np.log(values)))) for name, values in ratios.items() if values}


def is_close(result):
    """Whether a second measurement could change if the cell is behind."""
    return any(
        pair.required and pair.margin < CLOSE
        for figure in FIGURES
        if figure.chosen(result.cell)
        for pair in figure.pairs([result])
    )


def _everything(least):
    return lambda cell, own, times, other: least


def _exact(cell, own, times, other):
    return 0.5 if other == "torch" or (other == "numpy" and cell.name == "tanh") else 1.0


def _of(library, least):
    return lambda cell, own, times, other: least if other == library else None


def _by_width(peers, numpy):
    """Return the ratios required of a curve: against PyTorch and JAX, and NumPy, of the smallest arrays too."""
    least = {"torch": peers, "jax": peers, "numpy": numpy}
    return lambda cell, own, times, other: least.get(other)


def _small(cell, own, times, other):
    return 1 / 1.1 if isinstance(getattr(fastact, cell.name), np.ufunc) else 1 / 1.6


def _speedup(cell, own, times, other):
    return 1.8 if times[own + ONE_THREAD] >= ARITHMETIC * times["copy"] else None


def _with_defaults(name):
    return all(p.default is inspect.Parameter.empty for p in naive.parameters(name).values())


def _is_elementwise(cell):
    return cell.kind in ("forward", "gradient") and _plain(cell)


def _plain(cell):
    return cell.layout == "out=" and not cell.isa


FIGURES = (
    Figure(
        "elementwise with `out=`, float32 fast and float64",
        lambda cell: cell.kind == "forward" and _plain(cell),
        ("fast", "float64"),
        _everything(1.0),
        "≥ 1.0 against each",
        {"best": 1.5, "torch": 2, "numpy": 8},
    ),
    Figure(
        "the same, float32 exact",
        lambda cell: cell.kind == "forward" and _plain(cell),
        ("exact",),
        _exact,
        "≥ 1.0; ≥ 0.5 against PyTorch and `np.tanh`",
        {"best": 1.2, "numpy": 6},
    ),
    Figure(
        "gradients, float32 fast and float64",
        lambda cell: cell.kind in ("gradient", "row gradient") and _plain(cell),
        ("fast", "float64"),
        _everything(1.0),
        "≥ 1.0 against each",
        {"torch": 2},
    ),
    Figure(
        "gradients, float32 exact",
        lambda cell: cell.kind in ("gradient", "row gradient") and _plain(cell),
        ("exact",),
    ),
    Figure(
        "softmax, log_softmax, logsumexp, exact",
        lambda cell: cell.kind == "rows" and not cells.total_of(cell),
        ("exact",),
        _everything(1.0),
        "≥ 1.0 against each",
        {"torch": 1.5},
    ),
    Figure(
        "the same, fast",
        lambda cell: cell.kind == "rows" and not cells.total_of(cell),
        ("fast",),
        _everything(1.0),
        "≥ 1.0 against each",
        {"torch": 2.2},
    ),
    Figure("the same, float64", lambda cell: cell.kind == "rows" and not cells.total_of(cell), ("float64",)),
    Figure(
        "cross-entropy with gradient, exact",
        lambda cell: cell.name == "cross_entropy_value_and_grad" and not cells.total_of(cell),
        ("exact",),
        _everything(1.5),
        "≥ 1.5 against each",
        {"torch": 3, "numpy": 6},
    ),
    Figure(
        "cross-entropy with gradient, fast and float64",
        lambda cell: cell.name == "cross_entropy_value_and_grad" and not cells.total_of(cell),
        ("fast", "float64"),
    ),
    Figure(
        "cross-entropy without gradient",
        lambda cell: cell.name == "cross_entropy" and not cells.total_of(cell),
        OURS,
    ),
    Figure(
        "softmax, log_softmax, logsumexp, by width, fast",
        lambda cell: cell.kind == "rows" and cells.total_of(cell),
        ("fast",),
        _by_width(1.0, 2.0),
        "≥ 1.0 against PyTorch and JAX, ≥ 2 against NumPy",
        {"best": 1.4},
    ),
    Figure(
        "softmax, log_softmax, logsumexp, by width, exact",
        lambda cell: cell.kind == "rows" and cells.total_of(cell),
        ("exact",),
        _by_width(0.75, 1.5),
        "≥ 0.75 against PyTorch and JAX, ≥ 1.5 against NumPy",
        {"best": 1.1},
    ),
    Figure(
        "cross-entropy with gradient, by width, fast",
        lambda cell: cell.name == "cross_entropy_value_and_grad" and cells.total_of(cell),
        ("fast",),
        _of("torch", 1.5),
        "≥ 1.5 against PyTorch",
    ),
    Figure(
        "cross-entropy with gradient, by width, exact",
        lambda cell: cell.name == "cross_entropy_value_and_grad" and cells.total_of(cell),
        ("exact",),
        _of("torch", 1.2),
        "≥ 1.2 against PyTorch",
    ),
    Figure(
        "gradient and Hessian, by width, fast",
        lambda cell: cell.name in cells.BOOSTING and cells.total_of(cell),
        ("fast",),
        _of("numpy", 2.0),
        "≥ 2 against NumPy",
    ),
    Figure(
        "gradient and Hessian, by width, exact",
        lambda cell: cell.name in cells.BOOSTING and cells.total_of(cell),
        ("exact",),
        _of("numpy", 1.5),
        "≥ 1.5 against NumPy",
    ),
    Figure(
        "allocating, 16M, float32 exact",
        lambda cell: cell.kind == "forward" and cell.layout == "allocating" and cell.size == cells.LARGE,
        ("exact",),
        _of("torch", 2.0),
        "≥ 2 against PyTorch",
    ),
    Figure(
        "one-dimensional strided input, 1M",
        lambda cell: cell.layout == "strided",
        OURS,
        _of("torch", 2.0),
        "≥ 2 against PyTorch",
    ),
    Figure(
        "row slices, broadcasts, transposes, 1M",
        lambda cell: cell.layout in ("row-slices", "broadcast", "transposed"),
        OURS,
        _of("numpy", 0.9),
        "≥ 0.9 against NumPy",
    ),
    Figure(
        "16 elements, with and without `out=`",
        lambda cell: cell.kind == "forward" and cell.size == 16 and not cell.isa and _with_defaults(cell.name),
        OURS,
        _small,
        "`np.tanh`: ≥ 0.91 (1.1 times its time) for ufuncs, ≥ 0.63 (1.6 times) with default parameters",
        others=lambda own: (REFERENCE,),
    ),
    Figure(
        "16M with `out=`, fast",
        lambda cell: _is_elementwise(cell) and cell.size == cells.LARGE and cell.threads > 1,
        ("fast",),
        _everything(0.9),
        "≥ 0.9 of the bandwidth of a copy by as many threads",
        others=lambda own: ("fastest copy",),
    ),
    Figure(
        "two threads against one, 1M",
        lambda cell: _is_elementwise(cell) and cell.size == SPEEDUP_SIZE and cell.threads == 2,
        OURS,
        _speedup,
        f"≥ 1.8 where one thread takes at least {ARITHMETIC} times as long as for a copy",
        others=lambda own: (own + ONE_THREAD,),
    ),
    Figure(
        "AVX2 forced, fast",
        lambda cell: cell.isa == "avx2",
        ("fast",),
        text="the geometric mean",
        means={"torch": 1.0},
    ),
    Figure("all other functions", lambda cell: cell.kind == "other", OURS),
)
