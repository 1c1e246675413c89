"""
The elementwise functions with parameters: a ufunc takes no default and no operand by name, so these do.

Their docstrings stand beside the kernels. With the defaults left alone they call a ufunc that has these built in.
"""

from fastact import ufuncs
from fastact._defaults import DefaultsFirst


def _documented(function):
    """Give a function the docstring of the ufunc of its name, without the signature that NumPy puts first."""
    function.__doc__ = getattr(ufuncs, function.__name__).__doc__.split("\n\n", 1)[1]
    return function


def _with_defaults(function):
    """Let calls that leave the parameters out go to the ufunc directly."""
    return DefaultsFirst(getattr(ufuncs, f"{function.__name__}_default"), _documented(function))


@_with_defaults
def celu(x, alpha=1.0, *, out=None, **keywords):
    if type(alpha) is float and alpha == 1.0:
        return ufuncs.celu_default(x, out=out, **keywords)
    return ufuncs.celu(x, alpha, out=out, **keywords)


@_with_defaults
def celu_grad(x, g, alpha=1.0, *, out=None, **keywords):
    if type(alpha) is float and alpha == 1.0:
        return ufuncs.celu_grad_default(x, g, out=out, **keywords)
    return ufuncs.celu_grad(x, g, alpha, out=out, **keywords)


@_with_defaults
def elu(x, alpha=1.0, *, out=None, **keywords):
    if type(alpha) is float and alpha == 1.0:
        return ufuncs.elu_default(x, out=out, **keywords)
    return ufuncs.elu(x, alpha, out=out, **keywords)


@_with_defaults
def elu_grad(x, g, alpha=1.0, *, out=None, **keywords):
    if type(alpha) is float and alpha == 1.0:
        return ufuncs.elu_grad_default(x, g, out=out, **keywords)
    return ufuncs.elu_grad(x, g, alpha, out=out, **keywords)


@_with_defaults
def elu_grad_from_output(y, g, alpha=1.0, *, out=None, **keywords):
    if type(alpha) is float and alpha == 1.0:
        return ufuncs.elu_grad_from_output_default(y, g, out=out, **keywords)
    return ufuncs.elu_grad_from_output(y, g, alpha, out=out, **keywords)


@_with_defaults
def hard_sigmoid(x, slope=1 / 6, offset=0.5, *, out=None, **keywords):
    if type(slope) is float and slope == 1 / 6 and type(offset) is float and offset == 0.5:
        return ufuncs.hard_sigmoid_default(x, out=out, **keywords)
    return ufuncs.hard_sigmoid(x, slope, offset, out=out, **keywords)


@_with_defaults
def hard_sigmoid_grad(x, g, slope=1 / 6, offset=0.5, *, out=None, **keywords):
    if type(slope) is float and slope == 1 / 6 and type(offset) is float and offset == 0.5:
        return ufuncs.hard_sigmoid_grad_default(x, g, out=out, **keywords)
    return ufuncs.hard_sigmoid_grad(x, g, slope, offset, out=out, **keywords)


@_with_defaults
def hard_tanh(x, min_val=-1.0, max_val=1.0, *, out=None, **keywords):
    if type(min_val) is float and min_val == -1.0 and type(max_val) is float and max_val == 1.0:
        return ufuncs.hard_tanh_default(x, out=out, **keywords)
    return ufuncs.hard_tanh(x, min_val, max_val, out=out, **keywords)


@_with_defaults
def hard_tanh_grad(x, g, min_val=-1.0, max_val=1.0, *, out=None, **keywords):
    if type(min_val) is float and min_val == -1.0 and type(max_val) is float and max_val == 1.0:
        return ufuncs.hard_tanh_grad_default(x, g, out=out, **keywords)
    return ufuncs.hard_tanh_grad(x, g, min_val, max_val, out=out, **keywords)


@_with_defaults
def hardshrink(x, lambd=0.5, *, out=None, **keywords):
    if type(lambd) is float and lambd == 0.5:
        return ufuncs.hardshrink_default(x, out=out, **keywords)
    return ufuncs.hardshrink(x, lambd, out=out, **keywords)


@_with_defaults
def hardshrink_grad(x, g, lambd=0.5, *, out=None, **keywords):
    if type(lambd) is float and lambd == 0.5:
        return ufuncs.hardshrink_grad_default(x, g, out=out, **keywords)
    return ufuncs.hardshrink_grad(x, g, lambd, out=out, **keywords)


@_with_defaults
def leaky_relu(x, negative_slope=0.01, *, out=None, **keywords):
    if type(negative_slope) is float and negative_slope == 0.01:
        return ufuncs.leaky_relu_default(x, out=out, **keywords)
    return ufuncs.leaky_relu(x, negative_slope, out=out, **keywords)


@_with_defaults
def leaky_relu_grad(x, g, negative_slope=0.01, *, out=None, **keywords):
    if type(negative_slope) is float and negative_slope == 0.01:
        return ufuncs.leaky_relu_grad_default(x, g, out=out, **keywords)
    return ufuncs.leaky_relu_grad(x, g, negative_slope, out=out, **keywords)


@_with_defaults
def leaky_relu_grad_from_output(y, g, negative_slope=0.01, *, out=None, **keywords):
    if type(negative_slope) is float and negative_slope == 0.01:
        return ufuncs.leaky_relu_grad_from_output_default(y, g, out=out, **keywords)
    return ufuncs.leaky_relu_grad_from_output(y, g, negative_slope, out=out, **keywords)


@_documented
def pact(x, alpha, **keywords):
    return ufuncs.pact(x, alpha, **keywords)


@_documented
def pact_grad(x, g, alpha, **keywords):
    return ufuncs.pact_grad(x, g, alpha, **keywords)


@_documented
def prelu(x, weight, **keywords):
    return ufuncs.prelu(x, weight, **keywords)


@_documented
def prelu_grad(x, g, weight, **keywords):
    return ufuncs.prelu_grad(x, g, weight, **keywords)


@_with_defaults
def shrink(x, lambd=0.5, bias=0.0, *, out=None, **keywords):
    if type(lambd) is float and lambd == 0.5 and type(bias) is float and bias == 0.0:
        return ufuncs.shrink_default(x, out=out, **keywords)
    return ufuncs.shrink(x, lambd, bias, out=out, **keywords)


@_with_defaults
def shrink_grad(x, g, lambd=0.5, bias=0.0, *, out=None, **keywords):
    if type(lambd) is float and lambd == 0.5 and type(bias) is float and bias == 0.0:
        return ufuncs.shrink_grad_default(x, g, out=out, **keywords)
    return ufuncs.shrink_grad(x, g, lambd, bias, out=out, **keywords)


@_documented
def softcap(x, cap, **keywords):
    return ufuncs.softcap(x, cap, **keywords)


@_documented
def softcap_grad(x, g, cap, **keywords):
    return ufuncs.softcap_grad(x, g, cap, **keywords)


@_with_defaults
def softplus(x, beta=1.0, *, out=None, **keywords):
    if type(beta) is float and beta == 1.0:
        return ufuncs.softplus_default(x, out=out, **keywords)
    return ufuncs.softplus(x, beta, out=out, **keywords)


@_with_defaults
def softplus_grad(x, g, beta=1.0, *, out=None, **keywords):
    if type(beta) is float and beta == 1.0:
        return ufuncs.softplus_grad_default(x, g, out=out, **keywords)
    return ufuncs.softplus_grad(x, g, beta, out=out, **keywords)


@_with_defaults
def softplus_grad_from_output(y, g, beta=1.0, *, out=None, **keywords):
    if type(beta) is float and beta == 1.0:
        return ufuncs.softplus_grad_from_output_default(y, g, out=out, **keywords)
    return ufuncs.softplus_grad_from_output(y, g, beta, out=out, **keywords)


@_with_defaults
def softshrink(x, lambd=0.5, *, out=None, **keywords):
    if type(lambd) is float and lambd == 0.5:
        return ufuncs.softshrink_default(x, out=out, **keywords)
    return ufuncs.softshrink(x, lambd, out=out, **keywords)


@_with_defaults
def softshrink_grad(x, g, lambd=0.5, *, out=None, **keywords):
    if type(lambd) is float and lambd == 0.5:
        return ufuncs.softshrink_grad_default(x, g, out=out, **keywords)
    return ufuncs.softshrink_grad(x, g, lambd, out=out, **keywords)


@_with_defaults
def squareplus(x, b=4.0, *, out=None, **keywords):
    if type(b) is float and b == 4.0:
        return ufuncs.squareplus_default(x, out=out, **keywords)
    return ufuncs.squareplus(x, b, out=out, **keywords)


@_with_defaults
def squareplus_grad(x, g, b=4.0, *, out=None, **keywords):
    if type(b) is float and b == 4.0:
        return ufuncs.squareplus_grad_default(x, g, out=out, **keywords)
    return ufuncs.squareplus_grad(x, g, b, out=out, **keywords)


@_with_defaults
def step(x, threshold=0.0, *, out=None, **keywords):
    if type(threshold) is float and threshold == 0.0:
        return ufuncs.step_default(x, out=out, **keywords)
    return ufuncs.step(x, threshold, out=out, **keywords)


@_with_defaults
def step_grad(x, g, threshold=0.0, *, out=None, **keywords):
    if type(threshold) is float and threshold == 0.0:
        return ufuncs.step_grad_default(x, g, out=out, **keywords)
    return ufuncs.step_grad(x, g, threshold, out=out, **keywords)


@_with_defaults
def swish(x, beta=1.0, *, out=None, **keywords):
    if type(beta) is float and beta == 1.0:
        return ufuncs.swish_default(x, out=out, **keywords)
    return ufuncs.swish(x, beta, out=out, **keywords)


@_with_defaults
def swish_grad(x, g, beta=1.0, *, out=None, **keywords):
    if type(beta) is float and beta == 1.0:
        return ufuncs.swish_grad_default(x, g, out=out, **keywords)
    return ufuncs.swish_grad(x, g, beta, out=out, **keywords)


@_documented
def threshold(x, threshold, value, **keywords):
    return ufuncs.threshold(x, threshold, value, **keywords)


@_documented
def threshold_grad(x, g, threshold, value, **keywords):
    return ufuncs.threshold_grad(x, g, threshold, value, **keywords)


@_with_defaults
def thresholded_relu(x, alpha=1.0, *, out=None, **keywords):
    if type(alpha) is float and alpha == 1.0:
        return ufuncs.thresholded_relu_default(x, out=out, **keywords)
    return ufuncs.thresholded_relu(x, alpha, out=out, **keywords)


@_with_defaults
def thresholded_relu_grad(x, g, alpha=1.0, *, out=None, **keywords):
    if type(alpha) is float and alpha == 1.0:
        return ufuncs.thresholded_relu_grad_default(x, g, out=out, **keywords)
    return ufuncs.thresholded_relu_grad(x, g, alpha, out=out, **keywords)
