# e^x and e^x - 1, scaled, in two parts or as quotients.
#
# x = k ln 2 + r with |r| <= ln 2 / 2. Adding ROUND rounds x / ln 2 to the integer k, which is then in the low bits of
# the sum t; a shift moves it into an exponent. For float results computed in float, and for double results, the
# constant is larger by 64, so that e^x is 2^64 too large: a multiplication by 2^-64 at the very end then rounds a
# subnormal result only once.

cdef inline real reduce_exponent(real x, item storage, real* r) noexcept nogil:
    cdef real t, k
    if real is float:
        t = fma32(x, LOG2_E, ROUND32_SCALED)
        k = t - ROUND32_SCALED
        r[0] = fma32(k, -LN_2_LOW32, fma32(k, -LN_2_HIGH32, x))
    elif item is float:
        t = fma64(x, LOG2_E, ROUND)  # |k| < 2^10, so e^x needs no scaling
        k = t - ROUND
        r[0] = fma64(k, -LN_2, x)  # one part of ln 2: 2^-46 of the result, enough for a float
    else:
        t = fma64(x, LOG2_E, ROUND_SCALED)
        k = t - ROUND_SCALED
        r[0] = fma64(k, -LN_2_LOW, fma64(k, -LN_2_HIGH, x))
    return t


# p 2^k (p 2^(k+64) where reduce_exponent has added 64) for p near 1, by an addition to the exponent. Unsigned, because
# the sum may overflow for an x out of range, whose result is not used.
cdef inline real scale_by_exponent(real p, real t) noexcept nogil:
    if real is float:
        return float32(<int32_t>(<uint32_t>bits32(p) + (<uint32_t>bits32(t) << 23)))
    else:
        return float64(<int64_t>(<uint64_t>bits64(p) + (<uint64_t>bits64(t) << 52)))


# 2^k where the low bits of t are k + 127 (float32) or k + 1023: a shift moves them into the exponent. A double's are
# converted to 32 bits on the way: this makes the vectoriser unroll the loop to two vectors, whose operations overlap
# (sigmoid 1.2 times as fast, softplus 1.35 times). In float32 most formulas are too short to gain from it.
cdef inline real power_of_two(real t) noexcept nogil:
    if real is float:
        return float32(<int32_t>(<uint32_t>bits32(t) << 23))
    else:
        return float64(<int64_t>(<uint64_t><int64_t><int32_t>bits64(t) << 52))


# (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2. Error of e^r: 2^-28.2 in float, 2^-45.7 in double for a float result
cdef inline real exp_tail(real r) noexcept nogil:
    if real is float:
        return paired4(r, 0.00138419075, 0.00836950447, 0.0416680649, 0.166665137, 0.49999994)
    elif real is fast_double:
        return exp_tail_full(r)
    else:
        return estrin7(r, 2.749253440399433e-06, 2.4881407849466444e-05, 0.00019841543303697205, 0.0013888809970307935,
                       0.0083333330895431212, 0.041666666968934798, 0.16666666667283725, 0.49999999999654221)


# the same to 2^-59 of e^r, for double results
cdef inline double exp_tail_full(double r) noexcept nogil:
    cdef double square = r * r
    cdef double high = paired6(r, 2.0826268440789548e-09, 2.5112492593981366e-08, 2.7557585787869757e-07,
                               2.7557233575034803e-06, 2.4801586918092606e-05, 0.00019841269897648647,
                               0.0013888888889122565)
    cdef double low = paired3(r, 0.0083333333333165342, 0.041666666666666075, 0.16666666666666685, 0.5)
    return fma64(high, square * square, low)  # as Estrin's scheme begins


# e^(x + low) for x <= 40, scaled: unscale(exp_scaled(x, low, storage), storage) is the value. Multiplications in
# between keep the bits that a subnormal e^x would lose. Down to x = -EXP_END_FAST and -EXP_END_FULL; for float results
# computed in double, which are not scaled, -EXP_NORMAL.
cdef inline real exp_scaled(real x, real low, item storage) noexcept nogil:
    cdef real r, p, t = reduce_exponent(x, storage, &r), one = 1
    r = r + low
    if real is float:
        p = one + fma32(exp_tail(r), r * r, r)
    elif item is float:
        p = fma64(fma64(exp_tail(r), r, 1.0), r, 1.0)
    else:
        p = one + fma64(exp_tail_full(r), r * r, r)
    return scale_by_exponent(p, t)


# y 2^-64, the only rounding of a subnormal result; y itself for float results computed in double, which are not scaled
cdef inline real unscale(real y, item storage) noexcept nogil:
    cdef real factor = TWO_M64
    if item is float and real is double:
        return y
    else:
        return y * factor


# e^x as a quotient N / D, for x <= 0: a function that divides anyway needs no separate division for the rational
# e^r = (Q + P) / (Q - P), P odd and Q even in r, of type (2, 2) in r^2: 2^-56. In fast formulas D is 1.
cdef inline real exp_quotient(real x, item storage, real* denominator) noexcept nogil:
    cdef real r, u, p, q, t
    if real in fast:
        denominator[0] = 1
        return unscale(exp_scaled(x, <real>0, storage), storage)
    else:
        t = reduce_exponent(x, storage, &r)
        u = r * r
        p = r * horner2(u, 3.3040991770948558e-05, 0.013887219967942335, 0.5)
        q = horner2(u, 0.00099172975618886283, 0.11110777326921342, 1.0)
        denominator[0] = q - p
        return scale_by_exponent(q + p, t)


# ---- products in an exponent

# The rounding error of p = x beta with the sign that the exponent -|p| needs; 0 where p is too large for it to matter,
# or is NaN. A product of floats is exact in double.
cdef inline real exponent_low(item x, item beta, real p) noexcept nogil:
    cdef real low = 0, most = 1000
    if real is float:
        low = fma32(x, beta, -p)
    elif item is double:
        low = exact_fma64(x, beta, -p)
    low = low if magnitude(p, most) < most and low == low else <real>0
    return -low if p > 0 else low


# ---- e^x - 1 = 2^k (e^r - 1) + (2^k - 1)

# (e^x - 1) 2^-count = high + rest for x > -708 and double results; unit is 2^-count, which keeps a large e^x finite.
cdef inline double expm1_in_parts(double x, double count, double unit, double* rest) noexcept nogil:
    cdef double t = fma64(x, LOG2_E, ROUND_POWER), k = t - ROUND_POWER
    cdef double high = fma64(k, -LN_2_HIGH, x), low = -k * LN_2_LOW, r = high + low
    low = fma64(exp_tail_full(r), r * r, (high - r) + low)  # e^r - 1 = r + low
    cdef double s = power_of_two(t - count), base = s - unit, base_low = s - (base + unit), h = s * r
    high = h + base
    low = fma64(s, low, ((base - high) + h) + base_low)
    h = high + low
    rest[0] = (high - h) + low
    return h


# |e^x - 1| for -30 <= x <= 0, and in fast_double for -700 <= x <= 0
cdef inline real expm1_core(real x) noexcept nogil:
    cdef real t, k, r, s, one = 1
    if real is float:
        t = fma32(x, LOG2_E, ROUND32_POWER)
        k = t - ROUND32_POWER
        r = fma32(k, -LN_2, x)
        s = power_of_two(t)
        r = fma32(exp_tail(r) * r, r, r)
        return -fma32(s, r, s - one)
    elif real is fast_double:
        t = fma64(x, LOG2_E, ROUND_POWER)
        k = t - ROUND_POWER
        r = fma64(k, -LN_2_LOW, fma64(k, -LN_2_HIGH, x))
        s = power_of_two(t)
        r = fma64(exp_tail_full(r) * r, r, r)
        return -fma64(s, r, s - one)
    else:
        t = fma64(x, LOG2_E, ROUND)
        k = t - ROUND
        r = fma64(k, -LN_2, x)
        s = scale_by_exponent(one, t)
        r = fma64(exp_tail(r) * r, r, r)
        return -fma64(s, r, s - one)
