# The one driver of all elementwise ufuncs. NumPy hands it a strided loop; it shares the loop among threads, cuts each
# share into blocks, brings each operand's block to contiguous memory (in place where it already is) and calls the
# ufunc's kernel on it. The kernel's address travels in the `data` of the ufunc loop, so a function needs no driver of
# its own: `elementwise(...)` below registers it.
#
# A kernel reads x[0] .. x[nin - 1] and writes y[0] .. y[nout - 1], n contiguous elements each. An output may be the
# same memory as an input, element for element, never another overlap. A factor (`scaled` below) is read as doubles.
# `lanes` names the type that the kernel computes in (math.pxi) and is NULL, unless the ufunc has `light` parameters and
# each is one number for all elements: then x[k][0] is all there is of it.
from cython.parallel cimport prange
from libc.math cimport INFINITY, NAN
from libc.stdlib cimport malloc
from libc.string cimport memcpy, memset

cimport numpy as cnp

from fastact._runtime cimport (
    EXACT,
    FAST,
    beyond_caches,
    call_ended,
    call_started,
    compares_few_bits,
    current_precision,
    only_way,
    seconds,
    team_is_awake,
    thread_limit,
)

from fastact._docs import cleandoc, function_doc, gated_doc, gated_gradient_doc, gradient_doc, output_gradient_doc

cnp.import_array()
cnp.import_ufunc()

cdef enum:
    BLOCK = 1024           # elements a kernel call where operands are copied: all stay in the first-level cache
    FETCHED = 512          # elements a kernel call where memory is asked for ahead
    FAR = 16777216         # bytes of a share beyond the caches of one processor
    SHARE = 16384          # elements a thread at the least
    ALIGNED = 4096         # elements from which on it pays to begin at a cache line
    MAX_OPERANDS = 8

# Seconds of work from which on it pays to wake sleeping threads.
cdef double WORTH_WAKING = 100e-6

ctypedef void (*block_kernel)(const void** x, void** y, Py_ssize_t n, void* lanes) noexcept nogil
ctypedef void (*exact_kernel)(const float** x, float** y, Py_ssize_t n, double* lanes) noexcept nogil
ctypedef void (*fast_kernel)(const float** x, float** y, Py_ssize_t n, float* lanes) noexcept nogil
ctypedef void (*full_kernel)(const double** x, double** y, Py_ssize_t n, double* lanes) noexcept nogil

# What `data` points to. Inputs beyond nin are defaults: one value each, baked into the ufunc.
cdef struct elementwise_loop:
    block_kernel kernel[2]         # by precision; the same twice where the kernel works in float64
    bint wide                      # whether it does
    int nin
    int nout
    int ndefaults
    int light                      # how many of the last inputs, defaults included, the kernel takes as numbers too
    int kind[MAX_OPERANDS]     # what each operand holds
    double defaults[MAX_OPERANDS]

ufuncs = {}


# ---- the driver

# Whether the kernel takes operand k as it lies in memory.
cdef inline bint in_place(const elementwise_loop* loop, const cnp.npy_intp* steps, int k) noexcept nogil:
    return steps[k] == storage_size[loop.kind[k]] and loop.kind[k] == (FLOAT64 if loop.wide else FLOAT32)


# Whether the kernel is to take its parameters as numbers.
cdef inline bint parameters_are_numbers(const elementwise_loop* loop, const cnp.npy_intp* steps) noexcept nogil:
    cdef int k
    for k in range(loop.nin + loop.ndefaults - loop.light, loop.nin):
        if steps[k] != 0:
            return False
    return loop.light > 0


# Ways to move what lies beyond the caches, all with the same results. Which is the quickest depends on the function, on
# the processor and, where several inputs are read or copies of parameters, on where the code happens to lie: up to
# three times the time. So each share tries those open to it on a small part of its work, and does the rest by the best.
cdef enum:
    AS_IT_LIES = 0
    ASKED = 1              # the memory of the next block is asked for while this one is computed
    STREAMED = 2           # outputs go past the caches: no line is read before it is written
    BY_TURNS = 3           # so too, several pages by turns, for which few elements are computed at once
    WAYS = 4
    TRIES = 2              # of each way: the system may interrupt one
    TRIAL = 128            # so many parts has a share, one for each try

# The ways that are open to a share of the whole loop, a bit for each. Outputs stay in the caches if the loop may find
# room there, or if they lie where an input does, which brings them there anyway, or overlap one, which wants the order
# kept.
cdef int open_ways(const elementwise_loop* loop, char** operands, const cnp.npy_intp* steps, Py_ssize_t share,
                   Py_ssize_t whole) noexcept nogil:
    cdef Py_ssize_t size = 0
    cdef int k, o, ways = 1 << AS_IT_LIES
    for k in range(loop.nin + loop.nout):
        if in_place(loop, steps, k):
            size += steps[k]
            ways |= 1 << ASKED if k < loop.nin else 0
    if size * share <= min(<Py_ssize_t>FAR, beyond_caches()):
        return 1 << AS_IT_LIES
    if size * whole < beyond_caches() or overlap_partly(loop, operands, steps, whole):
        return ways
    for o in range(loop.nin, loop.nin + loop.nout):
        if not in_place(loop, steps, o):
            return ways
        for k in range(loop.nin):
            if operands[k] == operands[o]:
                return ways
    return ways | 1 << STREAMED | 1 << BY_TURNS


# Whether output k lies where the loads of an input would wait for its stores.
cdef inline bint holds_up(const elementwise_loop* loop, char** operands, const cnp.npy_intp* steps,
                          int k) noexcept nogil:
    cdef int i
    for i in range(loop.nin):
        if steps[i] == steps[k] and trails(operands[k], operands[i]):
            return True
    return False


# elements start .. stop of the whole loop
cdef void run_share(const elementwise_loop* loop, block_kernel kernel, char** operands, const cnp.npy_intp* steps,
                    Py_ssize_t start, Py_ssize_t stop, Py_ssize_t whole) noexcept nogil:
    cdef int ways = open_ways(loop, operands, steps, stop - start, whole), way, best = AS_IT_LIES, i, only = only_way()
    cdef Py_ssize_t part = (stop - start) // (TRIAL * BLOCK) * BLOCK
    cdef double least = INFINITY, begin, end
    if only >= 0:
        best = only if ways >> only & 1 else AS_IT_LIES
    elif ways > 1 << AS_IT_LIES and part > 0:
        for i in range(TRIES * WAYS):
            way = i % WAYS
            if ways >> way & 1:
                begin = seconds()
                run_blocks(loop, kernel, operands, steps, start, start + part, way)
                end = seconds()
                start += part
                if end - begin < least:
                    least, best = end - begin, way
    run_blocks(loop, kernel, operands, steps, start, stop, best)


# elements start .. stop of the loop
cdef void run_blocks(const elementwise_loop* loop, block_kernel kernel, char** operands, const cnp.npy_intp* steps,
                     Py_ssize_t start, Py_ssize_t stop, int way) noexcept nogil:
    cdef double[MAX_OPERANDS][BLOCK] buffer
    cdef const void* x[MAX_OPERANDS]
    cdef void* y[MAX_OPERANDS]
    cdef bint direct[MAX_OPERANDS]
    cdef Py_ssize_t block = stop - start, n, unit, lead = 0, origin, at
    cdef int k, o, nin = loop.nin, inputs = nin + loop.ndefaults
    cdef bint numbers = parameters_are_numbers(loop, steps), copies = loop.ndefaults > 0 and not numbers
    cdef int asked = 0  # the memory of inputs from this one on is asked for
    cdef bint streams = way >= STREAMED, late = False
    cdef environment before = enter_environment()
    for k in range(nin + loop.nout):
        direct[k] = in_place(loop, steps, k)
        copies = copies or not (direct[k] or numbers and inputs - loop.light <= k < nin)
        # of several the processor follows the first one well by itself
        asked = 1 if direct[k] and 0 < k < nin else asked
    for o in range(nin, nin + loop.nout):
        late = late or holds_up(loop, operands, steps, o)
        direct[o] = direct[o] and not (streams or late)
    asked = asked if way == ASKED else nin
    unit = UNIT // steps[nin] if way == BY_TURNS else BLOCK
    if streams:
        lead = before_boundary(operands[nin] + start * steps[nin], steps[nin], PAGE if way == BY_TURNS else LINE)
    elif direct[0] and not copies and block >= ALIGNED:
        lead = before_boundary(operands[0] + start * steps[0], steps[0], LINE)
    block = min(block, FETCHED if way == ASKED else unit if copies or streams or late else block)
    origin = start + lead
    # one value for all elements: a single block of it serves the whole share
    for k in range(inputs):
        x[k] = &buffer[k][0]
        n = 1 if numbers and k >= inputs - loop.light else max(block, lead)
        if k >= nin:
            fill(&buffer[k][0], loop.defaults[k - nin], n, loop.wide)
        elif steps[k] == 0:
            load(&buffer[k][0], operands[k], 0, n, loop.kind[k], loop.wide)
    while start < stop:
        n = min(lead if start < origin else block, stop - start)
        at = origin + by_turns(start - origin, stop - origin, unit) if way == BY_TURNS and start >= origin else start
        for k in range(nin):
            if direct[k]:
                x[k] = operands[k] + at * steps[k]
                if k >= asked:
                    fetch_ahead(<const char*>x[k] + n * steps[k], min(n, stop - start - n) * steps[k])
            elif steps[k] != 0:
                load(&buffer[k][0], operands[k] + at * steps[k], steps[k], n, loop.kind[k], loop.wide)
        for o in range(loop.nout):
            k = nin + o
            y[o] = operands[k] + at * steps[k] if direct[k] else <char*>&buffer[inputs + o][0]
        kernel(x, y, n, &buffer[0][0] if numbers else NULL)
        for o in range(loop.nout):
            k = nin + o
            if streams:
                stream(y[o], operands[k] + at * steps[k], n * steps[k])
            elif not direct[k]:
                store(y[o], operands[k] + at * steps[k], steps[k], n, loop.kind[k])
        start = start + n
    if streams:
        stream_end()
    leave_environment(before)


cdef void fill(void* block, double value, Py_ssize_t n, bint wide) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        if wide:
            (<double*>block)[i] = value
        else:
            (<float*>block)[i] = <float>value


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
            if (lowest(operands[i], steps[i], n) <= highest(operands[o], steps[o], n, loop.kind[o])
                    and lowest(operands[o], steps[o], n) <= highest(operands[i], steps[i], n, loop.kind[i])):
                return True
    return False

cdef inline char* lowest(char* place, Py_ssize_t step, Py_ssize_t n) noexcept nogil:
    return place + (n - 1) * step if step < 0 else place

cdef inline char* highest(char* place, Py_ssize_t step, Py_ssize_t n, int kind) noexcept nogil:
    return (place if step < 0 else place + (n - 1) * step) + storage_size[kind] - 1


# Whether the kernel can take all operands as they lie, all at once; few elements are done before a load would wait.
cdef inline bint all_in_place(const elementwise_loop* loop, char** operands, const cnp.npy_intp* steps,
                              Py_ssize_t n) noexcept nogil:
    cdef int k
    for k in range(loop.nin + loop.nout):
        if not in_place(loop, steps, k) or (n > WAITING and k >= loop.nin and holds_up(loop, operands, steps, k)):
            return False
    return loop.ndefaults == 0


cdef void drive(char** operands, const cnp.npy_intp* dimensions, const cnp.npy_intp* steps, void* data) noexcept nogil:
    cdef const elementwise_loop* loop = <const elementwise_loop*>data
    cdef Py_ssize_t n = dimensions[0], i
    cdef environment before
    # precision and threads are the calling thread's own settings, so they are read before the parallel region
    cdef block_kernel kernel = loop.kernel[current_precision()]
    cdef int threads = 1 if n < 2 * SHARE else <int>min(n // SHARE, <Py_ssize_t>thread_limit())
    if is_sequential(loop, operands, steps):
        for i in range(n):
            run_share(loop, kernel, operands, steps, i, i + 1, n)
    elif n < ALIGNED and all_in_place(loop, operands, steps, n):
        # a call of few elements is mostly the way to its kernel
        before = enter_environment()
        kernel(<const void**>operands, <void**>(operands + loop.nin), n, NULL)
        leave_environment(before)
    elif threads == 1 or overlap_partly(loop, operands, steps, n):
        run_share(loop, kernel, operands, steps, 0, n, n)
    else:
        drive_team(loop, kernel, operands, steps, n, threads)


# Share the loop among threads. If they sleep, time the first part to see whether the rest is worth waking them.
cdef void drive_team(const elementwise_loop* loop, block_kernel kernel, char** operands, const cnp.npy_intp* steps,
                     Py_ssize_t n, int threads) noexcept nogil:
    cdef Py_ssize_t done = 0, blocks
    cdef double start
    cdef int t
    threads = call_started(threads)
    if threads > 1 and not team_is_awake():
        start = seconds()
        done = SHARE
        run_share(loop, kernel, operands, steps, 0, done, n)
        if (seconds() - start) / done * (n - done) < WORTH_WAKING:
            threads = 1
    if threads == 1:
        run_share(loop, kernel, operands, steps, done, n, n)
    else:
        blocks = (n - done + BLOCK - 1) // BLOCK
        for t in prange(threads, num_threads=threads, schedule='static', chunksize=1):
            run_share(loop, kernel, operands, steps, done + blocks * t // threads * BLOCK,
                      min(n, done + blocks * (t + 1) // threads * BLOCK), n)
    call_ended(threads > 1)


# ---- registration

cdef enum:
    LOOPS = 3              # float16, float32, float64
    ALL_FLOAT16 = 3        # one more where the others' operands differ in type: `dtype=float16` asks for it
    BFLOAT16_LOOP = 4      # registered by itself, where that type exists

# NumPy's number for the bfloat16 of ml_dtypes, or -1 if that package is not installed. Its loops are registered now
# and not later because NumPy remembers how a call was resolved before.
cdef int bfloat16_type_number() except -2:
    try:
        from ml_dtypes import bfloat16
    except ImportError:
        return -1
    return cnp.dtype(bfloat16).num


cdef cnp.PyUFuncGenericFunction elementwise_drivers[LOOPS + 1]
cdef int loop_kinds[LOOPS + 2]
cdef int type_numbers[4]

for _j in range(LOOPS + 1):
    elementwise_drivers[_j] = <cnp.PyUFuncGenericFunction>drive
loop_kinds[0], loop_kinds[1], loop_kinds[2] = FLOAT16, FLOAT32, FLOAT64
loop_kinds[ALL_FLOAT16], loop_kinds[BFLOAT16_LOOP] = FLOAT16, BFLOAT16
type_numbers[FLOAT16], type_numbers[BFLOAT16] = cnp.NPY_FLOAT16, bfloat16_type_number()
type_numbers[FLOAT32], type_numbers[FLOAT64] = cnp.NPY_FLOAT, cnp.NPY_DOUBLE


# Publish a ufunc of `nin` inputs, the last `parameters` of which are parameters, and `nout` outputs. `exact` and `fast`
# are its kernels for float32, `full` is that for float64 and, between conversions, for float16 and bfloat16, whose
# parameters are float32. `defaults` are values of the parameters: then a second ufunc, name_default, takes only the
# inputs before them: converting a Python float costs as much as a whole call. If it is `scaled`, a further input behind
# the parameters is float64 for every type, so that a factor such as 1 / count is not rounded to that. A function of so
# few operations that reading its parameters counts has kernels with a second loop for when they are numbers, and says
# by `light` how many these are.
cdef int elementwise(str name, int nin, int nout, exact_kernel exact, fast_kernel fast, full_kernel full, str doc,
                     tuple defaults=(), int parameters=0, int light=0, bint scaled=False) except -1:
    parameters = parameters or len(defaults)
    add_elementwise(name, nin, nout, exact, fast, full, doc, (), parameters, light, scaled)
    if defaults:
        add_elementwise(name + "_default", nin - parameters, nout, exact, fast, full, doc, defaults, 0, light)
    return 0


cdef int add_elementwise(str name, int nin, int nout, exact_kernel exact, fast_kernel fast, full_kernel full, str doc,
                         tuple defaults, int parameters, int light=0, bint scaled=False) except -1:
    cdef int bfloat16_types[MAX_OPERANDS]
    cdef int j, k, nloops = LOOPS + (parameters > 0 or scaled)
    # NumPy keeps all of these pointers for the life of the ufunc, so they are never freed.
    cdef elementwise_loop* loops = <elementwise_loop*>malloc((LOOPS + 2) * sizeof(elementwise_loop))
    cdef void** data = <void**>malloc(nloops * sizeof(void*))
    cdef char* types = <char*>malloc(nloops * (nin + nout))
    if loops == NULL or data == NULL or types == NULL:
        raise MemoryError
    for j in range(LOOPS + 2):
        loops[j].wide = loop_kinds[j] != FLOAT32
        loops[j].kernel[EXACT] = <block_kernel>full if loops[j].wide else <block_kernel>exact
        # float lanes need the instruction fma
        loops[j].kernel[FAST] = loops[j].kernel[EXACT] if loops[j].wide or not FMA else <block_kernel>fast
        loops[j].nin = nin
        loops[j].nout = nout
        loops[j].ndefaults = len(defaults)
        loops[j].light = light
        for k in range(len(defaults)):
            loops[j].defaults[k] = defaults[k]
        for k in range(nin + nout):
            loops[j].kind[k] = loop_kinds[j]
            if scaled and k == nin - 1 and j != ALL_FLOAT16:
                loops[j].kind[k] = FLOAT64
            elif (nin - scaled - parameters <= k < nin - scaled and loop_kinds[j] in (FLOAT16, BFLOAT16)
                    and j != ALL_FLOAT16):
                loops[j].kind[k] = FLOAT32
            if j < nloops:
                data[j] = &loops[j]
                types[j * (nin + nout) + k] = <char>type_numbers[loops[j].kind[k]]
            elif j == BFLOAT16_LOOP:
                bfloat16_types[k] = type_numbers[loops[j].kind[k]]
    ufuncs[name] = ufunc = cnp.PyUFunc_FromFuncAndData(
        elementwise_drivers, data, types, nloops, nin, nout, cnp.PyUFunc_None,
        kept(name.encode()), kept(cleandoc(doc).encode()), 0)
    if type_numbers[BFLOAT16] >= 0:
        cnp.PyUFunc_RegisterLoopForType(
            ufunc, type_numbers[BFLOAT16], elementwise_drivers[0], bfloat16_types, &loops[BFLOAT16_LOOP])
    return 0


# A C string that lives as long as the process.
cdef const char* kept(bytes text) except NULL:
    cdef Py_ssize_t size = len(text) + 1
    cdef char* copy = <char*>malloc(size)
    if copy == NULL:
        raise MemoryError
    memcpy(copy, <const char*>text, size)
    return copy
