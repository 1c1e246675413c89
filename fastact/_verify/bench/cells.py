"""What is measured: a cell is one function with its dtype, shape, memory layout and number of threads."""

import math
from dataclasses import asdict, dataclass

from fastact._core.dispatch import declarations
from fastact._verify import naive

LARGE = 2**24
SIZES = (16, 1024, 65_536, 2**20, LARGE)
ALLOCATING_SIZES = (16, 65_536, LARGE)
OTHER_SIZES = (1024, 65_536, 2**20)
LAYOUT_SIZE = 2**20
FEW = 1024  # elements, which are not shared among threads
SQUARE = (1024, 1024)
DTYPES = ("float32", "float64")
# Shapes, each with the axis of the classes: short calls, and other axes than the last.
ROW_SHAPES = (((8, 8), -1), ((64, 10), -1), ((64, 19, 128, 128), 1), ((1000, 1024), 0))
# Rows of these lengths, in arrays of about as many elements in all: the curves.
WIDTHS = (
    *(1, 2, 3, 5, 8, 10, 16, 17, 31, 32, 33, 48, 63, 64, 65, 96, 100, 127, 128, 129, 200, 256, 300, 384, 512, 777),
    *(1000, 1024, 1500, 2048, 4096, 10_000, 32_000, 50_257, 128_256, 10**6),
)
TOTALS = (2**12, 2**17, 2**22)
# The powers of two, and a number between each and the next.
CURVE_SIZES = tuple(sorted({2**k for k in range(25)} | {3 * 2**k for k in range(23)}))
QUICK_WIDTHS = (10, 64, 512, 4096, 32_000)


def _is_elementwise(name):
    # other than the losses and glu, which are written in Python around their ufuncs
    return name in declarations and declarations[name].is_public


ELEMENTWISE = tuple(filter(_is_elementwise, naive.NAMES))
GRADIENTS = tuple(name for name in ELEMENTWISE if declarations[name].doc.of)
FORWARD = tuple(name for name in ELEMENTWISE if name not in GRADIENTS)
ROWS = ("softmax", "log_softmax", "logsumexp")
ROW_GRADIENTS = ("softmax_grad_from_output", "log_softmax_grad_from_output")
CROSS_ENTROPY = ("cross_entropy", "cross_entropy_value_and_grad")
BOOSTING = ("cross_entropy_grad_and_hess",)
ALONG_AXIS = (*ROWS, *ROW_GRADIENTS, *CROSS_ENTROPY, *BOOSTING)
# What a full run measures at every width, or every size.
BY_WIDTH = (*ROWS, "softmax_grad_from_output", "cross_entropy_value_and_grad", *BOOSTING)
BY_WIDTH_IN_FLOAT64 = (*ROWS, "cross_entropy_value_and_grad")
BY_SIZE = ("relu", "sigmoid", "tanh", "gelu", "softplus", "mish")
OTHERS = tuple(name for name in naive.NAMES if name not in (*ELEMENTWISE, *ALONG_AXIS))
KINDS = {
    **dict.fromkeys(FORWARD, "forward"),
    **dict.fromkeys(GRADIENTS, "gradient"),
    **dict.fromkeys(ROWS, "rows"),
    **dict.fromkeys(ROW_GRADIENTS, "row gradient"),
    **dict.fromkeys((*CROSS_ENTROPY, *BOOSTING), "cross-entropy"),
    **dict.fromkeys(OTHERS, "other"),
}
ALONG_AXIS_KINDS = {KINDS[name] for name in ALONG_AXIS}


@dataclass(frozen=True)
class Cell:
    name: str
    dtype: str
    shape: tuple
    layout: str  # out=, allocating, strided, row-slices, broadcast or transposed
    threads: int
    axis: int = -1
    isa: str = ""  # a forced instruction set

    def __str__(self):
        shape = "x".join(map(str, self.shape))
        axis = f" axis {self.axis}" if self.kind in ("rows", "row gradient", "cross-entropy") else ""
        threads = f"{self.threads} thread{'s' * (self.threads > 1)}"
        return f"{self.name} {self.dtype} {shape}{axis} {self.layout} {threads} {self.isa}".rstrip()

    @property
    def kind(self):
        return KINDS[self.name]

    @property
    def size(self):
        return math.prod(self.shape)

    def as_dict(self):
        return asdict(self)


def from_dict(facts):
    return Cell(**facts | {"shape": tuple(facts["shape"])})


def part(threads, most_threads, sizes=SIZES):
    """
    Return the cells for a number of threads, the largest arrays last.

    What memory bandwidth decides, and what NumPy splits into pieces for one thread each, is measured with the most
    threads only.
    """
    most = threads == most_threads
    found = []
    for n in (n for n in sizes if n < LARGE or most):
        found += [Cell(name, d, (n,), "out=", threads) for name in ELEMENTWISE for d in _dtypes(n)]
        if n in ALLOCATING_SIZES:
            found += [Cell(name, d, (n,), "allocating", threads) for name in FORWARD for d in _dtypes(n)]
    if LAYOUT_SIZE in sizes and most:
        given = [name for name in ELEMENTWISE if "y" not in naive.parameters(name)]  # not those from the output
        found += [Cell(name, d, (LAYOUT_SIZE,), "strided", threads) for name in given for d in DTYPES]
        for layout in ("row-slices", "broadcast", "transposed"):
            names = FORWARD if layout != "broadcast" else list(filter(broadcasts, ELEMENTWISE))
            found += [Cell(name, d, SQUARE, layout, threads) for name in names for d in DTYPES]
    for shape, axis in ROW_SHAPES:
        if math.prod(shape) <= 2 * max(sizes) and (math.prod(shape) < LARGE or most):
            # boosting has a row of classes for each sample
            for name in ALONG_AXIS if len(shape) == 2 else ALONG_AXIS[: -len(BOOSTING)]:
                layout = "allocating" if KINDS[name] == "cross-entropy" else "out="
                found += [Cell(name, d, shape, layout, threads, axis) for d in DTYPES]
    some = [n for n in OTHER_SIZES if n in sizes]
    found += [Cell(name, "float32", (n,), "allocating", threads) for name in OTHERS for n in some]
    return _in_order(found)


def _dtypes(size):
    return DTYPES if size < LARGE else ("float32",)


def full_part(threads, most_threads, sizes=SIZES):
    """Return the cells of a full run, with some curves; with several threads none of few elements."""
    shared = [total for total in TOTALS if threads == 1 or total >= TOTALS[1]]
    found = _by_width(BY_WIDTH, "float32", threads, shared, WIDTHS)
    if threads == 1:
        found += _by_width(BY_WIDTH_IN_FLOAT64, "float64", threads, TOTALS[1:2], WIDTHS)
    found += part(threads, most_threads, [n for n in sizes if threads == 1 or n > FEW])
    return _in_order(
        found + _by_size(BY_SIZE, threads, [n for n in CURVE_SIZES if n < LARGE and (threads == 1 or n > FEW)])
    )


def curves(threads):
    """Return the cells of the curves: functions along the last axis by width, and elementwise functions by size."""
    found = [cell for d in DTYPES for cell in _by_width(ALONG_AXIS, d, threads, TOTALS, WIDTHS)]
    return _in_order(found + _by_size(ELEMENTWISE, threads, CURVE_SIZES))


def quick_part(threads):
    """Return the cells of a quick run."""
    found = [Cell(name, "float32", (n,), "out=", threads) for name in ELEMENTWISE for n in (SIZES[0], SIZES[2])]
    found += [Cell(name, "float64", (SIZES[2],), "out=", threads) for name in FORWARD]
    return _in_order(found + _by_width(BY_WIDTH, "float32", threads, TOTALS[1:2], QUICK_WIDTHS))


def _by_width(names, dtype, threads, totals, widths):
    shapes = [(total // n, n) for total in totals for n in widths if n <= total]
    return [Cell(name, dtype, shape, "allocating", threads) for name in names for shape in shapes]


def _by_size(names, threads, sizes):
    return [Cell(name, "float32", (n,), "out=", threads) for name in names for n in sizes]


def _in_order(found):
    """Return each cell once, the largest arrays last."""
    return sorted(dict.fromkeys(found), key=lambda cell: cell.size)


def total_of(cell):
    """Return of which of the totals a cell of a curve by width is, or None if it is none."""
    if len(cell.shape) != 2 or cell.layout != "allocating" or cell.kind not in ALONG_AXIS_KINDS:
        return None
    return next((total for total in TOTALS if cell.shape == (total // cell.shape[1], cell.shape[1])), None)


def forced_part(isa, threads, sizes=SIZES):
    """Return the cells for a forced instruction set."""
    found = [n for n in sizes if n < LARGE]
    return [Cell(name, "float32", (n,), "out=", threads, isa=isa) for n in found for name in ELEMENTWISE]


def broadcasts(name):
    """Whether a function has several operands that broadcast."""
    return not {"g", "up", "weight", "alpha", "cap"}.isdisjoint(naive.parameters(name))


def classes(cell):
    """Return the number of classes, and the shape of the labels."""
    axis = cell.axis % len(cell.shape)
    return cell.shape[axis], cell.shape[:axis] + cell.shape[axis + 1 :]
