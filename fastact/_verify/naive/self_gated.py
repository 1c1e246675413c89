"""NumPy expressions for the self-gated functions, each with its gradients, and the calls of other libraries."""

import math

import numpy as np

from fastact._verify.naive.others import DIVISIONS, TAIL, TWO_PARTS, others

# NumPy has no error function.
_erf = np.vectorize(math.erf, otypes=[float])


@others(
    numexpr="x / (1 + exp(-x))",
    torch="nn.silu, x, out=out",
    jax="nn.silu",
    thinc="ops.swish, x",
    slower_because=TWO_PARTS,
)
def silu(x):
    return x / (1 + np.exp(-x))


@others(
    numexpr="g * (1 + exp(-x) + x * exp(-x)) / (1 + exp(-x))**2",
    torch="aten.silu_backward.grad_input, g, x, grad_input=out",
    slower_because=TWO_PARTS,
)
def silu_grad(x, g):
    s = 1 / (1 + np.exp(-x))
    return g * s * (1 + x * (1 - s))


@others(
    numexpr="x / (1 + exp(-x))",
    torch="nn.silu, x, out=out",
    jax="nn.swish",
    thinc="ops.swish, x",
    slower_because=TWO_PARTS,
)
def swish(x):
    return silu(x)


@others(
    numexpr="g * (1 + exp(-x) + x * exp(-x)) / (1 + exp(-x))**2",
    torch="aten.silu_backward.grad_input, g, x, grad_input=out",
    slower_because=TWO_PARTS,
)
def swish_grad(x, g):
    return silu_grad(x, g)


@others(
    scipy="lambda x: x * special.ndtr(x), x",
    torch="nn.gelu, x, out=out",
    jax="lambda x: nn.gelu(x, approximate=False)",
    slower_because=TAIL,
)
def gelu(x):
    return 0.5 * x * (1 + _erf(x / np.sqrt(2)))


@others(
    torch="aten.gelu_backward.grad_input, g, x, grad_input=out",
    slower_because=TAIL,
)
def gelu_grad(x, g):
    return g * (0.5 * (1 + _erf(x / np.sqrt(2))) + x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi))


@others(
    numexpr="0.5 * x * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))",
    torch='nn.gelu, x, approximate="tanh", out=out',
    jax="nn.gelu",
    thinc="ops.gelu_approx, x",
    slower_because=TWO_PARTS,
)
def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


@others(
    torch='aten.gelu_backward.grad_input, g, x, approximate="tanh", grad_input=out',
    slower_because=TWO_PARTS,
)
def gelu_tanh_grad(x, g):
    t = np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))
    return g * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x**2))


@others(
    numexpr="x / (1 + exp(-1.702 * x))",
    slower_because=TWO_PARTS,
)
def gelu_quick(x):
    return x / (1 + np.exp(-1.702 * x))


@others(
    numexpr="g * (1 + exp(-1.702 * x) + 1.702 * x * exp(-1.702 * x)) / (1 + exp(-1.702 * x))**2",
    slower_because=TWO_PARTS,
)
def gelu_quick_grad(x, g):
    s = 1 / (1 + np.exp(-1.702 * x))
    return g * s * (1 + 1.702 * x * (1 - s))


@others(
    numexpr="x * tanh(log1p(exp(x)))",
    torch="nn.mish, x, out=out",
    jax="nn.mish",
    thinc="ops.mish, x",
)
def mish(x):
    return x * np.tanh(np.log1p(np.exp(x)))


@others(
    torch="aten.mish_backward.default, g, x",
    thinc="ops.backprop_mish, g, x",
)
def mish_grad(x, g):
    t = np.tanh(np.log1p(np.exp(x)))
    return g * (t + x * (1 - t * t) / (1 + np.exp(-x)))


@others(
    numexpr="x * where(x > -3, where(x < 3, x + 3, 6), 0) / 6",
    torch="nn.hardswish, x, out=out",
    jax="nn.hard_silu",
    thinc="ops.hard_swish_mobilenet, x",
    slower_because=DIVISIONS,
)
def hard_swish(x):
    return x * np.clip(x + 3, 0, 6) / 6


@others(
    numexpr="g * where(x <= -3, 0, where(x >= 3, 1, (2 * x + 3) / 6))",
    torch="aten.hardswish_backward.out, g, x, out=out",
    thinc="ops.backprop_hard_swish_mobilenet, g, x",
)
def hard_swish_grad(x, g):
    return g * np.where(x <= -3, 0, np.where(x >= 3, 1, (2 * x + 3) / 6))
