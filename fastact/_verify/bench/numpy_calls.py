"""NumPy: the expression that people write, from `naive`; with `out=` where it is a single call."""

import numpy as np

from fastact._verify import naive
from fastact._verify.bench.contestants import Call

# Functions that are one call, and its further operands.
ONE_CALL = {
    "hard_tanh": (np.clip, -1, 1),
    "pact": (np.clip, 0),
    "relu": (np.maximum, 0),
    "softplus": (np.logaddexp, 0),
    "step": (np.heaviside, 1),
    "tanh": (np.tanh,),
}


def call(cell, inputs):
    twin = getattr(naive, cell.name)
    if cell.kind == "cross-entropy":
        return Call(_along(twin, cell.axis) if len(cell.shape) == 2 else _OF_IMAGES[cell.name], inputs.arguments)
    if cell.kind in ("rows", "row gradient"):
        return Call(_along(twin, cell.axis), inputs.arguments)
    if inputs.out is not None and cell.name in ("identity", "identity_grad"):
        return Call(np.copyto, (inputs.out, inputs.arguments[-1]))
    if inputs.out is not None and cell.name in ONE_CALL:
        function, *operands = ONE_CALL[cell.name]
        x, *parameters = inputs.arguments
        return Call(function, (x, *operands, *parameters), {"out": inputs.out})
    if cell.layout == "transposed":
        # without this the result would have the layout of x, which is less work
        return Call(lambda *arguments: np.copyto(inputs.out, twin(*arguments)), inputs.arguments)
    return Call(twin, inputs.arguments)


def _along(twin, axis):
    """Return the expression for another axis than the last."""
    if axis == -1:
        return twin

    def along(x, *others):
        others = [np.moveaxis(a, axis, -1) if a.ndim == x.ndim else a for a in others]
        return _back(twin(np.moveaxis(x, axis, -1), *others), x.ndim, axis)

    return along


def _back(result, ndim, axis):
    if isinstance(result, tuple):
        return tuple(_back(part, ndim, axis) for part in result)
    return np.moveaxis(result, -1, axis) if np.ndim(result) == ndim else result


# Cross-entropy of images: axis 1 of four.


def _loss(logits, target):
    return -np.take_along_axis(_moved(naive.log_softmax, logits), target[:, None], 1).mean()


def _gradient(logits, target):
    gradient = _moved(naive.softmax, logits)
    labels = target[:, None]
    np.put_along_axis(gradient, labels, np.take_along_axis(gradient, labels, 1) - 1, 1)
    return gradient / target.size


def _moved(twin, x):
    return np.moveaxis(twin(np.moveaxis(x, 1, -1)), -1, 1)


_OF_IMAGES = {
    "cross_entropy": _loss,
    "cross_entropy_value_and_grad": lambda logits, target: (_loss(logits, target), _gradient(logits, target)),
}
