"""TensorFlow's losses and dropout under its names: its documented values, limits, dtypes, errors, seeds."""

import doctest
import inspect
import re

import mpmath
import numpy as np
import pytest

from fastact.compat import tensorflow as nn
from tests.support.processes import output_of

FLOATS = [np.float16, np.float32, np.float64]
BINARY = {
    "sigmoid": nn.sigmoid_cross_entropy_with_logits,
    "weighted": lambda **arguments: nn.weighted_cross_entropy_with_logits(**arguments, pos_weight=1),
}
LOSSES = BINARY | {
    "softmax": nn.softmax_cross_entropy_with_logits,
    "sparse": nn.sparse_softmax_cross_entropy_with_logits,
}
each_loss = pytest.mark.parametrize("name", LOSSES)
each_binary = pytest.mark.parametrize("loss", BINARY.values(), ids=BINARY)
each_float = pytest.mark.parametrize("dtype", FLOATS)


def arguments(name, rows=6, classes=4, dtype=np.float64):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(rows, classes)).astype(dtype)
    labels = rng.integers(0, classes, rows) if name == "sparse" else rng.random((rows, classes)).astype(dtype)
    return {"labels": labels, "logits": logits}


def one_hot(labels, classes, dtype):
    return (np.asarray(labels)[..., None] == np.arange(classes)).astype(dtype)


@pytest.mark.parametrize("labels", [np.array([0, 3, 1], np.int32), np.array([0, 3, 1], np.uint8), [0, 3, 1]])
def test_sparse_softmax_gives_the_values_that_tensorflow_documents(labels):
    logits = np.array([[2, -5, 0.5, -0.1], [0, 0, 1.9, 1.4], [-100, 100, -100, -100]], np.float32)
    loss = nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    np.testing.assert_array_max_ulp(loss, np.array([0.29750752, 1.1448325, 0.0], np.float32), 1)


def test_softmax_gives_the_values_that_tensorflow_documents():
    loss = nn.softmax_cross_entropy_with_logits(
        labels=[[1.0, 0.0, 0.0], [0.0, 0.8, 0.2]], logits=np.array([[4.0, 2.0, 1.0], [0.0, 5.0, 1.0]], np.float32)
    )
    np.testing.assert_array_max_ulp(loss, np.array([0.16984604, 0.82474494], np.float32), 2)


def test_weighted_gives_the_values_of_its_definition():
    rng = np.random.default_rng(0)
    x, z, w = rng.normal(size=50) * 5, rng.random(50), rng.random(50) * 9
    own = nn.weighted_cross_entropy_with_logits(labels=z, logits=x, pos_weight=w)
    with mpmath.workdps(40):
        log1p_exp = [(mpmath.log1p(mpmath.exp(-v)), mpmath.log1p(mpmath.exp(v))) for v in map(mpmath.mpf, x)]
        true = [float(b * a[0] * c + (1 - mpmath.mpf(b)) * a[1]) for a, b, c in zip(log1p_exp, z, w, strict=True)]
    np.testing.assert_allclose(own, true, rtol=2e-15)


@each_float
@each_binary
def test_binary_losses_are_right_at_logits_of_1000(loss, dtype):
    x = np.array([1000, 1000, -1000, -1000], dtype)
    own = loss(labels=np.array([1, 0, 1, 0]), logits=x)
    assert own.dtype == dtype
    np.testing.assert_array_equal(own, np.array([0, 1000, 1000, 0], dtype))


@each_binary
def test_binary_losses_at_infinity_are_0_with_the_matching_label_and_inf_with_another(loss):
    x = np.array([np.inf, np.inf, np.inf, -np.inf, -np.inf, -np.inf])
    own = loss(labels=np.array([1, 0, 0.5, 0, 1, 0.5]), logits=x)
    np.testing.assert_array_equal(own, [0, np.inf, np.inf, 0, np.inf, np.inf])


@each_float
@pytest.mark.parametrize("pos_weight", [1, 1.0, np.ones(4)])
def test_a_weight_of_1_gives_the_bits_of_the_unweighted_loss(dtype, pos_weight):
    operands = arguments("weighted", 500, dtype=dtype)
    weighted = nn.weighted_cross_entropy_with_logits(**operands, pos_weight=pos_weight)
    np.testing.assert_array_equal(weighted, nn.sigmoid_cross_entropy_with_logits(**operands))


@each_float
@pytest.mark.parametrize("label_dtype", [bool, np.int8, np.int64, np.float32, np.float64])
def test_one_hot_labels_give_what_the_sparse_form_does(dtype, label_dtype):
    operands = arguments("sparse", 300, 7, dtype)
    sparse = nn.sparse_softmax_cross_entropy_with_logits(**operands)
    dense = nn.softmax_cross_entropy_with_logits(
        labels=one_hot(operands["labels"], 7, label_dtype), logits=operands["logits"]
    )
    assert dense.dtype == sparse.dtype == dtype
    np.testing.assert_array_max_ulp(dense, sparse, 1 if dtype != np.float64 else 4)


def test_a_class_of_probability_0_adds_nothing_where_its_logit_is_minus_infinity():
    loss = nn.softmax_cross_entropy_with_logits(labels=[[0.5, 0.5, 0.0]], logits=[[0.0, 0.0, -np.inf]])
    np.testing.assert_allclose(loss, np.log(2), rtol=1e-15)


@pytest.mark.parametrize("axis", [0, 1, 2, -3])
def test_softmax_loss_is_along_any_axis(axis):
    rng = np.random.default_rng(0)
    labels, logits = rng.random((3, 4, 5)), rng.normal(size=(3, 4, 5))
    own = nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits, axis=axis)
    last = nn.softmax_cross_entropy_with_logits(
        labels=np.moveaxis(labels, axis, -1), logits=np.moveaxis(logits, axis, -1)
    )
    assert own.shape == last.shape
    np.testing.assert_allclose(own, last, rtol=1e-14)


@pytest.mark.parametrize("batch", [(), (0,), (3,), (2, 3), (2, 0, 3)])
def test_sparse_labels_have_any_shape_of_batch(batch):
    labels = np.zeros(batch, np.int64)
    loss = nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=np.zeros((*batch, 4), np.float32))
    assert loss.shape == batch
    assert loss.dtype == np.float32
    np.testing.assert_allclose(loss, np.log(4), rtol=1e-7)


def test_an_empty_list_of_labels_is_an_empty_batch():
    assert nn.sparse_softmax_cross_entropy_with_logits(labels=[], logits=np.zeros((0, 3))).shape == (0,)


@pytest.mark.parametrize("label", [-1, -100, 4, 2**62])
def test_a_label_out_of_range_is_an_index_error_that_says_where(label):
    with pytest.raises(IndexError, match=rf"label {label} at position \(1,\) .* 4 classes"):
        nn.sparse_softmax_cross_entropy_with_logits(labels=[0, label, 1], logits=np.zeros((3, 4)))


@pytest.mark.parametrize("labels", [[0.0, 1.0], [True, False], ["0", "1"]])
def test_sparse_labels_that_are_not_integers_are_a_type_error(labels):
    with pytest.raises(TypeError, match="labels must be of an integer dtype"):
        nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=np.zeros((2, 4)))


@each_loss
def test_shapes_that_differ_are_an_error_that_names_both(name):
    operands = arguments(name)
    operands["labels"] = operands["labels"][:5]
    with pytest.raises(ValueError, match=r"labels must have the shape of logits, \(6, 4\).* not \(5"):
        LOSSES[name](**operands)


def test_a_column_of_labels_is_not_broadcast_against_a_vector_of_logits():
    with pytest.raises(ValueError, match="labels must have the shape"):
        nn.sigmoid_cross_entropy_with_logits(labels=np.zeros((5, 1)), logits=np.zeros(5))


def test_a_weight_that_would_enlarge_the_result_is_an_error():
    with pytest.raises(ValueError, match="pos_weight"):
        nn.weighted_cross_entropy_with_logits(labels=np.zeros(3), logits=np.zeros(3), pos_weight=np.ones((2, 3)))


@each_loss
def test_losses_take_their_arguments_by_name_alone(name):
    with pytest.raises(TypeError):
        LOSSES[name](*arguments(name).values())


@each_loss
@pytest.mark.parametrize("dtype", [complex, np.longdouble, object])
def test_losses_refuse_logits_of_other_dtypes(name, dtype):
    operands = arguments(name)
    operands["logits"] = operands["logits"].astype(dtype)
    with pytest.raises(TypeError):
        LOSSES[name](**operands)


@each_loss
@pytest.mark.parametrize("argument", ["labels", "logits"])
def test_losses_refuse_masked_arrays(name, argument):
    operands = arguments(name)
    operands[argument] = np.ma.masked_array(operands[argument])
    with pytest.raises(TypeError, match="masked"):
        LOSSES[name](**operands)


@each_loss
def test_losses_leave_their_arguments_alone(name):
    operands = arguments(name)
    for array in operands.values():
        array.flags.writeable = False
    LOSSES[name](**operands)


@each_float
@pytest.mark.parametrize("keep_prob", [0.1, 1 / 3, 0.5, 0.9])
def test_dropout_keeps_that_share_and_scales_it_by_the_inverse(dtype, keep_prob):
    x = np.random.default_rng(0).normal(size=100_000).astype(dtype)
    y = nn.dropout(x, keep_prob, seed=1)
    assert y.dtype == dtype
    kept = y != 0
    assert abs(kept[x != 0].mean() - keep_prob) < 5 * np.sqrt(keep_prob * (1 - keep_prob) / x.size)
    np.testing.assert_array_max_ulp(y[kept], (x[kept] / np.float64(keep_prob)).astype(dtype), 1)


@pytest.mark.parametrize("keep_prob", [0.2, 0.7])
def test_dropout_keeps_the_mean(keep_prob):
    y = nn.dropout(np.ones(100_000), keep_prob, seed=2)
    assert abs(y.mean() - 1) < 5 * np.sqrt((1 - keep_prob) / keep_prob / y.size)


@each_float
def test_dropout_at_the_ends_keeps_everything_or_nothing(dtype):
    x = np.array([1.5, -0.0, np.inf, -np.inf, np.nan, np.finfo(dtype).max, np.finfo(dtype).smallest_subnormal], dtype)
    np.testing.assert_array_equal(nn.dropout(x, 1, seed=0), x)
    np.testing.assert_array_equal(nn.dropout(x, 0, seed=0), np.zeros_like(x))


def test_dropped_infinities_and_nan_are_0_and_kept_ones_remain():
    y = nn.dropout(np.repeat([np.inf, np.nan], 500), 0.5, seed=0)
    assert set(y[:500]) == {0, np.inf}
    assert (y[500:] == 0).any()
    assert np.isnan(y[500:]).any()


@each_float
def test_dropout_overflows_without_a_warning(dtype):
    y = nn.dropout(np.full(100, np.finfo(dtype).max), 0.5, seed=0)
    assert set(y) == {0, np.inf}


@pytest.mark.parametrize(
    ("noise_shape", "shared"), [((50, 1), (50, 1)), ((1, 40), (1, 40)), ((None, 1), (50, 1)), ((40,), (1, 40))]
)
def test_noise_shape_makes_the_entries_along_an_axis_share_a_decision(noise_shape, shared):
    y = nn.dropout(np.ones((50, 40)), 0.5, noise_shape=noise_shape, seed=0)
    decisions = y[: shared[0], : shared[1]]
    assert set(decisions.ravel()) == {0, 2}
    np.testing.assert_array_equal(y, np.broadcast_to(decisions, y.shape))


@pytest.mark.parametrize("noise_shape", [(2, 3), (4, 5, 1), (None,), (-1, 5), (2.0, 5), 5, (0, 5)])
def test_a_noise_shape_that_does_not_broadcast_is_an_error(noise_shape):
    with pytest.raises(ValueError, match=r"noise_shape must broadcast to the shape of x, \(4, 5\)"):
        nn.dropout(np.ones((4, 5)), 0.5, noise_shape=noise_shape)


@pytest.mark.parametrize("seed", [0, 7, np.int64(3)])
def test_the_same_seed_gives_the_same_mask_and_another_one_another(seed):
    x = np.ones(1000, np.float32)
    y = nn.dropout(x, 0.5, seed=seed)
    np.testing.assert_array_equal(y, nn.dropout(x, 0.5, seed=seed))
    np.testing.assert_array_equal(y, nn.dropout(x.astype(np.float64), 0.5, seed=seed))
    assert (y != nn.dropout(x, 0.5, seed=seed + 1)).any()


def test_a_generator_is_drawn_from_and_no_seed_differs_at_each_call():
    x = np.ones(1000)
    rng = np.random.default_rng(5)
    first, second = nn.dropout(x, 0.5, seed=rng), nn.dropout(x, 0.5, seed=rng)
    np.testing.assert_array_equal(first, nn.dropout(x, 0.5, seed=5))
    assert (first != second).any()
    assert (nn.dropout(x, 0.5) != nn.dropout(x, 0.5)).any()


@pytest.mark.parametrize("keep_prob", [-0.1, 1.1, np.nan, np.inf, 2])
def test_a_keep_prob_outside_0_to_1_is_an_error(keep_prob):
    with pytest.raises(ValueError, match=f"keep_prob must be from 0 to 1, not {keep_prob}"):
        nn.dropout(np.ones(3), keep_prob)


@pytest.mark.parametrize("keep_prob", ["0.5", None, 1j, np.array([0.5, 0.5])])
def test_a_keep_prob_that_is_no_number_is_a_type_error(keep_prob):
    with pytest.raises(TypeError, match="keep_prob must be a number"):
        nn.dropout(np.ones(3), keep_prob)


@pytest.mark.parametrize(("seed", "error"), [(-1, ValueError), ("a", TypeError), (0.5, TypeError)])
def test_a_seed_of_another_kind_is_an_error(seed, error):
    with pytest.raises(error, match=f"seed must be .* not {seed!r}"):
        nn.dropout(np.ones(3), 0.5, seed=seed)


@pytest.mark.parametrize("dtype", [np.int8, np.int64, bool, complex, np.longdouble, object])
def test_dropout_refuses_what_is_not_a_float(dtype):
    with pytest.raises(TypeError, match="x must be of float16"):
        nn.dropout(np.ones(3).astype(dtype), 0.5)


def test_dropout_refuses_masked_arrays():
    with pytest.raises(TypeError, match="masked"):
        nn.dropout(np.ma.masked_array(np.ones(3)), 0.5)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(), (0,), (3, 4), (2, 3, 4)])
def test_dropout_keeps_the_shape_and_leaves_its_input_alone(shape, order):
    x = np.ones(shape, np.float32, order=order)
    y = nn.dropout(x, 0.5, seed=1)
    assert np.shape(y) == shape
    assert (x == 1).all()
    assert isinstance(nn.dropout(np.float32(1), 0.5), np.float32)


@pytest.mark.parametrize("name", nn.__all__)
def test_docstring_has_every_section_and_its_example_runs(name):
    function = getattr(nn, name)
    text = inspect.cleandoc(function.__doc__)
    for section in ("Parameters", "Returns", "Raises", "References", "Examples"):
        assert re.search(rf"^{section}\n-+$", text, re.M), section
    assert all(re.search(rf"\b{parameter}\b", text) for parameter in inspect.signature(function).parameters)
    example = doctest.DocTestParser().get_doctest(text, {}, name, None, 0)
    runner = doctest.DocTestRunner(verbose=False)
    report = []
    runner.run(example, out=report.append)
    assert runner.tries > 0
    assert not runner.failures, "".join(report)


def test_importing_fastact_does_not_import_it_and_importing_it_makes_it_an_attribute():
    code = (
        "import sys, fastact; assert not any(name.startswith('fastact.compat') for name in sys.modules); "
        "import fastact.compat.tensorflow; assert fastact.compat.tensorflow.dropout"
    )
    output_of("-c", code)
