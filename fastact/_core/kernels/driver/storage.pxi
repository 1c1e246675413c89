# The element types of arrays, and the conversion of blocks to and from the type that a kernel takes.
#
# Kernels take float32 and float64; float16 and bfloat16 are converted (halves.pxi).

cdef enum:
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


# ---- copies between strided memory and contiguous blocks, which are of doubles if `wide`

ctypedef fused stored:
    uint16_t
    float
    double

# Separate loops for one number, every second one and reversed order: with a constant stride the compiler uses vectors.
cdef inline void gather(const char* source, Py_ssize_t stride, stored* block, Py_ssize_t n) noexcept nogil:
    cdef const stored* numbers = <const stored*>source
    cdef stored same
    cdef Py_ssize_t i
    if stride == 0 and n > 0:
        same = numbers[0]
        for i in range(n):
            block[i] = same
    elif stride == 2 * sizeof(stored):
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
    cdef double* wider = <double*>block
    cdef Py_ssize_t i
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
        load_halves(block, source, stride, n, kind, wide)


cdef void load_halves(void* block, const char* source, Py_ssize_t stride, Py_ssize_t n, int kind,
                      bint wide) noexcept nogil:
    cdef uint16_t[PIECE] piece
    cdef const uint16_t* halves
    cdef Py_ssize_t m, done = 0
    while done < n:
        m = min(n - done, <Py_ssize_t>PIECE)
        halves = <const uint16_t*>(source + done * stride)
        if stride != sizeof(uint16_t):
            gather(source + done * stride, stride, &piece[0], m)
            halves = &piece[0]
        if wide:
            widen_to_float64(halves, <double*>block + done, m, kind)
        else:
            widen(halves, <float*>block + done, m, kind)
        done += m


cdef void store(const void* block, char* target, Py_ssize_t stride, Py_ssize_t n, int kind, bint wide) noexcept nogil:
    if kind == FLOAT64:
        scatter(<const double*>block, target, stride, n)
    elif kind == FLOAT32:
        scatter(<const float*>block, target, stride, n)
    else:
        store_halves(block, target, stride, n, kind, wide)


cdef void store_halves(const void* block, char* target, Py_ssize_t stride, Py_ssize_t n, int kind,
                       bint wide) noexcept nogil:
    cdef uint16_t[PIECE] piece
    cdef uint16_t* halves
    cdef Py_ssize_t m, done = 0
    while done < n:
        m = min(n - done, <Py_ssize_t>PIECE)
        halves = <uint16_t*>(target + done * stride) if stride == sizeof(uint16_t) else &piece[0]
        if wide:
            narrow_float64(<const double*>block + done, halves, m, kind)
        else:
            narrow(<const float*>block + done, halves, m, kind)
        if stride != sizeof(uint16_t):
            scatter(&piece[0], target + done * stride, stride, m)
        done += m
