"""Where a row function finds no memory for its scratch it is a MemoryError, and the next call is right."""

import json
import os
import sys

import pytest

from tests.support.processes import output_of
from tests.support.public_calls import ROW_UFUNCS

pytestmark = [
    pytest.mark.configuration,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a limit of the address space"),
    pytest.mark.skipif("ASAN_OPTIONS" in os.environ, reason="AddressSanitizer ends the process where it has no memory"),
]

# those of nll_loss read two numbers of a row and have no scratch
WITH_SCRATCH = [name for name in ROW_UFUNCS if not name.startswith("nll_loss")]

PROGRAM = """
import contextlib, json, resource, numpy as np, fastact
from tests.support.row_cases import row_arguments

def take_all_memory():
    pages = int(open("/proc/self/statm").read().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize(), resource.RLIM_INFINITY))
    taken = []
    for size in (2**20, 2**16, 2**13):  # what malloc has left of earlier calls
        with contextlib.suppress(MemoryError):
            while True:
                taken.append(bytearray(size))
    return taken

fastact.set_num_threads(1)
found = {}
for name in NAMES:
    function = getattr(fastact.ufuncs, name)
    given = list(row_arguments(function, np.zeros((2, 150_000))))
    expected = function(*given)
    expected = expected if isinstance(expected, tuple) else (expected,)
    out = tuple(np.empty_like(y) for y in expected)
    taken = take_all_memory()
    try:
        function(*given, out=out)
        found[name] = "no error"
    except MemoryError as error:
        found[name] = str(error)
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    del taken
    function(*given, out=out)
    right = all(np.array_equal(a, b, equal_nan=True) for a, b in zip(out, expected))
    found[name] += "" if right else ", wrong afterwards"
print(json.dumps(found))
"""


def test_a_row_without_memory_for_its_scratch_is_a_memory_error_and_the_next_call_is_right():
    program = PROGRAM.replace("NAMES", repr(WITH_SCRATCH))
    found = json.loads(output_of("-c", program, MALLOC_ARENA_MAX="1"))
    assert found == dict.fromkeys(WITH_SCRATCH, "no memory for the scratch of a row")
