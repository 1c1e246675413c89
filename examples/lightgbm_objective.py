"""
Train LightGBM on scikit-learn's digits with `fastact.cross_entropy_grad_and_hess` as the objective.

The predictions match those of LightGBM's built-in `multiclass`, without and with sample weights.

    pip install -e ".[examples]"
    python examples/lightgbm_objective.py
"""

import lightgbm
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import fastact

CLASSES = 10
PARAMETERS = {
    "num_class": CLASSES,
    "num_leaves": 15,
    "learning_rate": 0.1,
    "boost_from_average": False,  # a custom objective starts from 0
    "deterministic": True,
    "num_threads": 1,
    "verbose": -1,
}


def cross_entropy_objective(predictions, data):
    """Return gradient and diagonal Hessian with respect to the raw scores, both of shape (rows, classes)."""
    labels = data.get_label().astype(int)  # LightGBM stores labels as float32
    gradient, hessian = fastact.cross_entropy_grad_and_hess(predictions, labels)
    hessian *= CLASSES / (CLASSES - 1)  # as LightGBM's built-in objective does
    weights = data.get_weight()
    if weights is not None:
        gradient *= weights[:, None]
        hessian *= weights[:, None]
    return gradient, hessian


def train_both(x, y, weights, rounds):
    """Train with LightGBM's built-in objective and with ours; return both models."""
    models = []
    for objective in ("multiclass", cross_entropy_objective):
        data = lightgbm.Dataset(x, y, weight=weights)
        models.append(lightgbm.train(PARAMETERS | {"objective": objective}, data, rounds))
    return models


def compare(weighted, rounds=20):
    """Return the largest difference in probability on the held-out images, and the accuracy."""
    images, labels = load_digits(return_X_y=True)
    x, x_test, y, y_test = train_test_split(images, labels, test_size=1 / 3, random_state=0, stratify=labels)
    weights = np.random.default_rng(0).uniform(0.5, 2, len(y)) if weighted else None
    own, ours = train_both(x, y, weights, rounds)
    probabilities = fastact.softmax(ours.predict(x_test))  # with a custom objective, predict returns raw scores
    difference = np.abs(probabilities - own.predict(x_test)).max()
    return float(difference), float((probabilities.argmax(axis=1) == y_test).mean())


def main():
    for weighted in (False, True):
        difference, accuracy = compare(weighted)
        print(
            f"LightGBM, {'random' if weighted else 'no'} sample weights: held-out accuracy {accuracy:.2%}, "
            f"largest difference from multiclass {difference:.1e}"
        )


if __name__ == "__main__":
    main()
