"""
How much memory the losses and row functions allocate in addition to their results: NumPy tells tracemalloc.

`python tools/memory_of_rows.py` measures larger arrays, and the resident set too.
"""

import tracemalloc

import numpy as np
import pytest

import fastact

ROWS, CLASSES = 256, 2000
# labels, scales and losses of a row in eight bytes each, several times, and what Python needs for the call
OVERHEAD = 128 * ROWS + 65_536
WEIGHT = np.linspace(0, 2, CLASSES, dtype=np.float32)
INDICES = {
    "plain": {},
    "none": {"reduction": "none"},
    "weight": {"weight": WEIGHT},
    "ignored": {"ignore_index": 0},
    "smoothing": {"label_smoothing": 0.1},
    "everything": {"weight": WEIGHT, "ignore_index": 0, "label_smoothing": 0.1, "reduction": "sum"},
}
PROBABILITIES = {name: INDICES[name] for name in ("plain", "none", "weight", "smoothing")}


def most_allocated(function, *operands, **keywords):
    """The largest amount of memory in use during a call beyond what was in use before it, results included."""
    function(*operands, **keywords)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        result = function(*operands, **keywords)
        _, peak = tracemalloc.get_traced_memory()
        del result
    finally:
        tracemalloc.stop()
    return peak - before


def logits_along(axis):
    shape = (ROWS, CLASSES) if axis == 1 else (CLASSES, ROWS)
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def test_an_array_is_seen():
    assert most_allocated(np.zeros, (ROWS, CLASSES)) >= ROWS * CLASSES * 8


@pytest.mark.parametrize("axis", [1, 0])
@pytest.mark.parametrize(
    ("kind", "options"),
    [("indices", name) for name in INDICES] + [("probabilities", name) for name in PROBABILITIES],
)
def test_a_loss_allocates_some_numbers_a_row_and_its_gradient_only_itself(kind, options, axis):
    logits = logits_along(axis)
    keywords = INDICES[options] | {"axis": axis}
    labels = np.random.default_rng(1).integers(0, CLASSES, ROWS)
    target = labels if kind == "indices" else np.abs(logits)
    without_reduction = {k: v for k, v in keywords.items() if k != "reduction"}
    assert most_allocated(fastact.cross_entropy, logits, target, **keywords) < OVERHEAD
    gradient = logits.nbytes + OVERHEAD
    assert most_allocated(fastact.cross_entropy_grad, logits, target, **keywords) < gradient
    assert most_allocated(fastact.cross_entropy_value_and_grad, logits, target, **keywords) < gradient
    both = 2 * logits.nbytes + OVERHEAD
    assert most_allocated(fastact.cross_entropy_grad_and_hess, logits, target, **without_reduction) < both


@pytest.mark.parametrize("axis", [1, 0])
def test_nll_loss_allocates_some_numbers_a_row_and_its_gradient_only_itself(axis):
    logits, labels = logits_along(axis), np.zeros(ROWS, int)
    assert most_allocated(fastact.nll_loss, logits, labels, axis=axis, weight=WEIGHT) < OVERHEAD
    assert most_allocated(fastact.nll_loss_grad, logits, labels, axis=axis) < logits.nbytes + OVERHEAD


# all axes as one would need the mask in full
@pytest.mark.parametrize(("axis", "masked"), [(1, False), (0, False), (None, False), (1, True), (0, True)])
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin", "hardmax", "logsumexp"])
def test_a_row_function_allocates_only_its_result(name, axis, masked):
    x = logits_along(1)
    keywords = {"axis": axis} | ({"where": np.arange(CLASSES) % 3 > 0} if masked else {})
    if name in ("softmax", "log_softmax", "softmin"):
        keywords["temperature"] = 2.0
    result = 8 * CLASSES if name == "logsumexp" else x.nbytes
    assert most_allocated(getattr(fastact, name), x, **keywords) < result + OVERHEAD


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin", "sparsemax"])
def test_a_gradient_of_a_row_function_allocates_only_itself(name):
    x = logits_along(1)
    for suffix in ("grad", "grad_from_output"):
        assert most_allocated(getattr(fastact, f"{name}_{suffix}"), x, x) < x.nbytes + OVERHEAD
