"""
Derive every polynomial and rational of the kernels: print coefficients, interval, weight and the error reached.

    pip install mpmath
    python tools/coefficients.py            all of them, some seconds
    python tools/coefficients.py tanh       those whose name contains a word

The error is that after the rounding of the coefficients to the type they are used in. The exit status is 1 if one of
them is not in fastact/_core/kernels as printed.
"""

import sys
from pathlib import Path

from minimax import crowded_points, evaluate, mp, polynomial, polynomial_rounded, rational, rounded

SOURCES = "\n".join(path.read_text() for path in (Path(__file__).parents[1] / "fastact/_core/kernels").rglob("*.pxi"))
missing = []

HALF_LN2 = mp.log(2) / 2 * (1 + mp.mpf(2) ** -8)  # with room for the rounding of x / ln 2


def exp_tail(r):
    """(e^r - 1 - r) / r^2"""
    return mp.mpf(1) / 2 + r / 6 if abs(r) < mp.mpf("1e-12") else (mp.expm1(r) - r) / r**2


def exp_error(tail):
    return lambda r: (1 + r + r * r * evaluate(tail, r)) / mp.exp(r) - 1


def exp_tail_of(degree, bits):
    def weight(r):
        return r * r / mp.exp(r) + mp.mpf(10) ** -30

    if bits == 24:
        return polynomial_rounded(exp_tail, weight, -HALF_LN2, HALF_LN2, degree - 2, bits)
    return [rounded(c, bits) for c in polynomial(exp_tail, weight, -HALF_LN2, HALF_LN2, degree - 2)]


def show(name, coefficients, error, low, high, digits=17):
    worst = max(abs(error(x)) for x in crowded_points(mp.mpf(low), mp.mpf(high), 2001))
    print(f"{name}, [{mp.nstr(low, 5)}, {mp.nstr(high, 5)}], error 2^{float(mp.log(worst, 2)):.2f}")
    for label, values in coefficients.items():
        texts = [f"{float(v):.{digits}g}" for v in values]
        print(f"    {label}: " + ", ".join(texts))
        missing.extend(t for t in texts if "." in t and t not in SOURCES)


def exp_float():
    tail = exp_tail_of(6, 24)
    show("exp_tail, float: relative error of e^r", {"c": tail}, exp_error(tail), -HALF_LN2, HALF_LN2, 9)


def exp_double():
    tail = exp_tail_of(9, 53)
    show("exp_tail, double: relative error of e^r", {"c": tail}, exp_error(tail), -HALF_LN2, HALF_LN2)


def exp_short():
    tail = exp_tail_of(8, 53)
    show("exp_short, double: relative error of e^r", {"c": tail}, exp_error(tail), -HALF_LN2, HALF_LN2)


def exp_full():
    tail = exp_tail_of(12, 53)
    show("exp_tail_full: relative error of e^r", {"c": tail}, exp_error(tail), -HALF_LN2, HALF_LN2)


def exp_quotient():
    """e^r = (Q + P) / (Q - P) with tanh(r/2) = P / Q, P = r p(r^2), Q = q(r^2)."""

    def f(u):
        return mp.mpf(1) / 2 - u / 24 if u < mp.mpf("1e-30") else mp.tanh(mp.sqrt(u) / 2) / mp.sqrt(u)

    def weight(u):
        r = mp.sqrt(u) + mp.mpf("1e-12")
        return 2 * r / (1 - mp.tanh(r / 2) ** 2)

    p, q = rational(f, weight, 0, HALF_LN2**2, 2, 2, crowds=["0.2"])
    p, q = [rounded(c, 53) for c in p], [rounded(c, 53) for c in q]

    def error(r):
        above, below = r * evaluate(p, r * r), evaluate(q, r * r)
        return (below + above) / (below - above) / mp.exp(r) - 1

    show("exp_quotient: relative error of e^r", {"p": p, "q": q}, error, -HALF_LN2, HALF_LN2)


def exp_quotient_full():
    """e^2h = (Q + P) / (Q - P) with tanh(h) = P / Q, P = h + h^3 p(h^2), Q = 1 + h^2 q(h^2)."""

    def f(v):
        return 1 - v / 3 if v < mp.mpf("1e-30") else mp.tanh(mp.sqrt(v)) / mp.sqrt(v)

    def weight(v):
        h = mp.sqrt(v) + mp.mpf("1e-12")
        return 2 * h / (1 - mp.tanh(h) ** 2)

    p, q = rational(f, weight, 0, (HALF_LN2 / 2) ** 2, 3, 2, crowds=["0.05"])
    p, q = [mp.one, *(rounded(c, 53) for c in p[1:])], [rounded(c, 53) for c in q]

    def error(h):
        above, below = h * evaluate(p, h * h), evaluate(q, h * h)
        return (below + above) / (below - above) / mp.exp(2 * h) - 1

    coefficients = {"p": p[1:], "q": q[1:]}
    show("exp_quotient_in_parts: relative error of e^2h", coefficients, error, -HALF_LN2 / 2, HALF_LN2 / 2)


def log1p_over_u(u):
    return mp.one if u == 0 else mp.log1p(u) / u


def log1p_float():
    c = polynomial_rounded(log1p_over_u, lambda u: 1 / log1p_over_u(u), 0, 1, 9, 24, fixed=(mp.one,))
    show(
        "log1p_quotient, float: relative error of u + u^2 c(u)",
        {"c": c[1:]},
        lambda u: evaluate(c, u) / log1p_over_u(u) - 1,
        0,
        1,
        9,
    )


def log1p_double():
    p, q = rational(log1p_over_u, lambda u: 1 / log1p_over_u(u), 0, 1, 5, 5, crowds=["1.5"])
    p, q = [rounded(c, 53) for c in p], [rounded(c, 53) for c in q]
    show(
        "log1p_quotient, double: relative error of u p(u) / q(u)",
        {"p": p, "q": q},
        lambda u: evaluate(p, u) / evaluate(q, u) / log1p_over_u(u) - 1,
        0,
        1,
    )


def log1p_remainder():
    """R(z) = (2 atanh(s) / s - 2) / z, z = s^2; its error counts times s z, relative to log(1 + f) of about 2 s."""
    high = (mp.sqrt(2) - 1) ** 2 / (mp.sqrt(2) + 1) ** 2 * mp.mpf("1.01")

    def f(z):
        return mp.mpf(2) / 3 + 2 * z / 5 if z < mp.mpf("1e-25") else (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z

    c = [rounded(v, 53) for v in polynomial(f, lambda z: z + mp.mpf("1e-9"), 0, high, 6)]
    show(
        "log1p_remainder: error of R(z) relative to log(1 + f)",
        {"c": c},
        lambda z: z * (evaluate(c, z) - f(z)) / 2,
        0,
        high,
    )


def tanh_double():
    """tanh(a) = a p(u) / q(u), u = a^2."""

    def f(u):
        return 1 - u / 3 if u < mp.mpf("1e-30") else mp.tanh(mp.sqrt(u)) / mp.sqrt(u)

    high = mp.mpf("9.02") ** 2
    p, q = rational(f, lambda u: 1 / f(u), 0, high, 6, 6, crowds=range(2, 12))
    p, q = [rounded(c, 53) for c in p], [rounded(c, 53) for c in q]
    show(
        "tanh_core, double: relative error, u = a^2",
        {"p": p, "q": q},
        lambda u: evaluate(p, u) / evaluate(q, u) / f(u) - 1,
        0,
        high,
    )


SQRT_2PI = mp.sqrt(2 * mp.pi)


def mills(a):
    """e^(a^2/2) erfc(a / sqrt 2) / 2: the normal tail over the density, times 1 / sqrt(2 pi)."""
    z = mp.mpf(a) / mp.sqrt(2)
    return mp.exp(z * z) * mp.erfc(z) / 2


def gelu_double():
    """R(a) = p / q, the tail Phi(-a) = R(a) e^(-a^2/2)."""
    p, q = rational(mills, lambda a: 1 / mills(a), 0, mp.mpf("14.5"), 7, 8, crowds=[2, 3, 4])
    p[0] = mp.mpf("0.5")  # so that x / 2 is exact where it decides a tie; it was off by 2^-47
    p, q = [rounded(c, 53) for c in p], [rounded(c, 53) for c in q]
    show(
        "gelu, double for floats: relative error of R",
        {"p": p, "q": q},
        lambda a: evaluate(p, a) / evaluate(q, a) / mills(a) - 1,
        0,
        mp.mpf("14.5"),
    )


def gelu_grad_double():
    """R(a) - a / sqrt(2 pi) = (a0 - a) S(a), with the root a0 divided out."""
    root = mp.findroot(lambda a: mills(a) - a / SQRT_2PI, 0.75)
    high = float(root)
    print(f"root of gelu': {high!r}, {float(root - mp.mpf(high))!r}")

    def f(a):
        a = root + mp.mpf("1e-20") if abs(a - root) < mp.mpf("1e-20") else a
        return (mills(a) - a / SQRT_2PI) / (root - a)

    p, q = rational(f, lambda a: 1 / f(a), 0, mp.mpf(20), 8, 8, crowds=[1, 2, 3])
    p, q = [rounded(c, 53) for c in p], [rounded(c, 53) for c in q]
    show(
        "gelu_grad, double for floats: relative error of S",
        {"p": p, "q": q},
        lambda a: evaluate(p, a) / evaluate(q, a) / f(a) - 1,
        0,
        mp.mpf(20),
    )


def gelu_grad_near_root():
    """gelu'(-a) = (a0 - a) P(d), d = 0.7517915246935645 - a, a0 the root. The first coefficient has two parts."""
    root = mp.findroot(lambda a: mills(a) - a / SQRT_2PI, 0.75)

    def f(d):
        a = float(root) - d
        a = root + mp.mpf("1e-20") if abs(a - root) < mp.mpf("1e-20") else a
        return (mills(a) - a / SQRT_2PI) * mp.exp(-a * a / 2) / (root - a)

    high = mp.mpf("0.1875")
    first, *c = polynomial(f, lambda d: 1 / f(d), -high, high, 12)
    parts = rounded(first, 53), rounded(first - rounded(first, 53), 53)
    c = [sum(parts), *(rounded(v, 53) for v in c)]
    show(
        "gelu_grad, float64 near the root: relative error of P",
        {"c0": parts, "c": c[1:]},
        lambda d: evaluate(c, d) / f(d) - 1,
        -high,
        high,
    )


def gelu_denominator(degrees, high, bits, digits, name, shift=0):
    """1 / R(a) = 2 + a (sqrt(2 pi) - shift - T(a)), T = p / q: its error counts as far as it changes R."""

    def f(a):
        a = max(a, mp.mpf("1e-20"))
        return SQRT_2PI - shift - (1 / mills(a) - 2) / a

    def weight(a):
        return (a + mp.mpf("1e-9")) * mills(a)

    p, q = rational(f, weight, 0, mp.mpf(high), *degrees, crowds=[1, 2, 3])
    p, q = [rounded(c, bits) for c in p], [rounded(c, bits) for c in q]
    show(
        name,
        {"p": p, "q": q},
        lambda a: weight(a) * (evaluate(p, a) / evaluate(q, a) - f(a)),
        0,
        mp.mpf(high),
        digits,
    )


def gelu_float():
    gelu_denominator((3, 4), "14.5", 24, 9, "gelu, float: error of T relative to R")


def gelu_full():
    gelu_denominator((10, 10), "38.7", 53, 17, "gelu, float64: error of T relative to R", shift=mp.mpf("0.25"))


def shrink_over_cube(u):
    """(a - tanh(a)) / a^3, u = a^2"""
    a = mp.sqrt(u)
    return mp.mpf(1) / 3 - 2 * u / 15 if u < mp.mpf("1e-18") else (a - mp.tanh(a)) / a**3


def tanhshrink_float():
    f = shrink_over_cube
    c = polynomial_rounded(f, lambda u: 1 / f(u), 0, 1, 7, 24)
    show("tanhshrink, float: relative error, u = a^2", {"c": c}, lambda u: evaluate(c, u) / f(u) - 1, 0, 1, 9)


def tanhshrink_double():
    f = shrink_over_cube
    high = mp.mpf(14) ** 2
    p, q = rational(f, lambda u: 1 / f(u), 0, high, 6, 7, crowds=range(2, 12))
    p, q = [rounded(c, 53) for c in p], [rounded(c, 53) for c in q]
    show(
        "tanhshrink, double for floats: relative error, u = a^2",
        {"p": p, "q": q},
        lambda u: evaluate(p, u) / evaluate(q, u) / f(u) - 1,
        0,
        high,
    )


def tanhshrink_full():
    """1/3 - u W(u) = (a - tanh(a)) / a^3, u = a^2."""

    def f(u):
        a = mp.sqrt(u)
        return mp.mpf(2) / 15 - 17 * u / 315 if u < mp.mpf("1e-12") else (mp.mpf(1) / 3 - (a - mp.tanh(a)) / a**3) / u

    high = mp.mpf("0.5625")
    c = [rounded(v, 53) for v in polynomial(f, lambda u: 3 * u + mp.mpf("1e-9"), 0, high, 14)]
    show(
        "tanhshrink, float64: error of W relative to the function, u = a^2",
        {"c": c},
        lambda u: u * (evaluate(c, u) - f(u)) / (mp.mpf(1) / 3 - u * f(u)),
        0,
        high,
    )


ALL = [exp_float, exp_double, exp_short, exp_full, exp_quotient, exp_quotient_full]
ALL += [log1p_float, log1p_double, log1p_remainder]
ALL += [
    tanh_double,
    gelu_double,
    gelu_grad_double,
    gelu_grad_near_root,
    gelu_float,
    gelu_full,
    tanhshrink_float,
    tanhshrink_double,
    tanhshrink_full,
]

if __name__ == "__main__":
    words = sys.argv[1:] or [""]
    for fit in ALL:
        if any(word in fit.__name__ for word in words):
            fit()
    if missing:
        sys.exit(f"not in the kernels: {', '.join(missing)}")
