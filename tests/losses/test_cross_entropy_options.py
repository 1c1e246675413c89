"""All options of cross_entropy and nll_loss together, in value, gradients and second derivatives; memory and dtypes."""

import itertools

import numpy as np
import pytest

import fastact
from tests.support import slow_rows
from tests.support.label_cases import REDUCTIONS, WEIGHT, labels_of, options, probabilities_of
from tests.support.row_cases import KINDS, LAYOUTS, assert_agree, numbers

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
WITH_ALL_OPTIONS = [((5,), -1), ((6, 5), -1), ((4, 5, 3), 1), ((2, 3, 5, 2), -2)]
every_shape = pytest.mark.parametrize(("shape", "axis"), SHAPES, ids=str)
pytestmark = pytest.mark.configuration

every_kind = pytest.mark.parametrize(("dtype", "precision"), KINDS)


@every_shape
@pytest.mark.parametrize("indices", [True, False], ids=["indices", "probabilities"])
def test_combinations_of_options_agree_with_the_slow_definition(indices, shape, axis):
    logits = numbers(0, shape)
    for keywords in list(options(indices))[:: 1 if (shape, axis) in WITH_ALL_OPTIONS else 7]:
        target = labels_of(shape, axis, keywords["ignore_index"]) if indices else probabilities_of(shape, axis)
        slow = slow_rows.cross_entropy(logits, target, axis=axis, **keywords)
        without_reduction = {k: v for k, v in keywords.items() if k != "reduction"}
        roundings = 1 if keywords["reduction"] == "none" else 2
        for dtype, precision in KINDS:
            x, t = logits.astype(dtype), target if indices else target.astype(dtype)
            with fastact.precision(precision):
                value = fastact.cross_entropy(x, t, axis=axis, **keywords)
                grad = fastact.cross_entropy_grad(x, t, axis=axis, **keywords)
                both = fastact.cross_entropy_value_and_grad(x, t, axis=axis, **keywords)
                row_grad, row_hess = fastact.cross_entropy_grad_and_hess(x, t, axis=axis, **without_reduction)
            assert np.shape(value) == np.shape(slow.value)
            assert_agree(value, slow.value, dtype, precision, context=keywords, roundings=roundings)
            assert_agree(grad, slow.grad, dtype, precision, True, keywords)
            assert_agree(row_grad, slow.row_grad, dtype, precision, True, keywords)
            assert_agree(row_hess, slow.row_hess, dtype, precision, True, keywords)
            np.testing.assert_array_equal(both[0], value)
            np.testing.assert_array_equal(both[1], grad)


@every_shape
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["unweighted", "weighted"])
def test_nll_loss_agrees_with_the_slow_definition(weight, shape, axis):
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
