"""The Kullback-Leibler divergence: accuracy near equality too, limits, every option, errors."""

import numpy as np
import pytest

import fastact
from fastact import ufuncs
from tests.support import loss_cases as cases
from tests.support.loss_cases import assert_right, both_dtypes, each_dtype, each_precision, mp

pytestmark = pytest.mark.configuration

NAME = "kl_div"
REDUCTIONS = ["none", "sum", "batchmean"]
both_targets = pytest.mark.parametrize("log_target", [False, True])


def loss(x, t):
    return mp.zero if t == 0 else t * (mp.log(t) - x)


def log_loss(x, t):
    return mp.exp(t) * (t - x)


def operands(dtype, seed, count=500):
    """log_input and targets, a third of the inputs next to the logarithm of the target."""
    rng = np.random.default_rng(seed)
    t = cases.targets(dtype, rng, count)
    x = -rng.exponential(3, count).astype(dtype)
    near = (rng.random(count) < 0.3) & (t > 0)
    x[near] = np.log(t[near])
    return x, t, cases.scales(rng, count)


@pytest.mark.parametrize("name", ["kl_div", "binary_cross_entropy", "binary_cross_entropy_with_logits"])
def test_the_reduced_loss_of_a_matrix_is_one_number(name):
    x, target = np.full((2, 3), 0.25), np.full((2, 3), 0.5)
    loss = getattr(fastact, name)
    assert loss(x.view(np.matrix), target.view(np.matrix), reduction="sum") == loss(x, target, reduction="sum")


@each_precision
@pytest.mark.parametrize("seed", [0, 1])
def test_values_and_gradients_stay_within_their_bound(dtype, precision, seed):
    x, t, scale = operands(dtype, seed)
    with fastact.precision(precision):
        value, gradient = ufuncs.kl_div_value_and_grad(x, t, scale)

    def tolerated(x, t):
        # where x is log t but for its rounding
        return t * max(1, abs(x)) * cases.absolute_bound(dtype, "exact")

    # floats are computed in double in both precisions
    bound = cases.BOUNDS[dtype, "exact"][0]
    assert_right(value, loss, (x, t), bound, tolerated)
    assert_right(gradient, lambda t, s: -t * s, (t, scale), bound)


@each_precision
def test_values_and_gradients_of_log_targets_stay_within_their_bound(dtype, precision):
    rng = np.random.default_rng(2)
    low, high = (-103, 88) if dtype == np.float32 else (-744, 705)
    t = np.concatenate([-rng.exponential(3, 300), rng.uniform(low, high, 300)]).astype(dtype)
    x = np.where(rng.random(600) < 0.2, np.nextafter(t, dtype(0)), -rng.exponential(3, 600).astype(dtype))
    scale = cases.scales(rng, 600)
    with fastact.precision(precision):
        value, gradient = ufuncs.kl_div_value_and_grad_log_target(x, t, scale)
    bound = cases.BOUNDS[dtype, "exact"][0]
    assert_right(value, log_loss, (x, t), bound)
    assert_right(gradient, lambda t, s: -mp.exp(t) * s, (t, scale), bound)


@both_dtypes
def test_terms_with_target_zero_are_zero_and_infinities_give_the_limits(dtype):
    x = dtype([-np.inf, -np.inf, -1, np.inf, np.finfo(dtype).min, -2])
    t = dtype([0, 0.5, 0, 0, 1, np.inf])
    value, gradient = fastact.kl_div_value_and_grad(x, t, reduction="none")
    np.testing.assert_array_equal(value, [0, np.inf, 0, 0, np.finfo(dtype).max, np.inf])
    np.testing.assert_array_equal(gradient, -t)
    logarithms = dtype([-np.inf, np.log(0.5), -np.inf, -np.inf, 0, np.inf])
    value, gradient = fastact.kl_div_value_and_grad(x, logarithms, log_target=True, reduction="none")
    np.testing.assert_array_equal(value, [0, np.inf, 0, 0, np.finfo(dtype).max, np.inf])
    np.testing.assert_allclose(gradient, -t, rtol=1e-6)


@both_dtypes
def test_tiny_and_large_targets_keep_their_accuracy(dtype):
    info = np.finfo(dtype)
    t = dtype([info.smallest_subnormal, info.tiny, 1e30, info.max / 2000])
    x = dtype([-3, -3, 10, -10])
    got = fastact.kl_div(x, t, reduction="none")
    assert_right(got, loss, (x, t), cases.BOUNDS[dtype, "exact"][0])


@both_dtypes
@both_targets
@pytest.mark.parametrize("precision", ["exact", "fast"])
def test_nan_and_negative_targets_give_nan_and_nothing_warns(dtype, log_target, precision):
    info = np.finfo(dtype)
    with fastact.precision(precision), np.errstate(all="raise"):
        for x, t in ((np.nan, 0.5), (np.nan, 0), (-1, np.nan), (np.nan, np.nan)):
            result = fastact.kl_div_value_and_grad([dtype(x)], [t], log_target=log_target, reduction="none")
            assert np.isnan(result).all()
        if not log_target:
            assert np.isnan(fastact.kl_div(dtype([-1]), [-0.5], reduction="none")).all()
        special = dtype([0, -0.0, info.max, -info.max, info.smallest_subnormal, np.inf, -np.inf, -800, 90])
        fastact.kl_div_value_and_grad(special, special[::-1], log_target=log_target, reduction="none")


@each_dtype
@both_targets
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", [(), (6,), (4, 3), (2, 3, 4)])
def test_every_option_agrees_with_its_formula(dtype, log_target, reduction, shape):
    rng = np.random.default_rng(0)
    x = np.asarray(-rng.exponential(2, shape), dtype)
    t = np.asarray(-rng.exponential(1, shape) if log_target else rng.random(shape), dtype)
    z, u = x.astype(float), t.astype(float)
    losses, gradient = (np.exp(u) * (u - z), -np.exp(u)) if log_target else (u * (np.log(u) - z), -u)
    expected = cases.reduced(losses, gradient, reduction, shape[0] if len(shape) > 1 else 1)
    cases.assert_both_agree(NAME, (x, t), {"log_target": log_target, "reduction": reduction}, expected, dtype)


@pytest.mark.parametrize("target_type", [bool, np.int8, np.uint64])
def test_targets_may_be_integers(target_type):
    x, t = np.float32([-1, -2, -3]), np.array([0, 1, 1], target_type)
    value, gradient = fastact.kl_div_value_and_grad(x, t, reduction="none")
    np.testing.assert_array_equal(value, np.float32([0, 2, 3]))
    np.testing.assert_array_equal(gradient, np.float32([0, -1, -1]))
    assert not np.signbit(gradient[0])


def test_float16_is_the_float64_result_rounded_once():
    x, t = -np.random.default_rng(0).exponential(2, (2, 300)).astype(np.float16)
    for log_target, target in ((True, t), (False, np.exp(t))):
        options = {"log_target": log_target, "reduction": "none"}
        cases.assert_float16_is_float64_rounded_once(NAME, x, target, options, options)


def test_layouts_shapes_and_lists_do_not_matter():
    rng = np.random.default_rng(0)
    for dtype in (np.float32, np.float64):
        x, target = -rng.random((40, 60)).astype(dtype), rng.random((40, 60)).astype(dtype)
        cases.assert_layouts_and_shapes_do_not_matter(NAME, x, target)


@both_targets
def test_an_empty_batch_has_loss_zero_and_an_empty_gradient(log_target):
    cases.assert_empty_is_zero(NAME, REDUCTIONS)


def test_wrong_shapes_types_and_words_are_clear_errors():
    cases.assert_operands_are_checked(NAME, "log_input")


@pytest.mark.parametrize("suffix", ["", "_grad", "_value_and_grad"])
def test_the_mean_over_all_elements_is_refused_and_the_error_says_why(suffix):
    with pytest.raises(ValueError, match=r"reduction 'mean' would divide by the number of classes too.*'batchmean'"):
        getattr(fastact, NAME + suffix)(np.zeros((2, 3)), np.zeros((2, 3)), reduction="mean")


def test_series_and_lazy_arrays_come_out_as_themselves():
    rng = np.random.default_rng(0)
    cases.assert_other_arrays_come_out_as_themselves(NAME, -rng.random(20), rng.random(20))
