# The exponentials of a row relative to its maximum, e_i = e^((x_i - m) / T), and their sums: TERMS of softmax,
# log_softmax and the cross-entropy.

# block.sum and state.total of these functions. Where the maxima are separate EXP_SUM is that of the other exponentials.
cdef enum:
    EXP_SUM
    EXP_SUM_OF_MAXIMA

# e^(d + low) for d <= 0 and double results, and what rounding has lost of it; both still scaled (see exp_scaled), so
# that a subnormal number is rounded only once. NaN is lost: a row with NaN has it as its maximum.
cdef inline double exponential(double d, double low, double* rest) noexcept nogil:
    cdef double high, tail, unit = exp_in_parts(d, low, &high, &tail)
    # exactly 0: the sum of many e^-746 is not
    rest[0] = 0 if d <= EXP_LEAST_FLOAT64 else tail * unit
    return 0 if d <= EXP_LEAST_FLOAT64 else high * unit


# 1, scaled as the exponentials are
cdef inline real scaled_one(item storage, real* compute) noexcept nogil:
    cdef real one = 1 if item is float and real is double else TWO_64
    return one


# A chunk's exponentials relative to e^m, scaled, for double results. Copies in between show the compiler that nothing
# overlaps.
cdef void exponentials(const row_block* b, const double* m) noexcept nogil:
    cdef double* storage = NULL
    cdef const double* x
    cdef double* e
    cdef double* lost
    cdef double[LANES] given, rest
    cdef double d, low
    cdef Py_ssize_t f = 0, j
    while f < b.size:
        if b.width == 1:
            prefetch_after_chunk(b, f, f + LANES, storage)
        else:
            prefetch_next_tile(b, f, storage)
        x, e, lost = numbers(b, X, f, storage), numbers(b, WORK, f, storage), numbers(b, LOST, f, storage)
        for j in range(LANES):
            given[j] = x[j]
        for j in range(LANES):
            d = difference(given[j], m[j], &low)
            e[j] = exponential(d, low, &rest[j])
        for j in range(LANES):
            lost[j] = rest[j]
        f += LANES


# The same at a temperature
cdef void exponentials_over_temperature(const row_block* b) noexcept nogil:
    cdef double* storage = NULL
    cdef const double* x
    cdef double* e
    cdef double* lost
    cdef double[LANES] given, rest, top, scale, inverse, inverse_low
    cdef double d, low, lowest = -INFINITY
    cdef Py_ssize_t f = 0, j
    entry_of_maximum(b, storage, &top[0])
    inverse_temperatures(b, &scale[0], &inverse[0], &inverse_low[0], <double>0)
    while f < b.size:
        if b.width == 1:
            prefetch_after_chunk(b, f, f + LANES, storage)
        else:
            prefetch_next_tile(b, f, storage)
        x, e, lost = numbers(b, X, f, storage), numbers(b, WORK, f, storage), numbers(b, LOST, f, storage)
        for j in range(LANES):
            given[j] = x[j]
        for j in range(LANES):
            d = difference(given[j], top[j], &low)
            low = low if low == low else 0.0
            d = over_temperature(d, scale[j], inverse[j], inverse_low[j], &low, <double>0)
            # -inf remains -inf at an infinite temperature
            e[j] = exponential(d if d == d else lowest, low, &rest[j])
        for j in range(LANES):
            lost[j] = rest[j]
        f += LANES


# `exponential` and the chunk at a temperature in precision "fast"
cdef inline fast_double fast_exponential(fast_double d, fast_double low) noexcept nogil:
    cdef double storage = 0
    cdef fast_double least = EXP_LEAST_FLOAT64, zero = 0, e = exp_scaled(d if d > least else least, low, storage)
    return e if d > least else zero


cdef void fast_exponentials_over_temperature(const row_block* b) noexcept nogil:
    cdef fast_double* compute = NULL
    cdef double* storage = NULL
    cdef const double* x
    cdef fast_double* e
    cdef double[LANES] given
    cdef fast_double[LANES] top, scale, inverse, inverse_low
    cdef fast_double d, low, zero = 0, lowest = -INFINITY
    cdef Py_ssize_t f = 0, j
    entry_of_maximum(b, storage, &top[0])
    inverse_temperatures(b, &scale[0], &inverse[0], &inverse_low[0], <double>0)
    while f < b.size:
        if b.width == 1:
            prefetch_after_chunk(b, f, f + LANES, storage)
        else:
            prefetch_next_tile(b, f, storage)
        x, e = numbers(b, X, f, storage), numbers(b, WORK, f, compute)
        for j in range(LANES):
            given[j] = x[j]
        for j in range(LANES):
            d = difference(given[j], top[j], &low)
            low = low if low == low else zero
            d = over_temperature(d, scale[j], inverse[j], inverse_low[j], &low, <double>0)
            # as above
            e[j] = fast_exponential(d if d == d else lowest, low)
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
    cdef double[LANES] m
    cdef bint scaled = b.operand[TEMPERATURE] != NULL
    if item is double and real is double:
        if scaled:
            exponentials_over_temperature(b)
        else:
            finite_maximum(b.state, <double*>NULL, &m[0])
            exponentials(b, &m[0])
    elif item is double:
        if scaled:
            fast_exponentials_over_temperature(b)
        else:
            short_powers(b, storage, compute)
    elif closely:
        if scaled:
            scaled_close_powers(b, storage, compute)
        else:
            close_powers(b, storage, compute)
    else:
        if scaled:
            scaled_short_powers(b, storage, compute)
        else:
            short_powers(b, storage, compute)
    if b.n * b.width < b.size:
        clear_end(b, compute)


# The exponentials of the maxima, scaled
cdef void exponentials_of_maxima(const row_block* b, item* storage, real* compute, bint closely,
                                 real* exp_of_max) noexcept nogil:
    cdef int j
    if item is float and b.operand[TEMPERATURE] != NULL:
        scaled_powers_of_maxima(b, closely, exp_of_max)
    elif item is float and closely:
        powers_of_maxima(b, True, storage, exp_of_max)
    elif item is float or (real is fast_double and b.operand[TEMPERATURE] == NULL):
        powers_of_maxima(b, False, storage, exp_of_max)
    else:
        for j in range(b.width):
            exp_of_max[j] = scaled_one(<item>0, compute)
    if b.width == 1:
        for j in range(LANES):
            exp_of_max[j] = exp_of_max[0]


cdef inline void powers_of_maxima(const row_block* b, bint closely, item* storage, real* exp_of_max) noexcept nogil:
    cdef double[LANES] m
    cdef real center, magic, least_beyond
    cdef item least
    cdef int j
    finite_maximum(b.state, storage, &m[0])
    for j in range(b.width):
        find_origin(m[j], &center, &magic, &least, &least_beyond)
        exp_of_max[j] = power(<real>(m[j] - center), magic, closely)


# Takes the scale from sum k of a chunk.
cdef inline void unscale_sum(row_block* b, int k, item* storage, real* compute) noexcept nogil:
    cdef real one = 1
    cdef double factor = unscale(one, <item>0)
    cdef int j
    for j in range(b.width):
        b.sum[k][j] *= factor
        b.low[k][j] *= factor


# The exponentials and EXP_SUM, in double for float results, and for float64 results in two parts, unless nothing is
# subtracted from it in precision "fast".
cdef inline void softmax_terms(row_block* b, item* storage, real* compute, bint closely=False, bint keep=True,
                               bint in_parts=False) noexcept nogil:
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
    if real is fast_double and not in_parts:
        sum_numbers(b, EXP_SUM, WORK, NOTHING, storage, compute, compute)
    else:
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
    cdef real center, magic, least_beyond, value
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
            value = power(<real>(least if least > x[f + j] else x[f + j]), magic, closely)
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
        # in tiles they are always stored
        separate_terms(b, storage, compute, closely, (keep or b.width > 1) and b.kept)
    else:
        softmax_terms(b, storage, compute, closely, keep, True)


# Below these the sum of the others is made separately: the difference of two sums loses about 2^-52 of them.
cdef double LEAST_OTHERS_FLOAT64 = 2.0**-30
cdef double LEAST_OTHERS = 2.0**-12
cdef double LEAST_OTHERS_FAST = 2.0**-20


# In FINISH after them: the exponential of the maximum and the sum of the others divided by it, for float64 results in
# two parts. True if the sums must be made once more. Rows without a finite maximum have NaN.
cdef bint find_others(row_block* b, item* storage, real* compute, bint closely) noexcept nogil:
    cdef row_state* state = b.state
    cdef double least = LEAST_OTHERS_FLOAT64 if item is double else (
        LEAST_OTHERS if real is double else LEAST_OTHERS_FAST)
    cdef int64_t smallest = INT64_MAX, bits
    cdef int j
    if state.passes == 0:
        others_by_subtraction(b, storage, compute, closely)
        # Compares the bits, which gcc reduces in registers: as integers they are in the order of positive numbers, any
        # negative number comes before and a positive NaN after all. NaN marks where the sums are made once more.
        for j in range(b.width):
            bits = bits64(state.others[j])
            smallest = bits if bits < smallest else smallest
        state.again = b.length > 1 and float64(smallest) < least
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
