"""Functions whose parameters have defaults: whatever way they are called, they are one function."""

import copy
import inspect
import pickle

import numpy as np
import pytest

import fastact
from fastact import ufuncs

NAMES = [name for name in fastact.__all__ if type(getattr(fastact, name)) is type(fastact.elu)]


def operands(name):
    inputs = getattr(ufuncs, f"{name}_default").nin
    return [np.random.default_rng(k).normal(0, 3, 100).astype(np.float32) for k in range(inputs)]


def defaults(name):
    parameters = inspect.signature(getattr(fastact, name)).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD and p.default is not p.empty}


def test_every_elementwise_function_with_defaults_is_here():
    assert {f"{name}_default" for name in NAMES} == {name for name in ufuncs.__all__ if name.endswith("_default")}


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
def test_another_parameter_counts(name):
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
    assert repr(function) == f"<function fastact.activations.{name}>"


def test_it_can_be_a_method():
    class Array(np.ndarray):
        elu = fastact.elu

    x = np.array([-1.0, 2.0]).view(Array)
    assert np.array_equal(x.elu(), fastact.elu(np.asarray(x)))
    assert Array.elu is fastact.elu


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_operand_and_an_unknown_keyword_are_errors(name):
    function, given = getattr(fastact, name), operands(name)
    with pytest.raises(TypeError, match=rf"{name}\(\) missing"):
        function(*given[:-1])
    with pytest.raises(TypeError, match="unknown"):
        function(*given, unknown=1)
