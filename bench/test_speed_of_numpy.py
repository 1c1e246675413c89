"""
Every public function beside the NumPy expression for it: one group for each function and size.

    pytest bench                                  everything (some minutes)
    pytest bench -k "sigmoid and 65536"           one group
    pytest bench --benchmark-columns=min,median   fewer columns

The row functions get rows of up to 1024 classes. Times of one group are comparable, and only those: look at the
numbers in parentheses, the ratios to the fastest.
"""

import numpy as np
import pytest

import fastact
from fastact import _twins

SIZES = [16, 1024, 65_536, 1_048_576, 16_777_216]
FUNCTIONS = [name for name in fastact.__all__ if name in _twins.NAMES]


@pytest.mark.parametrize("contestant", ["numpy", "exact", "fast"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_float32(benchmark, name, size, contestant):
    benchmark.group = f"{name} float32 {size}"
    function = getattr(_twins if contestant == "numpy" else fastact, name)
    with fastact.precision("fast" if contestant == "fast" else "exact"):
        benchmark(function, *_twins.arguments(name, size, np.float32))


@pytest.mark.parametrize("contestant", ["numpy", "fastact"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_float64(benchmark, name, size, contestant):
    benchmark.group = f"{name} float64 {size}"
    function = getattr(_twins if contestant == "numpy" else fastact, name)
    benchmark(function, *_twins.arguments(name, size, np.float64))
