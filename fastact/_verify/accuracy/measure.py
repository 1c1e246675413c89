"""
The measurements of `python -m fastact accuracy` for a single function.

For float32 the float64 kernel decides which result is nearest, unless its error could matter; the few other inputs are
decided by mpmath (see `judge.pyx`). The float64 kernel is compared with mpmath point by point.
"""

import numpy as np

import fastact
from fastact._verify import definitions, peers
from fastact._verify.accuracy.judge import Judge

CHUNK = 1 << 16  # all buffers of a chunk stay in the second-level cache
# Ties in float64, as of x / 2 + x^2 / 4 for subnormal x, may be millions: the number judged in each binade.
TIES_TO_JUDGE = {True: 512, False: 8}  # exhaustive or not
# Near its root, a gradient may have errors of several units that are smaller than this, by precision.
NEAR_ROOT = {"exact": 2.0**-56, "fast": 2.0**-51}
NEAR_ROOT_FLOAT32 = 2.0**-22
PRECISIONS = ("exact", "fast")
SPECIAL = np.float32([np.inf, -np.inf, 1e-45, -1e-45, 1.1754944e-38, 3.4028235e38, -3.4028235e38])
INFINITY = 0x7F800000  # as bits; above it NaN, at 2^31 the negative numbers begin


def case(name, parameters, step, points, peer_step, known=None):
    """
    Measure one function with one setting of its parameters.

    Parameters
    ----------
    name : str
        A name in `definitions.DEFINITIONS`.
    parameters : tuple of float
        One of its settings.
    step : int
        Of the 2^32 float32 inputs every `step`-th is used.
    points : int
        Number of float64 inputs; a tenth of them for all settings of the parameters but the first.
    peer_step : int
        As `step`, for the other libraries.
    known : dict, optional
        An earlier result, of which all but the float64 rows are reused.

    Returns
    -------
    dict
        ``name``, ``parameters``, ``step``, ``build``; and lists of rows, which are dicts: ``float32``, ``float64``,
        ``float16``, ``peers``.
    """
    function = Function(name, parameters)
    is_first = tuple(parameters) == function.definition.parameters[0]
    points_here = points if is_first else -(-points // 10)
    with np.errstate(all="ignore"), fastact.num_threads(1), fastact.precision("exact"):
        result = known or {
            "name": name,
            "parameters": parameters,
            "step": step,
            "build": build(),
            "peer_step": peer_step,
            "float32": [row for gradient in (False, True) for row in float32_rows(function, gradient, step)],
            "float16": [float16_row(function, gradient) for gradient in (False, True)],
            "peers": peer_rows(function, peer_step) if is_first else [],
        }
        float64 = [row for gradient in (False, True) for row in float64_rows(function, gradient, points_here)]
        return result | {"points": points, "float64": float64}


def build():
    """Return the version and instruction set, on which the results depend."""
    config = fastact.show_config("dict")
    return [config["fastact"], config["instruction_set"]]


class Function:
    """A function with one setting of its parameters, rounded to the dtype of x."""

    def __init__(self, name, parameters):
        self.name, self.given = name, parameters
        self.definition = definitions.DEFINITIONS[name]

    def rounded(self, dtype):
        return tuple(float(p) for p in definitions.typed(self.name, np.dtype(dtype), self.given))

    def __call__(self, gradient, x, dtype=None, out=None):
        """Compute in the dtype of x, with the parameters rounded to `dtype`, by default the same."""
        call = definitions.call_grad if gradient else definitions.call
        return call(self.name, x, self.rounded(dtype or x.dtype), out=out)

    def true(self, gradient, x, dtype):
        """Return the value or derivative at a finite x in mpmath, or None if the derivative is not defined."""
        x = float(x)
        if not gradient:
            return definitions.value(self.name, x, self.rounded(dtype))
        kinks = (*self.definition.kinks, *self.rounded(dtype), *(-p for p in self.rounded(dtype)))
        return None if x == 0 or x in kinks else definitions.slope(self.name, x, self.rounded(dtype))


def chunks(step, infinite=True):
    """Yield arrays of the bit patterns of every `step`-th float32 number and some special ones, without NaN."""
    offsets = np.arange(CHUNK, dtype=np.uint32) * np.uint32(step)
    stop = INFINITY + infinite
    for sign in (0, 1 << 31):
        for start in range(0, stop, CHUNK * step):
            yield offsets[: -(-(stop - start) // step)] + np.uint32(sign + start)
    if step > 1:
        yield SPECIAL[0 if infinite else 2 :].view(np.uint32)


def float32_rows(function, gradient, step):
    """Return a row for each precision."""
    judges = {precision: Judge(precision == "exact", factor(function) * NEAR_ROOT_FLOAT32) for precision in PRECISIONS}
    wide, reference, result = np.empty(CHUNK), np.empty(CHUNK), np.empty(CHUNK, np.float32)
    for bits in chunks(step):
        n = len(bits)
        x = bits.view(np.float32)
        wide[:n] = x
        function(gradient, wide[:n], np.float32, out=reference[:n])
        for precision, judge in judges.items():
            with fastact.precision(precision):
                function(gradient, x, out=result[:n])
            judge.add(bits, result[:n], reference[:n])
    return [_row(function, gradient, precision, judge, step == 1) for precision, judge in judges.items()]


def factor(function):
    """Return the factor of the derivative and its error: the second operand of a gated function."""
    return max(1.0, *map(abs, function.given)) if function.definition.gated else 1.0


def _row(function, gradient, precision, judge, exhaustive):
    with fastact.precision(precision):
        nan = function(gradient, np.full(40, np.nan, np.float32))
    row = {
        "gradient": gradient,
        "precision": precision,
        "inputs": judge.inputs,
        "largest": judge.largest,
        "at": judge.at,
        "largest_beyond": judge.largest_beyond,
        "misrounded": sum(judge.histogram[1:]),
        "histogram": judge.histogram,
        "near": judge.near.count + judge.ties.count,
        "judged": 0,
        "nan": bool(np.isnan(nan).all()),
    }
    if precision == "exact":
        _judge_by_mpmath(function, gradient, judge, row, TIES_TO_JUDGE[exhaustive])
    return row


def _judge_by_mpmath(function, gradient, judge, row, most):
    """
    Correct the row by evaluating undecided inputs, and missed ones unless there are too many, with more digits.

    If a binade has more than `most` ties, `most` of them represent the others.
    """
    if all(count == len(inputs) for count, inputs in judge.missed.binades()):
        row["largest"], row["misrounded"] = min(row["largest"], 0.5), 0
        for count, inputs in judge.missed.binades():
            _correct(function, gradient, inputs, count, row, otherwise=np.inf)
    for count, inputs in judge.near.binades():
        row["judged"] += len(inputs)
        _correct(function, gradient, inputs, count, row, otherwise=0.5)
    for count, inputs in judge.ties.binades():
        inputs = inputs[:: -(-len(inputs) // most)]
        row["judged"] += len(inputs)
        _correct(function, gradient, inputs, count, row, otherwise=0.5)


def _correct(function, gradient, inputs, count, row, otherwise):
    """Add the errors at the inputs, which represent `count` inputs, to the row; at kinks the error is `otherwise`."""
    wrong = 0
    for x, y in zip(inputs, function(gradient, inputs), strict=True):
        true = function.true(gradient, x, np.float32) if np.isfinite(x) else None
        error = otherwise if true is None else definitions.ulps(y, true, np.float32)
        wrong += bool(error > 0.5)
        if error > row["largest"]:
            row["largest"], row["at"] = float(error), float(x)
    if wrong:
        row["misrounded"] += round(wrong * count / len(inputs))


def float64_rows(function, gradient, count):
    """Return a row for each precision with the largest error of the float64 kernel at difficult points."""
    x = difficult_points(function, count)
    empty = {"gradient": gradient, "inputs": 0, "largest": 0.0, "at": np.nan, "largest_beyond": 0.0}
    rows = [{"precision": precision, **empty} for precision in PRECISIONS]
    results = [_in_precision(function, gradient, precision)(x) for precision in PRECISIONS]
    for v, *found in zip(x, *results, strict=True):
        true = function.true(gradient, v, np.float64)
        if true is None:
            continue
        for row, y in zip(rows, found, strict=True):
            row["inputs"] += 1
            error = float(definitions.ulps(y, true, np.float64))
            if error > row["largest"]:
                row["largest"], row["at"] = error, float(v)
            allowed = factor(function) * NEAR_ROOT[row["precision"]]
            if error > row["largest_beyond"] and not abs(float(y) - true) < allowed:
                row["largest_beyond"] = error
    return rows


def difficult_points(function, count, seed=7):
    """Return about `count` float64 inputs over all magnitudes, and near 0, kinks, roots, saturation and underflow."""
    rng = np.random.default_rng(seed)
    grid = np.linspace(-10, 10, 4001)
    slopes = function(True, grid)
    roots = grid[:-1][slopes[:-1] * slopes[1:] < 0]
    difficult = np.array([*function.definition.kinks, *roots, 17.0, 20.0, 37.0, 38.6, 708.4, 710.0, 744.4, 745.0])
    difficult = np.concatenate([difficult, -difficult])
    tenth = -(-count // 10)
    signs = rng.choice([-1.0, 1.0], (3, tenth))
    x = np.concatenate(
        [
            rng.normal(0, 3, 3 * tenth),
            rng.uniform(-50, 50, tenth),
            rng.uniform(-750, 750, tenth),
            np.exp2(rng.uniform(-60, 10, tenth)) * signs[0],
            # few larger numbers: every function is constant or linear there, and they need thousands of digits
            np.exp2(rng.uniform(-1074, 12, tenth)) * signs[1],
            np.exp2(rng.uniform(12, 1023, tenth // 20)) * signs[2, : tenth // 20],
            rng.choice(difficult, 3 * tenth)
            * (1 + rng.normal(0, 1, 3 * tenth) * np.exp2(-rng.uniform(5, 45, 3 * tenth))),
        ]
    )
    return np.unique(x[x != 0])


def float16_row(function, gradient):
    """Return the row of float16 for all its inputs."""
    x = np.arange(1 << 16, dtype=np.uint32).astype(np.uint16).view(np.float16)
    x = x[~np.isnan(x)]
    result = function(gradient, x)
    row = {"gradient": gradient, "inputs": len(x), "largest": 0.0, "at": np.nan, "misrounded": 0}
    reference = function(gradient, x.astype(np.float64), np.float16)
    low, high = (reference * (1 + sign * 2.0**-48) for sign in (-1, 1))
    right = (low.astype(np.float16) == result) & (high.astype(np.float16) == result)
    errors = np.abs(result.astype(np.float64) - reference) / _units_of_float16(reference)
    errors[right & np.isinf(result)] = 0
    row["largest"], row["at"] = _largest(errors[right], x[right])
    for v, y, r in zip(x[~right], result[~right], reference[~right], strict=True):
        error = _float16_error(function, gradient, v, y, r)
        row["misrounded"] += bool(error > 0.5)
        if error > row["largest"]:
            row["largest"], row["at"] = float(error), float(v)
    return row


def _float16_error(function, gradient, x, result, reference):
    true = function.true(gradient, x, np.float16) if np.isfinite(x) else None
    if true is not None:
        return definitions.ulps(result, true, np.float16)
    # at infinite inputs and kinks, where the float64 kernel has no rounding error
    return 0.0 if result == np.float16(reference) or (np.isnan(result) and np.isnan(reference)) else np.inf


def _units_of_float16(reference):
    exponent = np.frexp(np.minimum(np.abs(reference), 65504))[1] - 1
    return np.exp2(np.maximum(exponent, -14) - 10.0)


def _largest(errors, x):
    i = int(np.argmax(errors))
    return float(errors[i]), float(x[i])


def peer_rows(function, step):
    """Return rows for fastact in both precisions and for each other library that has the function."""
    rows = []
    for gradient in (False, True):
        ours = {f"fastact, {p}": _in_precision(function, gradient, p) for p in PRECISIONS}
        callables = {**ours, **peers.callables(function.name, gradient)} if peers.is_compared(function.name) else {}
        judges = {library: Judge(keep_missed=False) for library in callables}
        for bits in chunks(step, infinite=False) if judges else ():
            x = bits.view(np.float32)
            reference = function(gradient, x.astype(np.float64), np.float32)
            for library, judge in judges.items():
                judge.add(bits, np.asarray(callables[library](x), np.float32), reference)
        rows += [
            {
                "gradient": gradient,
                "library": library,
                "inputs": judge.inputs,
                "largest": judge.largest,
                "at": judge.at,
                "misrounded": sum(judge.histogram[1:]),
            }
            for library, judge in judges.items()
        ]
    return rows


def _in_precision(function, gradient, precision):
    def call(x):
        with fastact.precision(precision):
            return function(gradient, x)

    return call
