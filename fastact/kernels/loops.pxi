# The one driver of all elementwise ufuncs. NumPy hands it a strided loop; it shares the loop among threads, cuts each
# share into blocks, brings each operand's block to contiguous memory (in place where it already is) and calls the
# ufunc's kernel on it. The kernel's address travels in the `data` of the ufunc loop, so a function needs no driver of
# its own: `elementwise(...)` below registers it.
#
# A kernel reads x[0] .. x[nin - 1] and writes y[0] .. y[nout - 1], n contiguous elements each. An output may be the
# same memory as an input, element for element, never another overlap. `lanes` is always NULL: it names the type that
# the kernel computes in (math.pxi).
from cython.parallel cimport prange
from libc.math cimport INFINITY, NAN
from libc.stdlib cimport malloc
from libc.string cimport memcpy

cimport numpy as cnp

from fastact._runtime cimport (
    EXACT,
    FAST,
    call_ended,
    current_precision,
    seconds,
    team_is_awake,
    thread_limit,
)

from inspect import cleandoc

from fastact._docs import function_doc, gradient_doc

cnp.import_array()
cnp.import_ufunc()

cdef enum:
    BLOCK = 1024           # elements a kernel call where operands are copied: all stay in the first-level cache
    SHARE = 16384          # elements a thread at the least
    MAX_OPERANDS = 6

# Seconds of work from which on it pays to wake sleeping threads.
cdef double WORTH_WAKING = 100e-6

ctypedef void (*block_kernel)(const void** x, void** y, Py_ssize_t n, void* lanes) noexcept nogil
ctypedef void (*exact_kernel)(const float** x, float** y, Py_ssize_t n, double* lanes) noexcept nogil
ctypedef void (*fast_kernel)(const float** x, float** y, Py_ssize_t n, float* lanes) noexcept nogil
ctypedef void (*full_kernel)(const double** x, double** y, Py_ssize_t n, double* lanes) noexcept nogil

# What `data` points to. Inputs beyond nin are defaults: one value each, baked into the ufunc.
cdef struct elementwise_loop:
    block_kernel kernel[2]         # by precision; the same twice for float64
    int nin
    int nout
    int ndefaults
    Py_ssize_t size                # bytes of an element
    double defaults[MAX_OPERANDS]  # each holds a value of the loop's type

ufuncs = {}


# ---- the floating-point environment of a kernel: round to nearest, subnormals kept, no trap, whatever the caller or
# the worker thread has set; and the caller's own, exception flags included, as it was. So results and warnings depend
# neither on the thread nor on what ran before.

cdef extern from *:
    """
    #if defined(__SSE2__)
    #include <xmmintrin.h>
    typedef unsigned fastact_environment;
    static inline fastact_environment fastact_enter(void) {
        fastact_environment now = _mm_getcsr();
        _mm_setcsr(0x1f80);
        return now;
    }
    static inline void fastact_leave(fastact_environment before) { _mm_setcsr(before); }
    #else
    #include <fenv.h>
    typedef fenv_t fastact_environment;
    static inline fastact_environment fastact_enter(void) {
        fastact_environment now;
        fegetenv(&now);
        fesetenv(FE_DFL_ENV);
        return now;
    }
    static inline void fastact_leave(fastact_environment before) { fesetenv(&before); }
    #endif
    """
    ctypedef struct environment "fastact_environment":
        pass
    environment enter_environment "fastact_enter"() noexcept nogil
    void leave_environment "fastact_leave"(environment before) noexcept nogil


# ---- strided memory to contiguous and back

cdef inline void gather(item* block, const char* source, Py_ssize_t stride, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        block[i] = (<const item*>(source + i * stride))[0]

cdef inline void scatter(const item* block, char* target, Py_ssize_t stride, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        (<item*>(target + i * stride))[0] = block[i]

cdef void load(void* block, const char* source, Py_ssize_t stride, Py_ssize_t n, Py_ssize_t size) noexcept nogil:
    if size == sizeof(float):
        gather(<float*>block, source, stride, n)
    else:
        gather(<double*>block, source, stride, n)

cdef void store(const void* block, char* target, Py_ssize_t stride, Py_ssize_t n, Py_ssize_t size) noexcept nogil:
    if size == sizeof(float):
        scatter(<const float*>block, target, stride, n)
    else:
        scatter(<const double*>block, target, stride, n)


# ---- the driver

# elements start .. stop of the loop
cdef void run_share(const elementwise_loop* loop, block_kernel kernel, char** operands, const cnp.npy_intp* steps,
                    Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    cdef double[MAX_OPERANDS][BLOCK] buffer
    cdef const void* x[MAX_OPERANDS]
    cdef void* y[MAX_OPERANDS]
    cdef Py_ssize_t block = stop - start, n, stride
    cdef int k, nin = loop.nin, inputs = nin + loop.ndefaults
    cdef bint copies = loop.ndefaults > 0
    cdef char* place
    cdef environment before = enter_environment()
    for k in range(nin + loop.nout):
        copies = copies or steps[k] != loop.size
    if copies and block > BLOCK:
        block = BLOCK
    # one value for all elements: a single block of it serves the whole share
    for k in range(inputs):
        x[k] = &buffer[k][0]
        if k >= nin:
            load(&buffer[k][0], <const char*>&loop.defaults[k - nin], 0, block, loop.size)
        elif steps[k] == 0:
            load(&buffer[k][0], operands[k], 0, block, loop.size)
    while start < stop:
        n = min(block, stop - start)
        for k in range(nin):
            stride = steps[k]
            place = operands[k] + start * stride
            if stride == loop.size:
                x[k] = place
            elif stride != 0:
                load(&buffer[k][0], place, stride, n, loop.size)
        for k in range(loop.nout):
            stride = steps[nin + k]
            y[k] = operands[nin + k] + start * stride if stride == loop.size else <char*>&buffer[inputs + k][0]
        kernel(x, y, n, NULL)
        for k in range(loop.nout):
            stride = steps[nin + k]
            if stride != loop.size:
                store(y[k], operands[nin + k] + start * stride, stride, n, loop.size)
        start = start + n
    leave_environment(before)


# ufunc.reduce and ufunc.accumulate feed each result to the next element: such a loop goes one element at a time
cdef inline bint is_sequential(const elementwise_loop* loop, char** operands,
                               const cnp.npy_intp* steps) noexcept nogil:
    return loop.nin == 2 and loop.nout == 1 and (
        operands[0] + steps[0] == operands[2] and steps[0] == steps[2])


# NumPy lets an output overlap an input where it lies before it in memory: right for a loop from front to back, but the
# second thread would write what the first has still to read.
cdef bint overlap_partly(const elementwise_loop* loop, char** operands, const cnp.npy_intp* steps,
                         Py_ssize_t n) noexcept nogil:
    cdef int i, o
    for i in range(loop.nin):
        for o in range(loop.nin, loop.nin + loop.nout):
            if operands[i] == operands[o] and steps[i] == steps[o]:
                continue
            if (lowest(operands[i], steps[i], n) <= highest(operands[o], steps[o], n, loop.size)
                    and lowest(operands[o], steps[o], n) <= highest(operands[i], steps[i], n, loop.size)):
                return True
    return False

cdef inline char* lowest(char* place, Py_ssize_t step, Py_ssize_t n) noexcept nogil:
    return place + (n - 1) * step if step < 0 else place

cdef inline char* highest(char* place, Py_ssize_t step, Py_ssize_t n, Py_ssize_t size) noexcept nogil:
    return (place if step < 0 else place + (n - 1) * step) + size - 1


cdef void drive(char** operands, const cnp.npy_intp* dimensions, const cnp.npy_intp* steps, void* data) noexcept nogil:
    cdef const elementwise_loop* loop = <const elementwise_loop*>data
    cdef Py_ssize_t n = dimensions[0], i
    # precision and threads are the calling thread's own settings, so they are read before the parallel region
    cdef block_kernel kernel = loop.kernel[current_precision()]
    cdef int threads = 1 if n < 2 * SHARE else <int>min(n // SHARE, <Py_ssize_t>thread_limit())
    if is_sequential(loop, operands, steps):
        for i in range(n):
            run_share(loop, kernel, operands, steps, i, i + 1)
    elif threads == 1 or overlap_partly(loop, operands, steps, n):
        run_share(loop, kernel, operands, steps, 0, n)
    else:
        drive_team(loop, kernel, operands, steps, n, threads)


# Share the loop among threads. If they sleep, time the first part to see whether the rest is worth waking them.
cdef void drive_team(const elementwise_loop* loop, block_kernel kernel, char** operands, const cnp.npy_intp* steps,
                     Py_ssize_t n, int threads) noexcept nogil:
    cdef Py_ssize_t done = 0, blocks
    cdef double start
    cdef int t
    if not team_is_awake():
        start = seconds()
        done = SHARE
        run_share(loop, kernel, operands, steps, 0, done)
        if (seconds() - start) / done * (n - done) < WORTH_WAKING:
            threads = 1
    if threads == 1:
        run_share(loop, kernel, operands, steps, done, n)
    else:
        blocks = (n - done + BLOCK - 1) // BLOCK
        for t in prange(threads, num_threads=threads, schedule='static', chunksize=1):
            run_share(loop, kernel, operands, steps, done + blocks * t // threads * BLOCK,
                      min(n, done + blocks * (t + 1) // threads * BLOCK))
    call_ended(threads > 1)


# ---- registration

cdef cnp.PyUFuncGenericFunction elementwise_drivers[2]
elementwise_drivers[0] = <cnp.PyUFuncGenericFunction>drive
elementwise_drivers[1] = <cnp.PyUFuncGenericFunction>drive


# Publish a ufunc of `nin` inputs and `nout` outputs. `exact` and `fast` are its kernels for float32, `full` is that
# for float64. `defaults` are values of the last inputs: then a second
# ufunc, name_default, takes only the inputs before them: converting a Python float costs as much as a whole call.
cdef int elementwise(str name, int nin, int nout, exact_kernel exact, fast_kernel fast,
                     full_kernel full, str doc, tuple defaults=()) except -1:
    add_elementwise(name, nin, nout, exact, fast, full, doc, ())
    if defaults:
        add_elementwise(name + "_default", nin - len(defaults), nout, exact, fast, full, doc, defaults)
    return 0


cdef int add_elementwise(str name, int nin, int nout, exact_kernel exact, fast_kernel fast,
                         full_kernel full, str doc, tuple defaults) except -1:
    # NumPy keeps all of these pointers for the life of the ufunc, so they are never freed.
    cdef elementwise_loop* loops = <elementwise_loop*>malloc(2 * sizeof(elementwise_loop))
    cdef void** data = <void**>malloc(2 * sizeof(void*))
    cdef char* types = <char*>malloc(2 * (nin + nout))
    cdef int k
    if loops == NULL or data == NULL or types == NULL:
        raise MemoryError
    loops[0].kernel[EXACT] = <block_kernel>exact
    loops[0].kernel[FAST] = <block_kernel>fast if FMA else <block_kernel>exact  # float lanes need it
    loops[1].kernel[EXACT] = loops[1].kernel[FAST] = <block_kernel>full
    loops[0].size = sizeof(float)
    loops[1].size = sizeof(double)
    for k in range(2):
        loops[k].nin = nin
        loops[k].nout = nout
        loops[k].ndefaults = len(defaults)
        data[k] = &loops[k]
    cdef float single
    for k in range(len(defaults)):
        single = loops[1].defaults[k] = defaults[k]
        memcpy(&loops[0].defaults[k], &single, sizeof(float))
    for k in range(nin + nout):
        types[k] = cnp.NPY_FLOAT
        types[nin + nout + k] = cnp.NPY_DOUBLE
    ufuncs[name] = cnp.PyUFunc_FromFuncAndData(
        elementwise_drivers, data, types, 2, nin, nout, cnp.PyUFunc_None,
        kept(name.encode()), kept(cleandoc(doc).encode()), 0)
    return 0


# A C string that lives as long as the process.
cdef const char* kept(bytes text) except NULL:
    cdef Py_ssize_t size = len(text) + 1
    cdef char* copy = <char*>malloc(size)
    if copy == NULL:
        raise MemoryError
    memcpy(copy, <const char*>text, size)
    return copy
