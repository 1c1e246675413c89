"""numexpr: the usual expressions. It has no error function, and a single result."""

import re

import numexpr
import numpy as np

from fastact._verify.bench.contestants import Call

EXPRESSIONS = {
    "identity": "x",
    "relu": "where(x > 0, x, 0)",
    "relu6": "where(x > 0, where(x < 6, x, 6), 0)",
    "relu2": "where(x > 0, x * x, 0)",
    "leaky_relu": "where(x > 0, x, 0.01 * x)",
    "prelu": "where(x > 0, x, weight * x)",
    "pact": "where(x > 0, where(x < alpha, x, alpha), 0)",
    "threshold": "where(x > 0.5, x, -1)",
    "thresholded_relu": "where(x > 1, x, 0)",
    "step": "where(x >= 0, 1.0, 0.0)",
    "elu": "where(x > 0, x, expm1(x))",
    "celu": "where(x > 0, x, expm1(x))",
    "selu": "where(x > 0, 1.0507009873554805 * x, 1.7580993408473768 * expm1(x))",
    "sigmoid": "1 / (1 + exp(-x))",
    "log_sigmoid": "-log1p(exp(-x))",
    "tanh": "tanh(x)",
    "tanhshrink": "x - tanh(x)",
    "softcap": "cap * tanh(x / cap)",
    "softsign": "x / (1 + abs(x))",
    "softplus": "log1p(exp(x))",
    "squareplus": "(x + sqrt(x * x + 4)) / 2",
    "sparse_plus": "where(x >= 1, x, where(x > -1, (x + 1) * (x + 1) / 4, 0))",
    "sparse_sigmoid": "where(x > -1, where(x < 1, (x + 1) / 2, 1), 0)",
    "silu": "x / (1 + exp(-x))",
    "swish": "x / (1 + exp(-x))",
    "gelu_tanh": "0.5 * x * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))",
    "gelu_quick": "x / (1 + exp(-1.702 * x))",
    "mish": "x * tanh(log1p(exp(x)))",
    "hard_sigmoid": "where(x > -3, where(x < 3, x / 6 + 0.5, 1), 0)",
    "hard_tanh": "where(x > -1, where(x < 1, x, 1), -1)",
    "hard_swish": "x * where(x > -3, where(x < 3, x + 3, 6), 0) / 6",
    "softshrink": "where(x > 0.5, x - 0.5, where(x < -0.5, x + 0.5, 0))",
    "hardshrink": "where(abs(x) > 0.5, x, 0)",
    "shrink": "where(abs(x) > 0.5, x, 0)",
    "swiglu": "gate / (1 + exp(-gate)) * up",
    "geglu_tanh": "0.5 * gate * (1 + tanh(0.7978845608028654 * (gate + 0.044715 * gate * gate * gate))) * up",
    "reglu": "where(gate > 0, gate, 0) * up",
    "identity_grad": "g",
    "relu_grad": "where(x > 0, g, 0)",
    "relu6_grad": "where((x > 0) & (x < 6), g, 0)",
    "relu2_grad": "where(x > 0, 2 * g * x, 0)",
    "leaky_relu_grad": "where(x > 0, g, 0.01 * g)",
    "threshold_grad": "where(x > 0.5, g, 0)",
    "thresholded_relu_grad": "where(x > 1, g, 0)",
    "elu_grad": "where(x > 0, g, g * exp(x))",
    "celu_grad": "where(x > 0, g, g * exp(x))",
    "selu_grad": "where(x > 0, 1.0507009873554805 * g, 1.7580993408473768 * g * exp(x))",
    "sigmoid_grad": "g / (2 + exp(-x) + exp(x))",
    "log_sigmoid_grad": "g / (1 + exp(x))",
    "tanh_grad": "g * (1 - tanh(x)**2)",
    "tanhshrink_grad": "g * tanh(x)**2",
    "softcap_grad": "g * (1 - tanh(x / cap)**2)",
    "softsign_grad": "g / (1 + abs(x))**2",
    "softplus_grad": "g / (1 + exp(-x))",
    "squareplus_grad": "g * (1 + x / sqrt(x * x + 4)) / 2",
    "sparse_plus_grad": "g * where(x > -1, where(x < 1, (x + 1) / 2, 1), 0)",
    "sparse_sigmoid_grad": "where(abs(x) < 1, g / 2, 0)",
    "silu_grad": "g * (1 + exp(-x) + x * exp(-x)) / (1 + exp(-x))**2",
    "swish_grad": "g * (1 + exp(-x) + x * exp(-x)) / (1 + exp(-x))**2",
    "gelu_quick_grad": "g * (1 + exp(-1.702 * x) + 1.702 * x * exp(-1.702 * x)) / (1 + exp(-1.702 * x))**2",
    "hard_sigmoid_grad": "where(abs(x) < 3, g / 6, 0)",
    "hard_tanh_grad": "where(abs(x) < 1, g, 0)",
    "hard_swish_grad": "g * where(x <= -3, 0, where(x >= 3, 1, (2 * x + 3) / 6))",
    "softshrink_grad": "where(abs(x) > 0.5, g, 0)",
    "hardshrink_grad": "where(abs(x) > 0.5, g, 0)",
    "shrink_grad": "where(abs(x) > 0.5, g, 0)",
    "relu_grad_from_output": "where(y > 0, g, 0)",
    "leaky_relu_grad_from_output": "where(y > 0, g, 0.01 * g)",
    "elu_grad_from_output": "where(y > 0, g, g * (y + 1))",
    "selu_grad_from_output": "g * where(y > 0, 1.0507009873554805, y + 1.7580993408473768)",
    "sigmoid_grad_from_output": "g * y * (1 - y)",
    "tanh_grad_from_output": "g * (1 - y * y)",
    "log_sigmoid_grad_from_output": "-g * expm1(y)",
    "softplus_grad_from_output": "-g * expm1(-y)",
}


def call(cell, inputs):
    if cell.name not in EXPRESSIONS:
        return None
    numexpr.set_num_threads(cell.threads)
    number = np.dtype(cell.dtype).type
    values = {key: number(a) if isinstance(a, float) else a for key, a in inputs.named.items()}
    # a literal such as 0.5 is a float64 in numexpr and would make the whole expression float64
    literals = list(dict.fromkeys(re.findall(r"\d+\.\d+", EXPRESSIONS[cell.name])))
    values.update({f"c{i}": number(literal) for i, literal in enumerate(literals)})
    expression = EXPRESSIONS[cell.name]
    for i, literal in enumerate(literals):
        expression = expression.replace(literal, f"c{i}")
    keywords = {} if inputs.out is None else {"out": inputs.out}
    return Call(numexpr.evaluate, (expression, values), keywords)
