"""The pictures of the benchmarks."""

import io
import math

import matplotlib as mpl

mpl.use("agg")

from matplotlib import pyplot as plt
from matplotlib import ticker
from PIL import Image

from fastact._verify.bench import cells
from fastact._verify.bench.contestants import LIBRARIES, OURS
from fastact._verify.bench.figures import NAMES, SMALL

COLOURS = dict(zip(LIBRARIES, ("C0", "C1", "C2", "C3", "C4", "C5"), strict=True))
STYLES = {own: ("black", style) for own, style in zip(OURS, ("--", "-", "--", "-"), strict=True)}
STYLES |= {library: (colour, "-") for library, colour in COLOURS.items()}
LEAST_POINTS = 5  # of a curve
PANEL = (3.6, 2.6)  # inches
DPI = 90
LEGEND = {"loc": "outside upper center", "fontsize": 8, "frameon": False}


def draw(results, busy, folder):
    """Draw all pictures for which there are results; return the files with what they show."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = [r for r in results if r.cell.layout == "out=" and not r.cell.isa and r.cell.dtype == "float32"]
    drawn = []
    for threads in sorted({r.cell.threads for r in results}):
        text = f"with {threads} thread{'s' * (threads > 1)}"
        curves = {}
        for r in (r for r in plain if r.cell.name in cells.BY_SIZE and r.cell.threads == threads):
            curves.setdefault(r.cell.name, {})[r.cell.size] = r
        title = f"Time of an element by the size of the array, float32, {text}"
        drawn.append((title, _curves(curves, 3, "elements", folder / f"time_by_size_{threads}_threads.png")))
        for dtype in cells.DTYPES:
            found = [r for r in results if (r.cell.dtype, r.cell.threads) == (dtype, threads)]
            title = f"Time of an element by the length of rows, {dtype}, {text}"
            drawn.append((title, _by_width(found, folder / f"time_by_width_{dtype}_{threads}_threads.png")))
    title = f"A call on {SMALL} elements, with a new array for the result, one thread"
    drawn.append((title, _small_calls(results, folder / "small_calls.png")))
    title = "As many threads as there are processors, on a busy machine: mean time, in times of one fastact thread"
    drawn.append((title, _on_a_busy_machine(busy, folder / "busy_machine.png")))
    title = "Bandwidth of functions of one operand on large arrays, in parts of that of a copy"
    drawn.append((title, _bandwidth([r for r in plain if r.cell.kind == "forward"], folder / "bandwidth.png")))
    return [(title, path) for title, path in drawn if path]


def _by_width(results, path):
    curves = {}
    for r in results:
        if r.cell.name in cells.BY_WIDTH and (total := cells.total_of(r.cell)):
            curves.setdefault((cells.BY_WIDTH.index(r.cell.name), total), {})[r.cell.shape[-1]] = r
    columns = len({total for _, total in curves})
    named = {f"{cells.BY_WIDTH[i]}, {total:,} elements": curves[i, total] for i, total in sorted(curves)}
    return _curves(named, columns if columns > 1 else 2, "columns", path)


def _curves(curves, columns, label, path):
    """Draw the time of an element on logarithmic axes, with a panel for each of `curves`: results by place."""
    curves = {title: dict(sorted(found.items())) for title, found in curves.items() if len(found) >= LEAST_POINTS}
    if not curves:
        return None
    rows, columns = math.ceil(len(curves) / columns), min(columns, len(curves))
    size = (PANEL[0] * columns + 0.4, PANEL[1] * rows + 0.6)
    figure, panels = plt.subplots(rows, columns, figsize=size, sharex=True, squeeze=False, layout="constrained")
    for panel, (title, found) in zip(panels.flat, curves.items(), strict=False):
        for name, (colour, style) in STYLES.items():
            points = [(place, 1e9 * r.seconds[name] / r.cell.size) for place, r in found.items() if name in r.seconds]
            if points:
                panel.plot(*zip(*points, strict=True), style, color=colour, lw=1, label=NAMES.get(name, name))
        panel.set(xscale="log", yscale="log")
        _label_few(panel.yaxis)
        panel.set_title(title, fontsize=8)
        panel.tick_params(labelsize=7)
        panel.grid(which="both", lw=0.2)
    for panel in panels.flat[len(curves) :]:
        panel.axis("off")
    handles = {line.get_label(): line for panel in panels.flat for line in panel.get_lines()}
    figure.legend(handles.values(), handles, ncols=len(handles), **LEGEND)
    figure.supxlabel(label, fontsize=9)
    figure.supylabel("ns an element", fontsize=9)
    return _save(figure, path)


def _small_calls(results, path):
    """Draw the time of a call for each function and library."""
    wanted = ("allocating", SMALL, "float32", 1)
    chosen = [r for r in results if (r.cell.layout, r.cell.size, r.cell.dtype, r.cell.threads) == wanted]
    if not chosen:
        return None
    chosen.sort(key=lambda r: -r.seconds["fast"])
    figure, panel = plt.subplots(figsize=(8, 0.2 * len(chosen) + 1.2), layout="constrained")
    for name in ("fast", *LIBRARIES):
        points = [(1e6 * r.seconds[name], place) for place, r in enumerate(chosen) if name in r.seconds]
        if points:
            colour, label = ("black", "fastact") if name == "fast" else (COLOURS[name], NAMES[name])
            panel.plot(*zip(*points, strict=True), "o", color=colour, ms=4, label=label)
    panel.set_yticks(range(len(chosen)), [r.cell.name for r in chosen], fontsize=7)
    panel.set(xscale="log", xlabel="µs a call")
    _label_few(panel.xaxis)
    panel.grid(axis="x", which="both", lw=0.3)
    panel.margins(y=0.01)
    figure.legend(ncols=7, **LEGEND)
    return _save(figure, path)


def _on_a_busy_machine(busy, path):
    """Draw the mean time of a call with several threads in times of one thread of fastact under the same load."""
    if not busy:
        return None
    measured = [(cells.from_dict(facts["cell"]), facts["busy"], facts["seconds"]) for facts in busy]
    loads = sorted({load for _, load, _ in measured})
    size = (PANEL[0] * len(loads) + 0.4, 3.4)
    figure, panels = plt.subplots(1, len(loads), figsize=size, sharey=True, squeeze=False, layout="constrained")
    for panel, load in zip(panels.flat, loads, strict=True):
        found = [(cell, seconds) for cell, at, seconds in measured if at == load]
        for name, colour in (("fast", "black"), ("torch", COLOURS["torch"])):
            shares = [(place, s[name] / s["one thread"]) for place, (_, s) in enumerate(found) if name in s]
            if shares:
                label = NAMES.get(name, "fastact")
                panel.plot(*zip(*shares, strict=True), "o", color=colour, label=label)
        panel.axhline(1, color="grey", lw=0.8)
        panel.set_xticks(range(len(found)), [_short(cell) for cell, _ in found], fontsize=7, rotation=60, ha="right")
        panel.set_yscale("log")
        _label_few(panel.yaxis)
        panel.set_title(f"{load} other busy process{'es' * (load != 1)}", fontsize=8)
        panel.grid(axis="y", which="both", lw=0.3)
    panels[0, 0].set_ylabel("times one thread", fontsize=9)
    figure.legend(*panels[0, 0].get_legend_handles_labels(), ncols=2, **LEGEND)
    return _save(figure, path)


def _label_few(axis):
    """Label a logarithmic axis at 1, 2 and 5, or over a wide range at powers of ten, without exponents."""
    least, most = axis.get_view_interval()
    axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5) if most < 300 * least else (1,)))
    axis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(ticker.NullFormatter())


def _short(cell):
    return f"{cell.name} {' x '.join(map(str, cell.shape))}"


def _bandwidth(results, path):
    """Draw the bandwidth at the largest size, relative to that of a copy."""
    size = max((r.cell.size for r in results), default=0)
    chosen = [r for r in results if r.cell.size == size and "copy" in r.seconds]
    if not chosen:
        return None
    chosen.sort(key=lambda r: r.seconds["exact"], reverse=True)
    figure, panel = plt.subplots(figsize=(8, 0.2 * len(chosen) + 1.2), layout="constrained")
    places = range(len(chosen))
    speeds = {name: [_share(r, name) for r in chosen] for name in ("exact", "fast")}
    panel.barh([p + 0.2 for p in places], speeds["fast"], 0.4, color="C0", label="fast")
    panel.barh([p - 0.2 for p in places], speeds["exact"], 0.4, color="C1", label="exact")
    panel.axvline(100, color="black", lw=1, label="a copy of as many bytes")
    panel.set_yticks(places, [r.cell.name for r in chosen], fontsize=7)
    panel.set_xlabel(f"% of a copy's bandwidth: float32, {size:,} elements, {chosen[0].cell.threads} threads")
    panel.margins(y=0.01)
    figure.legend(ncols=3, **LEGEND)
    return _save(figure, path)


def _share(result, name):
    copy = min(result.seconds[n] for n in ("copy", "copy by threads") if n in result.seconds)
    return 100 * copy / result.seconds[name]


def _save(figure, path):
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=DPI, format="png")
    plt.close(figure)
    # a palette takes a third of the bytes; MAXCOVERAGE keeps the colours of the thin lines
    palette = Image.open(drawn).convert("RGB").quantize(255, method=Image.Quantize.MAXCOVERAGE)
    palette.save(path, optimize=True)
    return path
