"""For the page: the known causes where fastact is behind."""

_PARTS = (
    "In float64 the exponential, the sum and the quotient are carried in two parts, to keep errors below one unit in "
    "the last place. Precision exact computes float32 in float64, with eight numbers in a register instead of sixteen."
)
_MEMORY = (
    "There is next to nothing to compute: call overhead and memory bandwidth decide. For data larger than the "
    "caches, a sixteenth of the work is used to find the fastest way to move it."
)
_ROWS = (
    "Along axis 0 the numbers of a row are 4 KiB apart and share few sets of the cache. The exponentials of a single "
    "float64 row of a million elements do not fit into the cache, so that one thread computes them twice in precision "
    "exact."
)
_TANH = "NumPy has a special kernel for float32 with an error of 1.4 units in the last place; precision exact has 0.5."

LIMITS = {
    "one-dimensional strided input, 1M": (
        "Memory bandwidth: with every second number, all cache lines of an array of twice the size are loaded. This "
        "limits simple functions in PyTorch and fastact alike."
    ),
    "row slices, broadcasts, transposes, 1M": (
        "NumPy splits operands that it cannot treat as one-dimensional into pieces of at most 8192 elements, each of "
        "which is computed by one thread. Columns 4 KiB apart share few sets of the cache, and both operands of gated "
        "units are read column by column."
    ),
    "16M with `out=`, fast": (
        "Arithmetic, and memory bandwidth shared by the cores. Each block of results is computed and then written by "
        "streaming stores, so that arithmetic and writing alternate; ordinary stores would read each cache line "
        "before writing it."
    ),
    "allocating, 16M, float32 exact": (
        "The operating system clears the pages of a new array, which takes longer than reading the input and writing "
        "the output. Precision exact computes in float64, with eight numbers in a register instead of sixteen."
    ),
    "two threads against one, 1M": (
        "The first part of a call is computed while the second thread wakes up, and arrays of a few megabytes are in "
        "the cache that both cores share."
    ),
    "16 elements, with and without `out=`": (
        "Times of a third of a microsecond vary: a function that is behind in one run need not be in another."
    ),
    "identity": "There is nothing to compute: call overhead and memory bandwidth decide.",
    "identity_grad": "It checks `x` for NaN; the others copy `g` without reading `x`.",
    "tanh": f"float32: {_TANH} float64: JAX's is one rational function.",
    "softcap": f"It computes a division and a tanh. {_TANH}",
    "tanhshrink": f"It is x minus a tanh, and near zero a polynomial, because the difference would cancel. {_TANH}",
    **dict.fromkeys(
        ("gelu", "gelu_grad", "geglu", "geglu_grad"),
        "The tail keeps its relative accuracy, which takes an exponential in addition to a rational function and a "
        "division; PyTorch's tail is 0. Precision exact computes in float64, with eight numbers in a register instead "
        "of sixteen.",
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
        "Divisions, for squareplus a square root too, and compensation of rounding errors; in precision exact all in "
        "float64.",
    ),
    **dict.fromkeys(("softmax", "cross_entropy_value_and_grad"), _ROWS),
    "log_softmax": (
        "In precision exact the exponentials are computed in float64, with eight numbers in a register instead of "
        "sixteen, which takes half of the time. Each row also needs a logarithm between its two passes."
    ),
    "logsumexp": "As log_softmax; rows 4 KiB apart share few sets of the cache.",
    "softmax_grad_from_output": (
        "For 1000 numbers the two passes over a row take about as long as the fixed work of each row. Along an axis in "
        "the middle, rows are copied into a block and back, which takes three quarters of the time."
    ),
    "log_softmax_grad_from_output": (
        "Its exponentials keep their relative accuracy down to the smallest numbers. Along an axis in the middle, rows "
        "are copied into a block and back, which takes more than half of the time."
    ),
    "log_sigmoid_grad": "PyTorch's uses e^-|x| saved by its forward function, and needs no exponential.",
}
