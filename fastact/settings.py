"""Settings of precision and threads, and the configuration for bug reports."""

import sys

import numpy as np

from fastact._core import dispatch, runtime
from fastact._core.runtime import (
    get_num_threads,
    get_precision,
    num_threads,
    precision,
    set_num_threads,
    set_precision,
)
from fastact._core.version import __version__

__all__ = [
    "get_num_threads",
    "get_precision",
    "num_threads",
    "precision",
    "set_num_threads",
    "set_precision",
    "show_config",
]


def show_config(mode="print"):
    """
    Show how fastact was built and which settings are in use.

    Parameters
    ----------
    mode : {"print", "dict"}, default "print"
        Print to standard output, or return a dict.

    Returns
    -------
    dict or None
        For ``"dict"``: the versions of fastact, Python and NumPy; precision; instruction set in use and those
        available; compiler; whether calls go past NumPy's machinery; version of the OpenMP specification (None if
        built without OpenMP) and its runtime; number of threads and the reason for it.

    Raises
    ------
    ValueError
        If `mode` is neither.

    Examples
    --------
    >>> import fastact
    >>> fastact.show_config("dict")["precision"]
    'fast'
    """
    if not isinstance(mode, str) or mode not in ("print", "dict"):
        raise ValueError(f"mode must be 'print' or 'dict', not {mode!r}")
    facts = runtime.facts()
    config = {
        "fastact": __version__,
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "precision": runtime.get_precision(),
        "instruction_set": dispatch.instruction_set,
        "instruction_sets_available": dispatch.available(),
        "compiler": facts["compiler"],
        "direct_calls": dispatch.direct_calls,
        "openmp": facts["openmp"],
        "openmp_runtime": facts["openmp_runtime"],
        "threads": facts["threads"],
        "threads_because": facts["threads_because"],
    }
    if mode == "dict":
        return config
    width = max(map(len, config))
    for name, value in config.items():
        text = ", ".join(value) if isinstance(value, list) else value
        print(f"{name.replace('_', ' '):{width}}  {text}")
    return None
