"""
Tell which lines of fastact/_core/kernels/**/*.pxi no test executes on any instruction set: builds in a temporary folder
with little optimisation, runs the suite there for each instruction set, and asks gcov.

    python tools/kernel_coverage.py                      # all
    python tools/kernel_coverage.py --isa avx2 -- tests/rows/test_softmax.py

Lines count as executed if any specialisation of a function executed them.
"""

import argparse
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Import fails where there is no memory for the tables of the ufuncs; of two functions on the way Cython counts what
# happens then for the first line.
CANNOT = re.compile(r"raise MemoryError$|^cdef (object make_elementwise|int declare_row|const char\* kept)\(")


def build(folder):
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True
    )
    for name in files.stdout.decode().splitlines():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    command = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"]
    subprocess.run(command, cwd=folder, env=os.environ | {"FASTACT_COVERAGE": "1"}, check=True)


def executed(folder):
    """Return how often each line of each source was executed, by its path in the checkout."""
    counts = defaultdict(lambda: defaultdict(int))
    for data in folder.glob("build/temp*/**/*.gcda"):
        subprocess.run(["gcov", "--json-format", str(data)], cwd=data.parent, check=True, capture_output=True)
        for report in data.parent.glob("*.gcov.json.gz"):
            for file in json.loads(gzip.decompress(report.read_bytes()))["files"]:
                path = Path(file["file"])  # relative for our sources, not for NumPy's and Cython's
                if path.suffix == ".pxi" and not path.is_absolute() and (ROOT / path).exists():
                    lines = counts[path]
                    for line in file["lines"]:
                        lines[line["line_number"]] = max(lines[line["line_number"]], line["count"])
            report.unlink()
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--isa", nargs="+", default=["avx512", "avx2", "baseline"], help="default: all")
    parser.add_argument("--folder", type=Path, help="build there and keep it; one that is there is used as it is")
    parser.add_argument("tests", nargs="*", help="arguments for pytest")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (chosen.folder or Path(temporary)).resolve()
        if not (folder / "setup.py").exists():
            build(folder)
        for isa in chosen.isa:
            environment = os.environ | {"FASTACT_ISA": isa, "PYTHONPATH": str(folder), "FASTACT_COVERAGE": "1"}
            # in one process, which writes its counts when it ends
            command = [sys.executable, "-m", "pytest", "--numprocesses=0", *chosen.tests]
            subprocess.run(command, cwd=folder, env=environment)
        counts = executed(folder)
    total = missed = 0
    for path, lines in sorted(counts.items()):
        text = (ROOT / path).read_text().splitlines()
        # behind the last line of the last file Cython's own functions are counted
        wanted = {n: lines[n] for n in lines.keys() & range(1, len(text) + 1) if not CANNOT.search(text[n - 1])}
        total += len(wanted)
        for n in sorted(n for n, count in wanted.items() if count == 0):
            missed += 1
            print(f"{path}:{n}: {text[n - 1].strip()}")
    print(f"{total - missed} of {total} lines executed")
    return 1 if missed or not total else 0


if __name__ == "__main__":
    sys.exit(main())
