# The one driver of all elementwise ufuncs. NumPy hands it a strided loop; it shares the loop among threads, cuts each
# share into blocks, brings each operand's block to contiguous memory (in place where it already is) and calls the
# ufunc's kernel on it. The kernel's address travels in the `data` of the ufunc loop, so a function needs no driver of
# its own: `elementwise(...)` (elementwise_ufuncs.pxi) declares it.
#
# A kernel reads x[0] .. x[nin - 1] and writes y[0] .. y[nout - 1], n contiguous elements each. An output may be the
# same memory as an input, element for element, never another overlap. A factor is read as
# doubles. If `uniform`, each parameter is one number for all elements: x[k][0] is all there is of it. `compute` is no
# argument but a tag: its type is what the kernel computes in (exp.pxi).
cdef enum:
    BLOCK = 1024           # elements a kernel call where operands are copied: all stay in the first-level cache
    FETCHED = 512          # elements a kernel call where memory is asked for ahead
    FAR = 16777216         # bytes of a share beyond the caches of one processor
    SHARE = 16384          # elements a thread at the least
    ALIGNED = 4096         # elements from which on it pays to begin at a cache line
    MAX_OPERANDS = 8

ctypedef void (*block_kernel)(const void** x, void** y, Py_ssize_t n, bint uniform,
                             void* compute) noexcept nogil
ctypedef void (*exact_kernel)(const float** x, float** y, Py_ssize_t n, bint uniform,
                             double* compute) noexcept nogil
ctypedef void (*fast_kernel)(const float** x, float** y, Py_ssize_t n, bint uniform,
                             float* compute) noexcept nogil
ctypedef void (*full_kernel)(const double** x, double** y, Py_ssize_t n, bint uniform,
                             double* compute) noexcept nogil

# What `data` points to. Inputs beyond nin are defaults: one value each, baked into the ufunc.
cdef struct elementwise_loop:
    block_kernel kernel[2]         # by precision; the same twice where the kernel works in float64
    bint wide                      # whether it does
    int nin
    int nout
    int ndefaults
    int numbers                    # how many of the last inputs, defaults included, the kernel takes as numbers too
    int kind[MAX_OPERANDS]         # what each operand holds
    double defaults[MAX_OPERANDS]

# ---- the driver

# Whether the kernel takes operand k as it lies in memory.
cdef inline bint in_place(const elementwise_loop* loop, const cnp.npy_intp* steps, int k) noexcept nogil:
    return steps[k] == storage_size[loop.kind[k]] and loop.kind[k] == (FLOAT64 if loop.wide else FLOAT32)


# Whether the kernel is to take its parameters as numbers.
cdef inline bint parameters_are_numbers(const elementwise_loop* loop, const cnp.npy_intp* steps) noexcept nogil:
    cdef int k
    for k in range(loop.nin + loop.ndefaults - loop.numbers, loop.nin):
        if steps[k] != 0:
            return False
    return loop.numbers > 0


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
        copies = copies or not (direct[k] or numbers and inputs - loop.numbers <= k < nin)
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
        n = 1 if numbers and k >= inputs - loop.numbers else max(block, lead)
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
        kernel(x, y, n, numbers, NULL)
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
        kernel(<const void**>operands, <void**>(operands + loop.nin), n, False, NULL)
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
