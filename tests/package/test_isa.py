"""The kernel modules: each gives right results, AVX2 and AVX-512 the same bits, and a wrong choice is a clear error."""

import json
import os
from importlib.util import find_spec

import numpy as np
import pytest

import fastact
from fastact._core import dispatch
from tests.support.processes import run_python

pytestmark = pytest.mark.configuration

PROGRAM = """
import hashlib, json, numpy as np, fastact
from tests.support.public_calls import UFUNCS
from tests.support.row_cases import row_arguments
rng = np.random.default_rng(0)
bits = rng.integers(0, 2**32, 60_000, dtype=np.uint32).view(np.float32)
x = np.concatenate([bits, rng.normal(0, 4, 40_000).astype(np.float32)])
x = x[np.isfinite(x)]
digest = {}

for precision in ("exact", "fast"):
    fastact.set_precision(precision)
    for dtype in (np.float16, np.float32, np.float64):
        with np.errstate(over="ignore"):
            a = x.astype(dtype)
        for name, function in UFUNCS.items():
            if function.signature is None:
                y = function(*[a, *[dtype(0.75)] * (function.nin - 1)])
                y = y if isinstance(y, tuple) else (y,)
            else:
                y = []
                for rows in (a[-40_000:].reshape(-1, 80), a[-40_000:].reshape(-1, 10), a[-40_000:].reshape(2000, 20).T):
                    found = function(*row_arguments(function, rows))
                    y += found if isinstance(found, tuple) else (found,)
            y = np.concatenate([part.ravel() for part in y])
            digest[f"{precision} {np.dtype(dtype)} {name}"] = hashlib.sha256(np.ascontiguousarray(y)).hexdigest()
print(json.dumps([fastact.show_config("dict")["instruction_set"], digest]))
"""


def run(program, instruction_set):
    return run_python("-c", program, FASTACT_ISA=instruction_set)


def test_avx2_and_avx512_give_identical_bits():
    if not {"avx2", "avx512"} <= set(dispatch.available()):
        pytest.skip("needs a processor with both")
    digests = []
    for name in ("avx2", "avx512"):
        result = run(PROGRAM, name)
        assert result.returncode == 0, result.stderr
        used, digest = json.loads(result.stdout)
        assert used == name
        digests.append(digest)
    assert digests[0] == digests[1]


@pytest.mark.parametrize("name", dispatch.available())
def test_each_available_instruction_set_can_be_forced(name):
    result = run("import fastact; print(fastact.show_config('dict')['instruction_set'])", name)
    assert result.stdout.strip() == name


def test_an_unknown_instruction_set_is_an_import_error_that_lists_the_others():
    result = run("import fastact", "sse9")
    assert result.returncode != 0
    assert "ImportError: FASTACT_ISA='sse9' is not available here; available are" in result.stderr


@pytest.mark.parametrize("level", sorted(set(dispatch.LEVELS.values())))
def test_a_lower_processor_gets_the_widest_module_that_it_can_run_and_no_other(level, monkeypatch):
    built = {name: needs for name, needs in dispatch.LEVELS.items() if find_spec(f"fastact._core.kernels.rows_{name}")}
    monkeypatch.setattr(dispatch.runtime, "cpu_level", lambda: level)
    monkeypatch.delenv("FASTACT_ISA", raising=False)
    can_run = [name for name, needs in built.items() if needs <= level]
    assert dispatch.available() == can_run
    if not can_run:  # a build for wider instruction sets only
        with pytest.raises(ImportError, match="no compiled kernels here"):
            dispatch.choose()
        return
    assert dispatch.choose() == can_run[0]
    for name, needs in built.items():
        monkeypatch.setenv("FASTACT_ISA", name)
        if needs <= level:
            assert dispatch.choose() == name
        else:
            with pytest.raises(ImportError, match=f"FASTACT_ISA='{name}' is not available here; available are"):
                dispatch.choose()


def test_without_any_built_module_the_error_says_how_to_build(monkeypatch):
    monkeypatch.setattr(dispatch, "available", list)
    with pytest.raises(ImportError, match="no compiled kernels here; in a checkout run: pip install -e"):
        dispatch.choose()


def test_an_import_without_the_compiled_part_says_how_to_build():
    hidden = "import sys; sys.modules['fastact._core.runtime'] = None; import fastact"
    assert "ImportError: fastact is not built here; in a checkout run: pip install -e ." in run(hidden, "").stderr


@pytest.mark.parametrize("chosen", [{}, {"OMP_WAIT_POLICY": "active"}, {"GOMP_SPINCOUNT": "7"}])
def test_openmp_is_loaded_with_short_spin_times_unless_the_user_has_set_them(chosen, monkeypatch):
    names = ("GOMP_SPINCOUNT", "KMP_BLOCKTIME", "OMP_WAIT_POLICY")
    for name in names:
        monkeypatch.delenv(name, raising=False)
    for name, value in chosen.items():
        monkeypatch.setenv(name, value)
    with dispatch._openmp_settings():
        inside = {name: os.environ[name] for name in names if name in os.environ}
    assert inside == (chosen or {"GOMP_SPINCOUNT": "1000", "KMP_BLOCKTIME": "1"})
    assert {name: os.environ[name] for name in names if name in os.environ} == chosen


@pytest.mark.parametrize("chosen", [None, "FALSE"])
def test_openmp_is_loaded_with_fork_handling_even_if_the_user_has_disabled_it(chosen, monkeypatch):
    monkeypatch.delenv("KMP_INIT_AT_FORK", raising=False)
    if chosen:
        monkeypatch.setenv("KMP_INIT_AT_FORK", chosen)
    with dispatch._openmp_settings():
        assert os.environ["KMP_INIT_AT_FORK"] == "TRUE"
    assert os.environ.get("KMP_INIT_AT_FORK") == chosen


@pytest.mark.skipif(
    not find_spec("fastact._core.kernels.rows_baseline"), reason="built for wider instruction sets only"
)
def test_a_built_baseline_is_available_and_last():
    assert dispatch.available()[-1] == "baseline"


def test_subnormals_survive_the_import_and_a_call():
    fastact.sigmoid(np.ones(100_000))
    smallest = np.full(3, np.finfo(np.float64).smallest_subnormal)
    np.testing.assert_array_equal(smallest + smallest, 2 * 5e-324)
    assert (smallest * 1.0 > 0).all()
