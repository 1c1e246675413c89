"""The definitions of the shrink functions."""

from math import inf

from fastact._verify.definitions.definition import Definition, mp

SHRINKS = {
    "softshrink": Definition(
        lambda x, lambd=0.5: mp.sign(x) * max(abs(x) - lambd, mp.zero),
        parameters=((), (0.0,), (2.0,)),
        kinks=(0.5, -0.5, 0.0, 2.0, -2.0),
        limits={"-inf": (-inf, 1.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (inf, 1.0)},
    ),
    "hardshrink": Definition(
        lambda x, lambd=0.5: x if abs(x) > lambd else mp.zero,
        parameters=((), (0.0,), (2.0,)),
        kinks=(0.5, -0.5, 0.0, 2.0, -2.0),
        limits={"-inf": (-inf, 1.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (inf, 1.0)},
    ),
    "shrink": Definition(
        lambda x, lambd=0.5, bias=0: x - mp.sign(x) * bias if abs(x) > lambd else mp.zero,
        parameters=((), (1.0, 0.25), (2.0, -1.5)),
        kinks=(0.5, -0.5, 1.0, -1.0, 2.0, -2.0),
        limits={"-inf": (-inf, 1.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (inf, 1.0)},
    ),
    "tanhshrink": Definition(
        lambda x: x - mp.tanh(x),
        limits={"-inf": (-inf, 1.0), "-0": (-0.0, 0.0), "+0": (0.0, 0.0), "+inf": (inf, 1.0)},
    ),
}
