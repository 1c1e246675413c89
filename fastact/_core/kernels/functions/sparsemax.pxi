# sparsemax(x)_i = max(x_i - tau, 0), with tau such that they sum to 1   d/dx: g - mean of g on the support, 0 elsewhere
#
# tau is found by Michelot's iteration: it is computed for all entries above the previous tau, until none drops out.
# Differences from the maximum, of which only those above -1 matter, replace x.

# state.constant: tau, how many entries were above the previous one, and the mean of g over these
cdef enum:
    TAU
    LAST_COUNT
    SUPPORT_MEAN

# block.sum and state.total: of the entries above tau, how many these are, and of g there
cdef enum:
    SUPPORT_SUM
    SUPPORT_COUNT
    SUPPORT_G_SUM

cdef inline void sparsemax_terms(row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const item* x
    cdef const item* g
    cdef real* d
    cdef real* term
    cdef real* count
    cdef real[LANES] m, tau, value, inside, gradient
    cdef real zero = 0, one = 1, low
    cdef Py_ssize_t f = 0, j
    finite_maximum(b.state, storage, &m[0])
    threshold_lanes(b.state, &tau[0])
    while f < b.size:
        if b.state.passes == 0:
            prefetch_next_tile(b, f, storage)
        x, d = numbers(b, X, f, storage), numbers(b, WORK, f, compute)
        term, count = numbers(b, TERM, f, compute), numbers(b, TERM_LOST, f, compute)
        for j in range(LANES):
            value[j] = difference_from_maximum(x[j], m[j], &low)
        for j in range(LANES):
            d[j] = value[j]
            inside[j] = zero if value[j] <= tau[j] else one
            value[j] = zero if value[j] <= tau[j] else value[j]
        for j in range(LANES):
            term[j] = value[j]
        for j in range(LANES):
            count[j] = inside[j]
        f += LANES
    if b.summed:
        return
    sum_numbers(b, SUPPORT_SUM, TERM, NOTHING, storage, compute, compute)
    sum_numbers(b, SUPPORT_COUNT, TERM_LOST, NOTHING, storage, compute, compute)
    if b.operand[G] == NULL:
        return
    f = 0
    while f < b.size:
        g, term, count = numbers(b, G, f, storage), numbers(b, TERM, f, compute), numbers(b, TERM_LOST, f, compute)
        for j in range(LANES):
            gradient[j] = g[j]
            inside[j] = count[j]
        for j in range(LANES):
            term[j] = gradient[j] if inside[j] > zero else zero
        f += LANES
    sum_numbers(b, SUPPORT_G_SUM, TERM, NOTHING, storage, compute, compute)


cdef inline void threshold_lanes(const row_state* state, real* tau) noexcept nogil:
    cdef int j
    for j in range(LANES):
        tau[j] = <real>(state.constant[TAU][j] if state.passes else -1)


cdef inline void sparsemax_finish(row_state* state) noexcept nogil:
    cdef double tau, count
    cdef int j
    for j in range(LANES):
        count = state.total[SUPPORT_COUNT][j]
        tau = ((state.total[SUPPORT_SUM][j] - 1) + state.low[SUPPORT_SUM][j]) / count
        if state.passes:
            # rounding must not let an entry return
            tau = max(tau, state.constant[TAU][j])
        tau = tau if magnitude(state.maximum[j], <double>INFINITY) < INFINITY else NAN
        state.again = state.again or (tau == tau and (not state.passes or count != state.constant[LAST_COUNT][j]))
        state.constant[TAU][j] = tau
        state.constant[LAST_COUNT][j] = count
        state.constant[SUPPORT_MEAN][j] = state.total[SUPPORT_G_SUM][j] / count


cdef inline void sparsemax_kernel(int phase, row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const real* d
    cdef item* y
    cdef real[LANES] tau
    cdef real zero = 0, value
    cdef Py_ssize_t f = 0, j
    if phase == TERMS:
        sparsemax_terms(b, storage, compute)
    elif phase == FINISH:
        sparsemax_finish(b.state)
    else:
        threshold_lanes(b.state, &tau[0])
        while f < b.size:
            d, y = numbers(b, WORK, f, compute), numbers(b, RESULT, f, storage)
            for j in range(LANES):
                value = d[j] - tau[j]
                y[j] = <item>(zero if value <= zero else value)
            f += LANES


cdef inline void sparsemax_grad_kernel(int phase, row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const real* d
    cdef const item* g
    cdef item* dx
    cdef real[LANES] tau, mean
    cdef real zero = 0, value
    cdef Py_ssize_t f = 0, j
    if phase == TERMS:
        sparsemax_terms(b, storage, compute)
    elif phase == FINISH:
        sparsemax_finish(b.state)
    else:
        threshold_lanes(b.state, &tau[0])
        lane_values(&b.state.constant[SUPPORT_MEAN][0], &mean[0])
        while f < b.size:
            d, g, dx = numbers(b, WORK, f, compute), numbers(b, G, f, storage), numbers(b, RESULT, f, storage)
            for j in range(LANES):
                value = (<real>g[j] - mean[j]) + (tau[j] - tau[j])
                dx[j] = <item>(zero if d[j] <= tau[j] else value)
            f += LANES


cdef enum:
    OUTPUT_G_SUM = SUPPORT_SUM  # of g where y is positive; SUPPORT_COUNT says how many these are

cdef inline void sparsemax_grad_from_output_kernel(int phase, row_block* b, item* storage,
                                                   real* compute) noexcept nogil:
    cdef const item* y
    cdef const item* g
    cdef item* dx
    cdef real* term
    cdef real* count
    cdef real[LANES] mean, inside, gradient, value
    cdef real zero = 0, one = 1
    cdef double support
    cdef Py_ssize_t f = 0, j
    if phase == TERMS:
        while f < b.size:
            y, g = numbers(b, X, f, storage), numbers(b, G, f, storage)
            term, count = numbers(b, TERM, f, compute), numbers(b, TERM_LOST, f, compute)
            for j in range(LANES):
                value[j] = y[j]
                gradient[j] = g[j]
            for j in range(LANES):
                inside[j] = one if value[j] > zero else zero
                gradient[j] = gradient[j] if value[j] > zero else zero
                gradient[j] = keep_nan(value[j], gradient[j])
            for j in range(LANES):
                term[j] = gradient[j]
            for j in range(LANES):
                count[j] = inside[j]
            f += LANES
        sum_numbers(b, OUTPUT_G_SUM, TERM, NOTHING, storage, compute, compute)
        sum_numbers(b, SUPPORT_COUNT, TERM_LOST, NOTHING, storage, compute, compute)
    elif phase == FINISH:
        for j in range(LANES):
            support = max(b.state.total[SUPPORT_COUNT][j], 1.0)
            b.state.constant[SUPPORT_MEAN][j] = b.state.total[OUTPUT_G_SUM][j] / support
    else:
        lane_values(&b.state.constant[SUPPORT_MEAN][0], &mean[0])
        while f < b.size:
            y, g, dx = numbers(b, X, f, storage), numbers(b, G, f, storage), numbers(b, RESULT, f, storage)
            for j in range(LANES):
                value[j] = y[j]
                gradient[j] = <real>g[j] - mean[j]
            for j in range(LANES):
                dx[j] = <item>(zero if value[j] <= zero else gradient[j])
            f += LANES


row("sparsemax", "logits(n)->result(n)", sparsemax_kernel[float, double], sparsemax_kernel[float, float],
    sparsemax_kernel[double, double], sparsemax_kernel[double, fast_double], sums=3, keeps=KEEP_TERMS)
row("sparsemax_grad", "logits(n),g(n)->result(n)", sparsemax_grad_kernel[float, double],
    sparsemax_grad_kernel[float, float], sparsemax_grad_kernel[double, double],
    sparsemax_grad_kernel[double, fast_double], sums=3, keeps=KEEP_TERMS)
row("sparsemax_grad_from_output", "output(n),g(n)->result(n)", sparsemax_grad_from_output_kernel[float, double],
    sparsemax_grad_from_output_kernel[float, float], sparsemax_grad_from_output_kernel[double, double],
    sparsemax_grad_from_output_kernel[double, fast_double],
    sums=2, keeps=KEEP_NOTHING)
