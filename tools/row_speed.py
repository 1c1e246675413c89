"""
Time softmax and cross-entropy with its gradient against PyTorch and JAX, where these are installed.

    python tools/row_speed.py                 all threads
    python tools/row_speed.py --threads 1

In one process, in turn, the best of several rounds; times in microseconds, ratios in brackets: above 1 fastact in
precision "exact" is ahead.
"""

import argparse
import os
import time
from functools import partial

SHAPES = [
    ((64, 10), -1),
    ((8192, 10), -1),
    ((1024, 1000), -1),
    ((128, 32000), -1),
    ((1, 2**20), -1),
    ((64, 19, 128, 128), 1),
    ((1000, 1024), 0),
]


def best_times(calls, rounds):
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            count = max(1, int(3e-4 / (time.perf_counter() - start)))
            start = time.perf_counter()
            for _ in range(count):
                call()
            best[name] = min(best[name], (time.perf_counter() - start) / count)
    return best


def in_precision(word, call):
    import fastact

    fastact.set_precision(word)
    call()


def softmax_calls(x, axis):
    import numpy as np

    import fastact

    out = np.empty_like(x)
    ours = partial(fastact.softmax, x, axis, out=out)
    calls = {word: partial(in_precision, word, ours) for word in ("exact", "fast")}
    if torch := imported("torch"):
        calls["torch"] = partial(torch.softmax, torch.from_numpy(x), axis)
    if jax := imported("jax"):
        compiled, given = jax.jit(partial(jax.nn.softmax, axis=axis)), jax.numpy.asarray(x)
        calls["jax"] = lambda: compiled(given).block_until_ready()
    return calls


def cross_entropy_calls(x, labels):
    import fastact

    ours = partial(fastact.cross_entropy_value_and_grad, x, labels)
    calls = {word: partial(in_precision, word, ours) for word in ("exact", "fast")}
    if torch := imported("torch"):
        given, target = torch.from_numpy(x).requires_grad_(), torch.from_numpy(labels)

        def backward():
            given.grad = None
            torch.nn.functional.cross_entropy(given, target).backward()

        calls["torch"] = backward
    if jax := imported("jax"):
        rows = jax.numpy.arange(len(labels))

        def loss(logits, target):
            return -jax.nn.log_softmax(logits)[rows, target].mean()

        compiled, arrays = jax.jit(jax.value_and_grad(loss)), (jax.numpy.asarray(x), jax.numpy.asarray(labels))
        calls["jax"] = lambda: compiled(*arrays)[1].block_until_ready()
    return calls


def imported(name):
    try:
        return __import__(name)
    except ImportError:
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, help="how many each library may use")
    parser.add_argument("--rounds", type=int, default=15)
    chosen = parser.parse_args()
    if chosen.threads:
        os.environ["OMP_NUM_THREADS"] = str(chosen.threads)
        if chosen.threads == 1:
            os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    import numpy as np

    rng = np.random.default_rng(0)
    for shape, axis in SHAPES:
        x = rng.normal(size=shape).astype(np.float32)
        report(f"softmax {shape} axis {axis}", softmax_calls(x, axis), chosen.rounds)
        if axis == -1:
            labels = rng.integers(0, shape[1], shape[0])
            report(f"cross_entropy_value_and_grad {shape}", cross_entropy_calls(x, labels), chosen.rounds)


def report(label, calls, rounds):
    for call in calls.values():
        call()
    best = best_times(calls, rounds)
    cells = [f"{name} {1e6 * t:9.1f} ({t / best['exact']:.2f})" for name, t in best.items()]
    print(f"{label:45}", *cells, sep="  ", flush=True)


if __name__ == "__main__":
    main()
