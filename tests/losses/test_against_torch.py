"""Every combination of options of cross_entropy and nll_loss, and the row functions' gradients, beside PyTorch's."""

import itertools

import numpy as np
import pytest

import fastact
from tests.support import slow_rows

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
F = torch.nn.functional

CLASSES = 7
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


def by_torch(function, operand, cotangent=None):
    """The value and the gradient of a function of one tensor; a cotangent of ones gives each row's own gradient."""
    tensor = torch.tensor(operand, requires_grad=True)
    value = function(tensor)
    value.backward(torch.ones_like(value) if cotangent is None else torch.as_tensor(cotangent))
    return value.detach().numpy(), tensor.grad.numpy()


def in_torch(keywords):
    return {k: torch.as_tensor(v) if isinstance(v, np.ndarray) else v for k, v in keywords.items()}


def assert_agree(ours, theirs, context=""):
    """torch computes float32 in float32, from numbers up to 30 whose rounding errors are absolute ones."""
    epsilon = np.finfo(theirs.dtype).eps
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=64 * epsilon, atol=64 * epsilon, err_msg=str(context))


@both_dtypes
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("indices", [True, False], ids=["indices", "probabilities"])
def test_cross_entropy_with_every_combination_of_options(indices, shape, dtype):
    logits, axis = np.random.default_rng(0).normal(0, 3, shape).astype(dtype), class_axis(shape)
    for target, keywords in combinations(shape, indices, dtype):
        value, grad = by_torch(
            lambda x, t=target, k=keywords: F.cross_entropy(x, torch.as_tensor(t), **in_torch(k)), logits
        )
        own, own_grad = fastact.cross_entropy_value_and_grad(logits, target, axis=axis, **keywords)
        assert_agree(own, value, keywords)
        assert_agree(own_grad, grad, keywords)


@pytest.mark.parametrize("indices", [True, False], ids=["indices", "probabilities"])
def test_second_derivatives_are_the_diagonal_of_torchs_hessian(indices):
    logits = np.random.default_rng(0).normal(0, 2, (3, CLASSES))
    for target, keywords in combinations(logits.shape, indices, np.float64):
        if keywords["reduction"] == "sum":
            hessian = torch.autograd.functional.hessian(
                lambda x, t=target, k=keywords: F.cross_entropy(x, torch.as_tensor(t), **in_torch(k)),
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
            value, grad = by_torch(
                lambda x, t=target, k=keywords: F.nll_loss(x, torch.as_tensor(t), **in_torch(k)), log_probs
            )
            own, own_grad = fastact.nll_loss_value_and_grad(log_probs, target, axis=class_axis(shape), **keywords)
            assert_agree(own, value, keywords)
            assert_agree(own_grad, grad, keywords)


@both_dtypes
@pytest.mark.parametrize("temperature", [1.0, 0.5, 3.0])
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
def test_softmax_and_kin_and_their_gradients(name, temperature, dtype):
    rng = np.random.default_rng(0)
    x, g = rng.normal(0, 2, (2, 4, 6, 7)).astype(dtype)
    for axis in (-1, 0, 1):
        value, grad = by_torch(lambda v, axis=axis: getattr(F, name)(v / temperature, axis), x, g)
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
        value, grad = by_torch(
            lambda v, name=name: getattr(F, name)(v.masked_fill(torch.as_tensor(~where), -np.inf), -1), x, masked_g
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
        value, grad = by_torch(lambda v, axis=axis: torch.logsumexp(v, axis, keepdims), x, g)
        assert_agree(own, value)
        assert_agree(fastact.logsumexp_grad(x, g, **keywords), grad)


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
