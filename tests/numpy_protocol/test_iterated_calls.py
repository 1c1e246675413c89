"""Calls past NumPy's machinery of arrays that lie apart give what NumPy's own way gives."""

import numpy as np
import pytest

import fastact
from tests.numpy_protocol.test_direct_calls import NUMPYS_WAY, assert_same
from tests.support.public_calls import ELEMENTWISE, KINDS, UFUNCS, bits, examples

pytestmark = pytest.mark.configuration

# few elements, lines that are shared among threads, lines that are cut, and lines too short for either
SHAPES = [(3, 4), (2, 3, 5), (7, 1, 6), (50, 70), (9, 40, 33), (300, 260), (2, 40_000), (900, 40), (3000, 9), (4, 0)]


def somewhere(rng, shape, dtype, broadcasts):
    """Return an array of the shape, or one that broadcasts to it, at a random place in a larger one."""
    if broadcasts:
        kept = rng.integers(len(shape)) if rng.random() < 0.2 else 0
        shape = tuple(n if rng.random() < 0.7 else 1 for n in shape)[kept:]
    order = rng.permutation(len(shape))
    steps = rng.choice([1, 1, 1, 2, -1], len(shape))
    first = rng.integers(0, 3, len(shape))
    memory = rng.uniform(0.1, 0.9, [(abs(steps[i]) * shape[i] + first[i]) for i in order]).astype(dtype)
    view = memory.transpose(np.argsort(order))
    places = tuple(slice(f, f + abs(s) * n, abs(s)) for f, s, n in zip(first, steps, shape, strict=True))
    return view[places][tuple(slice(None, None, np.sign(s)) for s in steps)]


def cases(function, count):
    rng = np.random.default_rng(function.nin)
    for i in range(examples(count)):
        (dtype, precision), shape = KINDS[i % len(KINDS)], SHAPES[i % len(SHAPES)]
        loop = next(types for types in function.types if types.startswith(np.dtype(dtype).char))
        given = [somewhere(rng, shape, letter, broadcasts=True) for letter in loop.partition("->")[0]]
        yield rng, given, loop[-1], precision


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_any_places_of_the_operands_give_bits_types_and_memory_order_of_numpys_way(name, threads):
    function = UFUNCS[name]
    for _, given, _, precision in cases(function, 15):
        with fastact.precision(precision), fastact.num_threads(threads):
            assert_same(function, *given)
            assert_same(function, given[0], *(0.5 for _ in given[1:]))


@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if UFUNCS[name].nout == 1])
def test_out_may_be_anywhere_too(name):
    function = UFUNCS[name]
    for rng, given, letter, precision in cases(function, 12):
        shape = np.broadcast_shapes(*(a.shape for a in given))
        memory = somewhere(rng, shape, letter, broadcasts=False)
        with fastact.precision(precision), fastact.num_threads(2):
            expected = bits(function(*given, **NUMPYS_WAY))
            assert function(*given, out=memory) is memory
            assert bits(memory) == expected


@pytest.mark.parametrize("name", ["relu", "gelu", "reglu", "swiglu"])
def test_out_may_be_a_moved_or_transposed_operand(name):
    function = UFUNCS[name]
    for moved in (np.s_[1:, :-1], np.s_[:-1, 1:], np.s_[::-1, :-1], np.s_[1:, ::-1]):
        memories = [np.random.default_rng(0).normal(size=(200, 200)).astype(np.float32) for _ in range(2)]
        for memory, way in zip(memories, ({}, NUMPYS_WAY), strict=True):
            square = memory[:-1, :-1]
            function(*[square] * function.nin, out=memory[moved][:199, :199], **way)
            function(*[memory.T] * function.nin, out=memory, **way)
        np.testing.assert_array_equal(*memories)


def test_results_that_share_memory_are_written_in_order():
    x = np.arange(40_000, dtype=np.float32).reshape(200, 200)
    results = [np.lib.stride_tricks.as_strided(np.zeros(400, np.float32), (200, 200), (4, 4)) for _ in range(2)]
    for result, way in zip(results, ({}, NUMPYS_WAY), strict=True):
        with fastact.num_threads(2):
            fastact.ufuncs.relu(x, out=result, **way)
    np.testing.assert_array_equal(*results)


def test_shapes_that_do_not_broadcast_are_numpys_error():
    for x, y in (((3, 4), (3, 3)), ((3, 4), (4, 3))):
        with pytest.raises(ValueError, match="could not be broadcast together"):
            UFUNCS["reglu"](np.ones(x), np.ones(y))
