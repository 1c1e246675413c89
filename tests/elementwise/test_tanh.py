"""What is particular to tanh."""

import numpy as np
import pytest

import fastact

pytestmark = pytest.mark.configuration


def test_printed_values_of_the_introductory_article():
    np.testing.assert_array_equal(fastact.tanh([-1000.0, 1000.0]), [-1.0, 1.0])
    np.testing.assert_allclose(fastact.tanh_grad(3.0, 1.0), 0.0098660, atol=5e-8)


def test_tanh_is_odd_bit_for_bit():
    x = np.random.default_rng(0).normal(size=500)
    np.testing.assert_array_equal(fastact.tanh(-x), -fastact.tanh(x))


def test_slope_keeps_its_relative_accuracy_where_tanh_rounds_to_one():
    np.testing.assert_allclose(fastact.tanh_grad(30.0, 1.0), 4 * np.exp(-60.0), rtol=1e-15)
