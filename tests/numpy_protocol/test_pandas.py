"""pandas objects in row functions and losses: rows are normalised and labels of rows and columns remain."""

import numpy as np
import pytest

import fastact

pd = pytest.importorskip("pandas")

SAME_SHAPE = ["softmax", "log_softmax", "softmin", "hardmax", "sparsemax"]


def frame(kind="one dtype"):
    x = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    table = pd.DataFrame(x, index=list("abcd"), columns=list("xyz"))
    if kind == "two dtypes":
        table = table.astype({"y": np.float64})
    elif kind == "integers and floats":
        table["z"] = [3, -1, 0, 2]
    return table


@pytest.mark.parametrize("kind", ["one dtype", "two dtypes", "integers and floats"])
@pytest.mark.parametrize("name", SAME_SHAPE)
def test_a_frame_is_normalised_along_its_rows_and_stays_a_frame(name, kind):
    table = frame(kind)
    result = getattr(fastact, name)(table)
    assert isinstance(result, pd.DataFrame)
    assert list(result.index) == list(table.index)
    assert list(result.columns) == list(table.columns)
    np.testing.assert_array_equal(result.to_numpy(), getattr(fastact, name)(table.to_numpy()))


def test_rows_of_softmax_sum_to_1_and_with_axis_0_columns_do():
    table = frame().astype(np.float64)
    np.testing.assert_allclose(fastact.softmax(table).sum(axis=1), 1, rtol=1e-15)
    np.testing.assert_allclose(fastact.softmax(table, axis=0).sum(axis=0), 1, rtol=1e-15)


@pytest.mark.parametrize("name", SAME_SHAPE)
def test_a_series_is_one_row_and_stays_a_series(name):
    series = frame().loc["b"]
    result = getattr(fastact, name)(series)
    assert isinstance(result, pd.Series)
    assert list(result.index) == list(series.index)
    np.testing.assert_array_equal(result, getattr(fastact, name)(series.to_numpy()))


def test_logsumexp_reduces_the_rows_of_a_frame():
    np.testing.assert_array_equal(fastact.logsumexp(frame()), fastact.logsumexp(frame().to_numpy()))


@pytest.mark.parametrize("form", ["frame", "array"])
def test_a_mask_is_applied_to_a_frame(form):
    table = frame()
    mask = table > 0
    result = fastact.softmax(table, where=mask if form == "frame" else mask.to_numpy())
    assert isinstance(result, pd.DataFrame)
    np.testing.assert_array_equal(result, fastact.softmax(table.to_numpy(), where=mask.to_numpy()))


def test_a_temperature_is_applied_to_a_frame():
    result = fastact.softmax(frame(), temperature=2.0)
    assert isinstance(result, pd.DataFrame)
    np.testing.assert_array_equal(result, fastact.softmax(frame().to_numpy(), temperature=2.0))


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin", "sparsemax"])
@pytest.mark.parametrize("form", ["grad", "grad_from_output"])
def test_gradients_of_a_frame_are_a_frame(name, form):
    y, g = getattr(fastact, name)(frame().to_numpy()), np.ones((4, 3), np.float32)
    function = getattr(fastact, f"{name}_{form}")
    result = function(frame() * 0 + y, g)
    assert isinstance(result, pd.DataFrame)
    np.testing.assert_array_equal(result, function(y, g))


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_cross_entropy_takes_a_frame_of_logits_and_a_series_of_labels(reduction):
    labels = pd.Series([0, 2, 1, 1], index=list("abcd"))
    loss, gradient = fastact.cross_entropy_value_and_grad(frame(), labels, reduction=reduction)
    expected = fastact.cross_entropy_value_and_grad(frame().to_numpy(), labels.to_numpy(), reduction=reduction)
    np.testing.assert_array_equal(loss, expected[0])
    np.testing.assert_array_equal(gradient, expected[1])
