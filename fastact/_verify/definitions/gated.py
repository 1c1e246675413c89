"""The definitions of the gated units."""

from math import inf

from fastact._verify.definitions.definition import Definition, mp
from fastact._verify.definitions.self_gated import SELF_GATED

GATED = {
    "glu": Definition(
        lambda values, gate: values / (1 + mp.exp(-gate)),
        parameters=((0.0,), (0.3,), (-80.0,)),
        gated=True,
        limits={"-inf": (-inf, 0.5), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (inf, 0.5)},
    ),
    "swiglu": Definition(
        lambda gate, up: up * gate / (1 + mp.exp(-gate)),
        parameters=((1.0,), (0.3,), (-2.5,)),
        gated=True,
        # products of two rounded numbers: in float32, and in the gradient with respect to gate
        bounds=(1.0, 2.5, 4.5, 6.5),
        border=-745.0,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (inf, 1.0)},
    ),
    "geglu": Definition(
        lambda gate, up: up * SELF_GATED["gelu"].value(gate),
        parameters=((1.0,), (0.3,), (-2.5,)),
        gated=True,
        bounds=(1.0, 2.5, 4.5, 6.5),
        border=-38.6,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (inf, 1.0)},
    ),
    "geglu_tanh": Definition(
        lambda gate, up: up * SELF_GATED["gelu_tanh"].value(gate),
        parameters=((1.0,), (0.3,), (-2.5,)),
        gated=True,
        bounds=(1.0, 2.5, 4.5, 6.5),
        border=-21.5,
        limits={"-inf": (-0.0, -0.0), "-0": (-0.0, 0.5), "+0": (0.0, 0.5), "+inf": (inf, 1.0)},
    ),
    "reglu": Definition(
        lambda gate, up: up * max(gate, mp.zero),
        parameters=((1.0,), (0.3,), (-2.5,)),
        kinks=(0.0,),
        gated=True,
        limits={"-inf": (0.0, 0.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (inf, 1.0)},
    ),
}
