"""
One part of the measurements, in a process of its own: `command.py` starts it.

JAX takes its number of threads from the processors that the process may use when it is imported, and instruction sets
are chosen at import too. Each line of standard output is JSON: a cell with its times, a cell that failed and why, or
how many cells follow that are measured once more because they are close to what is asked of them.
"""

import json
import os
import sys


def main():
    plan = json.loads(sys.stdin.readline())
    libraries = plan["libraries"]
    # other ways to give JAX one thread, flags of XLA among them, leave it two
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-plan["threads"] :])
    elif plan["threads"] < os.cpu_count():
        libraries = [name for name in libraries if name != "jax"]
    from fastact._bench import cells, figures, inputs

    pool = inputs.Pool()
    close = []
    for facts in plan["cells"]:
        try:
            result = _measured(cells.from_dict(facts), pool, libraries, plan["rounds"])
        except Exception as error:  # the other cells are worth having
            print(json.dumps({"error": f"{cells.from_dict(facts)}: {error!r}"}), flush=True)
            continue
        _report(result)
        if plan["again"] and figures.is_close(result):
            close.append(result)
    print(json.dumps({"again": len(close)}), flush=True)
    for result in close:
        again = _measured(result.cell, pool, libraries, plan["rounds"]).seconds
        _report(figures.Result(result.cell, {name: min(t, again[name]) for name, t in result.seconds.items()}))


def _measured(cell, pool, libraries, rounds):
    from fastact._bench import contestants, figures, inputs, timing

    given = inputs.make(cell, pool)
    calls = contestants.calls(cell, given, libraries)
    if cell.isa and not any(name in calls for name in libraries):
        return figures.Result(cell, {})  # nobody to compare it with
    timing.agree(calls, given.out, cell.threads)
    return figures.Result(cell, timing.measure(calls, cell.threads, rounds))


def _report(result):
    print(json.dumps(result.cell.as_dict() | {"seconds": result.seconds}), flush=True)


if __name__ == "__main__":
    main()
