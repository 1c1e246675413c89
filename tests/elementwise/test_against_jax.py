"""Values and gradients of the elementwise functions compared with JAX's, where JAX is installed."""

import numpy as np
import pytest

from tests.support import peers
from tests.support.jax_calls import jnp, nn, value_and_gradients
from tests.support.peers import CANCELS, Peer

both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def hard_sigmoid(x, slope=None, offset=None):
    return nn.hard_sigmoid(x) if slope is None else jnp.clip(slope * x + offset, 0, 1)


def hard_tanh(x, low=None, high=None):
    return nn.hard_tanh(x) if low is None else jnp.clip(x, low, high)


# hard_tanh, sparse_sigmoid and leaky_relu have other gradients at their kinks: 1, 1/4 and the slope of positive x
PEERS = {
    "identity": Peer(nn.identity, kinks=(0,)),
    "relu": Peer(nn.relu, kinks=(0,)),
    "relu6": Peer(nn.relu6, kinks=(0, 6)),
    "relu2": Peer(lambda x: nn.relu(x) ** 2, kinks=(0,)),
    "leaky_relu": Peer(nn.leaky_relu),
    "elu": Peer(nn.elu, gradient=CANCELS, kinks=(0,)),
    "celu": Peer(nn.celu, gradient=CANCELS, kinks=(0,)),
    "selu": Peer(nn.selu, gradient=CANCELS, kinks=(0,)),
    "sigmoid": Peer(nn.sigmoid, gradient=CANCELS),
    "log_sigmoid": Peer(nn.log_sigmoid),
    "tanh": Peer(nn.tanh, gradient=CANCELS),
    "tanhshrink": Peer(lambda x: x - jnp.tanh(x), value=CANCELS, gradient=CANCELS),
    "softsign": Peer(nn.soft_sign, gradient=CANCELS),
    # the rounding error of beta * x is a relative error of the exponential, here, in swish and in gelu_quick
    "softplus": Peer(lambda x, beta=1.0: nn.softplus(beta * x) / beta, (64, 0), (64, 0), within=(-30, np.inf)),
    # x^2 overflows for large x; for x < 0 the value is the difference of two numbers as large as |x|
    "squareplus": Peer(nn.squareplus, value=CANCELS, gradient=CANCELS, within=(-8, 1e18)),
    "sparse_plus": Peer(nn.sparse_plus, kinks=(-1, 1)),
    "sparse_sigmoid": Peer(nn.sparse_sigmoid),
    # 0 in float32 where the sigmoid is subnormal
    "silu": Peer(nn.silu, gradient=CANCELS, within=(-80, np.inf)),
    "swish": Peer(lambda x, beta=1.0: x * nn.sigmoid(beta * x), (64, 0), (64, 16), within=(-30, 30)),
    "hard_sigmoid": Peer(hard_sigmoid, kinks=(-3, 3)),
    "hard_swish": Peer(nn.hard_swish, gradient=CANCELS, kinks=(-3, 3)),
    "hard_tanh": Peer(hard_tanh),
    "gelu": Peer(lambda x: nn.gelu(x, approximate=False), value=CANCELS, gradient=CANCELS),
    # the gradient multiplies 1 - tanh^2, a difference, by x^3; this overflows far out, and makes it NaN
    "gelu_tanh": Peer(nn.gelu, CANCELS, (16, 64), within=(-1e12, 1e12)),
    "gelu_quick": Peer(lambda x: x * nn.sigmoid(1.702 * x), (64, 0), (64, 16), within=(-30, 30)),
    "mish": Peer(nn.mish, gradient=CANCELS, within=(-80, np.inf)),
    "softcap": Peer(lambda x, cap: cap * jnp.tanh(x / cap), gradient=CANCELS),
}
GATED = {
    "swiglu": lambda gate, up: nn.silu(gate) * up,
    "geglu": lambda gate, up: nn.gelu(gate, approximate=False) * up,
    "geglu_tanh": lambda gate, up: nn.gelu(gate) * up,
    "reglu": lambda gate, up: nn.relu(gate) * up,
}


@both_dtypes
@pytest.mark.parametrize("case", peers.cases(PEERS), ids=peers.case_id)
def test_values_and_gradients_agree(case, dtype):
    peers.assert_elementwise_agrees(case, PEERS[case[0]], value_and_gradients, dtype)


@both_dtypes
def test_gated_units_and_all_their_gradients_agree(dtype):
    peers.assert_gated_units_agree(GATED, nn.glu, value_and_gradients, dtype)
