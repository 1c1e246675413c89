"""
Any object as any argument is a clear error or a result, never a crash; and an error comes before anything is written.

What each function refuses, and in which words, is tested along with its values. The long form draws fifty times as many
objects: `FASTACT_LONG_TESTS=1 pytest tests/numpy_protocol/test_bad_input.py`.
"""

import datetime
import decimal
import fractions
import inspect
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import fastact
from fastact.compat import tensorflow
from tests.support.public_calls import FUNCTIONS, ROW_UFUNCS, UFUNCS, arguments, examples

# the last is NumPy's for an int beyond the other operands' type
# the last is what NumPy makes of some texts as a dtype, b"," for one
EXPECTED = (TypeError, ValueError, IndexError, OverflowError, SyntaxError)


class Refusal(Exception):
    """What the objects below raise from their own methods: it may come through."""


class Hostile:
    """An object of which every method that NumPy asks for fails."""

    def refuse(self, *arguments, **keywords):
        raise Refusal

    __array__ = __index__ = __float__ = __bool__ = __len__ = __getitem__ = __iter__ = __eq__ = refuse
    __hash__ = None


class Lying:
    """An array by its name, something else by its contents."""

    shape, ndim, size, dtype = "shape", None, -1, "dtype"

    def __array__(self, dtype=None, copy=None):
        return "no array"

    def __index__(self):
        return "no index"

    def __float__(self):
        return "no float"

    def __len__(self):
        return -1


class WithoutUfuncs:
    __array_ufunc__ = None


class Declining:
    def __array_ufunc__(self, *arguments, **keywords):
        return NotImplemented


class Subclass(np.ndarray):
    pass


NUMBERS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**31, -(2**31) - 1, 2**63, -(2**63) - 1, 10**400]),
    st.floats(),
    st.complex_numbers(),
    st.sampled_from([decimal.Decimal("1.5"), fractions.Fraction(1, 3), np.float16(2), np.int8(-1), np.longdouble(2)]),
)
OBJECTS = st.sampled_from(
    [
        *(Hostile(), Lying(), WithoutUfuncs(), Declining(), object(), Ellipsis, NotImplemented, slice(None), range(3)),
        *(int, np.ndarray, np.float32, np, len, lambda: None, Hostile, Declining, ValueError, datetime.date.today()),
        *(memoryview(b"abcd"), bytearray(8), iter([1.0]), np.nditer([1.0]), np.dtype("f4"), np.random.default_rng(0)),
        *(
            np.ma.masked,
            np.ma.ones(3),
            np.ones((1, 2)).view(np.matrix),
            np.ones(2).view(Subclass),
            np.rec.array([(1, 2.0)]),
        ),
        *(np.ones((1,) * 64), np.zeros((0, 3)), np.zeros((3, 0)), np.broadcast_to(1.0, (1 << 20, 1 << 20))[:2, :3]),
        *([[1.0, 2.0], [3.0]], [None], ["1"], [[]], {}, {"x": 1}, set(), (), ((),), b"", "mean", "exact", "f4,f8"),
    ]
)
ARRAYS = hnp.arrays(hnp.scalar_dtypes(), hnp.array_shapes(min_dims=0, max_dims=3, max_side=4))
ANYTHING = st.one_of(
    NUMBERS, st.text(max_size=4), st.binary(max_size=4), OBJECTS, ARRAYS, st.lists(NUMBERS, max_size=3)
)


def attempt(function, *operands, **keywords):
    """Call and take any result, any of the documented errors and any of the object's own."""
    with warnings.catch_warnings():
        # of NumPy about the conversion of such objects
        warnings.simplefilter("ignore")
        try:
            function(*operands, **keywords)
        except (*EXPECTED, Refusal):
            pass


def arguments_by_name(name):
    """Return right arguments for a public function of 6 elements by their names, those with defaults left out."""
    function, values = getattr(fastact, name), list(arguments(name, 6))
    if isinstance(function, np.ufunc):
        return {f"operand {i}": v for i, v in enumerate(values)}
    names = [p.name for p in inspect.signature(function).parameters.values() if p.default is p.empty]
    return dict(zip(names, values, strict=False))


def further_arguments(name):
    """Return the names of the arguments with defaults."""
    function = getattr(fastact, name)
    if isinstance(function, np.ufunc):
        return ["out", "where", "dtype", "casting", "order", "subok", "axis"]
    parameters = inspect.signature(function).parameters.values()
    named = [p.name for p in parameters if p.default is not p.empty]
    return named + (
        ["where", "dtype"] if parameters and list(parameters)[-1].kind is inspect.Parameter.VAR_KEYWORD else []
    )


@pytest.mark.parametrize("name", FUNCTIONS)
@given(data=st.data())
@settings(max_examples=examples(8), deadline=None, suppress_health_check=list(HealthCheck))
def test_any_object_as_any_argument_is_a_result_or_a_documented_error(name, data):
    given_ = arguments_by_name(name)
    chosen = data.draw(st.sampled_from([*given_, *further_arguments(name)]))
    value = data.draw(ANYTHING)
    function = getattr(fastact, name)
    if isinstance(function, np.ufunc):
        keywords = {} if chosen in given_ else {chosen: value}
        attempt(function, *(value if k == chosen else v for k, v in given_.items()), **keywords)
    elif chosen in given_:
        attempt(function, *(value if k == chosen else v for k, v in given_.items()))
    else:
        attempt(function, *given_.values(), **{chosen: value})


@pytest.mark.parametrize("name", ROW_UFUNCS)
@given(data=st.data())
@settings(max_examples=examples(5), deadline=None, suppress_health_check=list(HealthCheck))
def test_any_object_as_an_operand_of_a_row_ufunc_is_a_result_or_an_error(name, data):
    function = UFUNCS[name]
    operands = [np.ones(()) if core == "()" else np.ones(3) for core in function.signature.split("->")[0].split(",")]
    operands[data.draw(st.integers(0, len(operands) - 1))] = data.draw(ANYTHING)
    attempt(function, *operands)


SETTINGS = ["set_num_threads", "num_threads", "set_precision", "precision", "show_config"]


@pytest.mark.parametrize("name", SETTINGS)
@given(value=ANYTHING)
@settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
def test_any_object_as_a_setting_is_taken_or_refused(name, value):
    threads, precision = fastact.get_num_threads(), fastact.get_precision()
    try:
        attempt(getattr(fastact, name), value)
    finally:
        fastact.set_num_threads(threads)
        fastact.set_precision(precision)


@pytest.mark.parametrize("name", tensorflow.__all__)
@given(data=st.data())
@settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
def test_any_object_as_an_argument_of_the_tensorflow_functions_is_a_result_or_an_error(name, data):
    function = getattr(tensorflow, name)
    right = {"labels": np.ones((2, 3)), "logits": np.ones((2, 3)), "pos_weight": 1.0, "x": np.ones(3), "keep_prob": 0.5}
    if name.startswith("sparse"):
        right["labels"] = np.array([0, 2])
    keywords = {name: right[name] for name in inspect.signature(function).parameters if name in right}
    keywords[data.draw(st.sampled_from(sorted(inspect.signature(function).parameters)))] = data.draw(ANYTHING)
    attempt(function, **keywords)


# ---- errors, and nothing written before them


@pytest.mark.parametrize("name", FUNCTIONS)
def test_operands_that_are_no_real_numbers_are_a_type_error_and_out_stays_as_it_was(name):
    function, right = getattr(fastact, name), arguments(name, 6)
    takes_out = isinstance(function, np.ufunc) or {"out", "keywords"} & inspect.signature(function).parameters.keys()
    outcome = function(*right)
    outs = [np.full_like(y, 7) for y in (outcome if isinstance(outcome, tuple) else (outcome,))]
    keywords = {"out": tuple(outs) if len(outs) > 1 else outs[0]} if takes_out and np.ndim(outs[0]) else {}
    for k, operand in enumerate(right):
        if not isinstance(operand, np.ndarray):
            continue
        for dtype in (complex, np.longdouble, object, "M8[s]", "m8[s]", "U3", "S3", "V4", "f4,f4"):
            wrong = [np.zeros(a.shape, dtype) if i == k else a for i, a in enumerate(right)]
            with pytest.raises(TypeError):
                function(*wrong, **keywords)
    for out in outs:
        np.testing.assert_array_equal(out, 7)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
@pytest.mark.parametrize("wrong", [[1j], ["1"], np.array(["2020"], "M8[D]"), np.array([None])], ids=repr)
def test_dtype_converts_numbers_and_nothing_else(name, wrong):
    with pytest.raises(TypeError, match="x must be of float16, float32, float64, integers or bool"):
        getattr(fastact, name)(wrong, dtype=np.float32)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
@pytest.mark.parametrize("dtype", [np.int32, bool, complex, np.longdouble, object])
def test_dtype_is_one_of_the_floats_that_are_computed_in(name, dtype):
    with pytest.raises(TypeError, match="dtype must be float16, float32 or float64, not"):
        getattr(fastact, name)([1, 2], dtype=dtype)


@pytest.mark.parametrize("axis", [2**31, -(2**31) - 1, 2**63, 10**30])
def test_an_axis_beyond_any_integer_of_the_machine_is_an_axis_error(axis):
    x = np.ones((2, 3))
    for call in (
        lambda: fastact.softmax(x, axis),
        lambda: fastact.softmax(x, (0, axis)),
        lambda: fastact.logsumexp(x, axis),
        lambda: fastact.logsumexp_grad(x, np.ones(2), axis),
        lambda: fastact.cross_entropy(x, [0, 1], axis=axis),
        lambda: fastact.nll_loss_grad(x, [0, 1], axis=axis),
        lambda: fastact.glu(np.ones((2, 4)), axis),
    ):
        with pytest.raises(np.exceptions.AxisError, match=f"axis {axis} is out of bounds"):
            call()


def test_a_number_too_large_for_a_float_is_a_value_error():
    for call in (
        lambda: fastact.softmax([1.0, 2.0], temperature=10**400),
        lambda: fastact.cross_entropy([1.0, 2.0], 0, label_smoothing=10**400),
        lambda: fastact.sigmoid_focal_loss([1.0], [1], gamma=10**400),
    ):
        with pytest.raises(ValueError, match="too large for a float"):
            call()


def test_a_temperature_may_be_any_real_number_of_python():
    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(fastact.softmax(x, temperature=10**30), [0.5, 0.5])
    half = fastact.softmax(x, temperature=0.5)
    np.testing.assert_array_equal(fastact.softmax(x, temperature=fractions.Fraction(1, 2)), half)
    with pytest.raises(ValueError, match="temperature must be positive"):
        fastact.softmax(x, temperature=np.longdouble("1e-4000"))


def test_text_is_no_number_even_where_it_reads_like_one():
    with pytest.raises(TypeError, match="label_smoothing must be a number"):
        fastact.cross_entropy([1.0, 2.0], 0, label_smoothing="0.5")


def test_an_array_of_words_is_not_one_word():
    words = np.array(["mean", "dict"])
    with pytest.raises(ValueError, match="reduction must be one of"):
        fastact.cross_entropy([1.0, 2.0], 0, reduction=words)
    with pytest.raises(ValueError, match="mode must be"):
        fastact.show_config(words)
    with pytest.raises(ValueError, match="precision must be"):
        fastact.set_precision(words)


def test_a_class_of_arrays_is_not_an_array():
    for function in (fastact.glu, fastact.softmax, lambda x: fastact.kl_div(x, x)):
        with pytest.raises((TypeError, ValueError), match=r"axis|must be of"):
            function(np.ndarray)
