# Temperatures of rows: x / T, relative to the maximum. A negative one is that of -x, which makes softmax softmin.
#
# Multiplied by s / (s T): s, a power of two, keeps both factors in range for every positive T. A double has the range
# for float results, so s is 1. For the other types there is a second part.

# Quotients and differences beyond +-1000 need no second part: their exponentials are 0 in every type.
cdef enum:
    NO_LOW_PART = 1000

# `difference` with a second part that is never NaN
cdef inline real difference_from_maximum(item x, real m, real* low) noexcept nogil:
    cdef real d = difference(x, m, low), most = NO_LOW_PART, zero = 0
    if not (item is float and real is double):
        low[0] = low[0] if magnitude(d, most) < most else zero
    return d


# 1 or -1, the sign of each lane's temperature
cdef inline void signs_of_temperature(const row_block* b, real* sign) noexcept nogil:
    cdef const double* t = <const double*>b.operand[TEMPERATURE]
    cdef real plus = 1, minus = -1
    cdef int j
    for j in range(LANES):
        sign[j] = minus if t[j] < 0 else plus


# Of each lane s, 1 / (s T) and what rounding has lost of that
cdef inline void inverse_temperatures(const row_block* b, real* scale, real* inverse, real* inverse_low,
                                      item storage) noexcept nogil:
    cdef const double* t = <const double*>b.operand[TEMPERATURE]
    cdef int j
    for j in range(LANES):
        inverse_temperature(t[j], &scale[j], &inverse[j], &inverse_low[j], storage)


cdef inline void inverse_temperature(double t, real* scale, real* inverse, real* inverse_low,
                                     item storage) noexcept nogil:
    cdef double most = 3.4028234663852886e+38 if real is float else 1.7976931348623157e+308
    cdef double power = 2.0**64 if real is float else 2.0**512, s, scaled, high, low
    s = power if magnitude(t, <double>INFINITY) < 1 / power else 1.0
    s = 1 / power if magnitude(t, <double>INFINITY) > power else s
    if item is float and real is double:
        s = 1
    scaled = s * t
    high = max(min(1 / scaled, most), -most)
    if real is float:
        low = high - <float>high
    else:
        low = exact_fma64(-high, scaled, 1.0) * high
    # an infinite temperature, and one whose inverse is out of range
    low = low if magnitude(low, <double>INFINITY) < 1e-6 * magnitude(high, <double>INFINITY) else 0.0
    scale[0], inverse[0], inverse_low[0] = <real>s, <real>high, <real>low


# (d + low) / T and its second part. NaN where d and T are infinite.
cdef inline real over_temperature(real d, real scale, real inverse, real inverse_low, real* low,
                                  item storage) noexcept nogil:
    cdef real q, rest, most = NO_LOW_PART, zero = 0
    if item is float and real is double:
        return d * inverse
    else:
        d = d * scale
        q = d * inverse
        rest = d * inverse_low + low[0] * scale * inverse
        if real is float:
            rest = fma32(d, inverse, -q) + rest
        else:
            rest = exact_fma64(d, inverse, -q) + rest
        low[0] = rest if magnitude(q, most) < most and rest == rest else zero
        return q


# A gradient divided by T
cdef inline real gradient_over_temperature(real g, double t, real scale, real inverse, item storage) noexcept nogil:
    if item is double:
        return g / <real>t
    else:
        return g * scale * inverse


# Where the maximum of x / T is: a finite number near or at a row's entry of that value.
cdef inline void entry_of_maximum(const row_block* b, item* storage, real* top) noexcept nogil:
    cdef real[LANES] sign
    cdef int j
    finite_maximum(b.state, storage, top)
    signs_of_temperature(b, &sign[0])
    for j in range(LANES):
        top[j] = top[j] * sign[j]


# ---- for float results: powers() of row_powers.pxi at a temperature
#
# In float32 x is reduced by multiples of T ln 2, and only the rest divided by T: one more multiplication. T is replaced
# by s T between 2^-100 and 2^100, x by s x: what is beyond has e^0 or 0 as results.

cdef struct scaled_lanes32:
    double size[LANES]         # s T without its sign
    float scale[LANES]         # s with the sign of T
    float rate[LANES]          # 1 / (s T ln 2)
    float period[LANES]        # s T ln 2 in two parts
    float period_low[LANES]
    float inverse[LANES]       # 1 / (s T)
    float offset[LANES]        # what is subtracted from x: 0 near the origin
    float magic[LANES]         # as find_origin has it
    float least[LANES]         # of s x

cdef struct scaled_lanes64:
    double inverse[LANES]      # 1 / T
    double offset[LANES]
    double magic[LANES]
    double least[LANES]        # of x / T

ctypedef fused scaled_lanes:
    scaled_lanes32
    scaled_lanes64


# True if all lanes are near the origin. Of a row by itself only lane 0 is planned.
cdef inline bint plan_powers(const row_block* b, scaled_lanes* t, const double* top, bint uniform) noexcept nogil:
    cdef const double* temperature = <const double*>b.operand[TEMPERATURE]
    cdef int j, beyond = 0
    for j in range(1 if uniform else b.width):
        plan_temperature(t, j, temperature[j])
    for j in range(b.width):
        plan_origin(t, j, 0 if uniform else j, top[j])
        beyond += t.offset[j] != 0
    return beyond == 0


cdef inline void plan_temperature(scaled_lanes* t, Py_ssize_t j, double temperature) noexcept nogil:
    cdef double largest_inverse = 1.7976931348623157e+308, s = magnitude(temperature, <double>INFINITY), period
    if scaled_lanes is scaled_lanes64:
        t.inverse[j] = max(min(1 / temperature, largest_inverse), -largest_inverse)
    else:
        t.scale[j] = 1
        if s < 2.0**-64:
            t.scale[j] = 2.0**64
        if s > 2.0**64:
            t.scale[j] = 2.0**-64
        s = max(min(s * t.scale[j], 2.0**100), 2.0**-100)
        t.scale[j] = -t.scale[j] if temperature < 0 else t.scale[j]
        t.size[j], period = s, s * 0.6931471805599453
        t.rate[j], t.inverse[j] = <float>(1 / period), <float>(1 / s)
        t.period[j] = <float>period
        t.period_low[j] = <float>(period - t.period[j])


# `top` is where the maximum of x / T is, T that of lane k.
cdef inline void plan_origin(scaled_lanes* t, Py_ssize_t j, Py_ssize_t k, double top) noexcept nogil:
    cdef double most = 3.4028234663852886e+38, m, center64, magic64, least64
    cdef float center, magic, near, least
    if scaled_lanes is scaled_lanes64:
        m = top * t.inverse[k]
        find_origin(max(min(m, most), -most), &center64, &magic64, &near, &least64)
        t.magic[j], t.least[j] = magic64, least64
        t.offset[j] = top if center64 != 0 else 0.0
    else:
        m = top * t.scale[k] / t.size[k]
        find_origin(max(min(m, most), -most), &center, &magic, &near, &least)
        t.magic[j], t.least[j] = magic, <float>(least * t.size[k])
        t.offset[j] = <float>top if center != 0 else 0


# Lane j's e^((d + low) / T) 2^-M, in the type that `real` says, with the T of lane k; near the origin low is 0. -inf at
# an infinite temperature is as the least.
cdef inline real scaled_power(const scaled_lanes* t, Py_ssize_t j, Py_ssize_t k, real d, real low, bint near,
                              bint closely) noexcept nogil:
    cdef real u, steps, r, zero = 0, one = 1
    if scaled_lanes is scaled_lanes64:
        d = d * t.inverse[k]
        return power(d if d > t.least[j] else <real>t.least[j], <real>t.magic[j], closely)
    else:
        d = d * t.scale[k]
        if not near:
            # of what is beyond, that may be larger than the least
            low = low * t.scale[k] if d > t.least[j] else zero
        d = d if d > t.least[j] else t.least[j]
        u = fma32(<float>d, t.rate[k], t.magic[j])
        steps = u - t.magic[j]
        r = fma32(<float>steps, -t.period_low[k], fma32(<float>steps, -t.period[k], <float>d))
        if not near:
            r = r + low
        r = r * t.inverse[k]
        return scale_by_exponent(one + fma32(<float>exp_tail(r), <float>(r * r), <float>r), u)


# The same of n numbers of one row, and of a number of each row of a tile
cdef inline void scaled_powers_of_row(const scaled_lanes* t, const item* x, real* e, Py_ssize_t n, bint near,
                                      bint closely) noexcept nogil:
    cdef real d, low
    cdef Py_ssize_t j
    if near:
        for j in range(n):
            e[j] = scaled_power(t, 0, 0, <real>x[j], <real>0, True, closely)
    else:
        for j in range(n):
            d = difference(x[j], <real>t.offset[0], &low)
            e[j] = scaled_power(t, 0, 0, d, low if low == low else <real>0, False, closely)


cdef inline void scaled_powers_of_lanes(const scaled_lanes* t, const item* x, real* e, bint near, bint uniform,
                                        bint closely) noexcept nogil:
    cdef item[LANES] given
    cdef real d, low
    cdef Py_ssize_t j
    for j in range(LANES):
        given[j] = x[j]
    if near and uniform:
        for j in range(LANES):
            e[j] = scaled_power(t, j, 0, <real>given[j], <real>0, True, closely)
    elif near:
        for j in range(LANES):
            e[j] = scaled_power(t, j, j, <real>given[j], <real>0, True, closely)
    elif uniform:
        for j in range(LANES):
            d = difference(given[j], <real>t.offset[j], &low)
            e[j] = scaled_power(t, j, 0, d, low if low == low else <real>0, False, closely)
    else:
        for j in range(LANES):
            d = difference(given[j], <real>t.offset[j], &low)
            e[j] = scaled_power(t, j, j, d, low if low == low else <real>0, False, closely)


cdef inline void scaled_powers(const row_block* b, scaled_lanes* t, item* storage, real* compute,
                               bint closely) noexcept nogil:
    cdef double[LANES] top
    cdef Py_ssize_t f = 0, n
    cdef bint near, uniform = all_equal(<const double*>b.operand[TEMPERATURE])
    entry_of_maximum(b, <float*>NULL, &top[0])
    near = plan_powers(b, t, &top[0], uniform)
    while f < b.size and b.width == 1:
        n = loop_size(b, f)
        prefetch_after_chunk(b, f, f + n, storage)
        scaled_powers_of_row(t, numbers(b, X, f, storage), numbers(b, WORK, f, compute), n, near, closely)
        f += n
    while f < b.size:
        prefetch_next_tile(b, f, storage)
        scaled_powers_of_lanes(t, numbers(b, X, f, storage), numbers(b, WORK, f, compute), near, uniform,
                               closely)
        f += LANES


cdef inline bint all_equal(const double* lane) noexcept nogil:
    cdef int j, others = 0
    for j in range(LANES):
        others += lane[j] != lane[0]
    return others == 0


# Separate functions for the same reason as in row_powers.pxi
cdef void scaled_short_powers(const row_block* b, item* storage, real* compute) noexcept nogil:
    cdef scaled_lanes32 t32
    cdef scaled_lanes64 t64
    if real is float:
        scaled_powers(b, &t32, storage, compute, False)
    else:
        scaled_powers(b, &t64, storage, compute, False)


cdef void scaled_close_powers(const row_block* b, item* storage, real* compute) noexcept nogil:
    cdef scaled_lanes32 t32
    cdef scaled_lanes64 t64
    if real is float:
        scaled_powers(b, &t32, storage, compute, True)
    else:
        scaled_powers(b, &t64, storage, compute, True)


# The exponentials that scaled_powers gives for the maxima
cdef void scaled_powers_of_maxima(const row_block* b, bint closely, real* exp_of_max) noexcept nogil:
    cdef scaled_lanes32 t32
    cdef scaled_lanes64 t64
    cdef double[LANES] top
    cdef int j
    entry_of_maximum(b, <float*>NULL, &top[0])
    if real is float:
        plan_powers(b, &t32, &top[0], False)
        for j in range(b.width):
            exp_of_max[j] = scaled_power(&t32, j, j, <float>top[j] - t32.offset[j], <float>0, True, closely)
    else:
        plan_powers(b, &t64, &top[0], False)
        for j in range(b.width):
            exp_of_max[j] = scaled_power(&t64, j, j, top[j] - t64.offset[j], <double>0, True, closely)


# ---- plain rows

# The x at which the maximum of x / T is, or an infinity as of plain_maximum
cdef inline float plain_top(const plain_row* row) noexcept nogil:
    cdef const float* x = <const float*>row.operand[X]
    if row.operand[TEMPERATURE] != NULL and (<const double*>row.operand[TEMPERATURE])[0] < 0:
        return plain_minimum(x, row.n)
    return plain_maximum(x, row.n)


# As plain_exponentials at a temperature, where m is plain_top; and the largest of them. False unless the temperature is
# not 0, and it and m are finite.
cdef inline bint plain_scaled_exponentials(const plain_row* row, float m, double* total, real* largest) noexcept nogil:
    cdef scaled_lanes32 t32
    cdef scaled_lanes64 t64
    cdef const float* x = <const float*>row.operand[X]
    cdef real* e = <real*>row.scratch
    cdef double temperature = (<const double*>row.operand[TEMPERATURE])[0]
    cdef Py_ssize_t n = row.n, end = row.n - PLAIN_END
    # NaN is in no order
    if not (0 < magnitude(temperature, <double>INFINITY) < INFINITY and -FLT_MAX <= m <= FLT_MAX):
        return False
    clear_plain_end(e, n)
    if real is float:
        plan_temperature(&t32, 0, temperature)
        plan_origin(&t32, 0, 0, m)
        if t32.offset[0] == 0:
            scaled_powers_of_row(&t32, x, e, whole_ends(n), True, False)
            scaled_powers_of_row(&t32, x + end, e + end, PLAIN_END, True, False)
        else:
            scaled_powers_of_row(&t32, x, e, whole_ends(n), False, False)
            scaled_powers_of_row(&t32, x + end, e + end, PLAIN_END, False, False)
        largest[0] = scaled_power(&t32, 0, 0, m - t32.offset[0], <float>0, True, False)
    else:
        plan_temperature(&t64, 0, temperature)
        plan_origin(&t64, 0, 0, m)
        if t64.offset[0] == 0:
            scaled_powers_of_row(&t64, x, e, whole_ends(n), True, False)
            scaled_powers_of_row(&t64, x + end, e + end, PLAIN_END, True, False)
        else:
            scaled_powers_of_row(&t64, x, e, whole_ends(n), False, False)
            scaled_powers_of_row(&t64, x + end, e + end, PLAIN_END, False, False)
        largest[0] = scaled_power(&t64, 0, 0, m - t64.offset[0], <double>0, True, False)
    total[0] = plain_sum(e, n)
    return True
