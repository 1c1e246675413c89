"""Selects the kernel modules for this CPU: the widest instruction set built and supported, or a forced one."""

import contextlib
import importlib
import importlib.util
import os


@contextlib.contextmanager
def _openmp_settings():
    """
    Set environment variables for an OpenMP runtime that is loaded within the context.

    Idle threads are to sleep soon, unless the user has set this otherwise: by default they keep their cores busy for
    milliseconds after every call, and slow down the threads of NumPy's linear algebra. LLVM's runtime is to reset
    itself in forked children, which scikit-learn switches off: a child would wait for threads that it does not have.
    Runtimes read these variables only when they are loaded.
    """
    wanted = {"GOMP_SPINCOUNT": "1000", "KMP_BLOCKTIME": "1"}
    if any(name in os.environ for name in (*wanted, "OMP_WAIT_POLICY")):
        wanted = {}
    wanted["KMP_INIT_AT_FORK"] = "TRUE"
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


with _openmp_settings():
    try:
        from fastact._core import runtime
    except ImportError as error:
        raise ImportError(f"fastact is not built here; in a checkout run: pip install -e .  ({error})") from error

# From the widest to the oldest, with the lowest cpu_level() that supports it.
LEVELS = {"avx512": 2, "avx2": 1, "baseline": 0}
# The kernel modules; each is compiled once for every instruction set.
PARTS = ("elementwise", "rows")


def _module(part, name):
    return f"fastact._core.kernels.{part}_{name}"


def available():
    """Return the instruction sets that are built and supported by this CPU, the widest first."""
    level = runtime.cpu_level()
    return [
        name
        for name, needs in LEVELS.items()
        if needs <= level and all(importlib.util.find_spec(_module(part, name)) for part in PARTS)
    ]


def choose():
    """Return the instruction set to use: FASTACT_ISA, else the widest that is available."""
    if not available():
        raise ImportError("fastact has no compiled kernels here; in a checkout run: pip install -e .")
    forced = os.environ.get("FASTACT_ISA", "").lower()
    if not forced:
        return available()[0]
    if forced not in available():
        raise ImportError(f"FASTACT_ISA={forced!r} is not available here; available are {', '.join(available())}")
    return forced


instruction_set = choose()
# Every ufunc and generalised ufunc, and the declarations of the elementwise ones, by name.
ufuncs, declarations = {}, {}
for _part in PARTS:
    _kernels = importlib.import_module(_module(_part, instruction_set))
    ufuncs |= _kernels.ufuncs
    declarations |= _kernels.declarations
direct_calls = _kernels.direct_calls
