"""The focal loss of logits: accuracy for every gamma, limits, every option, errors."""

import itertools

import numpy as np
import pytest

import fastact
from fastact import ufuncs
from tests.support import loss_cases as cases
from tests.support.loss_cases import (
    absolute_bound,
    assert_right,
    both_dtypes,
    each_precision,
    each_reduction,
    mp,
)

pytestmark = pytest.mark.configuration

NAME = "sigmoid_focal_loss"


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def cross_entropy(x, t):
    return max(x, 0) - t * x + mp.log1p(mp.exp(-abs(x)))


def parts(x, t, alpha):
    """alpha_t and 1 - p_t."""
    share = mp.one if alpha < 0 else alpha * t + (1 - alpha) * (1 - t)
    return share, sigmoid(x) * (1 - t) + sigmoid(-x) * t


def hard_cross_entropy(x, t):
    """As cross_entropy, without its cancellation."""
    return mp.log1p(mp.exp(x if t == 0 else -x)) if t in (0, 1) and (x < 0) == (t == 0) else cross_entropy(x, t)


def loss(x, t, alpha, gamma):
    share, missing = parts(x, t, alpha)
    return share * missing**gamma * hard_cross_entropy(x, t)


def terms(x, t, alpha, gamma, scale):
    """The two terms of the derivative."""
    share, missing = parts(x, t, alpha)
    direct = scale * share * missing**gamma * ((1 - t) * sigmoid(x) - t * sigmoid(-x))
    of_missing = gamma * missing ** (gamma - 1) * (1 - 2 * t) * sigmoid(x) * sigmoid(-x)
    return direct, scale * share * of_missing * hard_cross_entropy(x, t)


def gradient(*operands):
    return mp.fsum(terms(*operands))


def operands(dtype, seed, count=300, gammas=(0, 0.1, 0.5, 1, 2, 2.5, 3, 5), hard=False):
    rng = np.random.default_rng(seed)
    x = cases.logits(dtype, rng, count)
    t = cases.targets(dtype, rng, x.size)
    t = np.round(t) if hard else t
    alpha = rng.choice([-1, 0, 0.1, 0.25, 0.75, 1], x.size).astype(dtype)
    gamma = rng.choice(gammas, x.size).astype(dtype)
    return x, t, alpha, gamma, cases.scales(rng, x.size)


@each_precision
@pytest.mark.parametrize("seed", [0, 1])
def test_values_stay_within_their_bound(dtype, precision, seed):
    *given, _ = operands(dtype, seed)
    with fastact.precision(precision):
        got = ufuncs.sigmoid_focal_loss(*given)
    # floats are computed in double in both precisions
    assert_right(got, loss, given, cases.BOUNDS[dtype, "exact"][0])


@each_precision
@pytest.mark.parametrize("hard", [True, False])
def test_gradients_stay_within_their_bound(dtype, precision, hard):
    given = operands(dtype, 2, hard=hard)
    with fastact.precision(precision):
        got = ufuncs.sigmoid_focal_loss_grad(*given)
    bound = absolute_bound(dtype, "exact")

    def tolerated(*exactly):
        return bound * max(map(abs, terms(*exactly)))

    # for hard targets nothing cancels
    assert_right(got, gradient, given, cases.BOUNDS[dtype, "exact"][1], None if hard else tolerated)


def test_the_error_grows_slowly_with_gamma_in_float64():
    for gamma in (10, 20):
        given = operands(np.float64, 3, 150, gammas=(gamma,), hard=True)
        assert_right(ufuncs.sigmoid_focal_loss(*given[:4]), loss, given[:4], 1 + gamma / 4)
        assert_right(ufuncs.sigmoid_focal_loss_grad(*given), gradient, given, 1 + gamma / 4)


@each_precision
@pytest.mark.parametrize("gamma", [0.0, 0.25, 1.0, 2.0])
def test_confident_answers_down_to_subnormal_results(dtype, precision, gamma):
    end = (105 if dtype == np.float32 else 750) / (1 + gamma)
    x = np.random.default_rng(0).uniform(10, end, 150).astype(dtype)
    one = np.ones_like(x)
    given = x, one, one, np.full_like(x, gamma)
    with fastact.precision(precision):
        value, slope = ufuncs.sigmoid_focal_loss_value_and_grad(*given, 1.0)
        mirrored = ufuncs.sigmoid_focal_loss_value_and_grad(-x, 1 - one, 1 - one, given[3], 1.0)
    bounds = cases.BOUNDS[dtype, "exact"]
    assert_right(value, loss, given, bounds[0])
    assert_right(slope, gradient, (*given, one), bounds[1])
    np.testing.assert_array_equal(mirrored, (value, -slope))


@both_dtypes
@pytest.mark.usefixtures("exact")
def test_gamma_0_without_alpha_is_the_binary_cross_entropy(dtype):
    rng = np.random.default_rng(0)
    x = cases.logits(dtype, rng)
    t = cases.targets(dtype, rng, x.size)
    got = fastact.sigmoid_focal_loss_value_and_grad(x, t, alpha=-1, gamma=0)
    expected = fastact.binary_cross_entropy_with_logits_value_and_grad(x, t, reduction="none")
    eps = float(np.finfo(dtype).eps)
    np.testing.assert_allclose(got[0], expected[0], rtol=2 * eps)
    np.testing.assert_allclose(got[1], expected[1], rtol=2 * eps, atol=eps / 100)


@both_dtypes
@pytest.mark.parametrize("precision", ["exact", "fast"])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_infinite_logits_give_the_limits_and_a_finite_gradient(dtype, precision, gamma):
    x, t = dtype([-np.inf, -np.inf, np.inf, np.inf, -np.inf]), [0, 1, 0, 1, 0.5]
    with fastact.precision(precision):
        value, slope = fastact.sigmoid_focal_loss_value_and_grad(x, t, alpha=-1, gamma=gamma)
        np.testing.assert_array_equal(value, [0, np.inf, np.inf, 0, np.inf])
        np.testing.assert_allclose(slope, [0, -1, 1, 0, -0.5 * 0.5**gamma], rtol=1e-6)
        # a share of 0 wins
        np.testing.assert_array_equal(fastact.sigmoid_focal_loss(x[1:2], [1], alpha=0, gamma=gamma), 0)


@both_dtypes
def test_large_logits_and_every_gamma_give_a_finite_gradient_without_warning(dtype):
    info = np.finfo(dtype)
    x = dtype([info.max, 1e30, 1000, 752.5, 130, 60, 45, 1, info.smallest_subnormal, 0])
    x = np.concatenate([x, -x])
    # 1e-40 is subnormal in float32: NumPy may warn of that
    with np.errstate(under="ignore"):
        targets = [np.full_like(x, t) for t in (0, 1e-40, 0.5, 1)]
    with np.errstate(all="raise"):
        for gamma, target, precision in itertools.product((0, 1e-30, 0.5, 2, 100, 1e30), targets, ("exact", "fast")):
            with fastact.precision(precision):
                value, slope = fastact.sigmoid_focal_loss_value_and_grad(x, target, alpha=-1, gamma=gamma)
            assert np.isfinite(slope).all()
            assert (value >= 0).all()


@both_dtypes
def test_a_large_logit_of_the_wrong_answer_is_the_loss_itself(dtype):
    x = dtype([np.finfo(dtype).max, 1e37, 800, 753])
    np.testing.assert_array_equal(fastact.sigmoid_focal_loss(x, [0] * 4, alpha=-1), x)
    np.testing.assert_array_equal(fastact.sigmoid_focal_loss(-x, [1] * 4, alpha=-1), x)
    np.testing.assert_array_equal(fastact.sigmoid_focal_loss_grad(x, [0] * 4, alpha=-1), 1)


@both_dtypes
@pytest.mark.parametrize("precision", ["exact", "fast"])
def test_nan_and_what_is_no_probability_give_nan_without_warning(dtype, precision):
    x, t = dtype([np.nan, 1, 1, 1, 1]), dtype([0, np.nan, -0.5, 1.5, np.inf])
    with fastact.precision(precision), np.errstate(all="raise"):
        assert np.isnan(fastact.sigmoid_focal_loss_value_and_grad(x, t)).all()


def formula(x, t, alpha, gamma):
    """torchvision's formula, and central differences of it."""

    def losses(x):
        p = 1 / (1 + np.exp(-x))
        p_t = p * t + (1 - p) * (1 - t)
        value = (np.maximum(x, 0) - x * t + np.log1p(np.exp(-np.abs(x)))) * (1 - p_t) ** gamma
        return value * (alpha * t + (1 - alpha) * (1 - t)) if alpha >= 0 else value

    return losses(x), (losses(x + 1e-5) - losses(x - 1e-5)) / 2e-5


@pytest.mark.parametrize("alpha", [-1, 0, 0.25, 1])
@pytest.mark.parametrize("gamma", [0, 0.5, 2, 3.5])
def test_every_option_agrees_with_its_formula(alpha, gamma):
    for dtype, target_type, reduction in itertools.product(
        (np.float16, np.float32, np.float64), (bool, np.int64, np.float32), ("none", "mean", "sum")
    ):
        assert_options_agree(dtype, target_type, reduction, alpha, gamma)


def assert_options_agree(dtype, target_type, reduction, alpha, gamma):
    rng = np.random.default_rng(0)
    x = rng.normal(0, 2, (4, 3)).astype(dtype)
    target = rng.random(x.shape) if target_type == np.float32 else rng.integers(0, 2, x.shape)
    target = target.astype(target_type)
    expected = formula(x.astype(float), target.astype(dtype).astype(float), alpha, gamma)
    expected = cases.reduced(*expected, reduction, x.size)
    tolerance = max(16 * float(np.finfo(dtype).eps), 1e-9)
    keywords = {"alpha": alpha, "gamma": gamma, "reduction": reduction}
    cases.assert_both_agree(NAME, (x, target), keywords, expected, dtype, (tolerance, tolerance))


def test_float16_is_the_float64_result_rounded_once_with_parameters_as_float32():
    x, t = np.random.default_rng(0).normal(0, 3, 300).astype(np.float16), np.tile(np.float16([0, 1, 0.5]), 100)
    for alpha, gamma in ((0.25, 2.0), (0.1, 0.3)):
        options = {"alpha": alpha, "gamma": gamma}
        as_float32 = {key: float(np.float32(value)) for key, value in options.items()}
        cases.assert_float16_is_float64_rounded_once(NAME, x, t, options, as_float32)


def test_layouts_shapes_and_lists_do_not_matter():
    rng = np.random.default_rng(0)
    for dtype in (np.float32, np.float64):
        x, target = rng.random((40, 60)).astype(dtype), rng.integers(0, 2, (40, 60)).astype(dtype)
        cases.assert_layouts_and_shapes_do_not_matter(NAME, x, target)


def test_an_empty_batch_has_loss_zero_and_an_empty_gradient():
    cases.assert_empty_is_zero(NAME, ("none", "mean", "sum"))


def test_wrong_shapes_types_and_words_are_clear_errors():
    cases.assert_operands_are_checked(NAME, "logits")


@pytest.mark.parametrize(
    ("keywords", "error", "message"),
    [
        ({"alpha": -0.5}, ValueError, "alpha must be between 0 and 1, or -1, which switches it off, not -0.5"),
        ({"alpha": 1.5}, ValueError, "alpha must be between 0 and 1, .* not 1.5"),
        ({"alpha": np.nan}, ValueError, "alpha must be between 0 and 1, .* not nan"),
        ({"gamma": -1e-9}, ValueError, "gamma must be 0 or positive, and finite, not -1e-09"),
        ({"gamma": np.inf}, ValueError, "gamma must be 0 or positive, and finite, not inf"),
        ({"gamma": np.nan}, ValueError, "gamma must be 0 or positive, and finite, not nan"),
        ({"alpha": [0.25, 0.5]}, TypeError, r"alpha must be a number, not \[0.25, 0.5\]"),
        ({"gamma": None}, TypeError, "gamma must be a number, not None"),
        ({"gamma": "2"}, TypeError, "gamma must be a number, not '2'"),
    ],
)
@pytest.mark.parametrize("suffix", ["", "_grad", "_value_and_grad"])
def test_bad_parameters_are_clear_errors(suffix, keywords, error, message):
    with pytest.raises(error, match=message):
        getattr(fastact, NAME + suffix)(np.zeros(3), [0, 1, 0], **keywords)


def test_series_and_lazy_arrays_come_out_as_themselves():
    rng = np.random.default_rng(0)
    cases.assert_other_arrays_come_out_as_themselves(NAME, rng.normal(size=20), rng.integers(0, 2, 20))


@both_dtypes
@each_reduction
@pytest.mark.parametrize("alpha", [-1, 0.25])
@pytest.mark.parametrize("gamma", [0.0, 1.5, 2.0])
@pytest.mark.parametrize("soft", [False, True])
def test_values_and_gradients_are_those_of_torchvisions_formula(dtype, reduction, alpha, gamma, soft):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    rng = np.random.default_rng(1)
    x = rng.normal(0, 3, (5, 4)).astype(dtype)
    target = rng.random(x.shape).astype(dtype) if soft else rng.integers(0, 2, x.shape).astype(dtype)
    tensor, t = torch.tensor(x, requires_grad=True), torch.tensor(target)
    p = torch.sigmoid(tensor)
    p_t = p * t + (1 - p) * (1 - t)
    theirs = torch.nn.functional.binary_cross_entropy_with_logits(tensor, t, reduction="none") * (1 - p_t) ** gamma
    theirs = theirs * (alpha * t + (1 - alpha) * (1 - t)) if alpha >= 0 else theirs
    theirs = {"none": theirs, "mean": theirs.mean(), "sum": theirs.sum()}[reduction]
    theirs.sum().backward()
    keywords = {"alpha": alpha, "gamma": gamma, "reduction": reduction}
    tolerance = 64 * float(np.finfo(dtype).eps)
    expected = theirs.detach().numpy(), tensor.grad.numpy()
    cases.assert_both_agree(NAME, (x, target), keywords, expected, dtype, (tolerance, tolerance))
