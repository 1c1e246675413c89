# The element types of arrays, and the conversion of blocks to and from the type that a kernel takes.
#
# Kernels take float32 and float64. float16 and bfloat16 are computed in float64 and rounded once, so they are correctly
# rounded as far as float64 is. Both are converted by integer operations on whole blocks: gcc 12 converts _Float16 one
# at a time, and by way of float32 a result would be rounded twice.

cdef enum:
    PIECE = 256            # 16-bit numbers converted at a time
    LINE = 64              # bytes of a cache line

# kinds of storage
cdef enum:
    FLOAT16
    BFLOAT16
    FLOAT32
    FLOAT64
    BOOL                   # masks, converted to 0 and 1

cdef Py_ssize_t[5] storage_size
storage_size[FLOAT16] = storage_size[BFLOAT16] = sizeof(uint16_t)
storage_size[FLOAT32], storage_size[FLOAT64], storage_size[BOOL] = sizeof(float), sizeof(double), 1


cdef inline double from_float16(uint16_t h) noexcept nogil:
    cdef int32_t size = h & 0x7fff, shifted = size << 13
    # the exponent's bias is 15, a float's 127; the largest exponent is that of inf and NaN
    cdef float y = float32(shifted + (224 << 23 if size >= 0x7c00 else 112 << 23))
    # subnormal numbers are multiples of 2^-24
    cdef float small = float32(shifted + (113 << 23)) - <float>6.103515625e-05
    y = small if size < 0x400 else y
    return float32(bits32(y) | <int32_t>(<uint32_t>(h & 0x8000) << 16))


cdef inline double from_bfloat16(uint16_t h) noexcept nogil:
    return float32(<int32_t>(<uint32_t>h << 16))


# x rounded to nearest, ties to even, by adding half a unit to its bits: `dropped` bits are dropped, `bias` is the
# difference of the exponents' biases, and from `overflow` = 2^(largest exponent + 1) on the result is inf
cdef inline uint16_t rounded(double x, int dropped, int64_t bias, double overflow, double least_normal,
                             double subnormal_magic) noexcept nogil:
    cdef double a = magnitude(x, overflow), moved
    cdef int64_t i = bits64(a), normal, small, sign = (bits64(x) >> 48) & 0x8000
    normal = ((i + (((<int64_t>1) << (dropped - 1)) - 1) + ((i >> dropped) & 1)) >> dropped) - bias
    # below the least normal number: an addition that rounds to a multiple of the least subnormal one
    moved = a + subnormal_magic
    small = bits64(moved) - bits64(subnormal_magic)
    normal = small if a < least_normal else normal
    return <uint16_t>(normal | sign)


cdef inline uint16_t to_float16(double x) noexcept nogil:
    cdef uint16_t y = rounded(x, 42, 1008 << 10, 65536.0, 6.103515625e-05, 268435456.0)
    return 0x7e00 if x != x else y


cdef inline uint16_t to_bfloat16(double x) noexcept nogil:
    cdef uint16_t y = rounded(x, 45, 896 << 7, 3.402823669209385e+38, 1.1754943508222875e-38, 4.1359030627651384e-25)
    return 0x7fc0 if x != x else y


# ---- copies between strided memory and contiguous blocks, which are of doubles if `wide`

ctypedef fused stored:
    uint16_t
    float
    double

# Separate loops for every second element and for reversed order: with a constant stride the compiler shuffles vectors.
cdef inline void gather(const char* source, Py_ssize_t stride, stored* block, Py_ssize_t n) noexcept nogil:
    cdef const stored* numbers = <const stored*>source
    cdef Py_ssize_t i
    if stride == 2 * sizeof(stored):
        for i in range(n):
            block[i] = numbers[2 * i]
    elif stride == -<Py_ssize_t>sizeof(stored):
        for i in range(n):
            block[i] = numbers[-i]
    else:
        for i in range(n):
            block[i] = (<const stored*>(source + i * stride))[0]

cdef inline void scatter(const stored* block, char* target, Py_ssize_t stride, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    if stride == sizeof(stored):
        memcpy(target, block, n * sizeof(stored))
    else:
        for i in range(n):
            (<stored*>(target + i * stride))[0] = block[i]


cdef void load(void* block, const char* source, Py_ssize_t stride, Py_ssize_t n, int kind,
               bint wide) noexcept nogil:
    cdef uint16_t[PIECE] piece
    cdef const uint16_t* halves
    cdef double* wider = <double*>block
    cdef Py_ssize_t i, m, done = 0
    if kind == FLOAT64:
        gather(source, stride, wider, n)
    elif kind == FLOAT32 and not wide:
        gather(source, stride, <float*>block, n)
    elif kind == FLOAT32:
        for i in range(n):
            wider[i] = (<const float*>(source + i * stride))[0]
    elif kind == BOOL:
        for i in range(n):
            if wide:
                wider[i] = source[i * stride] != 0
            else:
                (<float*>block)[i] = source[i * stride] != 0
    else:
        while done < n:
            m = min(n - done, <Py_ssize_t>PIECE)
            halves = <const uint16_t*>(source + done * stride)
            if stride != sizeof(uint16_t):
                gather(source + done * stride, stride, &piece[0], m)
                halves = &piece[0]
            if kind == FLOAT16:
                for i in range(m):
                    wider[done + i] = from_float16(halves[i])
            else:
                for i in range(m):
                    wider[done + i] = from_bfloat16(halves[i])
            done += m


cdef void store(const void* block, char* target, Py_ssize_t stride, Py_ssize_t n, int kind) noexcept nogil:
    cdef uint16_t[PIECE] piece
    cdef uint16_t* halves
    cdef const double* wider = <const double*>block
    cdef Py_ssize_t i, m, done = 0
    if kind == FLOAT64:
        scatter(wider, target, stride, n)
    elif kind == FLOAT32:
        scatter(<const float*>block, target, stride, n)
    else:
        while done < n:
            m = min(n - done, <Py_ssize_t>PIECE)
            halves = <uint16_t*>(target + done * stride) if stride == sizeof(uint16_t) else &piece[0]
            if kind == FLOAT16:
                for i in range(m):
                    halves[i] = to_float16(wider[done + i])
            else:
                for i in range(m):
                    halves[i] = to_bfloat16(wider[done + i])
            if stride != sizeof(uint16_t):
                scatter(&piece[0], target + done * stride, stride, m)
            done += m
