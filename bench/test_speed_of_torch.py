"""
The forward functions with `out=` beside PyTorch's, where PyTorch is installed; the same number of threads for both.

    pytest bench/test_speed_of_torch.py
"""

from functools import partial

import numpy as np
import pytest

import fastact
from fastact import _twins

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

SIZES = [16, 1024, 65_536, 1_048_576, 16_777_216]
aten = torch.ops.aten
PEERS = {
    "celu": aten.elu.out,
    "elu": aten.elu.out,
    "gelu": aten.gelu.out,
    "gelu_tanh": partial(aten.gelu.out, approximate="tanh"),
    "hard_sigmoid": aten.hardsigmoid.out,
    "hard_swish": aten.hardswish.out,
    "hard_tanh": aten.hardtanh.out,
    "hardshrink": aten.hardshrink.out,
    "leaky_relu": aten.leaky_relu.out,
    "log_sigmoid": aten.log_sigmoid.out,
    "mish": aten.mish.out,
    "relu": aten.relu.out,
    "sigmoid": torch.sigmoid,
    "silu": aten.silu.out,
    "softplus": aten.softplus.out,
    "softshrink": aten.softshrink.out,
    "tanh": torch.tanh,
}


@pytest.mark.parametrize("contestant", ["torch", "exact", "fast"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", PEERS)
def test_float32_out(benchmark, name, threads, size, contestant):
    benchmark.group = f"{name} float32 out= {size}, {threads} threads"
    (x,) = _twins.arguments(name, size, np.float32)
    out = np.empty_like(x)
    if contestant == "torch":
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        tensor, result = torch.from_numpy(x), torch.from_numpy(out)
        benchmark(lambda: PEERS[name](tensor, out=result))
        torch.set_num_threads(before)
    else:
        with fastact.precision(contestant), fastact.num_threads(threads):
            benchmark(lambda: getattr(fastact, name)(x, out=out))
