"""What is particular to sigmoid."""

import numpy as np
import pytest

import fastact

pytestmark = pytest.mark.configuration


def test_printed_values_of_the_introductory_article():
    np.testing.assert_allclose(fastact.sigmoid([3.0, 6.0]), [0.952574, 0.997527], atol=5e-7)
    np.testing.assert_allclose(fastact.sigmoid_grad([3.0, 6.0], 1.0), [0.0451767, 0.0024665], atol=5e-8)


def test_slope_has_its_maximum_of_a_quarter_at_zero():
    x = np.linspace(-20, 20, 4001)
    slope = fastact.sigmoid_grad(x, 1.0)
    assert slope.max() == 0.25
    assert x[slope.argmax()] == 0


def test_left_tail_reaches_the_last_subnormal():
    assert fastact.sigmoid(np.float32(-103.27893)) == np.finfo(np.float32).smallest_subnormal
    assert fastact.sigmoid(-745.0) == np.finfo(np.float64).smallest_subnormal


@pytest.mark.usefixtures("exact")
def test_gradient_multiplies_before_it_rounds():
    # sigmoid'(-100) is 3.7e-44, a subnormal of few bits; times 1e38 it is a normal number with all of them
    got = fastact.sigmoid_grad(np.float32(-100), np.float32(1e38))
    np.testing.assert_allclose(float(got), np.exp(-100.0) * float(np.float32(1e38)), rtol=6e-8)
