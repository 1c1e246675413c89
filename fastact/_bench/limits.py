"""What limits the work or the functions that are behind, as far as it is known: for the page."""

_PARTS = (
    "In float64 the exponential, the sum and the quotient are carried in two parts, to stay within one unit in the "
    "last place."
)
_PARAMETERS = (
    "Parameters are operands: the kernel reads a block of each from the first-level cache, others keep a number in a "
    "register."
)
_TANH = "NumPy has a kernel of its own for float32, of 1.4 units in the last place; precision exact has 0.5."

LIMITS = {
    "one-dimensional strided input, 1M": (
        "Memory: every second number brings in all cache lines of an array of twice the size. Simple functions take as "
        "long as that takes, with PyTorch as with fastact."
    ),
    "row slices, broadcasts, transposes, 1M": (
        "NumPy cuts operands that it cannot treat as one dimension into pieces of at most 8192 elements, which one "
        "thread computes. Columns 4 KiB apart share few sets of the cache, and operands of gated units are read column "
        "by column together."
    ),
    "16M with `out=`, fast": "Arithmetic, and the memory that the cores share.",
    "two threads against one, 1M": (
        "The first part of a call is computed while the second thread wakes up, and arrays of some megabytes come from "
        "the cache that both cores share."
    ),
    "identity": "There is nothing to compute: what is left is the way to the loop, and memory.",
    "identity_grad": "It looks for NaN in `x`; the others copy `g` and do not read `x`.",
    "tanh": f"float32: {_TANH} float64: JAX's is one rational function.",
    "softcap": f"It is a tanh of a quotient. {_TANH}",
    "tanhshrink": f"It is x minus a tanh, which is small beside zero and needs more than float32 there. {_TANH}",
    "gelu": (
        "The tail keeps its relative accuracy, for which an exponential is computed beside the rational function; "
        "PyTorch's is 0 there. Precision exact computes in float64, eight numbers at a time instead of sixteen."
    ),
    **dict.fromkeys(
        ("sigmoid", "silu", "silu_grad", "swish", "swish_grad", "swiglu", "sigmoid_grad", "softplus_grad"), _PARTS
    ),
    **dict.fromkeys(
        ("hard_tanh", "hard_sigmoid", "hardshrink", "hardshrink_grad", "leaky_relu", "pact", "prelu", "shrink", "step"),
        _PARAMETERS,
    ),
    "log_softmax": (
        "In precision exact the exponentials are computed in float64, eight at a time instead of sixteen; that is half "
        "of the time. A logarithm in two parts for each row comes in between."
    ),
    "logsumexp": "As log_softmax; rows 4 KiB apart share few sets of the cache.",
    "softmax_grad_from_output": (
        "For 1000 numbers the two passes over a row take about as long as all that is done once a row."
    ),
    "log_softmax_grad_from_output": "Its exponentials keep their relative accuracy down to the least numbers.",
    "log_sigmoid_grad": "PyTorch's gets e^-|x| that its forward function has saved, and needs no exponential.",
}
