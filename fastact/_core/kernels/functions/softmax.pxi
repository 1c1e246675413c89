# softmax(x)_i = e_i / S,  e_i = e^((x_i - m) / T),  m = max x,  S = sum e, where any power of two may replace e^-m
# d/dx: p (g - sum p g) / T,  p = softmax(x)
#
# The gradient from x subtracts g_k, the gradient at the maximum, from g: then the term of k is 0, and where p_k is
# nearly 1 the sum over the others remains, without cancellation. The gradient from the output uses g as given.

# state.constant of softmax and of the gradients that need it: 1 / S, S and what rounding has lost of it, and a mean or
# a factor of the gradient. All are NaN in rows with NaN or +inf, or of -inf alone.
cdef enum:
    SOFTMAX_INVERSE_SUM
    SOFTMAX_SUM
    SOFTMAX_SUM_LOW
    GRADIENT_MEAN
    GRADIENT_FACTOR = GRADIENT_MEAN

# With `separate_maxima` S is in two sums.
cdef inline void normalise(const row_block* b, bint separate_maxima=False) noexcept nogil:
    cdef row_state* state = b.state
    cdef double s, low = 0
    cdef int j
    for j in range(b.width):
        s = state.total[EXP_SUM][j]
        if separate_maxima:
            s = two_sum(state.total[EXP_SUM_OF_MAXIMA][j], s, &low)
        s = s if magnitude(state.maximum[j], <double>INFINITY) < INFINITY else NAN
        state.constant[SOFTMAX_INVERSE_SUM][j] = 1 / s
        state.constant[SOFTMAX_SUM][j] = s
        state.constant[SOFTMAX_SUM_LOW][j] = low + state.low[EXP_SUM][j]


# e / S to the last bit but one, from r = 1 / S, which has a second part in precision "fast". Not scaled any more.
cdef inline real quotient(real e, real rest, real r, real r_low, real s, real s_low, item storage) noexcept nogil:
    cdef real q = e * r
    if item is double and real is fast_double:
        q = unscale(fma64(e, r, e * r_low), storage)
    elif item is double:
        q = unscale(q + (exact_fma64(-q, s, e) + (rest - q * s_low)) * r, storage)
    elif real is float:
        q = fma32(e, r, e * r_low)
    return q


cdef inline void softmax_write(const row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const real* e
    cdef const real* lost
    cdef item* y
    cdef real[LANES] r, r_low, s, low
    cdef double r_full
    cdef real rest = 0, one = 1
    cdef Py_ssize_t f = 0, j
    lane_values(&b.state.constant[SOFTMAX_SUM][0], &s[0])
    lane_values(&b.state.constant[SOFTMAX_SUM_LOW][0], &low[0])
    for j in range(LANES):
        # computed in float32, 1 / S takes the scale with it
        r_full = b.state.constant[SOFTMAX_INVERSE_SUM][j] * (unscale(one, <item>0) if real is float else one)
        r[j] = <real>r_full
        r_low[j] = <real>(r_full - r[j])
        if real is fast_double:
            r_low[j] = (exact_fma64(-r[j], s[j], 1.0) - r[j] * low[j]) * r[j]
    while f < b.size:
        e = numbers(b, WORK, f, compute)
        lost = numbers(b, LOST, f, compute)
        y = numbers(b, RESULT, f, storage)
        for j in range(LANES):
            if item is double and real is double:
                rest = lost[j]
            y[j] = <item>quotient(e[j], rest, r[j], r_low[j], s[j], low[j], <item>0)
        f += LANES


cdef inline void softmax_kernel(int phase, row_block* b, item* storage, real* compute) noexcept nogil:
    if phase == TERMS:
        softmax_terms(b, storage, compute)
    elif phase == FINISH:
        normalise(b)
    else:
        softmax_write(b, storage, compute)


# The same for plain rows
cdef inline bint softmax_plain(const plain_row* row, real* compute) noexcept nogil:
    cdef const float* x = <const float*>row.operand[X]
    cdef float* y = <float*>row.operand[RESULT]
    cdef real* e = <real*>row.scratch
    cdef Py_ssize_t n = row.n
    cdef float m = plain_top(row)
    cdef real one = 1, r, r_low, largest
    cdef double r_full, s
    cdef Py_ssize_t j
    if row.operand[TEMPERATURE] != NULL:
        if not plain_scaled_exponentials(row, m, &s, &largest):
            return False
    elif magnitude(m, <float>INFINITY) < INFINITY:
        s = plain_exponentials(x, n, m, e, False)
    else:
        return False
    # computed in float32, the scales of the sum and of 1 / S
    r_full = unscale(one, <float>0) if real is float else one
    r_full = 1 / (s * r_full) * r_full
    r = <real>r_full
    r_low = <real>(r_full - r)
    for j in range(whole_ends(n)):
        y[j] = <float>quotient(e[j], <real>0, r, r_low, <real>0, <real>0, <float>0)
    for j in range(n - PLAIN_END, n):
        y[j] = <float>quotient(e[j], <real>0, r, r_low, <real>0, <real>0, <float>0)
    return True


# ---- the gradient from the input

cdef enum:
    GRADIENT_SUM = EXP_SUM + 1  # of e (g - g_k)

# g at the maximum, the largest if there are several; 0 in a row without one. Never -0: which of both zeros is the
# largest would depend on the order.
cdef inline void reference_gradient(const row_state* state, real* g_k) noexcept nogil:
    cdef int j
    for j in range(LANES):
        g_k[j] = <real>((state.reference[j] if state.reference[j] > -INFINITY else 0) + 0.0)


cdef inline void softmax_grad_reference(row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const item* x
    cdef const item* g
    cdef item[LANES] m, best, sign
    cdef Py_ssize_t f = 0, j
    lane_values(&b.state.maximum[0], &m[0])
    if b.operand[TEMPERATURE] != NULL:
        signs_of_temperature(b, &sign[0])
        for j in range(LANES):
            m[j] = m[j] * sign[j]
    lane_values(&b.state.reference[0], &best[0])
    while f < b.size:
        x, g = numbers(b, X, f, storage), numbers(b, G, f, storage)
        for j in range(LANES):
            best[j] = g[j] if x[j] == m[j] and g[j] > best[j] else best[j]
        f += LANES
    for j in range(LANES):
        b.state.reference[j] = best[j]


cdef inline void softmax_grad_terms(row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const item* g
    cdef const real* e
    cdef real* term
    cdef real[LANES] g_k, value
    cdef Py_ssize_t f = 0, n = LANES, j
    softmax_terms(b, storage, compute)
    if b.summed:
        return
    reference_gradient(b.state, &g_k[0])
    while f < b.size:
        if b.width == 1:
            n = loop_size(b, f)
        e, g, term = numbers(b, WORK, f, compute), numbers(b, G, f, storage), numbers(b, TERM, f, compute)
        if b.width == 1:
            for j in range(n):
                term[j] = unscale(e[j], <item>0) * (<real>g[j] - g_k[0])
        else:
            for j in range(LANES):
                value[j] = unscale(e[j], <item>0) * (<real>g[j] - g_k[j])
            for j in range(LANES):
                term[j] = value[j]
        f += n
    sum_numbers(b, GRADIENT_SUM, TERM, NOTHING, storage, compute, compute)


cdef inline void softmax_grad_write(const row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const item* g
    cdef const real* e
    cdef const double* t = <const double*>b.operand[TEMPERATURE]
    cdef item* dx
    cdef real[LANES] r, mean, g_k, scale, inverse, inverse_low
    cdef real p
    cdef Py_ssize_t f = 0, n = LANES, j
    lane_values(&b.state.constant[SOFTMAX_INVERSE_SUM][0], &r[0])
    lane_values(&b.state.constant[GRADIENT_MEAN][0], &mean[0])
    reference_gradient(b.state, &g_k[0])
    if t != NULL:
        inverse_temperatures(b, &scale[0], &inverse[0], &inverse_low[0], <item>0)
    while f < b.size:
        if b.width == 1 and t == NULL:
            n = loop_size(b, f)
        e, g, dx = numbers(b, WORK, f, compute), numbers(b, G, f, storage), numbers(b, RESULT, f, storage)
        if b.width == 1 and t == NULL:
            for j in range(n):
                p = unscale(e[j] * r[0], <item>0)
                dx[j] = <item>(p * ((<real>g[j] - g_k[0]) - mean[0]))
        elif t == NULL:
            for j in range(LANES):
                p = unscale(e[j] * r[j], <item>0)
                dx[j] = <item>(p * ((<real>g[j] - g_k[j]) - mean[j]))
        else:
            for j in range(LANES):
                p = unscale(e[j] * r[j], <item>0) * ((<real>g[j] - g_k[j]) - mean[j])
                dx[j] = <item>gradient_over_temperature(p, t[j], scale[j], inverse[j], <item>0)
        f += n


cdef inline void softmax_grad_kernel(int phase, row_block* b, item* storage, real* compute) noexcept nogil:
    cdef double mean
    cdef int j
    if phase == REFERENCE:
        softmax_grad_reference(b, storage, compute)
    elif phase == TERMS:
        softmax_grad_terms(b, storage, compute)
    elif phase == FINISH:
        normalise(b)
        for j in range(b.width):
            mean = b.state.total[GRADIENT_SUM][j] * b.state.constant[SOFTMAX_INVERSE_SUM][j]
            b.state.constant[GRADIENT_MEAN][j] = mean
    else:
        softmax_grad_write(b, storage, compute)


# As `reference_gradient`. Compares bits as plain_maximum does, because gcc reduces integers in registers, and selects
# by masks, because gcc would make branches of conditions; + 0 makes -0 a 0.
cdef inline float plain_reference(const float* x, const float* g, Py_ssize_t n, float m) noexcept nogil:
    cdef float zero = 0, found
    cdef int32_t best = INT32_MIN, at_maximum = bits32(m + zero), bits, key, counts
    cdef Py_ssize_t j
    for j in range(n):
        bits = bits32(g[j])
        key = bits ^ (bits >> 31 & INT32_MAX)
        counts = -<int32_t>(bits32(x[j] + zero) == at_maximum) & ~(0x7f800000 - (bits & INT32_MAX) >> 31)
        best = max(best, (key & counts) | (INT32_MIN & ~counts))
    found = float32(best ^ (best >> 31 & INT32_MAX))
    return (found if found > -INFINITY else zero) + zero


# The sum of the terms e (g - g_k)
cdef inline double plain_gradient_sum(const real* e, const float* g, Py_ssize_t n, real g_k) noexcept nogil:
    cdef real[SUM_LANES] strand
    cdef Py_ssize_t bulk = n & -<Py_ssize_t>SUM_LANES, ends = n & -<Py_ssize_t>PLAIN_END, f = 0, j
    for j in range(SUM_LANES):
        strand[j] = 0
    while f < bulk:
        for j in range(SUM_LANES):
            strand[j] = strand[j] + unscale(e[f + j], <float>0) * (<real>g[f + j] - g_k)
        f += SUM_LANES
    while f < ends:
        for j in range(PLAIN_END):
            strand[f - bulk + j] = strand[f - bulk + j] + unscale(e[f + j], <float>0) * (<real>g[f + j] - g_k)
        f += PLAIN_END
    for j in range(n - f):
        strand[f - bulk + j] = strand[f - bulk + j] + unscale(e[f + j], <float>0) * (<real>g[f + j] - g_k)
    return fold_strands(&strand[0])


cdef inline void plain_softmax_grad(const real* e, const float* g, float* dx, Py_ssize_t n, real r, real g_k,
                                    real mean) noexcept nogil:
    cdef Py_ssize_t j
    for j in range(n):
        dx[j] = <float>(unscale(e[j] * r, <float>0) * ((<real>g[j] - g_k) - mean))


cdef inline bint softmax_grad_plain(const plain_row* row, real* compute) noexcept nogil:
    cdef const float* x = <const float*>row.operand[X]
    cdef const float* g = <const float*>row.operand[G]
    cdef float* dx = <float*>row.operand[RESULT]
    cdef real* e = <real*>row.scratch
    cdef float[PLAIN_END] end
    cdef Py_ssize_t n = row.n, last = row.n - PLAIN_END
    cdef float m = plain_maximum(x, n)
    cdef real one = 1, g_k, mean
    cdef double inverse
    if not magnitude(m, <float>INFINITY) < INFINITY:
        return False
    inverse = 1 / (plain_short_exponentials(x, n, m, e) * unscale(one, <float>0))
    g_k = <real>plain_reference(x, g, n, m)
    mean = <real>(plain_gradient_sum(e, g, n, g_k) * inverse)
    # before dx is written, which may be g
    plain_softmax_grad(e + last, g + last, &end[0], PLAIN_END, <real>inverse, g_k, mean)
    plain_softmax_grad(e, g, dx, whole_ends(n), <real>inverse, g_k, mean)
    memcpy(dx + last, &end[0], sizeof(end))
    return True


# ---- the gradient from the output

cdef enum:
    PRODUCT_SUM = 0        # of y g

cdef inline void softmax_grad_from_output_write(const row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const item* y
    cdef const item* g
    cdef const double* t = <const double*>b.operand[TEMPERATURE]
    cdef item* dx
    cdef real[LANES] mean, scale, inverse, inverse_low
    cdef real p
    cdef Py_ssize_t f = 0, n = LANES, j
    lane_values(&b.state.total[PRODUCT_SUM][0], &mean[0])
    if t != NULL:
        inverse_temperatures(b, &scale[0], &inverse[0], &inverse_low[0], <item>0)
    while f < b.size:
        if b.width == 1 and t == NULL:
            n = loop_size(b, f)
        y, g, dx = numbers(b, X, f, storage), numbers(b, G, f, storage), numbers(b, RESULT, f, storage)
        if b.width == 1 and t == NULL:
            for j in range(n):
                dx[j] = <item>(<real>y[j] * (<real>g[j] - mean[0]))
        elif t == NULL:
            for j in range(LANES):
                dx[j] = <item>(<real>y[j] * (<real>g[j] - mean[j]))
        else:
            for j in range(LANES):
                p = <real>y[j] * (<real>g[j] - mean[j])
                dx[j] = <item>gradient_over_temperature(p, t[j], scale[j], inverse[j], <item>0)
        f += n


cdef inline void softmax_grad_from_output_kernel(int phase, row_block* b, item* storage, real* compute) noexcept nogil:
    if phase == TERMS:
        sum_pairs(b, PRODUCT_SUM, X, G, False, storage, compute)
    elif phase == WRITE:
        softmax_grad_from_output_write(b, storage, compute)


cdef inline void plain_grad_from_output(const float* y, const float* g, float* dx, Py_ssize_t n,
                                        real mean) noexcept nogil:
    cdef Py_ssize_t j
    for j in range(n):
        dx[j] = <float>(<real>y[j] * (<real>g[j] - mean))


cdef inline bint softmax_grad_from_output_plain(const plain_row* row, real* compute) noexcept nogil:
    cdef const float* y = <const float*>row.operand[X]
    cdef const float* g = <const float*>row.operand[G]
    cdef float* dx = <float*>row.operand[RESULT]
    cdef float[PLAIN_END] end
    cdef Py_ssize_t last = row.n - PLAIN_END
    cdef real mean = <real>plain_sum_of_pairs(y, g, row.n, False, compute)
    # before dx is written, which may be y or g
    plain_grad_from_output(y + last, g + last, &end[0], PLAIN_END, mean)
    plain_grad_from_output(y, g, dx, whole_ends(row.n), mean)
    memcpy(dx + last, &end[0], sizeof(end))
    return True


# Separate functions take a mask, a temperature, or both.
for _options, _suffix in (
        ("", ""), (",where(n)", "_where"), (",temperature()", "_temperature"),
        (",where(n),temperature()", "_where_temperature")):
    row(f"softmax{_suffix}", f"logits(n){_options}->result(n)", softmax_kernel[float, double],
        softmax_kernel[float, float], softmax_kernel[double, double], softmax_kernel[double, fast_double], sums=1,
        keeps=KEEP_TERMS,
        reference=False, masked=0, label_only=False, exact_plain=softmax_plain[double],
        fast_plain=softmax_plain[float], plain_scales=True)
    row(f"softmax_grad{_suffix}", f"logits(n),g(n){_options}->result(n)", softmax_grad_kernel[float, double],
        softmax_grad_kernel[float, float], softmax_grad_kernel[double, double],
        softmax_grad_kernel[double, fast_double], sums=2, keeps=KEEP_TERMS,
        reference=True, masked=0, label_only=False, exact_plain=softmax_grad_plain[double],
        fast_plain=softmax_grad_plain[float])
    row(f"softmax_grad_from_output{_suffix}", f"output(n),g(n){_options}->result(n)",
        softmax_grad_from_output_kernel[float, double], softmax_grad_from_output_kernel[float, float],
        softmax_grad_from_output_kernel[double, double], softmax_grad_from_output_kernel[double, fast_double], sums=1,
        keeps=KEEP_NOTHING, reference=False, masked=0,
        label_only=False, exact_plain=softmax_grad_from_output_plain[double],
        fast_plain=softmax_grad_from_output_plain[float])
