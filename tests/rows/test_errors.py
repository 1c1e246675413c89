"""What the row functions refuse, and in which words."""

import re

import numpy as np
import pytest

import fastact
from tests.support.row_cases import FROM_OUTPUT, GRADIENTS, ROW_FUNCTIONS, SOFTMAX_AND_KIN, WITH_WHERE

NAN, INF = np.nan, np.inf


def operands_of(name):
    """Valid operands of shape (2, 3)."""
    if name == "logsumexp_grad":
        return np.ones((2, 3)), np.ones(2)
    return (np.ones((2, 3)),) * (2 if "grad" in name else 1)


@pytest.mark.parametrize("name", [*SOFTMAX_AND_KIN, *GRADIENTS[:3], *FROM_OUTPUT[:3]])
def test_a_temperature_not_positive_or_of_another_shape_is_a_value_error_before_anything_is_written(name):
    out = np.full((2, 3), 7.0)
    not_positive = (0, 0.0, -0.0, -1.0, NAN, -INF, np.array([1.0, 0.0]), np.array([NAN, 1.0]))
    for temperature in (*not_positive, np.ones(3), np.ones((2, 3))):
        with pytest.raises(ValueError, match="temperature"):
            getattr(fastact, name)(*operands_of(name), temperature=temperature, out=out)
        np.testing.assert_array_equal(out, 7)


@pytest.mark.parametrize("name", [*WITH_WHERE, *GRADIENTS[:3], *FROM_OUTPUT[:3], "logsumexp_grad"])
def test_a_mask_that_is_not_bool_is_a_type_error_and_one_that_does_not_broadcast_a_value_error(name):
    function, operands = getattr(fastact, name), operands_of(name)
    for mask in (np.ones(3, int), np.ones(3), [1, 0, 1], 1, "yes"):
        with pytest.raises(TypeError, match="where"):
            function(*operands, where=mask)
    with pytest.raises(TypeError, match="where must not be a masked array"):
        function(*operands, where=np.ma.ones(3, bool))
    for shape in ((2,), (4,), (3, 3), (5, 2, 3)):
        with pytest.raises(ValueError, match="where"):
            function(*operands, where=np.ones(shape, bool))


@pytest.mark.parametrize("name", [*ROW_FUNCTIONS, *GRADIENTS, *FROM_OUTPUT, "logsumexp_grad"])
def test_bad_axes_and_dtypes_are_clear_errors(name):
    function, operands = getattr(fastact, name), operands_of(name)
    for axis in (2, -3, (0, 5)):
        with pytest.raises(np.exceptions.AxisError):
            function(*operands, axis=axis)
    for axis in ((0, 0), (1, -1)):
        with pytest.raises(ValueError, match=r"axis|axes"):
            function(*operands, axis=axis)
    for axis in (1.5, "last", (0, 0.5)):
        kinds, wrong = ("an int", 0.5) if isinstance(axis, tuple) else ("an int, a tuple of ints or None", axis)
        message = f"axis must be {kinds}, not {re.escape(repr(wrong))}"
        with pytest.raises(TypeError, match=message):
            function(*operands, axis=axis)
    for dtype in (complex, np.longdouble, object):
        with pytest.raises(TypeError):
            function(*(a.astype(dtype) for a in operands))
    for k in range(len(operands)):
        with pytest.raises(TypeError, match="masked"):
            function(*(np.ma.asarray(a) if i == k else a for i, a in enumerate(operands)))


@pytest.mark.parametrize("name", [*GRADIENTS, *FROM_OUTPUT])
def test_a_gradient_of_another_shape_is_a_value_error(name):
    for shape in ((3,), (2, 1), (3, 2), (2, 3, 1), ()):
        message = rf"g must have the shape of the first argument, \(2, 3\), not {re.escape(str(shape))}"
        with pytest.raises(ValueError, match=message):
            getattr(fastact, name)(np.ones((2, 3)), np.ones(shape))


def test_the_gradient_for_logsumexp_has_the_shape_of_its_result():
    x = np.ones((2, 3))
    for shape, keepdims in [((2, 3), False), ((3,), False), ((2, 1), False), ((2,), True), ((2, 3), True)]:
        with pytest.raises(ValueError, match=r"shape"):
            fastact.logsumexp_grad(x, np.ones(shape), keepdims=keepdims)
    with pytest.raises(ValueError, match=r"shape"):
        fastact.logsumexp_grad(x, np.ones(2), axis=None)


@pytest.mark.parametrize("name", ROW_FUNCTIONS)
def test_one_number_needs_axis_none_for_which_it_is_a_row(name):
    function = getattr(fastact, name)
    with pytest.raises(ValueError, match="0-dimensional"):
        function(1.5)
    expected = {"log_softmax": 0.0, "logsumexp": 1.5}.get(name, 1.0)
    got = function(1.5, axis=None)
    assert np.ndim(got) == 0
    assert got == expected


@pytest.mark.parametrize("name", ROW_FUNCTIONS)
def test_out_of_another_shape_is_a_value_error(name):
    shape = r"\(2,\)" if name == "logsumexp" else r"\(2, 3\)"
    with pytest.raises(ValueError, match=rf"out must be of the shape of the result, {shape}, not \(5, 4\)"):
        getattr(fastact, name)(np.ones((2, 3)), out=np.ones((5, 4)))
