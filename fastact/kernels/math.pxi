# The scalar building blocks: branch-free inline functions, which the compiler turns into vector code in the kernels.
#
# Two fused types run through everything. `item` is what the arrays hold and the result is rounded to; `real` is what a
# formula is computed in. Three pairs are used:
#     item float,  real double    precision "exact": computed in float64, rounded once
#     item float,  real float     precision "fast"
#     item double, real double    float64, where the last bits need two-part arithmetic
# A function that cannot tell the pair from its numbers takes one it does not read: an `item`, or a pointer to `real`.
#
# Traps: a literal in an arithmetic expression is a double in C and drags the whole expression to double, so constants
# go through a variable, a cast or an argument; a loop over a coefficient array is not vectorised, so polynomials are
# written out. Every coefficient comes from tools/coefficients.py, which states interval, weight and error.
from libc.math cimport sqrt, sqrtf
from libc.stdint cimport (
    INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, int32_t, int64_t, uint16_t, uint32_t, uint64_t, uintptr_t)

cdef extern from *:
    """
    #include <math.h>
    #include <stdint.h>
    #include <string.h>
    static inline int32_t fastact_bits32(float x) { int32_t i; memcpy(&i, &x, 4); return i; }
    static inline float fastact_float32(int32_t i) { float x; memcpy(&x, &i, 4); return x; }
    static inline int64_t fastact_bits64(double x) { int64_t i; memcpy(&i, &x, 8); return i; }
    static inline double fastact_float64(int64_t i) { double x; memcpy(&x, &i, 8); return x; }

    /* SSE2 compares vectors of 32-bit integers only. */
    #if defined(__SSE2__) && !defined(__SSE4_2__)
    #define FASTACT_INT64_ORDER 0
    #else
    #define FASTACT_INT64_ORDER 1
    #endif

    #if defined(__FMA__) || defined(__FP_FAST_FMA) || defined(__aarch64__)
    #define FASTACT_FMA 1
    static inline float fastact_fma32(float a, float b, float c) { return fmaf(a, b, c); }
    static inline double fastact_fma64(double a, double b, double c) { return fma(a, b, c); }
    static inline double fastact_exact_fma64(double a, double b, double c) { return fma(a, b, c); }
    #else
    /* Without the instruction fma() is a library call of 15 ns. Most formulas may round twice; those that measure a
       rounding error take the product in two exact parts instead (Dekker 1971). */
    #define FASTACT_FMA 0
    static inline float fastact_fma32(float a, float b, float c) { return a * b + c; }
    static inline double fastact_fma64(double a, double b, double c) { return a * b + c; }
    static inline double fastact_exact_fma64(double a, double b, double c) {
        double const split = 134217729.0; /* 2^27 + 1 */
        /* so that the split does not overflow */
        int const large_a = fabs(a) > 0x1p900, large_b = fabs(b) > 0x1p900;
        a *= large_a ? 0x1p-100 : large_b ? 0x1p100 : 1.0;
        b *= large_a ? 0x1p100 : large_b ? 0x1p-100 : 1.0;
        double ta = split * a, tb = split * b, ah = ta - (ta - a), bh = tb - (tb - b), al = a - ah, bl = b - bh;
        double p = a * b;
        return (p + c) + (((ah * bh - p) + ah * bl + al * bh) + al * bl);
    }
    #endif
    """
    const int FMA "FASTACT_FMA"
    const int INT64_ORDER "FASTACT_INT64_ORDER"
    int32_t bits32 "fastact_bits32"(float x) noexcept nogil
    float float32 "fastact_float32"(int32_t bits) noexcept nogil
    int64_t bits64 "fastact_bits64"(double x) noexcept nogil
    double float64 "fastact_float64"(int64_t bits) noexcept nogil
    # a b + c; without the instruction rounded twice
    float fma32 "fastact_fma32"(float a, float b, float c) noexcept nogil
    double fma64 "fastact_fma64"(double a, double b, double c) noexcept nogil
    # a b + c where c cancels the leading part of the product: the rest is right with or without the instruction
    double exact_fma64 "fastact_exact_fma64"(double a, double b, double c) noexcept nogil

ctypedef fused item:
    float
    double

ctypedef fused real:
    float
    double

# what numbers of type `real` are added up in
ctypedef fused wider:
    float
    double


# ---- bits: clamps and signs by integers cost one operation, by comparisons six mask operations

# min(|x|, most); NaN becomes most
cdef inline item magnitude(item x, item most) noexcept nogil:
    cdef int32_t a, m
    cdef int64_t b, n
    if item is float:
        a = bits32(x) & ~INT32_MIN
        m = bits32(most)
        return float32(a if a < m else m)
    else:
        b = bits64(x) & ~INT64_MIN
        n = bits64(most)
        if INT64_ORDER:
            return float64(b if b < n else n)
        return float64(b) if float64(b) < most else most


# max(x, least) for x >= 0
cdef inline item at_least(item x, item least) noexcept nogil:
    cdef int32_t a, m
    cdef int64_t b, n
    if item is float:
        a = bits32(x)
        m = bits32(least)
        return float32(a if a > m else m)
    else:
        b = bits64(x)
        n = bits64(least)
        if INT64_ORDER:
            return float64(b if b > n else n)
        return x if x > least else least


# |size| with the sign of x
cdef inline item with_sign(item size, item x) noexcept nogil:
    if item is float:
        return float32((bits32(size) & ~INT32_MIN) | (bits32(x) & INT32_MIN))
    else:
        return float64((bits64(size) & ~INT64_MIN) | (bits64(x) & INT64_MIN))


# `right` where x is positive, `left` where it is negative, by its sign bit. Where several selects hang on one
# comparison, gcc computes all that is between them twice, divisions included; masks it leaves alone.
cdef inline real by_sign(real x, real right, real left) noexcept nogil:
    cdef int32_t a
    cdef int64_t b
    if real is float:
        a = bits32(x) >> 31
        return float32((bits32(right) & ~a) | (bits32(left) & a))
    else:
        b = bits64(x) >> 63 if INT64_ORDER else 0
        if INT64_ORDER:
            return float64((bits64(right) & ~b) | (bits64(left) & b))
        return right if x >= 0 else left


# x between -most and most; NaN becomes one of them
cdef inline item clamped(item x, item most) noexcept nogil:
    return with_sign(magnitude(x, most), x)


# y, but x itself where x is NaN: the clamps above lose it
cdef inline item keep_nan(item x, item y) noexcept nogil:
    return x if x != x else y


# ---- e^x
#
# x = k ln 2 + r with |r| <= ln 2 / 2. Adding 1.5 2^52 (float32: 1.5 2^23) rounds x / ln 2 to the integer k and leaves
# it in the low bits of the sum t, from where a shift moves it into an exponent. For float results computed in float,
# and for double results, the constant is larger by 64, so that what is scaled by 2^k comes out 2^64 too large: one
# multiplication by 2^-64 at the very end then rounds a subnormal result once.

cdef inline real reduce_exponent(real x, item to, real* r) noexcept nogil:
    cdef real t, k
    if real is float:
        t = fma32(x, 1.44269504, 12582976.0)                    # 1.5 2^23 + 64
        k = t - <float>12582976.0
        r[0] = fma32(k, -1.42860677e-6, fma32(k, -0.693145752, x))  # ln 2 in two parts, the first of 16 bits
    elif item is float:
        t = fma64(x, 1.4426950408889634, 6755399441055744.0)    # 1.5 2^52; |k| < 2^10 and no bias
        k = t - 6755399441055744.0
        r[0] = fma64(k, -0.6931471805599453, x)                 # one part: 2^-46 of the result, enough for a float
    else:
        t = fma64(x, 1.4426950408889634, 6755399441055808.0)    # 1.5 2^52 + 64
        k = t - 6755399441055808.0
        r[0] = fma64(k, -5.4979230187083712e-14, fma64(k, -0.69314718055989033, x))  # the first part of 42 bits
    return t


# p 2^k (2^(k+64) where reduce_exponent says so), p near 1, by adding to the exponent; unsigned, because for an x out of
# range, whose result nobody takes, the sum may overflow
cdef inline real scale_by_exponent(real p, real t) noexcept nogil:
    if real is float:
        return float32(<int32_t>(<uint32_t>bits32(p) + (<uint32_t>bits32(t) << 23)))
    else:
        return float64(<int64_t>(<uint64_t>bits64(p) + (<uint64_t>bits64(t) << 52)))


# 2^k, where the sum t left k + 127 (float32) or k + 1023 in the low bits: only to be shifted into the exponent. In
# double lanes it passes through an integer of half the size: so the vectoriser takes two vectors side by side, and the
# processor has work while it waits for results: sigmoid became 1.2 times as fast, softplus 1.35 times. In float lanes
# most formulas are too short to gain by it.
cdef inline real power_of_two(real t) noexcept nogil:
    if real is float:
        return float32(<int32_t>(<uint32_t>bits32(t) << 23))
    else:
        return float64(<int64_t>(<uint64_t><int64_t><int32_t>bits64(t) << 52))


# (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2. Error of e^r: float 2^-28.2, double for a float 2^-45.7
cdef inline real exp_tail(real r) noexcept nogil:
    cdef real u = r * r, v
    if real is float:
        return fma32(fma32(0.00138419075, u, fma32(0.00836950447, r, 0.0416680649)), u,
                     fma32(0.166665137, r, 0.49999994))
    else:
        v = u * u
        return fma64(fma64(fma64(2.749253440399433e-06, r, 2.4881407849466444e-05), u,
                           fma64(0.00019841543303697205, r, 0.0013888809970307935)), v,
                     fma64(fma64(0.0083333330895431212, r, 0.041666666968934798), u,
                           fma64(0.16666666667283725, r, 0.49999999999654221)))


# the same to 2^-59 of e^r, for double results
cdef inline double exp_tail_full(double r) noexcept nogil:
    cdef double u = r * r, v = u * u
    cdef double top = fma64(2.0826268440789548e-09, u, fma64(2.5112492593981366e-08, r, 2.7557585787869757e-07))
    cdef double high = fma64(top, u, fma64(2.7557233575034803e-06, r, 2.4801586918092606e-05))
    high = fma64(high, u, fma64(0.00019841269897648647, r, 0.0013888888889122565))
    return fma64(high, v, fma64(fma64(0.0083333333333165342, r, 0.041666666666666075), u,
                                fma64(0.16666666666666685, r, 0.5)))


# e^(x + low) for x <= 40, scaled: unscale(exp_scaled(x, low, to), to) is the value. What is multiplied in between keeps
# the bits that a subnormal e^x has not. Down to e^-130 (float), e^-752 (double); item float, real double: e^-700.
cdef inline real exp_scaled(real x, real low, item to) noexcept nogil:
    cdef real r, p, t = reduce_exponent(x, to, &r), one = 1
    r = r + low
    if real is float:
        p = one + fma32(exp_tail(r), r * r, r)
    elif item is float:
        p = fma64(fma64(exp_tail(r), r, 1.0), r, 1.0)
    else:
        p = one + fma64(exp_tail_full(r), r * r, r)
    return scale_by_exponent(p, t)


# y 2^-64, the one rounding of a subnormal result; nothing to do for a float computed in double
cdef inline real unscale(real y, item to) noexcept nogil:
    cdef real factor = 5.421010862427522e-20
    if item is float and real is double:
        return y
    else:
        return y * factor


# e^x as a quotient N / D, for x <= 0: a function that divides anyway gets e^x without a division of its own, by the
# rational e^r = (Q + P) / (Q - P), P odd and Q even in r, type (2, 2) in r^2: 2^-56. In float D is 1.
cdef inline real exp_quotient(real x, item to, real* denominator) noexcept nogil:
    cdef real r, u, p, q, t
    if real is float:
        denominator[0] = 1
        return unscale(exp_scaled(x, <real>0, to), to)
    else:
        t = reduce_exponent(x, to, &r)
        u = r * r
        p = r * fma64(fma64(u, 3.3040991770948558e-05, 0.013887219967942335), u, 0.5)
        q = fma64(fma64(u, 0.00099172975618886283, 0.11110777326921342), u, 1.0)
        denominator[0] = q - p
        return scale_by_exponent(q + p, t)


# ---- products in an exponent

# The rounding error of p = x beta (0 where p is too large for it to matter, or the product inf 0), with the sign that
# the exponent -|p| needs; a product of floats is exact in double
cdef inline real exponent_low(item x, item beta, real p) noexcept nogil:
    cdef real low = 0, most = 1000
    if real is float:
        low = fma32(x, beta, -p)
    elif item is double:
        low = exact_fma64(x, beta, -p)
    low = low if magnitude(p, most) < most and low == low else <real>0
    return -low if p > 0 else low


# ---- e^x - 1 = 2^k (e^r - 1) + (2^k - 1)

# (e^x - 1) 2^-count = high + rest for x > -708 and double results; unit is 2^-count. A count keeps a large e^x finite.
cdef inline double expm1_in_parts(double x, double count, double unit, double* rest) noexcept nogil:
    cdef double t = fma64(x, 1.4426950408889634, 6755399441056767.0), k = t - 6755399441056767.0  # 1.5 2^52 + 1023
    cdef double high = fma64(k, -0.69314718055989033, x), low = -k * 5.4979230187083712e-14, r = high + low
    low = fma64(exp_tail_full(r), r * r, (high - r) + low)  # e^r - 1 = r + low
    cdef double s = power_of_two(t - count), base = s - unit, base_low = s - (base + unit), h = s * r
    high = h + base
    low = fma64(s, low, ((base - high) + h) + base_low)
    h = high + low
    rest[0] = (high - h) + low
    return h


# |e^x - 1| for float results, -30 <= x <= 0
cdef inline real expm1_core(real x) noexcept nogil:
    cdef real t, k, r, s, one = 1
    if real is float:
        t = fma32(x, 1.44269504, 12583039.0)                    # 1.5 2^23 + 127
        k = t - <float>12583039.0
        r = fma32(k, -0.693147182, x)
        s = power_of_two(t)
        r = fma32(exp_tail(r) * r, r, r)
        return -fma32(s, r, s - one)
    else:
        t = fma64(x, 1.4426950408889634, 6755399441055744.0)
        k = t - 6755399441055744.0
        r = fma64(k, -0.6931471805599453, x)
        s = scale_by_exponent(one, t)
        r = fma64(exp_tail(r) * r, r, r)
        return -fma64(s, r, s - one)


# ---- log(1 + u)

# for 0 <= u <= 1 as a quotient: u times a rational of type (5, 5), 2^-48; in float a polynomial, 2^-25, over 1
cdef inline real log1p_quotient(real u, real* denominator) noexcept nogil:
    cdef real n, d, v
    if real is float:
        n = fma32(-0.00329042738, u, 0.0200861413)
        n = fma32(n, u, -0.057457149)
        n = fma32(n, u, 0.106611259)
        n = fma32(n, u, -0.153448805)
        n = fma32(n, u, 0.196921021)
        n = fma32(n, u, -0.24958019)
        n = fma32(n, u, 0.333304644)
        n = fma32(n, u, -0.499999315)
        denominator[0] = 1
        return fma32(n * u, u, u)
    else:
        v = u * u
        n = fma64(fma64(0.00011967166869322522, u, 0.024143796770893042), v,
                  fma64(0.3264530242708133, u, 1.3166046564533447))
        d = fma64(fma64(0.00601143904690578, u, 0.1342919720525316), v,
                  fma64(0.86036683340313014, u, 2.22960243000986))
        denominator[0] = fma64(d, v, fma64(2.4926622136600916, u, 1.0))
        n = fma64(n, v, fma64(1.9926622136611469, u, 0.999999999999997))
        return u * n


# log(1 + f) = f - half + s (half + R) for |f| < 0.42, with s = f / (2 + f), half = f^2 / 2, R = 2 atanh(s) / s - 2 as a
# polynomial in s^2 (Tang 1990); half and s (half + R) are what the callers combine
cdef inline double log1p_remainder(double f, double* half) noexcept nogil:
    cdef double s = f / (2.0 + f), z = s * s
    cdef double p = fma64(0.14811542881726703, z, 0.15312569528997727)
    p = fma64(p, z, 0.18183619005764132)
    p = fma64(p, z, 0.22222197586913123)
    p = fma64(p, z, 0.28571428751308481)
    p = fma64(p, z, 0.39999999999377944)
    p = fma64(p, z, 0.66666666666667396)
    half[0] = 0.5 * f * f
    return s * (half[0] + p * z)


# k ln 2 + log(1 + f + f_low) for |f| < 0.42, as a sum of two parts: right to about 2^-56
cdef inline double log_from_parts(double k, double f, double f_low, double* rest) noexcept nogil:
    cdef double half, tail = log1p_remainder(f, &half) - half
    cdef double base = k * 0.69314718055989033, top = base + f
    tail = tail + fma64(-f, f_low, f_low)
    rest[0] = tail + ((base - top) + f) + k * 5.4979230187083712e-14
    return top


# the k for which w 2^-k lies between sqrt(1/2) and sqrt(2), by the bits of sqrt(1/2) as an offset; and 2^-k
cdef inline double log_exponent(double w, double* shrink) noexcept nogil:
    cdef uint64_t k = (<uint64_t>bits64(w) + <uint64_t>(bits64(1.0) - bits64(0.7071067811865476))) >> 52  # + 1023
    shrink[0] = float64(<int64_t>((2046 - k) << 52))
    # or-ed into the bits of 2^52 it is 2^52 + k: no conversion, which not every instruction set has for vectors
    return float64(<int64_t>k | bits64(4503599627370496.0)) - 4503599627371519.0


# log(1 + u + low) for u > -1, as a sum of two parts; where k is 0, u itself is f without the rounding of 1 + u
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
    return fma64(k, 0.69314718055994529, f + tail)


# log(w + low) for any finite w > 0, as a sum of two parts; something finite for w = 0
cdef inline double log_in_parts(double w, double low, double* rest) noexcept nogil:
    cdef double lift = 18446744073709551616.0 if w < 1e-290 else 1.0, count = 64.0 if w < 1e-290 else 0.0, shrink
    lift = 5.421010862427522e-20 if w > 1e290 else lift
    count = -64.0 if w > 1e290 else count
    w = w * lift
    cdef double k = log_exponent(w, &shrink)
    return log_from_parts(k - count, w * shrink - 1.0, low * lift * shrink, rest)
