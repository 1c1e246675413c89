# Sums of few numbers, for the reductions of losses: NumPy's take longer than the losses themselves.
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
