"""What limits the work or the functions that are behind, as far as it is known: for the page."""

_PARTS = (
    "In float64 the exponential, the sum and the quotient are carried in two parts, to stay within one unit in the "
    "last place. Precision exact computes float32 in float64, eight numbers at a time instead of sixteen."
)
_MEMORY = (
    "There is next to nothing to compute: what is left is the way to the loop and memory. Beyond the caches a "
    "sixteenth of the work goes to finding out how memory is best moved."
)
_ROWS = (
    "Along axis 0 the numbers of a row are 4 KiB apart and share few sets of the cache. The exponentials of a single "
    "row of a million in float64 exceed it, so that one thread computes them twice in precision exact."
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
    "16M with `out=`, fast": (
        "Arithmetic, and the memory that the cores share. Outputs are written past the caches from a block that is "
        "computed first, so that arithmetic and writing take turns; written directly, each line is read before."
    ),
    "allocating, 16M, float32 exact": (
        "The system clears the pages of a new array, which takes longer than reading the input and writing the output. "
        "Precision exact computes in float64, eight numbers at a time instead of sixteen."
    ),
    "two threads against one, 1M": (
        "The first part of a call is computed while the second thread wakes up, and arrays of some megabytes come from "
        "the cache that both cores share."
    ),
    "16 elements, with and without `out=`": (
        "Calls of a third of a microsecond scatter: what is behind in one run need not be in another."
    ),
    "identity": "There is nothing to compute: what is left is the way to the loop, and memory.",
    "identity_grad": "It looks for NaN in `x`; the others copy `g` and do not read `x`.",
    "tanh": f"float32: {_TANH} float64: JAX's is one rational function.",
    "softcap": f"It is a tanh of a quotient. {_TANH}",
    "tanhshrink": f"It is x minus a tanh, without what the difference loses beside zero: a polynomial there. {_TANH}",
    **dict.fromkeys(
        ("gelu", "gelu_grad", "geglu", "geglu_grad"),
        "The tail keeps its relative accuracy, for which an exponential is computed beside a rational function and the "
        "quotient by it; PyTorch's is 0 there. Precision exact computes in float64, eight numbers at a time instead of "
        "sixteen.",
    ),
    **dict.fromkeys(
        (
            *("sigmoid", "sigmoid_grad", "silu", "silu_grad", "swish", "swish_grad", "swiglu", "swiglu_grad"),
            *("softplus_grad", "geglu_tanh", "geglu_tanh_grad", "softcap_grad", "tanh_grad", "elu_grad"),
            *("gelu_tanh", "gelu_tanh_grad", "gelu_quick", "gelu_quick_grad", "tanhshrink_grad"),
            *("selu_grad", "celu", "celu_grad"),
        ),
        _PARTS,
    ),
    **dict.fromkeys(
        (
            *("hard_tanh", "hard_tanh_grad", "hard_sigmoid", "hard_sigmoid_grad", "hardshrink", "hardshrink_grad"),
            *("leaky_relu", "leaky_relu_grad", "leaky_relu_grad_from_output", "pact", "prelu", "shrink", "shrink_grad"),
            *("softshrink", "softshrink_grad", "threshold", "threshold_grad"),
            *("thresholded_relu", "thresholded_relu_grad", "elu_grad_from_output"),
            *("relu", "relu_grad", "relu_grad_from_output", "relu6", "relu6_grad", "reglu_grad", "sparse_plus"),
            *("sparse_plus_grad", "selu_grad_from_output", "sigmoid_grad_from_output", "tanh_grad_from_output"),
        ),
        _MEMORY,
    ),
    **dict.fromkeys(
        ("squareplus", "squareplus_grad", "softsign", "hard_swish"),
        "Divisions, for squareplus a square root too, and rounding errors carried along, in float64 where exact.",
    ),
    **dict.fromkeys(("softmax", "cross_entropy_value_and_grad"), _ROWS),
    "log_softmax": (
        "In precision exact the exponentials are computed in float64, eight at a time instead of sixteen; that is half "
        "of the time. A logarithm for each row comes in between."
    ),
    "logsumexp": "As log_softmax; rows 4 KiB apart share few sets of the cache.",
    "softmax_grad_from_output": (
        "For 1000 numbers the two passes over a row take about as long as all that is done once a row. Along an axis "
        "in the middle, rows are copied into a block and back: three quarters of the time."
    ),
    "log_softmax_grad_from_output": (
        "Its exponentials keep their relative accuracy down to the least numbers. Along an axis in the middle, rows "
        "are copied into a block and back: more than half of the time."
    ),
    "log_sigmoid_grad": "PyTorch's gets e^-|x| that its forward function has saved, and needs no exponential.",
}
