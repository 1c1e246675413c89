"""NumPy expressions for the gated units, each with its gradients."""

import numpy as np

from fastact._verify.naive.others import MEMORY, TAIL, TWO_PARTS, others
from fastact._verify.naive.self_gated import gelu, gelu_grad, gelu_tanh, gelu_tanh_grad, silu, silu_grad
from fastact._verify.naive.sigmoids import sigmoid, sigmoid_grad


@others(
    numexpr="gate / (1 + exp(-gate)) * up",
    torch="lambda gate, up: torch.mul(nn.silu(gate), up, out=out), gate, up",
    jax="lambda gate, up: nn.silu(gate) * up",
    slower_because=TWO_PARTS,
)
def swiglu(gate, up):
    return silu(gate) * up


@others(
    slower_because=TWO_PARTS,
)
def swiglu_grad(gate, up, g):
    return silu_grad(gate, g * up), g * silu(gate)


@others(
    torch="lambda gate, up: torch.mul(nn.gelu(gate), up, out=out), gate, up",
    jax="lambda gate, up: nn.gelu(gate, approximate=False) * up",
    slower_because=TAIL,
)
def geglu(gate, up):
    return gelu(gate) * up


@others(
    slower_because=TAIL,
)
def geglu_grad(gate, up, g):
    return gelu_grad(gate, g * up), g * gelu(gate)


@others(
    numexpr="0.5 * gate * (1 + tanh(0.7978845608028654 * (gate + 0.044715 * gate * gate * gate))) * up",
    torch='lambda gate, up: torch.mul(nn.gelu(gate, approximate="tanh"), up, out=out), gate, up',
    jax="lambda gate, up: nn.gelu(gate) * up",
    slower_because=TWO_PARTS,
)
def geglu_tanh(gate, up):
    return gelu_tanh(gate) * up


@others(
    slower_because=TWO_PARTS,
)
def geglu_tanh_grad(gate, up, g):
    return gelu_tanh_grad(gate, g * up), g * gelu_tanh(gate)


@others(
    numexpr="where(gate > 0, gate, 0) * up",
    torch="lambda gate, up: torch.mul(torch.relu(gate), up, out=out), gate, up",
    jax="lambda gate, up: nn.relu(gate) * up",
)
def reglu(gate, up):
    return np.maximum(gate, 0) * up


@others(
    slower_because=MEMORY,
)
def reglu_grad(gate, up, g):
    return g * up * (gate > 0), g * np.maximum(gate, 0)


@others(
    torch="F.glu, x",
    jax="nn.glu",
)
def glu(x):
    a, b = np.split(x, 2, axis=-1)
    return a * sigmoid(b)


@others(
    torch="aten.glu_backward.default, g, x, -1",
)
def glu_grad(x, g):
    a, b = np.split(x, 2, axis=-1)
    return np.concatenate([g * sigmoid(b), sigmoid_grad(b, g * a)], axis=-1)
