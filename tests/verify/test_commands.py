"""The command line and show_config."""

import re
import sys

import numpy as np
import pytest

import fastact
from fastact import __main__ as command
from fastact._verify import naive
from fastact._verify.definitions import DEFINITIONS
from tests.support.processes import output_of, run_python


def test_demo_checks_every_function_and_ends_with_a_table(capsys, monkeypatch):
    monkeypatch.setattr("fastact._verify.demo.ROUNDS", 1)
    monkeypatch.setattr("fastact._verify.demo.SECONDS_A_ROUND", 1e-4)
    assert command.main(["demo", "--size", "2048"]) == 0
    output = capsys.readouterr().out
    for name in naive.NAMES:
        assert f"\n{name} " in output
    assert f"{len(naive.NAMES)} of {len(naive.NAMES)} functions agree" in output


def test_demo_reports_a_wrong_result_and_fails(capsys, monkeypatch):
    monkeypatch.setattr("fastact._verify.demo.ROUNDS", 1)
    monkeypatch.setattr("fastact._verify.demo.SECONDS_A_ROUND", 1e-4)
    monkeypatch.setattr(fastact, "relu", lambda x: x)
    assert command.main(["demo", "--size", "100"]) == 1
    assert "do not agree: relu" in capsys.readouterr().out


@pytest.mark.parametrize("size", ["0", "-5", "x"])
def test_a_bad_size_is_refused(size):
    with pytest.raises(SystemExit):
        command.main(["demo", "--size", size])


def test_info_prints_what_show_config_prints(capsys):
    assert command.main(["info"]) == 0
    printed = capsys.readouterr().out
    fastact.show_config()
    assert capsys.readouterr().out == printed
    for word in ("instruction set", "compiler", "openmp", "threads because", fastact.__version__):
        assert word in printed


def test_show_config_refuses_an_unknown_mode():
    with pytest.raises(ValueError, match="mode must be 'print' or 'dict'"):
        fastact.show_config("json")


def test_import_adds_few_modules_beyond_numpy():
    code = "import sys, numpy; before = set(sys.modules); import fastact; print(*(set(sys.modules) - before))"
    output = output_of("-c", code).split()
    # nothing heavy: these belong to the commands that need them
    heavy = {"argparse", "asyncio", "dataclasses", "importlib.metadata", "inspect", "multiprocessing", "subprocess"}
    assert not heavy & set(output)
    assert sum(not name.startswith(("numpy", "fastact")) for name in output) < 20


def test_accuracy_prints_a_row_for_each_function_and_precision(tmp_path):
    page = tmp_path / "accuracy.md"
    arguments = ["accuracy", "relu", "sigmoid", "--float64-points", "200", "--write", str(page)]
    result = run_python("-m", "fastact", *arguments)
    assert result.returncode == 0, result.stderr
    for name in ("relu", "relu_grad", "sigmoid", "sigmoid_grad"):
        assert re.search(rf"^{name} +exact ", result.stdout, re.M)
        assert re.search(rf"^{name} +fast ", result.stdout, re.M)
        assert f"| {name} | exact |" in page.read_text()
    assert "all within their bounds" in result.stdout


def test_accuracy_finds_a_wrong_result(capsys, monkeypatch, small_accuracy):
    right = fastact.sigmoid

    def wrong(x, out=None):
        y = right(x, out=out)
        if x.dtype == np.float32:
            y[x == 1] = np.nextafter(y[x == 1], np.float32(2))
        return y

    monkeypatch.setattr(fastact, "sigmoid", wrong)
    assert command.main(["accuracy", "sigmoid", *small_accuracy]) == 1
    assert re.search(r"^sigmoid, float32 exact: off by 1\.\d+ at 1\.0", capsys.readouterr().out, re.M)


def test_accuracy_keeps_results_and_takes_them_up(capsys, monkeypatch, tmp_path, small_accuracy):
    arguments = ["accuracy", "elu", "--results", str(tmp_path), *small_accuracy]
    assert command.main(arguments) == 0
    first = capsys.readouterr().out
    assert len(list(tmp_path.glob("elu*.json"))) == len(DEFINITIONS["elu"].parameters)
    monkeypatch.setattr("fastact._verify.accuracy.measure.case", None)
    assert command.main(arguments) == 0
    assert capsys.readouterr().out == first


def test_accuracy_refuses_an_unknown_name():
    with pytest.raises(SystemExit, match="not elementwise functions of fastact: softmax"):
        command.main(["accuracy", "softmax"])


def test_accuracy_of_a_gated_function_is_of_both_operands_gradients(capsys, small_accuracy):
    assert command.main(["accuracy", "swiglu", *small_accuracy]) == 0
    assert re.search(r"^swiglu_grad.* exact ", capsys.readouterr().out, re.M)


def test_commands_do_without_a_progress_bar(capsys, monkeypatch, small_accuracy):
    monkeypatch.setattr("fastact._verify.demo.ROUNDS", 1)
    monkeypatch.setattr("fastact._verify.demo.SECONDS_A_ROUND", 1e-4)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert command.main(["accuracy", "relu", *small_accuracy]) == 0
    assert command.main(["demo", "--size", "100"]) == 0


def test_accuracy_says_what_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpmath", None)
    with pytest.raises(SystemExit, match=r"pip install fastact\[accuracy\]"):
        command.main(["accuracy"])


@pytest.fixture
def small_accuracy(monkeypatch):
    # 1.0 is among these inputs
    monkeypatch.setattr("fastact._verify.accuracy.command.SAMPLE", 2**16)
    monkeypatch.setattr("fastact._verify.peers.is_compared", lambda name: False)
    return ["--processes", "1", "--float64-points", "100"]
