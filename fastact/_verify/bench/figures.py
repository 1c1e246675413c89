"""The required ratios, by kind of work. A ratio is the time of another contestant divided by that of fastact."""

import inspect
import math
from dataclasses import dataclass, field

import numpy as np

from fastact._verify import naive
from fastact._verify.bench import cells
from fastact._verify.bench.contestants import LIBRARIES, ONE_THREAD, OURS, REFERENCE, SPEEDUP_SIZE

# A function is limited by its arithmetic if it takes one thread at least this many times as long as a copy.
ARITHMETIC = 2
MANY = 65_536
SMALL = 16
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
    text: str = ""  # what is required
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
    """Twice as fast as np.tanh; three times with `out=`, where a Python function does not take longer to pass it on."""
    if not _with_defaults(cell.name):
        return 1 / 0.7
    return 3.0 if cell.layout == "out=" else 2.0


def _small_rows(cell, own, times, other):
    if cell.kind == "cross-entropy":
        return {"numpy": 5.0, "torch": 2.0}.get(other)
    return 2.5 if other in ("torch", "jax") else None


def _speedup(cell, own, times, other):
    return 1.8 if times[own + ONE_THREAD] >= ARITHMETIC * times["copy"] else None


def _with_defaults(name):
    return all(p.default is inspect.Parameter.empty for p in naive.parameters(name).values())


def _is_elementwise(cell):
    return cell.kind in ("forward", "gradient") and _plain(cell)


def _plain(cell):
    return cell.layout == "out=" and not cell.isa


def _is_row_curve(*names):
    return lambda cell: cell.name in names and cells.total_of(cell)


FIGURES = (
    Figure(
        "elementwise, from 64k elements on, fast",
        lambda cell: cell.kind == "forward" and _plain(cell) and cell.size >= MANY,
        ("fast", "float64"),
        _everything(0.97),
        "≥ 0.97",
        {"best": 1.6},
    ),
    Figure(
        "elementwise, fewer elements, fast",
        lambda cell: cell.kind == "forward" and _plain(cell) and cell.size < MANY,
        ("fast", "float64"),
        _everything(1.0),
        "≥ 1",
    ),
    Figure(
        "elementwise, exact float32",
        lambda cell: cell.kind == "forward" and _plain(cell),
        ("exact",),
        _exact,
        "≥ 1; ≥ 0.5 against PyTorch and `np.tanh`",
        {"best": 1.2},
    ),
    Figure(
        "gradients, fast",
        lambda cell: cell.kind == "gradient" and _plain(cell),
        ("fast", "float64"),
        _everything(1.0),
        "≥ 1",
        {"torch": 2},
    ),
    Figure("gradients, exact float32", lambda cell: cell.kind == "gradient" and _plain(cell), ("exact",)),
    Figure(
        "softmax and its relatives by width, fast",
        _is_row_curve(*cells.ROWS),
        ("fast",),
        _by_width(1.0, 2.0),
        "≥ 1 against PyTorch and JAX, ≥ 2 against NumPy",
        {"best": 1.4},
    ),
    Figure(
        "softmax and its relatives by width, float64",
        _is_row_curve(*cells.ROWS),
        ("float64",),
        _by_width(1.0, 2.0),
        "≥ 1 against PyTorch and JAX, ≥ 2 against NumPy",
        {"best": 1.4},
    ),
    Figure(
        "softmax and its relatives by width, exact float32",
        _is_row_curve(*cells.ROWS),
        ("exact",),
        _by_width(0.75, 1.5),
        "≥ 0.75 against PyTorch and JAX, ≥ 1.5 against NumPy",
        {"best": 1.1},
    ),
    Figure("gradient of softmax from its output by width", _is_row_curve(*cells.ROW_GRADIENTS), OURS),
    Figure(
        "cross-entropy with gradient by width, fast",
        _is_row_curve("cross_entropy_value_and_grad"),
        ("fast", "float64"),
        _of("torch", 1.5),
        "≥ 1.5 against PyTorch",
    ),
    Figure(
        "cross-entropy with gradient by width, exact",
        _is_row_curve("cross_entropy_value_and_grad"),
        ("exact", "float64 exact"),
        _of("torch", 1.2),
        "≥ 1.2 against PyTorch",
    ),
    Figure(
        "gradient and Hessian by width, fast",
        _is_row_curve(*cells.BOOSTING),
        ("fast",),
        _of("numpy", 2.0),
        "≥ 2 against NumPy",
    ),
    Figure(
        "gradient and Hessian by width, exact float32",
        _is_row_curve(*cells.BOOSTING),
        ("exact",),
        _of("numpy", 1.5),
        "≥ 1.5 against NumPy",
    ),
    Figure(
        "functions along another axis than the last",
        lambda cell: cell.kind in cells.ALONG_AXIS_KINDS and cell.axis != -1,
        OURS,
        _of("torch", 1.0),
        "≥ 1 against PyTorch",
    ),
    Figure(
        "few short rows: (8, 8) and (64, 10)",
        lambda cell: cell.kind in cells.ALONG_AXIS_KINDS and cell.size <= 640 and not cells.total_of(cell),
        OURS,
        _small_rows,
        "≥ 2.5; cross-entropy ≥ 2 against PyTorch, ≥ 5 against NumPy",
    ),
    Figure(
        "16 elements",
        lambda cell: cell.kind == "forward" and cell.size == SMALL and not cell.isa,
        OURS,
        _small,
        "against `np.tanh` ≥ 2, with `out=` ≥ 3, with parameters at their defaults ≥ 1.4",
        others=lambda own: (REFERENCE,),
    ),
    Figure(
        "new arrays for the results",
        lambda cell: cell.kind == "forward" and cell.layout == "allocating" and cell.size > SMALL,
        ("fast", "float64"),
    ),
    Figure(
        "one-dimensional strided input, 1M elements",
        lambda cell: cell.layout == "strided",
        OURS,
        _of("torch", 2.0),
        "≥ 2 against PyTorch",
    ),
    Figure(
        "row slices, broadcasts, transposes, 1M elements",
        lambda cell: cell.layout in ("row-slices", "broadcast", "transposed"),
        OURS,
        _of("torch", 1.0),
        "≥ 1 against PyTorch",
        {"torch": 1.5},
    ),
    Figure(
        "16M elements with `out=`",
        lambda cell: _is_elementwise(cell) and cell.size == cells.LARGE and cell.threads > 1,
        ("fast",),
        _everything(0.9),
        "≥ 0.9 of the bandwidth of a copy",
        others=lambda own: ("fastest copy",),
    ),
    Figure(
        "two threads against one, 1M elements",
        lambda cell: _is_elementwise(cell) and cell.size == SPEEDUP_SIZE and cell.threads == 2,
        OURS,
        _speedup,
        f"≥ 1.8 where one thread takes at least {ARITHMETIC} times as long as a copy",
        others=lambda own: (own + ONE_THREAD,),
    ),
    Figure(
        "AVX2 forced, PyTorch too",
        lambda cell: cell.isa == "avx2",
        ("fast",),
        text="",
        means={"torch": 1.0},
    ),
    Figure("all other functions", lambda cell: cell.kind == "other", OURS),
)
