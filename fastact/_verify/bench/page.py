"""What `python -m fastact bench` prints and writes: the summary, the tables, and the text around them."""

from fastact._verify.bench import tables
from fastact._verify.bench.figures import best_of
from fastact._verify.bench.limits import LIMITS

INTRODUCTION = """# Benchmarks

How long the functions take, beside the NumPy expression that people write today and other libraries that have them.
All of this page is written by

```sh
{command}
```

**Measured on** {machine}.

**A ratio** is the other's time divided by fastact's: above 1 fastact is ahead. Times are the best of several rounds; in
each, all contestants of a cell run in turn in one process, a fifth of a millisecond and more at a time and warmed up,
with the same number of threads: a process for each number, limited to as many processors. (NumPy, SciPy and thinc use
one thread.) {again} Before, all results of a cell are compared; the largest arrays of a function and dtype only if no
smaller ones have been. Who would take longer than a second for one call is left out. Inputs are normally distributed
with a standard deviation of 3.

**Contestants.** *exact* and *fast* are fastact's two precisions of float32. NumPy is the usual expression, one call
with `out=` where that is all. SciPy, PyTorch and fastact fill `out=` where they can; JAX is compiled by `jit` and
allocates; numexpr gets the expression as a string. PyTorch's gradients are its backward kernels, called directly by
`torch.ops`, which takes longer to call than its public functions; cross-entropy with its gradient goes through
autograd. Gradients of `sigmoid` and `tanh` from the input cost PyTorch the
function too. For gated units PyTorch and JAX get the product that people write. *The best* is the quickest of the
others in each cell.

**The limit** is memory: *copy* is the time of a copy of as many bytes as the function reads and writes, by one thread
or as many as fastact uses, whichever is quicker.
"""

SUMMARY = """## Summary

What is asked of each kind of work, the worst cell against it, and the geometric means over its cells with what is asked
of these. A cell is a function with dtype, size, layout and number of threads. *Behind* counts the cells that do not
reach the required ratio, and those that miss it by more than 5 %.
"""

AGAIN = (
    "What misses its required ratio, or exceeds it by less than 15 %, is measured again at the end, and the best time "
    "of both counts for each contestant."
)
AGAIN_BY_RUNS = "All is measured {count} times in a row, and the best time of all runs counts for each contestant."

REPEATED = """## {count} runs

Each run by itself: in how many cells fastact is behind by more than 5 %, and in how many of these in all runs; and the
geometric means.
"""

BEHIND = """## What is behind, and why
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
    """Return a table with few long rows, one value a line."""
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
    if behind[2]:
        concerned = {word for row in behind[2] for word in row[:2]}
        limits = _limits(concerned)
        parts += [BEHIND, *([limits] if limits else []), _markdown_table(*behind[1:])]
    parts += [PICTURES, *(f"![{picture.stem.replace('_', ' ')}]({picture.as_posix()})\n" for picture in pictures)]
    for title, header, rows in others:
        if title not in (repeated[0], behind[0]):
            parts += [f"## {title}\n", _markdown_table(header, rows)]
    return "\n".join(parts)


def _limits(concerned):
    """Return a list of what limits this work and these functions; what has one reason is named together."""
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
