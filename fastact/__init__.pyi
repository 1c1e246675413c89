from contextlib import AbstractContextManager
from typing import Any, Literal, SupportsIndex, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from fastact import ufuncs as ufuncs

__version__: str

_Precision = Literal["exact", "fast"]
_Reduction = Literal["none", "mean", "sum"]

relu: np.ufunc
relu_grad: np.ufunc
sigmoid: np.ufunc
sigmoid_grad: np.ufunc
tanh: np.ufunc
tanh_grad: np.ufunc

def softplus(x: ArrayLike, beta: ArrayLike = 1.0, **keywords: Any) -> Any: ...
def softplus_grad(x: ArrayLike, g: ArrayLike, beta: ArrayLike = 1.0, **keywords: Any) -> Any: ...
def softmax(
    x: ArrayLike, axis: SupportsIndex = -1, *, out: NDArray[Any] | None = None, dtype: DTypeLike | None = None
) -> NDArray[Any]: ...
def softmax_grad(
    x: ArrayLike, g: ArrayLike, axis: SupportsIndex = -1, *, out: NDArray[Any] | None = None
) -> NDArray[Any]: ...
def softmax_grad_from_output(
    y: ArrayLike, g: ArrayLike, axis: SupportsIndex = -1, *, out: NDArray[Any] | None = None
) -> NDArray[Any]: ...
def log_softmax(
    x: ArrayLike, axis: SupportsIndex = -1, *, out: NDArray[Any] | None = None, dtype: DTypeLike | None = None
) -> NDArray[Any]: ...
def log_softmax_grad(
    x: ArrayLike, g: ArrayLike, axis: SupportsIndex = -1, *, out: NDArray[Any] | None = None
) -> NDArray[Any]: ...
def log_softmax_grad_from_output(
    y: ArrayLike, g: ArrayLike, axis: SupportsIndex = -1, *, out: NDArray[Any] | None = None
) -> NDArray[Any]: ...
def cross_entropy(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    axis: SupportsIndex = -1,
    ignore_index: SupportsIndex = -100,
    reduction: _Reduction = "mean",
) -> Any: ...
def cross_entropy_grad(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    axis: SupportsIndex = -1,
    ignore_index: SupportsIndex = -100,
    reduction: _Reduction = "mean",
) -> NDArray[Any]: ...
def cross_entropy_value_and_grad(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    axis: SupportsIndex = -1,
    ignore_index: SupportsIndex = -100,
    reduction: _Reduction = "mean",
) -> tuple[Any, NDArray[Any]]: ...
def set_precision(word: _Precision) -> None: ...
def get_precision() -> _Precision: ...
def precision(word: _Precision) -> AbstractContextManager[Any]: ...
def set_num_threads(n: SupportsIndex) -> None: ...
def get_num_threads() -> int: ...
def num_threads(n: SupportsIndex) -> AbstractContextManager[Any]: ...
@overload
def show_config(mode: Literal["print"] = "print") -> None: ...
@overload
def show_config(mode: Literal["dict"]) -> dict[str, Any]: ...
