"""float16 and bfloat16: computed in float64 and rounded once, for every one of their 65,536 values."""

import numpy as np
import pytest

import fastact
from tests.support import oracles
from tests.support.halves import rounded_once
from tests.support.processes import output_of
from tests.support.public_calls import ELEMENTWISE, UFUNCS, results

BITS = np.arange(65536, dtype=np.uint16)

pytestmark = pytest.mark.configuration


def half_types():
    types = [pytest.param(np.dtype(np.float16), id="float16")]
    try:
        import ml_dtypes
    except ImportError:
        reason = pytest.mark.skip(reason="bfloat16 needs ml_dtypes")
        return [*types, pytest.param(None, marks=reason, id="bfloat16")]
    return [*types, pytest.param(np.dtype(ml_dtypes.bfloat16), id="bfloat16")]


each_type = pytest.mark.parametrize("dtype", half_types())


@each_type
@pytest.mark.usefixtures("exact")
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_every_result_is_the_float64_result_rounded_once(name, dtype):
    function = UFUNCS[name]
    x = BITS.view(dtype)
    with np.errstate(all="ignore"):
        others = [np.roll(x, 9973 * k) for k in range(1, function.nin)]
        got = results(function(x, *others))
        operands = [v.astype(np.float64) for v in (x, *others)]
        expected = results(function(*operands))
        if name.startswith("leaky_relu") and name.endswith(".at_defaults"):
            # parameters are taken as float32, and so are defaults
            expected = results(UFUNCS[name.removesuffix(".at_defaults")](*operands, np.float32(0.01)))
        for y, true in zip(got, expected, strict=True):
            assert y.dtype == dtype
            rounded = rounded_once(true, dtype)
            is_nan = np.isnan(rounded)
            np.testing.assert_array_equal(np.isnan(y), is_nan)
            np.testing.assert_array_equal(y.view(np.uint16)[~is_nan], rounded.view(np.uint16)[~is_nan])


@pytest.mark.parametrize("case", oracles.CASES, ids=oracles.case_id)
def test_float16_values_and_gradients_are_correctly_rounded(case):
    for true_of, call in ((oracles.true_values, oracles.call), (oracles.true_slopes, oracles.call_grad)):
        x, true = true_of(*case, np.float16, step=5)
        with np.errstate(all="ignore"):
            got = call(case[0], x, case[1])
        for v, y, t in zip(x, got, true, strict=True):
            assert oracles.ulps(y, t, np.float16) <= 0.5, v


@each_type
def test_strides_and_overlap_give_the_same_bits(dtype):
    x = np.random.default_rng(0).normal(size=70_000).astype(dtype)
    expected = fastact.sigmoid(x)
    spread = np.zeros((70_000, 3), dtype)
    spread[:, 1] = x
    np.testing.assert_array_equal(fastact.sigmoid(spread[:, 1]), expected)
    np.testing.assert_array_equal(fastact.sigmoid(x[::-1])[::-1], expected)
    fastact.sigmoid(x, out=x)
    np.testing.assert_array_equal(x, expected)


@each_type
@pytest.mark.parametrize("parameter", [0.3, 2, np.float32(0.3), np.full(1, 0.3, np.float32)], ids=repr)
def test_parameters_do_not_promote_and_are_taken_as_float32(dtype, parameter):
    x = np.linspace(-3, 3, 50).astype(dtype)
    y = fastact.elu(x, parameter)
    assert y.dtype == dtype
    expected = fastact.elu(x.astype(np.float64), np.float64(np.float32(parameter)))
    np.testing.assert_array_equal(y, rounded_once(expected, dtype))


@each_type
def test_a_parameter_of_the_same_type_is_taken_exactly(dtype):
    x, weight = np.linspace(-3, 3, 50).astype(dtype), np.array(0.3, dtype)
    y = fastact.leaky_relu(x, weight)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, rounded_once(fastact.leaky_relu(x.astype(float), weight.astype(float)), dtype))


def test_precision_leaves_float16_alone():
    x = BITS.view(np.float16)
    with np.errstate(all="ignore"):
        exact = fastact.silu(x)
        with fastact.precision("fast"):
            np.testing.assert_array_equal(fastact.silu(x), exact)


def test_a_float32_gradient_makes_a_float32_result():
    assert fastact.silu_grad(np.float16([1.0]), np.float32([1.0])).dtype == np.float32
    assert fastact.silu_grad(np.float16([1.0]), 1.0).dtype == np.float16


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("axis", [0, -1])
def test_float16_rows_are_the_float64_rows_rounded_once(name, axis):
    rng = np.random.default_rng(0)
    x, g = (rng.normal(0, 3, (40, 70)).astype(np.float16) for _ in range(2))
    for function, operands in (
        (getattr(fastact, name), (x,)),
        (getattr(fastact, f"{name}_grad"), (x, g)),
        (getattr(fastact, f"{name}_grad_from_output"), (x, g)),
    ):
        got = function(*operands, axis=axis)
        expected = function(*(v.astype(np.float64) for v in operands), axis=axis)
        assert got.dtype == np.float16
        np.testing.assert_array_equal(got, rounded_once(expected, np.dtype(np.float16)))


def test_float16_cross_entropy_is_the_float64_one_rounded_once():
    logits, target = np.random.default_rng(0).normal(0, 3, (40, 70)).astype(np.float16), np.arange(40)
    for reduction in ("none", "sum"):
        got = fastact.cross_entropy_grad(logits, target, reduction=reduction)
        expected = fastact.cross_entropy_grad(logits.astype(np.float64), target, reduction=reduction)
        assert got.dtype == np.float16
        np.testing.assert_array_equal(got, rounded_once(expected, np.dtype(np.float16)))
    got = fastact.cross_entropy(logits, target, reduction="none")
    expected = fastact.cross_entropy(logits.astype(np.float64), target, reduction="none")
    np.testing.assert_array_equal(got, rounded_once(expected, np.dtype(np.float16)))


def test_fastact_works_without_ml_dtypes():
    code = (
        "import sys; sys.modules['ml_dtypes'] = None; import fastact, numpy as np; "
        "print(fastact.sigmoid(np.zeros(1, np.float16)), fastact.ufuncs.sigmoid.types)"
    )
    assert output_of("-c", code) == "[0.5] ['e->e', 'f->f', 'd->d']\n"
