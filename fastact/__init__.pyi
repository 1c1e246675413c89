from contextlib import AbstractContextManager
from typing import Any, Literal, SupportsIndex, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from fastact import ufuncs as ufuncs

__version__: str

_Precision = Literal["exact", "fast"]
_Reduction = Literal["none", "mean", "sum"]
_Axis = SupportsIndex | tuple[SupportsIndex, ...] | None

geglu: np.ufunc
geglu_grad: np.ufunc
geglu_tanh: np.ufunc
geglu_tanh_grad: np.ufunc
gelu: np.ufunc
gelu_grad: np.ufunc
gelu_quick: np.ufunc
gelu_quick_grad: np.ufunc
gelu_tanh: np.ufunc
gelu_tanh_grad: np.ufunc
hard_swish: np.ufunc
hard_swish_grad: np.ufunc
identity: np.ufunc
identity_grad: np.ufunc
log_sigmoid: np.ufunc
log_sigmoid_grad: np.ufunc
log_sigmoid_grad_from_output: np.ufunc
mish: np.ufunc
mish_grad: np.ufunc
reglu: np.ufunc
reglu_grad: np.ufunc
relu: np.ufunc
relu2: np.ufunc
relu2_grad: np.ufunc
relu6: np.ufunc
relu6_grad: np.ufunc
relu_grad: np.ufunc
relu_grad_from_output: np.ufunc
selu: np.ufunc
selu_grad: np.ufunc
selu_grad_from_output: np.ufunc
sigmoid: np.ufunc
sigmoid_grad: np.ufunc
sigmoid_grad_from_output: np.ufunc
silu: np.ufunc
silu_grad: np.ufunc
softsign: np.ufunc
softsign_grad: np.ufunc
sparse_plus: np.ufunc
sparse_plus_grad: np.ufunc
sparse_sigmoid: np.ufunc
sparse_sigmoid_grad: np.ufunc
swiglu: np.ufunc
swiglu_grad: np.ufunc
tanh: np.ufunc
tanh_grad: np.ufunc
tanh_grad_from_output: np.ufunc
tanhshrink: np.ufunc
tanhshrink_grad: np.ufunc

def elu(x: ArrayLike, alpha: ArrayLike = 1.0, *, out: Any = None, **keywords: Any) -> Any: ...
def elu_grad(x: ArrayLike, g: ArrayLike, alpha: ArrayLike = 1.0, *, out: Any = None, **keywords: Any) -> Any: ...
def leaky_relu(x: ArrayLike, negative_slope: ArrayLike = 0.01, *, out: Any = None, **keywords: Any) -> Any: ...
def leaky_relu_grad(
    x: ArrayLike, g: ArrayLike, negative_slope: ArrayLike = 0.01, *, out: Any = None, **keywords: Any
) -> Any: ...
def softplus(x: ArrayLike, beta: ArrayLike = 1.0, *, out: Any = None, **keywords: Any) -> Any: ...
def softplus_grad(x: ArrayLike, g: ArrayLike, beta: ArrayLike = 1.0, *, out: Any = None, **keywords: Any) -> Any: ...
def step(x: ArrayLike, threshold: ArrayLike = 0.0, *, out: Any = None, **keywords: Any) -> Any: ...
def step_grad(x: ArrayLike, g: ArrayLike, threshold: ArrayLike = 0.0, *, out: Any = None, **keywords: Any) -> Any: ...
def swish(x: ArrayLike, beta: ArrayLike = 1.0, *, out: Any = None, **keywords: Any) -> Any: ...
def swish_grad(x: ArrayLike, g: ArrayLike, beta: ArrayLike = 1.0, *, out: Any = None, **keywords: Any) -> Any: ...
def threshold(x: ArrayLike, threshold: ArrayLike, value: ArrayLike, **keywords: Any) -> Any: ...
def threshold_grad(x: ArrayLike, g: ArrayLike, threshold: ArrayLike, value: ArrayLike, **keywords: Any) -> Any: ...
def thresholded_relu(x: ArrayLike, alpha: ArrayLike = 1.0, *, out: Any = None, **keywords: Any) -> Any: ...
def thresholded_relu_grad(
    x: ArrayLike, g: ArrayLike, alpha: ArrayLike = 1.0, *, out: Any = None, **keywords: Any
) -> Any: ...
def hard_tanh(
    x: ArrayLike, min_val: ArrayLike = -1.0, max_val: ArrayLike = 1.0, *, out: Any = None, **keywords: Any
) -> Any: ...
def hard_tanh_grad(
    x: ArrayLike, g: ArrayLike, min_val: ArrayLike = -1.0, max_val: ArrayLike = 1.0, *, out: Any = None, **keywords: Any
) -> Any: ...
def hardshrink(x: ArrayLike, lambd: ArrayLike = 0.5, *, out: Any = None, **keywords: Any) -> Any: ...
def hardshrink_grad(x: ArrayLike, g: ArrayLike, lambd: ArrayLike = 0.5, *, out: Any = None, **keywords: Any) -> Any: ...
def shrink(x: ArrayLike, lambd: ArrayLike = 0.5, bias: ArrayLike = 0.0, *, out: Any = None, **keywords: Any) -> Any: ...
def shrink_grad(
    x: ArrayLike, g: ArrayLike, lambd: ArrayLike = 0.5, bias: ArrayLike = 0.0, *, out: Any = None, **keywords: Any
) -> Any: ...
def softshrink(x: ArrayLike, lambd: ArrayLike = 0.5, *, out: Any = None, **keywords: Any) -> Any: ...
def softshrink_grad(x: ArrayLike, g: ArrayLike, lambd: ArrayLike = 0.5, *, out: Any = None, **keywords: Any) -> Any: ...
def celu(x: ArrayLike, alpha: ArrayLike = 1.0, *, out: Any = None, **keywords: Any) -> Any: ...
def celu_grad(x: ArrayLike, g: ArrayLike, alpha: ArrayLike = 1.0, *, out: Any = None, **keywords: Any) -> Any: ...
def squareplus(x: ArrayLike, b: ArrayLike = 4.0, *, out: Any = None, **keywords: Any) -> Any: ...
def squareplus_grad(x: ArrayLike, g: ArrayLike, b: ArrayLike = 4.0, *, out: Any = None, **keywords: Any) -> Any: ...
def hard_sigmoid(
    x: ArrayLike, slope: ArrayLike = ..., offset: ArrayLike = 0.5, *, out: Any = None, **keywords: Any
) -> Any: ...
def hard_sigmoid_grad(
    x: ArrayLike, g: ArrayLike, slope: ArrayLike = ..., offset: ArrayLike = 0.5, *, out: Any = None, **keywords: Any
) -> Any: ...
def prelu(x: ArrayLike, weight: ArrayLike, **keywords: Any) -> Any: ...
def prelu_grad(x: ArrayLike, g: ArrayLike, weight: ArrayLike, **keywords: Any) -> Any: ...
def pact(x: ArrayLike, alpha: ArrayLike, **keywords: Any) -> Any: ...
def pact_grad(x: ArrayLike, g: ArrayLike, alpha: ArrayLike, **keywords: Any) -> Any: ...
def softcap(x: ArrayLike, cap: ArrayLike, **keywords: Any) -> Any: ...
def softcap_grad(x: ArrayLike, g: ArrayLike, cap: ArrayLike, **keywords: Any) -> Any: ...
def leaky_relu_grad_from_output(
    y: ArrayLike, g: ArrayLike, negative_slope: ArrayLike = 0.01, *, out: Any = None, **keywords: Any
) -> Any: ...
def elu_grad_from_output(
    y: ArrayLike, g: ArrayLike, alpha: ArrayLike = 1.0, *, out: Any = None, **keywords: Any
) -> Any: ...
def softplus_grad_from_output(
    y: ArrayLike, g: ArrayLike, beta: ArrayLike = 1.0, *, out: Any = None, **keywords: Any
) -> Any: ...
def glu(x: ArrayLike, axis: SupportsIndex = -1) -> Any: ...
def glu_grad(x: ArrayLike, g: ArrayLike, axis: SupportsIndex = -1) -> Any: ...
def softmax(
    x: ArrayLike,
    axis: _Axis = -1,
    *,
    where: ArrayLike | None = None,
    temperature: ArrayLike = 1.0,
    out: NDArray[Any] | None = None,
    dtype: DTypeLike | None = None,
) -> NDArray[Any]: ...
def softmax_grad(
    x: ArrayLike,
    g: ArrayLike,
    axis: _Axis = -1,
    *,
    where: ArrayLike | None = None,
    temperature: ArrayLike = 1.0,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]: ...
def softmax_grad_from_output(
    y: ArrayLike,
    g: ArrayLike,
    axis: _Axis = -1,
    *,
    where: ArrayLike | None = None,
    temperature: ArrayLike = 1.0,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]: ...
def log_softmax(
    x: ArrayLike,
    axis: _Axis = -1,
    *,
    where: ArrayLike | None = None,
    temperature: ArrayLike = 1.0,
    out: NDArray[Any] | None = None,
    dtype: DTypeLike | None = None,
) -> NDArray[Any]: ...
def log_softmax_grad(
    x: ArrayLike,
    g: ArrayLike,
    axis: _Axis = -1,
    *,
    where: ArrayLike | None = None,
    temperature: ArrayLike = 1.0,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]: ...
def log_softmax_grad_from_output(
    y: ArrayLike,
    g: ArrayLike,
    axis: _Axis = -1,
    *,
    where: ArrayLike | None = None,
    temperature: ArrayLike = 1.0,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]: ...
def softmin(
    x: ArrayLike,
    axis: _Axis = -1,
    *,
    where: ArrayLike | None = None,
    temperature: ArrayLike = 1.0,
    out: NDArray[Any] | None = None,
    dtype: DTypeLike | None = None,
) -> NDArray[Any]: ...
def softmin_grad(
    x: ArrayLike,
    g: ArrayLike,
    axis: _Axis = -1,
    *,
    where: ArrayLike | None = None,
    temperature: ArrayLike = 1.0,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]: ...
def softmin_grad_from_output(
    y: ArrayLike,
    g: ArrayLike,
    axis: _Axis = -1,
    *,
    where: ArrayLike | None = None,
    temperature: ArrayLike = 1.0,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]: ...
def sparsemax(
    x: ArrayLike,
    axis: _Axis = -1,
    *,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]: ...
def sparsemax_grad(
    x: ArrayLike,
    g: ArrayLike,
    axis: _Axis = -1,
    *,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]: ...
def sparsemax_grad_from_output(
    y: ArrayLike,
    g: ArrayLike,
    axis: _Axis = -1,
    *,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]: ...
def hardmax(
    x: ArrayLike,
    axis: _Axis = -1,
    *,
    where: ArrayLike | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]: ...
def logsumexp(
    x: ArrayLike,
    axis: _Axis = -1,
    *,
    keepdims: bool = False,
    where: ArrayLike | None = None,
    out: NDArray[Any] | None = None,
) -> Any: ...
def logsumexp_grad(
    x: ArrayLike,
    g: ArrayLike,
    axis: _Axis = -1,
    *,
    keepdims: bool = False,
    where: ArrayLike | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]: ...
def cross_entropy(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    axis: SupportsIndex = -1,
    weight: ArrayLike | None = None,
    ignore_index: SupportsIndex = -100,
    label_smoothing: float = 0.0,
    reduction: _Reduction = "mean",
) -> Any: ...
def cross_entropy_grad(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    axis: SupportsIndex = -1,
    weight: ArrayLike | None = None,
    ignore_index: SupportsIndex = -100,
    label_smoothing: float = 0.0,
    reduction: _Reduction = "mean",
) -> NDArray[Any]: ...
def cross_entropy_value_and_grad(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    axis: SupportsIndex = -1,
    weight: ArrayLike | None = None,
    ignore_index: SupportsIndex = -100,
    label_smoothing: float = 0.0,
    reduction: _Reduction = "mean",
) -> tuple[Any, NDArray[Any]]: ...
def cross_entropy_grad_and_hess(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    axis: SupportsIndex = -1,
    weight: ArrayLike | None = None,
    ignore_index: SupportsIndex = -100,
    label_smoothing: float = 0.0,
) -> tuple[NDArray[Any], NDArray[Any]]: ...
def nll_loss(
    log_probs: ArrayLike,
    target: ArrayLike,
    *,
    axis: SupportsIndex = -1,
    weight: ArrayLike | None = None,
    ignore_index: SupportsIndex = -100,
    reduction: _Reduction = "mean",
) -> Any: ...
def nll_loss_grad(
    log_probs: ArrayLike,
    target: ArrayLike,
    *,
    axis: SupportsIndex = -1,
    weight: ArrayLike | None = None,
    ignore_index: SupportsIndex = -100,
    reduction: _Reduction = "mean",
) -> NDArray[Any]: ...
def nll_loss_value_and_grad(
    log_probs: ArrayLike,
    target: ArrayLike,
    *,
    axis: SupportsIndex = -1,
    weight: ArrayLike | None = None,
    ignore_index: SupportsIndex = -100,
    reduction: _Reduction = "mean",
) -> tuple[Any, NDArray[Any]]: ...
def binary_cross_entropy_with_logits(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    pos_weight: ArrayLike | None = None,
    reduction: _Reduction = "mean",
) -> Any: ...
def binary_cross_entropy_with_logits_grad(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    pos_weight: ArrayLike | None = None,
    reduction: _Reduction = "mean",
) -> Any: ...
def binary_cross_entropy_with_logits_value_and_grad(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    pos_weight: ArrayLike | None = None,
    reduction: _Reduction = "mean",
) -> tuple[Any, Any]: ...
def binary_cross_entropy_with_logits_grad_and_hess(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    pos_weight: ArrayLike | None = None,
) -> tuple[Any, Any]: ...
def binary_cross_entropy(
    probs: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    reduction: _Reduction = "mean",
) -> Any: ...
def binary_cross_entropy_grad(
    probs: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    reduction: _Reduction = "mean",
) -> Any: ...
def binary_cross_entropy_value_and_grad(
    probs: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    reduction: _Reduction = "mean",
) -> tuple[Any, Any]: ...
def sigmoid_focal_loss(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    alpha: float = 0.25,
    gamma: float = 2.0,
    reduction: _Reduction = "none",
) -> Any: ...
def sigmoid_focal_loss_grad(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    alpha: float = 0.25,
    gamma: float = 2.0,
    reduction: _Reduction = "none",
) -> Any: ...
def sigmoid_focal_loss_value_and_grad(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    alpha: float = 0.25,
    gamma: float = 2.0,
    reduction: _Reduction = "none",
) -> tuple[Any, Any]: ...
def kl_div(
    log_input: ArrayLike,
    target: ArrayLike,
    *,
    log_target: bool = False,
    reduction: Literal["none", "sum", "batchmean"] = "batchmean",
) -> Any: ...
def kl_div_grad(
    log_input: ArrayLike,
    target: ArrayLike,
    *,
    log_target: bool = False,
    reduction: Literal["none", "sum", "batchmean"] = "batchmean",
) -> Any: ...
def kl_div_value_and_grad(
    log_input: ArrayLike,
    target: ArrayLike,
    *,
    log_target: bool = False,
    reduction: Literal["none", "sum", "batchmean"] = "batchmean",
) -> tuple[Any, Any]: ...
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
