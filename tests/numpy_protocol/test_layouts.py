"""
Every memory layout gives the bits of a contiguous copy, and the values of slow code; `out` may overlap any input.

The long form draws fifty times as many layouts: `FASTACT_LONG_TESTS=1 pytest tests/numpy_protocol/test_layouts.py`.
"""

import inspect

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fastact
from fastact._verify import naive
from tests.support import slow_rows
from tests.support.layouts import DTYPES, laid_out, overlapping, repeated, shapes
from tests.support.public_calls import ELEMENTWISE, FUNCTIONS, LOSSES, UFUNCS, arguments, bits, examples, results

ROW_FUNCTIONS = [
    name for name in slow_rows.__dict__ if name in FUNCTIONS and "entropy" not in name and "nll" not in name
]
# glu cuts its operand in two, and a saved output is not any number
WITH_NAIVE_CODE = [name for name in ELEMENTWISE if name in naive.NAMES and name not in (*LOSSES, "glu", "glu_grad")]
WITH_NAIVE_CODE = [name for name in WITH_NAIVE_CODE if not name.endswith("_from_output")]
pytestmark = pytest.mark.configuration

each_elementwise = pytest.mark.parametrize("name", ELEMENTWISE)
precisions = st.sampled_from(["exact", "fast"])


def drawn(count):
    """Return the settings of a test that draws so many examples."""
    return settings(max_examples=examples(count), deadline=None, suppress_health_check=list(HealthCheck))


def numbers(seed, shape):
    """Return random numbers that every dtype holds exactly."""
    return np.random.default_rng(seed).normal(0, 2, shape).astype(np.float16).astype(float)


def contiguous(array):
    """Return a copy in the machine's byte order, aligned and in C order."""
    return array.astype(array.dtype.newbyteorder("="), order="C", copy=True)


def native_bits(outcome):
    return bits(tuple(map(contiguous, map(np.asarray, results(outcome)))))


@each_elementwise
@given(data=st.data())
@drawn(5)
def test_any_layout_of_operands_and_out_gives_the_bits_of_contiguous_copies(name, data):
    function = UFUNCS[name]
    shape, dtype = data.draw(shapes), data.draw(st.sampled_from(DTYPES))
    operands = []
    for k in range(function.nin):
        own = data.draw(repeated(shape)) if k and data.draw(st.booleans()) else shape
        operands.append(np.broadcast_to(data.draw(laid_out(numbers(k, own), dtype)), shape))
    before = [contiguous(a) for a in operands]
    keywords = {}
    with fastact.precision(data.draw(precisions)):
        expected = function(*before)
        if data.draw(st.booleans()):
            filled = np.full(shape, 7.0)
            keywords["out"] = tuple(data.draw(laid_out(filled, dtype, writeable=True)) for _ in results(expected))
        outcome = results(function(*operands, **keywords))
    assert all(y is o for y, o in zip(outcome, keywords.get("out", outcome), strict=True))
    assert native_bits(outcome) == native_bits(expected)
    assert all(np.shape(y) == shape for y in outcome)
    assert native_bits(tuple(operands)) == native_bits(tuple(before))


@pytest.mark.parametrize("name", WITH_NAIVE_CODE)
@given(data=st.data())
@drawn(2)
def test_any_layout_of_the_operands_gives_the_values_of_the_numpy_expression(name, data):
    shape, dtype = data.draw(shapes), data.draw(st.sampled_from(DTYPES))
    count = len(naive.parameters(name)) - sum(p.default is not p.empty for p in naive.parameters(name).values())
    values = [np.where(v == 0, 1, v) for v in (numbers(k, shape) for k in range(count))]
    got = getattr(fastact, name)(*(data.draw(laid_out(v, dtype)) for v in values), *defaults(name))
    expected = getattr(naive, name)(*values, *defaults(name))
    for y, true in zip(results(got), results(expected), strict=True):
        np.testing.assert_allclose(np.asarray(y, float), true, rtol=0.01, atol=1e-3)


def defaults(name):
    """Return the parameters that the naive code has as defaults and the function may not."""
    return [p.default for p in naive.parameters(name).values() if p.default is not p.empty]


@each_elementwise
@given(data=st.data())
@drawn(5)
def test_out_may_overlap_each_input_in_every_shift_and_direction(name, data):
    function = UFUNCS[name]
    count = data.draw(st.sampled_from([1, 2, 5, 17, 70, 1500, 3000]))
    dtype = np.dtype(data.draw(st.sampled_from(DTYPES)))
    make_input, make_out, memory = data.draw(overlapping(count, dtype.itemsize))
    operands = [numbers(k, count).astype(dtype) for k in range(function.nin)]
    position = data.draw(st.integers(0, function.nin - 1))
    place = data.draw(st.integers(0, function.nout - 1))
    expected = native_bits(function(*operands))
    given_ = list(operands)
    given_[position] = make_input(dtype)
    given_[position][...] = operands[position]
    untouched = np.ones(len(memory), bool)
    out = [np.empty(count, dtype) for _ in range(function.nout)]
    out[place] = make_out(dtype)
    touched = np.ndarray((count, dtype.itemsize), bool, untouched, *bytes_of(out[place], memory))
    touched[...] = False
    before = memory.copy()
    function(*given_, out=tuple(out))
    assert native_bits(tuple(out)) == expected
    np.testing.assert_array_equal(memory[untouched], before[untouched])


def bytes_of(array, memory):
    """Return the place and the strides of the bytes of an array in the memory that holds it."""
    return array.ctypes.data - memory.ctypes.data, (array.strides[0], 1)


# ---- row functions


@pytest.mark.parametrize("name", ROW_FUNCTIONS)
@given(data=st.data())
@drawn(6)
def test_any_layout_of_rows_gives_the_bits_of_contiguous_copies_and_the_values_of_slow_code(name, data):
    shape = data.draw(
        st.lists(st.integers(1, 7), min_size=1, max_size=4).map(tuple) | st.sampled_from([(3, 200), (80, 9)])
    )
    dtype = data.draw(st.sampled_from(DTYPES))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1) | st.none())
    rest = slow_rows.without_axes(shape, axis)
    values = [numbers(0, shape)]
    if "grad" in name:
        values.append(numbers(1, rest if name == "logsumexp_grad" else shape))
    if name.endswith("_from_output"):
        values[0] = getattr(slow_rows, name.removesuffix("_grad_from_output"))(values[0], axis).astype(np.float16)
    operands = [data.draw(laid_out(v, dtype)) for v in values]
    before = [contiguous(a) for a in operands]
    keywords = {"axis": axis}
    if "sparsemax" not in name and data.draw(st.booleans()):
        mask = np.random.default_rng(5).random(shape) < 0.7
        keywords["where"] = data.draw(laid_out(mask))
    with fastact.precision(data.draw(precisions)):
        outcome = getattr(fastact, name)(*operands, **keywords)
        copied = {k: np.array(v) if k == "where" else v for k, v in keywords.items()}
        assert native_bits(outcome) == native_bits(getattr(fastact, name)(*before, **copied))
    assert native_bits(tuple(operands)) == native_bits(tuple(before))
    slow = getattr(slow_rows, name)(*(np.asarray(a, float) for a in before), **copied)
    np.testing.assert_allclose(np.asarray(outcome, float), slow, rtol=0.01, atol=0.01)


@pytest.mark.parametrize("name", ["softmax", "log_softmax_grad", "softmin_grad_from_output", "hardmax", "sparsemax"])
@given(data=st.data())
@drawn(20)
def test_out_of_a_row_function_may_overlap_each_input_in_every_shift_and_direction(name, data):
    rows, length = data.draw(st.sampled_from([(1, 1), (1, 9), (5, 3), (9, 40), (2, 1500)]))
    dtype = np.dtype(data.draw(st.sampled_from(DTYPES)))
    make_input, make_out, _ = data.draw(overlapping(rows * length, dtype.itemsize))
    axis = data.draw(st.sampled_from([0, 1, None]))
    operands = [numbers(k, (rows, length)).astype(dtype) for k in range(2 if "grad" in name else 1)]
    expected = native_bits(getattr(fastact, name)(*operands, axis=axis))
    position = data.draw(st.integers(0, len(operands) - 1))
    given_ = list(operands)
    given_[position] = make_input(dtype).reshape(rows, length)
    given_[position][...] = operands[position]
    out = make_out(dtype).reshape(rows, length)
    assert getattr(fastact, name)(*given_, axis=axis, out=out) is out
    assert native_bits(out) == expected


# ---- losses


@pytest.mark.parametrize("name", LOSSES)
@given(data=st.data())
@drawn(6)
def test_any_layout_of_the_operands_of_a_loss_gives_the_bits_of_contiguous_copies_and_the_naive_value(name, data):
    values = arguments(name, data.draw(st.sampled_from([1, 6, 300, 2500])), np.float64)
    dtype = data.draw(st.sampled_from(DTYPES))
    operands = [data.draw(laid_out(v, dtype if v.dtype.kind == "f" else None)) for v in values]
    before = [contiguous(a) for a in operands]
    with fastact.precision(data.draw(precisions)):
        outcome = getattr(fastact, name)(*operands)
        assert native_bits(outcome) == native_bits(getattr(fastact, name)(*before))
    assert native_bits(tuple(operands)) == native_bits(tuple(before))
    slow = getattr(naive, name)(*(np.asarray(a, float) if a.dtype.kind == "f" else a for a in before))
    for y, true in zip(results(outcome), results(slow), strict=True):
        np.testing.assert_allclose(np.asarray(y, float), true, rtol=0.02, atol=0.01)


@pytest.mark.parametrize("name", LOSSES)
def test_losses_are_summed_in_index_order_for_every_memory_order(name):
    def in_rows_of_twelve(a, order="C"):
        return np.array(a.reshape(-1, 12, *a.shape[1:]), order=order)

    function, values = getattr(fastact, name), arguments(name, 1024 * 120, np.float64)
    parameters = inspect.signature(function).parameters
    keywords = {"reduction": "sum"} if "reduction" in parameters else {}
    if "axis" in parameters:
        weight = np.random.default_rng(7).random(1024)
        keywords = {"weight": weight} | ({"reduction": "mean"} if keywords else {})
    expected = function(*map(in_rows_of_twelve, values), **keywords)
    assert native_bits(function(*(in_rows_of_twelve(a, "F") for a in values), **keywords)) == native_bits(expected)


# ---- files


@pytest.mark.parametrize("name", FUNCTIONS)
def test_read_only_memory_maps_are_taken_as_operands_and_refused_as_out(name, tmp_path):
    function, values = getattr(fastact, name), arguments(name, 300, np.float32)
    expected = function(*values)
    maps = []
    for k, value in enumerate(values):
        if isinstance(value, np.ndarray):
            value.tofile(tmp_path / f"{k}")
            value = np.memmap(tmp_path / f"{k}", value.dtype, "r", shape=value.shape)
        maps.append(value)
    assert native_bits(function(*maps)) == native_bits(expected)
    outs = []
    for k, y in enumerate(results(expected)):
        np.zeros_like(y).tofile(tmp_path / f"out{k}")
        outs.append(np.memmap(tmp_path / f"out{k}", y.dtype, "r", shape=np.shape(y)))
    out = outs[0] if len(outs) == 1 else tuple(outs)
    # not all functions take out
    with pytest.raises((ValueError, TypeError), match=r"read-only|unexpected keyword"):
        function(*maps, out=out)
    for y in outs:
        np.testing.assert_array_equal(y, 0)


def test_a_memory_map_may_be_out(tmp_path):
    x = numbers(0, (30, 40))
    for function in (fastact.tanh, fastact.softmax, lambda x, out: fastact.elu(x, 0.5, out=out)):
        out = np.memmap(tmp_path / "out", float, "w+", shape=x.shape)
        assert function(x, out=out) is out
        out.flush()
        np.testing.assert_array_equal(np.fromfile(tmp_path / "out").reshape(x.shape), function(x, out=np.empty_like(x)))


def test_fields_of_packed_records_are_operands_and_out():
    records = np.zeros(500, [("flag", "u1"), ("x", "<f4"), ("y", ">f8"), ("z", "<f2")])
    for field in ("x", "y", "z"):
        records[field] = numbers(1, 500)
        expected = fastact.gelu(contiguous(records[field]))
        assert native_bits(fastact.gelu(records[field])) == native_bits(expected)
        rows = fastact.softmax(contiguous(records[field]))
        fastact.softmax(records[field], out=records[field])
        assert native_bits(records[field]) == native_bits(rows)
    assert (records["flag"] == 0).all()
