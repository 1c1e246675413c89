# logsumexp(x) = m + log1p(R)                      d/dx: g p, p = softmax(x)
#
# m and R as in log_softmax.pxi.

cdef inline void logsumexp_kernel(int phase, row_block* b, item* storage, real* compute) noexcept nogil:
    cdef item* y = <item*>b.operand[VALUE]
    cdef double m, log_r, rest, value
    cdef int j
    if phase == TERMS:
        terms_for_logarithm(b, storage, compute, True, False)
    elif phase == FINISH:
        if log_sum(b, storage, compute, True):
            return
        for j in range(b.width):
            m = b.state.maximum[j]
            log_r = two_sum(m, b.state.constant[LOG_R][j], &rest)
            value = log_r + (rest + b.state.constant[LOG_R_LOW][j])
            y[j] = <item>(value if magnitude(m, <double>INFINITY) < INFINITY else m)


cdef inline bint logsumexp_plain(const plain_row* row, real* compute) noexcept nogil:
    cdef float* y = <float*>row.operand[VALUE]
    cdef float m = plain_maximum(<const float*>row.operand[X], row.n)
    cdef double log_r, others, exp_of_max, rest
    if not magnitude(m, <float>INFINITY) < INFINITY:
        return False
    log_r = plain_log_sum(row, m, &others, &exp_of_max, compute, True)
    log_r = two_sum(m, log_r, &rest)
    y[0] = <float>(log_r + rest)
    return True


cdef inline void logsumexp_grad_kernel(int phase, row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const item* g = <const item*>b.operand[G]
    cdef int j
    if phase == TERMS:
        softmax_terms(b, storage, compute)
    elif phase == FINISH:
        normalise(b)
        for j in range(b.width):
            b.state.constant[GRADIENT_FACTOR][j] = b.state.constant[SOFTMAX_INVERSE_SUM][j] * g[j]
    else:
        scaled_exponentials(b, storage, compute)


# e times GRADIENT_FACTOR
cdef inline void scaled_exponentials(const row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const real* e
    cdef item* dx
    cdef real[LANES] factor
    cdef Py_ssize_t f = 0, j
    lane_values(&b.state.constant[GRADIENT_FACTOR][0], &factor[0])
    while f < b.size:
        e, dx = numbers(b, WORK, f, compute), numbers(b, RESULT, f, storage)
        for j in range(LANES):
            dx[j] = <item>(unscale(e[j], <item>0) * factor[j])
        f += LANES


cdef inline bint logsumexp_grad_plain(const plain_row* row, real* compute) noexcept nogil:
    cdef const float* x = <const float*>row.operand[X]
    cdef real* e = <real*>row.scratch
    cdef float m = plain_maximum(x, row.n), g = (<const float*>row.operand[G])[0]
    cdef real one = 1
    if not magnitude(m, <float>INFINITY) < INFINITY:
        return False
    plain_products(row, <real>(1 / (plain_short_exponentials(x, row.n, m, e) * unscale(one, <float>0)) * g))
    return True


for _options, _suffix in (("", ""), (",where(n)", "_where")):
    row(f"logsumexp{_suffix}", f"logits(n){_options}->value()", logsumexp_kernel[float, double],
        logsumexp_kernel[float, float], logsumexp_kernel[double, double], logsumexp_kernel[double, fast_double], sums=2,
        keeps=KEEP_NOTHING,
        reference=False, masked=0, label_only=False,
        exact_plain=logsumexp_plain[double], fast_plain=logsumexp_plain[float])
    row(f"logsumexp_grad{_suffix}", f"logits(n){_options},g()->result(n)", logsumexp_grad_kernel[float, double],
        logsumexp_grad_kernel[float, float], logsumexp_grad_kernel[double, double],
        logsumexp_grad_kernel[double, fast_double], sums=1, keeps=KEEP_TERMS,
        reference=False, masked=0, label_only=False, exact_plain=logsumexp_grad_plain[double],
        fast_plain=logsumexp_grad_plain[float])
