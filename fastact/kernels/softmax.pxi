# softmax(x)_i = e_i / S,  e_i = e^((x_i - m) / T),  m = max x,  S = sum e
# d/dx: p (g - sum p g) / T,  p = softmax(x)
#
# In the gradient from x, g is taken relative to that of the maximum, g_i - g_k: then the term of k is 0, and where one
# p is nearly 1 the sum over the others remains, without cancellation. The gradient from the output takes it as given.

# x - m and what rounding has lost of it, which a float result computed in double does not need
cdef inline real difference_from_maximum(item x, real m, real* low) noexcept nogil:
    cdef real d = <real>x - m, far = 1000, zero = 0, back
    low[0] = zero
    if not (item is float and real is double):
        back = d - x
        back = (x - (d - back)) - (m + back)
        low[0] = back if magnitude(d, far) < far else zero
    return d


# the same over |T|
cdef inline real over_temperature(item x, real d, real temperature, real* low) noexcept nogil:
    cdef real far = 1000, rest = low[0], nothing = -INFINITY, t = magnitude(temperature, <real>INFINITY), q = d / t
    # -inf stays so at an infinite temperature
    q = nothing if x == <item>nothing else q
    if item is double:
        rest = (fma64(-q, t, d) + rest) / t
        low[0] = rest if magnitude(q, far) < far and rest == rest else <real>0
    return q


# e^(d + low) for d <= 0, and for float64 results what rounding has lost of it; both still scaled, see exp_scaled: what
# is subnormal is rounded only once then. NaN is lost: a row with NaN has it as its maximum.
cdef inline real exponential(real d, real low, item result, real* rest) noexcept nogil:
    cdef real bound = 746 if item is double else (700 if real is double else 112), high, tail, unit
    cdef real a = -magnitude(d, bound), zero = 0, r, t
    if item is double:
        unit = exp_in_parts(a, low, &high, &tail)
        tail = tail * unit
        high = high * unit
        # exactly: many of e^-746 are not
        rest[0] = zero if a <= -bound else tail
        return zero if a <= -bound else high
    elif real is float:
        return exp_scaled(a, low, result)
    else:
        # exp_scaled without the addition of low, which is 0 here
        t = reduce_exponent(a, result, &r)
        return scale_by_exponent(fma64(fma64(exp_tail(r), r, 1.0), r, 1.0), t)


# the scaled 1
cdef inline real scaled_one(item result, real* lanes) noexcept nogil:
    cdef real one = 1 if item is float and real is double else 1.8446744073709552e+19
    return one


# LANES exponentials from the f-th number on, scaled
cdef inline void exponentials(const row_block* b, Py_ssize_t f, const real* m, item* result, real* e,
                              real* rest) noexcept nogil:
    cdef const item* x = <const item*>b.operand[X] + f
    cdef const double* t = <const double*>b.operand[TEMPERATURE]
    cdef real d, low
    cdef int j
    if t == NULL:
        for j in range(LANES):
            d = difference_from_maximum(x[j], m[j], &low)
            e[j] = exponential(d, low, x[j], &rest[j])
    else:
        for j in range(LANES):
            d = difference_from_maximum(x[j], m[j], &low)
            d = over_temperature(x[j], d, <real>t[j], &low)
            e[j] = exponential(d, low, x[j], &rest[j])


# A row's maximum as a finite number: rows where it is none are dealt with at their end.
cdef inline void finite_maximum(const row_state* state, item* result, real* m) noexcept nogil:
    cdef double most = 3.4028234663852886e+38 if item is float else 1.7976931348623157e+308
    cdef int j
    for j in range(LANES):
        m[j] = <real>max(min(state.maximum[j], most), -most)


cdef extern from *:
    """
    #define fastact_prefetch(place) __builtin_prefetch(place, 1)
    """
    void prefetch_for_writing "fastact_prefetch"(const void* place) noexcept nogil


# The exponentials, scaled, and sum 0 of them. With `apart` sum 0 is that of the others than the maximum, and sum 1
# counts the maxima, each of which is 1: so where one entry dominates, the small ones are not rounded to its last place,
# and a logarithm can be taken of them.
cdef inline void exponential_terms(row_block* b, item* result, real* e, bint apart) noexcept nogil:
    cdef real[STRANDS] others, others_lost, tops, tops_lost
    cdef real[LANES] m, value, rest
    cdef real zero = 0, one = 1, top = scaled_one(result[0], e), weight, other, low
    cdef double factor = unscale(one, result[0])
    cdef real* lost = <real*>b.scratch[1]
    cdef const item* y = <const item*>b.operand[RESULT]
    cdef Py_ssize_t f = 0, s, j
    finite_maximum(b.state, result, &m[0])
    clear_strands(&others[0], &others_lost[0], b, result[0])
    if apart:
        clear_strands(&tops[0], &tops_lost[0], b, result[0])
    while f < b.size:
        if item is float and real is double and y != NULL:
            # its memory arrives while there is something to compute; other results are where e is
            prefetch_for_writing(y + f)
            prefetch_for_writing(y + f + LANES // 2)
        exponentials(b, f, &m[0], result, &value[0], &rest[0])
        s = strand_of(f, b)
        for j in range(LANES):
            e[f + j] = value[j]
        if item is double:
            for j in range(LANES):
                lost[f + j] = rest[j]
        if apart:
            for j in range(LANES):
                weight = one if value[j] >= top else zero
                other = zero if value[j] >= top else value[j]
                low = zero
                if item is double:
                    low = zero if value[j] >= top else rest[j]
                tops[s + j] = tops[s + j] + weight
                add_term(&others[s + j], &others_lost[s + j], other, low, result[0])
        else:
            for j in range(LANES):
                add_term(&others[s + j], &others_lost[s + j], value[j], rest[j] if item is double else zero, result[0])
        f += LANES
    collect(&others[0], &others_lost[0], b, 0, result[0])
    if apart:
        collect(&tops[0], &tops_lost[0], b, 1, result[0])
    for j in range(b.width):
        b.sum[0][j] *= factor
        b.low[0][j] *= factor


# Whether softmax needs the maximum apart: a float result computed in double does not.
cdef inline bint keeps_apart(item* result, real* lanes) noexcept nogil:
    return not (item is float and real is double)


# S, and what rounding has lost of it; NaN in rows with NaN or +inf, or of -inf alone
cdef inline double sum_of_exponentials(const row_state* state, int j, double* low) noexcept nogil:
    cdef double s = two_sum(state.total[1][j], state.total[0][j], low)
    low[0] = low[0] + state.low[0][j]
    return s if magnitude(state.maximum[j], <double>INFINITY) < INFINITY else NAN


# Constants 0 to 2: 1 / S, S, and what rounding has lost of S.
cdef inline void normalise(row_state* state) noexcept nogil:
    cdef double s, low
    cdef int j
    for j in range(LANES):
        s = sum_of_exponentials(state, j, &low)
        state.constant[0][j] = 1 / s
        state.constant[1][j] = s
        state.constant[2][j] = low


# e / S to the last bit but one, from r = 1 / S; in float lanes r has a second part
cdef inline real quotient(real e, real rest, real r, real r_low, real s, real s_low, item result) noexcept nogil:
    cdef real q = e * r
    if item is double:
        q = q + (exact_fma64(-q, s, e) + (rest - q * s_low)) * r
    elif real is float:
        q = fma32(e, r, e * r_low)
    return q


cdef inline void softmax_write(const row_block* b, item* result, real* e) noexcept nogil:
    cdef item* y = <item*>b.operand[RESULT]
    cdef const real* lost = <const real*>b.scratch[1]
    cdef real[LANES] r, r_low, s, low
    cdef real rest
    cdef Py_ssize_t f = 0, j
    lane_values(&b.state.constant[0][0], &r[0])
    lane_values(&b.state.constant[1][0], &s[0])
    lane_values(&b.state.constant[2][0], &low[0])
    for j in range(LANES):
        r_low[j] = <real>(b.state.constant[0][j] - r[j])
    while f < b.size:
        for j in range(LANES):
            rest = lost[f + j] if item is double else <real>0
            y[f + j] = <item>unscale(quotient(e[f + j], rest, r[j], r_low[j], s[j], low[j], result[0]), result[0])
        f += LANES


cdef inline void softmax_kernel(int phase, row_block* b, item* result, real* lanes) noexcept nogil:
    cdef item tag = 0
    if phase == TERMS:
        exponential_terms(b, &tag, <real*>b.scratch[0], keeps_apart(&tag, lanes))
    elif phase == FINISH:
        normalise(b.state)
    else:
        softmax_write(b, &tag, <real*>b.scratch[0])


# ---- the gradient from the input

# g at the maximum, the largest if there are several; 0 in a row without one
cdef inline void reference_gradient(const row_state* state, real* g_k) noexcept nogil:
    cdef int j
    for j in range(LANES):
        g_k[j] = <real>(state.reference[j] if state.reference[j] > -INFINITY else 0)


cdef inline void softmax_grad_reference(row_block* b, item* result, real* lanes) noexcept nogil:
    cdef const item* x = <const item*>b.operand[X]
    cdef const item* g = <const item*>b.operand[G]
    cdef item[LANES] m, best
    cdef Py_ssize_t f = 0, j
    lane_values(&b.state.maximum[0], &m[0])
    lane_values(&b.state.reference[0], &best[0])
    while f < b.size:
        for j in range(LANES):
            best[j] = g[f + j] if x[f + j] == m[j] and g[f + j] > best[j] else best[j]
        f += LANES
    for j in range(LANES):
        b.state.reference[j] = best[j]


# Sum 2 is that of e (g - g_k).
cdef inline void softmax_grad_terms(row_block* b, item* result, real* e) noexcept nogil:
    cdef const item* g = <const item*>b.operand[G]
    cdef real[STRANDS] strand, lost
    cdef real[LANES] g_k, term
    cdef Py_ssize_t f = 0, s, j
    exponential_terms(b, result, e, keeps_apart(result, e))
    reference_gradient(b.state, &g_k[0])
    clear_strands(&strand[0], &lost[0], b, result[0])
    while f < b.size:
        s = strand_of(f, b)
        for j in range(LANES):
            term[j] = unscale(e[f + j], result[0]) * (<real>g[f + j] - g_k[j])
        for j in range(LANES):
            add_term(&strand[s + j], &lost[s + j], term[j], <real>0, result[0])
        f += LANES
    collect(&strand[0], &lost[0], b, 2, result[0])


cdef inline void softmax_grad_write(const row_block* b, item* result, real* e) noexcept nogil:
    cdef const item* g = <const item*>b.operand[G]
    cdef const double* t = <const double*>b.operand[TEMPERATURE]
    cdef item* dx = <item*>b.operand[RESULT]
    cdef real[LANES] r, mean, g_k
    cdef real p
    cdef Py_ssize_t f = 0, j
    lane_values(&b.state.constant[0][0], &r[0])
    lane_values(&b.state.constant[3][0], &mean[0])
    reference_gradient(b.state, &g_k[0])
    while f < b.size:
        if t == NULL:
            for j in range(LANES):
                p = unscale(e[f + j] * r[j], result[0])
                dx[f + j] = <item>(p * ((<real>g[f + j] - g_k[j]) - mean[j]))
        else:
            for j in range(LANES):
                p = unscale(e[f + j] * r[j], result[0])
                dx[f + j] = <item>(p * ((<real>g[f + j] - g_k[j]) - mean[j]) / <real>t[j])
        f += LANES


cdef inline void softmax_grad_kernel(int phase, row_block* b, item* result, real* lanes) noexcept nogil:
    cdef item tag = 0
    cdef int j
    if phase == REFERENCE:
        softmax_grad_reference(b, &tag, lanes)
    elif phase == TERMS:
        softmax_grad_terms(b, &tag, <real*>b.scratch[0])
    elif phase == FINISH:
        normalise(b.state)
        for j in range(LANES):
            b.state.constant[3][j] = b.state.total[2][j] * b.state.constant[0][j]
    else:
        softmax_grad_write(b, &tag, <real*>b.scratch[0])


# ---- the gradient from the output

# Sum 0 is that of y g.
cdef inline void softmax_grad_from_output_terms(row_block* b, item* result, real* lanes) noexcept nogil:
    cdef const item* y = <const item*>b.operand[X]
    cdef const item* g = <const item*>b.operand[G]
    cdef real[STRANDS] strand, lost
    cdef real[LANES] term
    cdef Py_ssize_t f = 0, s, j
    clear_strands(&strand[0], &lost[0], b, result[0])
    while f < b.size:
        s = strand_of(f, b)
        for j in range(LANES):
            term[j] = <real>y[f + j] * <real>g[f + j]
        for j in range(LANES):
            add_term(&strand[s + j], &lost[s + j], term[j], <real>0, result[0])
        f += LANES
    collect(&strand[0], &lost[0], b, 0, result[0])


cdef inline void softmax_grad_from_output_write(const row_block* b, item* result, real* lanes) noexcept nogil:
    cdef const item* y = <const item*>b.operand[X]
    cdef const item* g = <const item*>b.operand[G]
    cdef const double* t = <const double*>b.operand[TEMPERATURE]
    cdef item* dx = <item*>b.operand[RESULT]
    cdef real[LANES] mean
    cdef Py_ssize_t f = 0, j
    lane_values(&b.state.total[0][0], &mean[0])
    while f < b.size:
        if t == NULL:
            for j in range(LANES):
                dx[f + j] = <item>(<real>y[f + j] * (<real>g[f + j] - mean[j]))
        else:
            for j in range(LANES):
                dx[f + j] = <item>(<real>y[f + j] * (<real>g[f + j] - mean[j]) / <real>t[j])
        f += LANES


cdef inline void softmax_grad_from_output_kernel(int phase, row_block* b, item* result, real* lanes) noexcept nogil:
    cdef item tag = 0
    if phase == TERMS:
        softmax_grad_from_output_terms(b, &tag, lanes)
    elif phase == WRITE:
        softmax_grad_from_output_write(b, &tag, lanes)


# A function of its own for masks and temperatures: a negative temperature is that of -x, which makes it softmin.
for _options, _suffix in (("", ""), (",where(n),temperature()", "_where")):
    row(f"softmax{_suffix}", f"logits(n){_options}->result(n)", softmax_kernel[float, double],
        softmax_kernel[float, float], softmax_kernel[double, double])
    row(f"softmax_grad{_suffix}", f"logits(n),g(n){_options}->result(n)", softmax_grad_kernel[float, double],
        softmax_grad_kernel[float, float], softmax_grad_kernel[double, double], 0, True)
    row(f"softmax_grad_from_output{_suffix}", f"output(n),g(n){_options}->result(n)",
        softmax_grad_from_output_kernel[float, double], softmax_grad_from_output_kernel[float, float],
        softmax_grad_from_output_kernel[double, double])
