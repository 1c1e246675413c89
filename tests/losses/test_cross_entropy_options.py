"""All options of cross_entropy and nll_loss together, in value, gradients and second derivatives, and special rows."""

import itertools

import numpy as np
import pytest

import fastact
from tests.support import slow_rows
from tests.support.row_cases import KINDS, LAYOUTS, assert_agree, numbers

CLASSES = 5
INF = np.inf
REDUCTIONS = ["none", "mean", "sum"]
SHAPES = [
    ((5,), -1),
    ((5,), 0),
    ((6, 5), -1),
    ((5, 6), 0),
    ((4, 5, 3), 1),
    ((3, 2, 5), -1),
    ((5, 3, 2), 0),
    ((2, 5, 3, 2), 1),
    ((2, 3, 5, 2), -2),
    ((2, 3, 2, 5), 3),
]
WEIGHT = np.array([0.5, 1.0, 0.0, 1.75, 0.25])
every_shape = pytest.mark.parametrize(("shape", "axis"), SHAPES, ids=str)
every_kind = pytest.mark.parametrize(("dtype", "precision"), KINDS)


def labels_of(shape, axis, ignore_index=None):
    """Random labels; a third of them ignored if there are several."""
    rng = np.random.default_rng(2)
    labels = rng.integers(0, CLASSES, slow_rows.without_axes(shape, axis))
    if ignore_index is not None and labels.size > 1:
        labels.flat[::3] = ignore_index
    return labels


def probabilities_of(shape, axis):
    """Rows that do not sum to 1, with zeros."""
    return np.abs(numbers(3, shape, 0.3)).round(2).astype(np.float16).astype(float)


def options(indices):
    """Every combination of weight, ignore_index, label_smoothing and reduction."""
    for weight, ignore_index, smoothing, reduction in itertools.product(
        (None, WEIGHT), (-100, -1, 2), (0.0, 0.1, 1.0), REDUCTIONS
    ):
        if indices or ignore_index < 0:
            yield {
                "weight": weight,
                "ignore_index": ignore_index,
                "label_smoothing": smoothing,
                "reduction": reduction,
            }


@every_shape
@pytest.mark.parametrize("indices", [True, False], ids=["indices", "probabilities"])
def test_every_combination_of_options_agrees_with_the_twin(indices, shape, axis):
    logits = numbers(0, shape)
    for keywords in options(indices):
        target = labels_of(shape, axis, keywords["ignore_index"]) if indices else probabilities_of(shape, axis)
        twin = slow_rows.cross_entropy(logits, target, axis=axis, **keywords)
        without_reduction = {k: v for k, v in keywords.items() if k != "reduction"}
        roundings = 1 if keywords["reduction"] == "none" else 2
        for dtype, precision in KINDS:
            context = (dtype, precision, keywords)
            x, t = logits.astype(dtype), target if indices else target.astype(dtype)
            with fastact.precision(precision):
                value = fastact.cross_entropy(x, t, axis=axis, **keywords)
                grad = fastact.cross_entropy_grad(x, t, axis=axis, **keywords)
                both = fastact.cross_entropy_value_and_grad(x, t, axis=axis, **keywords)
                row_grad, row_hess = fastact.cross_entropy_grad_and_hess(x, t, axis=axis, **without_reduction)
            assert np.shape(value) == np.shape(twin.value)
            assert_agree(value, twin.value, dtype, precision, context=context, roundings=roundings)
            assert_agree(grad, twin.grad, dtype, precision, True, context)
            assert_agree(row_grad, twin.row_grad, dtype, precision, True, context)
            assert_agree(row_hess, twin.row_hess, dtype, precision, True, context)
            np.testing.assert_array_equal(both[0], value)
            np.testing.assert_array_equal(both[1], grad)


@pytest.mark.parametrize("indices", [True, False], ids=["indices", "probabilities"])
def test_the_twins_gradients_are_their_own_central_differences(indices):
    shape, axis = (4, 5, 2), 1
    logits, g = numbers(0, shape), numbers(4, (4, 2))
    for keywords in options(indices):
        target = labels_of(shape, axis, keywords["ignore_index"]) if indices else probabilities_of(shape, axis)
        if keywords["ignore_index"] == -100:
            keywords |= {"axis": axis}
            twin = slow_rows.cross_entropy(logits, target, **keywords)
            cotangent = g if keywords["reduction"] == "none" else 1.0

            def value(x, target=target, keywords=keywords):
                return slow_rows.cross_entropy(x, target, **keywords).value

            numeric = slow_rows.central_differences(value, logits, cotangent)
            expected = twin.grad * g[:, None] if keywords["reduction"] == "none" else twin.grad
            np.testing.assert_allclose(expected, numeric, rtol=1e-7, atol=1e-8)


def test_the_twins_second_derivatives_are_central_differences_of_the_first():
    logits, target = numbers(0, (3, 5)), probabilities_of((3, 5), -1)
    keywords = {"weight": WEIGHT, "label_smoothing": 0.1}
    twin, step = slow_rows.cross_entropy(logits, target, **keywords), 1e-5
    for c in range(CLASSES):
        up, down = (
            slow_rows.cross_entropy(logits + sign * step * np.eye(CLASSES)[c], target, **keywords).row_grad
            for sign in (1, -1)
        )
        np.testing.assert_allclose(twin.row_hess[:, c], ((up - down) / (2 * step))[:, c], atol=1e-9)


@every_shape
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["unweighted", "weighted"])
def test_nll_loss_agrees_with_the_twin(weight, shape, axis):
    log_probs = slow_rows.log_softmax(numbers(0, shape), axis).astype(np.float16).astype(float)
    for ignore_index, reduction in itertools.product((-100, 2), REDUCTIONS):
        target = labels_of(shape, axis, ignore_index)
        keywords = {"axis": axis, "weight": weight, "ignore_index": ignore_index, "reduction": reduction}
        expected, expected_grad = slow_rows.nll_loss(log_probs, target, **keywords)
        for dtype, precision in KINDS:
            x = log_probs.astype(dtype)
            with fastact.precision(precision):
                value, grad = fastact.nll_loss_value_and_grad(x, target, **keywords)
                np.testing.assert_array_equal(fastact.nll_loss(x, target, **keywords), value)
                np.testing.assert_array_equal(fastact.nll_loss_grad(x, target, **keywords), grad)
            assert np.shape(value) == np.shape(expected)
            assert_agree(value, expected, dtype, precision, roundings=1 if reduction == "none" else 2)
            assert_agree(grad, expected_grad, dtype, precision, True)


def test_cross_entropy_is_nll_loss_of_log_softmax():
    logits, target = numbers(0, (30, 5)), labels_of((30, 5), -1, -100)
    for weight, reduction in itertools.product((None, WEIGHT), REDUCTIONS):
        keywords = {"weight": weight, "reduction": reduction}
        expected = fastact.nll_loss(fastact.log_softmax(logits), target, **keywords)
        np.testing.assert_allclose(fastact.cross_entropy(logits, target, **keywords), expected, rtol=1e-14)


# ---- memory and dtypes


def test_labels_of_every_integer_dtype_and_layout():
    logits = numbers(0, (10, 6, 5))
    expected = fastact.cross_entropy_value_and_grad(logits, labels_of(logits.shape, -1), weight=WEIGHT)
    for dtype in (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64):
        labels = labels_of(logits.shape, -1).astype(dtype)
        swapped = labels.astype(labels.dtype.newbyteorder())
        strided = np.repeat(labels, 2, axis=1)[:, ::2]
        reversed_ = np.ascontiguousarray(labels[::-1, ::-1])[::-1, ::-1]
        for given in (labels, swapped, strided, reversed_, np.asfortranarray(labels), labels.tolist()):
            value, grad = fastact.cross_entropy_value_and_grad(logits, given, weight=WEIGHT)
            assert value == expected[0]
            np.testing.assert_array_equal(grad, expected[1])
            value = fastact.nll_loss(logits, given, weight=WEIGHT)
            assert value == fastact.nll_loss(logits, labels, weight=WEIGHT)


@every_kind
@pytest.mark.parametrize("indices", [True, False], ids=["indices", "probabilities"])
def test_every_layout_gives_the_same_bits_and_nothing_is_written(indices, dtype, precision):
    shape, axis = (7, 5, 11), 1
    logits = numbers(0, shape).astype(dtype)
    target = labels_of(shape, axis) if indices else probabilities_of(shape, axis).astype(dtype)
    keywords = {"axis": axis, "weight": WEIGHT, "label_smoothing": 0.1, "reduction": "none"}
    with fastact.precision(precision):
        expected = fastact.cross_entropy_value_and_grad(logits, target, **keywords)
        hessian = fastact.cross_entropy_grad_and_hess(logits, target, axis=axis, weight=WEIGHT)[1]
        for layout in LAYOUTS.values():
            x, t = layout(logits), target if indices else layout(target)
            x.flags.writeable = t.flags.writeable = False
            for got, want in zip(fastact.cross_entropy_value_and_grad(x, t, **keywords), expected, strict=True):
                assert got.dtype == dtype
                np.testing.assert_array_equal(got, want)
            got = fastact.cross_entropy_grad_and_hess(x, t, axis=axis, weight=WEIGHT)[1]
            np.testing.assert_array_equal(got, hessian)


def test_the_number_of_threads_does_not_change_the_bits():
    for shape in ((3000, 20), (4, 30_000)):
        logits = numbers(0, shape).astype(np.float32)
        targets = np.random.default_rng(0).integers(0, shape[1], shape[0]), np.abs(numbers(1, shape)).astype(np.float32)
        for target in targets:
            results = []
            for threads in (1, 2):
                with fastact.num_threads(threads):
                    value, grad = fastact.cross_entropy_value_and_grad(logits, target, label_smoothing=0.1)
                    results.append((value, grad, fastact.cross_entropy_grad_and_hess(logits, target)[1]))
            for one, two in zip(*results, strict=True):
                np.testing.assert_array_equal(one, two)


@every_kind
def test_target_and_weight_are_converted_to_the_dtype_of_the_logits(dtype, precision):
    logits, q = numbers(0, (6, 5)).astype(dtype), np.random.default_rng(0).random((6, 5))
    weight = np.random.default_rng(1).random(5)
    with fastact.precision(precision):
        value, grad = fastact.cross_entropy_value_and_grad(logits, q, weight=weight)
        expected = fastact.cross_entropy_value_and_grad(logits, q.astype(dtype), weight=weight.astype(dtype))
        assert value.dtype == grad.dtype == dtype
        assert value == expected[0]
        np.testing.assert_array_equal(grad, expected[1])
        assert fastact.cross_entropy(logits, [0] * 6, weight=[1, 2, 3, 4, 5]).dtype == dtype
    assert fastact.cross_entropy(np.zeros((2, 3), int), [0, 1]).dtype == np.float64


# ---- special rows


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
def test_a_mean_over_nothing_is_zero_and_so_is_its_gradient(smoothing):
    nothing = [
        (np.full((3, 4), np.nan), [-100] * 3, {}),
        (np.zeros((3, 4)), [0, 1, 0], {"weight": [0, 0, 1, 1]}),
        (np.zeros((3, 4)), [0, 1, 0], {"weight": np.zeros(4)}),
        (np.zeros((3, 4)), [0, -100, -100], {"weight": [0, 1, 1, 1]}),
        (np.zeros((0, 4)), np.zeros(0, int), {}),
        (np.zeros((0, 4)), np.zeros((0, 4)), {}),
        (np.zeros((0, 0)), np.zeros(0, int), {}),
    ]
    for logits, target, keywords in nothing:
        value, grad = fastact.cross_entropy_value_and_grad(logits, target, label_smoothing=smoothing, **keywords)
        assert value == 0
        np.testing.assert_array_equal(grad, np.zeros(logits.shape))
        if np.ndim(target) == 1:
            value, grad = fastact.nll_loss_value_and_grad(logits, target, **keywords)
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


def test_a_confident_right_answer_has_a_gradient_without_cancellation():
    for dtype, bound in ((np.float32, 2.0**-23), (np.float64, 2.0**-50)):
        logits = np.array([[40, 0, 0]], dtype)
        grad, hess = fastact.cross_entropy_grad_and_hess(logits, [0])
        rest = 2 * np.exp(-40.0) / (1 + 2 * np.exp(-40.0))
        np.testing.assert_allclose(grad, [[-rest, rest / 2, rest / 2]], rtol=bound)
        np.testing.assert_allclose(hess, [[rest, rest / 2, rest / 2]], rtol=bound)
