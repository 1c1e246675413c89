"""
The true values of softmax, log_softmax, logsumexp and cross_entropy of many rows at once, and rows to try them on.

For float32 they come from float64, for float64 from pairs of float64 numbers (Dekker 1971), of about 104 bits, with a
separate exponent so that nothing is lost below the smallest normal number. `worst_errors` compares fastact's results.
"""

from dataclasses import dataclass

import numpy as np

import fastact

# e^-1100 is 0 in float64 and in any sum with 1
FAR = -1100.0
TERMS = 9  # of the series of e^r - 1 for |r| < ln(2) / 1024
HALVINGS = 9
LN2 = 0.6931471805599453, 2.3190468138462996e-17


# ---- pairs: an unevaluated sum high + low


def two_sum(a, b):
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def two_product(a, b):
    product = a * b
    (ah, al), (bh, bl) = split(a), split(b)
    return product, ((ah * bh - product) + ah * bl + al * bh) + al * bl


def split(a):
    """Two numbers of at most 26 bits."""
    c = 134217729.0 * a
    high = c - (c - a)
    return high, a - high


def add(a, b):
    total, error = two_sum(a[0], b[0])
    low, error_of_low = two_sum(a[1], b[1])
    total, error = two_sum(total, error + low)
    return two_sum(total, error + error_of_low)


def multiply(a, b):
    product, error = two_product(a[0], b[0])
    return two_sum(product, error + (a[0] * b[1] + a[1] * b[0]))


def divide(a, b):
    quotient = a[0] / b[0]
    remainder = add(a, multiply((-quotient, np.zeros_like(quotient)), b))
    return two_sum(quotient, remainder[0] / b[0])


def total(a):
    """The sum of pairs along the last axis."""
    high, low = a
    while high.shape[-1] > 1:
        if high.shape[-1] % 2:
            high, low = (np.concatenate([v, np.zeros((*v.shape[:-1], 1))], axis=-1) for v in (high, low))
        high, low = add((high[..., ::2], low[..., ::2]), (high[..., 1::2], low[..., 1::2]))
    return high, low


def expm1_of_reduced(d):
    """k and e^(d - k ln 2) - 1 of a pair d, by its series after nine halvings."""
    k = np.rint(d[0] / LN2[0])
    r = add(d, two_product(-k, np.full_like(k, LN2[0])))
    r = add(r, two_product(-k, np.full_like(k, LN2[1])))
    r = tuple(v * 2.0**-HALVINGS for v in r)
    one = (np.ones_like(k), np.zeros_like(k))
    result = one
    for n in range(TERMS, 1, -1):
        # 1 + r/2 (1 + r/3 (1 + ...))
        result = add(one, multiply(divide(r, (np.full_like(k, n), np.zeros_like(k))), result))
    result = multiply(r, result)
    for _ in range(HALVINGS):
        result = add((2 * result[0], 2 * result[1]), multiply(result, result))
    return k.astype(int), result


def log1p(s):
    """One step of Newton's method, in pairs: y + (1 + s) e^-y - 1."""
    y = np.log1p(s[0])
    k, m = expm1_of_reduced((-y, np.zeros_like(y)))
    scale = np.ldexp(1.0, k)
    # e^-y - 1 without a difference where k is 0
    m = add((scale - 1, np.zeros_like(y)), (scale * m[0], scale * m[1]))
    correction = add(add(s, m), multiply(s, m))
    return two_sum(y, correction[0])


# ---- the truth


@dataclass(frozen=True)
class Truth:
    """The value (high + low) 2^exponent of every element."""

    high: np.ndarray
    low: np.ndarray | float = 0.0
    exponent: np.ndarray | int = 0

    def errors(self, got, dtype):
        """The distance of `got` in units in the last place of the true value; infinite for wrong infinities and NaN."""
        info = np.finfo(dtype)
        # where the spacing is that of subnormal numbers
        _, exponent = np.frexp(self.high)
        exponent = np.where(self.high == 0, info.minexp, exponent + self.exponent - 1)
        places = np.maximum(exponent, info.minexp) - info.nmant
        with np.errstate(invalid="ignore", over="ignore"):
            difference = (np.ldexp(got.astype(float), -self.exponent) - self.high) - self.low
            error = np.abs(np.ldexp(difference, self.exponent - places))
        right_infinity = np.isinf(self.high) & (got == self.high)
        return np.where(right_infinity, 0.0, np.where(np.isnan(error), np.inf, error))

    def at(self, labels):
        """One element of each row."""
        low = np.broadcast_to(self.low, self.high.shape)
        return Truth(*(np.take_along_axis(v, labels[:, None], axis=1)[:, 0] for v in (self.high, low)))


def truth_in_float64(x, temperature=1.0):
    """softmax, log_softmax and logsumexp of rows of float32 numbers, the first two at a temperature."""
    x = x.astype(float)
    position, top = top_of(x)
    d = (x - top) / temperature
    e = np.exp(d)
    np.put_along_axis(e, position, 0.0, axis=-1)
    rest = e.sum(axis=-1, keepdims=True)
    np.put_along_axis(e, position, 1.0, axis=-1)
    log_sum = np.log1p(rest)
    return {
        "softmax": Truth(e / (1 + rest)),
        "log_softmax": Truth(d - log_sum),
        "logsumexp": Truth((top + log_sum)[:, 0]),
    }


@np.errstate(invalid="ignore")
def truth_in_pairs(x, temperature=1.0):
    """The same of rows of float64 numbers."""
    position, top = top_of(x)
    zero = np.zeros_like(x)
    d = divide(two_sum(x, -top), (np.full_like(x, temperature), zero))
    infinite, is_far = np.isneginf(x), ~(d[0] > FAR)
    k, m = expm1_of_reduced((np.where(is_far, FAR, d[0]), np.where(is_far, 0.0, d[1])))
    e = add((np.ones_like(x), zero), m)
    others = tuple(np.ldexp(v, k) for v in e)
    for v in others:
        np.put_along_axis(v, position, 0.0, axis=-1)
    rest = total(others)
    log_sum = log1p(rest)
    logarithm = add(d, (-log_sum[0], -log_sum[1]))
    sum_of_row = add((np.ones_like(rest[0]), np.zeros_like(rest[0])), rest)
    return {
        "softmax": Truth(*divide(e, sum_of_row), k),
        "log_softmax": Truth(np.where(infinite, x, logarithm[0]), np.where(infinite, 0.0, logarithm[1])),
        "logsumexp": Truth(*(v[:, 0] for v in add((top, np.zeros_like(top)), log_sum))),
    }


def top_of(x):
    position = np.argmax(x, axis=-1, keepdims=True)
    return position, np.take_along_axis(x, position, axis=-1)


# ---- rows

# the distance by which a logit is ahead of the others
LEADS = (1.0, 5.0, 20.0, 40.0, 80.0, 300.0)
OFFSETS = (1e30, -1e30, 1e6, -3e4)
KINDS = (
    "normal",
    "30 times that",
    "large offset",
    "all equal",
    "one far ahead",
    "half -inf",
    "probabilities down to 0",
    "logsumexp near 0",
    "whole numbers",
    "nearly equal",
)


def rows_of_every_kind(rng, count, n, dtype, first=0):
    """Return `count` rows of n numbers, random and adversarial ones in turn, the first of them the `first` in turn."""
    x = rng.normal(size=(count, n))
    smallest = -107.0 if dtype == np.float32 else -750.0
    for i, row in enumerate(x, start=first):
        kind, turn = i % len(KINDS), i // len(KINDS)
        if kind == 1:
            row *= 30
        elif kind == 2:
            row += OFFSETS[turn % len(OFFSETS)]
        elif kind == 3:
            row[:] = (0.0, 1e30, -1e30, row[0])[turn % 4]
        elif kind == 4:
            row[rng.integers(n)] = row.max() + LEADS[turn % len(LEADS)]
        elif kind == 5:
            row[rng.random(n) < 0.5] = -np.inf
            row[rng.integers(n)] = 0.25
        elif kind == 6:
            row[:] = rng.uniform(smallest, 0, n)
        elif kind == 7:
            row -= np.log(np.exp(row).sum())
        elif kind == 8:
            row[:] = np.round(row)
        elif kind == 9:
            row *= 1e-4
    return x.astype(dtype)


# ---- measuring

CASES = [(np.float32, "exact"), (np.float32, "fast"), (np.float64, "exact"), (np.float64, "fast")]
# the largest error in units in the last place, in the order of CASES
BOUNDS = {
    "softmax": (0.5001, 4, 1, 4),
    "log_softmax": (0.5001, 4, 1, 4),
    "logsumexp": (0.5001, 4, 2, 4),
    "cross_entropy": (0.5001, 4, 2, 4),
}


@dataclass(frozen=True)
class Worst:
    """The largest error of a function, in which kind of row, how long that is, and at which element."""

    error: float
    kind: str
    length: int
    position: int


def worst_of(errors, first):
    """`errors` has a row for each row of logits."""
    errors = errors.reshape(len(errors), -1)
    row, position = np.unravel_index(np.argmax(errors), errors.shape)
    return float(errors[row, position]), KINDS[(first + row) % len(KINDS)], int(position)


def worst_errors(rng, count, n, dtype, first=0, temperature=None):
    """Call fastact on rows; return the worst error of each function, in units in the last place."""
    x = rows_of_every_kind(rng, count, n, dtype, first)
    truths = truth_in_pairs if dtype == np.float64 else truth_in_float64
    keywords = {} if temperature is None else {"temperature": temperature}
    truth = truths(x, **keywords)
    errors = {
        name: truth[name].errors(getattr(fastact, name)(x, **keywords), dtype) for name in ("softmax", "log_softmax")
    }
    if temperature is None:
        errors["logsumexp"] = errors_of_logsumexp(x, truth["logsumexp"], dtype)
        # half of the labels at the largest logit: confident right answers
        labels = np.where(rng.random(count) < 0.5, np.argmax(x, axis=1), rng.integers(0, n, count))
        losses = fastact.cross_entropy(x, labels, reduction="none")
        errors["cross_entropy"] = truth["log_softmax"].at(labels).errors(-losses, dtype)
    found = {}
    for name, error in errors.items():
        largest, kind, position = worst_of(error, first)
        found[name] = Worst(largest, kind, n, position)
    return found


def errors_of_logsumexp(x, truth, dtype):
    """
    Near its root it is a difference of the maximum and a logarithm: an absolute error of half a unit in the last
    place of 1, or of the two if they are larger, counts as none; for float64 in precision "fast" one of two units.
    float32 in precision "exact" has exponentials good to 2^-45.
    """
    got = fastact.logsumexp(x)
    in_float64 = dtype == np.float32 and fastact.get_precision() == "exact"
    close = dtype == np.float32 or fastact.get_precision() == "exact"
    unit = 2.0**-44 if in_float64 else np.finfo(dtype).eps * (0.5 if close else 2)
    top = x.max(axis=1).astype(float)
    allowed = unit * np.maximum(np.abs(top) + np.abs(truth.high - top), 1)
    return np.where(np.abs((got - truth.high) - truth.low) <= allowed, 0.0, truth.errors(got, dtype))
