"""
What `python -m fastact bench` measures, as single benchmarks: the same cells, libraries and arrays.

    pytest bench -k sigmoid-float32-65536                       one function and size: all layouts, threads, libraries
    pytest bench -k "softmax-float32 and 2-threads and not grad"
    pytest bench -k=-1024- --benchmark-columns=min,median       fewer columns

Times of one group are comparable, and only those: look at the numbers in parentheses, the ratios to the fastest. Here
one contestant runs after the other; the command, which alternates between them, is fairer. JAX is run with all
threads only, because it cannot be told otherwise after its import.
"""

import pytest

from fastact._core import cpus
from fastact._verify.bench import cells, contestants, inputs, timing

MOST = cpus.cpus_by_affinity()
CELLS = [cell for threads in sorted({1, min(2, MOST)}) for cell in cells.part(threads, min(2, MOST))]
CONTESTANTS = [
    pytest.param(cell, name, id=f"{cell} {name}".replace(" ", "-"))
    for cell in CELLS
    for name in (*contestants.ours(cell), *contestants.versions())
    if name != "jax" or cell.threads == MOST
]


@pytest.fixture(scope="session")
def pool():
    return inputs.Pool()


@pytest.mark.parametrize(("cell", "name"), CONTESTANTS)
def test_speed(benchmark, pool, cell, name):
    benchmark.group = str(cell)
    given = inputs.make(cell, pool)
    own = contestants.own_calls(cell, given)
    call = own.get(name) or contestants.library_call(name, cell, given)
    if call is None:
        pytest.skip(f"{name} has no {cell.name}, or not like this")
    timing.agree(own | {name: call}, given.out, cell.threads)
    with call.settings(cell.threads):
        benchmark(call.function, *call.arguments, **call.keywords)
