# The exponentials of a row relative to its maximum, e_i = e^((x_i - m) / T), and their sums: TERMS of softmax,
# log_softmax and the cross-entropy.

# block.sum and state.total of these functions. Where the maxima are separate EXP_SUM is that of the other exponentials.
cdef enum:
    EXP_SUM
    EXP_SUM_OF_MAXIMA

# Quotients and differences beyond +-1000 need no second part: their exponentials are 0 in every type.
cdef enum:
    NO_LOW_PART = 1000

# `difference` with a second part that is never NaN
cdef inline real difference_from_maximum(item x, real m, real* low) noexcept nogil:
    cdef real d = difference(x, m, low), most = NO_LOW_PART, zero = 0
    if not (item is float and real is double):
        low[0] = low[0] if magnitude(d, most) < most else zero
    return d


# (d + low) / |T|, and its second part
cdef inline real over_temperature(item x, real d, real temperature, real* low) noexcept nogil:
    cdef real t = magnitude(temperature, <real>INFINITY), q = d / t
    cdef real most = NO_LOW_PART, rest = low[0], minus_infinity = -INFINITY
    # -inf remains -inf at an infinite temperature
    q = minus_infinity if x == <item>minus_infinity else q
    if item is double:
        rest = (fma64(-q, t, d) + rest) / t
        low[0] = rest if magnitude(q, most) < most and rest == rest else <real>0
    return q


# min(x, most) for x >= 0
cdef inline double at_most(double x, double most) noexcept nogil:
    cdef int64_t a = bits64(x), b = bits64(most)
    if INT64_ORDER:
        return float64(a if a < b else b)
    return x if x < most else most


# e^(d + low) for d <= 0, and for float64 results what rounding has lost of it; both still scaled (see exp_scaled), so
# that a subnormal number is rounded only once. NaN is lost: a row with NaN has it as its maximum.
cdef inline real exponential(real d, real low, item storage, real* rest, bint closely) noexcept nogil:
    cdef real least = EXP_LEAST_FLOAT64 if item is double else EXP_LEAST_FLOAT32, zero = 0, high, tail, unit
    if item is float and real is double:
        return exponential_of_minus(-d, closely)
    elif real is float:
        high = exp_scaled(d, low, storage)
        return zero if d <= least else high
    else:
        unit = exp_in_parts(d, low, &high, &tail)
        tail = tail * unit
        high = high * unit
        # exactly 0: the sum of many e^-746 is not
        rest[0] = zero if d <= least else tail
        return zero if d <= least else high


# e^-a for a >= 0 and a float result: to 2^-40, closely to 2^-46. Beyond 700 it is tiny
cdef inline double exponential_of_minus(double a, bint closely) noexcept nogil:
    cdef double t, r
    a = at_most(a, -EXP_LEAST_FLOAT32_IN_FLOAT64)
    t = reduce_exponent(-a, <float>0, &r)
    return scale_by_exponent(fma64(fma64(exp_tail(r), r, 1.0), r, 1.0) if closely else exp_short(r), t)


# 1, scaled as the exponentials are
cdef inline real scaled_one(item storage, real* compute) noexcept nogil:
    cdef real one = 1 if item is float and real is double else TWO_64
    return one


# A chunk's exponentials relative to e^m, scaled, for double results. Copies in between show the compiler that nothing
# overlaps.
cdef void exponentials(const row_block* b, const real* m, item* storage, real* compute) noexcept nogil:
    cdef const item* x
    cdef real* e
    cdef real* lost
    cdef item[LANES] given
    cdef real[LANES] rest
    cdef real d, low
    cdef Py_ssize_t f = 0, j
    while f < b.size:
        if b.width == 1:
            prefetch_after_chunk(b, f, f + LANES, storage)
        else:
            prefetch_next_tile(b, f, storage)
        x, e = numbers(b, X, f, storage), numbers(b, WORK, f, compute)
        lost = numbers(b, LOST, f, compute)
        for j in range(LANES):
            given[j] = x[j]
        for j in range(LANES):
            d = difference(given[j], m[j], &low)
            e[j] = exponential(d, low, given[j], &rest[j], False)
        for j in range(LANES):
            lost[j] = rest[j]
        f += LANES


cdef void exponentials_over_temperature(const row_block* b, const real* m, item* storage, real* compute,
                                        bint closely) noexcept nogil:
    cdef const item* x
    cdef const double* t = <const double*>b.operand[TEMPERATURE]
    cdef real* e
    cdef real* lost
    cdef item[LANES] given
    cdef real[LANES] rest
    cdef real d, low
    cdef Py_ssize_t f = 0, j
    while f < b.size:
        x, e, lost = numbers(b, X, f, storage), numbers(b, WORK, f, compute), numbers(b, LOST, f, compute)
        for j in range(LANES):
            given[j] = x[j]
        for j in range(LANES):
            d = difference_from_maximum(given[j], m[j], &low)
            d = over_temperature(given[j], d, <real>t[j], &low)
            e[j] = exponential(d, low, given[j], &rest[j], closely)
        if item is double:
            for j in range(LANES):
                lost[j] = rest[j]
        f += LANES


# What fills up the end of a row is set to 0: it would be counted as e^-700.
cdef inline void clear_end(const row_block* b, real* compute) noexcept nogil:
    cdef real* e = numbers(b, WORK, b.size - LANES, compute)
    cdef real zero = 0
    cdef Py_ssize_t n = b.n - (b.size - LANES), j
    for j in range(LANES):
        e[j] = e[j] if j < n else zero


# The exponentials of a chunk, scaled, into WORK, and for float64 results what rounding has lost of them into LOST
cdef inline void make_exponentials(const row_block* b, item* storage, real* compute, bint closely) noexcept nogil:
    cdef real[LANES] m
    if item is float and b.operand[TEMPERATURE] == NULL:
        if closely:
            close_powers(b, storage, compute)
        else:
            short_powers(b, storage, compute)
    else:
        finite_maximum(b.state, storage, &m[0])
        if b.operand[TEMPERATURE] == NULL:
            exponentials(b, &m[0], storage, compute)
        else:
            exponentials_over_temperature(b, &m[0], storage, compute, closely)
    if b.n * b.width < b.size:
        clear_end(b, compute)


# The exponentials of the maxima, scaled
cdef void exponentials_of_maxima(const row_block* b, item* storage, real* compute, bint closely,
                                 real* exp_of_max) noexcept nogil:
    cdef double[LANES] m
    cdef real center, magic, least_beyond, zero = 0
    cdef float least
    cdef int j
    if item is float and b.operand[TEMPERATURE] == NULL:
        finite_maximum(b.state, <float*>NULL, &m[0])
        for j in range(b.width):
            find_origin(m[j], &center, &magic, &least, &least_beyond)
            exp_of_max[j] = power(<real>m[j] - center, zero, magic, closely)
    else:
        for j in range(b.width):
            exp_of_max[j] = scaled_one(<item>0, compute)
    if b.width == 1:
        for j in range(LANES):
            exp_of_max[j] = exp_of_max[0]


# Takes the scale from sum k of a chunk.
cdef inline void unscale_sum(row_block* b, int k, item* storage, real* compute) noexcept nogil:
    cdef real one = 1
    cdef double factor = unscale(one, <item>0)
    cdef int j
    for j in range(b.width):
        b.sum[k][j] *= factor
        b.low[k][j] *= factor


# The exponentials and EXP_SUM, in double for float results.
cdef inline void softmax_terms(row_block* b, item* storage, real* compute, bint closely=False,
                               bint keep=True) noexcept nogil:
    if b.summed:
        make_exponentials(b, storage, compute, closely)
        return
    if item is float and real is double:
        if b.width == 1 and b.operand[TEMPERATURE] == NULL and near_origin(b.state):
            if keep:
                kept_near_terms(b, storage, compute)
            elif closely:
                close_near_terms(b, storage, compute)
            else:
                short_near_terms(b, storage, compute)
            return
    make_exponentials(b, storage, compute, closely)
    sum_numbers(b, EXP_SUM, WORK, LOST, storage, compute, <double*>NULL)
    unscale_sum(b, EXP_SUM, storage, compute)


# Separate functions for the same reason as in row_powers.pxi
cdef void kept_near_terms(row_block* b, item* storage, real* compute) noexcept nogil:
    near_terms(b, storage, compute, False, True)


cdef void short_near_terms(row_block* b, item* storage, real* compute) noexcept nogil:
    near_terms(b, storage, compute, False, False)


cdef void close_near_terms(row_block* b, item* storage, real* compute) noexcept nogil:
    near_terms(b, storage, compute, True, False)


# The terms of one row near the origin (see find_origin) in one loop, added up in the same order. The exponentials are
# stored only with `keep`.
cdef inline void near_terms(row_block* b, item* storage, real* compute, bint closely, bint keep) noexcept nogil:
    cdef double[SUM_LANES] strand, none
    cdef double[LANES] m
    cdef real center, magic, least_beyond, value, zero = 0
    cdef float least
    cdef const item* x = <const item*>b.operand[X]
    cdef real* e = <real*>b.operand[WORK]
    cdef double opaque_zero = b.opaque_zero
    cdef Py_ssize_t f = 0, bulk = b.whole // SUM_LANES * SUM_LANES, j
    finite_maximum(b.state, <float*>NULL, &m[0])
    find_origin(m[0], &center, &magic, &least, &least_beyond)
    for j in range(SUM_LANES):
        strand[j] = opaque_zero
    while f < bulk:
        if f % LOOP_SIZE == 0:
            prefetch_after_chunk(b, f, min(f + LOOP_SIZE, b.whole), storage)
        for j in range(SUM_LANES):
            value = power(<real>(least if least > x[f + j] else x[f + j]), zero, magic, closely)
            if keep:
                e[f + j] = value
            strand[j] = strand[j] + value
        f += SUM_LANES
    while f < b.size:
        powers_near(numbers(b, X, f, storage), numbers(b, WORK, f, compute), LANES, <item>least, magic, closely)
        if f + LANES == b.size:
            clear_end(b, compute)
        add_numbers(&strand[f - bulk], &none[0], &none[0], b, f, LANES, WORK, NOTHING, storage, compute)
        f += LANES
    collect(&strand[0], &none[0], b, EXP_SUM, <item>0)
    unscale_sum(b, EXP_SUM, storage, compute)


# The exponentials and both sums: so where one entry dominates, the small ones are not rounded to its last place. With
# `kept` the exponentials are there from the pass before.
cdef inline void separate_terms(row_block* b, item* storage, real* compute, bint closely=False,
                                bint kept=False) noexcept nogil:
    cdef real[LANES] exp_of_max
    if not kept:
        make_exponentials(b, storage, compute, closely)
    exponentials_of_maxima(b, storage, compute, closely, &exp_of_max[0])
    sum_numbers(b, EXP_SUM, WORK, LOST, storage, compute, <double*>NULL, &exp_of_max[0])
    unscale_sum(b, EXP_SUM, storage, compute)
    unscale_sum(b, EXP_SUM_OF_MAXIMA, storage, compute)


# The same for a logarithm. The sum minus one maximum is accurate unless it is small compared with the maximum: only
# then the exponentials are added up once more, separately.
cdef inline void terms_for_logarithm(row_block* b, item* storage, real* compute, bint closely,
                                     bint keep) noexcept nogil:
    if b.state.passes > 0 and not b.summed:
        separate_terms(b, storage, compute, closely, keep and b.kept)
    else:
        softmax_terms(b, storage, compute, closely, keep)


# In FINISH after them: the exponential of the maximum and the sum of the others divided by it, for float64 results in
# two parts. True if the sums must be made once more. Rows without a finite maximum have NaN.
cdef bint find_others(row_block* b, item* storage, real* compute, bint closely) noexcept nogil:
    cdef row_state* state = b.state
    cdef double least = 2.0**-30 if item is double else (2.0**-8 if real is double else 2.0**-20)
    cdef int64_t smallest = INT64_MAX, bits
    cdef int j
    if state.passes == 0:
        others_by_subtraction(b, storage, compute, closely)
        # Compares the bits, which gcc reduces in registers: as integers they are in the order of positive numbers, any
        # negative number comes before and a positive NaN after all. NaN marks where the sums are made once more.
        for j in range(b.width):
            bits = bits64(state.others[j])
            smallest = bits if bits < smallest else smallest
        state.again = float64(smallest) < least
        if state.again:
            for j in range(b.width):
                state.others[j] = <double>NAN if state.others[j] < least else state.others[j]
    else:
        others_by_separate_sum(state, b.width)
    if b.width == 1:
        for j in range(1, LANES):
            state.exp_of_max[j] = state.exp_of_max[0]
            state.others[j], state.others_low[j] = state.others[0], state.others_low[0]
    return state.again


cdef inline void others_by_subtraction(row_block* b, item* storage, real* compute, bint closely) noexcept nogil:
    cdef row_state* state = b.state
    cdef real[LANES] scaled
    cdef double exp_of_max, rest, low = 0
    cdef int j
    exponentials_of_maxima(b, storage, compute, closely, &scaled[0])
    for j in range(b.width):
        exp_of_max = unscale(scaled[j], <item>0)
        if item is double:
            rest = two_sum(state.total[EXP_SUM][j], -exp_of_max, &low)
            rest = two_sum(rest, low + state.low[EXP_SUM][j], &low)
            low = low / exp_of_max
        else:
            rest = (state.total[EXP_SUM][j] - exp_of_max) + state.low[EXP_SUM][j]
        rest = rest / exp_of_max
        rest = rest if magnitude(state.maximum[j], <double>INFINITY) < INFINITY else <double>NAN
        rest = rest if rest == rest else <double>NAN  # a positive one
        state.exp_of_max[j], state.others[j], state.others_low[j] = exp_of_max, rest, low


cdef inline void others_by_separate_sum(row_state* state, int width) noexcept nogil:
    cdef double other_maxima, rest, low
    cdef int j
    for j in range(width):
        if state.others[j] != state.others[j]:
            other_maxima = state.total[EXP_SUM_OF_MAXIMA][j] - state.exp_of_max[j]
            rest = two_sum(state.total[EXP_SUM][j], other_maxima, &low)
            rest = two_sum(rest, low + state.low[EXP_SUM][j], &low)
            rest = rest if magnitude(state.maximum[j], <double>INFINITY) < INFINITY else <double>NAN
            state.others[j], state.others_low[j] = rest / state.exp_of_max[j], low / state.exp_of_max[j]
