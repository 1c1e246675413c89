"""The same functions in other installed libraries, for the commands `accuracy` and `bench`."""

import importlib
import importlib.metadata
import warnings
from functools import cache

import numpy as np

from fastact._verify import naive

NAMES = [
    *("relu", "relu6", "leaky_relu", "elu", "celu", "selu", "sigmoid", "log_sigmoid", "tanh", "tanhshrink", "softsign"),
    *("softplus", "squareplus", "sparse_plus", "sparse_sigmoid", "silu", "hard_sigmoid", "hard_swish", "hard_tanh"),
    *("gelu", "gelu_tanh", "mish", "softshrink", "hardshrink"),
]
LIBRARIES = ("numpy", "scipy", "torch", "jax")
# The names that differ in a library.
TORCH = {
    "log_sigmoid": "logsigmoid",
    "hard_sigmoid": "hardsigmoid",
    "hard_swish": "hardswish",
    "hard_tanh": "hardtanh",
}
JAX = {"softsign": "soft_sign", "hard_swish": "hard_silu"}


def versions(libraries=LIBRARIES):
    """Return the version of each library that is installed."""
    found = {}
    for library in libraries:
        try:
            found[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def callables(name, gradient):
    """Return a function of float32 arrays for each library that has `name`: the function, or its derivative."""
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
        return getattr(naive, name, None)
    function = getattr(naive, f"{name}_grad", None)
    return function and (lambda x: function(x, np.ones_like(x)))


def _scipy(name, gradient):
    return None if gradient else scipy_function(name)


def scipy_function(name):
    """Return SciPy's function of arrays, or None."""
    special = importlib.import_module("scipy.special")
    if name == "gelu":
        return lambda x: x * special.ndtr(x)
    return getattr(special, {"sigmoid": "expit", "log_sigmoid": "log_expit"}.get(name, name), None)


def torch_function(name):
    """Return PyTorch's function of tensors, or None."""
    torch = importlib.import_module("torch")
    if name == "gelu_tanh":
        return lambda x: torch.nn.functional.gelu(x, approximate="tanh")
    found = TORCH.get(name, name)
    return getattr(torch.nn.functional, found, None) or getattr(torch, found, None)


@cache
def _torch(name, gradient):
    torch = importlib.import_module("torch")
    function = torch_function(name)
    if function is None:
        return None
    if not gradient:
        return lambda x: function(torch.from_numpy(x)).numpy()

    def derivative(x):
        x = torch.from_numpy(x).requires_grad_()
        return torch.autograd.grad(function(x).sum(), x)[0].numpy()

    return derivative


def jax_function(name):
    """Return JAX's function of JAX arrays, not compiled; or None."""
    jax = importlib.import_module("jax")
    if name in ("gelu", "gelu_tanh"):
        return lambda x: jax.nn.gelu(x, approximate=name == "gelu_tanh")
    return getattr(jax.nn, JAX.get(name, name), None)


@cache
def _jax(name, gradient):
    jax = importlib.import_module("jax")
    function = jax_function(name)
    if function is None:
        return None
    return jax.jit(jax.vmap(jax.grad(function)) if gradient else function)
