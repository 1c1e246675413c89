"""Neural-network activations, softmax and cross-entropy for NumPy arrays: fast, exact, with gradients."""

from numpy import ufunc as _ufunc

from fastact import ufuncs
from fastact._core.version import __version__
from fastact.activations import *  # noqa: F403
from fastact.losses import *  # noqa: F403
from fastact.rows import *  # noqa: F403
from fastact.settings import *  # noqa: F403

# ruff: noqa: F405, RUF022
# One line for each function, by group.
# fmt: off
__all__ = [
    # rectifiers
    "identity", "identity_grad",
    "relu", "relu_grad", "relu_grad_from_output",
    "relu6", "relu6_grad",
    "relu2", "relu2_grad",
    "leaky_relu", "leaky_relu_grad", "leaky_relu_grad_from_output",
    "prelu", "prelu_grad",
    "pact", "pact_grad",
    "threshold", "threshold_grad",
    "thresholded_relu", "thresholded_relu_grad",
    "elu", "elu_grad", "elu_grad_from_output",
    "celu", "celu_grad",
    "selu", "selu_grad", "selu_grad_from_output",
    "softplus", "softplus_grad", "softplus_grad_from_output",
    "squareplus", "squareplus_grad",
    "sparse_plus", "sparse_plus_grad",
    # sigmoids
    "sigmoid", "sigmoid_grad", "sigmoid_grad_from_output",
    "log_sigmoid", "log_sigmoid_grad", "log_sigmoid_grad_from_output",
    "hard_sigmoid", "hard_sigmoid_grad",
    "sparse_sigmoid", "sparse_sigmoid_grad",
    "tanh", "tanh_grad", "tanh_grad_from_output",
    "hard_tanh", "hard_tanh_grad",
    "softsign", "softsign_grad",
    "softcap", "softcap_grad",
    "step", "step_grad",
    # self-gated
    "silu", "silu_grad",
    "swish", "swish_grad",
    "gelu", "gelu_grad",
    "gelu_tanh", "gelu_tanh_grad",
    "gelu_quick", "gelu_quick_grad",
    "mish", "mish_grad",
    "hard_swish", "hard_swish_grad",
    # shrinks
    "softshrink", "softshrink_grad",
    "hardshrink", "hardshrink_grad",
    "shrink", "shrink_grad",
    "tanhshrink", "tanhshrink_grad",
    # gated units
    "glu", "glu_grad",
    "swiglu", "swiglu_grad",
    "geglu", "geglu_grad",
    "geglu_tanh", "geglu_tanh_grad",
    "reglu", "reglu_grad",
    # along axes
    "softmax", "softmax_grad", "softmax_grad_from_output",
    "log_softmax", "log_softmax_grad", "log_softmax_grad_from_output",
    "softmin", "softmin_grad", "softmin_grad_from_output",
    "logsumexp", "logsumexp_grad",
    "sparsemax", "sparsemax_grad", "sparsemax_grad_from_output",
    "hardmax",
    # losses
    "cross_entropy", "cross_entropy_grad", "cross_entropy_grad_and_hess", "cross_entropy_value_and_grad",
    "nll_loss", "nll_loss_grad", "nll_loss_value_and_grad",
    "binary_cross_entropy_with_logits", "binary_cross_entropy_with_logits_grad",
    "binary_cross_entropy_with_logits_grad_and_hess", "binary_cross_entropy_with_logits_value_and_grad",
    "binary_cross_entropy", "binary_cross_entropy_grad", "binary_cross_entropy_value_and_grad",
    "sigmoid_focal_loss", "sigmoid_focal_loss_grad", "sigmoid_focal_loss_value_and_grad",
    "kl_div", "kl_div_grad", "kl_div_value_and_grad",
    # settings
    "get_num_threads", "get_precision", "num_threads", "precision", "set_num_threads", "set_precision", "show_config",
    "ufuncs", "__version__",
]
# fmt: on

# The public module of each function, whatever file defines it. Ufuncs keep fastact.ufuncs, which pickles refer to.
for _name in __all__:
    if callable(globals()[_name]) and not isinstance(globals()[_name], _ufunc):
        globals()[_name].__module__ = "fastact"
del _name
