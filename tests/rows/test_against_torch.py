"""Row functions and their gradients compared with PyTorch's, where PyTorch is installed."""

import numpy as np
import pytest

import fastact
from tests.support import peers
from tests.support.torch_calls import F, torch, value_and_gradients

both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])
# float32 is computed in float32 there, from numbers up to 30 whose rounding errors are absolute ones
TOLERANCE = (64, 64)


def assert_agree(ours, theirs):
    peers.assert_agree(ours, theirs, TOLERANCE)


@both_dtypes
@pytest.mark.parametrize("axis", [-1, 0, 1])
@pytest.mark.parametrize("spread", [1, 30])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_values_and_gradients_along_every_axis(name, spread, axis, dtype):
    peers.assert_along_axis_agrees(name, getattr(F, name), value_and_gradients, axis, spread, dtype)


@both_dtypes
@pytest.mark.parametrize("temperature", [1.0, 0.5, 3.0])
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
def test_softmax_and_kin_and_their_gradients(name, temperature, dtype):
    rng = np.random.default_rng(0)
    x, g = rng.normal(0, 2, (2, 4, 6, 7)).astype(dtype)
    for axis in (-1, 0, 1):
        value, (grad,) = value_and_gradients(lambda v, axis=axis: getattr(F, name)(v / temperature, axis), g, x)
        keywords = {"axis": axis, "temperature": temperature}
        own = getattr(fastact, name)(x, **keywords)
        assert_agree(own, value)
        assert_agree(getattr(fastact, f"{name}_grad")(x, g, **keywords), grad)
        assert_agree(getattr(fastact, f"{name}_grad_from_output")(own, g, **keywords), grad)


@both_dtypes
def test_masked_entries_are_as_torchs_logits_of_minus_infinity(dtype):
    rng = np.random.default_rng(0)
    x, g = rng.normal(0, 2, (2, 20, 9)).astype(dtype)
    where = rng.random(x.shape) < 0.6
    where[:, 0] = True
    for name in ("softmax", "log_softmax"):
        # log_softmax has -inf at masked entries, and their own gradient there
        masked_g = np.where(where, g, 0)
        value, (grad,) = value_and_gradients(
            lambda v, name=name: getattr(F, name)(v.masked_fill(torch.as_tensor(~where), -np.inf), -1), masked_g, x
        )
        assert_agree(getattr(fastact, name)(x, where=where), value)
        assert_agree(getattr(fastact, f"{name}_grad")(x, g, where=where), grad)


@both_dtypes
@pytest.mark.parametrize("keepdims", [False, True])
def test_logsumexp_and_its_gradient_over_one_and_several_axes(keepdims, dtype):
    rng = np.random.default_rng(0)
    x = rng.normal(0, 2, (4, 6, 7)).astype(dtype)
    for axis in (-1, 0, (0, 2), (0, 1, 2)):
        keywords = {"axis": axis, "keepdims": keepdims}
        own = fastact.logsumexp(x, **keywords)
        g = rng.normal(size=np.shape(own)).astype(dtype)
        value, (grad,) = value_and_gradients(lambda v, axis=axis: torch.logsumexp(v, axis, keepdims), g, x)
        assert_agree(own, value)
        assert_agree(fastact.logsumexp_grad(x, g, **keywords), grad)
