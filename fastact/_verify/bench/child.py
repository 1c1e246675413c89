"""
One part of the measurements, in a process of its own: `command.py` starts it.

JAX takes its number of threads from the processors that the process may use when it is imported, and instruction sets
are chosen at import too. Each line of standard output is JSON: a cell with its times, a cell that failed and why, or
how many cells follow that are measured once more because they are close to what is asked of them.
"""

import json
import os
import sys

# Seconds: who would take longer for one call is left out, by the time an element of the function at a smaller size.
LONGEST = 1
TELLING = 65_536


def main():
    plan = json.loads(sys.stdin.readline())
    libraries = plan["libraries"]
    # other ways to give JAX one thread, flags of XLA among them, leave it two
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
        except Exception as error:  # the other cells are worth having
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
        return figures.Result(cell, {})  # nobody to compare it with
    # at the largest size a call of everyone takes long, and it would only repeat what the one before has shown
    same = (cell.name, cell.dtype, cell.layout)
    if len(cell.shape) > 1 or cell.size < cells.LARGE or same not in agreed:
        timing.agree(calls, given.out, cell.threads)
        agreed.add(same)
    return figures.Result(cell, timing.measure(calls, cell.threads, rounds))


def _measured_again(result, pool, libraries, rounds):
    """Return the better time of two for fastact and all that are not far behind."""
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
