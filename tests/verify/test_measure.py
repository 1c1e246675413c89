"""The measurements behind the command `accuracy` see what is wrong."""

import numpy as np
import pytest

from fastact._verify import definitions, naive, peers
from fastact._verify.accuracy import command, measure
from fastact._verify.definitions import mp


class Wrong(measure.Function):
    """A function with another result at some inputs."""

    def __init__(self, name, results, parameters=()):
        super().__init__(name, parameters)
        self.results = results

    def __call__(self, gradient, x, dtype=None, out=None):
        y = super().__call__(gradient, x, dtype, out)
        if x.dtype == np.float16:
            for at, result in self.results.items():
                y[x == at] = result
        return y


def test_float16_is_judged_at_each_input():
    row = measure.float16_row(measure.Function("sigmoid", ()), False)
    assert (row["inputs"], row["misrounded"]) == (2**16 - 2 * (2**10 - 1), 0)
    assert 0.49 < row["largest"] <= 0.5


@pytest.mark.parametrize(
    ("results", "misrounded", "at"),
    [
        ({1.0: np.nextafter(np.float16(0.731), np.float16(1))}, 1, 1.0),
        ({1.0: np.nan, 2.0: 0.7}, 2, 1.0),
        ({np.inf: 0.5}, 1, np.inf),
        ({-np.inf: np.nan}, 1, -np.inf),
    ],
)
def test_a_wrong_result_of_float16_is_counted_and_its_place_told(results, misrounded, at):
    row = measure.float16_row(Wrong("sigmoid", results), False)
    assert row["misrounded"] == misrounded
    assert row["largest"] > 0.5
    assert row["at"] == at


def test_kinks_have_no_slope_and_are_left_out(monkeypatch):
    monkeypatch.setattr(measure, "difficult_points", lambda function, count: np.array([-1.0, 0.0, 2.0]))
    function = measure.Function("relu", ())
    assert [row["inputs"] for row in measure.float64_rows(function, True, 3)] == [2, 2]
    assert [row["inputs"] for row in measure.float64_rows(function, False, 3)] == [3, 3]


def test_nan_and_infinity_in_place_of_finite_values_have_infinite_error():
    largest = mp.mpf(float(np.finfo(np.float32).max))
    assert definitions.ulps(np.float32(np.nan), mp.one, np.float32) == mp.inf
    assert definitions.ulps(np.float32(np.inf), largest, np.float32) == mp.inf
    assert definitions.ulps(np.float32(np.inf), -2 * largest, np.float32) == mp.inf
    assert definitions.ulps(np.float32(np.inf), 2 * largest, np.float32) == 0


def test_a_function_that_loses_nan_is_reported(monkeypatch):
    monkeypatch.setattr(measure, "float32_rows", lambda *arguments: [])
    monkeypatch.setattr(measure, "CHUNK", 16)
    function = Wrong("relu", {})
    row = measure._row(function, False, "fast", measure.Judge(), False)
    assert row["nan"]
    monkeypatch.setattr(definitions, "call", lambda name, x, parameters, out: np.zeros_like(x))
    row = measure._row(function, False, "fast", measure.Judge(), False)
    result = {"name": "relu", "parameters": (), "step": 4099, "float32": [row], "float64": [], "float16": []}
    assert command.broken(result) == ["relu, float32 fast: NaN does not give NaN"]


@pytest.mark.parametrize("gradient", [False, True])
@pytest.mark.parametrize("name", list(filter(peers.is_compared, definitions.DEFINITIONS)))
def test_a_function_of_another_library_is_the_same_function(name, gradient):
    x = np.linspace(-7.987, 8.013, 41).astype(np.float32)  # no kinks
    expected = measure.Function(name, definitions.DEFINITIONS[name].parameters[0])(gradient, x)
    for library, function in peers.callables(name, gradient).items():
        np.testing.assert_allclose(np.asarray(function(x)), expected, rtol=1e-3, atol=1e-5, err_msg=library)


def test_other_libraries_are_measured_along_with_both_precisions():
    rows = measure.peer_rows(measure.Function("tanh", ()), 2**20)
    found = {(row["library"], row["gradient"]): row for row in rows}
    libraries = ["fastact, exact", "fastact, fast", *peers.versions()]
    assert {library for library, _ in found} <= set(libraries)
    assert all(row["inputs"] > 4000 for row in rows)
    for gradient in (False, True):
        assert found["fastact, exact", gradient]["misrounded"] == 0
        # without fused multiply-add there is one precision
        assert 0.49 < found["fastact, fast", gradient]["largest"] < found["numpy", True]["largest"]


def test_versions_are_of_the_libraries_that_are_installed():
    assert peers.versions(["numpy", "no such library"]) == {"numpy": np.__version__}


@pytest.mark.parametrize("library", ["numpy", "scipy", "torch", "jax", "thinc"])
def test_every_noted_call_of_an_installed_library_can_be_made(library):
    pytest.importorskip(library)
    for key in (library, f"{library}_out"):
        for name in (name for name in naive.NAMES if naive.noted(key, name)):
            arguments = naive.arguments(name, 64, np.dtype(np.float32))
            if library == "torch":
                arguments = [torch_tensor(a) for a in arguments]
            operands = dict(zip(naive.parameters(name), arguments, strict=True))
            out = arguments[0] * 0 if key != library else None
            function, arguments, keywords = peers.call(library, name, **operands, out=out, axis=-1)
            if arguments and "_grad" not in name:  # PyTorch's backward kernels need out
                function(*arguments, **keywords)


def torch_tensor(a):
    import torch

    return torch.from_numpy(a) if isinstance(a, np.ndarray) else a
