"""The definitions of the sigmoids."""

from math import inf

from fastact._verify.definitions.definition import Definition, mp

SIGMOIDS = {
    "sigmoid": Definition(
        lambda x: 1 / (1 + mp.exp(-x)),
        border=-745.0,
        limits={"-inf": (0.0, 0.0), "-0": (0.5, 0.25), "+0": (0.5, 0.25), "+inf": (1.0, 0.0)},
    ),
    "log_sigmoid": Definition(
        lambda x: -mp.log1p(mp.exp(-x)),
        border=745.0,
        limits={
            "-inf": (-inf, 1.0),
            "-0": (-float(mp.log(2)), 0.5),
            "+0": (-float(mp.log(2)), 0.5),
            "+inf": (-0.0, 0.0),
        },
    ),
    "hard_sigmoid": Definition(
        lambda x, slope=None, offset=None: min(
            max(slope * x + offset if slope is not None else (x + 3) / 6, mp.zero), mp.one
        ),
        parameters=((), (0.25, 0.5), (0.2, 0.3), (-0.5, 1.5)),
        kinks=(-3.0, 3.0, -2.0, 2.0, -1.5, 3.5, 1.0),
        limits={"-inf": (0.0, 0.0), "-0": (0.5, 1 / 6), "+0": (0.5, 1 / 6), "+inf": (1.0, 0.0)},
    ),
    "sparse_sigmoid": Definition(
        lambda x: min(max((x + 1) / 2, mp.zero), mp.one),
        kinks=(-1.0, 1.0),
        limits={"-inf": (0.0, 0.0), "-0": (0.5, 0.5), "+0": (0.5, 0.5), "+inf": (1.0, 0.0)},
    ),
    "tanh": Definition(
        lambda x: mp.tanh(x),
        border=-20.0,
        limits={"-inf": (-1.0, 0.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (1.0, 0.0)},
    ),
    "hard_tanh": Definition(
        lambda x, low=-1, high=1: min(max(x, mp.mpf(low)), mp.mpf(high)),
        parameters=((), (-0.5, 2.0), (1.0, -1.0)),
        kinks=(-1.0, 1.0, -0.5, 2.0),
        limits={"-inf": (-1.0, 0.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (1.0, 0.0)},
    ),
    "softsign": Definition(
        lambda x: x / (1 + abs(x)),
        kinks=(0.0,),
        limits={"-inf": (-1.0, 0.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (1.0, 0.0)},
    ),
    "softcap": Definition(
        lambda x, cap: cap * mp.tanh(x / cap),
        parameters=((30.0,), (0.3,), (-2.0,)),
        border=-600.0,
        limits={"-inf": (-30.0, 0.0), "-0": (-0.0, 1.0), "+0": (0.0, 1.0), "+inf": (30.0, 0.0)},
    ),
    "step": Definition(
        lambda x, at=0: mp.one if x >= at else mp.zero,
        parameters=((), (0.5,), (-2.0,)),
        kinks=(0.0, 0.5, -2.0),
        limits={"-inf": (0.0, 0.0), "-0": (1.0, 0.0), "+0": (1.0, 0.0), "+inf": (1.0, 0.0)},
    ),
}
