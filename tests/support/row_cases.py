"""What the tests of the row functions and losses share: names, numbers, masks, layouts, tolerances."""

import numpy as np

from tests.support import slow_rows

SHAPE = (3, 4, 5)
SOFTMAX_AND_KIN = ["softmax", "log_softmax", "softmin"]
WITH_WHERE = [*SOFTMAX_AND_KIN, "hardmax", "logsumexp"]
ROW_FUNCTIONS = [*WITH_WHERE, "sparsemax"]
# of (x, g)
GRADIENTS = ["softmax_grad", "log_softmax_grad", "softmin_grad", "sparsemax_grad"]
FROM_OUTPUT = [f"{name}_from_output" for name in GRADIENTS]
KINDS = [(np.float16, "exact"), *((dtype, word) for dtype in (np.float32, np.float64) for word in ("exact", "fast"))]
LAYOUTS = {
    "Fortran": np.asfortranarray,
    "strided": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    "negative strides": lambda x: np.ascontiguousarray(x[::-1, :, ::-1])[::-1, :, ::-1],
    "transposed": lambda x: np.ascontiguousarray(x.transpose(2, 0, 1)).transpose(1, 2, 0),
    "byte-swapped": lambda x: x.astype(x.dtype.newbyteorder()),
    "unaligned": lambda x: np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(x.dtype).reshape(x.shape),
}


def row_arguments(function, rows):
    """Yield an array for each operand of a row function, from the letters of its types."""
    loop = next(types for types in function.types if types.startswith(rows.dtype.char))
    cores = function.signature.partition("->")[0].split(",")
    for letter, core in zip(loop.partition("->")[0], cores, strict=True):
        shape = rows.shape if core == "(n)" else rows.shape[:1]
        if letter == rows.dtype.char:
            yield rows if core == "(n)" else rows[:, 0]
        elif letter == "?":
            yield np.arange(np.prod(shape)).reshape(shape) % 3 > 0
        else:
            yield np.full(shape, 0.25) if letter == "d" else np.arange(len(rows)) % rows.shape[1]


def numbers(seed, shape=SHAPE, spread=2):
    """Random numbers that every dtype holds exactly."""
    return np.random.default_rng(seed).normal(0, spread, shape).astype(np.float16).astype(float)


def masks(shape=SHAPE):
    """No mask, and masks of every kind of shape that broadcasts; some leave nothing of a row."""
    rng = np.random.default_rng(9)
    yield None
    first, middle, last = shape
    for some in [shape, (last,), (middle, 1), (1, middle, last), (first, 1, 1)]:
        mask = rng.random(some) < 0.6
        mask.flat[0] = False
        yield mask
    yield np.array(True)
    yield np.array(False)


def temperatures(axis, shape=SHAPE):
    """Single numbers and one for each row."""
    yield from (1.0, 0.75, np.inf)
    yield np.random.default_rng(4).choice([0.5, 1.5, 3.0, np.inf], slow_rows.without_axes(shape, axis))


def assert_agree(got, expected, dtype, precision, gradient=False, context="", roundings=1):
    """
    Agreement to few units in the last place, in a gradient also absolutely: it is a difference of numbers near 1 in
    size. float16 is rounded `roundings` times and else exact.
    """
    info = np.finfo(dtype)
    if dtype == np.float16:
        relative, absolute = 0.51 * roundings * info.eps, 0.51 * float(info.smallest_subnormal)
    elif dtype == np.float64:
        relative, absolute = 64 * info.eps, (64 if gradient else 4) * info.eps
    elif precision == "exact":
        relative, absolute = 1.01 * info.eps, 1e-14
    else:
        relative, absolute = 6 * info.eps, 2.0**-20 if gradient else float(info.tiny)
    assert got.dtype == dtype
    np.testing.assert_allclose(got.astype(float), expected, relative, absolute, err_msg=str(context))
