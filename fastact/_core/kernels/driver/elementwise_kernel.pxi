# What a kernel is, and how it is called.
#
# A kernel reads x[0] .. x[nin - 1] and writes y[0] .. y[nout - 1], n contiguous elements each. An output may be the
# same memory as an input, element for element; no other overlap is allowed. A factor is read as doubles. If `uniform`,
# each parameter is one number for all elements: only x[k][0] exists. `compute` is a tag: its type is what the kernel
# computes in (bits.pxi).
#
# n is a multiple of VECTOR, which `whole(n)` in the loop tells the compiler: it then generates no code for the elements
# that are left after the last vector, half of all code. The driver computes these in a buffer of one vector.
cdef extern from *:
    """
    #if defined(__AVX512F__)
    #define FASTACT_VECTOR 16
    #elif defined(__AVX__)
    #define FASTACT_VECTOR 8
    #else
    #define FASTACT_VECTOR 4
    #endif
    """
    enum:
        VECTOR "FASTACT_VECTOR"    # floats in the longest vector

cdef enum:
    MAX_OPERANDS = 8

cdef inline Py_ssize_t whole(Py_ssize_t n) noexcept nogil:
    return n & -<Py_ssize_t>VECTOR

ctypedef void (*block_kernel)(const void** x, void** y, Py_ssize_t n, bint uniform, void* compute) noexcept nogil
ctypedef void (*exact_kernel)(const float** x, float** y, Py_ssize_t n, bint uniform, double* compute) noexcept nogil
ctypedef void (*fast_kernel)(const float** x, float** y, Py_ssize_t n, bint uniform, float* compute) noexcept nogil
ctypedef void (*wide_exact_kernel)(const double** x, double** y, Py_ssize_t n, bint uniform,
                                   double* compute) noexcept nogil
ctypedef void (*wide_fast_kernel)(const double** x, double** y, Py_ssize_t n, bint uniform,
                                  fast_double* compute) noexcept nogil

# What `data` points to. Inputs beyond nin are defaults, one value each, built into the ufunc. float16 and bfloat16 are
# computed as float32 is in precision "exact", except that where the float lies halfway between two of these numbers
# `to_break_ties`, the same in float64, decides.
cdef struct elementwise_loop:
    block_kernel kernel[2]         # by precision
    bint wide                      # whether the kernels take float64
    int nin
    int nout
    int ndefaults
    int numbers                    # how many of the last inputs, defaults included, the kernel also takes as numbers
    int kind[MAX_OPERANDS]         # the storage type of each operand
    double defaults[MAX_OPERANDS]
    const elementwise_loop* to_break_ties


# Call the kernel on n elements, of which it has `inputs` operands, defaults included.
cdef inline void call_kernel(const elementwise_loop* loop, block_kernel kernel, const void** x, void** y, Py_ssize_t n,
                             int inputs, bint numbers) noexcept nogil:
    if n == whole(n):
        kernel(x, y, n, numbers, NULL)
    else:
        call_with_rest(loop, kernel, x, y, n, inputs, numbers)


# The same for any n: the last VECTOR elements, or all if there are fewer, go through a buffer. It is filled before the
# first call, because outputs may be inputs, and stored after it, because both calls compute some elements.
cdef void call_with_rest(const elementwise_loop* loop, block_kernel kernel, const void** x, void** y, Py_ssize_t n,
                         int inputs, bint numbers) noexcept nogil:
    cdef double buffer[MAX_OPERANDS][VECTOR]
    cdef const void* last_x[MAX_OPERANDS]
    cdef void* last_y[MAX_OPERANDS]
    cdef Py_ssize_t size = sizeof(double) if loop.wide else sizeof(float), factor = sizeof(double)
    cdef Py_ssize_t count = min(n, <Py_ssize_t>VECTOR)
    cdef int k
    for k in range(inputs):
        last_x[k] = x[k]
        if not (numbers and k >= inputs - loop.numbers):
            last_x[k] = &buffer[k][0]
            copy_end(&buffer[k][0], x[k], n, count, factor if k < loop.nin and loop.kind[k] == FLOAT64 else size)
    for k in range(loop.nout):
        last_y[k] = &buffer[inputs + k][0]
    if n > VECTOR:
        kernel(x, y, whole(n), numbers, NULL)
    kernel(last_x, last_y, VECTOR, numbers, NULL)
    for k in range(loop.nout):
        if count < VECTOR:
            memcpy(y[k], last_y[k], count * size)
        else:
            copy_vector(<char*>y[k] + (n - VECTOR) * size, last_y[k], size)


# Copy a vector of numbers. With constant sizes the copies are single instructions.
cdef inline void copy_vector(void* target, const void* source, Py_ssize_t size) noexcept nogil:
    if size == sizeof(double):
        memcpy(target, source, VECTOR * sizeof(double))
    else:
        memcpy(target, source, VECTOR * sizeof(float))


# The last `count` of n numbers, and zeros up to a vector.
cdef inline void copy_end(void* target, const void* source, Py_ssize_t n, Py_ssize_t count,
                          Py_ssize_t size) noexcept nogil:
    if count < VECTOR:
        memset(target, 0, VECTOR * sizeof(double))
        memcpy(target, source, count * size)
    else:
        copy_vector(target, <const char*>source + (n - VECTOR) * size, size)
