"""
PyTorch: forward functions with `out=` if available, gradients from its backward kernels, which have `out` too.

The losses use autograd, as in training.
"""

import torch

from fastact._verify import peers
from fastact._verify.bench.contestants import Call


def call(cell, inputs):
    """Return PyTorch's Call, or None; from then on PyTorch has the threads of the cell, and no gradients by default."""
    torch.set_num_threads(cell.threads)
    # set globally, because a `with` would add to the time of each call; switched on where a gradient is needed
    torch.set_grad_enabled(False)
    if cell.layout == "broadcast" and "weight" in inputs.named:
        return None  # PyTorch's weight is along axis 1, not one for each row
    operands = {key: torch.from_numpy(a) if hasattr(a, "shape") else a for key, a in inputs.named.items()}
    if cell.name.endswith("_value_and_grad"):
        return _loss_with_gradient(cell, *operands.values())
    if cell.kind == "gradient":
        # the backward kernels do not broadcast; the input or output comes first
        operands["g"] = operands["g"].expand_as(next(iter(operands.values())))
    out = torch.from_numpy(inputs.out) if hasattr(inputs.out, "shape") else None
    found = peers.call("torch", cell.name, **operands, out=out, axis=cell.axis)
    if found is None:
        return None
    function, arguments, keywords = found
    if not arguments:  # a loss
        return Call(_along(function, cell.axis), tuple(operands.values()))
    return Call(function, arguments, keywords)


def _along(loss, axis):
    """Return PyTorch's loss with the classes along axis 0 of two, where it has them along axis 1; else the loss."""
    return (lambda x, target: loss(x.T, target)) if axis == 0 else loss


def _loss_with_gradient(cell, x, target):
    found = peers.call("torch", cell.name.removesuffix("_value_and_grad"))
    if found is None:
        return None
    function = _along(found[0], cell.axis)
    x = x.requires_grad_()

    def value_and_grad(x, target):
        x.grad = None
        with torch.enable_grad():
            loss = function(x, target)
        loss.backward()
        return loss.detach(), x.grad

    return Call(value_and_grad, (x, target))
