"""
Compare the bits of every ufunc and generalised ufunc, in both precisions and in float64: between AVX2 and AVX-512, or
between two states of the sources.

    python -m tools.same_bits                        AVX2 and AVX-512, 10^8 random inputs per function: some minutes
    python -m tools.same_bits --inputs 1000000       fewer
    python -m tools.same_bits silu gelu_grad         these ufuncs
    python -m tools.same_bits --save before.json     store the checksums of the instruction set in use
    python -m tools.same_bits --against before.json  compare with those

Half of the inputs of an elementwise ufunc are random bit patterns, half are normally distributed; further operands are
normally distributed. Rows are normally distributed, of many widths. The exit status is 1 if a function differs.
"""

import argparse
import json
import os
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np

import fastact
from tests.support.public_calls import UFUNCS
from tests.support.row_cases import row_arguments

SETS = ("avx2", "avx512")
CHUNK = 1 << 18
WIDTHS = (1, 2, 3, 10, 31, 32, 33, 63, 64, 65, 100, 128, 129, 500, 1000, 2047, 2048, 2049, 5000, 70000)


def checksum(results, before=0):
    """Return the checksum of one or several arrays; which NaN it is does not count."""
    for y in results if isinstance(results, tuple) else (results,):
        before = zlib.crc32(np.ascontiguousarray(np.where(np.isnan(y), y.dtype.type(np.nan), y)), before)
    return before


def elementwise_checksum(function, inputs, dtype, chunks):
    found = 0
    for i in range(-(-inputs // CHUNK)):
        # other inputs each time: the bit patterns move on
        bits, *others = chunks[i % len(chunks)]
        x = (bits + np.uint32(i)).view(np.float32)[: inputs - i * CHUNK]
        others = [v[: len(x)] for v in others[: function.nin - 1]]
        found = checksum(function(*(v.astype(dtype) for v in (x, *others))), found)
    return found


def row_checksum(function, inputs, dtype):
    found = 0
    for width in WIDTHS:
        count = min(max(inputs // len(WIDTHS) // width, 2), 200_000 // width + 2)
        rows = np.random.default_rng(width).normal(0, 4, (count, width)).astype(dtype)
        found = checksum(function(*row_arguments(function, rows)), found)
        found = checksum(function(*row_arguments(function, np.asfortranarray(rows))), found)
    return found


def digests(names, inputs):
    """Return a checksum for each ufunc, precision and dtype."""
    found = {}
    rng = np.random.default_rng(0)
    chunks = [operands(rng) for _ in range(8)]
    for name in names or UFUNCS:
        function = UFUNCS[name]
        for precision, dtype in (("exact", np.float32), ("fast", np.float32), ("exact", np.float64)):
            with fastact.precision(precision), np.errstate(all="ignore"):
                if function.signature is None:
                    bits = elementwise_checksum(function, inputs, dtype, chunks)
                else:
                    bits = row_checksum(function, inputs, dtype)
            found[f"{name} {np.dtype(dtype)} {precision}"] = bits
    return found


def operands(rng):
    """Return bit patterns of float32 for x, and four further operands."""
    bits = rng.integers(0, 1 << 32, CHUNK, dtype=np.uint32)
    bits[::2] = rng.normal(0, 4, CHUNK // 2).astype(np.float32).view(np.uint32)
    return [bits, *(rng.normal(0, 2, CHUNK).astype(np.float32) for _ in range(4))]


def of_instruction_set(name, chosen):
    """Return the checksums of an instruction set, from a separate process."""
    command = [sys.executable, "-m", "tools.same_bits", "--inputs", str(chosen.inputs), "--save", "-", *chosen.names]
    output = subprocess.run(command, env={**os.environ, "FASTACT_ISA": name}, stdout=subprocess.PIPE, check=True)
    return json.loads(output.stdout)["digests"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("names", nargs="*", help="ufuncs (default: all)")
    parser.add_argument("--inputs", type=int, default=10**8, help="inputs per function (default: %(default)s)")
    parser.add_argument("--save", type=Path, metavar="FILE", help="store the checksums of the instruction set in use")
    parser.add_argument("--against", type=Path, metavar="FILE", help="compare with stored checksums")
    chosen = parser.parse_args()
    if chosen.save:
        text = json.dumps({"inputs": chosen.inputs, "digests": digests(chosen.names, chosen.inputs)}, indent=0)
        print(text) if str(chosen.save) == "-" else chosen.save.write_text(text)
        return 0
    if chosen.against:
        stored = json.loads(chosen.against.read_text())
        if stored["inputs"] != chosen.inputs:
            parser.error(f"{chosen.against} is of --inputs {stored['inputs']}")
        both = [stored["digests"], digests(chosen.names, chosen.inputs)]
    else:
        both = [of_instruction_set(name, chosen) for name in SETS]
    keys = both[1].keys() if chosen.names else both[0].keys() | both[1].keys()
    different = sorted(key for key in keys if both[0].get(key) != both[1].get(key))
    print(*different, f"{len(both[1])} compared, {len(different)} differ", sep="\n")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
