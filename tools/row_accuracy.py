"""
Compare softmax, log_softmax, logsumexp and cross_entropy with their true values, element by element.

    python -m tools.row_accuracy                 10^4 rows, up to 10^6 numbers long: some minutes
    python -m tools.row_accuracy --rows 1000     fewer

Prints the largest error of each function in units in the last place, and where it is. The exit status is 1 if one is
larger than promised. tests/rows/test_accuracy.py is the short form.
"""

import argparse
import sys

import numpy as np

import fastact
from tests.support import true_rows

LENGTHS = 60
# elements at a time
BATCH = 1 << 20


def measured(dtype, precision, rows, longest):
    """Return the worst error of each function over rows of lengths from 1 to `longest`, evenly by their logarithm."""
    rng = np.random.default_rng(0)
    lengths = np.rint(np.geomspace(1, longest, min(LENGTHS, rows))).astype(int)
    worst = {}
    with fastact.precision(precision):
        for i, n in enumerate(lengths):
            start, stop = rows * i // len(lengths), rows * (i + 1) // len(lengths)
            while start < stop:
                count = min(stop - start, max(BATCH // n, 1))
                for name, found in true_rows.worst_errors(rng, count, int(n), dtype, first=start).items():
                    if name not in worst or found.error > worst[name].error:
                        worst[name] = found
                start += count
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000, help="for each dtype and precision (default: %(default)s)")
    parser.add_argument("--longest", type=int, default=10**6, help="for float32, exact (default: %(default)s)")
    parser.add_argument("--longest-other", type=int, default=10**4, help="for the others (default: %(default)s)")
    chosen = parser.parse_args()
    print(f"{'function':14} {'dtype':8} {'precision':9} {'error':>8} {'bound':>7}  {'kind of row':24} length, element")
    broken = False
    for case, (dtype, precision) in enumerate(true_rows.CASES):
        longest = chosen.longest if case == 0 else chosen.longest_other
        for name, worst in measured(dtype, precision, chosen.rows, longest).items():
            bound = true_rows.BOUNDS[name][case]
            broken |= worst.error > bound
            print(
                f"{name:14} {np.dtype(dtype).name:8} {precision:9} {worst.error:8.4f} {bound:7}  "
                f"{worst.kind:24} {worst.length}, {worst.position}",
                flush=True,
            )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
