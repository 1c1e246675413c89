"""The command `python -m fastact accuracy`: measure the errors of every elementwise function and write a page."""

import json
import multiprocessing
from functools import partial

import fastact
from fastact._verify.accuracy import measure, page
from fastact._verify.definitions import DEFINITIONS

# Odd, so that every pattern of the last bits occurs: about 2^20 and 2^24 inputs.
SAMPLE, PEERS = 4099, 257
EXACT = 0.5001
MISROUNDED = 200


def run(chosen):
    """Measure and print; return the exit status, 1 if an error exceeds its bound."""
    unknown = sorted(set(chosen.names) - set(DEFINITIONS))
    if unknown:
        raise SystemExit(f"not elementwise functions of fastact: {', '.join(unknown)}")
    results = _results(chosen)
    violations = [text for result in results for text in broken(result)]
    print(*page.tables(results), sep="\n")
    if chosen.write:
        chosen.write.write_text(page.page(results))
    print(*violations or ["all within their bounds"], sep="\n")
    return 1 if violations else 0


def _results(chosen):
    """Return the results of all cases, measured or stored by an earlier run."""
    step = 1 if chosen.exhaustive else SAMPLE
    points = chosen.float64_points or (20_000 if chosen.exhaustive else 2000)
    peer_step = PEERS if chosen.exhaustive else SAMPLE
    cases = [(name, p) for name in chosen.names or DEFINITIONS for p in DEFINITIONS[name].parameters]
    found = {case: _stored(chosen.results, case, step) for case in cases}
    missing = [case for case in cases if not found[case] or found[case]["points"] != points]
    measure_case = partial(_measured, known=found, step=step, points=points, peer_step=peer_step)
    processes = min(chosen.processes or fastact.get_num_threads(), len(missing))
    for case, result in _progress(_each(measure_case, missing, processes), len(missing)):
        found[case] = result
        _store(chosen.results, case, result)
    return [found[case] for case in cases]


def broken(result):
    """Return a sentence for each row whose error exceeds its bound."""
    bounds = DEFINITIONS[result["name"]].bounds
    sentences = []
    for key in ("float32", "float64", "float16"):
        for row in result[key]:
            if key == "float16":
                # the product of two operands may be a tie in float64 although the true value is not
                good = row["largest"] <= EXACT if DEFINITIONS[result["name"]].gated else row["misrounded"] == 0
            elif key == "float64" and row["precision"] == "exact":
                good = (row["largest_beyond"] if row["gradient"] else row["largest"]) <= bounds[row["gradient"]]
            elif row["precision"] == "exact":
                good = row["largest"] <= EXACT and (row["misrounded"] < MISROUNDED or result["step"] > 1)
            else:
                good = (row["largest_beyond"] if row["gradient"] else row["largest"]) <= bounds[2 + row["gradient"]]
            label = f"{page.label(result, row)}, {key} {row.get('precision', '')}".rstrip()
            if not good:
                sentences.append(f"{label}: off by {row['largest']:.4f} at {row['at']!r}")
            if not row.get("nan", True):
                sentences.append(f"{label}: NaN does not give NaN")
    return sentences


def _measured(case, known, **settings):
    return case, measure.case(*case, **settings, known=known[case])


def _each(measure_case, cases, processes):
    if processes < 2:
        yield from map(measure_case, cases)
        return
    # spawned, because forked processes would share the threads of libraries that do not support it
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(measure_case, cases)


def _path(folder, case):
    name, parameters = case
    return folder / f"{'_'.join([name, *map(str, parameters)])}.json"


def _stored(folder, case, step):
    """Return the result of an earlier run of the same build at the same float32 inputs, or None."""
    if folder is None or not _path(folder, case).exists():
        return None
    result = json.loads(_path(folder, case).read_text())
    return result if (result["step"], result["build"]) == (step, measure.build()) else None


def _store(folder, case, result):
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        _path(folder, case).write_text(json.dumps(result))


def _progress(results, total):
    """Return the results, with a progress bar if tqdm is installed."""
    try:
        from tqdm import tqdm
    except ImportError:
        return results
    return tqdm(results, total=total, desc="measuring", unit="function", leave=False)
