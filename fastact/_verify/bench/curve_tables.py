"""The table of the curves: functions along an axis, by the length of their rows."""

from itertools import pairwise

import numpy as np

from fastact._verify.bench import cells
from fastact._verify.bench.contestants import OURS

BEST_OF = ("torch", "jax")


def by_width(results):
    """
    Return a row for each function, dtype, size of the array, number of threads and precision.

    The rises are those of the time of an element from one width to the next.
    """
    header = [
        *("function", "elements", "threads", "precision", "PyTorch or JAX, the faster: mean", "lowest, at columns"),
        *("NumPy: mean", "lowest, at columns", "highest rise, between columns"),
    ]
    curves = {}
    for r in sorted(results, key=lambda r: r.cell.shape[-1]):
        if total := cells.total_of(r.cell):
            curves.setdefault((r.cell.name, total, r.cell.threads), []).append(r)
    rows = []
    for (name, total, threads), found in sorted(curves.items(), key=lambda item: _place(*item[0])):
        for own in OURS:
            points = [r for r in found if own in r.seconds]
            if len(points) > 1:
                peers = _ratios(points, own, BEST_OF), _ratios(points, own, ("numpy",))
                compared = [text for ratios in peers for text in (_mean(ratios), _lowest(ratios))]
                rows.append([name, f"{total:,}", str(threads), own, *compared, _highest_rise(points, own)])
    return "Curves by width: ratios", header, rows


def _place(name, total, threads):
    return cells.ALONG_AXIS.index(name), total, threads


def _ratios(points, own, libraries):
    """Return the ratio of the fastest of the libraries for each width."""
    found = {}
    for r in points:
        times = [r.seconds[library] for library in libraries if library in r.seconds]
        if times:
            found[r.cell.shape[-1]] = min(times) / r.seconds[own]
    return found


def _mean(ratios):
    return f"{np.exp(np.mean(np.log(list(ratios.values())))):.2f}" if ratios else ""


def _lowest(ratios):
    """Return the two lowest ratios: that of rows of one number is often the lowest, and says nothing of others."""
    return ", ".join(f"{ratios[width]:.2f} at {width:,}" for width in sorted(ratios, key=ratios.get)[:2])


def _highest_rise(points, own):
    times = [(r.cell.shape[-1], r.seconds[own] / r.cell.size) for r in points]
    rise, before, after = max((t / s - 1, n, m) for (n, s), (m, t) in pairwise(times))
    return f"{rise:+.0%}, {before:,} to {after:,}"
