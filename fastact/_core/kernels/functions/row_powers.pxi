# The exponentials of a row for float results, and in precision "fast" for double ones, without a temperature.

# Below these e^x is 0 in the type of the result (it rounds to 0 from -104 and -746 on), and above them it is computed
# without underflow: exp_scaled scales what is computed in the type of the result; else e^-700 is a normal float64.
cdef enum:
    EXP_LEAST_FLOAT32 = -112
    EXP_LEAST_FLOAT64 = -746
    EXP_LEAST_FLOAT32_IN_FLOAT64 = -700

# x - m and what rounding has lost of it, which a float32 result computed in float64 does not need. Where x is infinite
# the second part is NaN.
cdef inline real difference(item x, real m, real* low) noexcept nogil:
    cdef real d = <real>x - m, zero = 0, back
    low[0] = zero
    if not (item is float and real is double):
        back = d - x
        low[0] = (x - (d - back)) - (m + back)
    return d


# e^r for |r| <= ln 2 / 2 to 2^-39.6, in double for a float: for sums that are not subtracted from anything. In pairs of
# terms: two operations more than Horner's rule and 7 % faster, because the chain of dependent operations is shorter.
cdef inline double exp_short(double r) noexcept nogil:
    cdef double u = r * r
    cdef double p = fma64(2.4707504693987234e-05, u, fma64(0.00019909466932033939, r, 0.001388920208488214))
    p = fma64(p, u, fma64(0.0083332810022864554, r, 0.041666664351038191))
    p = fma64(p, u, fma64(0.16666666787209464, r, 0.50000000004403033))
    return fma64(p, u, 1.0 + r)


# A row's maximum as a finite number: rows where it is infinite or NaN are handled in FINISH.
cdef inline void finite_maximum(const row_state* state, item* storage, real* m) noexcept nogil:
    # the largest finite float32 and float64
    cdef double most = 3.4028234663852886e+38 if item is float else 1.7976931348623157e+308
    cdef int j
    for j in range(LANES):
        m[j] = <real>max(min(state.maximum[j], most), -most)


# What softmax divides by their sum, unless double results are exact: e^(x - c) relative to a power of two instead of
# e^m, which needs neither the subtraction of m nor the part that is lost in it.
#     |m| <= ORIGIN_LIMIT   c = 0, relative to 2^M with M = rint(m / ln 2)
#     beyond                c = m, and M = 0
# A row has the same bits in a tile with rows that are beyond.
cdef enum:
    ORIGIN_LIMIT = 128

cdef inline void find_origin(double m, real* center, real* magic, item* least, real* least_beyond) noexcept nogil:
    cdef double round_to_integer = 6755399441055744.0, zero = 0, c
    # see reduce_exponent; and how far below m e^x is so small that it does not affect the result
    cdef double magic_zero = 12582976.0 if real is float else round_to_integer
    cdef double depth = -EXP_LEAST_FLOAT32 if real is float else -EXP_LEAST_FLOAT32_IN_FLOAT64
    if real is fast_double:
        magic_zero, depth = ROUND_SCALED, -EXP_LEAST_FLOAT64
    c = m if magnitude(m, <double>INFINITY) > ORIGIN_LIMIT else zero
    center[0] = <real>c
    least[0] = <item>(m - depth)
    least_beyond[0] = <real>-depth if c != 0 else <real>least[0]
    magic[0] = <real>(magic_zero - (((m - c) * 1.4426950408889634 + round_to_integer) - round_to_integer))


# Whether c = 0 in a row that is not in a tile
cdef inline bint near_origin(const row_state* state) noexcept nogil:
    return magnitude(state.maximum[0], <double>INFINITY) <= ORIGIN_LIMIT


# e^d 2^-M, in float32 and fast_double 2^64 times that; in float64 to 2^-40, closely to 2^-45
cdef inline real power(real d, real magic, bint closely) noexcept nogil:
    cdef real t, r = reduce_power(d, magic, &t)
    return power_of_rest(r, t, closely)


# e^(d + low) 2^-M; in float64 low is not needed
cdef inline real power_in_parts(real d, real low, real magic, bint closely) noexcept nogil:
    cdef real t, r = reduce_power(d, magic, &t)
    return power_of_rest(r if real is double else r + low, t, closely)


# y, or 0 where d is the least: as a float64 the sum of many e^-746 is not 0
cdef inline real unless_least(real y, real d, real least) noexcept nogil:
    cdef real zero = 0
    if real is fast_double:
        return y if d > least else zero
    return y


cdef inline real reduce_power(real d, real magic, real* t) noexcept nogil:
    cdef real k
    if real is double:
        t[0] = fma64(d, 1.4426950408889634, magic)
        return fma64(t[0] - magic, -0.6931471805599453, d)
    elif real is fast_double:
        t[0] = fma64(d, LOG2_E, magic)
        k = t[0] - magic
        return fma64(k, -LN_2_LOW, fma64(k, -LN_2_HIGH, d))
    else:
        t[0] = fma32(d, 1.44269504, magic)
        k = t[0] - magic
        return fma32(k, -1.42860677e-6, fma32(k, -0.693145752, d))


cdef inline real power_of_rest(real r, real t, bint closely) noexcept nogil:
    cdef real one = 1
    if real is double:
        return scale_by_exponent(fma64(exp_tail(r), r * r, 1.0 + r) if closely else exp_short(r), t)
    else:
        return scale_by_exponent(one + multiply_add(exp_tail(r), r * r, r), t)


# The exponentials of a chunk, into WORK. Each precision is a separate function: it needs no branch per number, and all
# kernels share it.
cdef void short_powers(const row_block* b, item* storage, real* compute) noexcept nogil:
    powers(b, storage, compute, False)


cdef void close_powers(const row_block* b, item* storage, real* compute) noexcept nogil:
    powers(b, storage, compute, True)


cdef inline void powers(const row_block* b, item* storage, real* compute, bint closely) noexcept nogil:
    cdef double[LANES] m
    cdef real[LANES] center, magic, least_beyond
    cdef item[LANES] least
    cdef Py_ssize_t f = 0, stop
    cdef int j
    finite_maximum(b.state, storage, &m[0])
    if b.width > 1:
        for j in range(LANES):
            find_origin(m[j], &center[j], &magic[j], &least[j], &least_beyond[j])
        if all_zero(&center[0]):
            tile_powers_near(b, &least[0], &magic[0], storage, compute, closely)
        else:
            tile_powers_beyond(b, &least_beyond[0], &magic[0], &center[0], storage, compute, closely)
        return
    find_origin(m[0], &center[0], &magic[0], &least[0], &least_beyond[0])
    while f < b.size:
        stop = f + loop_size(b, f)
        prefetch_after_chunk(b, f, stop, storage)
        if center[0] == 0:
            powers_near(numbers(b, X, f, storage), numbers(b, WORK, f, compute), stop - f, least[0], magic[0],
                        closely)
        else:
            powers_beyond(numbers(b, X, f, storage), numbers(b, WORK, f, compute), stop - f, least_beyond[0], magic[0],
                          center[0], closely)
        f = stop


cdef inline bint all_zero(const real* lane) noexcept nogil:
    cdef int j, others = 0
    for j in range(LANES):
        others += lane[j] != 0
    return others == 0


# gcc unrolls loops of known length. Where inputs and results are of one type, it has to check whether they overlap,
# which is better done once.
cdef inline void powers_near(const item* x, real* e, Py_ssize_t n, item least, real magic,
                             bint closely) noexcept nogil:
    cdef Py_ssize_t f = 0, j
    if real is double:
        while f < n:
            for j in range(LANES):
                e[f + j] = power(<real>(least if least > x[f + j] else x[f + j]), magic, closely)
            f += LANES
    else:
        for j in range(n):
            e[j] = unless_least(power(<real>(least if least > x[j] else x[j]), magic, closely), <real>x[j], <real>least)


cdef inline void powers_beyond(const item* x, real* e, Py_ssize_t n, real least, real magic, real center,
                               bint closely) noexcept nogil:
    cdef real d, low, zero = 0
    cdef Py_ssize_t j
    for j in range(n):
        d = difference(x[j], center, &low)
        low = low if low == low else zero
        e[j] = unless_least(power_in_parts(least if least > d else d, low, magic, closely), d, least)


cdef inline void tile_powers_near(const row_block* b, const item* least, const real* magic, item* storage,
                                  real* compute, bint closely) noexcept nogil:
    cdef const item* x
    cdef real* e
    cdef item[LANES] given
    cdef Py_ssize_t f = 0, j
    while f < b.size:
        prefetch_next_tile(b, f, storage)
        x, e = numbers(b, X, f, storage), numbers(b, WORK, f, compute)
        if real is double:
            for j in range(LANES):
                e[j] = power(<real>(least[j] if least[j] > x[j] else x[j]), magic[j], closely)
        else:
            for j in range(LANES):
                given[j] = least[j] if least[j] > x[j] else x[j]
            for j in range(LANES):
                e[j] = unless_least(power(<real>given[j], magic[j], closely), <real>given[j], <real>least[j])
        f += LANES


cdef inline void tile_powers_beyond(const row_block* b, const real* least, const real* magic, const real* center,
                                    item* storage, real* compute, bint closely) noexcept nogil:
    cdef const item* x
    cdef real* e
    cdef item[LANES] given
    cdef real d, low, zero = 0
    cdef Py_ssize_t f = 0, j
    while f < b.size:
        prefetch_next_tile(b, f, storage)
        x, e = numbers(b, X, f, storage), numbers(b, WORK, f, compute)
        for j in range(LANES):
            given[j] = x[j]
        for j in range(LANES):
            d = difference(given[j], center[j], &low)
            low = low if low == low else zero
            e[j] = unless_least(power_in_parts(least[j] if least[j] > d else d, low, magic[j], closely), d, least[j])
        f += LANES
