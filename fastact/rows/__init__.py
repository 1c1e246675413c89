"""The functions along one or more axes."""

from fastact.rows.log_softmax_logsumexp import (
    log_softmax,
    log_softmax_grad,
    log_softmax_grad_from_output,
    logsumexp,
    logsumexp_grad,
)
from fastact.rows.softmax_softmin import (
    softmax,
    softmax_grad,
    softmax_grad_from_output,
    softmin,
    softmin_grad,
    softmin_grad_from_output,
)
from fastact.rows.sparsemax_hardmax import hardmax, sparsemax, sparsemax_grad, sparsemax_grad_from_output

__all__ = [
    "hardmax",
    "log_softmax",
    "log_softmax_grad",
    "log_softmax_grad_from_output",
    "logsumexp",
    "logsumexp_grad",
    "softmax",
    "softmax_grad",
    "softmax_grad_from_output",
    "softmin",
    "softmin_grad",
    "softmin_grad_from_output",
    "sparsemax",
    "sparsemax_grad",
    "sparsemax_grad_from_output",
]
