"""NumPy: the usual expressions, from `naive`; with `out=` if it is a single call."""

import numpy as np

from fastact._verify import naive
from fastact._verify.bench.contestants import Call

# Functions that are a single call, and its further operands.
ONE_CALL = {
    "hard_tanh": (np.clip, -1, 1),
    "pact": (np.clip, 0),
    "relu": (np.maximum, 0),
    "softplus": (np.logaddexp, 0),
    "step": (np.heaviside, 1),
    "tanh": (np.tanh,),
}


def call(cell, inputs):
    expression = getattr(naive, cell.name)
    if cell.kind == "cross-entropy":
        return Call(_along(expression, cell.axis) if len(cell.shape) == 2 else _OF_IMAGES[cell.name], inputs.arguments)
    if cell.kind in ("rows", "row gradient"):
        return Call(_along(expression, cell.axis), inputs.arguments)
    if inputs.out is not None and cell.name in ("identity", "identity_grad"):
        return Call(np.copyto, (inputs.out, inputs.arguments[-1]))
    if inputs.out is not None and cell.name in ONE_CALL:
        function, *operands = ONE_CALL[cell.name]
        x, *parameters = inputs.arguments
        return Call(function, (x, *operands, *parameters), {"out": inputs.out})
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


_OF_IMAGES = {
    "cross_entropy": _loss,
    "cross_entropy_value_and_grad": lambda logits, target: (_loss(logits, target), _gradient(logits, target)),
}
