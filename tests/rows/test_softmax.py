"""What is particular to softmax and log_softmax: known values, accuracy where one entry dominates, `out`."""

import numpy as np
import pytest

import fastact
from tests.support.oracles import mp, ulps
from tests.support.row_cases import KINDS

pytestmark = pytest.mark.configuration


@pytest.mark.parametrize("lead", [5.0, 30.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.usefixtures("exact")
def test_gradient_keeps_its_relative_accuracy_where_one_entry_dominates(dtype, lead):
    x, g = np.array([0, lead, -1], dtype), np.array([1, -0.3, 0.5], dtype)
    e = [mp.exp(mp.mpf(float(v))) for v in x]
    p = [v / mp.fsum(e) for v in e]
    mean = mp.fsum(a * mp.mpf(float(b)) for a, b in zip(p, g, strict=True))
    bound = 0.5001 if dtype == np.float32 else 6
    for got, a, b in zip(fastact.softmax_grad(x, g), p, g, strict=True):
        assert ulps(got, a * (mp.mpf(float(b)) - mean), dtype) <= bound


def test_log_softmax_gradient_takes_the_output_as_given():
    y, g = np.array([[0.5, -1.0]]), np.array([[1.0, 2.0]])
    expected = g - np.exp(y) * g.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(fastact.log_softmax_grad_from_output(y, g), expected, rtol=1e-14)
    assert np.isnan(fastact.log_softmax_grad_from_output([[np.nan, -1.0]], g)).all()


def test_the_articles_ten_scores_come_out_to_the_printed_digits():
    scores = [0.2, 0.02, 0.15, 0.15, 1.3, 0.5, 0.06, 1.1, 0.05, 3.75]
    printed = [0.021234, 0.017736, 0.020198, 0.020198, 0.063790, 0.028663, 0.018460, 0.052227, 0.018276, 0.739219]
    np.testing.assert_allclose(fastact.softmax(scores), printed, atol=5.1e-7)


def test_two_classes_are_the_sigmoid():
    x = np.linspace(-30, 30, 101)
    np.testing.assert_allclose(fastact.softmax(np.stack([x, 0 * x], axis=1))[:, 0], fastact.sigmoid(x), rtol=1e-15)


def test_a_logit_ahead_by_twenty_keeps_its_small_logarithm():
    np.testing.assert_allclose(fastact.log_softmax([0.0, 20.0])[1], -2.061153620314381e-09, rtol=1e-15)


@pytest.mark.parametrize(("dtype", "precision"), KINDS)
@pytest.mark.parametrize(
    ("shape", "axis"), [((3, 1024), -1), ((5, 1000), -1), ((40, 30), -1), ((50, 64), 0), ((1, 150_000), -1)]
)
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "sparsemax"])
def test_out_may_be_any_operand_or_overlap_it(name, shape, axis, dtype, precision):
    rng = np.random.default_rng(0)
    x, g = rng.normal(size=(2, *shape)).astype(dtype)
    function, gradient = getattr(fastact, name), getattr(fastact, f"{name}_grad")
    with fastact.precision(precision):
        expected, expected_gradient = function(x, axis), gradient(x, g, axis)
        operands = x.copy(), g.copy()
        np.testing.assert_array_equal(function(operands[0], axis, out=operands[0]), expected)
        for i in range(2):
            operands = x.copy(), g.copy()
            np.testing.assert_array_equal(gradient(*operands, axis, out=operands[i]), expected_gradient)
        memory = np.zeros(x.size + 5, dtype)
        given, out = memory[: x.size].reshape(shape), memory[5:].reshape(shape)
        given[...] = x
        np.testing.assert_array_equal(function(given, axis, out=out), expected)


@pytest.mark.parametrize("axis", [-1, (0, 1), None])
def test_out_of_integers_is_refused_and_not_written(axis):
    out = np.full((2, 3), 7)
    with pytest.raises(TypeError, match="same_kind"):
        fastact.softmax(np.zeros((2, 3)), axis, out=out)
    assert (out == 7).all()
