# The exponentials of a row relative to its maximum, e_i = e^((x_i - m) / T), and their sums: TERMS of softmax,
# log_softmax and the cross-entropy.

# `difference` with a second part that is a number
cdef inline real difference_from_maximum(item x, real m, real* low) noexcept nogil:
    cdef real d = difference(x, m, low), far = 1000, zero = 0
    if not (item is float and real is double):
        low[0] = low[0] if magnitude(d, far) < far else zero
    return d


# the same over |T|
cdef inline real over_temperature(item x, real d, real temperature, real* low) noexcept nogil:
    cdef real far = 1000, rest = low[0], minus_infinity = -INFINITY, t = magnitude(temperature, <real>INFINITY), q = d / t
    # -inf stays so at an infinite temperature
    q = minus_infinity if x == <item>minus_infinity else q
    if item is double:
        rest = (fma64(-q, t, d) + rest) / t
        low[0] = rest if magnitude(q, far) < far and rest == rest else <real>0
    return q


# min(x, most) for x >= 0
cdef inline double at_most(double x, double most) noexcept nogil:
    cdef int64_t a = bits64(x), b = bits64(most)
    if INT64_ORDER:
        return float64(a if a < b else b)
    return x if x < most else most


# e^(d + low) for d <= 0, and for float64 results what rounding has lost of it; both still scaled, see exp_scaled: what
# is subnormal is rounded only once then. NaN is lost: a row with NaN has it as its maximum.
cdef inline real exponential(real d, real low, item storage, real* rest, bint closely) noexcept nogil:
    cdef real least = -746 if item is double else -112, zero = 0, high, tail, unit
    if item is float and real is double:
        return exponential_of_minus(-d, closely)
    elif real is float:
        high = exp_scaled(d, low, storage)
        return zero if d <= least else high
    else:
        unit = exp_in_parts(d, low, &high, &tail)
        tail = tail * unit
        high = high * unit
        # exactly: many of e^-746 are not
        rest[0] = zero if d <= least else tail
        return zero if d <= least else high


# e^-a for a >= 0 and a float result: to 2^-40, closely to 2^-46. Something tiny beyond 700
cdef inline double exponential_of_minus(double a, bint closely) noexcept nogil:
    cdef double t, r
    a = at_most(a, 700)
    t = reduce_exponent(-a, <float>0, &r)
    return scale_by_exponent(fma64(fma64(exp_tail(r), r, 1.0), r, 1.0) if closely else exp_short(r), t)


# the scaled 1
cdef inline real scaled_one(item storage, real* compute) noexcept nogil:
    cdef real one = 1 if item is float and real is double else 1.8446744073709552e+19
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


# What fills up the end of a row counts for nothing: not even as e^-700.
cdef inline void clear_end(const row_block* b, real* compute) noexcept nogil:
    cdef real* e = numbers(b, WORK, b.size - LANES, compute)
    cdef real zero = 0
    cdef Py_ssize_t n = b.n - (b.size - LANES), j
    for j in range(LANES):
        e[j] = e[j] if j < n else zero


# The exponentials, scaled.
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


# Those of the maxima, scaled
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


# The sums of a chunk as they are without the scale
cdef inline void unscale_sum(row_block* b, int k, item* storage, real* compute) noexcept nogil:
    cdef real one = 1
    cdef double factor = unscale(one, <item>0)
    cdef int j
    for j in range(b.width):
        b.sum[k][j] *= factor
        b.low[k][j] *= factor


# The exponentials, and sum 0 of them, in double for float results.
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
    sum_numbers(b, 0, WORK, LOST, storage, compute, <double*>NULL)
    unscale_sum(b, 0, storage, compute)


# Each of these is a function of its own, as in row_powers.pxi.
cdef void kept_near_terms(row_block* b, item* storage, real* compute) noexcept nogil:
    near_terms(b, storage, compute, False, True)


cdef void short_near_terms(row_block* b, item* storage, real* compute) noexcept nogil:
    near_terms(b, storage, compute, False, False)


cdef void close_near_terms(row_block* b, item* storage, real* compute) noexcept nogil:
    near_terms(b, storage, compute, True, False)


# The same for one row near the origin in one loop, in the same order. What need not be kept is not stored.
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
    collect(&strand[0], &none[0], b, 0, <item>0)
    unscale_sum(b, 0, storage, compute)


# The exponentials, and sum 0 of the others than the maxima, sum 1 of the maxima: so where one entry dominates, the
# small ones are not rounded to its last place. They may be there from the pass before.
cdef inline void separate_terms(row_block* b, item* storage, real* compute, bint closely=False,
                             bint kept=False) noexcept nogil:
    cdef real[LANES] exp_of_max
    if not kept:
        make_exponentials(b, storage, compute, closely)
    exponentials_of_maxima(b, storage, compute, closely, &exp_of_max[0])
    sum_numbers(b, 0, WORK, LOST, storage, compute, <double*>NULL, &exp_of_max[0])
    unscale_sum(b, 0, storage, compute)
    unscale_sum(b, 1, storage, compute)


# The same for a logarithm. What is left of the sum without a maximum is right unless it is small beside that: only then
# they are added up once more, apart.
cdef inline void terms_for_logarithm(row_block* b, item* storage, real* compute, bint closely, bint keep) noexcept nogil:
    if b.state.passes > 0 and not b.summed:
        separate_terms(b, storage, compute, closely, keep and b.kept)
    else:
        softmax_terms(b, storage, compute, closely, keep)


# After them: the exponential of the maximum and the sum of the others over it, for float64 results in two parts. True
# if the sums are wanted once more. Rows without a finite maximum have NaN.
cdef bint find_others(row_block* b, item* storage, real* compute, bint closely) noexcept nogil:
    cdef row_state* state = b.state
    cdef real[LANES] scaled
    cdef double least = 2.0**-30 if item is double else (2.0**-8 if real is double else 2.0**-20)
    cdef double exp_of_max, rest, low = 0
    cdef int64_t smallest = INT64_MAX, bits
    cdef int j
    if state.passes == 0:
        exponentials_of_maxima(b, storage, compute, closely, &scaled[0])
        for j in range(b.width):
            exp_of_max = unscale(scaled[j], <item>0)
            if item is double:
                rest = two_sum(state.total[0][j], -exp_of_max, &low)
                rest = two_sum(rest, low + state.low[0][j], &low)
                low = low / exp_of_max
            else:
                rest = (state.total[0][j] - exp_of_max) + state.low[0][j]
            rest = rest / exp_of_max
            rest = rest if magnitude(state.maximum[j], <double>INFINITY) < INFINITY else <double>NAN
            rest = rest if rest == rest else <double>NAN  # a positive one
            state.exp_of_max[j], state.others[j], state.others_low[j] = exp_of_max, rest, low
        # By bits, which gcc reduces in registers: they are in the order of positive numbers, before which any negative
        # one comes, and a positive NaN is after all. NaN is left where the sums are wanted once more.
        for j in range(b.width):
            bits = bits64(state.others[j])
            smallest = bits if bits < smallest else smallest
        state.again = float64(smallest) < least
        if state.again:
            for j in range(b.width):
                state.others[j] = <double>NAN if state.others[j] < least else state.others[j]
    else:
        for j in range(b.width):
            if state.others[j] != state.others[j]:
                rest = two_sum(state.total[0][j], state.total[1][j] - state.exp_of_max[j], &low)
                rest = two_sum(rest, low + state.low[0][j], &low)
                rest = rest if magnitude(state.maximum[j], <double>INFINITY) < INFINITY else <double>NAN
                state.others[j], state.others_low[j] = rest / state.exp_of_max[j], low / state.exp_of_max[j]
    if b.width == 1:
        for j in range(1, LANES):
            state.exp_of_max[j], state.others[j], state.others_low[j] = state.exp_of_max[0], state.others[0], state.others_low[0]
    return state.again
