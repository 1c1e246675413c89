"""
Compare the bits of every elementwise ufunc between AVX2 and AVX-512, in both precisions and in float64.

    python tools/same_bits.py                       10^8 random inputs a function: some minutes
    python tools/same_bits.py --inputs 1000000      fewer
    python tools/same_bits.py silu gelu_grad        these ufuncs

Half of the inputs are random bit patterns, half are normally distributed; further operands are normally distributed.
The exit status is 1 if a function differs.
"""

import argparse
import json
import os
import subprocess
import sys
import zlib

import numpy as np

import fastact

SETS = ("avx2", "avx512")
CHUNK = 1 << 18


def digests(names, inputs):
    """Return a checksum for each ufunc, precision and dtype."""
    found = {}
    functions = [name for name in fastact.ufuncs.__all__ if getattr(fastact.ufuncs, name).signature is None]
    rng = np.random.default_rng(0)
    chunks = [operands(rng) for _ in range(8)]
    for name in names or functions:
        function = getattr(fastact.ufuncs, name)
        for precision, dtype in (("exact", np.float32), ("fast", np.float32), ("exact", np.float64)):
            checksum = 0
            with fastact.precision(precision), np.errstate(all="ignore"):
                for i in range(-(-inputs // CHUNK)):
                    # other inputs each time: the bit patterns move on
                    bits, *others = chunks[i % len(chunks)]
                    x = (bits + np.uint32(i)).view(np.float32)[: inputs - i * CHUNK]
                    others = [v[: len(x)] for v in others[: function.nin - 1]]
                    results = function(*(v.astype(dtype) for v in (x, *others)))
                    for y in results if isinstance(results, tuple) else (results,):
                        # which NaN it is does not count
                        checksum = zlib.crc32(np.where(np.isnan(y), dtype(np.nan), y), checksum)
            found[f"{name} {np.dtype(dtype)} {precision}"] = checksum
    return found


def operands(rng):
    """Return bit patterns of float32 for x, and four further operands."""
    bits = rng.integers(0, 1 << 32, CHUNK, dtype=np.uint32)
    bits[::2] = rng.normal(0, 4, CHUNK // 2).astype(np.float32).view(np.uint32)
    return [bits, *(rng.normal(0, 2, CHUNK).astype(np.float32) for _ in range(4))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("names", nargs="*", help="ufuncs (default: all)")
    parser.add_argument("--inputs", type=int, default=10**8, help="a function (default: %(default)s)")
    parser.add_argument("--digests", action="store_true", help="print the checksums of this instruction set only")
    chosen = parser.parse_args()
    if chosen.digests:
        print(json.dumps(digests(chosen.names, chosen.inputs)))
        return 0
    both = []
    for name in SETS:
        command = [sys.executable, __file__, "--digests", "--inputs", str(chosen.inputs), *chosen.names]
        output = subprocess.run(command, env={**os.environ, "FASTACT_ISA": name}, stdout=subprocess.PIPE, check=True)
        both.append(json.loads(output.stdout))
    different = [key for key in both[0] if both[0][key] != both[1][key]]
    print(*different, f"{len(both[0])} compared, {len(different)} differ between {' and '.join(SETS)}", sep="\n")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
