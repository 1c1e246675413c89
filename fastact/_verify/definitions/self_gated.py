"""The definitions of the self-gated functions."""

from math import inf

from fastact._verify.definitions.definition import Definition, mp

SELF_GATED = {
    "silu": Definition(
        lambda x: x / (1 + mp.exp(-x)),
        border=-745.0,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (inf, 1.0)},
    ),
    "swish": Definition(
        lambda x, beta=1: x / (1 + mp.exp(-beta * x)),
        parameters=((), (0.3,), (-2.5,)),
        border=-745.0,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (inf, 1.0)},
    ),
    "gelu": Definition(
        # mpmath's erfc has a limited range; Phi(-10000) is 1e-21715000
        lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2 if abs(x) < 10_000 else max(x, mp.zero),
        bounds=(1.5, 2.0, 4.0, 6.0),
        border=-38.6,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (inf, 1.0)},
    ),
    "gelu_tanh": Definition(
        lambda x: x / (1 + mp.exp(-2 * mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3))),
        border=-21.5,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (inf, 1.0)},
    ),
    "gelu_quick": Definition(
        lambda x: x / (1 + mp.exp(-mp.mpf("1.702") * x)),
        border=-437.0,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (inf, 1.0)},
    ),
    "mish": Definition(
        lambda x: x * mp.tanh(mp.log1p(mp.exp(x))),
        # numerator and denominator are sums of four terms, not all of them carried in two parts
        bounds=(2.0, 2.0, 4.0, 6.0),
        border=-745.0,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.6), "+0": (0.0, 0.6), "+inf": (inf, 1.0)},
    ),
    "hard_swish": Definition(
        lambda x: x * min(max(x + 3, mp.zero), mp.mpf(6)) / 6,
        kinks=(-3.0, 3.0),
        limits={"-inf": (-0.0, 0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (inf, 1.0)},
    ),
}
