"""The known causes where fastact is behind: by kind of work here, those of a function in `naive`."""

from fastact._verify import naive

CLEARLY = 0.95  # of the required ratio; lower ratios are not noise
SHARED_MEMORY = (
    "Memory bandwidth, which the cores share. Each block of results is computed and then written by streaming stores, "
    "so that arithmetic and writing alternate; ordinary stores would read each cache line before writing it."
)
FEW_FUSED_OPERATIONS = (
    "In precision exact eight numbers take twenty fused multiply-adds in float64, ten cycles of most processors, twice "
    "those of a float32 exponential."
)
SHORT_ROWS = (
    "Rows of one to three numbers are computed in tiles of 32, whose fixed cost is that of some 30 numbers; for longer "
    "ones the tiles are transposed first, which takes as long as the arithmetic of light functions."
)
LIMITS = {
    "softmax and its relatives by width, fast": SHORT_ROWS,
    "softmax and its relatives by width, float64": (
        "As for float32; and rows that are too long for tiles, from 320 columns on, go through several passes."
    ),
    "softmax and its relatives by width, exact float32": FEW_FUSED_OPERATIONS,
    "gradient of softmax from its output by width": SHORT_ROWS,
    "cross-entropy with gradient by width, fast": SHORT_ROWS,
    "cross-entropy with gradient by width, exact": FEW_FUSED_OPERATIONS,
    "gradient and Hessian by width, fast": SHORT_ROWS,
    "gradient and Hessian by width, exact float32": SHORT_ROWS,
    "one-dimensional strided input, 1M elements": (
        "Memory bandwidth: with every second number, all cache lines of an array of twice the size are loaded. This "
        "limits simple functions in PyTorch and fastact alike."
    ),
    "row slices, broadcasts, transposes, 1M elements": (
        "A number that is the same along a line is copied to all elements of the line first, unless it is a parameter "
        "with a kernel for that. PyTorch's functions without `out=`, such as `prelu`, keep the order of a transposed "
        "array, where fastact's turn it."
    ),
    "16M elements with `out=`": SHARED_MEMORY,
    "two threads against one, 1M elements": (
        "The first part of a call is computed while the second thread wakes up, and arrays of a few megabytes are in "
        "the cache that both cores share."
    ),
    "16 elements": (
        "A call of a ufunc that NumPy does not see costs some 100 ns, of which reading `out=` and making the array are "
        "the most; functions written in Python around a ufunc add as much."
    ),
    "few short rows: (8, 8) and (64, 10)": "The fixed costs of a call and of a tile of rows, about half a microsecond.",
    "functions along another axis than the last": (
        "The numbers of a row are pages apart: memory and its address translation decide, and threads share both."
    ),
}


class Causes:
    """The causes of what is clearly behind, numbered in the order in which they are asked for."""

    def __init__(self):
        self._concerned = {}

    def number(self, figure, pair):
        """Return the number of the cause of a pair, and remember what it concerns; "" if it is not behind or known."""
        if not pair.required or pair.margin >= CLEARLY:
            return ""
        text, concerned = LIMITS.get(figure.work), figure.work
        if not text:
            text, concerned = naive.noted("slower_because", pair.cell.name), f"`{pair.cell.name}`"
        if not text:
            return ""
        names = self._concerned.setdefault(text, [])
        if concerned not in names:
            names.append(concerned)
        return str(list(self._concerned).index(text) + 1)

    def listed(self, most=8):
        """Return the causes as numbered lines, each with the names of what it concerns."""
        lines = []
        for place, (text, names) in enumerate(self._concerned.items(), 1):
            rest = f" and {len(names) - most} others" if len(names) > most else ""
            lines.append(f"{place}. {text} ({', '.join(names[:most])}{rest})")
        return lines
