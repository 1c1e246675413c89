"""cross_entropy and nll_loss of rows with infinities, NaN, ignored labels, one class or none, and of no rows."""

import itertools

import numpy as np
import pytest

import fastact
from tests.support.row_cases import KINDS

pytestmark = pytest.mark.configuration

INF = np.inf
every_kind = pytest.mark.parametrize(("dtype", "precision"), KINDS)


@every_kind
def test_zero_times_minus_infinity_is_zero(dtype, precision):
    logits = np.array([[0, -INF, 1], [-INF, 2, -INF]], dtype)
    with fastact.precision(precision):
        q = np.array([[0.5, 0, 0.5], [0, 1, 0]], dtype)
        value, grad = fastact.cross_entropy_value_and_grad(logits, q, reduction="none")
        assert np.isfinite(value).all()
        assert value[1] == 0
        np.testing.assert_array_equal(grad[1], [0, 0, 0])
        # a weight of 0 on it, for both kinds of target
        weight = np.array([1, 0, 1], dtype)
        assert fastact.cross_entropy(logits[:1], [1], weight=weight, reduction="sum") == 0
        assert np.isfinite(fastact.cross_entropy(logits[:1], np.ones((1, 3), dtype), weight=weight))
        assert np.isfinite(fastact.cross_entropy(logits[:1], [0], weight=weight, label_smoothing=0.1))
        assert fastact.nll_loss(np.array([[-INF, 0]], dtype), [0], weight=np.array([0, 1], dtype), reduction="sum") == 0


@every_kind
def test_a_label_at_minus_infinity_and_smoothing_over_one_give_an_infinite_loss(dtype, precision):
    logits = np.array([[0, -INF, 0]], dtype)
    with fastact.precision(precision):
        value, grad = fastact.cross_entropy_value_and_grad(logits, [1])
        assert value == INF
        np.testing.assert_array_equal(grad, [[0.5, -1, 0.5]])
        assert fastact.cross_entropy(logits, [0], label_smoothing=0.1) == INF
        assert fastact.cross_entropy(logits, np.array([[0, 0.5, 0.5]], dtype)) == INF
        grad, hess = fastact.cross_entropy_grad_and_hess(logits, [1])
        np.testing.assert_array_equal(grad, [[0.5, -1, 0.5]])
        np.testing.assert_array_equal(hess, [[0.25, 0, 0.25]])


@every_kind
@pytest.mark.parametrize("bad", [[1, np.nan, 0], [1, INF, 0], [-INF, -INF, -INF]], ids=str)
def test_nan_infinity_and_minus_infinity_alone_make_the_row_nan(bad, dtype, precision):
    logits = np.array([bad, [0, 1, 2]], dtype)
    with fastact.precision(precision):
        for target in ([0, 1], np.full((2, 3), 0.25, dtype)):
            value, grad = fastact.cross_entropy_value_and_grad(logits, target, reduction="none")
            hess = fastact.cross_entropy_grad_and_hess(logits, target)[1]
            for result in (value, grad, hess):
                assert np.isnan(result[0]).all()
                assert np.isfinite(result[1]).all()
            assert np.isnan(fastact.cross_entropy(logits, target))


@every_kind
def test_ignored_rows_are_zero_even_where_they_hold_nan(dtype, precision):
    logits = np.array([[np.nan] * 3, [0, 1, 2], [INF, -INF, 1], [-INF] * 3], dtype)
    target = np.array([-100, 1, -100, -100])
    with fastact.precision(precision):
        for smoothing, weight in itertools.product((0, 0.1), (None, [0.5, 2, 1])):
            keywords = {"label_smoothing": smoothing, "weight": weight}
            value, grad = fastact.cross_entropy_value_and_grad(logits, target, **keywords)
            alone, alone_grad = fastact.cross_entropy_value_and_grad(logits[1:2], target[1:2], **keywords)
            assert value == alone
            np.testing.assert_array_equal(grad[1], alone_grad[0])
            assert not grad[[0, 2, 3]].any()
            for result in fastact.cross_entropy_grad_and_hess(logits, target, **keywords):
                assert not result[[0, 2, 3]].any()
        assert fastact.nll_loss(logits, target) == -1


@pytest.mark.parametrize("smoothing", [0, 0.1])
def test_a_mean_or_sum_over_nothing_is_zero_and_so_is_its_gradient(smoothing):
    nothing = [
        (np.full((3, 4), np.nan), [-100] * 3, {}),
        (np.zeros((3, 4)), [0, 1, 0], {"weight": [0, 0, 1, 1]}),
        (np.zeros((3, 4)), [0, 1, 0], {"weight": np.zeros(4)}),
        (np.zeros((3, 4)), [0, -100, -100], {"weight": [0, 1, 1, 1]}),
        (np.zeros((0, 4)), np.zeros(0, int), {}),
        (np.zeros((0, 4)), np.zeros((0, 4)), {}),
        (np.zeros((0, 0)), np.zeros(0, int), {}),
    ]
    for (logits, target, keywords), reduction in itertools.product(nothing, ("mean", "sum")):
        # smoothed classes of weight 1 count in a sum
        if reduction == "mean" or smoothing == 0:
            options = keywords | {"reduction": reduction}
            value, grad = fastact.cross_entropy_value_and_grad(logits, target, label_smoothing=smoothing, **options)
            assert value == 0
            np.testing.assert_array_equal(grad, np.zeros(logits.shape))
            if np.ndim(target) == 1:
                value, grad = fastact.nll_loss_value_and_grad(logits, target, **options)
                assert value == 0
                np.testing.assert_array_equal(grad, np.zeros(logits.shape))


def test_no_rows_give_empty_losses_gradients_and_second_derivatives():
    for target in (np.zeros((0, 2), int), np.zeros((0, 3, 2))):
        assert fastact.cross_entropy(np.zeros((0, 3, 2)), target, axis=1, reduction="none").shape == (0, 2)
        for result in fastact.cross_entropy_grad_and_hess(np.zeros((0, 3, 2)), target, axis=1):
            assert result.shape == (0, 3, 2)


def test_one_class_has_loss_and_gradient_zero():
    logits = np.array([[3.0], [-1e30]])
    for target in ([0, 0], np.array([[0.3], [1.0]])):
        for keywords in ({}, {"weight": [2.0]}, {"label_smoothing": 0.1}):
            value, grad = fastact.cross_entropy_value_and_grad(logits, target, **keywords)
            assert value == 0
            np.testing.assert_array_equal(grad, [[0], [0]])
            assert not fastact.cross_entropy_grad_and_hess(logits, target, **keywords)[1].any()
