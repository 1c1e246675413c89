"""What limits the work or the functions that are behind, as far as it is known: for the page."""

LIMITS = {
    "row slices, broadcasts, transposes, 1M": (
        "NumPy cuts operands that it cannot treat as one dimension into pieces of at most 8192 elements, which one "
        "thread computes."
    ),
    "identity_grad": "It looks for NaN in `x`; the others copy `g` and do not read `x`.",
    "tanh": "NumPy has a kernel of its own for float32, of 1.4 units in the last place; precision exact has 0.5.",
    "softcap": "It is a tanh: see there.",
    "tanhshrink": "It is x minus a tanh: see there.",
    "log_softmax": (
        "In precision exact the exponentials are computed in float64, eight at a time instead of sixteen; that is half "
        "of the time."
    ),
    "log_sigmoid_grad": "PyTorch's gets e^-|x| that its forward function has saved, and needs no exponential.",
}
