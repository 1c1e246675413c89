"""thinc: its operators for the CPU, which have no `out=` and use one thread."""

from thinc.api import NumpyOps

from fastact._verify.bench.contestants import Call

ops = NumpyOps()
# thinc's hard_sigmoid and hard_swish are different functions.
FORWARD = {
    "relu": ops.relu,
    "relu6": ops.relu_k,
    "sigmoid": ops.sigmoid,
    "silu": ops.swish,
    "swish": ops.swish,
    "gelu_tanh": ops.gelu_approx,
    "mish": ops.mish,
    "hard_tanh": ops.hard_tanh,
    "hard_swish": ops.hard_swish_mobilenet,
}
# Called with g and x, or g and y for gradients from the output.
BACKWARD = {
    "mish_grad": ops.backprop_mish,
    "relu_grad_from_output": ops.backprop_relu,
    "relu6_grad": ops.backprop_relu_k,
    "hard_tanh_grad": ops.backprop_hard_tanh,
    "hard_swish_grad": ops.backprop_hard_swish_mobilenet,
    "sigmoid_grad_from_output": ops.backprop_sigmoid,
}


def call(cell, inputs):
    if cell.layout not in ("out=", "allocating"):
        return None
    if cell.kind == "rows":
        return Call(ops.softmax, inputs.arguments, {"axis": cell.axis}) if cell.name == "softmax" else None
    if cell.name == "softmax_grad_from_output":
        return Call(ops.backprop_softmax, inputs.arguments, {"axis": cell.axis})
    if cell.name in FORWARD:
        return Call(FORWARD[cell.name], inputs.arguments)
    if cell.name in BACKWARD:
        x, g = inputs.arguments
        return Call(BACKWARD[cell.name], (g, x))
    return None
