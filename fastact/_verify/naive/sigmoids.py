"""NumPy expressions for the sigmoids, each with its gradients, and the calls of other libraries."""

import numpy as np

from fastact._verify.naive.others import DIVISIONS, MEMORY, TANH, TWO_PARTS, others


@others(
    numexpr="1 / (1 + exp(-x))",
    scipy="special.expit, x, out=out",
    torch="torch.sigmoid, x, out=out",
    jax="nn.sigmoid",
    thinc="ops.sigmoid, x",
    slower_because=TWO_PARTS,
)
def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@others(
    numexpr="g / (2 + exp(-x) + exp(x))",
    torch="lambda x, g: aten.sigmoid_backward.grad_input(g, torch.sigmoid(x), grad_input=out), x, g",
    slower_because=TWO_PARTS,
)
def sigmoid_grad(x, g):
    y = 1 / (1 + np.exp(-x))
    return g * y * (1 - y)


@others(
    numexpr="g * y * (1 - y)",
    torch="aten.sigmoid_backward.grad_input, g, y, grad_input=out",
    thinc="ops.backprop_sigmoid, g, y",
    slower_because=MEMORY,
)
def sigmoid_grad_from_output(y, g):
    return g * y * (1 - y)


@others(
    numexpr="-log1p(exp(-x))",
    scipy="special.log_expit, x, out=out",
    torch="nn.log_sigmoid, x, out=out",
    jax="nn.log_sigmoid",
)
def log_sigmoid(x):
    return -np.logaddexp(0, -x)


@others(
    numexpr="g / (1 + exp(x))",
    torch="aten.log_sigmoid_backward.grad_input, g, x, aten.log_sigmoid_forward(x)[1], grad_input=out",
    slower_because="PyTorch's uses e^-|x| saved by its forward function, and needs no exponential.",
)
def log_sigmoid_grad(x, g):
    return g / (1 + np.exp(x))


@others(
    numexpr="-g * expm1(y)",
)
def log_sigmoid_grad_from_output(y, g):
    return -g * np.expm1(y)


@others(
    numexpr="where(x > -3, where(x < 3, x / 6 + 0.5, 1), 0)",
    torch="nn.hardsigmoid, x, out=out",
    jax="nn.hard_sigmoid",
    slower_because=MEMORY,
)
def hard_sigmoid(x):
    return np.clip(x / 6 + 0.5, 0, 1)


@others(
    numexpr="where(abs(x) < 3, g / 6, 0)",
    torch="aten.hardsigmoid_backward.grad_input, g, x, grad_input=out",
    slower_because=MEMORY,
)
def hard_sigmoid_grad(x, g):
    return g * (np.abs(x) < 3) / 6


@others(
    numexpr="where(x > -1, where(x < 1, (x + 1) / 2, 1), 0)",
    jax="nn.sparse_sigmoid",
)
def sparse_sigmoid(x):
    return np.clip((x + 1) / 2, 0, 1)


@others(
    numexpr="where(abs(x) < 1, g / 2, 0)",
)
def sparse_sigmoid_grad(x, g):
    return g * (np.abs(x) < 1) / 2


@others(
    numpy_out="np.tanh, x, out=out",
    numexpr="tanh(x)",
    torch="torch.tanh, x, out=out",
    jax="nn.tanh",
    slower_because=TANH,
)
def tanh(x):
    return np.tanh(x)


@others(
    numexpr="g * (1 - tanh(x)**2)",
    torch="lambda x, g: aten.tanh_backward.grad_input(g, torch.tanh(x), grad_input=out), x, g",
    slower_because=TWO_PARTS,
)
def tanh_grad(x, g):
    return g * (1 - np.tanh(x) ** 2)


@others(
    numexpr="g * (1 - y * y)",
    torch="aten.tanh_backward.grad_input, g, y, grad_input=out",
    slower_because=MEMORY,
)
def tanh_grad_from_output(y, g):
    return g * (1 - y * y)


@others(
    numpy_out="np.clip, x, -1, 1, out=out",
    numexpr="where(x > -1, where(x < 1, x, 1), -1)",
    torch="nn.hardtanh, x, out=out",
    jax="nn.hard_tanh",
    thinc="ops.hard_tanh, x",
    slower_because=MEMORY,
)
def hard_tanh(x):
    return np.clip(x, -1, 1)


@others(
    numexpr="where(abs(x) < 1, g, 0)",
    torch="aten.hardtanh_backward.grad_input, g, x, -1, 1, grad_input=out",
    thinc="ops.backprop_hard_tanh, g, x",
    slower_because=MEMORY,
)
def hard_tanh_grad(x, g):
    return g * (np.abs(x) < 1)


@others(
    numexpr="x / (1 + abs(x))",
    torch="F.softsign, x",
    jax="nn.soft_sign",
    slower_because=DIVISIONS,
)
def softsign(x):
    return x / (1 + np.abs(x))


@others(
    numexpr="g / (1 + abs(x))**2",
)
def softsign_grad(x, g):
    return g / (1 + np.abs(x)) ** 2


@others(
    numexpr="cap * tanh(x / cap)",
    slower_because="It computes a division and a tanh. " + TANH,
)
def softcap(x, cap=2.0):
    return cap * np.tanh(x / cap)


@others(
    numexpr="g * (1 - tanh(x / cap)**2)",
    slower_because=TWO_PARTS,
)
def softcap_grad(x, g, cap=2.0):
    return g * (1 - np.tanh(x / cap) ** 2)


@others(
    numpy_out="np.heaviside, x, 1, out=out",
    numexpr="where(x >= 0, 1.0, 0.0)",
    torch="torch.heaviside, x.detach(), x.new_ones(()), out=out",
)
def step(x):
    return np.heaviside(x, 1)


def step_grad(x, g):
    return np.zeros_like(x * g)
