# With m, e and S as in softmax.pxi and the label y of a row:
#     loss = (m - x_y) + log1p(S - 1)          gradient_i = scale e_i / S,  at the label -scale (S - e_y) / S
#
# Both terms of the loss are positive, and S - e_y is the sum of the others where the label is the maximum, so a
# confident right answer keeps its relative accuracy. A row whose scale is 0 takes no part: its results are 0, whatever
# it holds. NULL stands for an output that is not wanted.

cdef inline int cross_entropy_row(const item* x, const void* label, const void* scale, item* loss, item* gradient,
                                  Py_ssize_t n, real* e) noexcept nogil:
    cdef double factor = (<const double*>scale)[0], rest, row_loss, at_label, sum_of_others
    cdef item m, nan = NAN
    cdef real by
    # an int64 below 0 is a uint64 beyond any row
    cdef uint64_t y = (<const uint64_t*>label)[0]
    cdef bint bad = y >= <uint64_t>n
    cdef Py_ssize_t i
    if bad or factor == 0:
        nan = nan if bad else <item>0
        if loss != NULL:
            loss[0] = nan
        if gradient != NULL:
            for i in range(n):
                gradient[i] = nan
        return bad
    m = row_maximum(x, n)
    row_exponentials(x, n, m, e)
    sum_of_others = others(e, n)
    row_loss = (<double>m - <double>x[y]) + log1p_row(sum_of_others)
    if gradient != NULL:
        at_label = e[y]
        rest = sum_of_others if at_label >= 1 else (sum_of_others + 1) - at_label
        by = factor / (sum_of_others + 1)
        for i in range(n):
            gradient[i] = <item>(e[i] * by)
        gradient[y] = <item>(-factor * (rest / (sum_of_others + 1)))
    if loss != NULL:
        loss[0] = <item>row_loss
    return 0


cdef inline int cross_entropy_kernel(item** rows, Py_ssize_t n, real* e) noexcept nogil:
    return cross_entropy_row(<const item*>rows[0], rows[1], rows[2], rows[3], <item*>NULL, n, e)

cdef inline int cross_entropy_grad_kernel(item** rows, Py_ssize_t n, real* e) noexcept nogil:
    return cross_entropy_row(<const item*>rows[0], rows[1], rows[2], <item*>NULL, rows[3], n, e)

cdef inline int cross_entropy_value_and_grad_kernel(item** rows, Py_ssize_t n, real* e) noexcept nogil:
    return cross_entropy_row(<const item*>rows[0], rows[1], rows[2], rows[3], rows[4], n, e)


row("cross_entropy", "(n),(),()->()", "xldx", cross_entropy_kernel[float, double], cross_entropy_kernel[float, float],
    cross_entropy_kernel[double, double], """
    Cross-entropy of each row of logits with a class label; 0 where the third operand is 0: see
    `fastact.cross_entropy`.
    """)
row("cross_entropy_grad", "(n),(),()->(n)", "xldx", cross_entropy_grad_kernel[float, double],
    cross_entropy_grad_kernel[float, float], cross_entropy_grad_kernel[double, double], """
    Gradient of each row's cross-entropy times the third operand: see `fastact.cross_entropy_grad`.
    """)
row("cross_entropy_value_and_grad", "(n),(),()->(),(n)", "xldxx", cross_entropy_value_and_grad_kernel[float, double],
    cross_entropy_value_and_grad_kernel[float, float], cross_entropy_value_and_grad_kernel[double, double], """
    Both of the above from one pass over the row: see `fastact.cross_entropy_value_and_grad`.
    """)
