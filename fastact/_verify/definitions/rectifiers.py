"""The definitions of the rectifiers."""

from math import inf

from fastact._verify.definitions.definition import Definition, mp

SELU_SCALE, SELU_ALPHA = mp.mpf("1.0507009873554804934"), mp.mpf("1.6732632423543772848")

RECTIFIERS = {
    "identity": Definition(
        lambda x: x,
        limits={"-inf": (-inf, 1.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (inf, 1.0)},
    ),
    "relu": Definition(
        lambda x: max(x, mp.zero),
        kinks=(0.0,),
        limits={"-inf": (0.0, 0.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (inf, 1.0)},
    ),
    "relu6": Definition(
        lambda x: min(max(x, mp.zero), mp.mpf(6)),
        kinks=(0.0, 6.0),
        limits={"-inf": (0.0, 0.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (6.0, 0.0)},
    ),
    "relu2": Definition(
        lambda x: max(x, mp.zero) ** 2,
        kinks=(0.0,),
        limits={"-inf": (0.0, 0.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (inf, inf)},
    ),
    "leaky_relu": Definition(
        lambda x, s="0.01": x if x > 0 else x * mp.mpf(s),
        parameters=((0.01,), (0.3,), (0.0,), (-2.0,)),
        kinks=(0.0,),
        limits={"-inf": (-inf, 0.01), "-0": (-0.0, 0.01), "+0": (0.0, 0.01), "+inf": (inf, 1.0)},
    ),
    "prelu": Definition(
        lambda x, weight: x if x > 0 else weight * x,
        parameters=((0.25,), (0.3,), (-2.0,)),
        kinks=(0.0,),
        limits={"-inf": (-inf, 0.25), "-0": (-0.0, 0.25), "+0": (0.0, 0.25), "+inf": (inf, 1.0)},
    ),
    "pact": Definition(
        lambda x, alpha: min(max(x, mp.zero), alpha),
        parameters=((6.0,), (0.3,), (-2.0,)),
        kinks=(0.0, 6.0, 0.3),
        limits={"-inf": (0.0, 0.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (6.0, 0.0)},
    ),
    "threshold": Definition(
        lambda x, at, value: x if x > at else mp.mpf(value),
        parameters=((1.0, -7.0), (-2.5, 0.0), (0.0, 0.3)),
        kinks=(1.0, -2.5, 0.0),
        limits={"-inf": (-7.0, 0.0), "-0": (-7.0, 0.0), "+0": (-7.0, 0.0), "+inf": (inf, 1.0)},
    ),
    "thresholded_relu": Definition(
        lambda x, alpha=1: x if x > alpha else mp.zero,
        parameters=((), (0.5,), (-2.0,)),
        kinks=(1.0, 0.5, -2.0),
        limits={"-inf": (0.0, 0.0), "-0": (0.0, 0.0), "+0": (0.0, 0.0), "+inf": (inf, 1.0)},
    ),
    "elu": Definition(
        lambda x, alpha=1: x if x > 0 else alpha * mp.expm1(x),
        parameters=((), (0.3,), (-2.5,)),
        kinks=(0.0,),
        border=-745.0,
        limits={"-inf": (-1.0, 0.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (inf, 1.0)},
    ),
    "celu": Definition(
        lambda x, alpha=1: x if x > 0 else alpha * mp.expm1(x / alpha),
        parameters=((), (0.3,), (4.0,), (-2.5,)),
        kinks=(0.0,),
        border=-745.0,
        limits={"-inf": (-1.0, 0.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (inf, 1.0)},
    ),
    "selu": Definition(
        lambda x: SELU_SCALE * (x if x > 0 else SELU_ALPHA * mp.expm1(x)),
        kinks=(0.0,),
        border=-745.0,
        limits={
            "-inf": (-float(SELU_SCALE * SELU_ALPHA), 0.0),
            "-0": (-0.0, float(SELU_SCALE * SELU_ALPHA)),
            "+0": (0.0, float(SELU_SCALE * SELU_ALPHA)),
            "+inf": (inf, float(SELU_SCALE)),
        },
    ),
    "softplus": Definition(
        lambda x, beta=1: mp.log1p(mp.exp(beta * x)) / beta,
        parameters=((), (0.3,), (-2.5,)),
        border=-745.0,
        limits={
            "-inf": (0.0, 0.0),
            "-0": (float(mp.log(2)), 0.5),
            "+0": (float(mp.log(2)), 0.5),
            "+inf": (inf, 1.0),
        },
    ),
    "squareplus": Definition(
        lambda x, b=4: (x + mp.sqrt(x * x + b)) / 2,
        parameters=((), (0.3,), (1e-6,)),
        limits={"-inf": (0.0, 0.0), "-0": (1.0, 0.5), "+0": (1.0, 0.5), "+inf": (inf, 1.0)},
    ),
    "sparse_plus": Definition(
        lambda x: mp.zero if x <= -1 else x if x >= 1 else (x + 1) ** 2 / 4,
        kinks=(-1.0, 1.0),
        limits={"-inf": (0.0, 0.0), "-0": (0.25, 0.5), "+0": (0.25, 0.5), "+inf": (inf, 1.0)},
    ),
}
