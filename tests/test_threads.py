"""How many threads a call takes: the same bits for any number, limits obeyed, what the process starts with."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import threadpoolctl

import fastact
from fastact import _cpus

N = 2_000_003  # enough work for sleeping threads to be woken


def results(threads):
    x = np.random.default_rng(0).normal(size=N).astype(np.float32)
    rows = x[:1_800_000].reshape(3600, 500)
    with fastact.num_threads(threads):
        return [
            fastact.sigmoid(x),
            fastact.softplus_grad(x, x, 0.7),
            fastact.softmax(rows),
            *fastact.cross_entropy_value_and_grad(rows, np.arange(3600) % 500),
        ]


@pytest.mark.usefixtures("many_threads")
@pytest.mark.parametrize("threads", [2, 3, 4, 7])
def test_bits_do_not_depend_on_the_number_of_threads(threads):
    for one, several in zip(results(1), results(threads), strict=True):
        np.testing.assert_array_equal(one, several)


def test_limits_of_the_calling_thread_combine_to_the_smallest():
    openmp = fastact.show_config("dict")["openmp"] is not None
    before = fastact.get_num_threads()
    try:
        fastact.set_num_threads(4)
        assert fastact.get_num_threads() == (4 if openmp else 1)
        with fastact.num_threads(3):
            assert fastact.get_num_threads() == (3 if openmp else 1)
            with fastact.num_threads(5):
                assert fastact.get_num_threads() == (4 if openmp else 1)
            assert fastact.get_num_threads() == (3 if openmp else 1)
        with threadpoolctl.threadpool_limits(1):
            assert fastact.get_num_threads() == 1
        assert fastact.get_num_threads() == (4 if openmp else 1)
    finally:
        fastact.set_num_threads(before)


def test_context_managers_do_not_leak_into_other_threads():
    with fastact.num_threads(1), fastact.precision("fast"), ThreadPoolExecutor(1) as pool:
        inside = pool.submit(lambda: (fastact.get_num_threads(), fastact.get_precision())).result()
    assert inside == (fastact.get_num_threads(), "exact")


def test_show_config_gives_the_reason_that_holds():
    with fastact.num_threads(1):
        config = fastact.show_config("dict")
    assert config["threads"] == 1
    if config["openmp"] and fastact.get_num_threads() > 1:
        assert config["threads_because"] == "num_threads or threadpoolctl in this thread"


@pytest.mark.parametrize("n", [0, -1, 1025])
def test_a_number_of_threads_out_of_range_is_a_value_error(n):
    with pytest.raises(ValueError, match="from 1 to 1024"):
        fastact.set_num_threads(n)
    with pytest.raises(ValueError, match="from 1 to 1024"):
        fastact.num_threads(n)


def test_a_number_of_threads_that_is_no_integer_is_a_type_error():
    with pytest.raises(TypeError, match="must be an int"):
        fastact.set_num_threads(2.0)


@pytest.mark.timeout(60)
def test_the_lock_is_handled_rightly_after_a_sub_interpreter():
    interpreters = pytest.importorskip("_xxsubinterpreters")
    code = (
        f"import numpy as np, {interpreters.__name__} as s, fastact; s.destroy(s.create()); "
        "print(fastact.softmax(np.zeros((100, 50))).sum(), fastact.ufuncs.cross_entropy(np.zeros((2, 3000)), 0, 1.0))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_threads_at_start_come_from_the_environment_first():
    assert _cpus.threads_at_start({"FASTACT_NUM_THREADS": "3", "OMP_NUM_THREADS": "2"}) == (3, "FASTACT_NUM_THREADS")
    assert _cpus.threads_at_start({"OMP_NUM_THREADS": "5,2"}) == (5, "OMP_NUM_THREADS")
    with pytest.raises(ValueError, match="FASTACT_NUM_THREADS must be a whole number"):
        _cpus.threads_at_start({"FASTACT_NUM_THREADS": "many"})
    with pytest.raises(ValueError, match="FASTACT_NUM_THREADS must be a whole number"):
        _cpus.threads_at_start({"FASTACT_NUM_THREADS": "0"})


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs sched_setaffinity")
def test_affinity_limits_the_threads_of_a_new_process():
    cpu = min(os.sched_getaffinity(0))
    code = f"import os; os.sched_setaffinity(0, [{cpu}]); import fastact; print(fastact.get_num_threads())"
    environment = {k: v for k, v in os.environ.items() if not k.endswith("NUM_THREADS")}
    output = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert output.stdout.strip() == "1"


def write(folder, **files):
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_quota_of_cgroup_version_2_is_the_smallest_up_to_the_root(tmp_path):
    write(tmp_path / "fs", cpu__max="max 100000\n")
    write(tmp_path / "fs/a", cpu__max="150000 100000\n")
    write(tmp_path / "fs/a/b", cpu__max="400000 100000\n")
    (tmp_path / "cgroup").write_text("0::/a/b\n")
    assert _cpus.cpus_by_quota(tmp_path / "cgroup", tmp_path / "fs") == 1.5


def test_quota_of_cgroup_version_1(tmp_path):
    write(tmp_path / "fs/cpu,cpuacct/x", **{"cpu__cfs_quota_us": "50000\n", "cpu__cfs_period_us": "100000\n"})
    (tmp_path / "cgroup").write_text("5:memory:/x\n4:cpu,cpuacct:/x\n")
    assert _cpus.cpus_by_quota(tmp_path / "cgroup", tmp_path / "fs") == 0.5
    (tmp_path / "fs/cpu,cpuacct/x/cpu.cfs_quota_us").write_text("-1\n")
    assert _cpus.cpus_by_quota(tmp_path / "cgroup", tmp_path / "fs") is None


def test_no_cgroup_means_no_quota(tmp_path):
    assert _cpus.cpus_by_quota(tmp_path / "missing", Path("/nowhere")) is None
