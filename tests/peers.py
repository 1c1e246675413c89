"""What the comparisons with other libraries share: inputs, settings of parameters, and what each peer permits."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import fastact

SETTINGS = {
    "leaky_relu": ((), (0.3,), (-2.0,)),
    "threshold": ((1.0, -7.0), (-2.5, 0.0), (0.0, 0.3)),
    "thresholded_relu": ((), (0.5,), (-2.0,)),
    "elu": ((), (0.3,), (-2.5,)),
    "celu": ((), (0.3,), (2.5,)),
    "softplus": ((), (0.3,), (2.5,)),
    "squareplus": ((), (0.5,), (9.0,)),
    "swish": ((), (0.3,), (-2.5,)),
    "hard_sigmoid": ((), (0.2, 0.5), (0.25, 0.4)),
    "hard_tanh": ((), (-0.5, 2.0), (0.25, 3.0)),
    "softcap": ((30.0,), (1.5,), (0.25,)),
    "softshrink": ((), (0.0,), (2.0,)),
    "hardshrink": ((), (0.0,), (2.0,)),
}
EVERYWHERE = {np.float32: (-np.inf, np.inf), np.float64: (-np.inf, np.inf)}


@dataclass(frozen=True)
class Peer:
    """
    A peer's function of (x, *parameters) in its own arrays; by default it is right everywhere.

    `value` and `gradient` are tolerances in units of the dtype's epsilon: relative to the result, and absolute. Inputs
    outside `within` are left out. `kinks` are points where its gradient is ours, and which are tried beside the others.
    """

    function: Callable
    value: tuple = (8, 0)
    gradient: tuple = (16, 0)
    within: dict = None
    kinks: tuple = ()

    def inputs(self, dtype):
        rng = np.random.default_rng(7)
        largest = np.finfo(dtype).maxexp - 2
        magnitudes = np.exp2(np.concatenate([rng.uniform(-largest, largest, 40), rng.uniform(-40, 8, 80)]))
        x = np.concatenate([rng.normal(0, 3, 200), magnitudes * rng.choice([-1, 1], magnitudes.size), self.kinks])
        low, high = (self.within or EVERYWHERE)[dtype]
        return x[(low <= x) & (x <= high)].astype(dtype)


def cases(table):
    """Every function of a table with every setting of its parameters."""
    return [(name, parameters) for name in table for parameters in SETTINGS.get(name, ((),))]


def case_id(case):
    name, parameters = case
    return f"{name}{parameters}" if parameters else name


def assert_agrees(ours, theirs, tolerance, x=None):
    """Within a relative and an absolute tolerance in units of epsilon; subnormal results may be flushed to 0."""
    info = np.finfo(ours.dtype)
    relative, absolute = (float(t) * float(info.eps) for t in tolerance)
    assert np.asarray(theirs).dtype == ours.dtype
    np.testing.assert_allclose(ours, theirs, rtol=relative, atol=absolute + float(info.tiny), err_msg=str(x))


def random_like(x, seed=3):
    """The gradient that comes from the next layer."""
    return np.random.default_rng(seed).normal(size=np.shape(x)).astype(x.dtype)


def own(name, x, parameters=()):
    return getattr(fastact, name)(x, *map(x.dtype.type, parameters))


def own_grad(name, x, g, parameters=()):
    return getattr(fastact, f"{name}_grad")(x, g, *map(x.dtype.type, parameters))
