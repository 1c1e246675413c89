"""NumPy expressions for the shrink functions, each with its gradients, and the calls of other libraries."""

import numpy as np

from fastact._verify.naive.others import MEMORY, TANH, TWO_PARTS, others


@others(
    numexpr="where(x > 0.5, x - 0.5, where(x < -0.5, x + 0.5, 0))",
    torch="nn.softshrink, x, out=out",
    slower_because=MEMORY,
)
def softshrink(x):
    return np.sign(x) * np.maximum(np.abs(x) - 0.5, 0)


@others(
    numexpr="where(abs(x) > 0.5, g, 0)",
    torch="aten.softshrink_backward.grad_input, g, x, 0.5, grad_input=out",
    slower_because=MEMORY,
)
def softshrink_grad(x, g):
    return g * (np.abs(x) > 0.5)


@others(
    numexpr="where(abs(x) > 0.5, x, 0)",
    torch="torch.hardshrink, x, out=out",
    slower_because=MEMORY,
)
def hardshrink(x):
    return np.where(np.abs(x) > 0.5, x, 0)


@others(
    numexpr="where(abs(x) > 0.5, g, 0)",
    torch="aten.hardshrink_backward.grad_input, g, x, 0.5, grad_input=out",
    slower_because=MEMORY,
)
def hardshrink_grad(x, g):
    return g * (np.abs(x) > 0.5)


@others(
    numexpr="where(abs(x) > 0.5, x, 0)",
    torch="torch.hardshrink, x, out=out",
    slower_because=MEMORY,
)
def shrink(x):
    return np.where(np.abs(x) > 0.5, x, 0)


@others(
    numexpr="where(abs(x) > 0.5, g, 0)",
    torch="aten.hardshrink_backward.grad_input, g, x, 0.5, grad_input=out",
    slower_because=MEMORY,
)
def shrink_grad(x, g):
    return g * (np.abs(x) > 0.5)


@others(
    numexpr="x - tanh(x)",
    torch="F.tanhshrink, x",
    slower_because="It is x minus a tanh, and near zero a polynomial, because the difference would cancel. " + TANH,
)
def tanhshrink(x):
    return x - np.tanh(x)


@others(
    numexpr="g * tanh(x)**2",
    slower_because=TWO_PARTS,
)
def tanhshrink_grad(x, g):
    return g * np.tanh(x) ** 2
