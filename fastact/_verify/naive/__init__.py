"""
The usual NumPy expression for each public function, under its name and with its operands; parameters have the defaults.

Its decorator says how other libraries are called. The demonstration checks fastact against these and the benchmarks
time it against them. They are naive on purpose: the tests have separate oracles.
"""

import inspect

import numpy as np

import fastact
from fastact._core.dispatch import declarations
from fastact._verify.naive.gated import *  # noqa: F403
from fastact._verify.naive.losses import *  # noqa: F403
from fastact._verify.naive.others import others
from fastact._verify.naive.rectifiers import *  # noqa: F403
from fastact._verify.naive.rows import *  # noqa: F403
from fastact._verify.naive.rows import log_softmax
from fastact._verify.naive.self_gated import *  # noqa: F403
from fastact._verify.naive.shrinks import *  # noqa: F403
from fastact._verify.naive.sigmoids import *  # noqa: F403

_order = {name: i for i, name in enumerate(fastact.__all__)}
NAMES = [name for name, value in list(globals().items()) if inspect.isfunction(value) and value is not others]
NAMES.sort(key=lambda name: _order.get(name, len(_order)))


def parameters(name):
    """Return the parameters of the function `name`, with their defaults."""
    return inspect.signature(globals()[name]).parameters


def arguments(name, size, dtype, seed=0):
    """Return arguments for the function `name`: arrays of `size` elements in all, rows of at most 1024 of them."""
    rng = np.random.default_rng(seed)
    classes = min(size, 1024)
    if name not in declarations:  # a function along an axis
        shape = (size // classes, classes)
    else:
        shape = (size // 2 * 2 if name in ("glu", "glu_grad") else size,)
    shape_of_g = {"glu_grad": size // 2, "logsumexp_grad": shape[0]}.get(name, shape)
    made = {
        "x": lambda: (3 * rng.standard_normal(shape)).astype(dtype),
        "g": lambda: rng.standard_normal(shape_of_g).astype(dtype),
        "target": lambda: rng.integers(0, classes, shape[0]),
        "binary": lambda: rng.integers(0, 2, shape).astype(dtype),
        "probs": lambda: rng.uniform(0.01, 0.99, shape).astype(dtype),
    }
    made["log_probs"] = lambda: log_softmax(made["x"]())
    made["logits"] = made["gate"] = made["log_input"] = made["x"]
    made["up"] = made["g"]
    made["y"] = lambda: globals()[name.removesuffix("_grad_from_output")](made["x"]())
    return tuple(made[key]() if key in made else parameter.default for key, parameter in parameters(name).items())


def noted(key, name):
    """Return what the decorator `others` notes for the function `name` under a key; None if it has nothing."""
    return getattr(globals()[name], "others", {}).get(key)
