"""The command line and show_config."""

import subprocess
import sys

import pytest

import fastact
from fastact import __main__ as command
from fastact import _twins


def test_demo_checks_every_function_and_ends_with_a_table(capsys, monkeypatch):
    monkeypatch.setattr("fastact._demo.ROUNDS", 1)
    monkeypatch.setattr("fastact._demo.SECONDS_A_ROUND", 1e-4)
    assert command.main(["demo", "--size", "2048"]) == 0
    output = capsys.readouterr().out
    for name in _twins.NAMES:
        assert f"\n{name} " in output
    assert f"{len(_twins.NAMES)} of {len(_twins.NAMES)} functions agree" in output


def test_demo_reports_a_wrong_result_and_fails(capsys, monkeypatch):
    monkeypatch.setattr("fastact._demo.ROUNDS", 1)
    monkeypatch.setattr("fastact._demo.SECONDS_A_ROUND", 1e-4)
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
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    # nothing heavy: argparse, inspect and the like belong to the commands that need them
    assert not {"argparse", "importlib.metadata", "subprocess", "multiprocessing", "asyncio"} & set(output)
    assert sum(not name.startswith("numpy") for name in output) < 40
