# Scalar building blocks: branch-free inline functions, which the compiler vectorises in the kernels' loops.
#
# Two fused types are used everywhere. `item` is the type of the arrays, to which results are rounded; `real` is the
# type that a formula is computed in. There are four pairs:
#     item float,  real double           precision "exact": computed in float64, rounded once
#     item float,  real float            precision "fast"
#     item double, real double           precision "exact", where the last bits need two-part arithmetic
#     item double, real fast_double     precision "fast": no two-part arithmetic
# So `real is double` says that the formula is the exact one, `real in fast` that it is the fast one, in the type of
# the arrays. Comments on two parts for double results are about the exact one.
#
# Two arguments serve as type tags, for functions whose other arguments do not determine the pair. Their values are not
# read: `item storage` (or `item* storage`) says what the result is stored as, `real* compute` what it is computed in.
#
# Traps: a literal in an arithmetic expression is a double in C and makes the whole expression double, so constants go
# through a variable, a cast or an argument; a loop over an array of coefficients is not vectorised, so polynomials have
# a function for each degree (polynomials.pxi). All coefficients come from tools/coefficients.py, which states interval,
# weight and error.
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

# A double to C. Cython must take it for another type than double, or it would merge the two in a fused type.
cdef extern from *:
    """
    typedef double fastact_fast_double;
    """
    ctypedef long double fast_double "fastact_fast_double"

ctypedef fused item:
    float
    double

ctypedef fused real:
    float
    double
    fast_double

ctypedef fused fast:
    float
    fast_double

# the type in which numbers of type `real` are summed
ctypedef fused wider:
    float
    double
    fast_double

ctypedef fused number:
    float
    double
    fast_double


# ---- bits: clamps and signs take one integer operation; with comparisons they take six operations on masks

# min(|x|, most); NaN becomes most
cdef inline number magnitude(number x, number most) noexcept nogil:
    cdef int32_t a, m
    cdef int64_t b, n
    if number is float:
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
cdef inline number at_least(number x, number least) noexcept nogil:
    cdef int32_t a, m
    cdef int64_t b, n
    if number is float:
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
cdef inline number with_sign(number size, number x) noexcept nogil:
    if number is float:
        return float32((bits32(size) & ~INT32_MIN) | (bits32(x) & INT32_MIN))
    else:
        return float64((bits64(size) & ~INT64_MIN) | (bits64(x) & INT64_MIN))


# `right` where x is positive, `left` where it is negative, by its sign bit. Where several selects depend on one
# comparison, gcc duplicates the computations between them, divisions included; with masks it does not.
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
cdef inline number clamped(number x, number most) noexcept nogil:
    return with_sign(magnitude(x, most), x)


# y, but x where x is NaN: the clamps above do not propagate it
cdef inline number keep_nan(number x, number y) noexcept nogil:
    return x if x != x else y


# the reciprocal of a power of two, by its exponent
cdef inline number inverse_of_power(number power) noexcept nogil:
    if number is float:
        return float32(2 * bits32(1.0) - bits32(power))
    else:
        return float64(2 * bits64(1.0) - bits64(power))
