"""Axes, masks, temperatures, dtypes and layouts of the row functions, against slow definitions in float64."""

import itertools

import numpy as np
import pytest

import fastact
from tests.support import slow_rows
from tests.support.row_cases import (
    KINDS,
    LAYOUTS,
    ROW_FUNCTIONS,
    SHAPE,
    SOFTMAX_AND_KIN,
    assert_agree,
    masks,
    numbers,
    temperatures,
)

pytestmark = pytest.mark.configuration

AXES = [-1, 0, (0, 1), (2, -2), None]
SAME_AXES = {-3: 0, (1,): 1, -2: 1, (-1, 0): (0, 2), (1, 2): (2, -2), (0, 1, 2): None, (2, 0, -2): None}
every_axis = pytest.mark.parametrize("axis", AXES, ids=str)


def spoilt(x, mask, fill=(np.nan, np.inf, -np.inf, 3.0)):
    """A copy with other numbers where the mask is False, which must not be read."""
    if mask is None:
        return x
    return np.where(mask, x, np.resize(fill, x.shape))


def assert_every_kind_agrees(name, operands, expected, gradient, keywords):
    """The public function in every dtype and precision."""
    for dtype, precision in KINDS:
        given = dict(keywords)
        if isinstance(given.get("temperature"), np.ndarray):
            given["temperature"] = given["temperature"].astype(dtype)
        with fastact.precision(precision):
            got = getattr(fastact, name)(*(a.astype(dtype) for a in operands), **given)
        assert np.shape(got) == expected.shape
        assert_agree(got, expected, dtype, precision, gradient, context=(name, dtype, precision, keywords))


@every_axis
@pytest.mark.parametrize("name", SOFTMAX_AND_KIN)
def test_value_and_both_gradients_with_every_mask_and_temperature(name, axis):
    x, g = numbers(0), numbers(1, spread=1)
    for mask, temperature in itertools.product(masks(), temperatures(axis)):
        keywords = {"axis": axis, "where": mask, "temperature": temperature}
        unread, unread_g = spoilt(x, mask), spoilt(g, mask)
        value = getattr(slow_rows, name)(x, **keywords)
        saved = value.astype(np.float16).astype(float)
        for suffix, operands, expected in [
            ("", (unread,), value),
            ("_grad", (unread, unread_g), getattr(slow_rows, f"{name}_grad")(x, g, **keywords)),
            (
                "_grad_from_output",
                (saved, unread_g),
                getattr(slow_rows, f"{name}_grad_from_output")(saved, g, **keywords),
            ),
        ]:
            assert_every_kind_agrees(name + suffix, operands, expected, bool(suffix), keywords)


@every_axis
@pytest.mark.parametrize("keepdims", [False, True])
def test_logsumexp_and_its_gradient_with_every_mask(keepdims, axis):
    x = numbers(0)
    for mask in masks():
        keywords = {"axis": axis, "where": mask, "keepdims": keepdims}
        value = slow_rows.logsumexp(x, **keywords)
        g = numbers(2, value.shape, 1)
        assert_every_kind_agrees("logsumexp", (spoilt(x, mask),), value, False, keywords)
        gradient = slow_rows.logsumexp_grad(x, g, **keywords)
        assert_every_kind_agrees("logsumexp_grad", (spoilt(x, mask), g), gradient, True, keywords)


@every_axis
def test_hardmax_with_every_mask(axis):
    x = numbers(0)
    for mask in masks():
        keywords = {"axis": axis, "where": mask}
        assert_every_kind_agrees("hardmax", (spoilt(x, mask),), slow_rows.hardmax(x, **keywords), False, keywords)


@every_axis
@pytest.mark.parametrize("spread", [0.2, 2])
def test_sparsemax_and_both_gradients(spread, axis):
    x, g = numbers(0, spread=spread), numbers(1, spread=1)
    value = slow_rows.sparsemax(x, axis)
    saved = value.astype(np.float16).astype(float)
    keywords = {"axis": axis}
    # entries near 0 are differences of numbers near 1 in size
    assert_every_kind_agrees("sparsemax", (x,), value, True, keywords)
    assert_every_kind_agrees("sparsemax_grad", (x, g), slow_rows.sparsemax_grad(x, g, axis), True, keywords)
    expected = slow_rows.sparsemax_grad_from_output(saved, g, axis)
    assert_every_kind_agrees("sparsemax_grad_from_output", (saved, g), expected, True, keywords)


def test_sparsemax_is_the_nearest_point_of_the_simplex():
    rng = np.random.default_rng(0)
    for x in rng.normal(size=(20, 6)):
        p = fastact.sparsemax(x)
        np.testing.assert_allclose(p.sum(), 1, rtol=1e-14)
        assert (p >= 0).all()
        # the condition of Karush, Kuhn and Tucker: x - p is one number where p > 0, and not above it elsewhere
        threshold = (x - p)[p > 0]
        np.testing.assert_allclose(threshold, threshold[0], atol=1e-15)
        assert (x[p == 0] <= threshold[0] + 1e-15).all()


@pytest.mark.parametrize(("axis", "same"), SAME_AXES.items(), ids=str)
def test_axes_may_be_negative_in_any_order_or_in_a_tuple(axis, same):
    def assert_close(got, expected):
        # sums over several axes in another order are rounded otherwise
        np.testing.assert_allclose(got, expected, rtol=1e-13, atol=1e-16)

    x, g, mask = numbers(0), numbers(1), np.random.default_rng(9).random(SHAPE) < 0.6
    for name in SOFTMAX_AND_KIN:
        temperature = list(temperatures(axis))[-1]
        for suffix, operands in [("", (x,)), ("_grad", (x, g)), ("_grad_from_output", (x, g))]:
            function = getattr(fastact, name + suffix)
            assert_close(*(function(*operands, axis=a, where=mask, temperature=temperature) for a in (axis, same)))
    for name in ("sparsemax", "hardmax", "logsumexp"):
        assert_close(getattr(fastact, name)(x, axis), getattr(fastact, name)(x, same))
    for name in ("sparsemax_grad", "sparsemax_grad_from_output"):
        assert_close(getattr(fastact, name)(x, g, axis), getattr(fastact, name)(x, g, same))
    g = fastact.logsumexp(x, same)
    assert_close(fastact.logsumexp_grad(x, g, axis), fastact.logsumexp_grad(x, g, same))


# ---- memory

# the operands, and the keywords in addition to axis
CALLS = {
    "softmax": ("x", ("where", "temperature")),
    "softmax_grad": ("xg", ("where", "temperature")),
    "softmax_grad_from_output": ("xg", ("where", "temperature")),
    "log_softmax": ("x", ("where", "temperature")),
    "log_softmax_grad": ("xg", ("where", "temperature")),
    "log_softmax_grad_from_output": ("xg", ("where", "temperature")),
    "softmin": ("x", ("where", "temperature")),
    "softmin_grad": ("xg", ("where", "temperature")),
    "softmin_grad_from_output": ("xg", ("where", "temperature")),
    "hardmax": ("x", ("where",)),
    "sparsemax": ("x", ()),
    "sparsemax_grad": ("xg", ()),
    "sparsemax_grad_from_output": ("xg", ()),
    "logsumexp": ("x", ("where", "keepdims")),
    "logsumexp_grad": ("xr", ("where", "keepdims")),
}
WITH_OUT = [name for name in CALLS if name not in ("sparsemax_grad", "sparsemax_grad_from_output", "logsumexp_grad")]


def call_with(name, dtype, axis, shape=(30, 9, 11)):
    """Operands and keywords for a call with all that the function takes."""
    letters, accepted = CALLS[name]
    row = np.sum(np.zeros(shape), axis=axis, keepdims=True).shape
    operands = [numbers("xgr".index(c), row if c == "r" else shape).astype(dtype) for c in letters]
    keywords = {
        "where": np.random.default_rng(5).random(shape) < 0.8,
        "temperature": np.random.default_rng(6).choice([0.5, 2.0], slow_rows.without_axes(shape, axis)).astype(dtype),
        "keepdims": True,
    }
    return operands, {"axis": axis} | {word: keywords[word] for word in accepted}


@pytest.mark.parametrize("axis", [-1, 0, (0, 1), None], ids=str)
@pytest.mark.parametrize("name", CALLS)
def test_every_layout_gives_the_same_bits_and_inputs_are_not_written(name, axis):
    for dtype in (np.float16, np.float32, np.float64):
        operands, keywords = call_with(name, dtype, axis)
        expected = getattr(fastact, name)(*operands, **keywords)
        for layout in LAYOUTS.values():
            arrays = [layout(a) for a in operands]
            given = {k: layout(v) if k == "where" else v for k, v in keywords.items()}
            for array in (*arrays, *(v for v in given.values() if isinstance(v, np.ndarray))):
                array.flags.writeable = False
            got = getattr(fastact, name)(*arrays, **given)
            assert got.dtype == dtype
            np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("axis", [-1, 1, (2, 0), None], ids=str)
@pytest.mark.parametrize("name", WITH_OUT)
def test_out_of_every_layout_is_filled_and_returned(name, axis):
    for dtype in (np.float32, np.float64):
        operands, keywords = call_with(name, dtype, axis)
        expected = getattr(fastact, name)(*operands, **keywords)
        for layout in (np.copy, np.asfortranarray, LAYOUTS["negative strides"]):
            out = layout(np.full(expected.shape, 7, dtype))
            assert getattr(fastact, name)(*operands, **keywords, out=out) is out
            np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("axis", [-1, 0, (0, 1)], ids=str)
@pytest.mark.parametrize("name", [name for name in WITH_OUT if name != "logsumexp"])
def test_out_may_be_the_input(name, axis):
    operands, keywords = call_with(name, np.float64, axis)
    expected = getattr(fastact, name)(*operands, **keywords)
    for k in range(len(operands)):
        copies = [a.copy() for a in operands]
        assert getattr(fastact, name)(*copies, **keywords, out=copies[k]) is copies[k]
        np.testing.assert_array_equal(copies[k], expected)


def test_logsumexp_writes_to_out_without_and_with_keepdims():
    x = numbers(0)
    for keepdims, shape in ((False, (3, 5)), (True, (3, 1, 5))):
        out = np.empty(shape)
        assert fastact.logsumexp(x, axis=1, keepdims=keepdims, out=out) is out
        np.testing.assert_array_equal(out, fastact.logsumexp(x, axis=1, keepdims=keepdims))


@pytest.mark.usefixtures("exact")
def test_softmin_is_softmax_of_the_negated_input():
    x, g = numbers(0), numbers(1)
    np.testing.assert_array_equal(fastact.softmin(x, 1), fastact.softmax(-x, 1))
    np.testing.assert_array_equal(fastact.softmin_grad(x, g, 1), -fastact.softmax_grad(-x, g, 1))


@pytest.mark.parametrize("name", ROW_FUNCTIONS)
def test_integers_and_booleans_are_promoted_as_in_numpys_own_functions(name):
    for dtype in (bool, np.int8, np.uint16, np.int32, np.int64):
        x = np.array([[0, 1, 1], [1, 0, 0]], dtype)
        got = getattr(fastact, name)(x)
        assert got.dtype == np.tanh(x).dtype
        assert_agree(got, getattr(slow_rows, name)(x), got.dtype.type, "exact", gradient=True)
    assert getattr(fastact, name)([0, 1, 2]).dtype == np.float64


@pytest.mark.parametrize("name", SOFTMAX_AND_KIN)
def test_dtype_converts_before_the_computation_also_with_mask_and_temperature(name):
    x, mask = numbers(0).astype(np.float32), np.arange(5) < 4
    got = getattr(fastact, name)(x, where=mask, temperature=2.0, dtype=np.float64)
    np.testing.assert_array_equal(got, getattr(fastact, name)(x.astype(float), where=mask, temperature=2.0))
    assert getattr(fastact, name)(x, dtype=np.float16).dtype == np.float16


@pytest.mark.parametrize("name", SOFTMAX_AND_KIN)
def test_a_python_number_as_temperature_keeps_the_dtype(name):
    for dtype in (np.float16, np.float32):
        for temperature in (2, 0.5, np.array(2.0, dtype), np.inf):
            assert getattr(fastact, name)(numbers(0).astype(dtype), temperature=temperature).dtype == dtype
