"""The pictures of the benchmarks."""

import io
import math

import matplotlib as mpl

mpl.use("agg")

from matplotlib import pyplot as plt
from matplotlib import ticker
from PIL import Image

from fastact._verify.bench.cells import DTYPES, total_of
from fastact._verify.bench.contestants import LIBRARIES, ONE_THREAD, OURS, SPEEDUP_SIZE
from fastact._verify.bench.figures import NAMES

COLOURS = dict(zip(LIBRARIES, ("C0", "C1", "C2", "C3", "C4", "C5"), strict=True))
COLUMNS = 7
LEAST_WIDTHS = 5  # of a curve
BY_WIDTH = ("softmax", "log_softmax", "logsumexp", "softmax_grad_from_output", "cross_entropy_value_and_grad")
TIMED = ("relu", "sigmoid", "tanh", "gelu", "softplus", "mish")
DPI = 90


def draw(results, folder):
    """Draw all pictures for which there are results; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = [r for r in results if r.cell.layout == "out=" and not r.cell.isa]
    elementwise = [r for r in plain if r.cell.kind in ("forward", "gradient")]
    threads = max((r.cell.threads for r in elementwise), default=0)
    most = [r for r in elementwise if r.cell.threads == threads]
    single = [r for r in most if r.cell.dtype == "float32"]
    drawn = [
        _ratios([r for r in single if r.cell.kind == "forward"], folder / "ratio_by_size.png"),
        _ratios([r for r in single if r.cell.kind == "gradient"], folder / "ratio_by_size_of_gradients.png"),
        _bandwidth([r for r in single if r.cell.kind == "forward"], folder / "bandwidth.png"),
        _by_threads([r for r in single if r.cell.kind == "forward"], folder / "time_by_threads.png"),
        _by_size([r for r in single if r.cell.name in TIMED], folder / "time_by_size.png"),
    ]
    rows = [r for r in results if r.cell.name in BY_WIDTH and total_of(r.cell)]
    for dtype in DTYPES:
        for threads in sorted({r.cell.threads for r in rows}):
            found = [r for r in rows if (r.cell.dtype, r.cell.threads) == (dtype, threads)]
            drawn.append(_by_width(found, folder / f"time_by_width_{dtype}_{threads}_threads.png"))
    return [path for path in drawn if path]


def _ratios(results, path):
    """Draw the time of each library divided by that of fastact against the size, with a panel for each function."""
    results = [r for r in results if any(n in r.seconds for n in LIBRARIES)]
    by_name = _by_name(results)
    if not by_name or len({r.cell.size for r in results}) < 2:
        return None
    columns = min(COLUMNS, len(by_name))
    rows = math.ceil(len(by_name) / columns)
    figure, panels = plt.subplots(
        rows,
        columns,
        figsize=(2 * columns, 1.7 * rows + 0.8),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for panel, (name, cells) in zip(panels.flat, by_name.items(), strict=False):
        _plot_ratios(panel, cells)
        panel.set_title(name, fontsize=8, pad=2)
    for panel, above in zip(panels.flat[len(by_name) :], panels.flat[len(by_name) - columns :], strict=False):
        panel.axis("off")
        above.tick_params(labelbottom=True)
    used = [n for n in LIBRARIES if any(n in r.seconds for r in results)]
    handles = [plt.Line2D([], [], color=COLOURS[n], label=f"{NAMES[n]} / fast") for n in used]
    handles.append(plt.Line2D([], [], color="black", ls="--", label="the best / exact"))
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), fontsize=8, frameon=False)
    figure.supxlabel("elements", fontsize=9)
    figure.supylabel("the other's time / fastact's", fontsize=9)
    return _save(figure, path)


def _plot_ratios(panel, results):
    for library, colour in COLOURS.items():
        ratios = [(r.cell.size, r.seconds[library] / r.seconds["fast"]) for r in results if library in r.seconds]
        if ratios:
            panel.plot(*zip(*ratios, strict=True), "o-", color=colour, ms=2.5, lw=1)
    best = [(r.cell.size, min(r.seconds[n] for n in LIBRARIES if n in r.seconds) / r.seconds["exact"]) for r in results]
    panel.plot(*zip(*best, strict=True), "--", color="black", lw=1)
    panel.axhline(1, color="grey", lw=0.8)
    panel.set(xscale="log", yscale="log", ylim=(0.3, 300))
    panel.tick_params(labelsize=7)


def _bandwidth(results, path):
    """Draw the bandwidth at the largest size, relative to that of a copy."""
    size = max((r.cell.size for r in results), default=0)
    chosen = [r for r in results if r.cell.size == size and "copy" in r.seconds]
    if not chosen:
        return None
    chosen.sort(key=lambda r: r.seconds["exact"], reverse=True)
    figure, panel = plt.subplots(figsize=(8, 0.2 * len(chosen) + 1.2), layout="constrained")
    places = range(len(chosen))
    speeds = {n: [_share(r, n) for r in chosen] for n in ("exact", "fast")}
    panel.barh([p + 0.2 for p in places], speeds["fast"], 0.4, color="C0", label="fast")
    panel.barh([p - 0.2 for p in places], speeds["exact"], 0.4, color="C1", label="exact")
    panel.axvline(100, color="black", lw=1, label="a copy of as many bytes")
    panel.set_yticks(places, [r.cell.name for r in chosen], fontsize=7)
    panel.set_xlabel(f"% of a copy's bandwidth: float32, {size:,} elements, {chosen[0].cell.threads} threads")
    panel.margins(y=0.01)
    figure.legend(loc="outside upper center", ncols=3, fontsize=8, frameon=False)
    return _save(figure, path)


def _share(result, name):
    copy = min(result.seconds[n] for n in ("copy", "copy by threads") if n in result.seconds)
    return 100 * copy / result.seconds[name]


def _by_threads(results, path):
    """Draw the times with one thread and with all threads, from the same run."""
    chosen = [r for r in results if r.cell.size == SPEEDUP_SIZE and "fast" + ONE_THREAD in r.seconds]
    if not chosen:
        return None
    chosen.sort(key=lambda r: r.seconds["exact"], reverse=True)
    figure, panels = plt.subplots(
        1, 2, figsize=(10, 0.2 * len(chosen) + 1.2), sharey=True, sharex=True, layout="constrained"
    )
    places = range(len(chosen))
    for panel, own in zip(panels, ("exact", "fast"), strict=True):
        one, all_of_them = ([1e6 * r.seconds[n] for r in chosen] for n in (own + ONE_THREAD, own))
        panel.hlines(places, all_of_them, one, color="lightgrey", lw=2)
        panel.plot(one, places, "o", color="C1", ms=4, label="1 thread")
        panel.plot(all_of_them, places, "o", color="C0", ms=4, label=f"{chosen[0].cell.threads} threads")
        panel.plot([1e6 * r.seconds["copy"] for r in chosen], places, "|", color="black", label="copy, 1 thread")
        panel.set(title=own, xlabel=f"µs: float32, {SPEEDUP_SIZE:,} elements", xscale="log")
        panel.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        panel.xaxis.set_major_formatter(ticker.ScalarFormatter())
        panel.xaxis.set_minor_formatter(ticker.NullFormatter())
        panel.grid(axis="x", which="both", lw=0.3)
    panels[0].set_yticks(places, [r.cell.name for r in chosen], fontsize=7)
    panels[0].margins(y=0.01)
    figure.legend(
        *panels[1].get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=8, frameon=False
    )
    return _save(figure, path)


def _by_size(results, path):
    """Draw time against size on logarithmic axes: a cost that grows linearly is a straight line of slope 1."""
    by_name = _by_name(results)
    if not by_name or len({r.cell.size for r in results}) < 2:
        return None
    figure, panels = plt.subplots(1, 2, figsize=(10, 4.2), sharey=True, layout="constrained")
    for panel, own in zip(panels, ("exact", "fast"), strict=True):
        for name, cells in by_name.items():
            panel.plot([r.cell.size for r in cells], [r.seconds[own] for r in cells], "o-", ms=3, lw=1, label=name)
        cells = max(by_name.values(), key=len)
        copies = [min(r.seconds[n] for n in ("copy", "copy by threads") if n in r.seconds) for r in cells]
        panel.plot([r.cell.size for r in cells], copies, "k:", lw=1, label="copy")
        panel.set(xscale="log", yscale="log", xlabel="elements", title=f"{own}, {cells[0].cell.threads} threads")
        panel.grid(which="both", lw=0.3)
    panels[0].set_ylabel("seconds")
    panels[1].legend(fontsize=8)
    return _save(figure, path)


def _by_width(results, path):
    """Draw the time of an element against the length of rows, with a panel for each function and size of the array."""
    by_panel = {}
    for r in sorted(results, key=lambda r: r.cell.shape[-1]):
        by_panel.setdefault((total_of(r.cell), r.cell.name), []).append(r)
    by_panel = {key: found for key, found in by_panel.items() if len(found) >= LEAST_WIDTHS}
    if not by_panel:
        return None
    totals, names = sorted({total for total, _ in by_panel}), [n for n in BY_WIDTH if n in {n for _, n in by_panel}]
    figure, panels = plt.subplots(
        len(totals),
        len(names),
        figsize=(3.6 * len(names) + 0.4, 2.8 * len(totals) + 0.6),
        sharex=True,
        sharey="col",
        squeeze=False,
        layout="constrained",
    )
    styles = {own: ("black", style) for own, style in zip(OURS, ("--", "-", "--", "-"), strict=True)}
    styles |= {library: (colour, "-") for library, colour in COLOURS.items()}
    for (total, name), found in by_panel.items():
        panel = panels[totals.index(total), names.index(name)]
        for own, (colour, style) in styles.items():
            points = [(r.cell.shape[-1], 1e9 * r.seconds[own] / r.cell.size) for r in found if own in r.seconds]
            if points:
                panel.plot(*zip(*points, strict=True), style, color=colour, lw=1, label=NAMES.get(own, own))
        panel.set(xscale="log", yscale="log")
        panel.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        panel.yaxis.set_major_formatter(ticker.ScalarFormatter())
        panel.yaxis.set_minor_formatter(ticker.NullFormatter())
        panel.set_title(f"{name}, {total:,} elements", fontsize=8)
        panel.tick_params(labelsize=7)
        panel.grid(which="both", lw=0.2)
    handles = {line.get_label(): line for panel in panels.flat for line in panel.get_lines()}
    legend = {"loc": "outside upper center", "fontsize": 8, "frameon": False}
    figure.legend(handles.values(), handles, ncols=len(handles), **legend)
    figure.supxlabel("columns", fontsize=9)
    figure.supylabel("ns an element", fontsize=9)
    return _save(figure, path)


def _by_name(results):
    found = {}
    for result in sorted(results, key=lambda r: r.cell.size):
        found.setdefault(result.cell.name, []).append(result)
    return dict(sorted(found.items()))


def _save(figure, path):
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=DPI, format="png")
    plt.close(figure)
    # a palette takes a third of the bytes; MAXCOVERAGE keeps the colours of the thin lines
    palette = Image.open(drawn).convert("RGB").quantize(255, method=Image.Quantize.MAXCOVERAGE)
    palette.save(path, optimize=True)
    return path
