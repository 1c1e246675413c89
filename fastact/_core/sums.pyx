# Sums of few numbers, and checks of few labels, for the losses: NumPy's take longer than the losses themselves.
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

cimport numpy as cnp

cnp.import_array()

cdef extern from "numpy/arrayobject.h":
    object PyArray_Scalar(void* value, cnp.dtype dtype, object base)

cdef enum:
    MOST = 8192            # NumPy converts as many at a time, and adds up each time
    BLOCK = 128            # as in NumPy: so many are added up without halving

ctypedef fused item:
    float
    double


# In the order of numpy.add.reduce, and so with its bits
cdef double pairwise_sum(const item* x, Py_ssize_t n) noexcept nogil:
    cdef double[8] part
    cdef double total = 0
    cdef Py_ssize_t half = n // 16 * 8, whole = n // 8 * 8, i, j
    if n > BLOCK:
        return pairwise_sum(x, half) + pairwise_sum(x + half, n - half)
    if n >= 8:
        for j in range(8):
            part[j] = x[j]
        for i in range(8, whole, 8):
            for j in range(8):
                part[j] += x[i + j]
        total = ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]))
    for i in range(whole if n >= 8 else 0, n):
        total += x[i]
    return total


cdef inline bint is_contiguous(cnp.ndarray x) noexcept:
    return cnp.PyArray_CheckExact(x) and cnp.PyArray_ISCARRAY_RO(x) and 0 < cnp.PyArray_SIZE(x) <= MOST


def sum_over(values, double denominator):
    """
    Return the sum of a small ndarray in float64 divided by a number, as a scalar of its dtype.

    None unless it is of float32 or float64, contiguous, and the result finite: NumPy is to find what to do.
    """
    cdef cnp.ndarray x
    cdef double total
    cdef float narrow
    if not isinstance(values, cnp.ndarray) or not denominator > 0:
        return None
    x = values
    if not is_contiguous(x):
        return None
    if cnp.PyArray_TYPE(x) == cnp.NPY_DOUBLE:
        total = pairwise_sum(<const double*>cnp.PyArray_DATA(x), cnp.PyArray_SIZE(x)) / denominator
        return PyArray_Scalar(&total, x.dtype, None) if total - total == 0 else None
    if cnp.PyArray_TYPE(x) == cnp.NPY_FLOAT:
        narrow = <float>(pairwise_sum(<const float*>cnp.PyArray_DATA(x), cnp.PyArray_SIZE(x)) / denominator)
        return PyArray_Scalar(&narrow, x.dtype, None) if narrow - narrow == 0 else None
    return None


# ---- labels

ctypedef fused label:
    int8_t
    int16_t
    int32_t
    int64_t
    uint8_t
    uint16_t
    uint32_t
    uint64_t

# What the losses with these labels are multiplied by, where they are not ignored
cdef struct label_weights:
    const float* narrow            # a weight for each class, or NULL,
    const double* wide             # of one of these types
    Py_ssize_t classes


# How many labels are not ignored; -1 if one of those is no class. An `ignored` beyond the type of the labels
# equals none.
cdef Py_ssize_t count_kept(const label* y, Py_ssize_t n, Py_ssize_t classes, int64_t ignored) noexcept nogil:
    cdef label equal = <label>ignored
    cdef bint can_be = <int64_t>equal == ignored and (equal < 0) == (ignored < 0), bad = False, kept
    cdef Py_ssize_t count = 0, i
    for i in range(n):
        kept = not (can_be and y[i] == equal)
        # of a negative label the largest unsigned number is beyond all classes
        bad |= kept and <uint64_t>y[i] >= <uint64_t>classes
        count += kept
    return -1 if bad else count


# Copies the labels, with 0 for those ignored, and says in `scale` which these are.
cdef void replace_ignored(const label* y, label* kept, double* scale, Py_ssize_t n, int64_t ignored) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        scale[i] = y[i] != <label>ignored
        kept[i] = y[i] if scale[i] != 0 else 0


cdef void weigh(const label* y, double* terms, const double* scale, Py_ssize_t n,
                const label_weights* weights) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        terms[i] = weights.narrow[<Py_ssize_t>y[i]] if weights.narrow != NULL else weights.wide[<Py_ssize_t>y[i]]
        terms[i] = terms[i] if scale == NULL or scale[i] != 0 else 0


cdef object empty_like(cnp.ndarray x, int kind):
    return cnp.PyArray_EMPTY(cnp.PyArray_NDIM(x), cnp.PyArray_DIMS(x), kind, False)


cdef object checked(label* y, cnp.ndarray labels, int64_t ignored, label_weights* weights, bint mean):
    cdef Py_ssize_t n = cnp.PyArray_SIZE(labels), i, count = count_kept(y, n, weights.classes, ignored)
    cdef double denominator = count, factor
    cdef double* scales = NULL
    cdef cnp.ndarray scale, terms
    if count < 0:
        return None
    if count < n:
        scale, kept = empty_like(labels, cnp.NPY_DOUBLE), empty_like(labels, cnp.PyArray_TYPE(labels))
        scales, labels = <double*>cnp.PyArray_DATA(scale), kept
        replace_ignored(y, <label*>cnp.PyArray_DATA(labels), scales, n, ignored)
    if mean and (weights.narrow != NULL or weights.wide != NULL):
        terms = empty_like(labels, cnp.NPY_DOUBLE)
        weigh(<label*>cnp.PyArray_DATA(labels), <double*>cnp.PyArray_DATA(terms), scales, n, weights)
        denominator = pairwise_sum(<const double*>cnp.PyArray_DATA(terms), n)
    if not mean:
        denominator = 1
    factor = 1 / denominator if denominator != 0 else 0
    if scales == NULL:
        return labels, factor, denominator
    for i in range(n):
        scales[i] = scales[i] * factor
    return labels, scale, denominator


def checked_labels(cnp.ndarray labels, Py_ssize_t classes, int64_t ignored, weight, bint mean):
    """
    Return the labels, 0 for those ignored; the scale of each row's gradient; what the sum of losses is divided by.

    `weight` is None or a contiguous ndarray of float32 or float64 with a number for each class. None if a label that is
    not ignored is out of range, or the labels are not contiguous.
    """
    cdef label_weights weights
    cdef void* y = cnp.PyArray_DATA(labels)
    cdef cnp.dtype type = labels.dtype
    cdef bint is_signed = type.kind == c"i"
    cdef int size = cnp.PyArray_ITEMSIZE(labels)
    weights.narrow, weights.wide, weights.classes = NULL, NULL, classes
    if not cnp.PyArray_ISCARRAY_RO(labels):
        return None
    if weight is not None and cnp.PyArray_TYPE(weight) == cnp.NPY_FLOAT:
        weights.narrow = <const float*>cnp.PyArray_DATA(weight)
    elif weight is not None:
        weights.wide = <const double*>cnp.PyArray_DATA(weight)
    if size == 8:
        return (checked[int64_t](<int64_t*>y, labels, ignored, &weights, mean) if is_signed
                else checked[uint64_t](<uint64_t*>y, labels, ignored, &weights, mean))
    if size == 4:
        return (checked[int32_t](<int32_t*>y, labels, ignored, &weights, mean) if is_signed
                else checked[uint32_t](<uint32_t*>y, labels, ignored, &weights, mean))
    if size == 2:
        return (checked[int16_t](<int16_t*>y, labels, ignored, &weights, mean) if is_signed
                else checked[uint16_t](<uint16_t*>y, labels, ignored, &weights, mean))
    return (checked[int8_t](<int8_t*>y, labels, ignored, &weights, mean) if is_signed
            else checked[uint8_t](<uint8_t*>y, labels, ignored, &weights, mean))
