# log_softmax(x)_i = (x_i - m) / T - log1p(R)      d/dx: (g - p sum g) / T, p = softmax(x / T)
#
# R is the sum of the exponentials of softmax.pxi, e^(x - m), without one maximum. At a maximum that dominates, the
# gradient of log_softmax is computed as (R g - the sum of the other g) / S, not as a difference of two numbers near g.

# state.constant of the logarithms: log1p(R) and for float64 results what rounding has lost of it; NaN where softmax is.
cdef enum:
    LOG_R
    LOG_R_LOW

# True if R is not known yet.
cdef inline bint log_sum(row_block* b, item* storage, real* compute, bint closely=False) noexcept nogil:
    cdef row_state* state = b.state
    cdef double others, low, log_r, log_r_low = 0
    cdef bint finite
    cdef int j
    if find_others(b, storage, compute, closely):
        return True
    for j in range(b.width):
        others, low = state.others[j], state.others_low[j]
        finite = others == others
        if item is double:
            log_r = log1p_in_parts(others if finite else 0.0, low if finite else 0.0, &log_r_low)
            if real is fast_double:
                log_r = two_sum(log_r, log_r_low, &log_r_low)
        else:
            log_r = log1p_short(others if finite else 0.0)
        state.constant[LOG_R][j] = log_r if finite else NAN
        state.constant[LOG_R_LOW][j] = log_r_low
    return False


cdef inline void log_softmax_write(const row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const item* x
    cdef const double* t = <const double*>b.operand[TEMPERATURE]
    cdef item* y
    cdef real[LANES] m, log_r, log_r_low, scale, inverse, inverse_low
    cdef real d, low, lowest = -INFINITY
    cdef Py_ssize_t f = 0, n = LANES, j
    if t == NULL:
        finite_maximum(b.state, storage, &m[0])
    else:
        entry_of_maximum(b, storage, &m[0])
        inverse_temperatures(b, &scale[0], &inverse[0], &inverse_low[0], <item>0)
    lane_values(&b.state.constant[LOG_R][0], &log_r[0])
    lane_values(&b.state.constant[LOG_R_LOW][0], &log_r_low[0])
    while f < b.size:
        if b.width == 1 and t == NULL:
            n = loop_size(b, f)
        x, y = numbers(b, X, f, storage), numbers(b, RESULT, f, storage)
        if b.width == 1 and t == NULL:
            for j in range(n):
                d = difference_from_maximum(x[j], m[0], &low)
                y[j] = <item>log_of_share(d, low, log_r[0], log_r_low[0], <item>0)
        elif t == NULL:
            for j in range(LANES):
                d = difference_from_maximum(x[j], m[j], &low)
                y[j] = <item>log_of_share(d, low, log_r[j], log_r_low[j], <item>0)
        else:
            for j in range(LANES):
                d = difference(x[j], m[j], &low)
                low = low if low == low else <real>0
                d = over_temperature(d, scale[j], inverse[j], inverse_low[j], &low, <item>0)
                # -inf remains -inf at an infinite temperature
                y[j] = <item>log_of_share(d if d == d else lowest, low, log_r[j], log_r_low[j], <item>0)
        f += n


# d + low - (log_r + log_r_low)
cdef inline real log_of_share(real d, real low, real log_r, real log_r_low, item storage) noexcept nogil:
    cdef real y = d - log_r, back, error
    if item is double and real is double:
        back = y - d
        error = (d - (y - back)) - (log_r + back)
        error = error + (low - log_r_low)
        y = y + (error if error == error else <real>0)
    return y


cdef inline void log_softmax_kernel(int phase, row_block* b, item* storage, real* compute) noexcept nogil:
    if phase == TERMS:
        terms_for_logarithm(b, storage, compute, False, False)
    elif phase == FINISH:
        log_sum(b, storage, compute)
    else:
        log_softmax_write(b, storage, compute)


# log1p(R) of a plain row with the finite maximum m, and R and e^m in the unit of the exponentials
cdef inline double plain_log_sum(const plain_row* row, float m, double* others, double* exp_of_max,
                                 real* compute, bint closely) noexcept nogil:
    cdef real center, magic, least_beyond
    cdef float least
    cdef double total = plain_exponentials(<const float*>row.operand[X], row.n, m, <real*>row.scratch, closely)
    find_origin(m, &center, &magic, &least, &least_beyond)
    return plain_log_of_sum(row, total, power(<real>m - center, magic, closely), others, exp_of_max)


# The same from the sum of the exponentials and the largest of them
cdef inline double plain_log_of_sum(const plain_row* row, double total, real largest, double* others,
                                    double* exp_of_max) noexcept nogil:
    cdef real one = 1
    cdef double least_others = LEAST_OTHERS_FAST if real is float else LEAST_OTHERS, unit = unscale(one, <float>0)
    exp_of_max[0] = unscale(largest, <float>0)
    others[0] = (total * unit - exp_of_max[0]) / exp_of_max[0]
    if others[0] < least_others:
        others[0] = sum_below(<real*>row.scratch, row.n, largest) * unit / exp_of_max[0]
    return log1p_short(others[0])


# The sum of the exponentials but for the largest, of which there is one
cdef inline double sum_below(real* e, Py_ssize_t n, real largest) noexcept nogil:
    cdef Py_ssize_t k = 0
    cdef double total
    while k < n - 1 and e[k] < largest:
        k += 1
    e[k] = 0
    total = plain_sum(e, n)
    e[k] = largest
    return total


cdef inline void plain_log_shares(const float* x, float* y, Py_ssize_t n, real m, real log_r) noexcept nogil:
    cdef real d, low
    cdef Py_ssize_t j
    for j in range(n):
        d = difference_from_maximum(x[j], m, &low)
        y[j] = <float>log_of_share(d, low, log_r, <real>0, <float>0)


cdef inline bint log_softmax_plain(const plain_row* row, real* compute) noexcept nogil:
    cdef const float* x = <const float*>row.operand[X]
    cdef float* y = <float*>row.operand[RESULT]
    cdef float[PLAIN_END] end
    cdef Py_ssize_t n = row.n
    cdef float m = plain_top(row)
    cdef double log_r, others, exp_of_max
    if row.operand[TEMPERATURE] != NULL:
        return log_softmax_at_temperature(row, m, compute)
    if not magnitude(m, <float>INFINITY) < INFINITY:
        return False
    log_r = plain_log_sum(row, m, &others, &exp_of_max, compute, False)
    # before y is written, which may be x
    plain_log_shares(x + n - PLAIN_END, &end[0], PLAIN_END, <real>m, <real>log_r)
    plain_log_shares(x, y, whole_ends(n), <real>m, <real>log_r)
    memcpy(y + n - PLAIN_END, &end[0], sizeof(end))
    return True


cdef bint log_softmax_at_temperature(const plain_row* row, float m, real* compute) noexcept nogil:
    cdef const float* x = <const float*>row.operand[X]
    cdef float* y = <float*>row.operand[RESULT]
    cdef float[PLAIN_END] end
    cdef Py_ssize_t last = row.n - PLAIN_END
    cdef real largest, scale, inverse, inverse_low
    cdef double total, log_r, others, exp_of_max
    if not plain_scaled_exponentials(row, m, &total, &largest):
        return False
    log_r = plain_log_of_sum(row, total, largest, &others, &exp_of_max)
    inverse_temperature((<const double*>row.operand[TEMPERATURE])[0], &scale, &inverse, &inverse_low, <float>0)
    scaled_log_shares(x + last, &end[0], PLAIN_END, <real>m, <real>log_r, scale, inverse, inverse_low)
    scaled_log_shares(x, y, whole_ends(row.n), <real>m, <real>log_r, scale, inverse, inverse_low)
    memcpy(y + last, &end[0], sizeof(end))
    return True


cdef inline void scaled_log_shares(const float* x, float* y, Py_ssize_t n, real m, real log_r, real scale,
                                   real inverse, real inverse_low) noexcept nogil:
    cdef real d, low, lowest = -INFINITY
    cdef Py_ssize_t j
    for j in range(n):
        d = difference(x[j], m, &low)
        low = low if low == low else <real>0
        d = over_temperature(d, scale, inverse, inverse_low, &low, <float>0)
        # as in log_softmax_write
        y[j] = <float>log_of_share(d if d == d else lowest, low, log_r, <real>0, <float>0)


# ---- the gradient from the input

cdef enum:
    G_SUM_BELOW = EXP_SUM_OF_MAXIMA + 1  # of g, but for the maxima
    G_SUM_OF_MAXIMA                      # and at them

cdef inline void log_softmax_grad_terms(row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const item* g
    cdef const real* e
    cdef real* below
    cdef real* above
    cdef real[LANES] value, inside
    cdef real[LANES] exp_of_max
    cdef real zero = 0
    cdef Py_ssize_t f = 0, j
    if b.summed:
        make_exponentials(b, storage, compute, False)
        return
    separate_terms(b, storage, compute)
    exponentials_of_maxima(b, storage, compute, False, &exp_of_max[0])
    while f < b.size:
        e, g = numbers(b, WORK, f, compute), numbers(b, G, f, storage)
        below, above = numbers(b, TERM, f, compute), numbers(b, TERM_LOST, f, compute)
        for j in range(LANES):
            value[j] = g[j]
            inside[j] = e[j]
        for j in range(LANES):
            above[j] = value[j] if inside[j] >= exp_of_max[j] else zero
        for j in range(LANES):
            below[j] = zero if inside[j] >= exp_of_max[j] else value[j]
        f += LANES
    sum_numbers(b, G_SUM_BELOW, TERM, NOTHING, storage, compute, compute)
    sum_numbers(b, G_SUM_OF_MAXIMA, TERM_LOST, NOTHING, storage, compute, compute)


cdef inline void log_softmax_grad_write(const row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const item* g
    cdef const real* e
    cdef const double* t = <const double*>b.operand[TEMPERATURE]
    cdef item* dx
    cdef real[LANES] exp_of_max, r, mean, count, others, below, above, value, scale, inverse, inverse_low
    cdef real at_maximum, elsewhere
    cdef double unit
    cdef Py_ssize_t f = 0, j
    exponentials_of_maxima(b, storage, compute, False, &exp_of_max[0])
    for j in range(LANES):
        unit = unscale(exp_of_max[j], <item>0)
        r[j] = <real>(b.state.constant[SOFTMAX_INVERSE_SUM][j] * unit)
        others[j] = <real>(b.state.total[EXP_SUM][j] / unit)
        count[j] = <real>(b.state.total[EXP_SUM_OF_MAXIMA][j] / unit)
    lane_values(&b.state.constant[GRADIENT_MEAN][0], &mean[0])
    lane_values(&b.state.total[G_SUM_BELOW][0], &below[0])
    lane_values(&b.state.total[G_SUM_OF_MAXIMA][0], &above[0])
    if t != NULL:
        inverse_temperatures(b, &scale[0], &inverse[0], &inverse_low[0], <item>0)
    while f < b.size:
        e, g, dx = numbers(b, WORK, f, compute), numbers(b, G, f, storage), numbers(b, RESULT, f, storage)
        for j in range(LANES):
            at_maximum = ((<real>g[j] * count[j] - above[j]) + (<real>g[j] * others[j] - below[j])) * r[j]
            elsewhere = <real>g[j] - unscale(e[j], <item>0) * mean[j]
            value[j] = at_maximum if e[j] >= exp_of_max[j] else elsewhere
        if t != NULL:
            for j in range(LANES):
                value[j] = gradient_over_temperature(value[j], t[j], scale[j], inverse[j], <item>0)
        for j in range(LANES):
            dx[j] = <item>value[j]
        f += LANES


cdef inline void log_softmax_grad_kernel(int phase, row_block* b, item* storage, real* compute) noexcept nogil:
    cdef double total
    cdef int j
    if phase == TERMS:
        log_softmax_grad_terms(b, storage, compute)
    elif phase == FINISH:
        normalise(b, True)
        for j in range(b.width):
            total = b.state.total[G_SUM_BELOW][j] + b.state.total[G_SUM_OF_MAXIMA][j]
            b.state.constant[GRADIENT_MEAN][j] = total * b.state.constant[SOFTMAX_INVERSE_SUM][j]
    else:
        log_softmax_grad_write(b, storage, compute)


# ---- the gradient from the output

# e^y for the logarithm of a probability, which is not positive unless it was rounded so: up to 40, the limit of
# exp_scaled. For NaN the result is undefined.
cdef inline real share_of_log(item y, real* compute) noexcept nogil:
    cdef real least = EXP_LEAST_FLOAT32 if real is float else EXP_LEAST_FLOAT32_IN_FLOAT64, most = 40, d = y
    least = EXP_LEAST_FLOAT64 if item is double else least
    d = least if least > d else d
    d = most if most < d else d
    return unscale(exp_scaled(d, <real>0, y), y)


cdef enum:
    G_SUM = 0              # of g; NaN where any y is

cdef inline void log_softmax_grad_from_output_write(const row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const item* y
    cdef const item* g
    cdef const double* t = <const double*>b.operand[TEMPERATURE]
    cdef item* dx
    cdef real[LANES] total, value, scale, inverse, inverse_low
    cdef Py_ssize_t f = 0, n = LANES, j
    lane_values(&b.state.total[G_SUM][0], &total[0])
    if t != NULL:
        inverse_temperatures(b, &scale[0], &inverse[0], &inverse_low[0], <item>0)
    while f < b.size:
        if b.width == 1 and t == NULL:
            n = loop_size(b, f)
        y, g, dx = numbers(b, X, f, storage), numbers(b, G, f, storage), numbers(b, RESULT, f, storage)
        if b.width == 1 and t == NULL:
            for j in range(n):
                dx[j] = <item>(<real>g[j] - share_of_log(y[j], compute) * total[0])
        else:
            for j in range(LANES):
                value[j] = <real>g[j] - share_of_log(y[j], compute) * total[j]
            if t != NULL:
                for j in range(LANES):
                    value[j] = gradient_over_temperature(value[j], t[j], scale[j], inverse[j], <item>0)
            for j in range(LANES):
                dx[j] = <item>value[j]
        f += n


cdef inline void log_softmax_grad_from_output_kernel(int phase, row_block* b, item* storage,
                                                     real* compute) noexcept nogil:
    if phase == TERMS:
        sum_pairs(b, G_SUM, X, G, True, storage, compute)
    elif phase == WRITE:
        log_softmax_grad_from_output_write(b, storage, compute)


cdef inline void plain_log_grad_from_output(const float* y, const float* g, float* dx, Py_ssize_t n,
                                            real total) noexcept nogil:
    cdef real* compute = NULL
    cdef Py_ssize_t j
    for j in range(n):
        dx[j] = <float>(<real>g[j] - share_of_log(y[j], compute) * total)


cdef inline bint log_softmax_grad_from_output_plain(const plain_row* row, real* compute) noexcept nogil:
    cdef const float* y = <const float*>row.operand[X]
    cdef const float* g = <const float*>row.operand[G]
    cdef float* dx = <float*>row.operand[RESULT]
    cdef float[PLAIN_END] end
    cdef Py_ssize_t last = row.n - PLAIN_END
    cdef real total = <real>plain_sum_of_pairs(y, g, row.n, True, compute)
    # before dx is written, which may be y or g
    plain_log_grad_from_output(y + last, g + last, &end[0], PLAIN_END, total)
    plain_log_grad_from_output(y, g, dx, whole_ends(row.n), total)
    memcpy(dx + last, &end[0], sizeof(end))
    return True


for _options, _suffix in (
        ("", ""), (",where(n)", "_where"), (",temperature()", "_temperature"),
        (",where(n),temperature()", "_where_temperature")):
    row(f"log_softmax{_suffix}", f"logits(n){_options}->result(n)", log_softmax_kernel[float, double],
        log_softmax_kernel[float, float], log_softmax_kernel[double, double], log_softmax_kernel[double, fast_double],
        sums=2, keeps=KEEP_NOTHING, reference=False, masked=-INFINITY, label_only=False,
        exact_plain=log_softmax_plain[double], fast_plain=log_softmax_plain[float], plain_scales=True)
    row(f"log_softmax_grad{_suffix}", f"logits(n),g(n){_options}->result(n)", log_softmax_grad_kernel[float, double],
        log_softmax_grad_kernel[float, float], log_softmax_grad_kernel[double, double],
        log_softmax_grad_kernel[double, fast_double],
        sums=4, keeps=KEEP_TERMS)
    row(f"log_softmax_grad_from_output{_suffix}", f"output(n),g(n){_options}->result(n)",
        log_softmax_grad_from_output_kernel[float, double], log_softmax_grad_from_output_kernel[float, float],
        log_softmax_grad_from_output_kernel[double, double], log_softmax_grad_from_output_kernel[double, fast_double],
        sums=1, keeps=KEEP_NOTHING, reference=False, masked=0,
        label_only=False, exact_plain=log_softmax_grad_from_output_plain[double],
        fast_plain=log_softmax_grad_from_output_plain[float])
