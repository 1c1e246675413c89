"""What `python -m fastact accuracy` prints and writes: the tables, and the page around them."""

import importlib.metadata
import platform

import fastact
from fastact._verify import peers

INTRODUCTION = """# Accuracy

How far the results are from the true values, measured by

```sh
{command}
```

**Unit.** Errors are in units in the last place (ULP) of the true value: the distance between two floating-point numbers
at its size, 2⁻¹⁴⁹ for subnormal float32. The best result possible, the true value rounded once, is off by at most 0.5.
An infinite result is right where the true value rounds to it, and infinitely wrong elsewhere; so is NaN. Gradients are
those for g = 1, at kinks as each function's page defines them.

**Truth.** {inputs}
For each, the float64 kernel gives the value that the float32 result is compared with. Where that value lies within
2⁻²⁴ ULP of the middle of two float32 numbers it cannot decide which is nearest; these inputs, and all at which
`"exact"` is not the nearest number, are judged by [mpmath](https://mpmath.org) in 60 digits and more from the
definition of the function, slopes by central differences. Where a function of small inputs is nearly x/2 or 5x/2, say,
such ties are millions: then an evenly spaced part of those in each binade is judged and stands for the others, and the
table says how many. The float64 kernels themselves are held against mpmath point by point, see below.

Measured with {versions}; instruction set {isa}.
"""

FLOAT32 = """## float32

The promise for `"exact"` is 0.5001 ULP and fewer than 200 results that are not the nearest; for `"fast"` 4 ULP (gated
units 4.5), and for gradients 6 ULP (6.5) or an absolute error below 2⁻²². The last column is the largest error in ULP
among absolute errors of 2⁻²² and more; a gradient beside its root may be off by many units that are very small. (Gated
functions, whose parameter is the other operand, multiply the slope by it, and 2⁻²² too.)
"""

FLOAT64 = """## float64

Largest error at points over all magnitudes, many of them near zero, kinks, roots of the gradient, and where results
saturate or underflow. The promise is 1 ULP; for `gelu` 1.5, for `mish` 2; for gradients 2 (gated units, which multiply
the slope by the other operand, 2.5) or an absolute error below 2⁻⁵⁶. The last column is the largest error in ULP among
absolute errors of 2⁻⁵⁶ and more.
"""

FLOAT16 = """## float16

All inputs. Results are rounded once from the float64 computation.
"""

PEERS = """## Other libraries

Every {step}th finite float32 input and some special ones, parameters at their defaults, the same truth; fastact again
at these inputs. NumPy is the usual expression, in float32. A result of 0 where the true value is a normal number counts
as some 10⁷ ULP.
"""


def label(result, row):
    """Return the name of what a row measures, as it is called."""
    name = result["name"] + ("_grad" if row["gradient"] else "")
    parameters = ", ".join(f"{p:g}" for p in result["parameters"])
    return f"{name}({parameters})" if parameters else name


def tables(results):
    """Return the lines of all tables for the terminal."""
    lines = []
    for title, header, rows in _all_tables(results):
        if rows:
            widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
            lines += ["", title, *("  ".join(map(str.ljust, row, widths)).rstrip() for row in [header, *rows])]
    return lines


def page(results):
    """Return the page in Markdown."""
    step = results[0]["step"]
    introduction = INTRODUCTION.format(
        command="python -m fastact accuracy" + (" --exhaustive" if step == 1 else ""),
        inputs="All float32 inputs but NaN." if step == 1 else f"Every {step}th float32 input and some special ones.",
        versions=", ".join(f"{name} {version}" for name, version in _versions().items()),
        isa=fastact.show_config("dict")["instruction_set"],
    )
    texts = {"float32": FLOAT32, "float64": FLOAT64, "float16": FLOAT16}
    peer_step = max(result["peer_step"] for result in results)
    parts = [introduction]
    for title, header, rows in _all_tables(results):
        text = texts.get(title) or PEERS.format(step=peer_step)
        if rows:
            lines = [header, ["---"] * len(header), *rows]
            parts.append(text + "\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n")
    return "\n".join(parts)


def _versions():
    config = fastact.show_config("dict")
    found = {name: config[name] for name in ("fastact", "python", "numpy")} | peers.versions()
    return found | {"mpmath": importlib.metadata.version("mpmath"), "machine": platform.machine()}


def _all_tables(results):
    """Yield title, header and rows, all text, of each table."""
    for key, header, line in (
        ("float32", ["function", "precision", "largest error", "at x", *_COUNTS, "2⁻²² and more"], _float32),
        ("float64", ["function", "points", "largest error", "at x", "2⁻⁵⁶ and more"], _float64),
        ("float16", ["function", "largest error", "at x", "not the nearest"], _float16),
    ):
        yield key, header, [[label(result, row), *line(row)] for result in results for row in result[key]]
    for gradient in (False, True):
        yield _peer_table(results, gradient)


_COUNTS = ["nearest", "not the nearest", "ties judged"]


def _float32(row):
    ties = "" if row["precision"] == "fast" or not row["near"] else f"{row['judged']} of {row['near']}"
    return [
        row["precision"],
        _error(row["largest"], 7 if row["precision"] == "exact" else 2),
        _input(row),
        _share(row),
        str(row["misrounded"]),
        ties,
        _error(row["largest_beyond"], 2) if row["largest_beyond"] else "",
    ]


def _float64(row):
    beyond = row["largest_beyond"]
    return [str(row["inputs"]), _error(row["largest"], 2), _input(row), _error(beyond, 2) if beyond else ""]


def _float16(row):
    return [_error(row["largest"], 7), _input(row), str(row["misrounded"])]


def _peer_table(results, gradient):
    """Return title, header and rows: a column a library, its largest error and how many results are the nearest."""
    peers = [row for result in results for row in result["peers"] if row["gradient"] == gradient]
    libraries = list(dict.fromkeys(row["library"] for row in peers))
    rows = []
    for result in results:
        cells = {row["library"]: row for row in result["peers"] if row["gradient"] == gradient}
        if cells:
            name = result["name"] + ("_grad" if gradient else "")
            rows.append([name, *(_cell(cells[library]) if library in cells else "" for library in libraries)])
    return "other libraries" + (", gradients" if gradient else ""), ["function", *libraries], rows


def _cell(row):
    return f"{_error(row['largest'], 2)} ({_share(row)})"


def _error(error, digits):
    return f"{error:.{digits}f}" if error < 1000 else f"{error:.1e}"


def _input(row):
    return f"{row['at']:.9g}" if row["largest"] else ""


def _share(row):
    share = 100 * (1 - row["misrounded"] / row["inputs"])
    # never 100 % for all but a few
    return "100 %" if not row["misrounded"] else f"{min(share, 99.9999):.4f} %" if share > 99.9 else f"{share:.1f} %"
