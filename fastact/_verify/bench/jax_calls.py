"""JAX: functions compiled by `jit`, gradients from `vjp`. JAX has neither `out=` nor strided arrays."""

from functools import cache, partial

import jax
import jax.numpy as jnp

from fastact._verify import peers
from fastact._verify.bench.contestants import Call


def call(cell, inputs):
    if cell.layout not in ("out=", "allocating") or (cell.dtype == "float64" and not jax.config.jax_enable_x64):
        return None
    function = _compiled(cell.name, cell.kind, cell.axis)
    if function is None:
        return None
    arrays = [jnp.asarray(a) for a in inputs.arguments if hasattr(a, "shape")]
    if len(arrays) < len(inputs.arguments):  # parameters that JAX's functions do not have
        return None
    return Call(lambda *arrays: jax.block_until_ready(function(*arrays)), arrays)


@cache
def _compiled(name, kind, axis):
    if name.endswith("_and_hess"):
        return None
    if kind == "cross-entropy":
        loss = _cross_entropy(axis)
        return jax.jit(jax.value_and_grad(loss) if name.endswith("_value_and_grad") else loss)
    if name.endswith(("_from_output", "_value_and_grad")):
        return None
    function = peers.jax_function(name.removesuffix("_grad"))
    if function is None:
        return None
    if kind == "rows":
        function = partial(function, axis=axis)
    if not name.endswith("_grad"):
        return jax.jit(function)

    def gradient(*operands):
        *operands, g = operands
        gradients = jax.vjp(function, *operands)[1](g)
        return gradients if len(gradients) > 1 else gradients[0]

    return jax.jit(gradient)


def _cross_entropy(axis):
    """Return a function for the mean loss of class labels, which JAX does not have."""

    def loss(logits, target):
        chosen = jnp.take_along_axis(jax.nn.log_softmax(logits, axis), jnp.expand_dims(target, axis), axis)
        return -chosen.mean()

    return loss
