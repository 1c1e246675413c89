"""
Check what the compiler made of every kernel: it must do floating-point work in the widest registers of its instruction
set; an elementwise kernel must call no function, and one in float lanes must not convert to double.

    python tools/check_vectorised.py
"""

import re
import subprocess
import sys
from pathlib import Path

WIDEST = {"avx512": "zmm", "avx2": "ymm", "baseline": "xmm"}
PACKED = re.compile(r"\tv?(?:f?n?m?(?:add|sub|mul|div|max|min|and|cmp|blend)\w*p[sd]|fmadd\w*p[sd]|vfn?m\w*p[sd])\b")
# Kernels, and the functions that row kernels share; the compiler may add a suffix to a name that has one caller.
KERNEL = re.compile(
    r"<__pyx_fuse_(\d)_(\d)(?:_\d)?__pyx_f_7fastact_5_core_7kernels_\d+(?:elementwise|rows)_(\w+)[\w.]*>:$"
)
TYPES = ["float", "double", "fast_double"]
# The maximum of hardmax is not arithmetic.
COPIES = ("identity_kernel", "hardmax")


def kernels(module):
    """Yield the name of each kernel in a compiled module and its disassembly."""
    listing = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", str(module)], capture_output=True, text=True, check=True
    ).stdout
    for function in listing.split("\n\n"):
        first, *lines = function.splitlines() or [""]
        if match := KERNEL.search(first):
            item, real, name = match.groups()
            yield f"{name}[{TYPES[int(item)]}, {TYPES[int(real)]}]", lines


def main():
    folder = Path(__import__("fastact").__file__).parent / "_core" / "kernels"
    complaints, count = [], 0
    for set_name, register in WIDEST.items():
        for module in folder.glob(f"*_{set_name}.*.so"):
            # Row kernels share functions and have the constants of a row in double.
            is_row = module.name.startswith("rows")
            for name, lines in kernels(module):
                count += 1
                calls = any(re.search(r"\tcall", line) for line in lines)
                if not any(register in line and (PACKED.search(line) or name.startswith(COPIES)) for line in lines):
                    complaints.append(f"{set_name}: {name} has no packed arithmetic in {register} registers")
                is_float = name.endswith("[float, float]")
                if is_float and not is_row and any(re.search("cvt[ps]s2[ps]d", line) for line in lines):
                    complaints.append(f"{set_name}: {name} converts to double; is there a literal in an expression?")
                if calls and not is_row:
                    complaints.append(f"{set_name}: {name} calls a function")
    print(*complaints, f"{count} kernels looked at, {len(complaints)} complaints", sep="\n")
    return 1 if complaints or not count else 0


if __name__ == "__main__":
    sys.exit(main())
