"""The parts of the command `bench`: what is timed, how, by whom, and what a page of all of it holds."""

import argparse
import io
import json
import os
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

import fastact
from fastact import __main__ as command
from fastact._verify.bench import (
    busy,
    cells,
    child,
    contestants,
    curve_tables,
    figures,
    inputs,
    machine,
    tables,
    timing,
)

pytest.importorskip("tqdm", reason="needs matplotlib and tqdm")
bench = pytest.importorskip("fastact._verify.bench.command", reason="needs matplotlib and tqdm", exc_type=ImportError)
LONG = cells.Cell("relu", "float32", (contestants.SPEEDUP_SIZE,), "out=", 2)


def seconds_of(cell):
    """Return made-up times for every contestant of a cell."""
    names = [*contestants.ours(cell), *contestants.LIBRARIES, "copy"]
    if cell.threads > 1:
        names.append("copy by threads")
    if cell.size == contestants.SPEEDUP_SIZE:
        names += [name + contestants.ONE_THREAD for name in contestants.ours(cell)]
    if cell.size == 16:
        names.append(contestants.REFERENCE)
    return {name: (1 + k) * 1e-9 * cell.size for k, name in enumerate(names)}


def plan(cells_wanted, libraries=("numpy",), again=False):
    facts = [cell if isinstance(cell, dict) else cell.as_dict() for cell in cells_wanted]
    return {"cells": facts, "threads": 1, "libraries": list(libraries), "rounds": 1, "again": again}


@pytest.fixture
def child_reports(capsys, monkeypatch):
    """Run a part in this process; return what it reports."""

    def run(wanted):
        monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(wanted) + "\n"))
        monkeypatch.setattr(os, "sched_setaffinity", lambda *arguments: None, raising=False)
        child.main()
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_the_table_of_curves_names_the_worst_widths_and_the_highest_rise():
    per_element = {1: (8, 16, 4), 10: (4, 4, 8), 100: (5, 15, 10)}  # of fastact, PyTorch and NumPy
    results = []
    for width, times in per_element.items():
        cell = cells.Cell("softmax", "float32", (2**12 // width, width), "allocating", 1)
        times = dict(zip(("fast", "torch", "numpy"), (t * cell.size for t in times), strict=True))
        results.append(figures.Result(cell, times))
    other = cells.Cell("softmax", "float32", (64, 10), "out=", 1)
    results.append(figures.Result(other, {"fast": 1.0, "numpy": 1e-9}))
    header, rows = curve_tables.by_width(results)[1:]
    lowest = {"peers": "1.00 at 10, 2.00 at 1", "numpy": "0.50 at 1, 2.00 at 10"}
    compared = ["1.82", lowest["peers"], "1.26", lowest["numpy"]]
    assert rows == [["softmax", "4,096", "1", "fast", *compared, "+25%, 10 to 100"]]
    assert len(header) == len(rows[0])


def test_a_page_of_all_kinds_of_work_has_a_row_for_each_function_and_all_pictures(tmp_path, capsys):
    by_kind = {kind: name for name, kind in cells.KINDS.items()}
    names = {*by_kind.values(), "relu", "sigmoid"}
    everything = [*cells.full_part(1, 2), *cells.full_part(2, 2), *cells.forced_part("avx2", 2)]
    wanted = [cell for cell in everything if cell.name in names]
    record = {
        "machine": machine.facts(),
        "command": "python -m fastact bench",
        "errors": [],
        "runs": [[{"cell": cell.as_dict(), "seconds": seconds_of(cell)} for cell in wanted]],
        "busy": [
            {"cell": wanted[0].as_dict(), "busy": load, "seconds": {"one thread": 1, "fast": 1, "torch": 2}}
            for load in (0, 1)
        ],
    }
    (tmp_path / "results.json").write_text(json.dumps(record))
    assert command.main(["bench", "--from", str(tmp_path)]) == 0
    page = (tmp_path / "benchmarks.md").read_text()
    for name in names:
        assert f"\n| {name} |" in page
    assert {path.name for path in (tmp_path / "benchmarks").iterdir()} == {
        *("time_by_size_1_threads.png", "time_by_size_2_threads.png", "small_calls.png", "busy_machine.png"),
        *(f"time_by_width_float32_{threads}_threads.png" for threads in (1, 2)),
        *("time_by_width_float64_1_threads.png", "bandwidth.png"),
    }
    assert "8 pictures" in capsys.readouterr().out


def test_a_page_says_what_limits_the_functions_that_are_behind_once_for_all_with_one_reason():
    behind = [cells.Cell(name, "float64", (65_536,), "out=", 1) for name in ("silu", "sigmoid", "relu")]
    results = [figures.Result(cell, {"float64": 2e-3, "torch": 1e-3, "copy": 1e-4}) for cell in behind]
    text = bench.page.markdown({"machine": machine.facts(), "command": ""}, [results], [])
    assert "\n1. In float64 the exponential" in text
    assert "float64 64k, 1 thread, PyTorch: 0.50" in text
    assert max(map(len, text.splitlines())) < 400


def test_of_several_runs_the_page_tells_what_is_behind_in_each_and_in_all():
    wanted = [cells.Cell(name, "float64", (65_536,), "out=", 1) for name in ("silu", "sigmoid", "relu")]
    times_of_torch = [(1e-3, 5e-4, 5e-4), (1e-3, 1e-3, 5e-4)]
    runs = [
        [figures.Result(cell, {"float64": 1e-3, "torch": t}) for cell, t in zip(wanted, times, strict=True)]
        for times in times_of_torch
    ]
    text = bench.page.markdown({"machine": machine.facts(), "command": ""}, runs, [])
    assert "<summary>2 runs</summary>\n" in text
    assert "| elementwise, from 64k elements on, fast | 3 | 2, 1 | 1 | 0.63, 0.79 | 0.63, 0.79 |\n" in text
    assert " runs<" not in bench.page.markdown({"machine": machine.facts(), "command": ""}, runs[:1], [])


def test_only_cells_that_a_picture_is_about_are_drawn(tmp_path):
    allocating = cells.Cell("relu", "float32", (1024,), "allocating", 1)
    assert bench.pictures.draw([figures.Result(allocating, seconds_of(allocating))], [], tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_cells_of_a_forced_instruction_set_are_float32_below_the_largest_size():
    found = cells.forced_part("avx2", 2, (16, cells.LARGE))
    assert {cell.name for cell in found} == set(cells.ELEMENTWISE)
    assert {(cell.size, cell.dtype, cell.isa, cell.threads) for cell in found} == {(16, "float32", "avx2", 2)}


def test_parts_with_a_forced_instruction_set_follow_where_pytorch_can_be_forced_too(monkeypatch):
    monkeypatch.setattr(fastact, "show_config", lambda mode: {"instruction_set": "avx512"})
    chosen = argparse.Namespace(curves=False, quick=False, sizes=[16])
    parts = bench._parts([1], ["numpy", "torch"], chosen)
    assert [(part.isa, part.libraries) for part in parts] == [("", ["numpy", "torch"]), ("avx2", ["torch"])]
    assert {cell.isa for cell in parts[1].cells} == {"avx2"}
    assert len(bench._parts([1], ["numpy"], chosen)) == 1


def test_a_process_is_told_its_instruction_set_and_ended_when_nobody_listens(monkeypatch):
    started = []
    real = bench.subprocess.Popen

    def popen(*arguments, **keywords):
        started.append((keywords["env"], real(*arguments, **keywords)))
        return started[0][1]

    monkeypatch.setattr(bench.subprocess, "Popen", popen)
    wanted = [cells.Cell("relu", "float32", (16,), "out=", 1)] * 1000
    lines = bench._lines(bench.Part(wanted, 1, ["numpy"], "baseline"), 1, again=False)
    assert next(lines)["seconds"]["exact"] > 0
    lines.close()
    environment, process = started[0]
    assert environment["FASTACT_ISA"] == environment["ATEN_CPU_CAPABILITY"] == "baseline"
    assert process.returncode < 0


@pytest.mark.parametrize("name", cells.ALONG_AXIS)
def test_all_contestants_of_a_curve_agree(name):
    cell = cells.Cell(name, "float32", (8, 5), "allocating", 1)
    given = inputs.make(cell, inputs.Pool())
    timing.agree(contestants.calls(cell, given), given.out, 1)


# ---- the process of a part


def test_a_part_reports_times_and_errors_and_measures_again_what_is_close(child_reports, monkeypatch):
    monkeypatch.setattr(figures, "is_close", lambda result: result.cell.name == "relu")
    wrong = cells.Cell("relu", "float32", (16,), "out=", 1).as_dict() | {"shape": [-1]}
    right = [cells.Cell(name, "float32", (16,), "out=", 1) for name in ("relu", "sigmoid")]
    reports = child_reports(plan([wrong, *right], again=True))
    assert reports[0]["error"].startswith("relu float32 -1")
    assert [report.get("name") for report in reports[1:]] == ["relu", "sigmoid", None, "relu"]
    assert reports[3] == {"again": 1}
    assert reports[4]["seconds"]["exact"] <= reports[1]["seconds"]["exact"]


def test_who_would_take_longer_than_a_second_is_left_out_of_the_larger_cells(child_reports, monkeypatch):
    monkeypatch.setattr(child, "TELLING", 16)
    monkeypatch.setattr(child, "LONGEST", 1e-12)
    reports = child_reports(plan([cells.Cell("relu", "float32", (n,), "out=", 1) for n in (16, 1024)]))
    assert "numpy" in reports[0]["seconds"]
    assert "numpy" not in reports[1]["seconds"]


def test_a_forced_cell_that_no_library_has_is_not_measured(child_reports):
    assert child_reports(plan([cells.Cell("relu", "float32", (16,), "out=", 1, isa="avx2")], ()))[0]["seconds"] == {}


@pytest.mark.parametrize(("processors", "libraries"), [(8, ["numpy"]), (1, ["numpy", "jax"])])
def test_without_affinity_jax_is_measured_only_where_it_has_no_thread_too_many(
    processors, libraries, child_reports, monkeypatch
):
    seen = []
    monkeypatch.setattr(contestants, "calls", lambda cell, given, names: seen.append(list(names)) or {})
    monkeypatch.setattr(timing, "measure", lambda *arguments: {})
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    wanted = plan([cells.Cell("relu", "float32", (16,), "out=", 1)], ["numpy", "jax"])
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(wanted) + "\n"))
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    child.main()
    assert seen == [libraries]


# ---- contestants, and the measuring


def test_long_cells_also_have_a_copy_by_threads_and_fastact_on_one_thread():
    given = inputs.make(LONG, inputs.Pool())
    found = contestants.calls(LONG, given, ())
    assert set(found) == {"exact", "fast", "copy", "copy by threads", "exact, one thread", "fast, one thread"}
    with found["exact, one thread"].settings(2):
        assert fastact.get_num_threads() == 1
    copied = np.zeros(10), np.arange(10.0)
    contestants.SharedCopy(*copied, threads=3)()
    np.testing.assert_array_equal(*copied)


def test_jax_is_left_out_where_a_function_is_given_a_parameter():
    pytest.importorskip("jax", reason="JAX is not installed")
    cell, x = cells.Cell("elu", "float32", (16,), "out=", 1), np.ones(16, np.float32)
    assert contestants.library_call("jax", cell, inputs.Inputs({"x": x}, None, 0)) is not None
    assert contestants.library_call("jax", cell, inputs.Inputs({"x": x, "alpha": 0.5}, None, 0)) is None


def test_cells_of_sixteen_elements_also_have_a_ufunc_of_numpy():
    cell = cells.Cell("relu", "float32", (16,), "allocating", 1)
    assert contestants.REFERENCE in contestants.calls(cell, inputs.make(cell, inputs.Pool()), ())


@pytest.mark.parametrize("ratio", [1, 10])
def test_threads_are_required_to_speed_up_functions_limited_by_arithmetic(ratio):
    times = {"exact, one thread": ratio * 1e-3, "copy": 1e-3}
    assert figures._speedup(LONG, "exact", times, "exact, one thread") == (None if ratio == 1 else 1.8)


def test_the_timer_waits_before_each_turn_of_several_threads_and_stops_after_its_time(monkeypatch):
    waits = []
    monkeypatch.setattr(timing, "ENOUGH", 0)
    monkeypatch.setattr(timing, "_wait", waits.append)
    call = contestants.Call(fastact.relu, (np.ones(16, np.float32),))
    timing.measure({"exact": call}, threads=2, rounds=50)
    assert waits == [timing.PAUSE] * 2


@pytest.mark.parametrize(("threads", "best", "calls"), [(1, np.inf, 0), (2, np.inf, 4), (2, 3e-3, 1), (2, 1e-3, 4)])
def test_several_threads_warm_up_until_they_are_as_quick_as_before_or_ten_milliseconds(threads, best, calls):
    counts = []
    timer = SimpleNamespace(timeit=lambda count: counts.append(count) or 3e-3)
    timing._warm_up(timer, 1, best, threads)
    assert counts == [1] * calls


def test_the_timer_gives_who_is_slow_and_far_behind_one_round(monkeypatch):
    monkeypatch.setattr(timing, "LONG", 1e-3)
    slept = []
    slow = contestants.Call(lambda: slept.append(time.sleep(0.005)))
    calls = {"exact": contestants.Call(fastact.relu, (np.ones(16, np.float32),)), "numpy": slow}
    assert timing.measure(calls, 1, rounds=3)["numpy"] > 0.005
    assert len(slept) == 2


def test_the_timer_takes_two_calls_of_a_long_function_in_each_later_round():
    slept = []
    calls = {"exact": contestants.Call(lambda: slept.append(time.sleep(0.002)))}
    assert timing.measure(calls, 1, rounds=2)["exact"] > 0.002
    assert len(slept) == 3 + 2


def test_waiting_takes_its_time():
    start = time.perf_counter()
    timing._wait(0.002)
    assert time.perf_counter() - start >= 0.002


def test_results_of_different_shapes_disagree():
    x = np.ones(16, np.float32)
    calls = {"exact": contestants.Call(fastact.relu, (x,)), "numpy": contestants.Call(lambda x: x[:5], (x,))}
    with pytest.raises(timing.DisagreementError, match="differ by inf"):
        timing.agree(calls, None, 1)


def test_the_processor_has_a_name_also_where_linux_does_not_tell_it(monkeypatch):
    def missing(path):
        raise FileNotFoundError(path)

    monkeypatch.setattr(machine.Path, "read_text", missing)
    assert machine._processor()


def test_the_table_of_a_busy_machine_compares_all_threads_with_one():
    cell = cells.Cell("relu", "float32", (65_536,), "out=", 2)
    measured = [{"cell": cell.as_dict(), "busy": 1, "seconds": {"one thread": 1e-5, "fast": 2e-5, "torch": 3e-5}}]
    title, header, rows = tables.on_a_busy_machine(measured)
    assert title.startswith("On a busy machine")
    assert len(header) == len(rows[0])
    assert rows == [["relu", "64k", "1", "10", "20", "2.00", "30"]]
    assert tables.on_a_busy_machine([])[2] == []


def test_busy_processes_end_with_the_measurement():
    with busy.busy_processes(2) as running:
        assert [process.poll() for process in running] == [None, None]
    assert None not in [process.returncode for process in running]


def test_the_mean_is_over_all_calls_of_each_contestant(monkeypatch):
    monkeypatch.setattr(busy, "LONGEST", 0.01)
    x = np.zeros(1000, np.float32)
    found = busy.mean_times({"fast": contestants.Call(fastact.relu, (x,)), "slow": contestants.Call(np.sort, (x,))}, 1)
    assert 0 < found["fast"] < found["slow"]
