"""The examples run on their real data and reach what they promise."""

import importlib.util
import re

import numpy as np
import pytest

import fastact
from tests.support.processes import ROOT, run_python

EXAMPLES = ROOT / "examples"


def example(name):
    """The example as a module."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def printed_by(name, *arguments):
    # the threads of BLAS, of which these small matrices need one, would wait for those of other tests
    result = run_python(EXAMPLES / f"{name}.py", *arguments, OPENBLAS_NUM_THREADS="1")
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.timeout(300)
def test_digits_are_learnt_by_both_backends_with_the_same_loss_curve():
    pytest.importorskip("sklearn")
    output = printed_by("train_digits", "--repeat", "1")
    accuracies = [float(a) for a in re.findall(r"accuracy ([\d.]+)%", output)]
    assert len(accuracies) == 2
    assert min(accuracies) >= 96
    assert float(re.search(r"difference of the loss curves (\S+);", output)[1]) < 1e-5


def test_newton_gives_the_unpenalised_coefficients_of_scikit_learn():
    pytest.importorskip("sklearn")
    output = printed_by("newton_logistic_regression")
    assert "all 30 features: separable" in output
    assert "the 10 means: not separable" in output
    assert len(re.findall(r"^.* scikit-learn .*$", output, re.M)) == 11
    assert float(re.search(r"largest difference (\S+)$", output)[1]) < 1e-6


@pytest.mark.parametrize(
    ("x", "y", "separable"),
    [
        ([1.0, 2.0, 3.0, 4.0], [0, 0, 1, 1], True),
        ([1.0, 2.0, 2.0, 3.0], [0, 0, 1, 1], True),  # touching: still without a maximum
        ([1.0, 2.0, 3.0, 4.0], [0, 1, 0, 1], False),
    ],
)
def test_newton_example_knows_when_there_is_no_maximum_of_the_likelihood(x, y, separable):
    pytest.importorskip("sklearn")
    assert example("newton_logistic_regression").is_separable(np.array(x)[:, None], np.array(y)) == separable


def test_newton_example_has_the_derivatives_of_the_loss_and_a_convex_one():
    pytest.importorskip("sklearn")
    module = example("newton_logistic_regression")
    features, y, _ = module.load()
    x = module.with_intercept(features[:, module.MEANS])
    w = np.random.default_rng(0).normal(size=x.shape[1])
    gradient, hessian = module.derivatives(w, x, y)

    def loss(w):
        return fastact.binary_cross_entropy_with_logits(x @ w, y, reduction="sum")

    steps = 1e-5 * np.eye(len(w))
    numeric_gradient = np.array([(loss(w + step) - loss(w - step)) / 2e-5 for step in steps])
    np.testing.assert_allclose(gradient, numeric_gradient, rtol=1e-6, atol=1e-6)
    changes = [module.derivatives(w + step, x, y)[0] - module.derivatives(w - step, x, y)[0] for step in steps]
    np.testing.assert_allclose(hessian, np.array(changes) / 2e-5, rtol=1e-6, atol=1e-6)
    assert np.linalg.eigvalsh(hessian).min() > 0


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_boosting_with_our_objective_predicts_what_the_library_s_own_does(library):
    pytest.importorskip("sklearn")
    pytest.importorskip(library)
    output = printed_by(f"{library}_objective")
    differences = [float(d) for d in re.findall(r"largest difference from \S+ (\S+)$", output, re.M)]
    accuracies = [float(a) for a in re.findall(r"accuracy ([\d.]+)%", output)]
    assert len(differences) == len(accuracies) == 2
    assert max(differences) < 1e-5
    assert min(accuracies) > 93
