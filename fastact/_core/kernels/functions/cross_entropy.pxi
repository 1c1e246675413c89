# With m, e, R and S as in softmax.pxi, D_c = m - x_c, and t_c the target of class c times its weight, smoothed:
#     loss = sum t_c D_c + W log1p(R),  W = sum t          gradient_i = scale ((W - t_i) e_i - t_i (S - e_i)) / S
#     hessian_i = scale W e_i (S - e_i) / S^2
#
# Both terms of the loss are positive, and S - e_i is R where i is the maximum, so a confident right answer keeps its
# relative accuracy. Where t is 0, D does not count, not even infinity. A row whose scale is 0 takes no part: its
# results are 0, whatever it holds. For a class label without weights and smoothing t is 1 there and 0 elsewhere.

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


# Sum k is what the row holds at its label.
cdef inline void label_term(row_block* b, int role, int k, item* storage) noexcept nogil:
    cdef Py_ssize_t j, f
    for j in range(b.width):
        f = place_of_label(b, j)
        b.sum[k][j] = numbers(b, role, f, storage)[0] if f >= 0 else <item>0


# Sums 2 and 3 are W and that of t D; t is in MORE.
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
        if item is double:
            for j in range(LANES):
                lost[j] = rest[j]
        f += LANES
    sum_numbers(b, 2, MORE, NOTHING, storage, compute, compute)
    sum_numbers(b, 3, TERM, TERM_LOST, storage, compute, compute)


# what rounding has lost of the product -t (d + low)
cdef inline real product_low(real t, real d, real low, real product, item storage) noexcept nogil:
    cdef real rest = 0
    if item is double:
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
        label_term(b, X, 2, storage)


# Constants 0 and 1 are log1p(R) in two parts, then S, W, scale / S and R; S and R in the unit of the exponentials.
cdef inline void cross_entropy_finish(row_block* b, item* storage, real* compute) noexcept nogil:
    cdef item* value = <item*>b.operand[VALUE]
    cdef const double* scale = <const double*>b.operand[SCALE]
    cdef row_state* state = b.state
    cdef double first, low, log_r_low, loss, log_r, weight, zero = 0, s, s_low
    cdef bint weighted = b.operand[WEIGHT] != NULL
    cdef int j
    if log_sum(b, storage, compute):
        return
    for j in range(b.width):
        log_r = state.constant[0][j]
        log_r_low = state.constant[1][j]
        weight = 1
        first = two_sum(state.maximum[j], -state.total[2][j], &low)
        if weighted:
            weight = state.total[2][j]
            first = state.total[3][j]
            low = state.low[3][j]
            log_r_low = weight * log_r_low + exact_fma64(weight, log_r, -weight * log_r) + state.low[2][j] * log_r
            log_r = weight * log_r
        s = state.exp_of_max[j] + state.others[j] * state.exp_of_max[j]
        state.constant[2][j] = s
        state.constant[3][j] = weight
        state.constant[4][j] = scale[j] / s
        state.constant[5][j] = state.others[j] * state.exp_of_max[j]
        if value != NULL:
            loss = two_sum(first, log_r, &s_low)
            low = (low + s_low) + log_r_low
            loss = loss + (low if low == low else zero)
            # a label out of range has NaN as its scale
            loss = loss + (scale[j] - scale[j])
            value[j] = <item>(loss if scale[j] != 0 else zero)


# The plain gradient. WORK may be the same memory.
cdef inline void cross_entropy_label_gradient(const row_block* b, item* storage, real* compute) noexcept nogil:
    cdef item* gradient
    cdef const real* e
    cdef const double* scale = <const double*>b.operand[SCALE]
    cdef real[LANES] by
    cdef double[LANES] at_label
    cdef real zero = 0, value
    cdef double s, rest
    cdef Py_ssize_t f = 0, j
    lane_values(&b.state.constant[4][0], &by[0])
    for j in range(b.width):
        f = place_of_label(b, j)
        s = b.state.constant[2][j]
        at_label[j] = unscale(numbers(b, WORK, f, compute)[0], <item>0) if f >= 0 else 0
        rest = b.state.constant[5][j] if at_label[j] >= b.state.exp_of_max[j] else s - at_label[j]
        at_label[j] = -scale[j] * (rest / s)
    for j in range(LANES):
        by[j] = zero if scale[j] == 0 else by[j]
    f = 0
    while f < b.size:
        e, gradient = numbers(b, WORK, f, compute), numbers(b, RESULT, f, storage)
        for j in range(LANES):
            value = unscale(e[j], <item>0) * by[j]
            gradient[j] = <item>(zero if by[j] == zero else value)
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
    cdef real[LANES] by, s, mass, others, exp_of_max, value
    cdef real zero = 0, rest
    cdef Py_ssize_t f = 0, j
    lane_values(&b.state.constant[4][0], &by[0])
    lane_values(&b.state.constant[2][0], &s[0])
    lane_values(&b.state.constant[3][0], &mass[0])
    lane_values(&b.state.constant[5][0], &others[0])
    lane_values(&b.state.exp_of_max[0], &exp_of_max[0])
    while f < b.size:
        e, t, gradient = numbers(b, WORK, f, compute), numbers(b, MORE, f, compute), numbers(b, RESULT, f, storage)
        for j in range(LANES):
            value[j] = unscale(e[j], <item>0)
            rest = s[j] - value[j]
            rest = others[j] if value[j] >= exp_of_max[j] else rest
            value[j] = ((mass[j] - t[j]) * value[j] - t[j] * rest) * by[j]
        for j in range(LANES):
            gradient[j] = <item>(zero if scale[j] == 0 else value[j])
        f += LANES


cdef inline void cross_entropy_hessian(const row_block* b, item* storage, real* compute) noexcept nogil:
    cdef item* hessian
    cdef const real* e
    cdef const double* scale = <const double*>b.operand[SCALE]
    cdef real[LANES] by, share, s, others, exp_of_max, value
    cdef real zero = 0, rest
    cdef Py_ssize_t f = 0, j
    lane_values(&b.state.constant[2][0], &s[0])
    lane_values(&b.state.constant[5][0], &others[0])
    lane_values(&b.state.exp_of_max[0], &exp_of_max[0])
    for j in range(LANES):
        by[j] = <real>(b.state.constant[3][j] * b.state.constant[4][j])
        share[j] = <real>(1 / b.state.constant[2][j])
    while f < b.size:
        e, hessian = numbers(b, WORK, f, compute), numbers(b, HESSIAN, f, storage)
        for j in range(LANES):
            value[j] = unscale(e[j], <item>0)
            rest = s[j] - value[j]
            rest = others[j] if value[j] >= exp_of_max[j] else rest
            value[j] = (value[j] * by[j]) * (rest * share[j])
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


# Class labels alone; with weights and smoothing; probabilities. With weights the targets are kept as well.
for _suffix, _operands, _keeps in (
        ("", "logits(n),label(),scale()", KEEP_TERMS),
        ("_of_labels", "logits(n),label(),weight(n),smoothing(),scale()", KEEP_ALL),
        ("_of_probabilities", "logits(n),probabilities(n),weight(n),smoothing(),scale()", KEEP_ALL)):
    row(f"cross_entropy{_suffix}", f"{_operands}->value()", cross_entropy_kernel[float, double],
        cross_entropy_kernel[float, float], cross_entropy_kernel[double, double],
        sums=4, keeps=_keeps)
    row(f"cross_entropy_grad{_suffix}", f"{_operands}->result(n)", cross_entropy_kernel[float, double],
        cross_entropy_kernel[float, float], cross_entropy_kernel[double, double],
        sums=4, keeps=_keeps)
    row(f"cross_entropy_value_and_grad{_suffix}", f"{_operands}->value(),result(n)",
        cross_entropy_kernel[float, double], cross_entropy_kernel[float, float],
        cross_entropy_kernel[double, double],
        sums=4, keeps=_keeps)
    if _suffix:
        row(f"cross_entropy_grad_and_hess{_suffix}", f"{_operands}->result(n),hessian(n)",
            cross_entropy_kernel[float, double], cross_entropy_kernel[float, float],
            cross_entropy_kernel[double, double],
        sums=4, keeps=_keeps)
