"""float16 in the row functions: computed in float32, in float64 where that lies halfway, and rounded once."""

import numpy as np
import pytest

import fastact
from tests.support.halves import rounded_once
from tests.support.places import every_other
from tests.support.public_calls import ROW_UFUNCS, UFUNCS, results
from tests.support.row_cases import row_arguments

pytestmark = pytest.mark.configuration


@pytest.mark.usefixtures("exact")
@pytest.mark.parametrize("order", [np.ascontiguousarray, np.asfortranarray, every_other])
@pytest.mark.parametrize("name", ROW_UFUNCS)
def test_every_result_is_the_float64_result_rounded_once(name, order):
    function = UFUNCS[name]
    rng = np.random.default_rng(0)
    for rows, n in [(70, 1), (300, 3), (70, 33), (40, 150), (33, 400), (5, 2048), (2, 2049)]:
        halves = list(row_arguments(function, rng.normal(0, 3, (rows, n)).astype(np.float16)))
        doubles = [a.astype(np.float64) if a.dtype == np.float16 else a for a in halves]
        got = results(function(*map(order, halves)))
        expected = results(function(*doubles))
        for y, true in zip(got, expected, strict=True):
            np.testing.assert_array_equal(y, rounded_once(true, np.float16), err_msg=str((rows, n)))


@pytest.mark.parametrize("precision", ["fast", "exact"])
def test_precision_does_not_matter_and_out_may_be_the_input(precision):
    x = np.random.default_rng(0).normal(0, 3, (50, 200)).astype(np.float16)
    with fastact.precision("exact"):
        expected = rounded_once(fastact.softmax(x.astype(np.float64)), np.float16)
    with fastact.precision(precision):
        np.testing.assert_array_equal(fastact.softmax(x), expected)
        assert fastact.softmax(x, out=x) is x
    np.testing.assert_array_equal(x, expected)


def test_the_first_of_several_bad_labels_is_named():
    x, target = np.zeros((500, 10), np.float16), np.zeros(500, int)
    target[[431, 433]] = 77, 78
    with pytest.raises(IndexError, match="77"):
        fastact.cross_entropy(x, target)
