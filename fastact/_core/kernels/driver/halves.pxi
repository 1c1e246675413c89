# Conversions of float16 and bfloat16. Those from float64 round once: a number is first rounded "to odd" to a float,
# whose last bit says that something was cut off and which is therefore no tie of the 16-bit type unless the number is
# (Boldo and Melquiond, "When double rounding is odd", 2005). gcc 12 converts _Float16 one at a time, but processors
# with AVX2 have an instruction that converts eight. The results are the same without it: all NaN become the same one.
cdef extern from *:
    """
    #if defined(__F16C__)
    #include <immintrin.h>
    #define FASTACT_F16C 1
    static inline void fastact_eight_from_float16(const uint16_t *h, float *x) {
        _mm256_storeu_ps(x, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)h)));
    }
    static inline void fastact_eight_to_float16(const float *x, uint16_t *h) {
        __m256 y = _mm256_loadu_ps(x);
        y = _mm256_blendv_ps(y, _mm256_set1_ps(NAN), _mm256_cmp_ps(y, y, _CMP_UNORD_Q));
        _mm_storeu_si128((__m128i *)h, _mm256_cvtps_ph(y, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
    }
    #else
    #define FASTACT_F16C 0
    #define fastact_eight_from_float16(h, x) ((void)0)
    #define fastact_eight_to_float16(x, h) ((void)0)
    #endif
    """
    const int F16C "FASTACT_F16C"
    const float LEAST_NORMAL_FLOAT16 "0x1p-14f"
    void eight_from_float16 "fastact_eight_from_float16"(const uint16_t* h, float* x) noexcept nogil
    void eight_to_float16 "fastact_eight_to_float16"(const float* x, uint16_t* h) noexcept nogil

cdef enum:
    PIECE = 256            # 16-bit numbers converted at a time


cdef inline float from_float16(uint16_t h) noexcept nogil:
    cdef int32_t size = h & 0x7fff, shifted = size << 13
    # the exponent's bias is 15, a float's 127; the largest exponent is that of inf and NaN
    cdef float y = float32(shifted + (224 << 23 if size >= 0x7c00 else 112 << 23))
    # subnormal numbers are multiples of 2^-24
    cdef float small = float32(shifted + (113 << 23)) - <float>6.103515625e-05
    y = small if size < 0x400 else y
    return float32(bits32(y) | <int32_t>(<uint32_t>(h & 0x8000) << 16))


cdef inline float from_bfloat16(uint16_t h) noexcept nogil:
    return float32(<int32_t>(<uint32_t>h << 16))


cdef inline uint16_t to_float16(float x) noexcept nogil:
    # from 2^16 on the result is inf
    cdef float a = magnitude(x, <float>65536.0), half = 0.5
    cdef int32_t i = bits32(a), y = ((i + 0xfff + ((i >> 13) & 1)) >> 13) - (112 << 10)
    # below the least normal number: an addition that rounds to a multiple of the least subnormal one, 2^-24
    y = bits32(a + half) - bits32(half) if a < LEAST_NORMAL_FLOAT16 else y
    y |= <int32_t>(<uint32_t>bits32(x) >> 16) & 0x8000
    return 0x7e00 if x != x else <uint16_t>y


cdef inline uint16_t to_bfloat16(float x) noexcept nogil:
    cdef uint32_t i = <uint32_t>bits32(x)
    return 0x7fc0 if x != x else <uint16_t>((i + 0x7fff + ((i >> 16) & 1)) >> 16)


# x as a float that rounds to the same float16 and, if |x| is at least 2^-126, bfloat16: the last bit of the 24 that a
# float keeps is set if a later one was.
cdef inline float rounded_to_odd(double x) noexcept nogil:
    cdef int64_t cut = 0x1fffffff, i = bits64(x)
    return <float>float64((i | ((i & cut) + cut)) & ~cut)


# The same for bfloat16 below: rounded to a multiple of its least subnormal number, 2^-133, by an addition.
cdef inline float rounded_subnormal(double x) noexcept nogil:
    cdef double multiples = 4.1359030627651384e-25
    return <float>with_sign(magnitude(x, 1.0) + multiples - multiples, x)


# ---- blocks of float32

cdef void widen(const uint16_t* halves, float* x, Py_ssize_t n, int kind) noexcept nogil:
    cdef Py_ssize_t i, whole = n & -8 if F16C and kind == FLOAT16 else 0
    if kind == BFLOAT16:
        for i in range(n):
            x[i] = from_bfloat16(halves[i])
        return
    for i in range(0, whole, 8):
        eight_from_float16(halves + i, x + i)
    for i in range(whole, n):
        x[i] = from_float16(halves[i])


cdef void narrow(const float* x, uint16_t* halves, Py_ssize_t n, int kind) noexcept nogil:
    cdef Py_ssize_t i, whole = n & -8 if F16C and kind == FLOAT16 else 0
    if kind == BFLOAT16:
        for i in range(n):
            halves[i] = to_bfloat16(x[i])
        return
    for i in range(0, whole, 8):
        eight_to_float16(x + i, halves + i)
    for i in range(whole, n):
        halves[i] = to_float16(x[i])


# ---- ties: floats halfway between two numbers of the 16-bit type, which a rounding may have put there; and NaN, which
# may come from a factor that float32 cannot hold

cdef inline int32_t is_nan(float x) noexcept nogil:
    return (bits32(x) & INT32_MAX) > 0x7f800000


cdef inline int32_t is_tie_of_bfloat16(float x) noexcept nogil:
    return ((bits32(x) & 0xffff) == 0x8000) | is_nan(x)


# The float16 below the least normal one are multiples of 2^-24, and ties odd multiples of 2^-25.
cdef inline int32_t is_tie_of_float16(float x) noexcept nogil:
    cdef float a = magnitude(x, <float>65536.0), half = 0.5, tie = 2.9802322387695312e-08
    cdef int32_t normal = ((bits32(a) & 0x1fff) == 0x1000) | is_nan(x)
    cdef int32_t subnormal = magnitude((a + half - half) - a, half) == tie
    return subnormal if a < LEAST_NORMAL_FLOAT16 else normal


# Whether one of n floats is a tie. Few blocks hold a float16 below the least normal one.
cdef bint has_tie(const float* x, Py_ssize_t n, int kind) noexcept nogil:
    cdef Py_ssize_t i
    cdef int32_t found = 0, cut = 0xffff if kind == BFLOAT16 else 0x1fff, tie = (cut + 1) >> 1
    cdef uint32_t least = 0xffffffff, a
    for i in range(n):
        found |= ((bits32(x[i]) & cut) == tie) | is_nan(x[i])
        a = <uint32_t>(bits32(x[i]) & INT32_MAX) - 1  # 0 becomes the largest
        least = a if a < least else least
    if kind == BFLOAT16 or least >= <uint32_t>bits32(LEAST_NORMAL_FLOAT16):
        return found
    found = 0
    for i in range(n):
        found |= is_tie_of_float16(x[i])
    return found


# Set the mark of each tie.
cdef void mark_ties(const float* x, int32_t* marks, Py_ssize_t n, int kind) noexcept nogil:
    cdef Py_ssize_t i
    if kind == BFLOAT16:
        for i in range(n):
            marks[i] |= is_tie_of_bfloat16(x[i])
    else:
        for i in range(n):
            marks[i] |= is_tie_of_float16(x[i])


# ---- blocks of float64, at most PIECE numbers

cdef void widen_to_float64(const uint16_t* halves, double* x, Py_ssize_t n, int kind) noexcept nogil:
    cdef float[PIECE] piece
    cdef Py_ssize_t i
    widen(halves, &piece[0], n, kind)
    for i in range(n):
        x[i] = piece[i]


cdef void narrow_float64(const double* x, uint16_t* halves, Py_ssize_t n, int kind) noexcept nogil:
    cdef float[PIECE] piece
    cdef double least_normal = 1.1754943508222875e-38
    cdef Py_ssize_t i
    if kind == FLOAT16:
        for i in range(n):
            piece[i] = rounded_to_odd(x[i])
    else:
        for i in range(n):
            piece[i] = (rounded_subnormal(x[i]) if magnitude(x[i], 1.0) < least_normal
                        else rounded_to_odd(x[i]))
    narrow(&piece[0], halves, n, kind)
