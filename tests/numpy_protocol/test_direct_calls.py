"""Calls past NumPy's machinery give what NumPy's own way gives: bits, types, shapes, memory order, errors."""

import itertools
import json

import numpy as np
import pytest

import fastact
from tests.support.processes import run_python
from tests.support.public_calls import ELEMENTWISE, KINDS, ROW_UFUNCS, UFUNCS, bits, results
from tests.support.row_cases import row_arguments

pytestmark = pytest.mark.configuration

# A keyword that changes nothing, but takes the call to NumPy's machinery
NUMPYS_WAY = {"casting": "same_kind"}


def looks(outcome):
    """Return what a caller sees of the results besides their bits."""
    return [(type(y), np.shape(y), getattr(y, "strides", None)) for y in results(outcome)]


def assert_same(function, *operands, **keywords):
    direct, numpys = function(*operands, **keywords), function(*operands, **keywords, **NUMPYS_WAY)
    assert bits(direct) == bits(numpys)
    assert looks(direct) == looks(numpys)


def operands_of(function, shape, dtype, order="C"):
    """Return an array for each input, of the types of the loop for `dtype`."""
    loop = next(types for types in function.types if types.startswith(np.dtype(dtype).char))
    rng = np.random.default_rng(len(shape))
    return [np.asarray(rng.uniform(0.1, 0.9, shape), order=order).astype(letter) for letter in loop.partition("->")[0]]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_calls_of_plain_arrays_are_as_numpys(name):
    function = UFUNCS[name]
    for (dtype, precision), shape, order in itertools.product(KINDS, [(), (0,), (1,), (5, 7), (2, 3, 4)], "CF"):
        given = operands_of(function, shape, dtype, order)
        with fastact.precision(precision):
            assert_same(function, *given)
            if function.nout == 1:
                out = np.full_like(given[0], 7)
                assert function(*given, out=out) is out
                assert bits(out) == bits(function(*given, **NUMPYS_WAY))
                first = given[0].copy(order="K")
                assert bits(function(first, *given[1:], out=first)) == bits(out)


@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if UFUNCS[name].nin > 1])
def test_elementwise_calls_with_python_floats_are_as_numpys(name):
    function = UFUNCS[name]
    for dtype, precision in KINDS:
        given = operands_of(function, (3, 5), dtype)
        for number in (0.3, float("inf"), float("nan")):
            numbers = [number] * (function.nin - 1)
            with fastact.precision(precision), np.errstate(all="ignore"):
                assert_same(function, given[0], *numbers)
                assert_same(function, *given[:-1], number)
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        function(np.ones(3, np.float32), *[1e300] * (function.nin - 1))


@pytest.mark.parametrize("name", ROW_UFUNCS)
def test_calls_of_plain_rows_are_as_numpys(name):
    function = UFUNCS[name]
    for (dtype, precision), shape in itertools.product(KINDS, [(1, 1), (3, 5), (40, 70)]):
        given = list(row_arguments(function, np.random.default_rng(0).normal(0, 3, shape).astype(dtype)))
        with fastact.precision(precision):
            assert_same(function, *given)
            assert_same(function, *(a[None] for a in given))
            assert_same(function, *(a[0] for a in given))
            assert_same(function, *(0.5 if a.dtype == np.float64 and a.ndim == 1 else a for a in given))
            if function.nout == 1:
                out = np.full_like(function(*given), 7)
                assert function(*given, out=out) is out
                assert bits(out) == bits(function(*given, **NUMPYS_WAY))
                first = given[0].copy()
                if out.shape == first.shape:
                    assert bits(function(first, *given[1:], out=first)) == bits(out)


@pytest.mark.parametrize("name", ROW_UFUNCS)
def test_a_row_of_operands_is_that_of_all_rows(name):
    function = UFUNCS[name]
    given = list(row_arguments(function, np.random.default_rng(0).normal(0, 3, (3, 5)).astype("f")))
    assert_same(function, given[0], *(a[0] if a.ndim == 2 else a for a in given[1:]))


OTHERS = {
    "shapes that broadcast": lambda x: (x, x[:1]),
    "other shapes": lambda x: (x, x[:, :2]),
    "other types": lambda x: (x, x.astype(np.float64)),
    "another byte order": lambda x: (x, x.astype(x.dtype.newbyteorder())),
    "row slices": lambda x: (x[:, :2], x[:, 1:3]),
    "orders": lambda x: (x, np.asfortranarray(x)),
    "lists": lambda x: (x, x.tolist()),
    "one operand": lambda x: (x,),
    "three operands and more": lambda x: (x, x, x.copy(), x.copy()),
    "a string": lambda x: (x, "x"),
    "read-only": lambda x: (x, np.broadcast_to(x[0], x.shape)),
}


@pytest.mark.parametrize("case", OTHERS)
@pytest.mark.parametrize("name", ["reglu", "softmax_grad"])
def test_all_other_calls_are_numpys(name, case):
    given = OTHERS[case](np.random.default_rng(0).normal(0, 1, (4, 4)).astype("f"))
    try:
        expected = UFUNCS[name](*given, **NUMPYS_WAY)
    except (TypeError, ValueError) as error:
        with pytest.raises(type(error)):
            UFUNCS[name](*given)
    else:
        assert_same(UFUNCS[name], *given)
        assert looks(expected)


@pytest.mark.parametrize("name", ["reglu", "softmax_grad", "reglu_grad", "relu"])
def test_too_few_and_too_many_operands_are_errors(name):
    function, x = UFUNCS[name], np.ones((2, 2), np.float32)
    for count in (0, function.nin - 1, function.nin + function.nout + 1):
        with pytest.raises(TypeError):
            function(*[x] * count)
        with pytest.raises(TypeError):
            function(*[x] * count, out=x.copy())


def test_results_by_position_are_written():
    x, y = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3), np.empty((2, 3), np.float32)
    for name in ("relu", "softmax"):
        assert UFUNCS[name](x, y) is y
        assert bits(y) == bits(UFUNCS[name](x))


@pytest.mark.parametrize("shift", [0, 1, 5])
@pytest.mark.parametrize("name", ["reglu", "softmax_grad"])
def test_out_may_overlap_the_inputs(name, shift):
    function = UFUNCS[name]
    for target in (0, 1):
        memory = np.random.default_rng(0).normal(0, 1, 50).astype("f")
        given = [memory[10:30].reshape(4, 5), memory[:20].reshape(4, 5)]
        expected = function(*(a.copy() for a in given))
        out = memory[10 * (1 - target) + shift :][:20].reshape(4, 5)
        assert bits(function(*given, out=out)) == bits(expected)


def test_out_must_be_writable_and_of_the_shape_of_the_result():
    x = np.ones((2, 3), np.float32)
    fixed = np.ones_like(x)
    fixed.flags.writeable = False
    for function in (UFUNCS["relu"], UFUNCS["softmax"]):
        for out in (fixed, np.ones((2, 2), np.float32), "out"):
            with pytest.raises((ValueError, TypeError)):
                function(x, out=out)


def test_the_environment_switches_them_off_and_changes_no_bit():
    program = (
        "import json, fastact, numpy as np; x = np.linspace(-3, 3, 40, dtype='f').reshape(4, 10);"
        "y = [fastact.gelu(x), fastact.softmax(x), *fastact.cross_entropy_value_and_grad(x, np.arange(4))];"
        "print(json.dumps([fastact.show_config('dict')['direct_calls'], [a.tobytes().hex() for a in y]]))"
    )
    on, off = (json.loads(run_python("-c", program, FASTACT_DIRECT_CALLS=value).stdout) for value in ("1", "0"))
    assert (on[0], off[0]) == (True, False)
    assert on[1] == off[1]
