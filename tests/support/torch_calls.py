"""PyTorch called with NumPy arrays; where it is not installed, a test file that imports this is skipped."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
F = torch.nn.functional


def value_and_gradients(function, g, *operands):
    """
    Call a function of tensors with arrays; return its value and the gradients with respect to each operand.

    These are vector-Jacobian products with `g`, or with ones if it is None.
    """
    tensors = [torch.tensor(x, requires_grad=True) for x in operands]
    value = function(*tensors)
    cotangent = torch.ones_like(value) if g is None else torch.as_tensor(g)
    gradients = torch.autograd.grad(value, tensors, cotangent)
    return value.detach().numpy(), [gradient.numpy() for gradient in gradients]


def as_tensors(keywords):
    return {key: torch.as_tensor(v) if isinstance(v, np.ndarray) else v for key, v in keywords.items()}
