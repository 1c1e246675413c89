"""Functions whose parameters have defaults: every way to call them gives the same bits."""

import collections.abc
import copy
import functools
import inspect
import pickle

import numpy as np
import pytest

import fastact
from fastact import ufuncs

pytestmark = pytest.mark.configuration

FUNCTIONS = [name for name in fastact.__all__ if type(getattr(fastact, name)) is type(fastact.elu)]
NAMES = [name for name in FUNCTIONS if getattr(fastact, name).at_defaults]


def operands(name):
    inputs = len(getattr(fastact, name).declaration.operands)
    return [np.random.default_rng(k).normal(0, 3, 100).astype(np.float32) for k in range(inputs)]


def defaults(name):
    parameters = inspect.signature(getattr(fastact, name)).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD and p.default is not p.empty}


@pytest.mark.parametrize("name", NAMES)
def test_all_ways_to_call_give_the_same_bits(name):
    function, given, chosen = getattr(fastact, name), operands(name), defaults(name)
    names = list(inspect.signature(function).parameters)
    expected = function(*given).tobytes()
    out = np.empty(100, np.float32)
    assert function(*given, out=out) is out
    assert out.tobytes() == expected
    for result in (
        function(*given, *chosen.values()),
        function(*given, **chosen),
        function(**dict(zip(names, given, strict=False))),
        function(*given, out=None),
        function(*given, casting="same_kind"),
        function(*given, **{"".join(["o", "ut"]): np.empty(100, np.float32)}),
    ):
        assert result.tobytes() == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_parameter_other_than_the_default_is_used(name):
    function, given = getattr(fastact, name), operands(name)
    others = {key: value + 0.25 for key, value in defaults(name).items()}
    assert function(*given, **others).tobytes() == getattr(ufuncs, name)(*given, *others.values()).tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_it_is_pickled_copied_and_shown_as_a_function(name):
    function = getattr(fastact, name)
    assert pickle.loads(pickle.dumps(function)) is function
    assert copy.deepcopy(function) is function
    assert callable(function)
    assert inspect.isroutine(function)
    assert function.__name__ == name
    assert repr(function) == f"<function fastact.{name}>"


def test_as_a_class_attribute_it_does_not_bind_as_ufuncs_do_not():
    class Layer:
        relu, elu = fastact.relu, fastact.elu

    assert Layer().elu is fastact.elu
    assert Layer.elu is fastact.elu
    assert Layer().elu(-1.0) == fastact.elu(-1.0)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_attributes_of_the_ufunc_are_reached(name):
    function, ufunc = getattr(fastact, name), getattr(ufuncs, name)
    assert function.ufunc is ufunc
    for attribute in ("nin", "nout", "types", "signature"):
        assert getattr(function, attribute) == getattr(ufunc, attribute)
    for attribute in ("at", "outer", "reduce", "resolve_dtypes"):
        assert callable(getattr(function, attribute))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_is_a_callable_for_those_who_ask(name):
    function = getattr(fastact, name)
    assert isinstance(function, collections.abc.Callable)
    assert function.__call__(*[0.5] * function.nin) == function(*[0.5] * function.nin) or function.nout > 1


def test_an_empty_instance_has_a_representation_and_no_ufunc():
    empty = type(fastact.elu).__new__(type(fastact.elu))
    assert "ElementwiseFunction" in repr(empty)
    with pytest.raises(AttributeError, match="has no attribute '__name__'"):
        empty.__name__  # noqa: B018


def test_a_keyword_may_be_of_a_subclass_of_str():
    class Word(str):
        pass

    assert fastact.elu(-1.0, **{Word("alpha"): 0.5}) == fastact.elu(-1.0, 0.5)


def test_wraps_takes_name_and_docstring():
    @functools.wraps(fastact.elu)
    def wrapper(*arguments):
        return fastact.elu(*arguments)

    assert (wrapper.__name__, wrapper.__doc__) == ("elu", fastact.elu.__doc__)
    assert inspect.signature(wrapper) == inspect.signature(fastact.elu)


@pytest.mark.parametrize("name", NAMES)
def test_the_ufunc_with_defaults_is_pickled_by_its_function(name):
    ufunc = getattr(fastact, name).at_defaults
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(ufunc, protocol)) is ufunc


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_operand_and_an_unknown_keyword_are_errors(name):
    function, given = getattr(fastact, name), operands(name)
    with pytest.raises(TypeError, match=rf"{name}\(\) missing"):
        function(*given[:-1])
    with pytest.raises(TypeError, match="unknown"):
        function(*given, unknown=1)
