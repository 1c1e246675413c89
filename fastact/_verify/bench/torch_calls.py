"""
PyTorch: forward functions with `out=` if available, gradients from its backward kernels, which have `out` too.

The losses use autograd, as in training.
"""

import torch

from fastact._verify import peers
from fastact._verify.bench.contestants import Call

nn, aten = torch._C._nn, torch.ops.aten
F = torch.nn.functional
SELU = (1.6732632423543772, 1.0507009873554805)

# The function that has out=, and its further operands. `nn` contains the functions that torch.nn.functional calls.
FORWARD = {
    "celu": (nn.elu,),
    "elu": (nn.elu,),
    "gelu": (nn.gelu,),
    "hard_sigmoid": (nn.hardsigmoid,),
    "hard_swish": (nn.hardswish,),
    "hard_tanh": (nn.hardtanh,),
    "hardshrink": (torch.hardshrink,),
    "leaky_relu": (nn.leaky_relu,),
    "log_sigmoid": (nn.log_sigmoid,),
    "mish": (nn.mish,),
    "pact": (torch.clamp, 0),
    "relu": (torch.clamp_min, 0),
    "relu6": (nn.hardtanh, 0, 6),
    "selu": (nn.elu, *SELU),
    "shrink": (torch.hardshrink,),
    "sigmoid": (torch.sigmoid,),
    "silu": (nn.silu,),
    "softplus": (nn.softplus,),
    "softshrink": (nn.softshrink,),
    "swish": (nn.silu,),
    "tanh": (torch.tanh,),
    "threshold": (torch.threshold,),
    "thresholded_relu": (torch.threshold, 1, 0),
}
WITH_KEYWORDS = {"gelu_tanh": (nn.gelu, {"approximate": "tanh"})}
# Two calls, as is usual for the gated units.
GATED = {
    "swiglu": nn.silu,
    "geglu": nn.gelu,
    "geglu_tanh": lambda x: nn.gelu(x, approximate="tanh"),
    "reglu": torch.relu,
}
# Called with g and x, or g and y for gradients from the output.
BACKWARD = {
    "celu_grad": lambda g, x: (aten.elu_backward, g, 1, 1, 1, False, x),
    "elu_grad": lambda g, x: (aten.elu_backward, g, 1, 1, 1, False, x),
    "elu_grad_from_output": lambda g, y: (aten.elu_backward, g, 1, 1, 1, True, y),
    "gelu_grad": lambda g, x: (aten.gelu_backward, g, x),
    "hard_sigmoid_grad": lambda g, x: (aten.hardsigmoid_backward, g, x),
    "hard_swish_grad": lambda g, x: (aten.hardswish_backward, g, x),
    "hard_tanh_grad": lambda g, x: (aten.hardtanh_backward, g, x, -1, 1),
    "hardshrink_grad": lambda g, x: (aten.hardshrink_backward, g, x, 0.5),
    "leaky_relu_grad": lambda g, x: (aten.leaky_relu_backward, g, x, 0.01, False),
    "leaky_relu_grad_from_output": lambda g, y: (aten.leaky_relu_backward, g, y, 0.01, True),
    "log_sigmoid_grad": lambda g, x: (aten.log_sigmoid_backward, g, x, aten.log_sigmoid_forward(x)[1]),
    "relu_grad": lambda g, x: (aten.threshold_backward, g, x, 0),
    "relu_grad_from_output": lambda g, y: (aten.threshold_backward, g, y, 0),
    "relu6_grad": lambda g, x: (aten.hardtanh_backward, g, x, 0, 6),
    "selu_grad": lambda g, x: (aten.elu_backward, g, *SELU, 1, False, x),
    "selu_grad_from_output": lambda g, y: (aten.elu_backward, g, *SELU, 1, True, y),
    "shrink_grad": lambda g, x: (aten.hardshrink_backward, g, x, 0.5),
    "sigmoid_grad_from_output": lambda g, y: (aten.sigmoid_backward, g, y),
    "silu_grad": lambda g, x: (aten.silu_backward, g, x),
    "softplus_grad": lambda g, x: (aten.softplus_backward, g, x, 1, 20),
    "softshrink_grad": lambda g, x: (aten.softshrink_backward, g, x, 0.5),
    "swish_grad": lambda g, x: (aten.silu_backward, g, x),
    "tanh_grad_from_output": lambda g, y: (aten.tanh_backward, g, y),
    "threshold_grad": lambda g, x: (aten.threshold_backward, g, x, 0.5),
    "thresholded_relu_grad": lambda g, x: (aten.threshold_backward, g, x, 1),
}
# PyTorch computes these gradients from the output, which has to be computed first.
FROM_INPUT = {
    "sigmoid_grad": (torch.sigmoid, aten.sigmoid_backward.grad_input),
    "tanh_grad": (torch.tanh, aten.tanh_backward.grad_input),
}
ROWS = {"softmax": torch.softmax, "log_softmax": torch.log_softmax, "logsumexp": torch.logsumexp}
ROW_BACKWARD = {
    "softmax_grad_from_output": (aten._softmax_backward_data.out, "grad_input"),
    "log_softmax_grad_from_output": (aten._log_softmax_backward_data.out, "out"),
}
LOSSES = {
    "cross_entropy": F.cross_entropy,
    "binary_cross_entropy": F.binary_cross_entropy,
    "binary_cross_entropy_with_logits": F.binary_cross_entropy_with_logits,
    "kl_div": lambda x, target: F.kl_div(x, target, reduction="sum"),
    "nll_loss": F.nll_loss,
}


def call(cell, inputs):
    torch.set_num_threads(cell.threads)
    # set globally, because a `with` would add to the time of each call; switched on where a gradient is needed
    torch.set_grad_enabled(False)
    tensors = [torch.from_numpy(a) if hasattr(a, "shape") else a for a in inputs.arguments]
    out = torch.from_numpy(inputs.out) if hasattr(inputs.out, "shape") else None
    if cell.kind == "rows":
        return Call(ROWS[cell.name], (*tensors, cell.axis), {"out": out})
    if cell.kind == "row gradient":
        function, keyword = ROW_BACKWARD[cell.name]
        y, g = tensors
        return Call(function, (g, y, cell.axis, y.dtype), {keyword: out})
    if cell.name == "glu":
        return Call(F.glu, tensors)
    if cell.name == "glu_grad":
        x, g = tensors
        return Call(aten.glu_backward.default, (g, x, -1))
    if cell.kind in ("cross-entropy", "other"):
        return _loss(cell, *tensors) if len(tensors) == 2 else None
    if cell.kind == "gradient":
        return _gradient(cell.name, tensors, out)
    return _forward(cell.name, tensors, out)


def _forward(name, tensors, out):
    if name == "identity":
        return Call(torch.clone, tensors) if out is None else Call(torch.Tensor.copy_, (out, *tensors))
    if name == "prelu":
        x, weight = tensors
        if isinstance(weight, float):
            return Call(F.prelu, (x, torch.tensor([weight], dtype=x.dtype)))
        return None  # PyTorch's weight is along axis 1, not one for each row
    if name == "step":
        return Call(torch.heaviside, (*tensors, tensors[0].new_ones(())), {} if out is None else {"out": out})
    if name in GATED:
        gate, up = tensors
        activation = GATED[name]
        return Call(lambda gate, up: torch.mul(activation(gate), up, out=out), (gate, up))
    if name in WITH_KEYWORDS:
        function, keywords = WITH_KEYWORDS[name]
        return Call(function, tensors, keywords if out is None else keywords | {"out": out})
    if name in FORWARD:
        function, *operands = FORWARD[name]
        # torch.relu has no out=, and is faster without
        function, operands = (torch.relu, []) if name == "relu" and out is None else (function, operands)
        if name == "pact":
            x, alpha = tensors
            tensors = [x, x.new_zeros(()), alpha] if isinstance(alpha, torch.Tensor) else [x, 0, alpha]
            operands = []
        return Call(function, (*tensors, *operands), {} if out is None else {"out": out})
    function = peers.torch_function(name) if len(tensors) == 1 else None
    return function and Call(function, tensors)


def _gradient(name, tensors, out):
    if name == "identity_grad":
        return Call(torch.Tensor.copy_, (out, tensors[1].expand_as(out)))
    if name == "mish_grad":
        x, g = tensors
        return Call(aten.mish_backward.default, (g.expand_as(x), x))
    if name == "prelu_grad":
        x, g, weight = tensors
        if not isinstance(weight, float):
            return None
        return Call(aten._prelu_kernel_backward.default, (g, x, torch.tensor(weight, dtype=x.dtype).expand_as(x)))
    if name == "gelu_tanh_grad":
        x, g = tensors
        return Call(aten.gelu_backward.grad_input, (g.expand_as(x), x), {"approximate": "tanh", "grad_input": out})
    if name in FROM_INPUT:
        x, g = tensors
        forward, backward = FROM_INPUT[name]
        return Call(lambda x, g: backward(g, forward(x), grad_input=out), (x, g.expand_as(x)))
    if name not in BACKWARD:
        return None
    x, g = tensors[:2]
    operator, *operands = BACKWARD[name](g.expand_as(x), x)
    overload = "out" if name == "hard_swish_grad" else "grad_input"
    return Call(getattr(operator, overload), operands, {overload: out})


def _loss(cell, x, target):
    base = cell.name.removesuffix("_value_and_grad")
    if base not in LOSSES:
        return None
    function = LOSSES[base]
    if cell.kind == "cross-entropy" and cell.axis == 0:  # the classes of PyTorch are along axis 1
        function = _of_columns
    if base == cell.name:
        return Call(function, (x, target))
    x = x.requires_grad_()

    def value_and_grad(x, target):
        x.grad = None
        with torch.enable_grad():
            loss = function(x, target)
        loss.backward()
        return loss.detach(), x.grad

    return Call(value_and_grad, (x, target))


def _of_columns(x, target):
    return F.cross_entropy(x.T, target)
