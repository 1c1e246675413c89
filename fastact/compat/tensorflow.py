"""TensorFlow's losses from logits and its dropout, with TensorFlow's names and arguments, for NumPy arrays."""

import numbers

import numpy as np

import fastact
from fastact._core.docstrings import shared_doc

__all__ = [
    "dropout",
    "sigmoid_cross_entropy_with_logits",
    "softmax_cross_entropy_with_logits",
    "sparse_softmax_cross_entropy_with_logits",
    "weighted_cross_entropy_with_logits",
]


@shared_doc
def sigmoid_cross_entropy_with_logits(*, labels, logits):
    """
    Cross-entropy of each logit with a separate label, for independent classes; not reduced.

    .. math:: \\ell = z \\log(1 + e^{-x}) + (1 - z) \\log(1 + e^x)

    Parameters
    ----------
    labels : array_like
        Targets z between 0 and 1, of the shape of `logits`. bool, integers and floats are converted to the dtype of
        `logits`; TensorFlow requires that dtype.
    logits : array_like
        Scores x of any shape. float16, float32 and float64 keep their dtype, integers are promoted.

    Returns
    -------
    ndarray or scalar
        The loss of each element, in the shape and dtype of `logits`. It is finite for every finite logit; at ±inf it
        is 0 with the matching label and inf with any other, where TensorFlow's formula gives NaN. NaN gives NaN.

    Raises
    ------
    ValueError
        If the shapes differ.
    TypeError
        If an argument is complex, longdouble, object or a masked array.

    See Also
    --------
    fastact.binary_cross_entropy_with_logits : the same with weights, reductions and gradients
    weighted_cross_entropy_with_logits : with a weight for the positive labels

    [Good 1952]

    [TensorFlow examples]
    >>> nn.sigmoid_cross_entropy_with_logits(labels=np.array([1.0, 0.0, 1.0]), logits=np.array([0.0, 1000.0, 1000.0]))
    array([6.93147181e-01, 1.00000000e+03, 0.00000000e+00])
    """
    labels, logits = _of_one_shape(labels, logits)
    return fastact.binary_cross_entropy_with_logits(logits, labels, reduction="none")


@shared_doc
def weighted_cross_entropy_with_logits(*, labels, logits, pos_weight):
    """
    Cross-entropy of each logit with a separate label, with a weight for positive labels; not reduced.

    .. math:: \\ell = w z \\log(1 + e^{-x}) + (1 - z) \\log(1 + e^x)

    Parameters
    ----------
    labels, logits
        As in `sigmoid_cross_entropy_with_logits`.
    pos_weight : array_like
        Weight w of the positive labels, broadcast to the shape of `logits`: above 1 it trades precision for recall,
        below 1 recall for precision. 1 gives the same bits as `sigmoid_cross_entropy_with_logits`.

    Returns
    -------
    ndarray or scalar
        As from `sigmoid_cross_entropy_with_logits`.

    Raises
    ------
    ValueError
        If `labels` and `logits` differ in shape, or `pos_weight` does not broadcast to it.
    TypeError
        If an argument is complex, longdouble, object or a masked array.

    See Also
    --------
    fastact.binary_cross_entropy_with_logits : the same with reductions and gradients
    sigmoid_cross_entropy_with_logits : without the weight

    [Good 1952]

    [TensorFlow examples]
    >>> nn.weighted_cross_entropy_with_logits(labels=np.array([1.0, 0.0]), logits=np.zeros(2), pos_weight=3)
    array([2.07944154, 0.69314718])
    """
    labels, logits = _of_one_shape(labels, logits)
    return fastact.binary_cross_entropy_with_logits(logits, labels, pos_weight=pos_weight, reduction="none")


@shared_doc
def softmax_cross_entropy_with_logits(*, labels, logits, axis=-1):
    """
    Cross-entropy of rows of logits with probabilities, for mutually exclusive classes; not reduced.

    .. math:: \\ell = -\\sum_i q_i \\log \\mathrm{softmax}(x)_i

    Parameters
    ----------
    labels : array_like
        Probabilities q of the classes, of the shape of `logits`; one-hot rows for certain labels. bool, integers and
        floats are converted to the dtype of `logits`; TensorFlow requires that dtype, and broadcasts.
    logits : array_like
        Scores x of shape ``[batch..., classes]``, or with the classes along `axis`. float16, float32 and float64 keep
        their dtype, integers are promoted.
    axis : int, default -1
        The axis of the classes.

    Returns
    -------
    ndarray or scalar
        The loss of each row, of the shape of `logits` without `axis`, in its dtype. A class of probability 0 adds 0
        even where its logit is -inf, where TensorFlow gives NaN; NaN or inf in a row of logits gives NaN.

    Raises
    ------
    ValueError
        If the shapes differ or there are rows but no classes.
    TypeError
        If an argument is complex, longdouble, object or a masked array.
    numpy.exceptions.AxisError
        If `logits` has no such axis.

    See Also
    --------
    fastact.cross_entropy : the same with weights, smoothing, reductions and gradients
    sparse_softmax_cross_entropy_with_logits : from class labels

    [Bridle 1990]

    [TensorFlow examples]
    >>> logits = np.array([[4.0, 2.0, 1.0], [0.0, 5.0, 1.0]])
    >>> labels = np.array([[1.0, 0.0, 0.0], [0.0, 0.8, 0.2]])
    >>> nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits).round(7)
    array([0.169846 , 0.8247449])
    """
    labels, logits = _of_one_shape(labels, logits)
    if labels.dtype.kind in "biu":
        labels = labels.astype(np.result_type(logits, np.float16))  # integers would be taken for class labels
    return fastact.cross_entropy(logits, labels, axis=axis, reduction="none")


@shared_doc
def sparse_softmax_cross_entropy_with_logits(*, labels, logits):
    """
    Cross-entropy of rows of logits with class labels; not reduced.

    .. math:: \\ell = -\\log \\mathrm{softmax}(x)_y

    Parameters
    ----------
    labels : array_like of int
        Class labels y from 0 to K - 1 of shape ``[batch...]``, of any integer dtype (TensorFlow: int32 or int64).
    logits : array_like
        Scores x of shape ``[batch..., K]``. float16, float32 and float64 keep their dtype, integers are promoted.

    Returns
    -------
    ndarray or scalar
        The loss of each row, of the shape of `labels`, in the dtype of `logits`. NaN or inf in a row gives NaN; a label
        whose logit is -inf gives inf.

    Raises
    ------
    ValueError
        If the shapes do not match or there are rows but no classes.
    TypeError
        If `labels` is not of integers, or `logits` is complex, longdouble, object or a masked array.
    IndexError
        If a label is out of range; no label is ignored. TensorFlow raises an error on a CPU and gives NaN on a GPU.

    See Also
    --------
    fastact.cross_entropy : the same with weights, smoothing, ignored labels, reductions and gradients
    softmax_cross_entropy_with_logits : from probabilities

    [Bridle 1990]

    [TensorFlow examples]
    >>> logits = np.array([[2.0, -5.0, 0.5, -0.1], [0.0, 0.0, 1.9, 1.4], [-100.0, 100.0, -100.0, -100.0]])
    >>> nn.sparse_softmax_cross_entropy_with_logits(labels=[0, 3, 1], logits=logits).round(6)
    array([0.297507, 1.144833, 0.      ])
    """
    labels, logits = np.asanyarray(labels), np.asanyarray(logits)
    if logits.ndim == 0 or labels.shape != logits.shape[:-1]:
        raise ValueError(
            f"labels must have the shape of logits, {logits.shape}, less the last axis, not {labels.shape}"
        )
    if labels.size == 0:
        labels = labels.astype(np.int64)  # an empty list is an array of floats
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels must be of an integer dtype (class labels), not {labels.dtype}")
    classes = logits.shape[-1]
    if classes and labels.size and (labels.min() < 0 or labels.max() >= classes):
        position = np.unravel_index(np.argmax((labels < 0) | (labels >= classes)), labels.shape)
        raise IndexError(
            f"label {labels[position]} at position {tuple(map(int, position))} is out of bounds for {classes} classes; "
            f"allowed are 0 to {classes - 1}"
        )
    return fastact.cross_entropy(logits, labels, reduction="none")


@shared_doc
def dropout(x, keep_prob, noise_shape=None, seed=None):
    """
    Keep each entry with a given probability and divide it by that; the others become 0.

    .. math:: y_i = \\begin{cases} x_i / p & \\text{with probability } p = \\mathtt{keep\\_prob} \\\\
              0 & \\text{otherwise} \\end{cases}

    Parameters
    ----------
    x : array_like of float
        Input of any shape: float16, float32 or float64.
    keep_prob : float
        Probability of keeping an entry, from 0 to 1. 0 gives zeros, where TensorFlow raises an error.
    noise_shape : sequence of int or None, optional
        Shape of the random mask, which is broadcast to `x`: entries along an axis of length 1 are kept or dropped
        together. None as a length is the length of `x`; None instead of a shape is the shape of `x`.
    seed : int or numpy.random.Generator, optional
        The same seed gives the same mask (not that of TensorFlow). A generator is advanced. None gives a new mask at
        each call.

    Returns
    -------
    ndarray or scalar
        Array of the shape and dtype of `x`; its expectation is `x`. A dropped entry is 0 even where `x` is inf or
        NaN.

    Raises
    ------
    ValueError
        If `keep_prob` is outside [0, 1], `noise_shape` does not broadcast to the shape of `x`, or `seed` is negative.
    TypeError
        If `x` is of integers (TensorFlow: ValueError), complex, longdouble, object or a masked array, or `keep_prob` is
        not a number.

    References
    ----------
    Srivastava, N., Hinton, G., Krizhevsky, A., Sutskever, I. and Salakhutdinov, R. (2014). Dropout: a simple way to
    prevent neural networks from overfitting.

    [TensorFlow examples]
    >>> nn.dropout(np.ones((3, 4)), 0.5, noise_shape=(3, 1), seed=3)
    array([[2., 2., 2., 2.],
           [2., 2., 2., 2.],
           [0., 0., 0., 0.]])
    """
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError("masked arrays are not supported here: their masks would be lost")
    x = np.asarray(x)
    if x.dtype.char not in "efd":
        raise TypeError(f"x must be of float16, float32 or float64, because it is scaled, not {x.dtype}")
    if not isinstance(keep_prob, numbers.Real):
        raise TypeError(f"keep_prob must be a number from 0 to 1, not {keep_prob!r}")
    if not 0 <= keep_prob <= 1:
        raise ValueError(f"keep_prob must be from 0 to 1, not {keep_prob}")
    shape = _noise_shape(noise_shape, x.shape)
    try:
        generator = np.random.default_rng(seed)
    except (TypeError, ValueError) as error:
        raise type(error)(f"seed must be an int from 0, a numpy.random.Generator or None, not {seed!r}") from None
    y = np.zeros_like(x)
    # in float16 keep_prob would have a relative error of up to 2^-12
    divisor = np.result_type(x.dtype, np.float32).type(keep_prob)
    with np.errstate(over="ignore", under="ignore"):
        np.divide(x, divisor, out=y, where=generator.random(shape) < keep_prob, casting="same_kind")
    return y[()]


def _of_one_shape(labels, logits):
    labels, logits = np.asanyarray(labels), np.asanyarray(logits)
    if labels.shape != logits.shape:
        raise ValueError(f"labels must have the shape of logits, {logits.shape}, not {labels.shape}")
    return labels, logits


def _noise_shape(noise_shape, shape):
    """Return the shape of the mask as a tuple of ints, after checking that it broadcasts to that of the input."""
    if noise_shape is None:
        return shape
    try:
        chosen = tuple(noise_shape)
        if len(chosen) == len(shape):
            chosen = tuple(n if own is None else own for own, n in zip(chosen, shape, strict=True))
        fits = np.broadcast_shapes(chosen, shape) == shape
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise ValueError(f"noise_shape must broadcast to the shape of x, {shape}, not {noise_shape}")
    return chosen
