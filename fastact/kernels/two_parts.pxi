# Numbers as sums of two doubles, high + low: arithmetic for float64 results that would otherwise round several times.
# Where something overflows the low part is NaN or infinite; `joined` then leaves it out.

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


# (a + a_low) / (b + b_low) = result + low
cdef inline double quotient_in_parts(double a, double a_low, double b, double b_low, double* low) noexcept nogil:
    cdef double inverse = 1.0 / b, q = a * inverse
    low[0] = (exact_fma64(-q, b, a) + fma64(-q, b_low, a_low)) * inverse
    return q


cdef inline double joined(double high, double low) noexcept nogil:
    cdef double y = high + low
    return y if y - y == 0 else high


# y 2^k for a power 2^(k+64) as exp_in_parts returns it: no overflow halfway, and a subnormal result is rounded once
cdef inline double times_power(double y, double power) noexcept nogil:
    cdef double small = 5.421010862427522e-20
    cdef double first = power * small if power > 1 else power, second = 1.0 if power > 1 else small
    return y * first * second


# a b, but 0 where a is 0, whatever b is
cdef inline real zero_wins(real a, real b) noexcept nogil:
    cdef real zero = 0, y = a * b
    return zero if a == zero else y
