"""
Free-threaded CPython: the modules say that they do without the interpreter's lock, and no call changes a global.

On a free-threaded build all of test_python_threads.py applies too.
"""

import contextlib
import re
import sys
import sysconfig

import numpy as np
import pytest

import fastact
from tests.support.processes import ROOT, in_checkout, output_of
from tests.support.public_calls import FUNCTIONS, arguments

pytestmark = pytest.mark.configuration

# What calls change: numbers of the process, each written as one machine word by the functions that set them ...
PROCESS = {"process_precision", "process_threads", "threads_because"}
# ... what a forked child notes at its start, when it has one thread, and a count that is changed atomically.
FORK = {"fastact_serial"}
ATOMIC = {"fastact_calls"}


def sources(*endings):
    return [path for path in (ROOT / "fastact").rglob("*") if path.suffix in endings and "_verify" not in path.parts]


@pytest.mark.skipif(not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="needs a free-threaded Python")
def test_the_import_does_not_bring_the_lock_back():
    code = "import sys, fastact; sys.exit(sys._is_gil_enabled())"
    output_of("-W", "error", "-c", code)


@in_checkout
def test_every_module_is_compiled_as_one_that_needs_no_lock():
    generated = [path for path in (ROOT / "build" / "cython").rglob("*.c") if path.stem != "judge"]
    if not generated:
        pytest.skip("needs the C files of a build in place")
    assert {path.stem for path in generated} >= {"runtime", "elementwise"}
    for path in generated:
        assert "{Py_mod_gil, __Pyx_FREETHREADING_COMPATIBLE}" in path.read_text()
        assert "__Pyx_FREETHREADING_COMPATIBLE Py_MOD_GIL_NOT_USED" in path.read_text()


@in_checkout
def test_globals_that_functions_write_to_are_settings_of_the_process_or_belong_to_each_thread():
    header = "".join((ROOT / "fastact" / "_core" / name).read_text() for name in ("runtime.h", "sharing.h"))
    of_threads = set(re.findall(r"^static __thread \w+ (\w+)", header, re.M))
    of_process = set(re.findall(r"^static \w+ (\w+)(?: = .*)?;", header, re.M))
    written = set()
    for path in sources(".py", ".pyx", ".pxi"):
        for names in re.findall(r"^\s+global (.*)", path.read_text(), re.M):
            written.update(name.strip() for name in names.split(","))
    assert PROCESS <= written <= of_threads | PROCESS
    assert of_process == FORK | ATOMIC
    for name in ATOMIC:
        uses = re.findall(rf"(\S*){name}\b(?! = 0;)", header)
        assert set(uses) == {"__atomic_add_fetch(&"}
    # C code in the kernels has functions and no variables
    for path in sources(".pxi"):
        assert not re.findall(r"^\s*static (?!inline)\w+ \w+(?: =.*)?;", path.read_text(), re.M), path.name


def copy_of_globals():
    """Return all that the modules of fastact hold, containers as copies of their contents."""
    found = {}
    for module_name, module in sorted(sys.modules.items()):
        if module_name.split(".")[0] == "fastact" and not module_name.startswith("fastact._verify.naive"):
            for name, value in vars(module).items():
                contents = repr(value) if isinstance(value, (dict, list, set)) and name[:2] != "__" else None
                found[f"{module_name}.{name}"] = id(value), contents
    return found


def call_everything():
    for name in FUNCTIONS:
        given = arguments(name, 300, np.float32)
        function = getattr(fastact, name)
        function(*given)
        with contextlib.suppress(TypeError):
            function(*given, unknown=1)
        with contextlib.suppress(TypeError):
            function(given[0].astype(complex), *given[1:])
    with fastact.precision("fast"), fastact.num_threads(1):
        fastact.show_config("dict")


def test_no_call_and_no_error_changes_a_global_of_any_module():
    call_everything()  # what is imported at the first call
    before = copy_of_globals()
    call_everything()
    assert copy_of_globals() == before
