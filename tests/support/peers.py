"""What the comparisons with other libraries share: settings of parameters, inputs, and what a peer permits."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import fastact

# the empty setting compares the defaults of both
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
# a tolerance for results that the peer takes as a difference of larger numbers, such as the gradient 1 - tanh(x)^2: it
# is right to some epsilons of these numbers, and where the result vanishes no digit of it is
CANCELS = (16, 16)


@dataclass(frozen=True)
class Peer:
    """
    A peer's function of (x, *parameters), in its own arrays.

    `value` and `gradient` are tolerances in units of the dtype's epsilon, relative and absolute; in those of
    `gradient_type` where the gradient is computed with constants of a lower type. The peer is right for x `within` two
    bounds, and at the `kinks` its gradient is ours: others are left out.
    """

    function: Callable
    value: tuple = (8, 0)
    gradient: tuple = (16, 0)
    within: tuple = (-np.inf, np.inf)
    kinks: tuple = ()
    gradient_type: type = None

    def inputs(self, dtype):
        rng = np.random.default_rng(7)
        # up to the ends of the range, but no intermediate such as x / 30 becomes subnormal: JAX makes these 0
        largest = np.finfo(dtype).maxexp - 2
        exponents = np.concatenate([rng.uniform(-0.8 * largest, largest, 40), rng.uniform(-40, 8, 80)])
        x = np.exp2(exponents) * rng.choice([-1, 1], exponents.size)
        x = np.concatenate([x, rng.normal(0, 3, 200), self.kinks])
        return x[(self.within[0] <= x) & (x <= self.within[1])].astype(dtype)


def cases(table):
    """Every function of a table with every setting of its parameters."""
    return [(name, parameters) for name in table for parameters in SETTINGS.get(name, ((),))]


def case_id(case):
    name, parameters = case
    return f"{name}{parameters}" if parameters else name


def random_like(x, seed=3):
    """A gradient that comes from the next layer."""
    return np.random.default_rng(seed).normal(size=x.shape).astype(x.dtype)


def assert_agree(ours, theirs, tolerance=(8, 0), epsilon_of=None, context=""):
    """Agreement to a tolerance in epsilons, relative and absolute; a peer may make subnormal numbers 0."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert theirs.dtype == ours.dtype
    assert theirs.shape == ours.shape
    relative, absolute = (float(t * np.finfo(epsilon_of or ours.dtype).eps) for t in tolerance)
    np.testing.assert_allclose(
        ours, theirs, rtol=relative, atol=absolute + float(np.finfo(ours.dtype).tiny), err_msg=str(context)
    )


def assert_elementwise_agrees(case, peer, value_and_gradients, dtype):
    """`value_and_gradients` calls a peer with NumPy arrays."""
    name, parameters = case
    x = peer.inputs(dtype)
    g = random_like(x)
    parameters = [dtype(p) for p in parameters]
    value, (gradient,) = value_and_gradients(lambda v: peer.function(v, *map(float, parameters)), g, x)
    assert_agree(getattr(fastact, name)(x, *parameters), value, peer.value)
    assert_agree(getattr(fastact, f"{name}_grad")(x, g, *parameters), gradient, peer.gradient, peer.gradient_type)


def assert_gated_units_agree(functions, glu, value_and_gradients, dtype):
    """The gradients with respect to both operands, too; glu along every axis."""
    for name, function in functions.items():
        gate, up = np.random.default_rng(0).normal(0, 2, (2, 500)).astype(dtype)
        g = random_like(gate)
        value, gradients = value_and_gradients(function, g, gate, up)
        assert_agree(getattr(fastact, name)(gate, up), value, CANCELS, context=name)
        for own, theirs in zip(getattr(fastact, f"{name}_grad")(gate, up, g), gradients, strict=True):
            # up to 4 in size, and JAX's slope of geglu_tanh is x^3 times a difference
            assert_agree(own, theirs, (16, 64), context=name)
    for spread, axis in itertools.product((1, 30), (-1, 0, 1)):
        assert_along_axis_agrees("glu", glu, value_and_gradients, axis, spread, dtype)


def assert_along_axis_agrees(name, function, value_and_gradients, axis, spread, dtype):
    """For functions of (x, axis)."""
    x = np.random.default_rng(0).normal(0, spread, (4, 6, 40)).astype(dtype)
    own = getattr(fastact, name)(x, axis)
    g = random_like(own)
    value, (gradient,) = value_and_gradients(lambda v: function(v, axis), g, x)
    # e^x has the rounding error of x as a relative one, and the logarithm is a difference of numbers: both up to 100
    tolerance = CANCELS if spread == 1 else (64, 64)
    assert_agree(own, value, tolerance)
    assert_agree(getattr(fastact, f"{name}_grad")(x, g, axis), gradient, tolerance)
