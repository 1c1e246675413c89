"""The losses with every combination of their options compared with PyTorch's, where it is installed."""

import itertools

import numpy as np
import pytest

import fastact
from tests.support import slow_rows
from tests.support.loss_cases import assert_both_agree
from tests.support.peers import assert_agree
from tests.support.torch_calls import F, as_tensors, torch, value_and_gradients

CLASSES = 7
# float32 is computed in float32 there, from numbers up to 30 whose rounding errors are absolute ones
TOLERANCE = (64, 64)
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])
# torch's classes are along axis 1, or 0 of one row
SHAPES = [(7,), (9, 7), (4, 7, 5), (3, 7, 2, 2)]


def class_axis(shape):
    return 0 if len(shape) == 1 else 1


def combinations(shape, indices, dtype):
    """Targets with keywords that both libraries take."""
    rng = np.random.default_rng(1)
    rest = slow_rows.without_axes(shape, class_axis(shape))
    weight = rng.uniform(0.1, 2, CLASSES).astype(dtype)
    for w, ignore_index, smoothing, reduction in itertools.product(
        (None, weight), (-100, 2, -1), (0.0, 0.1, 0.5, 1.0), ("none", "mean", "sum")
    ):
        if indices:
            target = rng.integers(0, CLASSES, rest)
            # the mean over nothing is NaN in torch and 0 here, so some label counts
            target.flat[::3] = ignore_index if target.size > 1 else 1
            target.flat[-1] = 3
        elif ignore_index < 0:
            target = rng.uniform(0, 1, shape).astype(dtype)
            target[rng.random(shape) < 0.2] = 0
        else:
            continue
        yield target, {"weight": w, "ignore_index": ignore_index, "label_smoothing": smoothing, "reduction": reduction}


@both_dtypes
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("indices", [True, False], ids=["indices", "probabilities"])
def test_cross_entropy_with_every_combination_of_options(indices, shape, dtype):
    logits, axis = np.random.default_rng(0).normal(0, 3, shape).astype(dtype), class_axis(shape)
    for target, keywords in combinations(shape, indices, dtype):
        value, (grad,) = value_and_gradients(
            lambda x, t=target, k=keywords: F.cross_entropy(x, torch.as_tensor(t), **as_tensors(k)), None, logits
        )
        own, own_grad = fastact.cross_entropy_value_and_grad(logits, target, axis=axis, **keywords)
        assert_agree(own, value, TOLERANCE, context=keywords)
        assert_agree(own_grad, grad, TOLERANCE, context=keywords)


@pytest.mark.parametrize("indices", [True, False], ids=["indices", "probabilities"])
def test_second_derivatives_are_the_diagonal_of_torchs_hessian(indices):
    logits = np.random.default_rng(0).normal(0, 2, (3, CLASSES))
    for target, keywords in combinations(logits.shape, indices, np.float64):
        if keywords["reduction"] == "sum":
            hessian = torch.autograd.functional.hessian(
                lambda x, t=target, k=keywords: F.cross_entropy(x, torch.as_tensor(t), **as_tensors(k)),
                torch.as_tensor(logits),
            )
            diagonal = np.einsum("ijij->ij", hessian.numpy())
            options = {k: v for k, v in keywords.items() if k != "reduction"}
            np.testing.assert_allclose(
                fastact.cross_entropy_grad_and_hess(logits, target, **options)[1], diagonal, rtol=1e-12, atol=1e-15
            )


@both_dtypes
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_nll_loss_with_every_combination_of_options(shape, dtype):
    log_probs = np.random.default_rng(0).normal(-2, 1, shape).astype(dtype)
    for target, keywords in combinations(shape, True, dtype):
        if keywords.pop("label_smoothing") == 0:
            value, (grad,) = value_and_gradients(
                lambda x, t=target, k=keywords: F.nll_loss(x, torch.as_tensor(t), **as_tensors(k)), None, log_probs
            )
            own, own_grad = fastact.nll_loss_value_and_grad(log_probs, target, axis=class_axis(shape), **keywords)
            assert_agree(own, value, TOLERANCE, context=keywords)
            assert_agree(own_grad, grad, TOLERANCE, context=keywords)


@both_dtypes
@pytest.mark.parametrize("weight_shape", [None, (3,), (4, 1)])
@pytest.mark.parametrize("pos_weight_shape", [None, (3,)])
@pytest.mark.parametrize("name", ["binary_cross_entropy_with_logits", "binary_cross_entropy"])
def test_binary_cross_entropy_with_every_option(name, dtype, weight_shape, pos_weight_shape):
    of_probabilities = name == "binary_cross_entropy"
    for reduction, soft in itertools.product(("none", "mean", "sum"), (False, True)):
        rng = np.random.default_rng(1)
        x = rng.normal(0, 3, (4, 3)).astype(dtype)
        x = fastact.sigmoid(x) if of_probabilities else x
        target = rng.random(x.shape).astype(dtype) if soft else rng.integers(0, 2, x.shape).astype(dtype)
        shapes = {"weight": weight_shape, "pos_weight": None if of_probabilities else pos_weight_shape}
        keywords = {key: rng.random(shape).astype(dtype) for key, shape in shapes.items() if shape is not None}
        keywords["reduction"] = reduction
        assert_as_in_torch(name, (x, target), keywords, 64)


@both_dtypes
@pytest.mark.parametrize("log_target", [False, True])
@pytest.mark.parametrize("shape", [(6,), (4, 3), (2, 3, 4)])
def test_kl_div_with_every_option(shape, log_target, dtype):
    rng = np.random.default_rng(1)
    x = -rng.exponential(2, shape).astype(dtype)
    target = -rng.exponential(1, shape).astype(dtype) if log_target else rng.random(shape).astype(dtype)
    for reduction in ("none", "sum", "batchmean"):
        # torch divides by the length of a vector, which is one distribution here
        if reduction != "batchmean" or len(shape) > 1:
            assert_as_in_torch("kl_div", (x, target), {"log_target": log_target, "reduction": reduction}, 16)


def assert_as_in_torch(name, operands, keywords, tolerance):
    """Value, gradient and both together, to a tolerance in epsilons."""
    x, target = operands
    value, (gradient,) = value_and_gradients(
        lambda v: getattr(F, name)(v, torch.as_tensor(target), **as_tensors(keywords)), None, x
    )
    tolerance *= float(np.finfo(x.dtype).eps)
    assert_both_agree(name, operands, keywords, (value, gradient), x.dtype, (tolerance, tolerance))


# what torch does otherwise, so that a new torch that agrees is noticed


def test_torchs_mean_over_nothing_is_nan_and_ours_is_zero():
    logits = np.zeros((2, 3))
    assert torch.isnan(F.cross_entropy(torch.as_tensor(logits), torch.tensor([-100, -100])))
    assert fastact.cross_entropy(logits, [-100, -100]) == 0
    weight = np.zeros(3)
    assert torch.isnan(F.cross_entropy(torch.as_tensor(logits), torch.tensor([0, 1]), torch.as_tensor(weight)))
    assert fastact.cross_entropy(logits, [0, 1], weight=weight) == 0


def test_torchs_zero_times_minus_infinity_is_nan_and_ours_is_zero():
    logits, q = np.array([[0.0, -np.inf]]), np.array([[1.0, 0.0]])
    assert torch.isnan(F.cross_entropy(torch.as_tensor(logits), torch.as_tensor(q)))
    assert fastact.cross_entropy(logits, q) == 0
