"""Neural-network activations, softmax and cross-entropy for NumPy arrays: fast, exact, with gradients."""

from fastact import ufuncs
from fastact._config import show_config
from fastact._runtime import (
    get_num_threads,
    get_precision,
    num_threads,
    precision,
    set_num_threads,
    set_precision,
)
from fastact._softmax import (
    log_softmax,
    log_softmax_grad,
    log_softmax_grad_from_output,
    softmax,
    softmax_grad,
    softmax_grad_from_output,
)
from fastact._version import __version__
from fastact.activations import softplus, softplus_grad
from fastact.losses import cross_entropy, cross_entropy_grad, cross_entropy_value_and_grad
from fastact.ufuncs import relu, relu_grad, sigmoid, sigmoid_grad, tanh, tanh_grad

__all__ = [
    "__version__",
    "cross_entropy",
    "cross_entropy_grad",
    "cross_entropy_value_and_grad",
    "get_num_threads",
    "get_precision",
    "log_softmax",
    "log_softmax_grad",
    "log_softmax_grad_from_output",
    "num_threads",
    "precision",
    "relu",
    "relu_grad",
    "set_num_threads",
    "set_precision",
    "show_config",
    "sigmoid",
    "sigmoid_grad",
    "softmax",
    "softmax_grad",
    "softmax_grad_from_output",
    "softplus",
    "softplus_grad",
    "tanh",
    "tanh_grad",
    "ufuncs",
]
