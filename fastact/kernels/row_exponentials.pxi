# The exponentials of a row relative to its maximum, e_i = e^((x_i - m) / T), and their sums: TERMS of softmax,
# log_softmax and the cross-entropy.

# x - m and what rounding has lost of it, which a float result computed in double does not need. Where x is infinite the
# second part is NaN.
cdef inline real difference(item x, real m, real* low) noexcept nogil:
    cdef real d = <real>x - m, zero = 0, back
    low[0] = zero
    if not (item is float and real is double):
        back = d - x
        low[0] = (x - (d - back)) - (m + back)
    return d


# the same with a second part that is a number
cdef inline real difference_from_maximum(item x, real m, real* low) noexcept nogil:
    cdef real d = difference(x, m, low), far = 1000, zero = 0
    if not (item is float and real is double):
        low[0] = low[0] if magnitude(d, far) < far else zero
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


# min(x, most) for x >= 0
cdef inline double at_most(double x, double most) noexcept nogil:
    cdef int64_t a = bits64(x), b = bits64(most)
    if INT64_ORDER:
        return float64(a if a < b else b)
    return x if x < most else most


# e^(d + low) for d <= 0, and for float64 results what rounding has lost of it; both still scaled, see exp_scaled: what
# is subnormal is rounded only once then. NaN is lost: a row with NaN has it as its maximum.
cdef inline real exponential(real d, real low, item result, real* rest, bint closely) noexcept nogil:
    cdef real least = -746 if item is double else -112, zero = 0, high, tail, unit
    if item is float and real is double:
        return exponential_of_minus(-d, closely)
    elif real is float:
        high = exp_scaled(d, low, result)
        return zero if d <= least else high
    else:
        unit = exp_in_parts(d, low, &high, &tail)
        tail = tail * unit
        high = high * unit
        # exactly: many of e^-746 are not
        rest[0] = zero if d <= least else tail
        return zero if d <= least else high


# e^r for |r| <= ln 2 / 2 to 2^-39.6, in double for a float: for sums that are not subtracted from anything
cdef inline double exp_short(double r) noexcept nogil:
    cdef double p = fma64(2.4707504693987234e-05, r, 0.00019909466932033939)
    p = fma64(p, r, 0.001388920208488214)
    p = fma64(p, r, 0.0083332810022864554)
    p = fma64(p, r, 0.041666664351038191)
    p = fma64(p, r, 0.16666666787209464)
    p = fma64(p, r, 0.50000000004403033)
    return fma64(fma64(p, r, 1.0), r, 1.0)


# e^-a for a >= 0 and a float result: to 2^-40, closely to 2^-46. Something tiny beyond 700
cdef inline double exponential_of_minus(double a, bint closely) noexcept nogil:
    cdef double t, r
    a = at_most(a, 700)
    t = reduce_exponent(-a, <float>0, &r)
    return scale_by_exponent(fma64(fma64(exp_tail(r), r, 1.0), r, 1.0) if closely else exp_short(r), t)


# the scaled 1
cdef inline real scaled_one(item result, real* lanes) noexcept nogil:
    cdef real one = 1 if item is float and real is double else 1.8446744073709552e+19
    return one


# Ask for memory while there is something to compute: what will be read after the chunk, and where its results go. Tiles
# are copies.
cdef inline void fetch(const row_block* b, Py_ssize_t f, item* result) noexcept nogil:
    cdef const item* x = numbers(b, X, f, result) + b.ahead
    cdef const item* y
    prefetch_for_reading(x, x + LANES // 2)
    if b.operand[RESULT] != NULL:
        y = numbers(b, RESULT, f, result)
        prefetch_for_writing(y, y + LANES // 2)


# A chunk's exponentials, scaled. Copies in between show the compiler that nothing overlaps.
cdef inline void exponentials(const row_block* b, const real* m, item* result, real* lanes,
                              bint closely) noexcept nogil:
    cdef const item* x
    cdef real* e
    cdef real* lost
    cdef item[LANES] given
    cdef real[LANES] rest
    cdef real d, low
    cdef Py_ssize_t f = 0, j
    while f < b.size:
        if b.width == 1:
            fetch(b, f, result)
        x, e = numbers(b, X, f, result), numbers(b, WORK, f, lanes)
        if item is float and real is double:
            for j in range(LANES):
                e[j] = exponential_of_minus(m[j] - <real>x[j], closely)
        else:
            for j in range(LANES):
                given[j] = x[j]
            for j in range(LANES):
                d = difference(given[j], m[j], &low)
                e[j] = exponential(d, low, given[j], &rest[j], closely)
        if item is double:
            lost = numbers(b, LOST, f, lanes)
            for j in range(LANES):
                lost[j] = rest[j]
        f += LANES


cdef inline void exponentials_over_temperature(const row_block* b, const real* m, item* result, real* lanes,
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
        x, e, lost = numbers(b, X, f, result), numbers(b, WORK, f, lanes), numbers(b, LOST, f, lanes)
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


# A row's maximum as a finite number: rows where it is none are dealt with at their end.
cdef inline void finite_maximum(const row_state* state, item* result, real* m) noexcept nogil:
    cdef double most = 3.4028234663852886e+38 if item is float else 1.7976931348623157e+308
    cdef int j
    for j in range(LANES):
        m[j] = <real>max(min(state.maximum[j], most), -most)


# What fills up the end of a row counts for nothing: not even as e^-700.
cdef inline void clear_end(const row_block* b, real* lanes) noexcept nogil:
    cdef real* e = numbers(b, WORK, b.size - LANES, lanes)
    cdef real zero = 0
    cdef Py_ssize_t n = b.n - (b.size - LANES), j
    for j in range(LANES):
        e[j] = e[j] if j < n else zero


# The exponentials, scaled, and sum 0 of them. With `apart` sum 0 is that of the others than the maximum, and sum 1
# counts the maxima, each of which is 1: so where one entry dominates, the small ones are not rounded to its last place,
# and a logarithm can be taken of them. `closely` is for sums from which something will be subtracted.
cdef inline void exponential_terms(row_block* b, item* result, real* lanes, bint apart, bint closely) noexcept nogil:
    cdef real[LANES] m
    cdef real one = 1
    cdef double factor = unscale(one, result[0])
    cdef Py_ssize_t j
    finite_maximum(b.state, result, &m[0])
    if b.operand[TEMPERATURE] == NULL:
        exponentials(b, &m[0], result, lanes, closely)
    else:
        exponentials_over_temperature(b, &m[0], result, lanes, closely)
    if b.n * b.width < b.size:
        clear_end(b, lanes)
    sum_numbers(b, 0, WORK, LOST, result, lanes, apart, scaled_one(result[0], lanes))
    for j in range(b.width):
        b.sum[0][j] *= factor
        b.low[0][j] *= factor
        if apart:
            b.sum[1][j] *= factor
