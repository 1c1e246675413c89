"""The command `python -m fastact bench`: run the parts, store the times, print and write the results."""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass

import fastact
from fastact._core import cpus
from fastact._verify.bench import cells, contestants, figures, machine, page, pictures, timing

QUICK_ROUNDS = 2
BUSY = 0.5  # load average above which other processes disturb the measurements
RESULTS = "results.json"


def run(chosen):
    """Measure or load earlier results; print and write them; return the exit status."""
    if chosen.earlier:
        record = _stored(chosen.earlier)
    else:
        for record in _measured(chosen):
            chosen.folder.mkdir(parents=True, exist_ok=True)
            (chosen.folder / RESULTS).write_text(json.dumps(record))
    runs = [[figures.Result(cells.from_dict(r["cell"]), r["seconds"]) for r in found] for found in record["runs"]]
    file = chosen.write or (chosen.earlier or chosen.folder) / "benchmarks.md"
    print(page.terminal(runs, record.get("busy", [])))
    drawn = pictures.draw(figures.best_of(runs), record.get("busy", []), file.parent / file.stem)
    shown = [(title, picture.relative_to(file.parent)) for title, picture in drawn]
    file.write_text(page.markdown(record, runs, shown))
    print(f"\nwritten: {file}, with {len(drawn)} pictures next to it")
    if record["errors"]:
        print("\nnot measured:", *record["errors"], sep="\n")
    return 1 if record["errors"] else 0


def _stored(folder):
    try:
        record = json.loads((folder / RESULTS).read_text())
    except OSError:
        raise SystemExit(f"no results of an earlier run in {folder}") from None
    if "runs" not in record:
        raise SystemExit(f"the results in {folder} are of another version")
    return record


# ---- what to measure


@dataclass
class Part:
    cells: list
    threads: int
    libraries: list
    isa: str = ""


def _measured(chosen):
    """Yield after each run the record of all runs so far."""
    parts = _chosen_parts(chosen)
    rounds = QUICK_ROUNDS if chosen.quick else timing.ROUNDS
    if (load := os.getloadavg()[0]) > BUSY:
        print(f"the load average is {load:.1f}: other processes make times longer, and two threads may share a core")
    record = {"machine": machine.facts(), "command": _command(chosen), "errors": [], "runs": []}
    again = not chosen.quick and chosen.runs == 1
    with _progress(chosen.runs * sum(len(part.cells) for part in parts)) as bar:
        for _ in range(chosen.runs):
            found = {}
            for part in parts:
                bar.set_description(f"threads: {part.threads} {part.isa}".rstrip())
                found |= _times(_lines(part, rounds, again), bar, record["errors"])
            record["runs"].append([{"cell": cell.as_dict(), "seconds": times} for cell, times in found.items()])
            yield record
    # all else first: it takes long, and this is what an interrupted run can do without
    if not (chosen.curves or chosen.only or chosen.sizes):
        plan = {"threads": max(part.threads for part in parts), "libraries": parts[0].libraries}
        record["busy"] = list(_output_of("busy", plan, _environment(plan["threads"])))
        yield record


def _chosen_parts(chosen):
    """Return the parts that have cells, for the options of the command."""
    libraries = _libraries(chosen.peers)
    if chosen.sizes and (chosen.curves or chosen.quick):
        option = "--curves" if chosen.curves else "--quick"
        raise SystemExit(f"--sizes cannot be combined with {option}, whose sizes are fixed; --only selects among them")
    try:
        pattern = re.compile(chosen.only or "")
    except re.error as error:
        raise SystemExit(f"--only {chosen.only!r} is not a regular expression: {error}") from None
    threads = _threads(chosen.threads)[-1:] if chosen.quick and not chosen.threads else _threads(chosen.threads)
    parts = _parts(threads, libraries, chosen)
    example = parts[0].cells[0]
    for part in parts:
        part.cells = [cell for cell in part.cells if pattern.search(str(cell))]
    parts = [part for part in parts if part.cells]
    if not parts:
        raise SystemExit(f"no benchmark of these sizes matches {chosen.only!r}; the first is called '{example}'")
    return parts


def _times(lines, bar, errors):
    """Return the times of each cell from the output of a process; advance the bar and add new errors to the list."""
    found = {}
    for facts in lines:
        if "again" in facts:
            bar.total += facts["again"]
            continue
        bar.update()
        if "error" in facts:
            errors += [facts["error"]] if facts["error"] not in errors else []
        elif seconds := facts.pop("seconds"):
            found[cells.from_dict(facts)] = seconds
    return found


def _command(chosen):
    """Return the command for the page, without the options for files."""
    words = ["python -m fastact bench"]
    words += [f"--{option}" for option in ("quick", "curves") if getattr(chosen, option)]
    words += [f"--runs {chosen.runs}"] if chosen.runs > 1 else []
    words += [f"--only {shlex.quote(chosen.only)}"] if chosen.only else []
    for option in ("sizes", "threads", "peers"):
        values = getattr(chosen, option)
        words += [f"--{option}", *map(str, values)] if values else []
    return " ".join(words)


def _libraries(wanted):
    installed = contestants.versions()
    missing = [name for name in wanted or () if name not in installed]
    if missing:
        raise SystemExit(f"not installed, or not compared: {', '.join(missing)}; there is {', '.join(installed)}")
    return list(wanted or installed)


def _threads(wanted):
    most = cpus.cpus_by_affinity()
    if wanted and max(wanted) > most:
        raise SystemExit(f"--threads {max(wanted)}: this process may use {most} processors")
    return sorted(set(wanted or (1, min(2, most))))


def _parts(threads, libraries, chosen):
    if chosen.curves:
        return [Part(cells.curves(n), n, libraries) for n in threads]
    if chosen.quick:
        return [Part(cells.quick_part(n), n, libraries) for n in threads]
    sizes = tuple(chosen.sizes or cells.SIZES)
    measured = cells.part if chosen.sizes else cells.full_part
    parts = [Part(measured(n, max(threads), sizes), n, libraries) for n in threads]
    if "torch" in libraries and fastact.show_config("dict")["instruction_set"] == "avx512":
        parts += [Part(cells.forced_part("avx2", n, sizes), n, ["torch"], "avx2") for n in threads]
    return parts


# ---- the processes


def _lines(part, rounds, again):
    """Run a part in a separate process and yield its lines of output."""
    environment = _environment(part.threads)
    if part.isa:
        environment |= {"FASTACT_ISA": part.isa, "ATEN_CPU_CAPABILITY": part.isa}
    plan = {
        "cells": [cell.as_dict() for cell in part.cells],
        "threads": part.threads,
        "libraries": part.libraries,
        "rounds": rounds,
        "again": again,
    }
    return _output_of("child", plan, environment)


def _environment(threads):
    return os.environ | {
        "FASTACT_NUM_THREADS": str(threads),
        "NUMEXPR_MAX_THREADS": str(threads),
        "JAX_PLATFORMS": "cpu",
        "JAX_ENABLE_X64": "1",
    }


def _output_of(module, plan, environment):
    """Yield the lines of output of a module that gets the plan."""
    command = [sys.executable, "-m", f"fastact._verify.bench.{module}"]
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=errors, text=True, env=environment) as process,
    ):
        process.stdin.write(json.dumps(plan) + "\n")
        process.stdin.close()
        try:
            for line in process.stdout:
                if line.startswith("{"):  # other libraries may print too
                    yield json.loads(line)
        except BaseException:
            process.kill()
            raise
        if process.wait():
            errors.seek(0)
            raise SystemExit(f"the measurements stopped: {errors.read().strip() or process.returncode}")


def _progress(total):
    from tqdm import tqdm

    return tqdm(total=total, desc="measuring", unit="cell", leave=False, smoothing=0, mininterval=1)
