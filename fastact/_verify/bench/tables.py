"""The tables of the benchmarks: title, header and rows of text."""

import math

from fastact._verify.bench import cells
from fastact._verify.bench.contestants import LIBRARIES, OURS
from fastact._verify.bench.figures import FIGURES, NAMES, Figure, geometric_means
from fastact._verify.bench.limits import CLEARLY

SIZE_NAMES = {1024: "1k", 65_536: "64k", 2**20: "1M", 2**24: "16M"}
UNIT = "µs"


def summary(results, causes):
    """Return a row for each figure that has cells."""
    header = ["work", "the best", "PyTorch", "NumPy", "required", "behind", "of", "worst", "", "why"]
    rows = []
    for figure in FIGURES:
        pairs = figure.pairs(results)
        if not pairs:
            continue
        worst = min(pairs, key=lambda pair: (pair.required is None, pair.margin))
        count = len({(pair.cell, pair.own) for pair in pairs})
        behind = str(len(_behind(pairs, CLEARLY))) if any(pair.required for pair in pairs) else ""
        means = [_mean(figure, pairs, name) for name in ("best", "torch", "numpy")]
        why = causes.number(figure, worst)
        rows.append([figure.work, *means, figure.text, behind, str(count), _ratio(worst.ratio), str(worst), why])
    return "At a glance", header, rows


def _mean(figure, pairs, name):
    """Return the geometric mean, with the required one if it is below that."""
    mean, least = geometric_means(pairs).get(name), figure.means.get(name)
    if mean is None:
        return ""
    return _ratio(mean) if least is None or mean >= least else f"{_ratio(mean)} [{least:g}]"


def _behind(pairs, margin):
    """Return the cells and precisions whose ratio is below `margin` times the required one."""
    return {(pair.cell, pair.own) for pair in pairs if pair.required and pair.margin < margin}


def repeated(runs):
    """Return a row for each figure that shows how well several runs agree; none for a single run."""
    compared = ("best", "torch", "numpy")
    header = ["work", "cells", "behind by over 5 %", "in all runs", *(NAMES[name] for name in compared)]
    rows = []
    for figure in FIGURES:
        pairs = [figure.pairs(results) for results in runs]
        if len(runs) == 1 or not pairs[0]:
            continue
        behind = [_behind(found, CLEARLY) for found in pairs]
        is_required = any(pair.required for pair in pairs[0])
        means = [geometric_means(found) for found in pairs]
        row = [figure.work, str(len({(pair.cell, pair.own) for pair in pairs[0]}))]
        row += [", ".join(str(len(found)) for found in behind) if is_required else ""]
        row += [str(len(set.intersection(*behind))) if is_required else ""]
        row += [", ".join(_ratio(mean[name]) for mean in means if name in mean) for name in compared]
        rows.append(row)
    return _without_empty(f"{len(runs)} runs", header, rows)


def _without_empty(title, header, rows):
    """Drop the columns that are empty in all rows, such as those of missing libraries."""
    kept = [i for i in range(len(header)) if any(row[i] for row in rows)]
    return title, [header[i] for i in kept], [[row[i] for i in kept] for row in rows]


def behind(results):
    """Return a row for each kind of work and function with cells clearly below the required ratio, the worst first."""
    rows = []
    for figure in FIGURES:
        found = {}
        for pair in figure.pairs(results):
            if pair.required and pair.margin < CLEARLY:
                found.setdefault(pair.cell.name, []).append(pair)
        for name, pairs in sorted(found.items(), key=lambda item: min(pair.margin for pair in item[1])):
            worst = min(pairs, key=lambda pair: pair.margin)
            count = len({(pair.cell, pair.own) for pair in pairs})
            rows.append([figure.work, name, str(count), _place(worst, figure)])
    return "Cells below the required ratio by more than 5 %", ["work", "function", "cells", "the worst"], rows


def _place(pair, figure):
    layout = "" if pair.cell.layout == "out=" else f" {pair.cell.layout}"
    other = "" if figure.others else f", {NAMES[pair.other]}"
    least = f" of {pair.required:.2g}" if pair.required != 1 else ""
    return f"{pair.own} {_shape(pair.cell)}{layout}, {_plural(pair.cell.threads)}{other}: {_ratio(pair.ratio)}{least}"


def functions(results, kind):
    """Return a row for each elementwise function with the most threads, at 1M elements or the next smaller size."""
    chosen = [r for r in results if r.cell.kind == kind and r.cell.layout == "out=" and not r.cell.isa]
    size = _medium_size([r.cell.size for r in chosen])
    threads = max((r.cell.threads for r in chosen), default=0)
    title = f"{'Gradients' if kind == 'gradient' else 'Functions'}: {_count(size)} elements, {_plural(threads)}, {UNIT}"
    header = ["function", *OURS, "copy", "the best other", *(NAMES[n] for n in LIBRARIES)]
    header.append("16M, fast: of a copy's speed")
    names = dict.fromkeys(r.cell.name for r in chosen)
    rows = [_function_row(name, [r for r in chosen if r.cell.name == name], size, threads) for name in names]
    return _without_empty(title, header, rows)


def _function_row(name, results, size, threads):
    by_cell = {(r.cell.dtype, r.cell.size, r.cell.threads): r.seconds for r in results}
    single, double = by_cell.get(("float32", size, threads), {}), by_cell.get(("float64", size, threads), {})
    large = by_cell.get(("float32", cells.LARGE, threads), {})
    best = min((n for n in LIBRARIES if n in single), key=single.get, default=None)
    others = [_time(_copy(single)), NAMES.get(best, ""), *(_time(single.get(n)) for n in LIBRARIES)]
    return [name, *_own_times(single, double), *others, _share_of_copy(large)]


def _medium_size(sizes):
    return max((n for n in sizes if n <= cells.LAYOUT_SIZE), default=max(sizes, default=0))


def _share_of_copy(seconds):
    return f"{_copy(seconds) / seconds['fast']:.0%}" if seconds else ""


def _own_times(single, double):
    """Return the times of fastact, in the order of `OURS`."""
    return [_time((single | double).get(own)) for own in OURS]


def shapes(results):
    """Return a row for each function along an axis and shape, for float32 with the most threads."""
    kinds = ("rows", "row gradient", "cross-entropy")
    known = [shape for shape, _ in cells.ROW_SHAPES]  # the curves have pictures
    chosen = [r for r in results if r.cell.kind in kinds and r.cell.dtype == "float32" and r.cell.shape in known]
    threads = max((r.cell.threads for r in chosen), default=0)
    title = f"Along an axis: float32, {_plural(threads)}, {UNIT}"
    header = ["function", "shape", "exact", "fast", "copy", *(NAMES[n] for n in LIBRARIES if n != "numexpr")]
    rows = [
        [
            r.cell.name,
            _shape(r.cell),
            *(_time(r.seconds.get(own)) for own in ("exact", "fast")),
            _time(_copy(r.seconds)),
            *(_time(r.seconds.get(n)) for n in LIBRARIES if n != "numexpr"),
        ]
        for r in sorted(chosen, key=lambda r: list(cells.KINDS).index(r.cell.name))
        if r.cell.threads == threads
    ]
    return _without_empty(title, header, rows)


def layouts(results):
    """Return a row for each memory layout and precision, for all elementwise functions, sizes and threads together."""
    header = ["layout", "precision", "cells", "worst of NumPy", *(NAMES[n] for n in ("numpy", "torch", "best"))]
    rows = []
    for layout in dict.fromkeys(r.cell.layout for r in results if r.cell.kind in ("forward", "gradient")):
        for own in OURS:
            pairs = [
                pair
                for pair in Figure("", lambda cell: cell.kind in ("forward", "gradient"), (own,)).pairs(results)
                if pair.cell.layout == layout and not pair.cell.isa
            ]
            if pairs:
                means = geometric_means(pairs)
                worst = min((pair.ratio for pair in pairs if pair.other == "numpy"), default=None)
                ratios = [worst, *(means.get(n) for n in ("numpy", "torch", "best"))]
                count = str(len({pair.cell for pair in pairs}))
                rows.append([layout, own, count, *("" if r is None else _ratio(r) for r in ratios)])
    return "Memory layouts: ratios, geometric means", header, rows


def on_a_busy_machine(measured):
    """Return a row for each function, shape and number of busy processes, as busy.py has measured them."""
    title = "On a busy machine: mean times in microseconds, float32, fast"
    libraries = [name for name in LIBRARIES if any(name in facts["seconds"] for facts in measured)]
    header = ["function", "shape", "other busy processes", "one thread", "as many as there are", "of one thread's time"]
    rows = []
    for facts in measured:
        cell, seconds = cells.from_dict(facts["cell"]), facts["seconds"]
        times = [f"{1e6 * seconds[name]:.4g}" if name in seconds else "" for name in ("one thread", "fast", *libraries)]
        share = f"{seconds['fast'] / seconds['one thread']:.2f}"
        rows.append([cell.name, _shape(cell), str(facts["busy"]), *times[:2], share, *times[2:]])
    return title, [*header, *(NAMES[name] for name in libraries)], rows


def others(results):
    """Return a row for each of the other functions, at the largest size measured."""
    chosen = [r for r in results if r.cell.kind == "other"]
    size, threads = max((r.cell.size for r in chosen), default=0), max((r.cell.threads for r in chosen), default=0)
    title = f"All other functions: {_count(size)} elements, rows of up to 1024, {_plural(threads)}, {UNIT}"
    libraries = ("numpy", "torch", "jax")
    rows = []
    largest = [r for r in chosen if (r.cell.size, r.cell.threads) == (size, threads)]
    for name in dict.fromkeys(r.cell.name for r in chosen):
        by_dtype = {r.cell.dtype: r.seconds for r in largest if r.cell.name == name}
        single = by_dtype.get("float32", {})
        own = _own_times(single, by_dtype.get("float64", {}))
        rows.append([name, *own, *(_time(single.get(n)) for n in libraries)])
    return _without_empty(title, ["function", *OURS, *(NAMES[n] for n in libraries)], rows)


def _copy(seconds):
    return min((seconds[n] for n in ("copy", "copy by threads") if n in seconds), default=None)


def _time(seconds):
    if seconds is None:
        return ""
    value = seconds * 1e6
    return f"{value:.{max(0, 2 - math.floor(math.log10(value)))}f}"


def _ratio(ratio):
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def _count(size):
    return SIZE_NAMES.get(size, f"{size:,}")


def _shape(cell):
    if len(cell.shape) == 1:
        return _count(cell.size)
    axis = f", axis {cell.axis}" if cell.axis != -1 else ""
    return f"({', '.join(map(str, cell.shape))}){axis}"


def _plural(threads):
    return f"{threads} thread{'s' * (threads > 1)}"
