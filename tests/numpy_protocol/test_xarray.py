"""xarray: elementwise functions keep the dimensions; functions along an axis go through apply_ufunc."""

import numpy as np
import pytest

import fastact

xr = pytest.importorskip("xarray")


def array():
    return xr.DataArray(np.random.default_rng(0).normal(size=(4, 3)), dims=["sample", "class"])


def test_ufuncs_keep_the_dimensions():
    result = fastact.sigmoid(array())
    assert result.dims == ("sample", "class")
    np.testing.assert_array_equal(result, fastact.sigmoid(array().to_numpy()))


def test_row_functions_are_refused_by_xarray():
    with pytest.raises(NotImplementedError):
        fastact.softmax(array())


@pytest.mark.parametrize("dimension", ["sample", "class"])
def test_row_functions_work_through_apply_ufunc(dimension):
    result = xr.apply_ufunc(
        fastact.softmax, array(), input_core_dims=[[dimension]], output_core_dims=[[dimension]]
    ).transpose("sample", "class")
    axis = array().dims.index(dimension)
    np.testing.assert_array_equal(result, fastact.softmax(array().to_numpy(), axis))
