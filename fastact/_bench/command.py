"""The command `python -m fastact bench`: runs the parts, keeps the times, prints the summary, writes page and pictures."""

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import fastact
from fastact import _cpus
from fastact._bench import cells, contestants, figures, machine, page, pictures, timing

QUICK_SIZES = (16, 65_536, 2**20)
QUICK_ROUNDS = 2
RESULTS = "results.json"


def run(chosen):
    """Measure, or take up earlier results; print and write; return the exit status."""
    if chosen.earlier:
        record = _stored(chosen.earlier)
    else:
        record = _measured(chosen)
        chosen.folder.mkdir(parents=True, exist_ok=True)
        (chosen.folder / RESULTS).write_text(json.dumps(record))
    results = [figures.Result(cells.from_dict(r["cell"]), r["seconds"]) for r in record["results"]]
    file = chosen.write or (chosen.earlier or chosen.folder) / "benchmarks.md"
    print(page.terminal(results))
    drawn = pictures.draw(results, file.parent / file.stem)
    file.write_text(page.markdown(record, results, [picture.relative_to(file.parent) for picture in drawn]))
    print(f"\nwritten: {file}, with {len(drawn)} pictures beside it")
    return 0


def _stored(folder):
    try:
        return json.loads((folder / RESULTS).read_text())
    except OSError:
        raise SystemExit(f"no results of an earlier run in {folder}") from None


# ---- what to measure


@dataclass
class Part:
    cells: list
    threads: int
    libraries: list
    isa: str = ""


def _measured(chosen):
    libraries = _libraries(chosen.peers)
    sizes = tuple(chosen.sizes or (QUICK_SIZES if chosen.quick else cells.SIZES))
    rounds = QUICK_ROUNDS if chosen.quick else timing.ROUNDS
    parts = _parts(_threads(chosen.threads), sizes, libraries, chosen.only)
    if not any(part.cells for part in parts):
        raise SystemExit(
            f"no benchmark of these sizes matches {chosen.only!r}; one is called {_example(parts, sizes)!r}"
        )
    found = {}
    with _progress(sum(len(part.cells) for part in parts)) as bar:
        for part in parts:
            if part.cells:
                for facts in _lines(part, rounds, again=not chosen.quick):
                    if "again" in facts:
                        bar.total += facts["again"]
                        continue
                    seconds = facts.pop("seconds")
                    found[cells.from_dict(facts)] = seconds
                    bar.update()
    return {
        "machine": machine.facts(),
        "settings": {"quick": chosen.quick, "rounds": rounds, "sizes": sizes, "only": chosen.only},
        "results": [{"cell": cell.as_dict(), "seconds": seconds} for cell, seconds in found.items()],
    }


def _libraries(wanted):
    installed = contestants.versions()
    missing = [name for name in wanted or () if name not in installed]
    if missing:
        raise SystemExit(f"not installed, or not compared: {', '.join(missing)}; there is {', '.join(installed)}")
    return list(wanted or installed)


def _threads(wanted):
    most = _cpus.cpus_by_affinity()
    if wanted and max(wanted) > most:
        raise SystemExit(f"--threads {max(wanted)}: this process may use {most} processors")
    return sorted(set(wanted or (1, min(2, most))))


def _parts(threads, sizes, libraries, pattern):
    parts = [Part(cells.part(n, max(threads), sizes), n, libraries) for n in threads]
    if "torch" in libraries and fastact.show_config("dict")["instruction_set"] == "avx512":
        parts += [Part(cells.forced_part("avx2", n, sizes), n, ["torch"], "avx2") for n in threads]
    for part in parts:
        part.cells = [cell for cell in part.cells if re.search(pattern or "", str(cell))]
    return parts


def _example(parts, sizes):
    return str(cells.part(parts[0].threads, parts[0].threads, sizes)[0])


# ---- the processes


def _lines(part, rounds, again):
    """Yield what a process of its own reports of one part."""
    environment = os.environ | {
        "FASTACT_NUM_THREADS": str(part.threads),
        "NUMEXPR_MAX_THREADS": str(part.threads),
        "JAX_PLATFORMS": "cpu",
        "JAX_ENABLE_X64": "1",
    }
    if part.isa:
        environment |= {"FASTACT_ISA": part.isa, "ATEN_CPU_CAPABILITY": part.isa}
    plan = {
        "cells": [cell.as_dict() for cell in part.cells],
        "threads": part.threads,
        "libraries": part.libraries,
        "rounds": rounds,
        "again": again,
    }
    command = [sys.executable, "-m", "fastact._bench.child"]
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

    return tqdm(total=total, desc="measuring", unit="cell", leave=False, smoothing=0)
