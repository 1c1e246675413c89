"""The output of `python -m fastact bench`: the summary and the tables, and the Markdown page that contains them."""

from fastact._verify.bench import tables
from fastact._verify.bench.figures import best_of
from fastact._verify.bench.limits import LIMITS

INTRODUCTION = """# Benchmarks

The times of all functions, compared with the usual NumPy expressions and with other libraries. This page is written by

```sh
{command}
```

**Measured on** {machine}.

**A ratio** is the other library's time divided by fastact's: above 1 fastact is faster. Times are the best of several
rounds. In each round all contestants of a cell run in turn in one process, after a warm-up and for at least a fifth of
a millisecond, with the same number of threads; there is one process for each number of threads, limited to as many
CPUs. (NumPy, SciPy and thinc use one thread.) {again} Before that, the results of all contestants are compared; those
of the largest arrays only if no smaller ones of the same function and dtype have been. Libraries needing more than a
second per call are skipped. Inputs are normally distributed with a standard deviation of 3.

**Contestants.** *exact* and *fast* are fastact's two precisions of float32. NumPy is the usual expression, with `out=`
if it is a single call. SciPy, PyTorch and fastact use `out=` where possible; JAX functions are compiled by `jit` and
allocate their results; numexpr gets the expression as a string. PyTorch's gradients are its backward kernels, called
through `torch.ops`, which has more overhead than its public functions; cross-entropy with its gradient uses autograd.
For gradients of `sigmoid` and `tanh` from the input PyTorch computes the function as well. Gated units in PyTorch and
JAX are the usual product of two functions. *The best* is the fastest of the other libraries in each cell.

**The limit** is memory bandwidth: *copy* is the time of copying as many bytes as the function reads and writes, with
one thread or with as many as fastact uses, whichever is faster.
"""

SUMMARY = """## Summary

For each kind of work: the required ratio, the worst cell relative to it, and the geometric means over the cells with
the required means. A cell is a function with dtype, size, layout and number of threads. *Behind* counts the cells below
the required ratio, and those below it by more than 5 %.
"""

AGAIN = (
    "Cells below the required ratio, or above it by less than 15 %, are measured again at the end; the best time of "
    "both counts for each contestant."
)
AGAIN_BY_RUNS = "All cells are measured {count} times in a row; the best time of all runs counts for each contestant."

REPEATED = """## {count} runs

For each run: the number of cells in which fastact is behind by more than 5 %, the number of those that are behind in
all runs, and the geometric means.
"""

BEHIND = """## Cells below the required ratio, and causes
"""

PICTURES = """## Pictures
"""


def terminal(runs):
    """Return the summary and the tables as text."""
    summary, *others = _all_tables(runs)
    return "\n".join([*_blocks(*summary), *(line for table in others for line in _text(*table))])


def _all_tables(runs):
    results = best_of(runs)
    found = [
        tables.summary(results),
        tables.repeated(runs),
        tables.functions(results, "forward"),
        tables.functions(results, "gradient"),
        tables.shapes(results),
        tables.layouts(results),
        tables.others(results),
        tables.behind(results),
    ]
    return [table for table in found if table[2]]


def _blocks(title, header, rows):
    """Return a table of few long rows with one value on each line."""
    width = max(map(len, header))
    lines = [title]
    for work, *values in rows:
        lines += [
            "",
            work,
            *(f"    {key:{width}}  {value}" for key, value in zip(header[1:], values, strict=True) if value),
        ]
    return lines


def _text(title, header, rows):
    columns = list(zip(header, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in [header, *rows]]
    return ["", title, "", *lines]


def markdown(record, runs, pictures):
    """Return the page in Markdown."""
    summary, *others = _all_tables(runs)
    again = AGAIN if len(runs) == 1 else AGAIN_BY_RUNS.format(count=len(runs))
    parts = [INTRODUCTION.format(command=record["command"], machine=_machine(record["machine"]), again=again)]
    parts += [SUMMARY, _markdown_table(*summary[1:])]
    repeated, behind = tables.repeated(runs), tables.behind(best_of(runs))
    if repeated[2]:
        parts += [REPEATED.format(count=len(runs)), _markdown_table(*repeated[1:])]
    parts += _behind(*behind[1:])
    parts += [PICTURES, *(f"![{picture.stem.replace('_', ' ')}]({picture.as_posix()})\n" for picture in pictures)]
    for title, header, rows in others:
        if title not in (repeated[0], behind[0]):
            parts += [f"## {title}\n", _markdown_table(header, rows)]
    return "\n".join(parts)


def _behind(header, rows):
    """Return the part of the page on the cells below the required ratio; nothing if there are none."""
    if not rows:
        return []
    limits = _limits({word for row in rows for word in row[:2]})
    return [BEHIND, *([limits] if limits else []), _markdown_table(header, rows)]


def _limits(concerned):
    """Return a list of the causes for these kinds of work and functions; those with the same cause share an item."""
    names = {}
    for key, text in LIMITS.items():
        if key in concerned:
            names.setdefault(text, []).append(key)
    return "".join(f"- {', '.join(keys)}: {text}\n" for text, keys in names.items())


def _machine(facts):
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    return (
        f"{facts['processor']}, {facts['processors']} processors, {facts['system']}; instruction set "
        f"{facts['instruction set']}, built by {facts['compiler']}; {versions}"
    )


def _markdown_table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
