"""
A part of the measurements, in a separate process that `command.py` starts.

A separate process, because JAX takes its number of threads from the CPUs available at import, and instruction sets are
selected at import too. Each line of standard output is JSON: a cell with its times, a cell that failed with the error,
or the number of cells that follow because they are measured again, as their ratios are close to the required ones.
"""

import json
import os
import sys

# Seconds: libraries expected to need more for one call are skipped, by their time per element at a smaller size.
LONGEST = 1
# The smallest size whose time per element is used for that.
TELLING = 65_536


def main():
    plan = json.loads(sys.stdin.readline())
    libraries = plan["libraries"]
    # with other methods, such as flags of XLA, JAX still uses two threads
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-plan["threads"] :])
    elif plan["threads"] < os.cpu_count():
        libraries = [name for name in libraries if name != "jax"]
    from fastact._verify.bench import cells, figures, inputs

    pool = inputs.Pool()
    slowness, agreed, close = {}, set(), []
    for facts in plan["cells"]:
        cell = cells.from_dict(facts)
        quick = [name for name in libraries if slowness.get((cell.name, cell.dtype, name), 0) * cell.size < LONGEST]
        try:
            result = _measured(cell, pool, quick, plan["rounds"], agreed)
        except Exception as error:  # measure the other cells nevertheless
            print(json.dumps({"error": f"{cell}: {error!r}"}), flush=True)
            continue
        if cell.size >= TELLING:
            slowness.update({(cell.name, cell.dtype, name): t / cell.size for name, t in result.seconds.items()})
        _report(result)
        if plan["again"] and figures.is_close(result):
            close.append(result)
    print(json.dumps({"again": len(close)}), flush=True)
    for result in close:
        _report(_measured_again(result, pool, libraries, plan["rounds"]))


def _measured(cell, pool, libraries, rounds, agreed):
    from fastact._verify.bench import cells, contestants, figures, inputs, timing

    given = inputs.make(cell, pool)
    calls = contestants.calls(cell, given, libraries)
    if cell.isa and not any(name in calls for name in libraries):
        return figures.Result(cell, {})  # nothing to compare it with
    # at the largest size calls are slow, and a check at a smaller size is enough
    same = (cell.name, cell.dtype, cell.layout)
    if len(cell.shape) > 1 or cell.size < cells.LARGE or same not in agreed:
        timing.agree(calls, given.out, cell.threads)
        agreed.add(same)
    return figures.Result(cell, timing.measure(calls, cell.threads, rounds))


def _measured_again(result, pool, libraries, rounds):
    """Measure fastact and all that are not far behind again, and return the better times."""
    from fastact._verify.bench import contestants, figures, inputs, timing

    limit = timing.far_behind(result.seconds)
    calls = contestants.calls(result.cell, inputs.make(result.cell, pool), libraries)
    near = {name: call for name, call in calls.items() if result.seconds.get(name, limit + 1) <= limit}
    again = timing.measure(near, result.cell.threads, rounds)
    return figures.Result(result.cell, {name: min(t, again.get(name, t)) for name, t in result.seconds.items()})


def _report(result):
    print(json.dumps(result.cell.as_dict() | {"seconds": result.seconds}), flush=True)


if __name__ == "__main__":
    main()
