"""cross_entropy with its gradient against mpmath and a slow NumPy twin, its labels, reductions and errors."""

import mpmath
import numpy as np
import pytest

import fastact

mp = mpmath.mp.clone()
mp.dps = 120

both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])
both_precisions = pytest.mark.parametrize("precision", ["exact", "fast"])
INTEGERS = [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]


def twin(logits, target, ignore_index=-100, reduction="mean"):
    """Loss and gradient row by row, in float64."""
    logits = np.asarray(logits, float)
    losses, gradient = np.zeros(len(logits)), np.zeros_like(logits)
    kept = [i for i, y in enumerate(target) if int(y) != ignore_index]
    for i in kept:
        y, shifted = int(target[i]), logits[i] - logits[i].max()
        losses[i] = np.log(np.exp(shifted).sum()) - shifted[y]
        gradient[i] = np.exp(shifted) / np.exp(shifted).sum()
        gradient[i, y] -= 1
    if reduction == "none":
        return losses, gradient
    divisor = max(len(kept), 1) if reduction == "mean" else 1
    return losses.sum() / divisor, gradient / divisor


@both_dtypes
@both_precisions
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("shape", [(1, 2), (7, 10), (300, 65), (40, 1000), (5, 1)])
def test_value_and_gradient_agree_with_the_twin(shape, reduction, precision, dtype):
    rng = np.random.default_rng(0)
    logits = (4 * rng.normal(size=shape)).astype(dtype)
    target = rng.integers(0, shape[1], shape[0])
    loss, gradient = twin(logits, target, reduction=reduction)
    tolerance = 1e-6 if dtype == np.float32 else 1e-12
    with fastact.precision(precision):
        got, got_gradient = fastact.cross_entropy_value_and_grad(logits, target, reduction=reduction)
        np.testing.assert_array_equal(fastact.cross_entropy(logits, target, reduction=reduction), got)
        np.testing.assert_array_equal(fastact.cross_entropy_grad(logits, target, reduction=reduction), got_gradient)
    np.testing.assert_allclose(got, loss, rtol=tolerance, atol=1e-15)
    np.testing.assert_allclose(got_gradient, gradient, rtol=20 * tolerance, atol=tolerance / 10)
    assert got.dtype == dtype
    assert got_gradient.dtype == dtype
    assert got_gradient.shape == shape


@both_dtypes
@both_precisions
@pytest.mark.parametrize("lead", [0.0, 1.0, 20.0, 40.0, 80.0])
@pytest.mark.parametrize("label", [0, 1])
def test_confident_rows_keep_their_relative_accuracy(lead, label, dtype, precision):
    logits = np.array([lead, 0.0, -1.0], dtype)
    x = [mp.mpf(float(v)) for v in logits]
    total = mp.fsum(map(mp.exp, x))
    loss = mp.log(total) - x[label]
    gradient = [mp.exp(v) / total - (i == label) for i, v in enumerate(x)]
    with fastact.precision(precision):
        got, got_gradient = fastact.cross_entropy_value_and_grad(logits, label, reduction="none")
    ulp = 4 * np.finfo(dtype).eps
    assert abs(mp.mpf(float(got)) / loss - 1) < ulp
    for value, true in zip(got_gradient, gradient, strict=True):
        assert abs(mp.mpf(float(value)) / true - 1) < ulp


def test_the_articles_three_rows_come_out_to_the_printed_digits():
    logits = [[2, -5, 0.5, -0.1], [0, 0, 1.9, 1.4], [-100, 100, -100, -100]]
    got = fastact.cross_entropy(np.array(logits), [0, 3, 1], reduction="none")
    # printed from a float32 computation: the first is one unit in the last place above the true 0.297507497
    np.testing.assert_allclose(got[:2], [0.29750752, 1.1448325], rtol=np.finfo(np.float32).eps)
    assert 0 < got[2] < 1e-80


@both_dtypes
def test_ignored_rows_add_nothing_even_where_they_hold_nan(dtype):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(6, 4)).astype(dtype)
    logits[2] = np.nan
    target = np.array([0, 1, -100, 3, -100, 2])
    for reduction in ("none", "mean", "sum"):
        loss, gradient = twin(logits, target, reduction=reduction)
        got, got_gradient = fastact.cross_entropy_value_and_grad(logits, target, reduction=reduction)
        np.testing.assert_allclose(got, loss, rtol=1e-6)
        np.testing.assert_allclose(got_gradient, gradient, atol=1e-7)
        assert not got_gradient[2].any()


def test_everything_ignored_gives_zero_and_not_nan():
    logits = np.full((3, 4), np.nan)
    for reduction in ("mean", "sum"):
        value, gradient = fastact.cross_entropy_value_and_grad(logits, [-100] * 3, reduction=reduction)
        assert value == 0
        np.testing.assert_array_equal(gradient, np.zeros((3, 4)))


def test_ignore_index_may_be_a_valid_class_and_is_compared_as_a_number():
    logits = np.random.default_rng(0).normal(size=(3, 200))
    got = fastact.cross_entropy(logits, np.array([5, 7, 5]), ignore_index=5, reduction="none")
    assert list(got == 0) == [True, False, True]
    # 156 is -100 in eight bits, and is a class here
    assert (fastact.cross_entropy(logits, np.uint8([156, 156, 156]), reduction="none") > 0).all()


@pytest.mark.parametrize("integer", INTEGERS)
def test_labels_of_every_integer_dtype_and_stride(integer):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(50, 9))
    target = rng.integers(0, 9, 100).astype(integer)[::2]
    expected = fastact.cross_entropy(logits, target.astype(np.int64), reduction="none")
    np.testing.assert_array_equal(fastact.cross_entropy(logits, target, reduction="none"), expected)


@pytest.mark.parametrize("axis", [0, 1, 2, -2])
def test_the_class_axis_may_be_any(axis):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4, 5, 6))
    moved = np.moveaxis(logits, axis, -1)
    target = rng.integers(0, moved.shape[-1], moved.shape[:-1])
    expected, expected_gradient = fastact.cross_entropy_value_and_grad(moved.copy(), target)
    value, gradient = fastact.cross_entropy_value_and_grad(logits, target, axis=axis)
    assert value == expected
    np.testing.assert_array_equal(np.moveaxis(gradient, axis, -1), expected_gradient)


def test_one_dimensional_logits_with_a_scalar_target_are_one_row():
    value, gradient = fastact.cross_entropy_value_and_grad(np.zeros(4), 2)
    np.testing.assert_allclose(value, np.log(4))
    np.testing.assert_allclose(gradient, [0.25, 0.25, -0.75, 0.25])


@pytest.mark.parametrize("count", [1, 499, 2000])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("bad", [-1, 3, 2**40])
def test_a_label_out_of_range_is_an_index_error_with_its_position(count, threads, bad):
    target = np.zeros(count, np.int64)
    target[-1] = bad
    with (
        fastact.num_threads(threads),
        pytest.raises(IndexError, match=rf"target {bad} at position \({count - 1},\) .* 3 classes"),
    ):
        fastact.cross_entropy(np.zeros((count, 3)), target)


@pytest.mark.parametrize("count", [1, 20_000])
def test_the_bare_ufunc_raises_for_rows_without_classes(count):
    rows = np.empty((count, 0))
    with pytest.raises(IndexError, match="out of bounds for 0 classes"):
        fastact.ufuncs.cross_entropy(rows, 0, 1.0)
    for function in (fastact.ufuncs.nll_loss, fastact.ufuncs.nll_loss_grad, fastact.ufuncs.nll_loss_value_and_grad):
        with pytest.raises(IndexError, match="target 0 is out of bounds for 0 classes"):
            function(rows, 0, rows, 1.0)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("label", [-1, 3, -(2**63), 2**62])
def test_the_bare_ufunc_writes_nan_and_raises_for_a_bad_label(label, threads):
    logits = np.zeros((6000, 3))
    labels = np.zeros(6000, np.int64)
    labels[4000] = label
    losses, gradient = np.zeros(6000), np.zeros((6000, 3))
    with fastact.num_threads(threads), pytest.raises(IndexError, match=f"target {label} is out of bounds"):
        fastact.ufuncs.cross_entropy_value_and_grad(logits, labels, 1.0, out=(losses, gradient))
    assert np.isnan(losses[4000])
    assert np.isnan(gradient[4000]).all()
    assert np.isfinite(np.delete(losses, 4000)).all()


@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "message"),
    [
        ((np.zeros((2, 3)), [0, 1]), {"reduction": "avg"}, ValueError, "reduction must be one of"),
        ((np.zeros((2, 3)), [0.0, 1.0]), {}, TypeError, "target must be of an integer dtype"),
        ((np.zeros((2, 3)), [True, False]), {}, TypeError, "target must be of an integer dtype"),
        ((np.zeros((2, 3)), [0, 1, 2]), {}, ValueError, r"logits without axis 1, \(2,\), or .*, not \(3,\)"),
        ((np.zeros((2, 3, 4)), np.zeros((2, 4), int)), {}, ValueError, "torch has the classes along axis 1"),
        ((np.zeros((2, 0)), [0, 0]), {}, ValueError, "no classes"),
        ((1.0, 0), {}, ValueError, "0-dimensional"),
        ((np.zeros((2, 3), complex), [0, 1]), {}, TypeError, "logits must be of float16"),
        ((np.ma.zeros((2, 3)), [0, 1]), {}, TypeError, "masked"),
        ((np.zeros((2, 3)), [0, 1]), {"ignore_index": 1.5}, TypeError, "ignore_index must be an int, not 1.5"),
        ((np.zeros((2, 3)), [0, 1]), {"axis": None}, TypeError, "axis must be an int, not None"),
    ],
)
@pytest.mark.parametrize("name", ["cross_entropy", "cross_entropy_grad", "cross_entropy_value_and_grad"])
def test_bad_arguments_are_clear_errors(name, arguments, keywords, error, message):
    with pytest.raises(error, match=message):
        getattr(fastact, name)(*arguments, **keywords)


def test_an_empty_batch_has_loss_zero_and_an_empty_gradient():
    value, gradient = fastact.cross_entropy_value_and_grad(np.zeros((0, 3)), np.zeros(0, int))
    assert value == 0
    assert gradient.shape == (0, 3)


def test_logits_are_never_written():
    logits = np.random.default_rng(0).normal(size=(10, 5))
    logits.flags.writeable = False
    fastact.cross_entropy_value_and_grad(logits, np.zeros(10, int))
