"""The same functions in other installed libraries, for the commands `accuracy` and `bench`."""

import importlib
import importlib.metadata
import warnings
from functools import cache

import numpy as np

from fastact._core.dispatch import declarations
from fastact._verify import naive

LIBRARIES = ("numpy", "scipy", "torch", "jax")
SELU = (1.6732632423543772, 1.0507009873554805)  # alpha and scale


def versions(libraries=LIBRARIES):
    """Return the version of each library that is installed."""
    found = {}
    for library in libraries:
        try:
            found[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


@cache
def names_of(library):
    """Return what the strings of a library in `naive` may name."""
    return {"numpy": _of_numpy, "scipy": _of_scipy, "torch": _of_torch, "jax": _of_jax, "thinc": _of_thinc}[library]()


def _of_numpy():
    return {"np": np}


def _of_scipy():
    return {"special": importlib.import_module("scipy.special")}


def _of_torch():
    torch = importlib.import_module("torch")
    # nn has the functions with out= that torch.nn.functional calls, aten the backward kernels
    functions = {"F": torch.nn.functional, "nn": torch._C._nn, "aten": torch.ops.aten}
    return {"torch": torch, "SELU": SELU, **functions}


def _of_jax():
    return {"nn": importlib.import_module("jax").nn}


def _of_thinc():
    return {"ops": importlib.import_module("thinc.api").NumpyOps()}


def call(library, name, **operands):
    """
    Return a library's function, its arguments and its keywords.

    None if `naive` has no such call, or the installed version of the library no such function.
    """
    has_out = operands.get("out") is not None
    text = (has_out and naive.noted(f"{library}_out", name)) or naive.noted(library, name)
    if text is None:
        return None
    names = names_of(library) | operands | {"_separated": _separated}
    try:
        return eval(f"_separated({text})", names)
    except AttributeError:
        return None


def _separated(function, *arguments, **keywords):
    return function, arguments, {key: value for key, value in keywords.items() if value is not None}


def is_compared(name):
    """Whether `accuracy` measures other libraries: for functions of x alone that one of them has."""
    given = naive.parameters(name)
    known = any(naive.noted(library, name) for library in ("scipy", "torch", "jax"))
    return known and list(given) == ["x"] and name in declarations and declarations[name].is_public


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
    def without_warnings(x):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return function(x)

    return without_warnings


def _numpy(name, gradient):
    if not gradient:
        return getattr(naive, name, None)
    function = getattr(naive, f"{name}_grad", None)
    return function and (lambda x: function(x, np.ones_like(x)))


def _value(library, name, x):
    function, arguments, keywords = call(library, name, x=x, out=None)
    return function(*arguments, **keywords)


def _scipy(name, gradient):
    if gradient or call("scipy", name, x=np.zeros(1), out=None) is None:
        return None
    return lambda x: _value("scipy", name, x)


@cache
def _torch(name, gradient):
    torch = importlib.import_module("torch")
    if call("torch", name, x=torch.zeros(1), out=None) is None:
        return None
    if not gradient:
        return lambda x: _value("torch", name, torch.from_numpy(x)).numpy()

    def derivative(x):
        tensor = torch.from_numpy(x).requires_grad_()
        with torch.enable_grad():
            y = _value("torch", name, tensor)
            # constant functions have no graph
            return torch.autograd.grad(y.sum(), tensor)[0].numpy() if y.requires_grad else np.zeros_like(x)

    return derivative


@cache
def _jax(name, gradient):
    function = jax_function(name)
    if function is None:
        return None
    jax = importlib.import_module("jax")
    return jax.jit(jax.vmap(jax.grad(function)) if gradient else function)


def jax_function(name):
    """Return JAX's function of JAX arrays, not compiled; or None."""
    found = call("jax", name)
    return found and found[0]
