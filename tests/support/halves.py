"""What the tests of float16 and bfloat16 share."""

import numpy as np


def rounded_once(x, dtype):
    """Round float64 to the nearest number of a half type, ties to even; a plain conversion to bfloat16 rounds twice."""
    digits, least = (10, -24) if dtype == np.float16 else (7, -133)
    unit = np.maximum(np.frexp(x)[1] - 1 - digits, least)
    with np.errstate(over="ignore"):
        return np.ldexp(np.rint(np.ldexp(x, -unit)), unit).astype(dtype)
