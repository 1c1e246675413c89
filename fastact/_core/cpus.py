"""The number of CPUs this process may use: from the environment, else from CPU affinity and cgroup quotas."""

import math
import os

MOST_THREADS = 1024


def threads_at_start(environment):
    """Return the initial number of threads of the process, and the reason for it as text."""
    for name in ("FASTACT_NUM_THREADS", "OMP_NUM_THREADS"):
        text = environment.get(name, "").split(",")[0].strip()
        if text.isdecimal() and 1 <= int(text) <= MOST_THREADS:
            return int(text), name
        if text and name.startswith("FASTACT"):
            raise ValueError(f"{name} must be a whole number from 1 to {MOST_THREADS}, not {text!r}")
    affinity = cpus_by_affinity()
    quota = cpus_by_quota()
    if quota is not None and quota < affinity:
        return min(max(1, math.floor(quota)), MOST_THREADS), f"cgroup quota of {quota:g} CPUs"
    return min(affinity, MOST_THREADS), "CPUs this process may run on"


def cpus_by_affinity():
    """Return the number of CPUs in the affinity mask of this process."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpus_by_quota(cgroup_list="/proc/self/cgroup", root="/sys/fs/cgroup"):
    """Return the smallest quota, in CPUs, of this process's cgroup and its parents; None if there is none."""
    # os.path, because importing pathlib takes longer than importing the rest of this package
    root = os.fspath(root)
    try:
        lines = _text(cgroup_list).splitlines()
    except OSError:
        return None
    quotas = []
    for controllers, path in (line.split(":", 2)[1:] for line in lines if line.count(":") >= 2):
        if controllers == "":
            quotas += _quotas_upwards(root, path, _read_v2)
        elif "cpu" in controllers.split(","):
            mounts = [os.path.join(root, name) for name in (controllers, "cpu", "cpu,cpuacct")]
            quotas += _quotas_upwards(next(filter(os.path.isdir, mounts), root), path, _read_v1)
    return min(quotas, default=None)


def _quotas_upwards(root, path, read):
    """Yield the quota of each group from `path` up to `root`; in a container `path` may be outside the mount."""
    folder = os.path.normpath(os.path.join(root, path.lstrip("/")))
    while folder == root or folder.startswith(root + os.sep):
        try:
            quota = read(folder)
        except (OSError, ValueError, ArithmeticError):
            quota = None
        if quota is not None and quota > 0:
            yield quota
        folder = os.path.dirname(folder)


def _text(*path):
    # names of groups may be any bytes
    with open(os.path.join(*path), encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def _read_v2(folder):
    quota, period = _text(folder, "cpu.max").split()
    return None if quota == "max" else int(quota) / int(period)


def _read_v1(folder):
    quota = int(_text(folder, "cpu.cfs_quota_us"))
    return None if quota <= 0 else quota / int(_text(folder, "cpu.cfs_period_us"))
