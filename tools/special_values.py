"""
The table of special values in the docs page of every elementwise function.

    python tools/special_values.py            name the pages that are out of date; exit status 1 if there are some
    python tools/special_values.py --write    bring them up to date
"""

import re
import sys
from pathlib import Path

import numpy as np

import fastact
from fastact._verify.definitions import DEFINITIONS, call, call_grad

PAGES = Path(__file__).parent.parent / "docs" / "functions"
START, END = "<!-- written by tools/special_values.py -->\n", "<!-- end -->\n"
LARGEST, SMALLEST = np.finfo(np.float32).max, np.finfo(np.float32).smallest_subnormal
POINTS = np.float32([np.nan, -np.inf, -LARGEST, -SMALLEST, -0.0, 0.0, SMALLEST, LARGEST, np.inf])


def values(name):
    """Return f and f' at the special points, f' for the gradient 1 with respect to the first operand."""
    with fastact.precision("exact"):
        return call(name, POINTS), call_grad(name, POINTS)


def table(name):
    """Return the Markdown between the two markers."""
    parameters = ", ".join(map(str, DEFINITIONS[name].parameters[0]))
    called = f"ufuncs.{name}" if name == "glu" else name  # whose public form cuts one argument in two
    rows = [f"| x | {called}(x{', ' + parameters if parameters else ''}) | gradient |", "|---|---|---|"]
    rows += [f"| {x!s} | {y!s} | {slope!s} |" for x, y, slope in zip(POINTS, *values(name), strict=True)]
    heading = ["## Special values", "", "float32, precision `exact`; the gradient with respect to x for g = 1.", ""]
    return "\n".join([*heading, *rows, ""])


def page(name):
    """Return the path of the page, its text and what that should be: an old table is replaced, else one appended."""
    path = PAGES / f"{name}.md"
    text = path.read_text()
    without = re.sub(rf"\n{START}.*?{END}", "", text, flags=re.S)
    return path, text, f"{without}\n{START}\n{table(name)}\n{END}"


def main():
    stale = False
    for name in DEFINITIONS:
        path, text, expected = page(name)
        if text != expected:
            if "--write" in sys.argv[1:]:
                path.write_text(expected)
            else:
                stale = True
                print(f"out of date: {path.name}")
    sys.exit(stale)


if __name__ == "__main__":
    main()
