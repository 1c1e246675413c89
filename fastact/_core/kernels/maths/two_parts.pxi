# Numbers as sums of two doubles, high + low: arithmetic for float64 results that would otherwise be rounded several
# times. After an overflow the low part is NaN or infinite; `joined` then ignores it.

# a + b = result + low exactly (Knuth)
cdef inline double two_sum(double a, double b, double* low) noexcept nogil:
    cdef double s = a + b, back = s - a
    low[0] = (a - (s - back)) + (b - back)
    return s


# (a + a_low) + (b + b_low) = result + low
cdef inline double sum_in_parts(double a, double a_low, double b, double b_low, double* low) noexcept nogil:
    cdef double s = two_sum(a, b, low)
    low[0] = low[0] + (a_low + b_low)
    return s


# (a + a_low) (b + b_low) = result + low
cdef inline double product_in_parts(double a, double a_low, double b, double b_low, double* low) noexcept nogil:
    cdef double p = a * b
    low[0] = exact_fma64(a, b, -p) + fma64(a, b_low, a_low * b)
    return p


# a b + low with one rounding for a small low; at infinity a b
cdef inline double product_plus(double a, double b, double low) noexcept nogil:
    cdef double y
    if FMA:
        return fma64(a, b, low)
    y = a * b
    return joined(y, exact_fma64(a, b, -y) + low)


# (a + a_low) / (b + b_low) = result + low
cdef inline double quotient_in_parts(double a, double a_low, double b, double b_low, double* low) noexcept nogil:
    cdef double inverse = 1.0 / b, q = a * inverse
    low[0] = (exact_fma64(-q, b, a) + fma64(-q, b_low, a_low)) * inverse
    return q


cdef inline double joined(double high, double low) noexcept nogil:
    cdef double y = high + low
    return y if y - y == 0 else high


# y 2^k for the power 2^(k+64) that exp_in_parts returns: no intermediate overflow, and a subnormal result is rounded
# only once
cdef inline double times_power(double y, double power) noexcept nogil:
    cdef double small = TWO_M64
    cdef double first = power * small if power > 1 else power, second = 1.0 if power > 1 else small
    return y * first * second


# a b, but 0 where a is 0, even if b is infinite or NaN
cdef inline real zero_wins(real a, real b) noexcept nogil:
    cdef real zero = 0, y = a * b
    return zero if a == zero else y


# ---- e^x

# e^(x + low) = (high + rest) 2^k for a result of the type computed in: to about 2^-63 for doubles; for floats high is 1
# and rest is e^r - 1. Returns 2^(k+64).
cdef inline real exp_in_parts(real x, real low, real* high, real* rest) noexcept nogil:
    cdef real t, k, a, b, r, total, tail, one = 1
    if real is float:
        t = reduce_exponent(x, x, &r)
        r = r + low
        high[0] = one
        rest[0] = fma32(exp_tail(r), r * r, r)
        return scale_by_exponent(one, t)
    else:
        t = fma64(x, LOG2_E, ROUND_SCALED_POWER)
        k = t - ROUND_SCALED_POWER
        a = fma64(k, -LN_2_HIGH, x)
        b = fma64(k, -LN_2_LOW, low)
        r = a + b
        total = one + r
        tail = fma64(exp_tail_full(r), r * r, ((one - total) + r) + ((a - r) + b))
        high[0] = total + tail
        rest[0] = (total - high[0]) + tail
        return power_of_two(t)


# e^(x + low) = (n + n_low) / (d + d_low) 2^k for x <= 0, to 2^-60. With h = (x + low - k ln 2) / 2 it is
# (Q + P) / (Q - P), where P / Q = tanh(h) is h times a rational of type (3, 2) in h^2. n and d are 1 + h and 1 - h for
# h rounded to 32 binary places; the rest is in the low parts, up to 0.02. Half of the operations are sums, which many
# processors execute in parallel with products. Returns 2^(k+64).
cdef inline double exp_quotient_in_parts(double x, double low, double* n, double* n_low, double* d,
                                         double* d_low) noexcept nogil:
    cdef double t = fma64(x, LOG2_E, ROUND_SCALED_POWER), k = t - ROUND_SCALED_POWER
    cdef double a = fma64(k, -0.5 * LN_2_HIGH, 0.5 * x), b = fma64(k, -0.5 * LN_2_LOW, 0.5 * low), h = a + b
    cdef double brief = (h + 1572864.0) - 1572864.0  # 1.5 2^20
    cdef double v = h * h, even = v * fma64(0.017506316178163568, v, 0.44847965687077812), odd
    odd = horner2(v, -6.405111448036391e-06, 0.0013464305545700711, 0.11514632353744478)
    odd = fma64(h * v, odd, (a - brief) + b)
    n[0] = 1.0 + brief
    d[0] = 1.0 - brief
    n_low[0] = even + odd
    d_low[0] = even - odd
    return power_of_two(t)
