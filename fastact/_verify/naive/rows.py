"""NumPy expressions for the functions along an axis, here the last one, each with its gradients."""

import numpy as np

from fastact._verify.naive.others import COPIED_ROWS, LOGARITHMS, LONG_ROWS, others


@others(
    scipy="special.softmax, x, axis=axis",
    torch="torch.softmax, x, axis, out=out",
    jax="nn.softmax",
    thinc="ops.softmax, x, axis=axis",
    slower_because=LONG_ROWS,
)
def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_grad(x, g):
    return softmax_grad_from_output(softmax(x), g)


@others(
    torch="aten._softmax_backward_data, g, y, axis, y.dtype",
    torch_out="aten._softmax_backward_data.out, g, y, axis, y.dtype, grad_input=out",
    thinc="ops.backprop_softmax, y, g, axis=axis",
    slower_because=COPIED_ROWS,
)
def softmax_grad_from_output(y, g):
    return y * (g - (y * g).sum(axis=-1, keepdims=True))


@others(
    scipy="special.log_softmax, x, axis=axis",
    torch="torch.log_softmax, x, axis, out=out",
    jax="nn.log_softmax",
    slower_because=LOGARITHMS,
)
def log_softmax(x):
    shifted = x - x.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def log_softmax_grad(x, g):
    return g - softmax(x) * g.sum(axis=-1, keepdims=True)


@others(
    torch="aten._log_softmax_backward_data, g, y, axis, y.dtype",
    torch_out="aten._log_softmax_backward_data.out, g, y, axis, y.dtype, out=out",
    slower_because=COPIED_ROWS,
)
def log_softmax_grad_from_output(y, g):
    return g - np.exp(y) * g.sum(axis=-1, keepdims=True)


def softmin(x):
    return softmax(-x)


def softmin_grad(x, g):
    return -softmax_grad(-x, g)


def softmin_grad_from_output(y, g):
    return -softmax_grad_from_output(y, g)


@others(
    scipy="special.logsumexp, x, axis=axis",
    torch="torch.logsumexp, x, axis, out=out",
    jax="lambda x, axis=-1: nn.logsumexp(x, axis)",
    slower_because=LOGARITHMS,
)
def logsumexp(x):
    m = x.max(axis=-1)
    return m + np.log(np.exp(x - m[..., None]).sum(axis=-1))


def logsumexp_grad(x, g):
    return softmax(x) * g[..., None]


def hardmax(x):
    return np.eye(x.shape[-1], dtype=x.dtype)[x.argmax(axis=-1)]


def sparsemax(x):
    descending = np.sort(x, axis=-1)[..., ::-1]
    excess = descending.cumsum(axis=-1) - 1
    positions = np.arange(1, x.shape[-1] + 1)
    size = (positions * descending > excess).sum(axis=-1, keepdims=True)
    return np.maximum(x - np.take_along_axis(excess, size - 1, axis=-1) / size, 0)


def sparsemax_grad(x, g):
    return sparsemax_grad_from_output(sparsemax(x), g)


def sparsemax_grad_from_output(y, g):
    support = y > 0
    mean = (g * support).sum(axis=-1, keepdims=True) / support.sum(axis=-1, keepdims=True)
    return np.where(support, g - mean, 0)
