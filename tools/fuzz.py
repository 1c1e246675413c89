"""
Fuzz every public function: any operands, layouts and arguments give documented errors or the bits of contiguous copies.

    python -m tools.fuzz                          ten minutes
    python -m tools.fuzz --minutes 1 --seed 7     shorter, and other cases
    python -m tools.fuzz --only '^softmax'        these functions
    python -m tools.fuzz fuzzing/finding-*        these cases again

It needs the package atheris: libFuzzer changes bytes and goes on with those that reached new lines of fastact's Python.
Of these, and of as many random ones, Hypothesis makes calls. A call is wrong if its error is not a documented one, or
not that of the same call on aligned contiguous copies, without `out` and on one thread; if the bits of a result are not
those of that call; and if memory changes that is not the result's. Findings are printed and their bytes stored in
--folder, and so are, by libFuzzer, those of a crash. The exit status is 1 if there are any.
"""

import argparse
import hashlib
import inspect
import os
import random
import re
import sys
import time
import traceback
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["fastact"]):
    import fastact

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import slow_rows
from tests.support.layouts import DTYPES, laid_out, overlapping, repeated, shapes
from tests.support.public_calls import FUNCTIONS, ROW_UFUNCS, bits, results

ERRORS = (TypeError, ValueError, IndexError, OverflowError)
FLOATS = st.sampled_from(DTYPES)
INTEGERS = st.sampled_from(["i1", "u1", "<i2", ">u2", "<i4", ">i4", "<u4", "<i8", ">i8", "<u8"])
OTHERS = st.sampled_from(["?", "c8", "g", "U1", "M8[s]"])
# so large that several threads work, rows of every size with its own kernel, and the few elements that find most
SHAPES = shapes | shapes | shapes | st.sampled_from([(40_000,), (3, 14_000), (600, 70), (5000, 9), (2, 70, 300)])
NUMBERS = st.floats() | st.sampled_from([0, 1, 0.5, 2.0, True, np.float32(0.3), 10**400, None, "1"])
WORDS = st.sampled_from(["none", "mean", "sum", "batchmean", "avg", None])


@st.composite
def values(draw, shape, dtype):
    """Return numbers of this shape and dtype: ordinary ones, or raw bytes, repeated."""
    dtype, size = np.dtype(dtype), int(np.prod(shape))
    if dtype.kind in "UMcb" or dtype.char == "g" or draw(st.booleans()):
        numbers = np.random.default_rng(draw(st.integers(0, 1000))).normal(0, draw(st.sampled_from([1, 3, 50])), shape)
        return (numbers > 0 if dtype.kind == "b" else np.abs(numbers) if dtype.kind == "M" else numbers).astype(dtype)
    raw = np.frombuffer(draw(st.binary(min_size=1, max_size=64)), np.uint8)
    return np.resize(raw, size * dtype.itemsize).view(dtype).reshape(shape)


class Call:
    """A function with its arguments, some of which are arrays that lie in memory in unusual ways."""

    def __init__(self, draw, name):
        self.draw, self.name = draw, name
        self.function = getattr(fastact, name, None) or getattr(fastact.ufuncs, name)
        self.shape = draw(SHAPES)
        self.axis = draw(st.sampled_from([-1, -1, 0, 1, -2, None, (0, 1), (-1, 0, 2), 7, "0"]))
        if isinstance(self.function, np.ufunc):
            self.operands, self.keywords = self.of_ufunc(), {}
        else:
            self.operands, self.keywords = self.by_name()

    def array(self, shape, dtypes=FLOATS):
        """Draw an array, some axes of which are repeated at times."""
        if self.draw(st.integers(0, 30)) == 0:
            dtypes = INTEGERS | OTHERS
        dtype, own = self.draw(dtypes), shape if self.draw(st.integers(0, 3)) else self.draw(repeated(shape))
        return np.broadcast_to(self.draw(laid_out(self.draw(values(own, dtype)))), shape)

    def like(self, shape, dtypes=FLOATS):
        """Draw a further operand: of this shape, or rarely of one that broadcasts or does not fit."""
        kind = self.draw(st.integers(0, 12))
        shape = self.draw(repeated(shape))[kind > 10 :] if kind > 9 else shape
        return self.array(shape, dtypes)

    def rows(self):
        """Return the shape without the axis, or where there is no such axis the shape."""
        try:
            return slow_rows.without_axes(self.shape, self.axis)
        except (TypeError, ZeroDivisionError):
            return self.shape

    def of_ufunc(self):
        signature = self.function.signature
        if signature is None:
            return [self.like(self.shape) for _ in range(self.function.nin)]
        types = self.draw(st.sampled_from(self.function.types)).partition("->")[0]
        cores = signature.partition("->")[0].split(",")
        made = []
        for letter, core in zip(types, cores, strict=True):
            shape = self.shape if core == "(n)" else self.shape[:-1]
            made.append(self.labels(shape) if letter in "lLqQ" else self.like(shape, st.just(letter)))
        return made

    def labels(self, shape):
        labels = self.array(shape, INTEGERS)
        classes = (np.prod(self.shape) or 1) // (np.prod(shape) or 1)
        # else any of the dtype, which mostly are out of range
        if labels.dtype.kind in "iu" and self.draw(st.integers(0, 3)):
            labels = self.draw(laid_out((labels % max(int(min(classes, 100)), 1)).astype(labels.dtype)))
        return labels

    def by_name(self):
        operands, keywords = [], {}
        for parameter in inspect.signature(self.function).parameters.values():
            if parameter.name == "out" or parameter.kind is parameter.VAR_KEYWORD:
                continue
            if parameter.default is parameter.empty:
                operands.append(self.operand(parameter.name))
            elif self.draw(st.booleans()):
                keywords[parameter.name] = self.argument(parameter.name)
        return operands, keywords

    def operand(self, key):
        if key == "target":
            return self.target()
        if key == "probs":
            return self.probabilities(self.shape)
        if key == "g" and self.name == "logsumexp_grad":
            return self.like(self.rows())
        if key == "g" and self.name == "glu_grad":
            return self.like((*self.shape[:-1], self.shape[-1] // 2) if self.shape else ())
        if key in ("alpha", "weight", "cap", "threshold", "value"):
            return self.argument(key)
        return self.like(self.shape)

    def target(self):
        if "binary" in self.name or "focal" in self.name or "kl_div" in self.name:
            return self.probabilities(self.shape)
        if self.draw(st.booleans()):
            return self.probabilities(self.shape)
        return self.labels(self.rows() if self.draw(st.booleans()) else self.shape[:-1])

    def probabilities(self, shape):
        numbers = self.like(shape)
        if numbers.dtype.kind != "f" or not self.draw(st.integers(0, 5)):
            return numbers
        with np.errstate(all="ignore"):
            return self.draw(laid_out(np.abs(numbers) % 1))

    def argument(self, key):
        """Draw what an argument with a default takes, and now and then what it does not."""
        if key == "axis":
            return self.axis
        if key == "where":
            return self.like(self.shape, st.just("?"))
        if key == "reduction":
            return self.draw(WORDS)
        if key in ("keepdims", "log_target"):
            return self.draw(st.booleans())
        if key == "dtype":
            return self.draw(FLOATS | st.sampled_from(["i4", None]))
        if key == "ignore_index":
            return self.draw(st.integers(-3, 3) | st.integers() | st.none())
        if key == "temperature" and self.draw(st.booleans()):
            return self.draw(laid_out(np.abs(self.draw(values(self.rows(), self.draw(FLOATS))))))
        if key in ("weight", "pos_weight") and self.draw(st.booleans()):
            return self.like(self.draw(st.sampled_from([self.shape[-1:], self.shape[:1], self.shape])))
        if "entropy" not in self.name and "softm" not in self.name and self.draw(st.integers(0, 3)) == 0:
            return self.like(self.shape)
        return self.draw(NUMBERS)

    def takes_out(self):
        if isinstance(self.function, np.ufunc):
            return True
        return bool({"out", "keywords"} & inspect.signature(self.function).parameters.keys())

    def draw_out(self, expected):
        """Return arrays for the results: somewhere of their own, or over an operand in any shift and direction."""
        place = self.draw(st.integers(0, len(self.operands) - 1))
        outs = []
        for k, result in enumerate(expected):
            dtype = np.dtype(self.draw(st.sampled_from([result.dtype.str] * 3 + ["<f4", ">f8", "i4"])))
            operand = self.operands[place]
            overlaps = k == 0 and self.draw(st.booleans()) and isinstance(operand, np.ndarray)
            if overlaps and operand.shape == result.shape and operand.dtype.itemsize == dtype.itemsize and result.size:
                make_input, make_out, _ = self.draw(overlapping(result.size, dtype.itemsize))
                moved = make_input(operand.dtype).reshape(operand.shape)
                moved[...] = operand
                self.operands[place] = moved
                outs.append(make_out(dtype).reshape(result.shape))
            else:
                writeable = bool(self.draw(st.integers(0, 9)))
                outs.append(self.draw(laid_out(np.full(result.shape, 7), dtype, writeable)))
        return outs

    def arrays(self):
        return [a for a in (*self.operands, *self.keywords.values()) if isinstance(a, np.ndarray)]

    def copies(self):
        operands = [contiguous(a) for a in self.operands]
        return operands, {key: contiguous(value) for key, value in self.keywords.items()}

    def describe(self):
        def of(value):
            if not isinstance(value, np.ndarray):
                return repr(value)
            place = f"strides {value.strides}, at {value.ctypes.data % 64} of 64"
            return f"{value.dtype.str} {value.shape}, {place}: {np.array2string(value, threshold=20)}"

        given_ = [of(a) for a in self.operands] + [f"{key} = {of(value)}" for key, value in self.keywords.items()]
        return "\n  ".join([self.name, *given_])


def contiguous(value):
    if not isinstance(value, np.ndarray):
        return value
    return value.astype(value.dtype.newbyteorder("="), order="C", copy=True)


def attempt(function, operands, keywords):
    """Return the results of a call, or the type of the documented error."""
    try:
        with np.errstate(all="ignore"):
            return [np.asarray(y) for y in results(function(*operands, **keywords))]
    except ERRORS as error:
        return type(error)


def memory_of(array):
    """Return all memory that holds an array, as bytes."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array if array.dtype == np.uint8 and array.ndim == 1 else np.zeros(0, np.uint8)


def check(call, precision, threads, with_out):
    """Make the call and compare it with the one on copies."""
    operands, keywords = call.copies()
    with fastact.precision(precision), fastact.num_threads(1):
        expected = attempt(call.function, operands, keywords)
    failed = isinstance(expected, type)
    outs = call.draw_out(expected) if with_out and call.takes_out() and not failed else []
    if outs:
        call.keywords["out"] = tuple(outs) if len(outs) > 1 else outs[0]
    memory = [memory_of(a) for a in (*call.arrays(), *outs)]
    before, outs_before = [m.copy() for m in memory], [out.copy() for out in outs]
    with fastact.precision(precision), fastact.num_threads(threads):
        got = attempt(call.function, call.operands, call.keywords)
    if isinstance(got, type):
        assert got is expected or outs, f"{got.__name__}, but on copies {expected}"
    else:
        assert not failed, f"a result, but on copies {expected.__name__}"
        with np.errstate(all="ignore"):
            expected = [y.astype(out.dtype) for y, out in zip(expected, outs, strict=True)] if outs else expected
        given_bits, expected_bits = (bits(tuple(map(contiguous, ys))) for ys in (outs or got, expected))
        assert given_bits == expected_bits, f"other bits than on copies: {got}, not {expected}"
        for out, old in zip(outs, outs_before, strict=True):
            # bytes, because a copy of a NaN may be another NaN
            out[...] = old
    for now, then in zip(memory, before, strict=True):
        assert np.array_equal(now, then), "memory has changed that is not the result's"


def case_of(names):
    @given(st.data())
    @settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
    def case(data):
        call = Call(data.draw, data.draw(st.sampled_from(names)))
        precision, threads = data.draw(st.sampled_from(["exact", "fast"])), data.draw(st.sampled_from([1, 2, 3]))
        with_out = data.draw(st.booleans())
        try:
            check(call, precision, threads, with_out)
        except Exception as error:
            error.add_note(f"{call.describe()}\n  {precision}, {threads} threads")
            raise

    return case.hypothesis.fuzz_one_input


class Fuzzer:
    """What libFuzzer calls with bytes: it counts, reports findings and goes on until the time is over."""

    def __init__(self, names, folder, minutes, seed):
        self.case, self.folder, self.end = case_of(names), folder, time.monotonic() + 60 * minutes
        self.random = random.Random(seed)
        self.cases, self.found = 0, {}

    def __call__(self, data):
        self.run(data)
        # libFuzzer prefers few bytes, of which few and small arrays are made
        self.run(self.random.randbytes(self.random.choice((100, 300, 1000))))
        if time.monotonic() > self.end:
            self.finish()

    def run(self, data):
        try:
            self.cases += self.case(data) is not None
        except Exception as error:
            self.report(data, error)

    def report(self, data, error):
        """Print a finding of each kind once and store its bytes."""
        kind = (type(error), str(error)[:25], error.__notes__[0].split("\n")[0] if hasattr(error, "__notes__") else "")
        if kind in self.found:
            return
        file = self.found[kind] = self.folder / f"finding-{hashlib.sha1(data).hexdigest()[:12]}"
        file.write_bytes(data)
        traceback.print_exception(error)
        print(f"again: python -m tools.fuzz {file}\n", flush=True)

    def finish(self):
        print(f"{self.cases} cases, {len(self.found)} findings", flush=True)
        os._exit(bool(self.found))


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="bytes of cases, to run these alone")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="a regular expression: functions to call")
    parser.add_argument("--folder", type=Path, default=Path("fuzzing"), help="for findings")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    names = [name for name in (*FUNCTIONS, *ROW_UFUNCS) if re.search(options.only, name)]
    options.folder.mkdir(parents=True, exist_ok=True)
    fuzzer = Fuzzer(names, options.folder, options.minutes, options.seed)
    for file in options.files:
        fuzzer.run(file.read_bytes())
    if options.files:
        fuzzer.finish()
    flags = [f"-seed={options.seed}", "-max_len=2048", "-len_control=0", "-timeout=60", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *flags, f"-artifact_prefix={options.folder}/"], fuzzer)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
