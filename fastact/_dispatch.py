"""Picks the kernel module for this processor: the widest instruction set that is built and supported, or a forced one."""

import importlib
import importlib.util
import os

from fastact import _runtime

# From the widest to the oldest, with what cpu_level() must at least return. `baseline` is built everywhere.
LEVELS = {"avx512": 2, "avx2": 1, "baseline": 0}


def available():
    """Return the instruction sets that are built and that this processor has, widest first."""
    level = _runtime.cpu_level()
    return [
        name for name, needs in LEVELS.items() if needs <= level and importlib.util.find_spec(f"fastact.kernels.{name}")
    ]


def choose():
    """Return the instruction set to use: FASTACT_ISA, else the widest that is available."""
    forced = os.environ.get("FASTACT_ISA")
    if not forced:
        return available()[0]
    if forced not in available():
        raise ImportError(f"FASTACT_ISA={forced!r} is not available here; available are {', '.join(available())}")
    return forced


instruction_set = choose()
kernels = importlib.import_module(f"fastact.kernels.{instruction_set}")
