"""numexpr: the usual expressions. It has no error function, and a single result."""

import re

import numexpr
import numpy as np

from fastact._verify import naive
from fastact._verify.bench.contestants import Call


def call(cell, inputs):
    expression = naive.noted("numexpr", cell.name)
    if expression is None:
        return None
    numexpr.set_num_threads(cell.threads)
    number = np.dtype(cell.dtype).type
    values = {key: number(a) if isinstance(a, float) else a for key, a in inputs.named.items()}
    # a literal such as 0.5 is a float64 in numexpr and would make the whole expression float64
    literals = list(dict.fromkeys(re.findall(r"\d+\.\d+", expression)))
    values.update({f"c{i}": number(literal) for i, literal in enumerate(literals)})
    for i, literal in enumerate(literals):
        expression = expression.replace(literal, f"c{i}")
    keywords = {} if inputs.out is None else {"out": inputs.out}
    return Call(numexpr.evaluate, (expression, values), keywords)
