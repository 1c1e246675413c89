"""NumPy: the usual expressions, from `naive`; with `out=` if it is a single call."""

import numpy as np

from fastact._verify import naive, peers
from fastact._verify.bench.contestants import Call


def call(cell, inputs):
    expression = getattr(naive, cell.name)
    if cell.kind == "cross-entropy":
        if len(cell.shape) > 2:
            expression = _value_and_gradient if cell.name.endswith("_value_and_grad") else _loss
            return Call(expression, inputs.arguments)
        return Call(_along(expression, cell.axis), inputs.arguments)
    if cell.kind in ("rows", "row gradient"):
        return Call(_along(expression, cell.axis), inputs.arguments)
    if inputs.out is not None and (one_call := peers.call("numpy", cell.name, **inputs.named, out=inputs.out)):
        return Call(*one_call)
    if cell.layout == "transposed":
        # otherwise the result would have the memory layout of x, which is less work
        return Call(lambda *arguments: np.copyto(inputs.out, expression(*arguments)), inputs.arguments)
    return Call(expression, inputs.arguments)


def _along(expression, axis):
    """Return the expression along any axis."""
    if axis == -1:
        return expression

    def along(x, *others):
        others = [np.moveaxis(a, axis, -1) if a.ndim == x.ndim else a for a in others]
        return _back(expression(np.moveaxis(x, axis, -1), *others), x.ndim, axis)

    return along


def _back(result, ndim, axis):
    if isinstance(result, tuple):
        return tuple(_back(part, ndim, axis) for part in result)
    return np.moveaxis(result, -1, axis) if np.ndim(result) == ndim else result


# Cross-entropy of images: along axis 1 of four.


def _loss(logits, target):
    return -np.take_along_axis(_moved(naive.log_softmax, logits), target[:, None], 1).mean()


def _gradient(logits, target):
    gradient = _moved(naive.softmax, logits)
    labels = target[:, None]
    np.put_along_axis(gradient, labels, np.take_along_axis(gradient, labels, 1) - 1, 1)
    return gradient / target.size


def _moved(expression, x):
    return np.moveaxis(expression(np.moveaxis(x, 1, -1)), -1, 1)


def _value_and_gradient(logits, target):
    return _loss(logits, target), _gradient(logits, target)
