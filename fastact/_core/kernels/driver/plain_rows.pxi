# Rows by themselves without phases: some tens to some thousand float32 numbers, contiguous or copied by the driver.
# All that is needed for a row is in registers or in one scratch row, so the processor can begin the next row before the
# end of this one. The results have the bits of the phases: the sums are added up in the same order.
#
# Loops run over whole vectors and then over the last PLAIN_END numbers, which overlap them.

cdef extern from *:
    """
    #if defined(__AVX__)
    #include <immintrin.h>
    #endif
    #if defined(__AVX512F__)
    #define FASTACT_DOUBLES 8
    #elif defined(__AVX__)
    #define FASTACT_DOUBLES 4
    #else
    #define FASTACT_DOUBLES 2
    #endif
    #define FASTACT_PARTS (16 / FASTACT_DOUBLES)
    typedef double fastact_vector __attribute__((vector_size(8 * FASTACT_DOUBLES), aligned(8), may_alias));
    typedef float fastact_narrow __attribute__((vector_size(4 * FASTACT_DOUBLES), aligned(4), may_alias));

    /* 16 of the 64 strands of a sum: strand j is that of e[j], e[j + 64] and so on. */
    #define FASTACT_STRANDS(type, load) \
        for (i = 0; i < FASTACT_PARTS; i++) \
            strand[i] = load(*(type const *)(e + i * FASTACT_DOUBLES)); \
        for (f = 64; f < n; f += 64) \
            for (i = 0; i < FASTACT_PARTS; i++) \
                strand[i] += load(*(type const *)(e + f + i * FASTACT_DOUBLES));
    /* for vectors of AVX and AVX-512 gcc makes several instructions of __builtin_convertvector */
    #if defined(__AVX512F__)
    #define FASTACT_WIDEN(v) ((fastact_vector)_mm512_cvtps_pd((__m256)(v)))
    #elif defined(__AVX__)
    #define FASTACT_WIDEN(v) ((fastact_vector)_mm256_cvtps_pd((__m128)(v)))
    #else
    #define FASTACT_WIDEN(v) __builtin_convertvector(v, fastact_vector)
    #endif
    #define FASTACT_SAME(v) (v)

    static inline __attribute__((always_inline)) void fastact_strands_of_floats(
            float const *e, Py_ssize_t n, fastact_vector *strand) {
        Py_ssize_t f;
        int i;
        FASTACT_STRANDS(fastact_narrow, FASTACT_WIDEN)
    }
    static inline __attribute__((always_inline)) void fastact_strands_of_doubles(
            double const *e, Py_ssize_t n, fastact_vector *strand) {
        Py_ssize_t f;
        int i;
        FASTACT_STRANDS(fastact_vector, FASTACT_SAME)
    }

    /* Strands n .. 2 n are added to strands 0 .. n, for n = 32, 16, ..., 1, as fold() in row_sums.pxi does. */
    #define FASTACT_SUM(strands) \
        fastact_vector a[FASTACT_PARTS], b[FASTACT_PARTS], c[FASTACT_PARTS], d[FASTACT_PARTS]; \
        int i, k; \
        strands(e, n, a); strands(e + 16, n, b); strands(e + 32, n, c); strands(e + 48, n, d); \
        for (i = 0; i < FASTACT_PARTS; i++) \
            a[i] = (a[i] + c[i]) + (b[i] + d[i]); \
        for (k = FASTACT_PARTS / 2; k > 0; k /= 2) \
            for (i = 0; i < k; i++) \
                a[i] += a[i + k];
    #if FASTACT_DOUBLES == 8
    #define FASTACT_LAST(a) (((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7])))
    #elif FASTACT_DOUBLES == 4
    #define FASTACT_LAST(a) ((a[0] + a[2]) + (a[1] + a[3]))
    #else
    #define FASTACT_LAST(a) (a[0] + a[1])
    #endif
    static inline __attribute__((always_inline)) double fastact_sum_of_floats(float const *e, Py_ssize_t n) {
        FASTACT_SUM(fastact_strands_of_floats)
        return FASTACT_LAST(a[0]);
    }
    static inline __attribute__((always_inline)) double fastact_sum_of_doubles(double const *e, Py_ssize_t n) {
        FASTACT_SUM(fastact_strands_of_doubles)
        return FASTACT_LAST(a[0]);
    }

    /* The 64 strands of the products of two rows of 16 or more numbers; with `guards` those of y, NaN where x is. What
       remains after the last 64 is filled up with zeros. `count` vectors of sums fit into the registers. */
    typedef float fastact_floating __attribute__((vector_size(8 * FASTACT_DOUBLES), aligned(4), may_alias));
    #define FASTACT_FLOATS_AT_ONCE (FASTACT_DOUBLES == 8 ? 4 : 8)
    #define FASTACT_PAIR(x, y) (guards ? (x) == (x) ? (y) : (x) : (x) * (y))
    #define FASTACT_STRANDS_OF_PAIRS(real, type, bits, narrow, count, load) \
        enum { size = sizeof(type) / sizeof(real), columns = size * (count) }; \
        _Static_assert(64 % columns == 0, "whole vectors of strands"); \
        Py_ssize_t bulk = n & -(Py_ssize_t)64, rest = n - bulk, f, j; \
        real room[16 + 64], *ends = room + 16; \
        type s[count], u, v; \
        int first, i; \
        if (rest) { \
            for (j = 0; j < 64; j++) \
                ends[j] = 0; \
            for (f = 0; f + 16 <= rest; f += 16) \
                for (j = 0; j < 16; j++) \
                    ends[f + j] = FASTACT_PAIR((real)x[bulk + f + j], (real)y[bulk + f + j]); \
            if (f < rest) \
                for (j = 0; j < 16; j++) \
                    ends[rest - 16 + j] = FASTACT_PAIR((real)x[n - 16 + j], (real)y[n - 16 + j]); \
        } \
        for (first = 0; first < 64; first += columns) { \
            for (i = 0; i < count; i++) \
                s[i] = (type){0}; \
            for (f = first; f < bulk; f += 64) \
                for (i = 0; i < count; i++) { \
                    u = load(*(narrow const *)(x + f + i * size)); \
                    v = load(*(narrow const *)(y + f + i * size)); \
                    if (guards) \
                        u = (type)((bits)v | (bits)(u != u)); \
                    else \
                        u *= v; \
                    s[i] += u; \
                } \
            if (rest) \
                for (i = 0; i < count; i++) \
                    s[i] += *(type const *)(ends + first + i * size); \
            for (i = 0; i < count; i++) \
                *(type *)(strand + first + i * size) = s[i]; \
        }
    typedef int32_t fastact_bits __attribute__((vector_size(8 * FASTACT_DOUBLES)));
    typedef int64_t fastact_wide_bits __attribute__((vector_size(8 * FASTACT_DOUBLES)));
    static inline __attribute__((always_inline)) void fastact_strands_of_pairs(
            float const *x, float const *y, Py_ssize_t n, int guards, float *strand) {
        FASTACT_STRANDS_OF_PAIRS(float, fastact_floating, fastact_bits, fastact_floating, FASTACT_FLOATS_AT_ONCE,
                                 FASTACT_SAME)
    }
    static inline __attribute__((always_inline)) void fastact_strands_of_wide_pairs(
            float const *x, float const *y, Py_ssize_t n, int guards, double *strand) {
        FASTACT_STRANDS_OF_PAIRS(double, fastact_vector, fastact_wide_bits, fastact_narrow, 4, FASTACT_WIDEN)
    }

    /* the same for the 64 strands in memory */
    #define FASTACT_FOLD(type) \
        type a[32 / FASTACT_DOUBLES]; \
        int i, k; \
        for (i = 0; i < 32 / FASTACT_DOUBLES; i++) \
            a[i] = *(type const *)(strand + i * FASTACT_DOUBLES) \
                + *(type const *)(strand + 32 + i * FASTACT_DOUBLES); \
        for (k = 16 / FASTACT_DOUBLES; k > 0; k /= 2) \
            for (i = 0; i < k; i++) \
                a[i] += a[i + k];
    static inline __attribute__((always_inline)) double fastact_fold_floats(float const *strand) {
        FASTACT_FOLD(fastact_narrow)
        return FASTACT_LAST(a[0]);
    }
    static inline __attribute__((always_inline)) double fastact_fold_doubles(double const *strand) {
        FASTACT_FOLD(fastact_vector)
        return FASTACT_LAST(a[0]);
    }
    """
    # the sum of n numbers, a multiple of SUM_LANES
    double sum_of_floats "fastact_sum_of_floats"(const float* e, Py_ssize_t n) noexcept nogil
    double sum_of_doubles "fastact_sum_of_doubles"(const double* e, Py_ssize_t n) noexcept nogil
    void strands_of_pairs "fastact_strands_of_pairs"(const float* x, const float* y, Py_ssize_t n, bint guards,
                                                     float* strand) noexcept nogil
    void strands_of_wide_pairs "fastact_strands_of_wide_pairs"(const float* x, const float* y, Py_ssize_t n,
                                                               bint guards, double* strand) noexcept nogil
    double fold_floats "fastact_fold_floats"(const float* strand) noexcept nogil
    double fold_doubles "fastact_fold_doubles"(const double* strand) noexcept nogil

cdef enum:
    PLAIN_END = 16

cdef struct plain_row:
    void* operand[ROLES]   # a row or a single value, or NULL
    void* scratch          # a row of the type that the kernel computes in
    Py_ssize_t n

# False, and nothing is written, if the row needs the phases.
ctypedef bint (*plain_kernel)(const plain_row* row, void* compute) noexcept nogil
ctypedef bint (*exact_plain_kernel)(const plain_row* row, double* compute) noexcept nogil
ctypedef bint (*fast_plain_kernel)(const plain_row* row, float* compute) noexcept nogil


cdef inline Py_ssize_t whole_ends(Py_ssize_t n) noexcept nogil:
    return n & -<Py_ssize_t>PLAIN_END


# The largest of n numbers, or infinity if one is not a number.
cdef float plain_maximum(const float* x, Py_ssize_t n) noexcept nogil:
    return largest_with_signs(x, n, 0)


# The smallest, or minus infinity
cdef float plain_minimum(const float* x, Py_ssize_t n) noexcept nogil:
    return -largest_with_signs(x, n, INT32_MIN)


# The largest of the numbers with their bits changed by `signs`. The bits of positive numbers as integers are in their
# order, those of negative numbers in the opposite one; gcc reduces integers in registers.
cdef inline float largest_with_signs(const float* x, Py_ssize_t n, int32_t signs) noexcept nogil:
    cdef int32_t bits, best = INT32_MIN, size = 0
    cdef Py_ssize_t j
    for j in range(whole_ends(n)):
        bits = bits32(x[j]) ^ signs
        size = max(size, bits & INT32_MAX)
        best = max(best, bits ^ (bits >> 31 & INT32_MAX))
    for j in range(PLAIN_END):
        bits = bits32(x[n - PLAIN_END + j]) ^ signs
        size = max(size, bits & INT32_MAX)
        best = max(best, bits ^ (bits >> 31 & INT32_MAX))
    return float32(best ^ (best >> 31 & INT32_MAX)) if size <= 0x7f800000 else <float>INFINITY


# The exponentials of a row with the finite maximum m, and their sum, all scaled
cdef inline double plain_exponentials(const float* x, Py_ssize_t n, float m, real* e, bint closely) noexcept nogil:
    cdef real center, magic, least_beyond
    cdef float least
    cdef Py_ssize_t j
    if not -ORIGIN_LIMIT <= m <= ORIGIN_LIMIT:
        return plain_exponentials_beyond(x, n, m, e, closely)
    find_origin(m, &center, &magic, &least, &least_beyond)
    clear_plain_end(e, n)
    for j in range(whole_ends(n)):
        e[j] = power(<real>(least if least > x[j] else x[j]), magic, closely)
    for j in range(n - PLAIN_END, n):
        e[j] = power(<real>(least if least > x[j] else x[j]), magic, closely)
    return plain_sum(e, n)


# The same far from the origin (see find_origin)
cdef double plain_exponentials_beyond(const float* x, Py_ssize_t n, float m, real* e, bint closely) noexcept nogil:
    cdef real center, magic, least_beyond
    cdef float least
    cdef Py_ssize_t end = n - PLAIN_END
    find_origin(m, &center, &magic, &least, &least_beyond)
    clear_plain_end(e, n)
    if closely:
        powers_beyond(x, e, whole_ends(n), least_beyond, magic, center, True)
        powers_beyond(x + end, e + end, PLAIN_END, least_beyond, magic, center, True)
    else:
        powers_beyond(x, e, whole_ends(n), least_beyond, magic, center, False)
        powers_beyond(x + end, e + end, PLAIN_END, least_beyond, magic, center, False)
    return plain_sum(e, n)


# The same in one function for several kernels: less code, but a call of 5 to 10 ns
cdef double plain_short_exponentials(const float* x, Py_ssize_t n, float m, real* e) noexcept nogil:
    return plain_exponentials(x, n, m, e, False)


cdef inline Py_ssize_t whole_strands(Py_ssize_t n) noexcept nogil:
    return (n + SUM_LANES - 1) & -<Py_ssize_t>SUM_LANES


# Makes 0 what is added up after the last number.
cdef inline void clear_plain_end(real* e, Py_ssize_t n) noexcept nogil:
    memset(e + whole_strands(n) - SUM_LANES, 0, SUM_LANES * sizeof(real))


cdef inline double plain_sum(const real* e, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t padded = whole_strands(n)
    if real is float:
        return sum_of_floats(e, padded)
    else:
        return sum_of_doubles(<const double*>e, padded)


cdef inline double fold_strands(const real* strand) noexcept nogil:
    if real is float:
        return fold_floats(strand)
    else:
        return fold_doubles(<const double*>strand)


# As sum_pairs
cdef inline double plain_sum_of_pairs(const float* x, const float* y, Py_ssize_t n, bint guards,
                                      real* compute) noexcept nogil:
    cdef real[SUM_LANES] strand
    if real is float:
        strands_of_pairs(x, y, n, guards, &strand[0])
    else:
        strands_of_wide_pairs(x, y, n, guards, <double*>&strand[0])
    return fold_strands(&strand[0])


# The exponentials, not scaled any more, times a factor
cdef void plain_products(const plain_row* row, real factor) noexcept nogil:
    cdef const real* e = <const real*>row.scratch
    cdef float* y = <float*>row.operand[RESULT]
    cdef Py_ssize_t n = row.n, j
    for j in range(whole_ends(n)):
        y[j] = <float>(unscale(e[j], <float>0) * factor)
    for j in range(n - PLAIN_END, n):
        y[j] = <float>(unscale(e[j], <float>0) * factor)
