"""Where the tests are, and Python in a new process that finds fastact and the tests where this one does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# .ci/run copies tests and examples away from the sources
in_checkout = pytest.mark.skipif(not (ROOT / "setup.py").exists(), reason="needs the checkout")


def environment(**variables):
    """Return the environment of this process with further variables."""
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, **variables}


def run_python(*arguments, timeout=None, **variables):
    """Run the interpreter of this process with arguments; return what it wrote and its exit status."""
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, env=environment(**variables), capture_output=True, text=True, timeout=timeout)


def output_of(*arguments, timeout=None, **variables):
    """Return what the interpreter prints; an error if it fails or writes about one."""
    result = run_python(*arguments, timeout=timeout, **variables)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def usable_cores():
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
