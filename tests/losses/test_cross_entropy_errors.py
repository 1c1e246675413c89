"""Labels out of range and other wrong arguments of cross_entropy and nll_loss."""

import inspect
import re

import numpy as np
import pytest

import fastact

CROSS_ENTROPY = ["cross_entropy", "cross_entropy_grad", "cross_entropy_value_and_grad", "cross_entropy_grad_and_hess"]
NLL_LOSS = ["nll_loss", "nll_loss_grad", "nll_loss_value_and_grad"]
every_loss = pytest.mark.parametrize("name", [*CROSS_ENTROPY, *NLL_LOSS])
every_cross_entropy = pytest.mark.parametrize("name", CROSS_ENTROPY)
LOGITS = np.zeros((4, 3))
LABELS = np.array([0, 1, 2, 1])
PROBABILITIES = np.full((4, 3), 0.25)


def assert_names_the_label(name, logits, target, label, position, **keywords):
    """An IndexError with the label, its position and the number of classes, and neither array is changed."""
    classes = logits.shape[keywords.get("axis", -1)]
    before = logits.copy(), target.copy()
    where = re.escape(str(position))
    with pytest.raises(IndexError, match=rf"target {label} at position {where} .*\b{classes} classes"):
        getattr(fastact, name)(logits, target, **keywords)
    np.testing.assert_array_equal(logits, before[0])
    np.testing.assert_array_equal(target, before[1])


@every_loss
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("count", [1, 7, 499, 501, 6000])
def test_a_label_out_of_range_is_named_with_its_position_and_the_number_of_classes(count, threads, name):
    logits = np.ones((count, 3), np.float32)
    with fastact.num_threads(threads):
        for label in (-1, 3, 2**62, -(2**63)):
            for position in {0, count // 2, count - 1}:
                target = np.ones(count, np.int64)
                target[position] = label
                assert_names_the_label(name, logits, target, label, (position,))


@every_loss
def test_the_position_is_the_index_in_the_target_whatever_the_order_in_memory(name):
    logits, target = np.ones((6, 3, 5)), np.zeros((6, 5), int)
    target[4, 1] = 7
    for order in (target, np.asfortranarray(target), np.ascontiguousarray(target[::-1, ::-1])[::-1, ::-1]):
        assert_names_the_label(name, logits, order, 7, (4, 1), axis=1)
        assert_names_the_label(name, np.asfortranarray(logits), order, 7, (4, 1), axis=1)
    assert_names_the_label(name, np.zeros(3), np.array(3), 3, (), axis=0)


@every_loss
def test_labels_of_every_integer_dtype_may_be_out_of_range(name):
    for dtype in (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64):
        info = np.iinfo(dtype)
        for label in {3, int(info.max), int(info.min)} - {0}:
            target = np.array([0, 1, label, 1], dtype)
            assert_names_the_label(name, LOGITS, target, label, (2,))


@every_loss
def test_minus_one_hundred_in_eight_bits_is_a_class_and_not_ignored(name):
    assert_names_the_label(name, LOGITS, np.uint8([0, 156, 0, 0]), 156, (1,))
    assert_names_the_label(name, LOGITS, np.array([0, 2**64 - 100, 0, 0], np.uint64), 2**64 - 100, (1,))
    getattr(fastact, name)(np.zeros((4, 157)), np.uint8([0, 156, 0, 0]))


@every_loss
def test_labels_below_zero_are_that_also_where_there_are_more_classes_than_their_type_can_count(name):
    function, logits = getattr(fastact, name), np.random.default_rng(0).normal(size=(4, 70_000))
    expected = function(logits, np.array([3, -100, 5, -100]))
    for dtype in (np.int8, np.int16, np.int32, np.int64):
        np.testing.assert_equal(function(logits, np.array([3, -100, 5, -100], dtype)), expected)
        assert_names_the_label(name, logits, np.array([3, -1, 5, 3], dtype), -1, (1,))


@every_loss
def test_an_ignored_label_may_be_out_of_range_and_another_may_not(name):
    function = getattr(fastact, name)
    for ignored in (-1, 255, 2**40):
        function(LOGITS, [0, ignored, 2, 1], ignore_index=ignored)
    # also one that no label can be
    for ignored in (-1, 2**70):
        assert_names_the_label(name, LOGITS, np.array([0, -100, 2, 1]), -100, (1,), ignore_index=ignored)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("count", [3, 700, 6000])
def test_the_bare_ufunc_writes_nan_for_a_bad_label_raises_and_never_reads_outside_the_row(count, threads):
    # the rows before and after, and the numbers between the rows, would be seen
    whole = np.full((count, 16), 1e30)
    whole[:, 4:7] = 0
    logits = whole[:, 4:7]
    bad = count // 2
    with fastact.num_threads(threads):
        for label in (-1, 3, -5, 2**62, -(2**63), 2**63 - 1):
            for dtype in (np.int64, np.uint64):
                if label < 0 and dtype == np.uint64:
                    continue
                labels = np.zeros(count, dtype)
                labels[bad] = label
                losses, gradient = np.zeros(count), np.zeros((count, 3))
                with pytest.raises(IndexError, match=f"target {label} is out of bounds for 3 classes"):
                    fastact.ufuncs.cross_entropy(logits, labels, 1.0, out=losses)
                assert np.isnan(losses[bad])
                np.testing.assert_allclose(np.delete(losses, bad), np.log(3))
                with pytest.raises(IndexError, match=f"target {label} is out of bounds for 3 classes"):
                    fastact.ufuncs.cross_entropy_value_and_grad(logits, labels, 1.0, out=(losses, gradient))
                assert np.isnan(losses[bad])
                assert np.isnan(gradient[bad]).all()
                np.testing.assert_allclose(np.delete(losses, bad), np.log(3))
                np.testing.assert_allclose(np.delete(gradient, bad, axis=0), [[-2 / 3, 1 / 3, 1 / 3]] * (count - 1))


@pytest.mark.parametrize("count", [1, 20_000])
def test_the_bare_ufunc_raises_for_rows_without_classes(count):
    rows = np.empty((count, 0))
    with pytest.raises(IndexError, match="out of bounds for 0 classes"):
        fastact.ufuncs.cross_entropy(rows, 0, 1.0)
    for function in (fastact.ufuncs.nll_loss, fastact.ufuncs.nll_loss_grad, fastact.ufuncs.nll_loss_value_and_grad):
        with pytest.raises(IndexError, match="target 0 is out of bounds for 0 classes"):
            function(rows, 0, rows, 1.0)


@every_loss
def test_targets_of_floats_or_booleans_in_the_shape_of_labels_are_a_type_error(name):
    for dtype in (float, np.float32, bool, complex, object, "U1"):
        with pytest.raises(TypeError, match="target must be of an integer dtype"):
            getattr(fastact, name)(LOGITS, np.ones(4).astype(dtype))
    with pytest.raises(TypeError, match="target must be of an integer dtype"):
        getattr(fastact, name)(np.zeros(3), 1.0)


@every_cross_entropy
def test_integers_in_the_shape_of_the_logits_are_a_value_error_that_says_floats(name):
    for target in (np.ones((4, 3), int), np.eye(4, 3, dtype=np.uint8)):
        with pytest.raises(ValueError, match="float"):
            getattr(fastact, name)(LOGITS, target)


@every_cross_entropy
def test_booleans_in_the_shape_of_the_logits_are_an_error(name):
    with pytest.raises((TypeError, ValueError), match="target"):
        getattr(fastact, name)(LOGITS, np.ones((4, 3), bool))


@pytest.mark.parametrize("name", NLL_LOSS)
def test_nll_loss_takes_no_probabilities(name):
    with pytest.raises((TypeError, ValueError), match="target"):
        getattr(fastact, name)(LOGITS, PROBABILITIES)


@every_loss
def test_targets_of_another_shape_are_a_value_error(name):
    function = getattr(fastact, name)
    for shape in ((3,), (4, 1), (1, 4), (5,), ()):
        with pytest.raises(ValueError, match=rf"without axis 1, \(4,\).*, not {re.escape(str(shape))}"):
            function(LOGITS, np.zeros(shape, int))
    with pytest.raises(ValueError, match="torch has the classes along axis 1"):
        function(np.zeros((2, 3, 5)), np.zeros((2, 5), int))
    with pytest.raises(ValueError, match="shape"):
        function(LOGITS, LABELS, axis=0)
    if name in CROSS_ENTROPY:
        for shape in ((4, 2), (3, 4), (1, 3), (4, 3, 1)):
            with pytest.raises(ValueError, match="shape"):
                function(LOGITS, np.zeros(shape))


@every_cross_entropy
def test_label_smoothing_outside_zero_and_one_is_a_value_error(name):
    for smoothing in (-0.1, 1.0001, np.nan, np.inf, -1):
        for target in (LABELS, PROBABILITIES):
            with pytest.raises(ValueError, match="label_smoothing"):
                getattr(fastact, name)(LOGITS, target, label_smoothing=smoothing)


@every_cross_entropy
def test_an_ignore_index_from_zero_on_together_with_probabilities_is_a_value_error(name):
    for index in (0, 1, 2**40):
        with pytest.raises(ValueError, match="ignore_index"):
            getattr(fastact, name)(LOGITS, PROBABILITIES, ignore_index=index)
    getattr(fastact, name)(LOGITS, PROBABILITIES, ignore_index=-1)


@every_loss
def test_a_weight_of_another_shape_is_a_value_error(name):
    for shape in ((2,), (4,), (4, 3), (3, 1), (2, 3)):
        with pytest.raises(ValueError, match="weight"):
            getattr(fastact, name)(LOGITS, LABELS, weight=np.ones(shape))


@every_loss
def test_rows_without_classes_are_a_value_error(name):
    with pytest.raises(ValueError, match="no classes"):
        getattr(fastact, name)(np.zeros((2, 0)), [0, 0])
    with pytest.raises(ValueError, match="no classes"):
        getattr(fastact, name)(np.zeros((2, 0, 3)), np.zeros((2, 3), int), axis=1)


@every_loss
def test_other_wrong_arguments_are_errors_that_name_them(name):
    function = getattr(fastact, name)
    with pytest.raises(ValueError, match="0-dimensional"):
        function(1.0, 0)
    with pytest.raises(np.exceptions.AxisError):
        function(LOGITS, LABELS, axis=2)
    for axis in (None, (0, 1), 1.0):
        with pytest.raises(TypeError, match=f"axis must be an int, not {re.escape(str(axis))}"):
            function(LOGITS, LABELS, axis=axis)
    with pytest.raises(TypeError, match=r"ignore_index must be an int, not 1\.5"):
        function(LOGITS, LABELS, ignore_index=1.5)
    if "grad_and_hess" not in name:
        with pytest.raises(ValueError, match="reduction must be one of"):
            function(LOGITS, LABELS, reduction="avg")
    first = "log_probs" if name in NLL_LOSS else "logits"
    for dtype in (complex, np.longdouble, object):
        with pytest.raises(TypeError, match=f"{first} must be of float16"):
            function(LOGITS.astype(dtype), LABELS)
    with pytest.raises(TypeError, match="weight"):
        function(LOGITS, LABELS, weight=np.ones(3, complex))


@every_loss
def test_masked_arrays_are_a_type_error(name):
    function = getattr(fastact, name)
    with pytest.raises(TypeError, match="masked"):
        function(np.ma.asarray(LOGITS), LABELS)
    with pytest.raises(TypeError, match="masked"):
        function(LOGITS, np.ma.asarray(LABELS))
    with pytest.raises(TypeError, match="masked"):
        function(LOGITS, LABELS, weight=np.ma.ones(3))


def test_second_derivatives_have_no_reduction():
    with pytest.raises(TypeError, match="reduction"):
        fastact.cross_entropy_grad_and_hess(LOGITS, LABELS, reduction="mean")


@every_loss
def test_options_are_given_by_name_only_and_have_the_defaults_of_torch_but_for_the_axis(name):
    parameters = list(inspect.signature(getattr(fastact, name)).parameters.values())
    assert [p.name for p in parameters[:2]] == ["log_probs" if name in NLL_LOSS else "logits", "target"]
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters[2:])
    defaults = {"axis": -1, "weight": None, "ignore_index": -100}
    if name in CROSS_ENTROPY:
        defaults["label_smoothing"] = 0.0
    if "hess" not in name:
        defaults["reduction"] = "mean"
    assert {p.name: p.default for p in parameters[2:]} == defaults
