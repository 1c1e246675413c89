"""
How much memory cross_entropy, its gradient and softmax need in addition to the logits.

    python tools/memory_of_rows.py                               4096 rows of 50,000 classes in float32: 0.8 GB
    python tools/memory_of_rows.py --rows 512 --classes 4000     fewer

Each runs in a process of its own. Prints what NumPy allocated at the most, results included, and by how much the
largest resident set of the process grew, in multiples of the logits' size; the latter also sees memory that NumPy
does not know of.
"""

import argparse
import resource
import subprocess
import sys
import tracemalloc

import numpy as np

import fastact

CALLS = {
    "cross_entropy": lambda x, labels: fastact.cross_entropy(x, labels),
    "cross_entropy of probabilities": lambda x, labels: fastact.cross_entropy(x, x),
    "cross_entropy_grad": lambda x, labels: fastact.cross_entropy_grad(x, labels),
    "cross_entropy_value_and_grad": lambda x, labels: fastact.cross_entropy_value_and_grad(x, labels),
    "cross_entropy_grad_and_hess": lambda x, labels: fastact.cross_entropy_grad_and_hess(x, labels),
    "softmax": lambda x, labels: fastact.softmax(x),
    "softmax along axis 0": lambda x, labels: fastact.softmax(x, 0),
    "softmax with a mask": lambda x, labels: fastact.softmax(x, where=np.arange(x.shape[1]) % 2 == 0),
    "logsumexp": lambda x, labels: fastact.logsumexp(x),
}


def peak_resident():
    """The largest resident set of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def measure(name, rows, classes):
    """Call once and print the two numbers."""
    logits = np.random.default_rng(0).random((rows, classes), np.float32)
    labels = np.zeros(rows, np.int64)
    CALLS[name](logits[:2], labels[:2])
    before = peak_resident()
    tracemalloc.start()
    result = CALLS[name](logits, labels)
    allocated = tracemalloc.get_traced_memory()[1]
    grown = peak_resident() - before
    del result
    print(f"{name:32} {allocated / logits.nbytes:10.4f} {grown / logits.nbytes:10.4f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--rows", type=int, default=4096, help="default: %(default)s")
    parser.add_argument("--classes", type=int, default=50_000, help="default: %(default)s")
    parser.add_argument("--only", choices=CALLS, help="one of the calls, in this process")
    chosen = parser.parse_args()
    if chosen.only:
        return measure(chosen.only, chosen.rows, chosen.classes)
    print(f"{'in multiples of the logits':32} {'allocated':>10} {'resident':>10}", flush=True)
    size = ["--rows", str(chosen.rows), "--classes", str(chosen.classes)]
    for name in CALLS:
        subprocess.run([sys.executable, __file__, "--only", name, *size], check=True)


if __name__ == "__main__":
    main()
