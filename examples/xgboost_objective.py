"""
Train XGBoost on scikit-learn's digits with `fastact.cross_entropy_grad_and_hess` as the objective.

The predictions match those of XGBoost's built-in `multi:softprob`, without and with sample weights.

    pip install -e ".[examples]"
    python examples/xgboost_objective.py
"""

import numpy as np
import xgboost
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import fastact

PARAMETERS = {
    "num_class": 10,
    "max_depth": 4,
    "learning_rate": 0.3,
    "base_score": 0.0,  # the initial score; its default depends on the objective
    "nthread": 1,
}


def cross_entropy_objective(predictions, data):
    """Return gradient and diagonal Hessian with respect to the raw scores, both of shape (rows, classes)."""
    labels = data.get_label().astype(int)  # XGBoost stores labels as float32
    gradient, hessian = fastact.cross_entropy_grad_and_hess(predictions, labels)
    hessian *= 2  # XGBoost up to 3.4 doubles the Hessian and keeps it above 0
    weights = data.get_weight()
    if weights.size:
        gradient *= weights[:, None]
        hessian *= weights[:, None]
    return gradient, np.maximum(hessian, 1e-16)


def train_both(data, rounds):
    """Train with XGBoost's built-in objective and with ours; return both models."""
    own = xgboost.train(PARAMETERS | {"objective": "multi:softprob"}, data, rounds)
    ours = xgboost.train(PARAMETERS, data, rounds, obj=cross_entropy_objective)
    return own, ours


def compare(weighted, rounds=20):
    """Return the largest difference in probability on the held-out images, and the accuracy."""
    images, labels = load_digits(return_X_y=True)
    x, x_test, y, y_test = train_test_split(images, labels, test_size=1 / 3, random_state=0, stratify=labels)
    weights = np.random.default_rng(0).uniform(0.5, 2, len(y)) if weighted else None
    own, ours = train_both(xgboost.DMatrix(x, y, weight=weights), rounds)
    test = xgboost.DMatrix(x_test)
    scores = ours.predict(test, output_margin=True)
    probabilities = fastact.softmax(scores)
    difference = np.abs(probabilities - own.predict(test)).max()
    return float(difference), float((probabilities.argmax(axis=1) == y_test).mean())


def main():
    for weighted in (False, True):
        difference, accuracy = compare(weighted)
        print(
            f"XGBoost, {'random' if weighted else 'no'} sample weights: held-out accuracy {accuracy:.2%}, "
            f"largest difference from multi:softprob {difference:.1e}"
        )


if __name__ == "__main__":
    main()
