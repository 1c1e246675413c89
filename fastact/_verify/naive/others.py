"""How other libraries compute the same as a naive expression, and why fastact may be slower than they are."""

TWO_PARTS = (
    "In float64 the exponential, the sum and the quotient are carried in two parts, to keep errors below one unit in "
    "the last place. Precision exact computes float32 in float64, with eight numbers in a register instead of sixteen."
)
MEMORY = (
    "There is next to nothing to compute: call overhead and memory bandwidth decide. For data larger than the "
    "caches, a sixteenth of the work is used to find the fastest way to move it."
)
DIVISIONS = (
    "It has divisions or a square root, whose rounding errors are compensated; in precision exact all is in float64."
)
TAIL = (
    "The tail keeps its relative accuracy, which takes an exponential in addition to a rational function and a "
    "division; PyTorch's tail is 0. Precision exact computes in float64, with eight numbers in a register instead of "
    "sixteen."
)
TANH = "NumPy has a special kernel for float32 with an error of 1.4 units in the last place; precision exact has 0.5."
LONG_ROWS = (
    "Along axis 0 the numbers of a row are 4 KiB apart and share few sets of the cache. The exponentials of a single "
    "float64 row of a million elements do not fit into the cache, so that one thread computes them twice in precision "
    "exact."
)
LOGARITHMS = (
    "In precision exact the exponentials are computed in float64, with eight numbers in a register instead of sixteen, "
    "which takes half of the time. Each row also needs a logarithm between its two passes. Rows 4 KiB apart share few "
    "sets of the cache."
)
COPIED_ROWS = (
    "Along an axis in the middle, rows are copied into a block and back, which takes more than half of the time. The "
    "exponentials of log_softmax keep their relative accuracy down to the smallest numbers."
)

_KEYS = {"numpy_out", "scipy", "numexpr", "torch", "torch_out", "jax", "thinc", "slower_because"}


def others(**facts):
    """
    Return a decorator that stores, as the attribute `others` of a naive expression, how other libraries compute it.

    The strings for PyTorch, SciPy, NumPy and thinc are a function and its arguments: ``"torch.clamp, x, 0, 6,
    out=out"``. They are evaluated once, and the function is then called with these arguments, so a lambda has arguments
    too: ``"lambda x: x * special.ndtr(x), x"``. They may name the parameters of the expression, `out` and `axis`;
    keywords that are None, as `out` in layouts without, are left out. `peers.names_of` has the names of each library.

    Parameters
    ----------
    torch, scipy, thinc : str
        The library's function and its arguments; for a loss in PyTorch the function alone.
    numpy_out, torch_out : str
        The same with `out`, if the call without it is another one; NumPy without is the naive expression.
    jax : str
        JAX's function alone, which is compiled; the gradient follows from it.
    numexpr : str
        The expression, of a function or of a gradient.
    slower_because : str
        Why fastact is slower than one of them, where it is.
    """
    if unknown := facts.keys() - _KEYS:
        raise TypeError(f"others() got {sorted(unknown)}; known are {sorted(_KEYS)}")

    def decorate(function):
        function.others = facts
        return function

    return decorate
