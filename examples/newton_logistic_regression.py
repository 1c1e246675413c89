"""
Fit an unpenalised logistic regression by Newton's method to scikit-learn's breast-cancer data (569 real tumours).

Each step solves (X' H X) step = X' g. The derivatives g and H of the loss with respect to the logits come from one call
of `fastact.binary_cross_entropy_with_logits_grad_and_hess`. The coefficients are compared with scikit-learn's.

With all 30 features, a hyperplane separates the two classes. The likelihood then has no maximum: it keeps growing as
the coefficients go to infinity, and what a solver returns depends only on where it stops. The ten features that are
means over the cell nuclei do not separate the classes, so their coefficients exist. A linear program checks both.

    pip install -e ".[examples]"
    python examples/newton_logistic_regression.py
"""

import numpy as np
from scipy.optimize import linprog
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import fastact

MEANS = slice(0, 10)  # "mean radius" to "mean fractal dimension"; the rest are standard errors and worst values


def load():
    """Return the standardised features, the labels (1 for benign) and the names of the features."""
    data = load_breast_cancer()
    return StandardScaler().fit_transform(data.data), data.target, data.feature_names


def with_intercept(x):
    return np.column_stack([x, np.ones(len(x))])


def is_separable(x, y):
    """
    Return whether some hyperplane has no sample of either class on the wrong side, and not all samples on it.

    The likelihood has no maximum if and only if there is one (Albert, A. and Anderson, J. A. (1984). On the existence
    of maximum likelihood estimates in logistic regression models). The linear program maximises the sum of the signed
    distances, none of which may be negative; the maximum is 0 if there is no such hyperplane.
    """
    distances = (2 * y - 1)[:, None] * with_intercept(x)
    program = linprog(-distances.sum(axis=0), A_ub=-distances, b_ub=np.zeros(len(x)), bounds=(-1, 1))
    return -program.fun > 1e-6


def derivatives(w, x, y):
    """Return the gradient and the Hessian of the summed loss with respect to the coefficients `w`."""
    g, h = fastact.binary_cross_entropy_with_logits_grad_and_hess(x @ w, y)
    return x.T @ g, (x.T * h) @ x


def newton(x, y, tolerance=1e-10, most_steps=50):
    """Return the coefficients, intercept last, and the largest change of any coefficient in each step."""
    x = with_intercept(x)
    w = np.zeros(x.shape[1])
    changes = []
    for _ in range(most_steps):
        gradient, hessian = derivatives(w, x, y)
        step = np.linalg.solve(hessian, gradient)
        w -= step
        changes.append(float(np.abs(step).max()))
        if changes[-1] < tolerance:
            return w, changes
    raise RuntimeError(f"no convergence in {most_steps} steps; the last one changed a coefficient by {changes[-1]:.1e}")


def scikit_learn(x, y):
    """Return scikit-learn's coefficients in the same order."""
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12).fit(x, y)  # C=inf: no penalty
    return np.append(model.coef_[0], model.intercept_)


def main():
    features, y, names = load()
    x = features[:, MEANS]
    print(f"all {features.shape[1]} features: ", end="")
    print("separable, no maximum" if is_separable(features, y) else "not separable")
    print(f"the {x.shape[1]} means: ", end="")
    print("separable, no maximum" if is_separable(x, y) else "not separable, the coefficients exist")
    own, changes = newton(x, y)
    for i, change in enumerate(changes, 1):
        print(f"step {i}: largest change {change:.1e}")
    reference = scikit_learn(x, y)
    for name, a, b in zip([*names[MEANS], "intercept"], own, reference, strict=True):
        print(f"{name:24} {a:14.9f} scikit-learn {b:14.9f}")
    print(f"{len(changes)} steps, largest difference {np.abs(own - reference).max():.1e}")


if __name__ == "__main__":
    main()
