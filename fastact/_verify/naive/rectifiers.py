"""NumPy expressions for the rectifiers, each with its gradients, and the calls of other libraries."""

import numpy as np

from fastact._verify.naive.others import DIVISIONS, MEMORY, TWO_PARTS, others


@others(
    numpy_out="np.copyto, out, x",
    numexpr="x",
    torch="torch.clone, x",
    torch_out="torch.Tensor.copy_, out, x",
    jax="nn.identity",
    slower_because="There is nothing to compute: call overhead and memory bandwidth decide.",
)
def identity(x):
    return np.array(x)


@others(
    numpy_out="np.copyto, out, g",
    numexpr="g",
    torch="torch.Tensor.copy_, out, g",
    slower_because="It checks `x` for NaN; the others copy `g` without reading `x`.",
)
def identity_grad(x, g):
    return g * np.ones_like(x)


@others(
    numpy_out="np.maximum, x, 0, out=out",
    numexpr="where(x > 0, x, 0)",
    torch="torch.relu, x",
    torch_out="torch.clamp_min, x, 0, out=out",
    jax="nn.relu",
    thinc="ops.relu, x",
    slower_because=MEMORY,
)
def relu(x):
    return np.maximum(x, 0)


@others(
    numexpr="where(x > 0, g, 0)",
    torch="aten.threshold_backward.grad_input, g, x, 0, grad_input=out",
    slower_because=MEMORY,
)
def relu_grad(x, g):
    return g * (x > 0)


@others(
    numexpr="where(y > 0, g, 0)",
    torch="aten.threshold_backward.grad_input, g, y, 0, grad_input=out",
    thinc="ops.backprop_relu, g, y",
    slower_because=MEMORY,
)
def relu_grad_from_output(y, g):
    return g * (y > 0)


@others(
    numexpr="where(x > 0, where(x < 6, x, 6), 0)",
    torch="nn.hardtanh, x, 0, 6, out=out",
    jax="nn.relu6",
    thinc="ops.relu_k, x",
    slower_because=MEMORY,
)
def relu6(x):
    return np.minimum(np.maximum(x, 0), 6)


@others(
    numexpr="where((x > 0) & (x < 6), g, 0)",
    torch="aten.hardtanh_backward.grad_input, g, x, 0, 6, grad_input=out",
    thinc="ops.backprop_relu_k, g, x",
    slower_because=MEMORY,
)
def relu6_grad(x, g):
    return g * ((x > 0) & (x < 6))


@others(
    numexpr="where(x > 0, x * x, 0)",
)
def relu2(x):
    return np.maximum(x, 0) ** 2


@others(
    numexpr="where(x > 0, 2 * g * x, 0)",
)
def relu2_grad(x, g):
    return 2 * g * np.maximum(x, 0)


@others(
    numexpr="where(x > 0, x, 0.01 * x)",
    torch="nn.leaky_relu, x, out=out",
    jax="nn.leaky_relu",
    slower_because=MEMORY,
)
def leaky_relu(x):
    return np.where(x > 0, x, 0.01 * x)


@others(
    numexpr="where(x > 0, g, 0.01 * g)",
    torch="aten.leaky_relu_backward.grad_input, g, x, 0.01, False, grad_input=out",
    slower_because=MEMORY,
)
def leaky_relu_grad(x, g):
    return np.where(x > 0, g, 0.01 * g)


@others(
    numexpr="where(y > 0, g, 0.01 * g)",
    torch="aten.leaky_relu_backward.grad_input, g, y, 0.01, True, grad_input=out",
    slower_because=MEMORY,
)
def leaky_relu_grad_from_output(y, g):
    return np.where(y > 0, g, 0.01 * g)


@others(
    numexpr="where(x > 0, x, weight * x)",
    torch="F.prelu, x, torch.tensor([weight], dtype=x.dtype)",
    slower_because=MEMORY,
)
def prelu(x, weight=0.25):
    return np.where(x > 0, x, weight * x)


@others(
    torch="aten._prelu_kernel_backward.default, g, x, torch.tensor(weight, dtype=x.dtype).expand_as(x)",
)
def prelu_grad(x, g, weight=0.25):
    return g * np.where(x > 0, 1, weight), g * np.minimum(x, 0)


@others(
    numpy_out="np.clip, x, 0, alpha, out=out",
    numexpr="where(x > 0, where(x < alpha, x, alpha), 0)",
    torch="torch.clamp, x, x.new_zeros(()) if torch.is_tensor(alpha) else 0, alpha, out=out",
    slower_because=MEMORY,
)
def pact(x, alpha=2.0):
    return np.clip(x, 0, alpha)


def pact_grad(x, g, alpha=2.0):
    return g * ((x > 0) & (x < alpha)), g * (x >= alpha)


@others(
    numexpr="where(x > 0.5, x, -1)",
    torch="torch.threshold, x, threshold, value, out=out",
    slower_because=MEMORY,
)
def threshold(x, threshold=0.5, value=-1.0):
    return np.where(x > threshold, x, value)


@others(
    numexpr="where(x > 0.5, g, 0)",
    torch="aten.threshold_backward.grad_input, g, x, 0.5, grad_input=out",
    slower_because=MEMORY,
)
def threshold_grad(x, g, threshold=0.5, value=-1.0):
    return np.where(x > threshold, g, 0)


@others(
    numexpr="where(x > 1, x, 0)",
    torch="torch.threshold, x, 1, 0, out=out",
    slower_because=MEMORY,
)
def thresholded_relu(x):
    return np.where(x > 1, x, 0)


@others(
    numexpr="where(x > 1, g, 0)",
    torch="aten.threshold_backward.grad_input, g, x, 1, grad_input=out",
    slower_because=MEMORY,
)
def thresholded_relu_grad(x, g):
    return np.where(x > 1, g, 0)


@others(
    numexpr="where(x > 0, x, expm1(x))",
    torch="nn.elu, x, out=out",
    jax="nn.elu",
)
def elu(x):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


@others(
    numexpr="where(x > 0, g, g * exp(x))",
    torch="aten.elu_backward.grad_input, g, 1, 1, 1, False, x, grad_input=out",
    slower_because=TWO_PARTS,
)
def elu_grad(x, g):
    return g * np.where(x > 0, 1, np.exp(np.minimum(x, 0)))


@others(
    numexpr="where(y > 0, g, g * (y + 1))",
    torch="aten.elu_backward.grad_input, g, 1, 1, 1, True, y, grad_input=out",
    slower_because=MEMORY,
)
def elu_grad_from_output(y, g):
    return g * np.where(y > 0, 1, y + 1)


@others(
    numexpr="where(x > 0, x, expm1(x))",
    torch="nn.elu, x, out=out",
    jax="nn.celu",
    slower_because=TWO_PARTS,
)
def celu(x):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


@others(
    numexpr="where(x > 0, g, g * exp(x))",
    torch="aten.elu_backward.grad_input, g, 1, 1, 1, False, x, grad_input=out",
    slower_because=TWO_PARTS,
)
def celu_grad(x, g):
    return g * np.where(x > 0, 1, np.exp(np.minimum(x, 0)))


@others(
    numexpr="where(x > 0, 1.0507009873554805 * x, 1.7580993408473768 * expm1(x))",
    torch="nn.elu, x, *SELU, out=out",
    jax="nn.selu",
)
def selu(x):
    return np.where(x > 0, 1.0507009873554805 * x, 1.7580993408473768 * np.expm1(np.minimum(x, 0)))


@others(
    numexpr="where(x > 0, 1.0507009873554805 * g, 1.7580993408473768 * g * exp(x))",
    torch="aten.elu_backward.grad_input, g, *SELU, 1, False, x, grad_input=out",
    slower_because=TWO_PARTS,
)
def selu_grad(x, g):
    return g * np.where(x > 0, 1.0507009873554805, 1.7580993408473768 * np.exp(np.minimum(x, 0)))


@others(
    numexpr="g * where(y > 0, 1.0507009873554805, y + 1.7580993408473768)",
    torch="aten.elu_backward.grad_input, g, *SELU, 1, True, y, grad_input=out",
    slower_because=MEMORY,
)
def selu_grad_from_output(y, g):
    return g * np.where(y > 0, 1.0507009873554805, y + 1.7580993408473768)


@others(
    numpy_out="np.logaddexp, x, 0, out=out",
    numexpr="log1p(exp(x))",
    scipy="special.softplus, x, out=out",
    torch="nn.softplus, x, out=out",
    jax="nn.softplus",
)
def softplus(x):
    return np.logaddexp(0, x)


@others(
    numexpr="g / (1 + exp(-x))",
    torch="aten.softplus_backward.grad_input, g, x, 1, 20, grad_input=out",
    slower_because=TWO_PARTS,
)
def softplus_grad(x, g):
    return g / (1 + np.exp(-x))


@others(
    numexpr="-g * expm1(-y)",
)
def softplus_grad_from_output(y, g):
    return -g * np.expm1(-y)


@others(
    numexpr="(x + sqrt(x * x + 4)) / 2",
    jax="nn.squareplus",
    slower_because=DIVISIONS,
)
def squareplus(x):
    return (x + np.sqrt(x * x + 4)) / 2


@others(
    numexpr="g * (1 + x / sqrt(x * x + 4)) / 2",
    slower_because=DIVISIONS,
)
def squareplus_grad(x, g):
    return g * (1 + x / np.sqrt(x * x + 4)) / 2


@others(
    numexpr="where(x >= 1, x, where(x > -1, (x + 1) * (x + 1) / 4, 0))",
    jax="nn.sparse_plus",
    slower_because=MEMORY,
)
def sparse_plus(x):
    return np.where(x >= 1, x, np.maximum(x + 1, 0) ** 2 / 4)


@others(
    numexpr="g * where(x > -1, where(x < 1, (x + 1) / 2, 1), 0)",
    slower_because=MEMORY,
)
def sparse_plus_grad(x, g):
    return g * np.clip((x + 1) / 2, 0, 1)
