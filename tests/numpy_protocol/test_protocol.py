"""Every public ufunc through NumPy's protocol: out, where, dtypes, reductions, pickles; more in test_layouts.py."""

import itertools
import pickle
import pickletools

import numpy as np
import pytest

from tests.support.public_calls import ELEMENTWISE, UFUNCS, results

pytestmark = pytest.mark.configuration

each = pytest.mark.parametrize("name", ELEMENTWISE)
DTYPES = [np.float16, np.float32, np.float64]


def ufunc(name):
    return UFUNCS[name]


def assert_same(got, expected):
    for y, true in zip(results(got), results(expected), strict=True):
        np.testing.assert_array_equal(y, true)


def inputs(name, shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(dtype) for _ in range(ufunc(name).nin)]


@each
def test_out_is_filled_and_returned(name):
    for n in (0, 1, 5, 300, 3000, 70000):
        operands = inputs(name, n, np.float32)
        expected = ufunc(name)(*operands)
        for make in (
            lambda n=n: np.empty(n, np.float32),
            lambda n=n: np.empty((n, 3), np.float32)[:, 1],
            lambda n=n: np.empty(n, np.float32)[::-1],
        ):
            out = tuple(make() for _ in range(ufunc(name).nout))
            got = results(ufunc(name)(*operands, out=out))
            assert all(y is o for y, o in zip(got, out, strict=True))
            assert_same(got, expected)


@each
def test_out_of_a_large_array_may_overlap_any_input(name):
    """Of smaller ones: test_layouts.py."""
    n = 70000
    operands = inputs(name, n, np.float32)
    expected = ufunc(name)(*operands)
    others = [np.empty(n, np.float32) for _ in range(ufunc(name).nout - 1)]
    memory = np.empty(n + 4, np.float32)
    for shift, position, place in itertools.product((-2, -1, 0, 1, 2), range(ufunc(name).nin), range(ufunc(name).nout)):
        memory[2 : 2 + n] = operands[position]
        overlapped = [memory[2 : 2 + n] if k == position else x for k, x in enumerate(operands)]
        out = [*others[:place], memory[2 + shift : 2 + shift + n], *others[place:]]
        assert_same(ufunc(name)(*overlapped, out=tuple(out)), expected)


@pytest.mark.parametrize("name", ["sigmoid", "sigmoid_grad"])
@pytest.mark.parametrize("shift", [-2, -1, 1])
def test_out_may_overlap_where_threads_share_the_work(name, shift):
    n = 400_000
    memory = np.random.default_rng(0).normal(size=n + 4)
    others = [np.ones(n)] * (ufunc(name).nin - 1)
    for _ in range(3):
        expected = ufunc(name)(memory[2 : 2 + n].copy(), *others)
        ufunc(name)(memory[2 : 2 + n], *others, out=memory[2 + shift : 2 + shift + n])
        np.testing.assert_array_equal(memory[2 + shift : 2 + shift + n], expected)


@each
def test_where_leaves_the_other_entries_alone(name):
    operands = inputs(name, 400, np.float64)
    chosen = np.random.default_rng(2).random(400) < 0.5
    out = tuple(np.full(400, 7.0) for _ in range(ufunc(name).nout))
    ufunc(name)(*operands, out=out, where=chosen)
    for y, everywhere in zip(out, results(ufunc(name)(*operands)), strict=True):
        np.testing.assert_array_equal(y[~chosen], 7.0)
        np.testing.assert_array_equal(y[chosen], everywhere[chosen])


@each
def test_scalars_give_scalars_and_python_floats_are_weak(name):
    for dtype in DTYPES:
        operands = [dtype(0.5) for _ in range(ufunc(name).nin)]
        assert all(isinstance(y, dtype) for y in results(ufunc(name)(*operands)))
        weak = results(ufunc(name)(operands[0], *[0.5] * (len(operands) - 1)))
        assert all(y.dtype == dtype for y in weak)


@each
def test_integers_are_promoted_and_complex_longdouble_and_object_refused(name):
    nin = ufunc(name).nin
    assert results(ufunc(name)(*[np.arange(3)] * nin))[0].dtype == np.float64
    for dtype in (bool, np.int8, np.uint8, np.int16, np.int32):
        for y in results(ufunc(name)(*[np.arange(2).astype(dtype)] * nin)):
            assert y.dtype == np.tanh(np.zeros(2, dtype)).dtype
    for dtype in (complex, np.longdouble, object):
        with pytest.raises(TypeError):
            ufunc(name)(*[np.ones(3, dtype)] * nin)


@each
def test_dtype_argument_chooses_the_loop(name):
    operands = inputs(name, 100, np.float32)
    for dtype in DTYPES:
        got = ufunc(name)(*operands, dtype=dtype, casting="same_kind")
        assert all(y.dtype == dtype for y in results(got))
        assert_same(got, ufunc(name)(*[x.astype(dtype) for x in operands]))


@each
def test_subclasses_and_array_ufunc_objects_come_out_as_themselves(name):
    class Tagged(np.ndarray):
        pass

    operands = [x.view(Tagged) for x in inputs(name, 10, np.float64)]
    assert all(isinstance(y, Tagged) for y in results(ufunc(name)(*operands)))

    class Recorder:
        def __array_ufunc__(self, function, method, *arguments, **keywords):
            return function.__name__, method

    assert ufunc(name)(Recorder(), *operands[1:]) == (name, "__call__")


@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if ufunc(name).nin == 2])
def test_reduce_and_accumulate_go_one_element_after_the_other(name):
    for n in (1, 2, 50, 3000):
        x = np.random.default_rng(0).normal(size=n)
        steps = [x[0]]
        for value in x[1:]:
            steps.append(ufunc(name)(steps[-1], value))
        np.testing.assert_array_equal(ufunc(name).accumulate(x), np.array(steps))
        np.testing.assert_array_equal(ufunc(name).reduce(x), steps[-1])


# without __module__ on ufuncs, before NumPy 2.2, pickle looks through all modules and touches deprecated ones
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_pickles_name_no_instruction_set_and_load_back_to_the_same_object():
    for name in UFUNCS:
        pickled = pickle.dumps(ufunc(name))
        words = " ".join(str(argument) for _, argument, _ in pickletools.genops(pickled))
        assert not any(word in words for word in ("avx", "baseline", "kernels")), name
        assert pickle.loads(pickled) is ufunc(name)


def test_every_ufunc_carries_its_own_name_and_a_docstring():
    for name in UFUNCS:
        assert ufunc(name).__name__ == name
        assert len(ufunc(name).__doc__.split()) > 8, name
