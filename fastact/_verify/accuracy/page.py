"""The output of `python -m fastact accuracy`: the tables, and the Markdown page that contains them."""

import importlib.metadata
import platform

import fastact
from fastact._verify import peers

INTRODUCTION = """# Accuracy

The errors of the results, measured by

```sh
{command}
```

**Unit.** Errors are in units in the last place (ULP) of the true value: the distance between neighbouring
floating-point numbers of its size, 2⁻¹⁴⁹ for subnormal float32. The best possible result, the true value rounded once,
has an error of at most 0.5. An infinite result is correct if the true value rounds to it; otherwise its error is
infinite, as is that of NaN. Gradients are those for g = 1, at kinks as defined on the page of each function.

**Reference.** {inputs}
At each input the float32 result is compared with that of the float64 kernel. If the latter is within 2⁻²⁴ ULP of the
midpoint of two float32 numbers, it cannot decide which is nearest. Such inputs, and all at which `"exact"` is not the
nearest number, are decided by [mpmath](https://mpmath.org) with 60 and more digits from the definition of the function,
derivatives by central differences. Where a function is close to x/2 or 5x/2 for small inputs, for example, there are
millions of such ties: then an evenly spaced sample from each binade represents the others, and the table gives its
size. The float64 kernels are compared with mpmath point by point, see below.

Measured with {versions}; instruction set {isa}.
"""

FLOAT32 = """## float32

The bound for `"exact"` is 0.5001 ULP, and fewer than 200 results that are not the nearest; for `"fast"` 4 ULP (gated
units 4.5), and for gradients 6 ULP (6.5) or an absolute error below 2⁻²². The last column is the largest error in ULP
among absolute errors of at least 2⁻²²: near its root, a gradient may have an error of many very small units. (For gated
units, whose parameter is the other operand, the derivative and 2⁻²² are multiplied by that operand.)
"""

FLOAT64 = """## float64

Largest error at points over all magnitudes, many of them near zero, kinks, roots of the gradient, and where results
saturate or underflow. The bound is 1 ULP; for `gelu` 1.5, for `mish` 2; for gradients 2 (gated units, where the
derivative is multiplied by the other operand, 2.5) or an absolute error below 2⁻⁵⁶. The last column is the largest
error in ULP among absolute errors of at least 2⁻⁵⁶.
"""

FLOAT16 = """## float16

All inputs. Results are rounded once from the float64 computation.
"""

PEERS = """## Other libraries

Every {step}th finite float32 input and some special ones, with default parameters and the same reference; fastact again
at these inputs. NumPy is the usual expression, in float32. A result of 0 where the true value is a normal number is an
error of about 10⁷ ULP.
"""


def label(result, row):
    """Return what a row measures as a call: the function with its parameters."""
    name = result["name"] + ("_grad" if row["gradient"] else "")
    parameters = ", ".join(f"{p:g}" for p in result["parameters"])
    return f"{name}({parameters})" if parameters else name


def tables(results):
    """Return the lines of all tables, for the terminal."""
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
    """Yield title, header and rows of each table, all as text."""
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
    """Return title, header and rows, with a column for each library: largest error and share of nearest results."""
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
    # 100 % only if there are no others
    return "100 %" if not row["misrounded"] else f"{min(share, 99.9999):.4f} %" if share > 99.9 else f"{share:.1f} %"
