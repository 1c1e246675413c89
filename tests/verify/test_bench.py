"""The command `bench`: its cells, what it checks, and what it writes."""

import importlib.util
import itertools
import json
import sys

import numpy as np
import pytest

import fastact
from fastact import __main__ as command
from fastact._core import cpus
from fastact._verify import naive
from fastact._verify.bench import cells, contestants, figures, inputs, limits, tables, timing
from tests.support.processes import run_python

SMALL = ["--only", "^(relu|sigmoid|elu_grad) float32", "--peers", "numpy", "--threads", "1", "--sizes", "16", "64"]


@pytest.fixture
def small_cells(monkeypatch):
    monkeypatch.setattr(cells, "LAYOUT_SIZE", 64)
    monkeypatch.setattr(cells, "SQUARE", (8, 8))
    monkeypatch.setattr(cells, "ROW_SHAPES", (((4, 10), -1), ((2, 3, 4, 4), 1), ((6, 8), 0)))
    monkeypatch.setattr(cells, "OTHER_SIZES", (64,))
    return cells.part(1, 1, (16, 64))


@pytest.fixture
def needs_pictures():
    pytest.importorskip("matplotlib")
    pytest.importorskip("tqdm")


@pytest.fixture
def torch_afterwards_as_before():
    """PyTorch's settings hold for all of a process, and `bench` changes them."""
    torch = importlib.import_module("torch") if importlib.util.find_spec("torch") else None
    threads = torch and torch.get_num_threads()
    yield
    if torch:
        torch.set_grad_enabled(True)
        torch.set_num_threads(threads)


def test_every_function_has_cells(small_cells):
    assert {cell.name for cell in small_cells} == set(naive.NAMES)


def test_cells_have_names_of_their_own_and_survive_json(small_cells):
    assert len(set(map(str, small_cells))) == len(small_cells)
    for cell in small_cells:
        assert cells.from_dict(json.loads(json.dumps(cell.as_dict()))) == cell


@pytest.mark.parametrize("library", contestants.LIBRARIES)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("torch_afterwards_as_before")
def test_every_library_computes_what_fastact_does(library, small_cells):
    if library not in contestants.versions():
        pytest.skip(f"{library} is not installed")
    pool, found = inputs.Pool(), 0
    for cell in small_cells:
        given = inputs.make(cell, pool)
        call = contestants.library_call(library, cell, given)
        if call is not None:
            timing.agree({**contestants.own_calls(cell, given), library: call}, given.out, cell.threads)
            found += 1
    assert found > (30 if library != "scipy" else 10)


def test_a_wrong_contestant_is_noticed():
    x = np.linspace(-1, 1, 20, dtype=np.float32)
    right = contestants.Call(fastact.tanh, (x,))
    with pytest.raises(timing.DisagreementError, match=r"numpy and exact differ by 0\.\d+"):
        timing.agree({"exact": right, "numpy": contestants.Call(np.sin, (x,))}, None, 1)


def test_a_contestant_that_does_not_write_its_result_is_noticed():
    x, out = np.ones(20), np.empty(20)
    lazy = contestants.Call(lambda x: None, (x,))
    with pytest.raises(timing.DisagreementError):
        timing.agree({"float64": contestants.Call(fastact.tanh, (x,), {"out": out}), "numpy": lazy}, out, 1)


def test_the_timer_calls_the_function_with_its_operands():
    x = np.ones(16, np.float32)
    calls = {"exact": contestants.Call(fastact.relu, (x,)), "numpy": contestants.Call(np.maximum, (x, 0))}
    seconds = timing.measure(calls, threads=1, rounds=1)
    assert all(1e-8 < seconds[name] < 1e-3 for name in calls)


def test_the_summary_counts_what_is_behind():
    cell = cells.Cell("sigmoid", "float32", (1024,), "out=", 1)
    seconds = {"exact": 4e-6, "fast": 2e-6, "numpy": 8e-6, "torch": 1.8e-6}
    causes = limits.Causes()
    rows = {row[0]: row[1:] for row in tables.summary([figures.Result(cell, seconds)], causes)[2]}
    work, worst = "elementwise, fewer elements, fast", "sigmoid float32 1024 out= 1 thread fast, PyTorch"
    assert rows[work] == ["0.90", "0.90", "4.00", "≥ 1", "1", "1", "0.90", worst, "1"]
    exact = rows["elementwise, exact float32"]
    assert exact[0] == "0.45 [1.2]"  # below the required mean
    assert exact[4:7] == ["1", "1", "0.45"]  # of 0.5
    assert causes.listed()[0].startswith("1. ")
    assert "`sigmoid`" in causes.listed()[0]
    assert tables.behind([figures.Result(cell, seconds)])[2][0] == [
        *(work, "sigmoid", "1"),
        "fast 1k, 1 thread, PyTorch: 0.90",
    ]


def test_bench_writes_times_page_and_pictures(tmp_path, needs_pictures):
    arguments = ["bench", *SMALL, "--folder", str(tmp_path / "run")]
    result = run_python("-m", "fastact", *arguments)
    assert result.returncode == 0, result.stderr
    assert "elementwise, fewer elements, fast" in result.stdout
    record = json.loads((tmp_path / "run" / "results.json").read_text())
    (run,) = record["runs"]
    assert {r["cell"]["name"] for r in run} == {"relu", "sigmoid", "elu_grad"}
    assert {"exact", "fast", "numpy", "copy"} <= set(run[0]["seconds"])
    page = (tmp_path / "run" / "benchmarks.md").read_text()
    assert "| sigmoid |" in page
    assert f"fastact {fastact.__version__}" in page
    for line in page.splitlines():
        if line.startswith("!["):
            assert (tmp_path / "run" / line.split("(")[1].rstrip(")")).stat().st_size > 1000
    assert page.count("![") == 2
    # the same page elsewhere, without another measurement
    again = tmp_path / "docs" / "speed.md"
    again.parent.mkdir()
    assert command.main(["bench", "--from", str(tmp_path / "run"), "--write", str(again)]) == 0
    assert again.read_text() == page.replace("](benchmarks/", "](speed/")
    assert (again.parent / "speed" / "small_calls.png").exists()


def test_curves_have_every_width_in_each_size_of_array_that_it_fits_and_sizes_between_the_powers_of_two():
    found = [cell for cell in cells.curves(1) if (cell.name, cell.dtype) == ("softmax", "float32")]
    assert len(found) == len(set(found)) == sum(n <= total for total in cells.TOTALS for n in cells.WIDTHS)
    sizes = [cell.size for cell in cells.curves(1) if cell.name == "gelu"]
    assert (sizes[0], sizes[-1]) == (1, 2**24)
    assert all(small < large <= 2 * small for small, large in itertools.pairwise(sizes))


def test_curves_are_drawn_by_width(tmp_path, needs_pictures, monkeypatch):
    monkeypatch.setattr(cells, "TOTALS", (64,))
    only = "^(softmax|cross_entropy_value_and_grad) float32 [0-9]+x(1|2|3|5|8|10|64) "
    arguments = ["bench", "--curves", "--only", only, "--peers", "numpy", "--threads", "1", "--folder", str(tmp_path)]
    assert command.main(arguments) == 0
    picture = tmp_path / "benchmarks" / "time_by_width_float32_1_threads.png"
    assert picture.name in (tmp_path / "benchmarks.md").read_text()
    assert picture.stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "no_such_function"], "no benchmark of these sizes matches 'no_such_function'; the first is called"),
        (["--only", "("], "is not a regular expression"),
        (["--curves", "--sizes", "16"], "--sizes cannot be combined with --curves"),
        (["--peers", "numpy", "caffe"], "not installed, or not compared: caffe; there is numpy"),
        (["--threads", "999"], f"--threads 999: this process may use {cpus.cpus_by_affinity()} processors"),
        (["--from", "no/such/folder"], "no results of an earlier run in no/such/folder"),
    ],
)
def test_bench_refuses_what_it_cannot_do(arguments, message, needs_pictures):
    with pytest.raises(SystemExit) as error:
        command.main(["bench", *arguments])
    assert message in str(error.value)


@pytest.mark.parametrize("name", ["matplotlib", "tqdm"])
def test_bench_says_what_it_needs(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", np)
    monkeypatch.setitem(sys.modules, "tqdm", np)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SystemExit, match=rf"needs {name}: pip install fastact\[bench\]"):
        command.main(["bench"])


def test_a_cell_that_fails_is_named_and_the_others_are_there(capsys, tmp_path, monkeypatch, needs_pictures):
    lines = [{"error": "relu float32 16: wrong"}, cells.Cell("sigmoid", "float32", (16,), "out=", 1).as_dict()]
    lines[1]["seconds"] = {"exact": 1e-6, "fast": 1e-6, "numpy": 2e-6, "copy": 1e-6}
    monkeypatch.setattr("fastact._verify.bench.command._lines", lambda *arguments, **keywords: lines)
    assert command.main(["bench", *SMALL, "--folder", str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert printed.endswith("not measured:\nrelu float32 16: wrong\n")
    assert "| sigmoid |" in (tmp_path / "benchmarks.md").read_text()


def test_a_process_that_fails_says_why(tmp_path, monkeypatch, needs_pictures):
    monkeypatch.setenv("FASTACT_ISA", "nonsense")
    with pytest.raises(SystemExit, match=r"the measurements stopped: (.|\n)*FASTACT_ISA='nonsense' is not available"):
        command.main(["bench", *SMALL, "--folder", str(tmp_path)])
