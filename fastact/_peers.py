"""The same functions in other libraries, where these are installed, for `python -m fastact accuracy`."""

import importlib
import importlib.metadata
import warnings
from functools import cache

import numpy as np

from fastact import _twins

NAMES = [
    *("relu", "relu6", "leaky_relu", "elu", "celu", "selu", "sigmoid", "log_sigmoid", "tanh", "tanhshrink", "softsign"),
    *("softplus", "squareplus", "sparse_plus", "sparse_sigmoid", "silu", "hard_sigmoid", "hard_swish", "hard_tanh"),
    *("gelu", "gelu_tanh", "mish", "softshrink", "hardshrink"),
]
LIBRARIES = ("numpy", "scipy", "torch", "jax")
# Where a library has another name for it.
TORCH = {
    "log_sigmoid": "logsigmoid",
    "hard_sigmoid": "hardsigmoid",
    "hard_swish": "hardswish",
    "hard_tanh": "hardtanh",
}
JAX = {"softsign": "soft_sign", "hard_swish": "hard_silu"}


def versions():
    """Return the version of each library that is installed."""
    found = {}
    for library in LIBRARIES:
        try:
            found[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def callables(name, gradient):
    """Return a function from float32 array to array for each library that has `name`, or the slope of it."""
    makers = {"numpy": _numpy, "scipy": _scipy, "torch": _torch, "jax": _jax}
    found = {}
    for library in versions():
        function = makers[library](name, gradient)
        if function is not None:
            found[library] = _quiet(function)
    return found


def _quiet(function):
    def call(x):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return function(x)

    return call


def _numpy(name, gradient):
    if not gradient:
        return getattr(_twins, name, None)
    twin = getattr(_twins, f"{name}_grad", None)
    return twin and (lambda x: twin(x, np.ones_like(x)))


def _scipy(name, gradient):
    special = importlib.import_module("scipy.special")
    if gradient:
        return None
    if name == "gelu":
        return lambda x: x * special.ndtr(x)
    return getattr(special, {"sigmoid": "expit", "log_sigmoid": "log_expit"}.get(name, name), None)


@cache
def _torch(name, gradient):
    torch = importlib.import_module("torch")
    if name == "gelu_tanh":
        function = lambda x: torch.nn.functional.gelu(x, approximate="tanh")  # noqa: E731
    else:
        found = TORCH.get(name, name)
        function = getattr(torch.nn.functional, found, None) or getattr(torch, found, None)
    if function is None:
        return None
    if not gradient:
        return lambda x: function(torch.from_numpy(x)).numpy()

    def slope(x):
        x = torch.from_numpy(x).requires_grad_()
        return torch.autograd.grad(function(x).sum(), x)[0].numpy()

    return slope


@cache
def _jax(name, gradient):
    jax = importlib.import_module("jax")
    if name == "gelu":
        function = lambda x: jax.nn.gelu(x, approximate=False)  # noqa: E731
    elif name == "gelu_tanh":
        function = lambda x: jax.nn.gelu(x, approximate=True)  # noqa: E731
    else:
        function = getattr(jax.nn, JAX.get(name, name), None)
    if function is None:
        return None
    return jax.jit(jax.vmap(jax.grad(function)) if gradient else function)
