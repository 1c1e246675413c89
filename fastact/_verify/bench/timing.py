"""
Timing: all contestants of a cell run in turn, in several rounds; the best time of each counts.

A timing is a batch of calls that takes a good part of a millisecond. Before it, the contestant runs for a while to wake
its threads; before that there is a pause, because the threads of some libraries keep their cores busy for a millisecond
or two after a call. The main thread spins during the pause: a thread that has slept may wake on the core of another
one, and both then share it for many milliseconds (PyTorch's silu of 64k elements took 63 us instead of 9, fastact's 102
instead of 14). For the same reason, a contestant with several threads runs until it is as fast as before, or until the
system has had time to move the threads to different cores. Contestants that are far behind skip the later rounds.
"""

import time

import numpy as np

from fastact._verify.bench import contestants

ROUNDS = 5
REPEATS = 3  # timings in a row
TIMING = 200e-6
WARMING = 500e-6
PARTING = 10e-3  # how long two threads may share a core
NEAR = 1.1
PAUSE = 2e-3
MEDIUM = 1e-3  # a timing of calls longer than this is a single call, done twice
LONG = 10e-3  # contestants slower than this and far behind have one round
HOPELESS = 4  # far behind: this many times the time of fastact
ENOUGH = 0.5  # seconds for a cell; there are always two rounds
SAMPLE = 65_536
TOLERANCE = 1e-3


class DisagreementError(RuntimeError):
    """The results of two contestants differ."""


def measure(calls, threads, rounds=ROUNDS):
    """Return the time of a call in seconds for each contestant."""
    best = dict.fromkeys(calls, np.inf)
    timers = {name: call.timer() for name, call in calls.items()}
    counts = {}
    start = time.perf_counter()
    for turn in range(rounds):
        if turn > 1 and time.perf_counter() - start > ENOUGH:
            break
        limit = far_behind(best)
        for name, call in calls.items():
            if best[name] > limit and (turn > 1 or best[name] > LONG):
                continue
            if threads > 1:
                _wait(PAUSE)
            with call.settings(threads):
                best[name] = min(best[name], _timing(timers[name], name, counts, best[name], threads))
    return best


def far_behind(seconds):
    """Return the time above which a contestant is far behind."""
    return HOPELESS * max(seconds[name] for name in seconds if name in contestants.OURS)


def _wait(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def _timing(timer, name, counts, best, threads):
    """Return the time of a call; `counts` stores the number of calls in a batch, `best` is the best time so far."""
    if name not in counts:
        single = min(timer.repeat(2, 1))
        single = single if single > LONG else min(single, timer.timeit(1))
        counts[name] = 1 if single > MEDIUM else int(TIMING / single) + 1
        if single > LONG or (counts[name] == 1 and threads == 1):
            return single
    count = counts[name]
    _warm_up(timer, count, best, threads)
    return min(timer.repeat(REPEATS if count > 1 else 2, count)) / count


def _warm_up(timer, count, best, threads):
    """Run until the threads are awake and, as far as the times show, on separate cores."""
    enough, most = (WARMING if count > 1 else 0), (PARTING if threads > 1 else 0)
    spent, last = 0, np.inf
    while spent < enough or (spent < most and not last < NEAR * best * count < np.inf):
        last = timer.timeit(count)
        spent += last


def agree(calls, out, threads):
    """Raise DisagreementError unless all results agree with the first one to about the precision of float32."""
    expected = None
    for name, call in calls.items():
        if name not in (*contestants.OURS, *contestants.LIBRARIES):
            continue
        for array in out if isinstance(out, tuple) else () if out is None else (out,):
            array.fill(np.nan)
        with call.settings(threads):
            result = call.result()
        found = [_sample(a) for a in _parts(out if result is None else result)]
        if expected is None:
            first, expected = name, found
            continue
        worst = max(_difference(a, b) for a, b in zip(found, expected, strict=True))
        if not worst <= TOLERANCE:
            raise DisagreementError(f"{name} and {first} differ by {worst:.2g}, relatively")


def _parts(result):
    return result if isinstance(result, tuple) else (result,)


def _sample(result):
    flat = np.asarray(result).reshape(-1)
    return flat[:: -(-flat.size // SAMPLE)].astype(np.float64)


def _difference(found, expected):
    if found.shape != expected.shape:
        return np.inf
    # near zero relative to a hundredth of the largest value, because the usual expressions cancel there
    scale = np.abs(expected) + 0.01 * np.abs(expected).max(initial=np.finfo(np.float32).tiny)
    return float(np.max(np.abs(found - expected) / scale, initial=0))
