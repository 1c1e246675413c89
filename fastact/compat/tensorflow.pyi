from collections.abc import Sequence
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

__all__ = [
    "dropout",
    "sigmoid_cross_entropy_with_logits",
    "softmax_cross_entropy_with_logits",
    "sparse_softmax_cross_entropy_with_logits",
    "weighted_cross_entropy_with_logits",
]

def sigmoid_cross_entropy_with_logits(*, labels: ArrayLike, logits: ArrayLike) -> Any: ...
def weighted_cross_entropy_with_logits(*, labels: ArrayLike, logits: ArrayLike, pos_weight: ArrayLike) -> Any: ...
def softmax_cross_entropy_with_logits(*, labels: ArrayLike, logits: ArrayLike, axis: SupportsIndex = -1) -> Any: ...
def sparse_softmax_cross_entropy_with_logits(*, labels: ArrayLike, logits: ArrayLike) -> Any: ...
def dropout(
    x: ArrayLike,
    keep_prob: float,
    noise_shape: Sequence[int | None] | None = None,
    seed: int | np.random.Generator | None = None,
) -> Any: ...
