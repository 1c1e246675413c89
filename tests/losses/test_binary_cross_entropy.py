"""Binary cross-entropy from logits and from probabilities: accuracy, limits, every option, errors."""

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
    mp,
)

pytestmark = pytest.mark.configuration

LOGITS, PROBS = "binary_cross_entropy_with_logits", "binary_cross_entropy"
INFINITIES = [np.inf, -np.inf]


def softplus(x):
    return mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def logits_loss(x, t, w=1, p=1):
    return w * (p * t * softplus(-x) + (1 - t) * softplus(x))


def logits_gradient(x, t, w=1, p=1, scale=1):
    return scale * w * ((1 - t) * sigmoid(x) - p * t * sigmoid(-x))


def logits_second(x, t, w=1, p=1):
    return w * (p * t + 1 - t) * sigmoid(x) * sigmoid(-x)


def probability_loss(p, t, w=1):
    right = mp.zero if t == 0 else t * mp.log(p)
    wrong = mp.zero if t == 1 else (1 - t) * mp.log1p(-p)
    return -w * (right + wrong)


def probability_gradient(p, t, w=1, scale=1):
    return scale * w * (p - t) / (p * (1 - p))


# ---- from logits: accuracy


def weighted_operands(dtype, rng):
    """Return logits, targets, weights and weights of the positive class."""
    x = cases.logits(dtype, rng)
    return x, cases.targets(dtype, rng, x.size), *(cases.weights(dtype, rng, x.size) for _ in range(2))


@each_precision
@pytest.mark.parametrize("seed", [0, 1])
def test_values_from_logits_stay_within_their_bound(dtype, precision, seed):
    rng = np.random.default_rng(seed)
    operands = weighted_operands(dtype, rng)
    with fastact.precision(precision):
        got = ufuncs.binary_cross_entropy_with_logits(*operands)
    assert_right(got, logits_loss, operands, cases.BOUNDS[dtype, precision][0])


@each_precision
@pytest.mark.parametrize("hard", [True, False])
def test_gradients_from_logits_stay_within_their_bound(dtype, precision, hard):
    rng = np.random.default_rng(2)
    x = cases.logits(dtype, rng)
    t = cases.targets(dtype, rng, x.size)
    t = np.round(t) if hard else t
    operands = x, t, cases.weights(dtype, rng, x.size), cases.weights(dtype, rng, x.size), cases.scales(rng, x.size)
    with fastact.precision(precision):
        got = ufuncs.binary_cross_entropy_with_logits_grad(*operands)
    bound = absolute_bound(dtype, precision)

    def tolerated(x, t, w, p, scale):
        return bound * scale * w * max((1 - t) * sigmoid(x), p * t * sigmoid(-x))

    # for hard targets nothing cancels
    assert_right(got, logits_gradient, operands, cases.BOUNDS[dtype, precision][1], None if hard else tolerated)


@each_precision
def test_second_derivatives_stay_within_their_bound_and_the_gradient_is_the_same(dtype, precision):
    rng = np.random.default_rng(3)
    operands = weighted_operands(dtype, rng)
    with fastact.precision(precision):
        gradient, second = ufuncs.binary_cross_entropy_with_logits_grad_and_hess(*operands)
        np.testing.assert_array_equal(gradient, ufuncs.binary_cross_entropy_with_logits_grad(*operands, 1.0))
    assert_right(second, logits_second, operands, cases.BOUNDS[dtype, precision][1])


@each_precision
@pytest.mark.parametrize("lead", [20.0, 40.0, 80.0])
@pytest.mark.parametrize("label", [0, 1])
def test_a_confident_right_answer_keeps_its_relative_accuracy(dtype, precision, lead, label):
    x, bounds = dtype([lead if label else -lead]), cases.BOUNDS[dtype, precision]
    with fastact.precision(precision):
        value, gradient = fastact.binary_cross_entropy_with_logits_value_and_grad(x, [label], reduction="none")
    assert_right(value, logits_loss, (x, [label]), bounds[0])
    assert_right(gradient, logits_gradient, (x, [label]), bounds[1])


@each_precision
@pytest.mark.parametrize("weight", [1.0, 1000.0, 1 / 3])
def test_subnormal_results_are_rounded_once_and_weights_lift_them(dtype, precision, weight):
    ends = (80, 110) if dtype == np.float32 else (690, 751)
    x = np.random.default_rng(4).uniform(*ends, 200).astype(dtype)
    one, weight = np.ones_like(x), np.full_like(x, weight)
    operands = x, one, weight, one
    with fastact.precision(precision):
        value, gradient = ufuncs.binary_cross_entropy_with_logits_value_and_grad(*operands, 1.0)
        _, second = ufuncs.binary_cross_entropy_with_logits_grad_and_hess(*operands)
    bounds = cases.BOUNDS[dtype, precision]
    assert_right(value, logits_loss, operands, bounds[0])
    assert_right(gradient, logits_gradient, operands, bounds[1])
    assert_right(second, logits_second, operands, bounds[1])


@both_dtypes
def test_large_logits_and_weights_do_not_overflow_halfway(dtype):
    largest, quarter = np.finfo(dtype).max, dtype(0.25)
    for precision in ("exact", "fast"):
        with fastact.precision(precision):
            got = fastact.binary_cross_entropy_with_logits([largest], [0], weight=quarter, reduction="none")
            np.testing.assert_array_equal(got, dtype(largest / 4) if dtype == np.float64 else largest.astype(float) / 4)
            got = ufuncs.binary_cross_entropy_with_logits(largest, quarter * 0, quarter, dtype(4))
            assert got == largest / 4
            got = ufuncs.binary_cross_entropy_with_logits(-largest, dtype(1), quarter, dtype(2))
            assert got == largest / 2


@both_dtypes
@pytest.mark.parametrize("precision", ["exact", "fast"])
def test_infinite_logits_give_the_limits(dtype, precision):
    x = dtype([-np.inf, -np.inf, -np.inf, np.inf, np.inf, np.inf])
    t = [0, 1, 0.5, 0, 1, 0.5]
    with fastact.precision(precision):
        value, gradient = fastact.binary_cross_entropy_with_logits_value_and_grad(x, t, reduction="none")
        np.testing.assert_array_equal(value, [0, np.inf, np.inf, np.inf, 0, np.inf])
        np.testing.assert_array_equal(gradient, [0, -1, -0.5, 1, 0, 0.5])
        _, second = fastact.binary_cross_entropy_with_logits_grad_and_hess(x, t)
        np.testing.assert_array_equal(second, 0)
        weightless = fastact.binary_cross_entropy_with_logits_value_and_grad(x, t, weight=0.0, reduction="none")
        np.testing.assert_array_equal(weightless, 0)
        # without weight for the positive answer, a missed one costs nothing
        value = fastact.binary_cross_entropy_with_logits(x[1:2], [1], pos_weight=0, reduction="none")
        np.testing.assert_array_equal(value, 0)


@both_dtypes
@pytest.mark.parametrize("precision", ["exact", "fast"])
@pytest.mark.parametrize("position", range(4))
def test_nan_in_any_operand_gives_nan_without_warning(dtype, precision, position):
    operands = [np.full(40, v, dtype) for v in (0.5, 0.5, 2.0, 3.0)]
    operands[position][:] = np.nan
    with fastact.precision(precision), np.errstate(all="raise"):
        x, t, w, p = operands
        value, gradient = fastact.binary_cross_entropy_with_logits_value_and_grad(
            x, t, weight=w, pos_weight=p, reduction="none"
        )
        both = fastact.binary_cross_entropy_with_logits_grad_and_hess(x, t, weight=w, pos_weight=p)
        if position < 3:
            outcome = fastact.binary_cross_entropy_value_and_grad(x, t, weight=w, reduction="none")
            assert np.isnan(outcome).all()
    assert np.isnan([value, gradient, *both]).all()


@both_dtypes
def test_no_warning_at_special_inputs(dtype):
    info = np.finfo(dtype)
    x = dtype([0, -0.0, info.max, -info.max, info.smallest_subnormal, np.nan, *INFINITIES, 1000, -1000, 88, -88])
    p = dtype([0, -0.0, 1, info.smallest_subnormal, 1 - info.epsneg, np.nan])
    with np.errstate(all="raise"):
        for precision, t in itertools.product(("exact", "fast"), (0.0, 0.5, 1.0)):
            with fastact.precision(precision):
                fastact.binary_cross_entropy_with_logits_value_and_grad(x, np.full_like(x, t))
                fastact.binary_cross_entropy_with_logits_grad_and_hess(x, np.full_like(x, t), weight=3, pos_weight=1e30)
                fastact.binary_cross_entropy_value_and_grad(p, np.full_like(p, t), weight=7)


# ---- from probabilities: accuracy


def probabilities(dtype, rng, count=300):
    least = -140 if dtype == np.float32 else -1065
    near_one = 1 - np.exp2(rng.uniform(np.finfo(dtype).negep, 0, count))
    p = np.concatenate([rng.random(count), near_one, np.exp2(rng.uniform(least, 0, count))]).astype(dtype)
    return p[(p > 0) & (p < 1)]


@each_precision
@pytest.mark.parametrize("seed", [0, 1])
def test_values_and_gradients_from_probabilities_stay_within_their_bound(dtype, precision, seed):
    rng = np.random.default_rng(seed)
    p = probabilities(dtype, rng)
    operands = p, cases.targets(dtype, rng, p.size), cases.weights(dtype, rng, p.size)
    scale = cases.scales(rng, p.size)
    with fastact.precision(precision):
        value, gradient = ufuncs.binary_cross_entropy_value_and_grad(*operands, scale)
    # floats are computed in double in both precisions
    bound = cases.BOUNDS[dtype, "exact"][0]
    assert_right(value, probability_loss, operands, bound)
    assert_right(gradient, probability_gradient, (*operands, scale), bound)


@both_dtypes
def test_certain_probabilities_give_the_limits_without_a_clamp(dtype):
    p, t = dtype([0, 0, 1, 1, -0.0, 0, 1]), [0, 1, 1, 0, 1, 0.5, 0.5]
    value, gradient = fastact.binary_cross_entropy_value_and_grad(p, t, reduction="none")
    np.testing.assert_array_equal(value, [0, np.inf, 0, np.inf, np.inf, np.inf, np.inf])
    assert not np.signbit(value).any()
    np.testing.assert_array_equal(gradient, [1, -np.inf, -1, np.inf, -np.inf, -np.inf, np.inf])
    value, gradient = fastact.binary_cross_entropy_value_and_grad(p, t, weight=0, reduction="none")
    np.testing.assert_array_equal(value, 0)
    np.testing.assert_array_equal(gradient, 0)


@pytest.mark.parametrize("bad", [-0.25, 1.5, np.inf])
@pytest.mark.parametrize("name", ["probs", "target"])
def test_what_is_no_probability_is_refused_with_its_position_and_nan_passes(name, bad):
    good = np.full((3, 4), 0.5)
    wrong = good.copy()
    wrong[0, 0], wrong[2, 1] = np.nan, bad
    for suffix in ("", "_grad", "_value_and_grad"):
        function = getattr(fastact, PROBS + suffix)
        with pytest.raises(ValueError, match=rf"{name} must lie between 0 and 1, but is {bad} at position \(2, 1\)"):
            function(*((wrong, good) if name == "probs" else (good, wrong)))
    wrong[2, 1] = 0.25
    result = fastact.binary_cross_entropy(wrong, good, reduction="none")
    assert np.isnan(result[0, 0])
    assert np.isnan(result).sum() == 1


# ---- options


@pytest.mark.parametrize("weight_shape", [None, (), (3,), (4, 1), (4, 3)])
@pytest.mark.parametrize("pos_weight_shape", [None, (3,)])
def test_every_option_of_both_losses_agrees_with_its_formula(weight_shape, pos_weight_shape):
    dtypes, target_types = (np.float16, np.float32, np.float64), (bool, np.int8, np.uint64, np.float16, np.float64)
    for dtype, target_type, reduction in itertools.product(dtypes, target_types, ("none", "mean", "sum")):
        assert_options_agree(dtype, target_type, reduction, weight_shape, pos_weight_shape)


def assert_options_agree(dtype, target_type, reduction, weight_shape, pos_weight_shape):
    rng = np.random.default_rng(0)
    x = rng.normal(0, 2, (4, 3)).astype(dtype)
    target = rng.integers(0, 2, x.shape).astype(target_type)
    weight = None if weight_shape is None else rng.random(weight_shape)
    pos_weight = None if pos_weight_shape is None else 2 * rng.random(pos_weight_shape)
    keywords = {"weight": weight, "reduction": reduction}
    w = 1.0 if weight is None else np.asarray(weight, dtype).astype(float)
    p = 1.0 if pos_weight is None else pos_weight.astype(dtype).astype(float)
    z, t = x.astype(float), target.astype(float)
    losses = w * (p * t * np.log1p(np.exp(-z)) + (1 - t) * np.log1p(np.exp(z)))
    gradient = w * ((1 - t) / (1 + np.exp(-z)) - p * t / (1 + np.exp(z)))
    expected = cases.reduced(losses, gradient, reduction, x.size)
    cases.assert_both_agree(LOGITS, (x, target), {**keywords, "pos_weight": pos_weight}, expected, dtype)
    probs = (1 / (1 + np.exp(-z))).astype(dtype)
    q = probs.astype(float)
    losses, gradient = -w * (t * np.log(q) + (1 - t) * np.log1p(-q)), w * (q - t) / (q * (1 - q))
    expected = cases.reduced(losses, gradient, reduction, x.size)
    cases.assert_both_agree(PROBS, (probs, target), keywords, expected, dtype)


@pytest.mark.usefixtures("exact")
def test_the_gradient_of_a_float32_mean_is_rounded_once_whatever_the_count():
    x = np.random.default_rng(0).normal(0, 3, 49).astype(np.float32)
    ones = np.ones(49, int)
    got = fastact.binary_cross_entropy_with_logits_grad(x, ones)
    assert_right(got, lambda v: logits_gradient(v, 1) / 49, (x,), 0.5001)
    probs = fastact.sigmoid(x)
    assert_right(fastact.binary_cross_entropy_grad(probs, ones), lambda p: -1 / p / 49, (probs,), 0.5001)


@pytest.mark.parametrize("name", [LOGITS, PROBS])
def test_float16_is_the_float64_result_rounded_once(name):
    rng = np.random.default_rng(0)
    x, t, w = (rng.random(300).astype(np.float16) for _ in range(3))
    function = getattr(fastact, f"{name}_value_and_grad")
    got = function(x, t, weight=w, reduction="none")
    expected = function(*(v.astype(float) for v in (x, t)), weight=w.astype(float), reduction="none")
    for y, true in zip(got, expected, strict=True):
        np.testing.assert_array_equal(y, true.astype(np.float16))


@pytest.mark.parametrize("integer", [np.bool_, np.int8, np.int16, np.int64])
def test_integer_logits_are_promoted_as_by_tanh(integer):
    x = np.array([0, 1, 1]).astype(integer)
    for name in (LOGITS, PROBS):
        for result in getattr(fastact, f"{name}_value_and_grad")(x, [0, 1, 1], weight=2.0):
            assert result.dtype == np.tanh(x).dtype


@pytest.mark.parametrize("name", [LOGITS, PROBS])
@pytest.mark.usefixtures("exact")
def test_layouts_shapes_and_lists_do_not_matter(name):
    rng = np.random.default_rng(0)
    for dtype in (np.float32, np.float64):
        x, target = rng.random((40, 60)).astype(dtype), rng.integers(0, 2, (40, 60)).astype(dtype)
        cases.assert_layouts_and_shapes_do_not_matter(name, x, target)


@pytest.mark.parametrize("name", [LOGITS, PROBS])
def test_an_empty_batch_has_loss_zero_and_an_empty_gradient(name):
    cases.assert_empty_is_zero(name, ("none", "mean", "sum"))


@pytest.mark.parametrize(("name", "x_name"), [(LOGITS, "logits"), (PROBS, "probs")])
def test_wrong_shapes_types_and_words_are_clear_errors(name, x_name):
    cases.assert_operands_are_checked(name, x_name)
    cases.assert_weights_are_checked(name, x_name, "weight")


def test_pos_weight_is_checked_like_weight_and_so_is_the_second_derivative():
    cases.assert_weights_are_checked(LOGITS, "logits", "pos_weight")
    x = np.zeros((4, 3))
    with pytest.raises(ValueError, match=r"weight must broadcast to the shape of logits, \(4, 3\)"):
        fastact.binary_cross_entropy_with_logits_grad_and_hess(x, x, weight=np.ones(4))
    with pytest.raises(TypeError, match="reduction"):
        fastact.binary_cross_entropy_with_logits_grad_and_hess(x, x, reduction="mean")


@pytest.mark.parametrize("name", [LOGITS, PROBS])
def test_series_and_lazy_arrays_come_out_as_themselves(name):
    rng = np.random.default_rng(0)
    cases.assert_other_arrays_come_out_as_themselves(name, rng.random(20), rng.integers(0, 2, 20))


def test_boosting_takes_float32_labels_and_predictions_of_several_outputs():
    rng = np.random.default_rng(0)
    predictions, labels = rng.normal(size=(30, 4)).astype(np.float32), rng.integers(0, 2, (30, 4)).astype(np.float32)
    gradient, second = fastact.binary_cross_entropy_with_logits_grad_and_hess(predictions, labels)
    p = fastact.sigmoid(predictions)
    np.testing.assert_allclose(gradient, p - labels, atol=1e-7)
    np.testing.assert_allclose(second, fastact.sigmoid_grad(predictions, 1.0), rtol=2e-7)
    assert gradient.dtype == second.dtype == np.float32
