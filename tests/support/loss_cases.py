"""What the tests of the elementwise losses share: operands, the measure of errors, and a reduction."""

import mpmath
import numpy as np
import pytest

import fastact
from tests.support import oracles

mp = mpmath.mp.clone()
mp.dps = 60

# the bound of a value and that of a gradient in units in the last place
BOUNDS = {
    (np.float64, "exact"): (2.0, 2.0),
    (np.float32, "exact"): (0.5001, 0.5001),
    (np.float32, "fast"): (4.0, 6.0),
}
each_precision = pytest.mark.parametrize(("dtype", "precision"), BOUNDS, ids=lambda v: getattr(v, "__name__", v))
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])
each_dtype = pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
each_reduction = pytest.mark.parametrize("reduction", ["none", "mean", "sum"])


def absolute_bound(dtype, precision):
    """What a difference may be off by, in units of its larger operand."""
    return 2.0**-54 if dtype == np.float64 else 2.0**-40 if precision == "exact" else 2.0**-22


def logits(dtype, rng, count=400):
    """Logits of every size, many of them confident."""
    end = 80 if dtype == np.float32 else 700
    parts = [
        rng.normal(0, 3, count),
        rng.uniform(-end, end, count // 3),
        np.exp2(rng.uniform(-60, 0, count // 4)) * rng.choice([-1, 1], count // 4),
        rng.choice([20, 40, 45, 46, 80, 86, 100], count // 4) * rng.choice([-1, 1], count // 4),
    ]
    return np.concatenate(parts).astype(dtype)


def targets(dtype, rng, count):
    """Mostly 0 and 1, but also numbers in between, near to them too."""
    hard = rng.integers(0, 2, count).astype(float)
    near = np.abs(hard - np.exp2(rng.uniform(-40, -2, count)))
    which = rng.random(count)
    return np.select([which < 0.6, which < 0.8], [hard, near], rng.random(count)).astype(dtype)


def weights(dtype, rng, count):
    return np.where(rng.random(count) < 0.4, 1, np.exp(rng.normal(0, 2, count))).astype(dtype)


def scales(rng, count):
    return 1 / rng.integers(1, 50, count)


def assert_right(got, true_of, operands, bound, tolerated=None):
    """
    Each result within `bound` units in the last place of `true_of(*operands)`, in mpmath.

    Where `tolerated(*operands)` is given, an error below it is right, too.
    """
    for y, *values in zip(got, *operands, strict=True):
        exactly = [mp.mpf(float(v)) for v in values]
        true = true_of(*exactly)
        if oracles.ulps(y, true, got.dtype.type) > bound:
            error = abs(mp.mpf(float(y)) - true)
            assert tolerated is not None, (values, y)
            assert error <= tolerated(*exactly), (values, y)


def reduced(losses, gradient, reduction, count):
    """Reduce in float64 what a formula gave for each element."""
    if reduction == "none":
        return losses, gradient
    divisor = max(count, 1) if reduction in ("mean", "batchmean") else 1
    return losses.sum() / divisor, gradient / divisor


def assert_both_agree(name, operands, keywords, expected, dtype, tolerance=None):
    """Value, gradient and both together against those expected, and against each other bit for bit."""
    eps = float(np.finfo(dtype).eps)
    relative, absolute = tolerance or (16 * eps, 16 * eps)
    value, gradient = getattr(fastact, f"{name}_value_and_grad")(*operands, **keywords)
    np.testing.assert_array_equal(getattr(fastact, name)(*operands, **keywords), value)
    np.testing.assert_array_equal(getattr(fastact, f"{name}_grad")(*operands, **keywords), gradient)
    for got, true in zip((value, gradient), expected, strict=True):
        assert got.dtype == dtype
        assert got.shape == np.shape(true)
        np.testing.assert_allclose(got, true, rtol=relative, atol=absolute)
    return value, gradient


def assert_float16_is_float64_rounded_once(name, x, target, float16_options, float64_options):
    """In value and gradient; the options of float64 are those of float16, of parameters as float32."""
    function = getattr(fastact, f"{name}_value_and_grad")
    got = function(x, target, **float16_options)
    expected = function(x.astype(float), target.astype(float), **float64_options)
    for y, true in zip(got, expected, strict=True):
        np.testing.assert_array_equal(y, true.astype(np.float16))


def layouts(x):
    """The same numbers in other places of memory."""
    spread = np.full((3 * x.shape[0], 2 * x.shape[1]), np.nan, x.dtype)
    spread[::3, ::2] = x
    swapped = x.astype(x.dtype.newbyteorder())
    return {
        "strided": spread[::3, ::2],
        "reversed": x[::-1, ::-1].copy()[::-1, ::-1],
        "transposed": x.T.copy().T,
        "byte-swapped": swapped,
    }


def assert_layouts_and_shapes_do_not_matter(name, x, target):
    function = getattr(fastact, f"{name}_value_and_grad")
    expected = function(x, target, reduction="none")
    for label, view in layouts(x).items():
        view.flags.writeable = False
        got = function(view, layouts(target)[label], reduction="none")
        for y, true in zip(got, expected, strict=True):
            np.testing.assert_array_equal(y, true, err_msg=label)
    one = function(x[0, 0], target[0, 0], reduction="none")
    assert [y.shape for y in one] == [(), ()]
    np.testing.assert_array_equal(one, [y[0, 0] for y in expected])
    np.testing.assert_array_equal(
        function(x.tolist(), target.tolist(), reduction="none")[0].astype(x.dtype), expected[0]
    )


def assert_empty_is_zero(name, reductions):
    for shape in ((0,), (0, 3), (3, 0)):
        empty = np.zeros(shape, np.float32)
        for reduction in reductions:
            value, gradient = getattr(fastact, f"{name}_value_and_grad")(empty, empty, reduction=reduction)
            assert value.dtype == gradient.dtype == np.float32
            assert gradient.shape == shape
            assert value.shape == shape if reduction == "none" else value == 0


def assert_operands_are_checked(name, x_name):
    """The errors that all four losses share."""
    x = np.full((4, 3), 0.5)
    for function in (getattr(fastact, name + suffix) for suffix in ("", "_grad", "_value_and_grad")):
        with pytest.raises(ValueError, match=rf"target must have the shape of {x_name}, \(4, 3\), not \(4,\)"):
            function(x, x[:, 0])
        with pytest.raises(ValueError, match=rf"target must have the shape of {x_name}, \(4,\), not \(4, 1\)"):
            function(x[:, 0], x[:, :1])
        with pytest.raises(ValueError, match=r"reduction must be one of \('none', .*not 'avg'"):
            function(x, x, reduction="avg")
        for dtype in (complex, np.longdouble, object):
            with pytest.raises(TypeError, match=rf"{x_name} must be of float16, .* not "):
                function(x.astype(dtype), x)
            with pytest.raises(TypeError, match=r"target must be of float16, .* not "):
                function(x, x.astype(dtype))
        with pytest.raises(TypeError, match=f"{x_name} is a masked array"):
            function(np.ma.array(x), x)
        with pytest.raises(TypeError, match="target is a masked array"):
            function(x, np.ma.array(x))


def assert_weights_are_checked(name, x_name, weight_name):
    x = np.full((4, 3), 0.5)
    for suffix in ("", "_grad", "_value_and_grad"):
        function = getattr(fastact, name + suffix)
        for shape in ((2,), (4,), (2, 4, 3), (1, 4, 3)):
            message = rf"{weight_name} must broadcast to the shape of {x_name}, \(4, 3\), without enlarging it"
            with pytest.raises(ValueError, match=message):
                function(x, x, **{weight_name: np.ones(shape)})
        with pytest.raises(TypeError, match=f"{weight_name} must be of float16"):
            function(x, x, **{weight_name: 1j})
        with pytest.raises(TypeError, match=f"{weight_name} is a masked array"):
            function(x, x, **{weight_name: np.ma.ones(3)})


def assert_other_arrays_come_out_as_themselves(name, x, target):
    value, gradient = getattr(fastact, f"{name}_value_and_grad")(x, target, reduction="sum")
    pandas = pytest.importorskip("pandas")
    series = pandas.Series(x, index=range(5, 5 + len(x)))
    got, got_gradient = getattr(fastact, f"{name}_value_and_grad")(series, pandas.Series(target), reduction="sum")
    assert got == value
    assert isinstance(got_gradient, pandas.Series)
    np.testing.assert_array_equal(got_gradient.to_numpy(), gradient)
    dask_array = pytest.importorskip("dask.array")
    lazy = dask_array.from_array(x, chunks=7)
    got, got_gradient = getattr(fastact, f"{name}_value_and_grad")(lazy, target, reduction="sum")
    assert isinstance(got, dask_array.Array)
    np.testing.assert_allclose(got.compute(), value, rtol=1e-14)
    np.testing.assert_array_equal(got_gradient.compute(), gradient)
