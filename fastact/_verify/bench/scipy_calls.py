"""SciPy: `scipy.special`, whose ufuncs have `out=`."""

import numpy as np

from fastact._verify import peers
from fastact._verify.bench.contestants import Call


def call(cell, inputs):
    found = peers.call("scipy", cell.name, **inputs.named, out=inputs.out, axis=cell.axis)
    if found is None:
        return None
    function, operands, keywords = found
    if cell.layout == "transposed" and not isinstance(function, np.ufunc):
        return Call(lambda *operands: np.copyto(inputs.out, function(*operands)), operands)
    return Call(function, operands, keywords)
