"""dask arrays go in and come out lazily, with NumPy's values and dtypes; what cannot work is a clear error."""

from pathlib import Path

import numpy as np
import pytest

import fastact
from tests.support.processes import output_of

da = pytest.importorskip("dask.array")
delayed = pytest.importorskip("dask").delayed

ROW_FUNCTIONS = ["softmax", "log_softmax", "softmin", "hardmax", "sparsemax", "logsumexp"]
MASKED = ["softmax", "log_softmax", "softmin", "hardmax", "logsumexp"]
TEMPERED = ["softmax", "log_softmax", "softmin"]
LABELLED = ["cross_entropy", "nll_loss"]
PAIRED = ["binary_cross_entropy_with_logits", "binary_cross_entropy", "sigmoid_focal_loss", "kl_div"]
REDUCTIONS = ["none", "sum"]


def numbers(shape=(6, 5), dtype=np.float32, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def forbidden(shape, dtype=np.float32):
    """A dask array that fails if it is computed."""

    def fail():
        raise AssertionError("computed too early")

    return da.from_delayed(delayed(fail)(), shape, dtype)


def assert_lazy_and_equal(got, expected):
    assert isinstance(got, da.Array)
    assert got.dtype == expected.dtype
    computed = got.compute(scheduler="sync")
    assert computed.dtype == expected.dtype
    np.testing.assert_array_equal(computed, expected)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", ["sigmoid", "gelu", "relu_grad", "swiglu"])
def test_ufuncs_stay_lazy_and_keep_the_dtype(name, dtype):
    function = getattr(fastact, name)
    operands = [numbers(dtype=dtype, seed=i) for i in range(function.nin)]
    assert_lazy_and_equal(function(*[da.from_array(x, chunks=(2, 3)) for x in operands]), function(*operands))


@pytest.mark.parametrize(("name", "parameter"), [("softplus", 2.0), ("elu", 0.5), ("leaky_relu", 0.1), ("softcap", 3)])
def test_functions_with_a_parameter_stay_lazy_and_keep_the_dtype(name, parameter):
    x = numbers()
    function = getattr(fastact, name)
    assert_lazy_and_equal(function(da.from_array(x, chunks=(2, 3)), parameter), function(x, parameter))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", ROW_FUNCTIONS)
@pytest.mark.parametrize(("axis", "chunks"), [(-1, (2, 5)), (0, (6, 2))])
def test_row_functions_stay_lazy_and_give_the_bits_of_numpy(name, axis, chunks, dtype):
    x = numbers(dtype=dtype)
    function = getattr(fastact, name)
    assert_lazy_and_equal(function(da.from_array(x, chunks=chunks), axis), function(x, axis))


@pytest.mark.parametrize("name", ["softmax", "logsumexp"])
def test_several_axes_of_one_chunk_are_reduced_together(name):
    x = numbers((4, 3, 5))
    function = getattr(fastact, name)
    assert_lazy_and_equal(function(da.from_array(x, chunks=(2, 3, 5)), (1, 2)), function(x, (1, 2)))


def test_logsumexp_keeps_dimensions_on_demand():
    x = numbers()
    got = fastact.logsumexp(da.from_array(x, chunks=(2, 5)), keepdims=True)
    assert_lazy_and_equal(got, fastact.logsumexp(x, keepdims=True))


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin", "sparsemax"])
@pytest.mark.parametrize("form", ["grad", "grad_from_output"])
def test_gradients_of_row_functions_stay_lazy(name, form):
    x, g = getattr(fastact, name)(numbers()), numbers(seed=1)
    function = getattr(fastact, f"{name}_{form}")
    chunked = function(da.from_array(x, chunks=(2, 5)), da.from_array(g, chunks=(2, 5)))
    assert_lazy_and_equal(chunked, function(x, g))


@pytest.mark.parametrize("mask_chunks", [None, (2, 5), (3, 5), (6, 2)])
@pytest.mark.parametrize("name", MASKED)
def test_a_mask_is_rechunked_to_match(name, mask_chunks):
    x, mask = numbers(), np.random.default_rng(1).random((6, 5)) < 0.5
    function = getattr(fastact, name)
    own_mask = mask if mask_chunks is None else da.from_array(mask, chunks=mask_chunks)
    assert_lazy_and_equal(function(da.from_array(x, chunks=(2, 5)), where=own_mask), function(x, where=mask))


@pytest.mark.parametrize("mask_shape", [(5,), (6, 1), ()])
def test_a_mask_broadcasts_against_a_dask_array(mask_shape):
    x, mask = numbers(), np.random.default_rng(1).random(mask_shape) < 0.7
    got = fastact.softmax(da.from_array(x, chunks=(2, 5)), where=mask)
    assert_lazy_and_equal(got, fastact.softmax(x, where=mask))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("temperature", [2, 0.5, np.inf, "rows"])
@pytest.mark.parametrize("name", TEMPERED)
def test_a_temperature_keeps_the_dtype(name, temperature, dtype):
    x = numbers(dtype=dtype)
    if temperature == "rows":
        temperature = np.linspace(0.5, 3, len(x)).astype(dtype)
    function = getattr(fastact, name)
    got = function(da.from_array(x, chunks=(2, 5)), temperature=temperature)
    assert_lazy_and_equal(got, function(x, temperature=temperature))


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_dtype_chooses_that_of_the_result(dtype):
    x = numbers()
    assert_lazy_and_equal(
        fastact.softmax(da.from_array(x, chunks=(2, 5)), dtype=dtype), fastact.softmax(x, dtype=dtype)
    )


@pytest.mark.parametrize("name", ROW_FUNCTIONS)
@pytest.mark.parametrize(("axis", "chunks"), [(-1, (6, 2)), (0, (2, 5)), (None, (2, 5)), ((0, 1), (6, 2))])
def test_a_reduced_axis_in_several_chunks_is_an_error_that_says_chunks(name, axis, chunks):
    with pytest.raises(ValueError, match="chunk"):
        getattr(fastact, name)(da.from_array(numbers(), chunks=chunks), axis)


@pytest.mark.parametrize("name", ROW_FUNCTIONS)
def test_out_is_refused_by_name(name):
    out = np.empty(6 if name == "logsumexp" else (6, 5), np.float32)
    with pytest.raises((TypeError, ValueError), match=r"\bout\b"):
        getattr(fastact, name)(da.from_array(numbers(), chunks=(2, 5)), out=out)


@pytest.mark.parametrize("name", ROW_FUNCTIONS)
def test_row_functions_compute_nothing_before_compute_is_called(name):
    lazy = getattr(fastact, name)(forbidden((6, 5)))
    assert isinstance(lazy, da.Array)
    with pytest.raises(AssertionError, match="computed too early"):
        lazy.compute(scheduler="sync")


def log_probabilities_and_labels(name):
    logits, labels = numbers(), np.array([0, 4, 2, -100, 1, 3])
    return (fastact.log_softmax(logits) if name == "nll_loss" else logits), labels


@pytest.mark.parametrize("label_chunks", [None, 2, 3, 6])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", LABELLED)
def test_labels_are_rechunked_to_match(name, reduction, label_chunks):
    x, labels = log_probabilities_and_labels(name)
    own_labels = labels if label_chunks is None else da.from_array(labels, chunks=label_chunks)
    function = getattr(fastact, name)
    got = function(da.from_array(x, chunks=(2, 5)), own_labels, reduction=reduction)
    assert isinstance(got, da.Array)
    np.testing.assert_allclose(got.compute(scheduler="sync"), function(x, labels, reduction=reduction), rtol=1e-6)


@pytest.mark.parametrize("name", LABELLED)
def test_the_mean_is_over_the_rows_that_are_not_ignored_in_all_chunks(name):
    x, labels = log_probabilities_and_labels(name)
    function = getattr(fastact, name)
    got = function(da.from_array(x, chunks=(2, 5)), da.from_array(labels, chunks=2))
    np.testing.assert_allclose(float(got.compute(scheduler="sync")), function(x, labels), rtol=1e-6)


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("name", LABELLED)
def test_the_gradient_of_a_labelled_loss_stays_lazy(name, reduction):
    x, labels = log_probabilities_and_labels(name)
    function = getattr(fastact, f"{name}_grad")
    got = function(da.from_array(x, chunks=(2, 5)), da.from_array(labels, chunks=3), reduction=reduction)
    assert isinstance(got, da.Array)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got.compute(scheduler="sync"), function(x, labels, reduction=reduction), rtol=1e-6)


def test_value_and_gradient_are_both_lazy():
    x, labels = log_probabilities_and_labels("cross_entropy")
    chunked = da.from_array(x, chunks=(2, 5))
    value, gradient = fastact.cross_entropy_value_and_grad(chunked, da.from_array(labels, chunks=3), reduction="sum")
    expected = fastact.cross_entropy_value_and_grad(x, labels, reduction="sum")
    assert isinstance(value, da.Array)
    np.testing.assert_allclose(float(value.compute(scheduler="sync")), expected[0], rtol=1e-6)
    assert_lazy_and_equal(gradient, expected[1])


@pytest.mark.parametrize("label_chunks", [2, 6])
def test_a_label_out_of_range_is_an_index_error_at_compute(label_chunks):
    labels = da.from_array(np.array([0, 1, 2, 5, 0, 0]), chunks=label_chunks)
    lazy = fastact.cross_entropy(da.from_array(numbers(), chunks=(2, 5)), labels, reduction="none")
    with pytest.raises(IndexError, match="5"):
        lazy.compute(scheduler="sync")


def test_classes_in_several_chunks_are_an_error_that_says_chunks():
    with pytest.raises(ValueError, match="chunk"):
        fastact.cross_entropy(da.from_array(numbers(), chunks=(2, 2)), np.zeros(6, int))


@pytest.mark.parametrize("name", LABELLED)
@pytest.mark.parametrize("form", ["", "_grad"])
def test_labelled_losses_compute_nothing_before_compute_is_called(name, form):
    lazy = getattr(fastact, name + form)(forbidden((6, 5)), forbidden((6,), np.int64))
    with pytest.raises(AssertionError, match="computed too early"):
        lazy.compute(scheduler="sync")


@pytest.mark.parametrize("target_chunks", [(2, 5), (3, 2)])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", PAIRED)
def test_losses_of_two_arrays_of_one_shape_stay_lazy(name, reduction, target_chunks):
    x, target = numbers(), np.random.default_rng(1).random((6, 5)).astype(np.float32)
    if name == "binary_cross_entropy":
        x = fastact.sigmoid(x)
    function = getattr(fastact, name)
    got = function(da.from_array(x, chunks=(2, 5)), da.from_array(target, chunks=target_chunks), reduction=reduction)
    assert isinstance(got, da.Array)
    np.testing.assert_allclose(got.compute(scheduler="sync"), function(x, target, reduction=reduction), rtol=1e-6)


# All eight workers begin their only call at once, so what threads there are in the end have taken part in these calls.
EIGHT_WORKERS_OF_DASK = """
import os, threading
from concurrent.futures import ThreadPoolExecutor
import dask.array as da
import numpy as np
import fastact

fastact.set_num_threads(8)
gate = threading.Barrier(8)

def task(block):
    gate.wait(30)
    return fastact.logsumexp(block)

x = da.ones((800, 100_000), np.float32, chunks=(100, 100_000))
result = x.map_blocks(task, drop_axis=1, meta=np.ones(1, np.float32))
before = len(os.listdir("/proc/self/task"))
with ThreadPoolExecutor(8) as workers:
    result.compute(scheduler="threads", pool=workers)
    print(len(os.listdir("/proc/self/task")) - before)
"""


@pytest.mark.timeout(60)
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts the threads of a process as Linux shows them")
def test_tasks_of_dask_that_compute_at_once_share_the_threads_that_one_may_use():
    threads = int(output_of("-c", EIGHT_WORKERS_OF_DASK))
    # the first call takes 8, the second 8 / 2, the third 8 / 3 ...: 20 in all; with a team of eight each there are 64
    assert 8 <= threads < 40
