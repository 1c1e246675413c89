# log(1 + u) and log(w), as quotients or as sums of two parts.

# ---- log(1 + u)

# log(1 + f) = f - half + s (half + R) for |f| < 0.42, with s = f / (2 + f), half = f^2 / 2, R = 2 atanh(s) / s - 2 as a
# polynomial in s^2 (Tang 1990); half and s (half + R) are what the callers combine
cdef inline double log1p_remainder(double f, double* half) noexcept nogil:
    cdef double s = f / (2.0 + f), z = s * s
    cdef double p = horner6(z, 0.14811542881726703, 0.15312569528997727, 0.18183619005764132, 0.22222197586913123,
                            0.28571428751308481, 0.39999999999377944, 0.66666666666667396)
    half[0] = 0.5 * f * f
    return s * (half[0] + p * z)


# for 0 <= u <= 1 as a quotient: u times a rational of type (5, 5), 2^-48. In fast formulas the denominator is 1: a
# polynomial in float, 2^-25, and a sum in fast_double.
cdef inline real log1p_quotient(real u, real* denominator) noexcept nogil:
    cdef real n
    cdef double f, base, half
    if real is float:
        n = horner8(u, -0.00329042738, 0.0200861413, -0.057457149, 0.106611259, -0.153448805, 0.196921021,
                    -0.24958019, 0.333304644, -0.499999315)
        denominator[0] = 1
        return fma32(n * u, u, u)
    elif real is fast_double:
        # 1 + u = 1 + f or 2 (1 + f), whichever f is smaller
        f = 0.5 * (u - 1.0) if u > 0.4142 else u
        base = LN_2 if u > 0.4142 else 0.0
        n = log1p_remainder(f, &half)
        denominator[0] = 1
        return base + (f + (n - half))
    else:
        n = paired5(u, 0.00011967166869322522, 0.024143796770893042, 0.3264530242708133, 1.3166046564533447,
                    1.9926622136611469, 0.999999999999997)
        denominator[0] = paired5(u, 0.00601143904690578, 0.1342919720525316, 0.86036683340313014, 2.22960243000986,
                                 2.4926622136600916, 1.0)
        return u * n


# k ln 2 + log(1 + f + f_low) for |f| < 0.42, as a sum of two parts, to about 2^-56
cdef inline double log_from_parts(double k, double f, double f_low, double* rest) noexcept nogil:
    cdef double half, tail = log1p_remainder(f, &half) - half
    cdef double base = k * LN_2_HIGH, total = base + f
    tail = tail + fma64(-f, f_low, f_low)
    rest[0] = tail + ((base - total) + f) + k * LN_2_LOW
    return total


# the k for which w 2^-k is between sqrt(1/2) and sqrt(2), by the bits of sqrt(1/2) as an offset; and 2^-k
cdef inline double log_exponent(double w, double* shrink) noexcept nogil:
    cdef uint64_t k = (<uint64_t>bits64(w) + <uint64_t>(bits64(1.0) - bits64(0.7071067811865476))) >> 52  # + 1023
    shrink[0] = float64(<int64_t>((2046 - k) << 52))
    # the bits of 2^52 | k are those of 2^52 + k; not every instruction set converts vectors of 64-bit integers
    return float64(<int64_t>k | bits64(4503599627370496.0)) - 4503599627371519.0


# log(1 + u + low) for u > -1, as a sum of two parts; where k = 0, f is u, without the rounding error of 1 + u
cdef inline double log1p_in_parts(double u, double low, double* rest) noexcept nogil:
    cdef double w = 1.0 + u, w_low = (u - (w - 1.0) if u < 1 else 1.0 - (w - u)) + low, shrink
    cdef double k = log_exponent(w, &shrink), f = w * shrink - 1.0, f_low = w_low * shrink
    f = u if k == 0 else f
    f_low = low if k == 0 else f_low
    return log_from_parts(k, f, f_low, rest)


# log(1 + u) for u >= 0 and a float result
cdef inline double log1p_short(double u) noexcept nogil:
    cdef double w = 1.0 + u, shrink, half, tail
    cdef double k = log_exponent(w, &shrink), f = w * shrink - 1.0
    f = u if k == 0 else f
    tail = log1p_remainder(f, &half) - half
    return fma64(k, LN_2, f + tail)


# log(w + low) for any finite w > 0, as a sum of two parts; finite but meaningless for w = 0
cdef inline double log_in_parts(double w, double low, double* rest) noexcept nogil:
    cdef double lift = TWO_64 if w < 1e-290 else 1.0, count = 64.0 if w < 1e-290 else 0.0, shrink
    lift = TWO_M64 if w > 1e290 else lift
    count = -64.0 if w > 1e290 else count
    w = w * lift
    cdef double k = log_exponent(w, &shrink)
    return log_from_parts(k - count, w * shrink - 1.0, low * lift * shrink, rest)
