"""
Train a multilayer perceptron in NumPy on scikit-learn's handwritten digits (1,797 real images of 8 x 8).

`--backend fastact` uses fastact for the activation and the loss, `--backend numpy` uses plain NumPy expressions; the
rest of the code is the same. By default both run, alternately, and their loss curves and times are compared.

    pip install -e ".[examples]"
    python examples/train_digits.py
"""

import argparse
import itertools
import time

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import fastact


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def cross_entropy_value_and_grad(logits, target):
    rows = np.arange(len(target))
    shifted = logits - logits.max(axis=1, keepdims=True)
    exponentials = np.exp(shifted)
    total = exponentials.sum(axis=1, keepdims=True)
    value = (np.log(total[:, 0]) - shifted[rows, target]).mean()
    gradient = exponentials / total
    gradient[rows, target] -= 1
    return value, gradient / len(target)


NUMPY = {
    "relu": (lambda x: np.maximum(x, 0), lambda x, g: g * (x > 0)),
    "tanh": (np.tanh, lambda x, g: g * (1 - np.tanh(x) ** 2)),
    "sigmoid": (sigmoid, lambda x, g: g * sigmoid(x) * (1 - sigmoid(x))),
    "softplus": (lambda x: np.log1p(np.exp(x)), lambda x, g: g * sigmoid(x)),
    "cross_entropy": cross_entropy_value_and_grad,
}
FASTACT = {
    "relu": (fastact.relu, fastact.relu_grad),
    "tanh": (fastact.tanh, fastact.tanh_grad),
    "sigmoid": (fastact.sigmoid, fastact.sigmoid_grad),
    "softplus": (fastact.softplus, fastact.softplus_grad),
    "cross_entropy": fastact.cross_entropy_value_and_grad,
}
BACKENDS = {"fastact": FASTACT, "numpy": NUMPY}


class Perceptron:
    """Linear layers with an activation between them, trained by stochastic gradient descent with momentum."""

    def __init__(self, sizes, backend, activation, rng):
        self.loss = backend["cross_entropy"]
        self.activation, self.activation_grad = backend[activation]
        pairs = list(itertools.pairwise(sizes))
        self.weights = [rng.normal(0, np.sqrt(2 / n), (n, m)) for n, m in pairs]
        self.biases = [np.zeros(m) for _, m in pairs]
        self.velocity = [np.zeros_like(p) for p in self.weights + self.biases]

    def forward(self, x):
        """Return the inputs of all layers and the pre-activation values, logits last."""
        inputs, before = [x], []
        for i, (w, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            before.append(inputs[-1] @ w + b)
            if i < len(self.weights) - 1:
                inputs.append(self.activation(before[-1]))
        return inputs, before

    def train(self, x, target, rate, momentum=0.9):
        """Take one step on a batch; return its loss."""
        inputs, before = self.forward(x)
        loss, g = self.loss(before[-1], target)
        weight_gradients, bias_gradients = [], []
        for i in reversed(range(len(self.weights))):
            weight_gradients.insert(0, inputs[i].T @ g)
            bias_gradients.insert(0, g.sum(axis=0))
            if i > 0:
                g = self.activation_grad(before[i - 1], g @ self.weights[i].T)
        gradients = weight_gradients + bias_gradients
        for parameter, v, gradient in zip(self.weights + self.biases, self.velocity, gradients, strict=True):
            v *= momentum
            v -= rate * gradient
            parameter += v
        return loss

    def predict(self, x):
        return self.forward(x)[1][-1].argmax(axis=1)


def run(backend, activation, epochs, seed):
    """Train once; return the loss of each epoch, the accuracy on the held-out third, and the seconds."""
    images, labels = load_digits(return_X_y=True)
    x, x_test, y, y_test = train_test_split(images / 16, labels, test_size=1 / 3, random_state=seed, stratify=labels)
    rng = np.random.default_rng(seed)
    network = Perceptron([64, 128, 128, 10], BACKENDS[backend], activation, rng)
    curve = []
    start = time.perf_counter()
    for _ in range(epochs):
        order = rng.permutation(len(x))
        losses = [network.train(x[batch], y[batch], rate=0.02) for batch in np.array_split(order, len(x) // 64)]
        curve.append(float(np.mean(losses)))
    seconds = time.perf_counter() - start
    return np.array(curve), float((network.predict(x_test) == y_test).mean()), seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--backend", choices=[*BACKENDS, "both"], default="both")
    parser.add_argument("--activation", choices=["relu", "tanh", "sigmoid", "softplus"], default="relu")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--repeat", type=int, default=3, help="runs of each backend; the best time is reported")
    options = parser.parse_args()
    names = list(BACKENDS) if options.backend == "both" else [options.backend]
    curves, accuracies, best = {}, {}, dict.fromkeys(names, np.inf)
    for _ in range(options.repeat):
        for name in names:
            curves[name], accuracies[name], seconds = run(name, options.activation, options.epochs, options.seed)
            best[name] = min(best[name], seconds)
    for name in names:
        curve = curves[name]
        print(
            f"{name:8} loss {curve[0]:.6f} -> {curve[-1]:.6f}, held-out accuracy {accuracies[name]:.2%}, "
            f"{best[name]:.3f} s for {options.epochs} epochs"
        )
    if options.backend == "both":
        difference = np.max(np.abs(curves["fastact"] / curves["numpy"] - 1))
        print(f"largest relative difference of the loss curves {difference:.1e}; ", end="")
        print(f"fastact takes {best['fastact'] / best['numpy']:.2f} of NumPy's time")


if __name__ == "__main__":
    main()
