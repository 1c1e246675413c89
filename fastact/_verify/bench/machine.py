"""The machine and the versions of the measurements."""

import platform
from pathlib import Path

import fastact
from fastact._core import cpus
from fastact._verify.bench import contestants


def facts():
    config = fastact.show_config("dict")
    return {
        "processor": _processor(),
        "processors": cpus.cpus_by_affinity(),
        "system": f"{platform.system()} {platform.machine()}",
        "instruction set": config["instruction_set"],
        "compiler": config["compiler"],
        "versions": {name: config[name] for name in ("fastact", "python")} | contestants.versions(),
    }


def _processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
