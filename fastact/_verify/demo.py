"""The demonstration: check every function against its NumPy expression, time both and print the speed-ups."""

import time

import numpy as np

import fastact
from fastact._verify import naive

ROUNDS = 15
SECONDS_A_ROUND = 0.008
# Relative to the NumPy expression in float64, which unlike fastact subtracts numbers near 1 in places.
TOLERANCE = 1e-5
# The share of the largest result below which errors need not be smaller: gradients in precision "fast" have absolute
# errors near their roots.
SHARES = {"fast": 0.1, "exact": 1e-3}


def run(size):
    """Print the configuration, the checks and the table; return the exit status, 1 if a check failed."""
    fastact.show_config()
    print(f"\nfloat32, {size:,} elements; rows of up to 1024 for softmax and cross-entropy")
    rows = [row(name, size) for name in _progress(naive.NAMES)]
    print(f"\n{'function':30}{'difference':>12}{'NumPy':>12}{'fast':>12}{'exact':>12}{'speed-up':>16}")
    for name, difference, numpy_time, fast, exact in rows:
        print(
            f"{name:30}{difference:12.1e}{_microseconds(numpy_time):>12}{_microseconds(fast):>12}"
            f"{_microseconds(exact):>12}{f'{numpy_time / fast:.1f} x, {numpy_time / exact:.1f} x':>16}"
        )
    failed = [name for name, difference, *_ in rows if not difference <= TOLERANCE]
    print(
        f"\n{len(rows) - len(failed)} of {len(rows)} functions agree with NumPy's float64 result to {TOLERANCE:g}; "
        f"{sum(fast < numpy_time for _, _, numpy_time, fast, _ in rows)} are faster than NumPy."
    )
    if failed:
        print(f"these do not agree: {', '.join(failed)}")
    return 1 if failed else 0


def row(name, size):
    """Return the name, the largest difference of both precisions from NumPy, and the times of all three."""
    ours, expression = getattr(fastact, name), getattr(naive, name)
    arguments = naive.arguments(name, size, np.float32)
    in_float64 = [np.float64(a) if np.asarray(a).dtype.kind == "f" else a for a in arguments]
    expected = expression(*in_float64)
    difference = 0.0
    for precision, share in SHARES.items():
        with fastact.precision(precision):
            difference = max(difference, _difference(ours(*arguments), expected, share))
    times = _best_times(expression, ours, arguments)
    return name, difference, *times


def _difference(got, expected, share):
    if isinstance(expected, tuple):
        return max(_difference(y, true, share) for y, true in zip(got, expected, strict=True))
    scale = np.abs(expected).max(initial=np.finfo(np.float32).tiny)
    return float(np.max(np.abs(got - expected) / (np.abs(expected) + share * scale), initial=0))


def _best_times(expression, ours, arguments):
    """Return the best times of NumPy, fast and exact, measured in turn so that other load affects them equally."""
    best = [np.inf] * 3
    for _ in range(ROUNDS):
        for i, (function, precision) in enumerate([(expression, "fast"), (ours, "fast"), (ours, "exact")]):
            with fastact.precision(precision):
                function(*arguments)
                best[i] = min(best[i], _time_of_one(function, arguments))
    return best


def _time_of_one(function, arguments):
    calls, elapsed, start = 0, 0.0, time.perf_counter()
    while not calls or elapsed < SECONDS_A_ROUND:
        function(*arguments)
        calls += 1
        elapsed = time.perf_counter() - start
    return elapsed / calls


def _microseconds(seconds):
    return f"{seconds * 1e6:.4g} us"


def _progress(names):
    """Return the names, with a progress bar if tqdm is installed."""
    try:
        from tqdm import tqdm
    except ImportError:
        return names
    return tqdm(names, desc="checking and timing", unit="function", leave=False)
