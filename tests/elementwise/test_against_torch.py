"""Values and gradients of the elementwise functions compared with PyTorch's, where PyTorch is installed."""

import numpy as np
import pytest

import fastact
from tests.support import peers
from tests.support.peers import CANCELS, Peer, assert_agree, random_like
from tests.support.torch_calls import F, torch, value_and_gradients

both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def hard_sigmoid(x, slope=None, offset=None):
    return F.hardsigmoid(x) if slope is None else torch.clamp(slope * x + offset, 0, 1)


GATED = {
    "swiglu": lambda gate, up: F.silu(gate) * up,
    "geglu": lambda gate, up: F.gelu(gate) * up,
    "geglu_tanh": lambda gate, up: F.gelu(gate, approximate="tanh") * up,
    "reglu": lambda gate, up: F.relu(gate) * up,
}
PEERS = {
    "identity": Peer(lambda x: x.clone(), kinks=(0,)),
    "relu": Peer(F.relu, kinks=(0,)),
    "relu6": Peer(F.relu6, kinks=(0, 6)),
    "relu2": Peer(lambda x: F.relu(x) ** 2, kinks=(0,)),
    "leaky_relu": Peer(F.leaky_relu, kinks=(0,)),
    "threshold": Peer(F.threshold, kinks=(1, -2.5, 0)),
    "thresholded_relu": Peer(lambda x, alpha=1.0: F.threshold(x, alpha, 0.0), kinks=(1, 0.5, -2)),
    "elu": Peer(F.elu, kinks=(0,)),
    # the gradient takes 1 / alpha in float32, also for float64
    "celu": Peer(F.celu, gradient=CANCELS, gradient_type=np.float32, kinks=(0,)),
    "selu": Peer(F.selu, kinks=(0,)),
    "sigmoid": Peer(torch.sigmoid, gradient=CANCELS),
    "log_sigmoid": Peer(F.logsigmoid),
    "tanh": Peer(torch.tanh, gradient=CANCELS),
    "tanhshrink": Peer(F.tanhshrink, value=CANCELS, gradient=CANCELS),
    "softsign": Peer(F.softsign, gradient=CANCELS, kinks=(0,)),
    # its default threshold makes it x from 20 / beta on, 2e-9 too small; without one e^(beta x) overflows. The rounding
    # error of beta * x is a relative error of the exponential, here and in the next ones
    "softplus": Peer(lambda x, beta=1.0: F.softplus(x, beta, 1e30), value=(64, 0), gradient=(64, 0), within=(-30, 30)),
    # 0 in float32 where the sigmoid is subnormal
    "silu": Peer(F.silu, gradient=CANCELS, within=(-80, np.inf)),
    "swish": Peer(lambda x, beta=1.0: x * torch.sigmoid(beta * x), (64, 0), (64, 16), within=(-30, 30)),
    # the gradient has 1/6 in float32, also for float64
    "hard_sigmoid": Peer(hard_sigmoid, gradient_type=np.float32, kinks=(-3, 3)),
    "hard_swish": Peer(F.hardswish, gradient=CANCELS, kinks=(-3, 3)),
    "hard_tanh": Peer(F.hardtanh, kinks=(-1, 1, -0.5, 2, 0.25, 3)),
    "gelu": Peer(F.gelu, value=CANCELS, gradient=CANCELS),
    # x^3 overflows far out, and makes the gradient NaN
    "gelu_tanh": Peer(lambda x: F.gelu(x, approximate="tanh"), CANCELS, CANCELS, within=(-1e12, 1e12)),
    "gelu_quick": Peer(lambda x: x * torch.sigmoid(1.702 * x), (64, 0), (64, 16), within=(-30, 30)),
    "mish": Peer(F.mish, gradient=CANCELS),
    "softcap": Peer(lambda x, cap: cap * torch.tanh(x / cap), gradient=CANCELS),
    "softshrink": Peer(F.softshrink, kinks=(0.5, -0.5, 0, 2, -2)),
    "hardshrink": Peer(F.hardshrink, kinks=(0.5, -0.5, 0, 2, -2)),
}


@both_dtypes
@pytest.mark.parametrize("case", peers.cases(PEERS), ids=peers.case_id)
def test_values_and_gradients_agree(case, dtype):
    peers.assert_elementwise_agrees(case, PEERS[case[0]], value_and_gradients, dtype)


@both_dtypes
@pytest.mark.parametrize("weight", [0.25, 0.0, [0.1, -2.0, 1.5]])
def test_prelu_with_one_weight_or_one_for_each_channel_of_axis_1(weight, dtype):
    x = np.random.default_rng(0).normal(size=(4, 3, 5, 6)).astype(dtype)
    x[0, :, 0] = 0
    g, weight = random_like(x), np.atleast_1d(weight).astype(dtype)
    value, (dx, dweight) = value_and_gradients(F.prelu, g, x, weight)
    own_weight = weight[:, None, None]
    assert_agree(fastact.prelu(x, own_weight), value)
    own_dx, own_dweight = fastact.prelu_grad(x, g, own_weight)
    assert_agree(own_dx, dx)
    # sums of 120 terms of both signs and more, in another order
    own_dweight = own_dweight.sum((0, 2, 3) if weight.size > 1 else None).reshape(weight.shape)
    assert_agree(own_dweight, dweight, (64, 512))


@both_dtypes
@pytest.mark.parametrize("alpha", [6.0, 1.0, 0.3])
def test_pact_with_its_two_gradients(alpha, dtype):
    x = np.random.default_rng(0).normal(0, 3, 400).astype(dtype)
    g, alpha = random_like(x), np.full_like(x, alpha)
    value, gradients = value_and_gradients(lambda x, alpha: torch.minimum(F.relu(x), alpha), g, x, alpha)
    assert_agree(fastact.pact(x, alpha), value)
    for own, theirs in zip(fastact.pact_grad(x, g, alpha), gradients, strict=True):
        assert_agree(own, theirs)


@both_dtypes
def test_gated_units_and_all_their_gradients_agree(dtype):
    peers.assert_gated_units_agree(GATED, F.glu, value_and_gradients, dtype)
