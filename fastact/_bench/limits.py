"""What limits the work or the functions that are behind, as far as it is known: for the page."""

LIMITS = {
    "row slices, broadcasts, transposes, 1M": (
        "NumPy cuts operands that it cannot treat as one dimension into pieces of at most 8192 elements, which one "
        "thread computes."
    ),
    "log_sigmoid_grad": "PyTorch's gets e^-|x| that its forward function has saved, and needs no exponential.",
}
