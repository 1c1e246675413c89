"""
The measurements on a busy machine: mean times while other processes use the same processors.

A separate process, which `command.py` starts. The mean counts, because a call that waits for a thread that the system
does not run is rare and long. Each line of standard output is JSON: a cell, the number of busy processes, and the mean
times of the contestants.
"""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager

CALLS = 300
ROUNDS = 6
LONGEST = 0.4  # seconds of a contestant in a cell; there are always some calls
LOADS = (0, 1, 2)
WORK = (
    ("relu", (65_536,)),
    ("relu", (2**20,)),
    ("sigmoid", (65_536,)),
    ("sigmoid", (2**20,)),
    ("gelu", (2**18,)),
    ("softmax", (1000, 64)),
    ("softmax", (128, 32_000)),
    ("log_softmax", (1000, 64)),
)
LIBRARIES = ("numpy", "torch")


def main():
    plan = json.loads(sys.stdin.readline())
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-plan["threads"] :])
    libraries = [name for name in LIBRARIES if name in plan["libraries"]]
    for load in LOADS:
        with busy_processes(load):
            for cell, calls in _cells(plan["threads"], libraries):
                seconds = mean_times(calls, cell.threads)
                print(json.dumps({"cell": cell.as_dict(), "busy": load, "seconds": seconds}), flush=True)


@contextmanager
def busy_processes(count):
    """Run as many processes that use a processor each."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        time.sleep(0.2 if count else 0)
        yield running
    finally:
        for process in running:
            process.kill()
            process.wait()


def _cells(threads, libraries):
    from fastact._verify.bench import cells, contestants, inputs

    pool = inputs.Pool()
    for name, shape in WORK:
        cell = cells.Cell(name, "float32", shape, "out=", threads)
        calls = contestants.calls(cell, inputs.make(cell, pool), libraries, references=False)
        own = calls.pop("exact") and calls["fast"]
        alone = contestants.Call(own.function, own.arguments, own.keywords, own.precision, threads=1)
        yield cell, {"one thread": alone, **calls}


def mean_times(calls, threads):
    """Return the mean time of a call of each contestant; they run in turn, some calls at a time."""
    timers = {name: call.timer() for name, call in calls.items()}
    spent, count = dict.fromkeys(calls, 0.0), dict.fromkeys(calls, 0)
    for turn in range(ROUNDS):
        for name, call in calls.items():
            if turn and spent[name] > LONGEST:
                continue
            with call.settings(threads):
                times = timers[name].repeat(CALLS // ROUNDS if spent[name] < LONGEST / 4 else 2, 1)
            spent[name], count[name] = spent[name] + sum(times), count[name] + len(times)
    return {name: spent[name] / count[name] for name in calls}


if __name__ == "__main__":
    main()
