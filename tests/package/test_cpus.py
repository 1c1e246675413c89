"""The number of threads that a process starts with: the environment, CPU affinity, quotas of cgroups."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastact._core import cpus, runtime

pytestmark = pytest.mark.configuration


def test_threads_at_start_come_from_the_environment_first():
    assert cpus.threads_at_start({"FASTACT_NUM_THREADS": "3", "OMP_NUM_THREADS": "2"}) == (3, "FASTACT_NUM_THREADS")
    assert cpus.threads_at_start({"OMP_NUM_THREADS": "5,2"}) == (5, "OMP_NUM_THREADS")
    with pytest.raises(ValueError, match="FASTACT_NUM_THREADS must be a whole number"):
        cpus.threads_at_start({"FASTACT_NUM_THREADS": "many"})
    with pytest.raises(ValueError, match="FASTACT_NUM_THREADS must be a whole number"):
        cpus.threads_at_start({"FASTACT_NUM_THREADS": "0"})


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs sched_setaffinity")
def test_affinity_limits_the_threads_of_a_new_process():
    cpu = min(os.sched_getaffinity(0))
    code = f"import os; os.sched_setaffinity(0, [{cpu}]); import fastact; print(fastact.get_num_threads())"
    environment = {k: v for k, v in os.environ.items() if not k.endswith("NUM_THREADS")}
    output = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert output.stdout.strip() == "1"


def test_where_affinity_is_unknown_all_processors_count(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 5)
    assert cpus.cpus_by_affinity() == 5
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cpus.cpus_by_affinity() == 1


def write(folder, **files):
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs sched_setaffinity")
def test_the_smaller_of_affinity_and_quota_counts(monkeypatch):
    monkeypatch.setattr(cpus, "cpus_by_affinity", lambda: 8)
    for quota, threads, reason in [
        (None, 8, "CPUs this process may run on"),
        (8.0, 8, "CPUs this process may run on"),
        (3.7, 3, "cgroup quota of 3.7 CPUs"),
        (0.25, 1, "cgroup quota of 0.25 CPUs"),
    ]:
        monkeypatch.setattr(cpus, "cpus_by_quota", lambda quota=quota: quota)
        assert cpus.threads_at_start({}) == (threads, reason)


def test_quota_of_cgroup_version_2_is_the_smallest_up_to_the_root(tmp_path):
    write(tmp_path / "fs", cpu__max="max 100000\n")
    write(tmp_path / "fs/a", cpu__max="150000 100000\n")
    write(tmp_path / "fs/a/b", cpu__max="400000 100000\n")
    (tmp_path / "cgroup").write_text("0::/a/b\n")
    assert cpus.cpus_by_quota(tmp_path / "cgroup", tmp_path / "fs") == 1.5


def test_quota_of_cgroup_version_1(tmp_path):
    write(tmp_path / "fs/cpu,cpuacct/x", **{"cpu__cfs_quota_us": "50000\n", "cpu__cfs_period_us": "100000\n"})
    (tmp_path / "cgroup").write_text("5:memory:/x\n4:cpu,cpuacct:/x\n")
    assert cpus.cpus_by_quota(tmp_path / "cgroup", tmp_path / "fs") == 0.5
    (tmp_path / "fs/cpu,cpuacct/x/cpu.cfs_quota_us").write_text("-1\n")
    assert cpus.cpus_by_quota(tmp_path / "cgroup", tmp_path / "fs") is None


def test_no_cgroup_means_no_quota(tmp_path):
    assert cpus.cpus_by_quota(tmp_path / "missing", Path("/nowhere")) is None


def quota(folder, cgroup_list):
    """Return the quota from a sample of /proc/self/cgroup; the files are below `folder`."""
    (folder / "cgroup").write_text(cgroup_list)
    return cpus.cpus_by_quota(folder / "cgroup", folder / "fs")


def test_a_container_that_sees_itself_as_the_root_of_version_2(tmp_path):
    write(tmp_path / "fs", cpu__max="250000 100000\n")
    assert quota(tmp_path, "0::/\n") == 2.5


def test_a_service_of_systemd_in_a_slice_with_a_quota(tmp_path):
    write(tmp_path / "fs/user.slice", cpu__max="max 100000\n")
    write(tmp_path / "fs/user.slice/user-1000.slice", cpu__max="120000 40000\n")
    write(tmp_path / "fs/user.slice/user-1000.slice/run: a.scope", cpu__max="max 100000\n")
    assert quota(tmp_path, "0::/user.slice/user-1000.slice/run: a.scope\n") == 3


def test_a_container_of_version_1_whose_path_is_that_of_the_host(tmp_path):
    write(tmp_path / "fs/cpu,cpuacct", **{"cpu__cfs_quota_us": "150000\n", "cpu__cfs_period_us": "100000\n"})
    sample = "12:pids:/docker/1f\n7:cpu,cpuacct:/docker/1f\n3:cpuset:/docker/1f\n1:name=systemd:/docker/1f\n0::/\n"
    assert quota(tmp_path, sample) == 1.5


def test_version_1_under_the_name_of_its_controller_alone(tmp_path):
    write(tmp_path / "fs/cpu/a", **{"cpu__cfs_quota_us": "400000\n", "cpu__cfs_period_us": "200000\n"})
    assert quota(tmp_path, "2:cpuacct,cpu:/a\n") == 2
    assert quota(tmp_path, "2:cpu:/a\n") == 2


def test_both_versions_mounted_side_by_side(tmp_path):
    write(tmp_path / "fs/cpu,cpuacct/x", **{"cpu__cfs_quota_us": "300000\n", "cpu__cfs_period_us": "100000\n"})
    write(tmp_path / "fs/unified/x", cgroup__procs="1\n")
    assert quota(tmp_path, "4:cpu,cpuacct:/x\n0::/x\n") == 3


def test_a_group_outside_the_mount_or_without_files_has_no_quota(tmp_path):
    write(tmp_path / "fs", cgroup__procs="1\n")
    write(tmp_path / "secret", cpu__max="100000 100000\n")
    for sample in ("0::/../secret\n", "0::/missing/group\n", "0::\n", "", "0:\n", "nonsense", "::::\n"):
        assert quota(tmp_path, sample) is None


@pytest.mark.parametrize("text", ["", "max", "max max", "100000 0", "-1 100000", "1e5 100000", "\0", "1 2 3"])
def test_files_with_other_contents_count_for_nothing(tmp_path, text):
    write(tmp_path / "fs/a", cpu__max=text)
    write(tmp_path / "fs/cpu/a", **{"cpu__cfs_quota_us": text, "cpu__cfs_period_us": text})
    assert quota(tmp_path, "0::/a\n1:cpu:/a\n") is None


def test_names_of_groups_are_bytes(tmp_path):
    folder = Path(os.fsdecode(os.fsencode(tmp_path / "fs") + b"/g\xff\xfe"))
    write(folder, cpu__max="200000 100000\n")
    (tmp_path / "cgroup").write_bytes(b"0::/g\xff\xfe\n")
    assert cpus.cpus_by_quota(tmp_path / "cgroup", tmp_path / "fs") == 2


@given(listed=st.binary(max_size=40), contents=st.binary(max_size=20))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_content_of_the_cgroup_files_prevents_the_import(tmp_path, listed, contents):
    for folder in ("fs", "fs/cpu"):
        (tmp_path / folder).mkdir(exist_ok=True)
        for name in ("cpu.max", "cpu.cfs_quota_us", "cpu.cfs_period_us"):
            (tmp_path / folder / name).write_bytes(contents)
    for line in (listed, b"0::/" + listed, b"1:cpu:/" + listed):
        (tmp_path / "cgroup").write_bytes(line)
        found = cpus.cpus_by_quota(tmp_path / "cgroup", tmp_path / "fs")
        assert found is None or found > 0


@pytest.mark.skipif(not shutil.which("getconf"), reason="needs getconf")
def test_the_last_cache_is_what_the_system_says_if_it_says_anything():
    answer = subprocess.run(["getconf", "LEVEL3_CACHE_SIZE"], capture_output=True, text=True).stdout.strip()
    known = runtime.set_beyond_caches(0)
    runtime.set_beyond_caches(known)
    assert known == (int(answer) if answer.isdecimal() and int(answer) > 0 else 2**25)
