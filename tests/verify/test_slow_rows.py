"""The slow definitions of row functions and losses: each gradient equals central differences of the value."""

import numpy as np
import pytest

from tests.support import slow_rows
from tests.support.label_cases import CLASSES, WEIGHT, labels_of, options, probabilities_of
from tests.support.row_cases import SOFTMAX_AND_KIN, masks, numbers, temperatures

SHAPE = (2, 3, 4)


@pytest.mark.parametrize("axis", [-1, (0, 2), None], ids=str)
@pytest.mark.parametrize("name", [*SOFTMAX_AND_KIN, "logsumexp", "sparsemax"])
def test_gradients_of_row_functions_equal_central_differences(name, axis):
    x = numbers(0, SHAPE)
    cases = [{"axis": axis}]
    if name != "sparsemax":
        cases += [{"axis": axis, "where": mask} for mask in masks(SHAPE)]
    if name in SOFTMAX_AND_KIN:
        some = list(masks(SHAPE))[:2]
        tempered = list(temperatures(axis, SHAPE))[1:]
        cases += [{"axis": axis, "temperature": t, "where": m} for t in tempered for m in some]
    function = getattr(slow_rows, name)
    for keywords in cases:
        g = numbers(1, np.shape(function(x, **keywords)), 1)
        numeric = slow_rows.central_differences(lambda v, keywords=keywords: function(v, **keywords), x, g)
        gradient = getattr(slow_rows, f"{name}_grad")(x, g, **keywords)
        np.testing.assert_allclose(gradient, numeric, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("indices", [True, False], ids=["indices", "probabilities"])
def test_gradients_of_cross_entropy_equal_central_differences(indices):
    shape, axis = (2, CLASSES, 2), 1
    logits, g = numbers(0, shape), numbers(4, (2, 2))
    for keywords in options(indices):
        target = labels_of(shape, axis, keywords["ignore_index"]) if indices else probabilities_of(shape, axis)
        if keywords["ignore_index"] == -100:
            keywords |= {"axis": axis}
            loss = slow_rows.cross_entropy(logits, target, **keywords)
            each = keywords["reduction"] == "none"

            def value(x, target=target, keywords=keywords):
                return slow_rows.cross_entropy(x, target, **keywords).value

            numeric = slow_rows.central_differences(value, logits, g if each else 1.0)
            np.testing.assert_allclose(loss.grad * g[:, None] if each else loss.grad, numeric, rtol=1e-7, atol=1e-8)


def test_second_derivatives_of_cross_entropy_equal_central_differences_of_the_first():
    logits, target = numbers(0, (3, CLASSES)), probabilities_of((3, CLASSES), -1)
    keywords = {"weight": WEIGHT, "label_smoothing": 0.1}
    loss, step = slow_rows.cross_entropy(logits, target, **keywords), 1e-5
    for c in range(CLASSES):
        up, down = (
            slow_rows.cross_entropy(logits + sign * step * np.eye(CLASSES)[c], target, **keywords).row_grad
            for sign in (1, -1)
        )
        np.testing.assert_allclose(loss.row_hess[:, c], ((up - down) / (2 * step))[:, c], atol=1e-9)
