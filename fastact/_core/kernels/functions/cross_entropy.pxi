# With m, e, R and S as in softmax.pxi, D_c = m - x_c, and t_c the target of class c times its weight, smoothed:
#     loss = sum t_c D_c + W log1p(R),  W = sum t          gradient_i = scale ((W - t_i) e_i - t_i (S - e_i)) / S
#     hessian_i = scale W e_i (S - e_i) / S^2
#
# Both terms of the loss are positive, and S - e_i is R where i is the maximum, so a confident right answer keeps its
# relative accuracy. Where t is 0, D is ignored, even if it is infinite. A row whose scale is 0 is ignored: its results
# are 0, whatever it holds. For a class label without weights and smoothing t is 1 there and 0 elsewhere.

# block.sum and state.total, after those of row_exponentials.pxi
cdef enum:
    LABEL_LOGIT = EXP_SUM_OF_MAXIMA + 1  # without weights: x at the label
    TARGET_SUM = LABEL_LOGIT             # with weights: W
    PRODUCT_OF_TARGETS_SUM               # and the sum of t D

# state.constant, after those of log_softmax.pxi; S and R in the unit of the exponentials
cdef enum:
    CROSS_ENTROPY_SUM = LOG_R_LOW + 1    # S
    CROSS_ENTROPY_WEIGHT                 # W
    SCALE_OVER_SUM                       # scale / S
    SUM_OF_OTHERS                        # R

# t for the chunk, into MORE
cdef inline void fill_targets(const row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const item* q
    cdef const item* w
    cdef real* t
    cdef const double* smoothing = <const double*>b.operand[SMOOTHING]
    cdef real[LANES] keep, spread
    cdef Py_ssize_t f = 0, j
    for j in range(LANES):
        keep[j] = <real>(1 - smoothing[j])
        spread[j] = <real>(smoothing[j] / b.length)
    while f < b.size:
        w, t = numbers(b, WEIGHT, f, storage), numbers(b, MORE, f, compute)
        if b.operand[PROBABILITIES] == NULL:
            for j in range(LANES):
                t[j] = w[j] * spread[j]
        else:
            q = numbers(b, PROBABILITIES, f, storage)
            for j in range(LANES):
                t[j] = w[j] * (keep[j] * q[j] + spread[j])
        f += LANES
    if b.operand[PROBABILITIES] == NULL:
        for j in range(b.width):
            f = place_of_label(b, j)
            if f >= 0:
                numbers(b, MORE, f, compute)[0] = numbers(b, WEIGHT, f, storage)[0] * (keep[j] + spread[j])


# where the j-th row's label is in the chunk, or -1
cdef inline Py_ssize_t place_of_label(const row_block* b, Py_ssize_t j) noexcept nogil:
    cdef uint64_t y = (<const uint64_t*>b.operand[LABEL])[j] - <uint64_t>b.start
    return <Py_ssize_t>y * b.width + j if y < <uint64_t>b.n else -1


# Sum k is the number of the row at its label.
cdef inline void label_term(row_block* b, int role, int k, item* storage) noexcept nogil:
    cdef Py_ssize_t j, f
    for j in range(b.width):
        f = place_of_label(b, j)
        b.sum[k][j] = numbers(b, role, f, storage)[0] if f >= 0 else <item>0


# TARGET_SUM and PRODUCT_OF_TARGETS_SUM from the targets in MORE
cdef inline void target_terms(row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const item* x
    cdef const real* t
    cdef real* term
    cdef real* lost
    cdef real[LANES] m, product, rest
    cdef real d, low, zero = 0
    cdef Py_ssize_t f = 0, j
    finite_maximum(b.state, storage, &m[0])
    while f < b.size:
        x, t = numbers(b, X, f, storage), numbers(b, MORE, f, compute)
        term, lost = numbers(b, TERM, f, compute), numbers(b, TERM_LOST, f, compute)
        for j in range(LANES):
            d = difference_from_maximum(x[j], m[j], &low)
            product[j] = -t[j] * d
            rest[j] = product_low(t[j], d, low, product[j], <item>0)
            rest[j] = zero if t[j] == zero else rest[j]
            product[j] = zero if t[j] == zero else product[j]
        for j in range(LANES):
            term[j] = product[j]
        if item is double and real is double:
            for j in range(LANES):
                lost[j] = rest[j]
        f += LANES
    sum_numbers(b, TARGET_SUM, MORE, NOTHING, storage, compute, compute)
    sum_numbers(b, PRODUCT_OF_TARGETS_SUM, TERM, TERM_LOST, storage, compute, compute)


# what rounding has lost of the product -t (d + low)
cdef inline real product_low(real t, real d, real low, real product, item storage) noexcept nogil:
    cdef real rest = 0
    if item is double and real is double:
        rest = exact_fma64(-t, d, -product) - t * low
        rest = rest if rest == rest else <real>0
    return rest


cdef inline void cross_entropy_terms(row_block* b, item* storage, real* compute) noexcept nogil:
    if b.width == 1 and (<const double*>b.operand[SCALE])[0] == 0:
        return
    terms_for_logarithm(b, storage, compute, False, b.operand[RESULT] != NULL)
    if b.operand[WEIGHT] != NULL:
        fill_targets(b, storage, compute)
        if not b.summed:
            target_terms(b, storage, compute)
    elif not b.summed:
        label_term(b, X, LABEL_LOGIT, storage)


cdef inline void cross_entropy_finish(row_block* b, item* storage, real* compute) noexcept nogil:
    cdef item* value = <item*>b.operand[VALUE]
    cdef const double* scale = <const double*>b.operand[SCALE]
    cdef row_state* state = b.state
    cdef double first, low, log_r_low, loss, log_r, weight, product_error, zero = 0, s, s_low
    cdef bint weighted = b.operand[WEIGHT] != NULL
    cdef int j
    if log_sum(b, storage, compute):
        return
    for j in range(b.width):
        log_r = state.constant[LOG_R][j]
        log_r_low = state.constant[LOG_R_LOW][j]
        weight = 1
        first = two_sum(state.maximum[j], -state.total[LABEL_LOGIT][j], &low)
        if weighted:
            weight = state.total[TARGET_SUM][j]
            first = state.total[PRODUCT_OF_TARGETS_SUM][j]
            low = state.low[PRODUCT_OF_TARGETS_SUM][j]
            product_error = exact_fma64(weight, log_r, -weight * log_r)
            log_r_low = weight * log_r_low + product_error + state.low[TARGET_SUM][j] * log_r
            log_r = weight * log_r
        s = state.exp_of_max[j] + state.others[j] * state.exp_of_max[j]
        state.constant[CROSS_ENTROPY_SUM][j] = s
        state.constant[CROSS_ENTROPY_WEIGHT][j] = weight
        state.constant[SCALE_OVER_SUM][j] = scale[j] / s
        state.constant[SUM_OF_OTHERS][j] = state.others[j] * state.exp_of_max[j]
        if value != NULL:
            loss = two_sum(first, log_r, &s_low)
            low = (low + s_low) + log_r_low
            loss = loss + (low if low == low else zero)
            # a label out of range has NaN as its scale
            loss = loss + (scale[j] - scale[j])
            value[j] = <item>(loss if scale[j] != 0 else zero)


# The gradient for labels without weights. WORK may be the same memory.
cdef inline void cross_entropy_label_gradient(const row_block* b, item* storage, real* compute) noexcept nogil:
    cdef item* gradient
    cdef const real* e
    cdef const double* scale = <const double*>b.operand[SCALE]
    cdef real[LANES] factor
    cdef double[LANES] at_label
    cdef real zero = 0, value
    cdef double s, rest
    cdef Py_ssize_t f = 0, j
    lane_values(&b.state.constant[SCALE_OVER_SUM][0], &factor[0])
    for j in range(b.width):
        f = place_of_label(b, j)
        s = b.state.constant[CROSS_ENTROPY_SUM][j]
        at_label[j] = unscale(numbers(b, WORK, f, compute)[0], <item>0) if f >= 0 else 0
        rest = b.state.constant[SUM_OF_OTHERS][j] if at_label[j] >= b.state.exp_of_max[j] else s - at_label[j]
        at_label[j] = -scale[j] * (rest / s)
    for j in range(LANES):
        factor[j] = zero if scale[j] == 0 else factor[j]
    f = 0
    while f < b.size:
        e, gradient = numbers(b, WORK, f, compute), numbers(b, RESULT, f, storage)
        for j in range(LANES):
            value = unscale(e[j], <item>0) * factor[j]
            gradient[j] = <item>(zero if factor[j] == zero else value)
        f += LANES
    for j in range(b.width):
        f = place_of_label(b, j)
        if f >= 0 and scale[j] != 0:
            numbers(b, RESULT, f, storage)[0] = <item>at_label[j]


cdef inline void cross_entropy_gradient(const row_block* b, item* storage, real* compute) noexcept nogil:
    cdef item* gradient
    cdef const double* scale = <const double*>b.operand[SCALE]
    cdef const real* e
    cdef const real* t
    cdef real[LANES] factor, s, mass, others, exp_of_max, value
    cdef real zero = 0, rest
    cdef Py_ssize_t f = 0, j
    lane_values(&b.state.constant[SCALE_OVER_SUM][0], &factor[0])
    lane_values(&b.state.constant[CROSS_ENTROPY_SUM][0], &s[0])
    lane_values(&b.state.constant[CROSS_ENTROPY_WEIGHT][0], &mass[0])
    lane_values(&b.state.constant[SUM_OF_OTHERS][0], &others[0])
    lane_values(&b.state.exp_of_max[0], &exp_of_max[0])
    while f < b.size:
        e, t, gradient = numbers(b, WORK, f, compute), numbers(b, MORE, f, compute), numbers(b, RESULT, f, storage)
        for j in range(LANES):
            value[j] = unscale(e[j], <item>0)
            rest = s[j] - value[j]
            rest = others[j] if value[j] >= exp_of_max[j] else rest
            value[j] = ((mass[j] - t[j]) * value[j] - t[j] * rest) * factor[j]
        for j in range(LANES):
            gradient[j] = <item>(zero if scale[j] == 0 else value[j])
        f += LANES


cdef inline void cross_entropy_hessian(const row_block* b, item* storage, real* compute) noexcept nogil:
    cdef item* hessian
    cdef const real* e
    cdef const double* scale = <const double*>b.operand[SCALE]
    cdef real[LANES] factor, share, s, others, exp_of_max, value
    cdef real zero = 0, rest
    cdef Py_ssize_t f = 0, j
    lane_values(&b.state.constant[CROSS_ENTROPY_SUM][0], &s[0])
    lane_values(&b.state.constant[SUM_OF_OTHERS][0], &others[0])
    lane_values(&b.state.exp_of_max[0], &exp_of_max[0])
    for j in range(LANES):
        factor[j] = <real>(b.state.constant[CROSS_ENTROPY_WEIGHT][j] * b.state.constant[SCALE_OVER_SUM][j])
        share[j] = <real>(1 / b.state.constant[CROSS_ENTROPY_SUM][j])
    while f < b.size:
        e, hessian = numbers(b, WORK, f, compute), numbers(b, HESSIAN, f, storage)
        for j in range(LANES):
            value[j] = unscale(e[j], <item>0)
            rest = s[j] - value[j]
            rest = others[j] if value[j] >= exp_of_max[j] else rest
            value[j] = (value[j] * factor[j]) * (rest * share[j])
        for j in range(LANES):
            hessian[j] = <item>(zero if scale[j] == 0 else value[j])
        f += LANES


cdef inline void cross_entropy_kernel(int phase, row_block* b, item* storage, real* compute) noexcept nogil:
    if phase == TERMS:
        cross_entropy_terms(b, storage, compute)
    elif phase == FINISH:
        cross_entropy_finish(b, storage, compute)
    else:
        # the gradient last: WORK may be its memory
        if b.operand[HESSIAN] != NULL:
            cross_entropy_hessian(b, storage, compute)
        if b.operand[WEIGHT] == NULL:
            cross_entropy_label_gradient(b, storage, compute)
        else:
            cross_entropy_gradient(b, storage, compute)


# Class labels of plain rows. Those out of range and rows to be ignored need the phases.
cdef inline bint cross_entropy_plain(const plain_row* row, real* compute) noexcept nogil:
    cdef const float* x = <const float*>row.operand[X]
    cdef float* value = <float*>row.operand[VALUE]
    cdef uint64_t label = (<const uint64_t*>row.operand[LABEL])[0]
    cdef double scale = (<const double*>row.operand[SCALE])[0], zero = 0, exp_of_max, others, log_r, loss, low, rest
    cdef float m = plain_maximum(x, row.n)
    if label >= <uint64_t>row.n or not magnitude(scale, <double>INFINITY) < INFINITY or scale == 0:
        return False
    if not magnitude(m, <float>INFINITY) < INFINITY:
        return False
    log_r = plain_log_sum(row, m, &others, &exp_of_max, compute, False)
    loss = two_sum(m, -<double>x[label], &low)
    if row.operand[HESSIAN] != NULL:
        plain_hessian(row, scale, exp_of_max, others, compute)
    if row.operand[RESULT] != NULL:
        plain_label_gradient(row, <Py_ssize_t>label, scale, exp_of_max, others, compute)
    if value != NULL:
        loss = two_sum(loss, log_r, &rest)
        low = low + rest
        value[0] = <float>(loss + (low if low == low else zero))
    return True


cdef inline void plain_label_gradient(const plain_row* row, Py_ssize_t label, double scale, double exp_of_max,
                                      double others, real* compute) noexcept nogil:
    cdef const real* e = <const real*>row.scratch
    cdef float* gradient = <float*>row.operand[RESULT]
    cdef double s = exp_of_max + others * exp_of_max
    cdef double at_label = unscale(e[label], <float>0)
    cdef double rest = others * exp_of_max if at_label >= exp_of_max else s - at_label
    plain_products(row, <real>(scale / s))
    gradient[label] = <float>(-scale * (rest / s))


cdef inline void plain_hessian(const plain_row* row, double scale, double exp_of_max, double others,
                               real* compute) noexcept nogil:
    cdef const real* e = <const real*>row.scratch
    cdef float* hessian = <float*>row.operand[HESSIAN]
    cdef double sum_of_others = others * exp_of_max, s = exp_of_max + sum_of_others
    cdef real factor = <real>(scale / s), share = <real>(1 / s)
    cdef Py_ssize_t n = row.n, j
    for j in range(whole_ends(n)):
        hessian[j] = <float>hessian_at(e[j], factor, share, <real>s, <real>sum_of_others, <real>exp_of_max)
    for j in range(n - PLAIN_END, n):
        hessian[j] = <float>hessian_at(e[j], factor, share, <real>s, <real>sum_of_others, <real>exp_of_max)


cdef inline real hessian_at(real e, real factor, real share, real s, real sum_of_others,
                            real exp_of_max) noexcept nogil:
    cdef real value = unscale(e, <float>0), rest = s - value
    rest = sum_of_others if value >= exp_of_max else rest
    return (value * factor) * (rest * share)


# For class labels; with weights and smoothing; for probabilities. With weights the targets are kept as well.
for _suffix, _operands, _keeps in (
        ("", "logits(n),label(),scale()", KEEP_TERMS),
        ("_of_labels", "logits(n),label(),weight(n),smoothing(),scale()", KEEP_ALL),
        ("_of_probabilities", "logits(n),probabilities(n),weight(n),smoothing(),scale()", KEEP_ALL)):
    for _name, _results in (
            ("", "value()"), ("_grad", "result(n)"), ("_value_and_grad", "value(),result(n)"),
            ("_grad_and_hess", "result(n),hessian(n)")):
        row(f"cross_entropy{_name}{_suffix}", f"{_operands}->{_results}", cross_entropy_kernel[float, double],
            cross_entropy_kernel[float, float], cross_entropy_kernel[double, double],
            cross_entropy_kernel[double, fast_double], sums=4, keeps=_keeps,
            reference=False, masked=0, label_only=False, exact_plain=cross_entropy_plain[double],
            fast_plain=cross_entropy_plain[float])
