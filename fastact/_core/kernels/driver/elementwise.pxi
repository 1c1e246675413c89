# The driver of all elementwise ufuncs. NumPy passes it a strided loop; it divides the loop among threads, divides each
# thread's share into blocks, makes each operand's block contiguous (without a copy where it already is) and calls the
# ufunc's kernel (elementwise_kernel.pxi). The kernel's address is in the `data` of the ufunc loop, so functions need no
# separate drivers: `elementwise(...)` (elementwise_ufuncs.pxi) declares them.

cdef enum:
    BLOCK = 1024           # elements of a kernel call where operands are copied: all fit in the first-level cache
    TIE_BLOCK = 64         # 16-bit results that are computed again together
    PREFETCH_BLOCK = 512   # elements of a kernel call with prefetching: the prefetch distance
    FAR_BYTES = 16777216   # a share of more bytes does not fit in the caches of one processor
    SHARE = 16384          # elements of a thread at the least
    PIECE_BLOCKS = 4       # blocks of a piece of a share at the least
    ALIGNED = 4096         # elements from which on starting at a cache line pays off

# ---- strategies

# Whether the kernel can read or write operand k directly in the array.
cdef inline bint in_place(const elementwise_loop* loop, const cnp.npy_intp* steps, int k) noexcept nogil:
    return steps[k] == storage_size[loop.kind[k]] and loop.kind[k] == (FLOAT64 if loop.wide else FLOAT32)


# Whether the parameters are passed to the kernel as numbers.
cdef inline bint parameters_are_numbers(const elementwise_loop* loop, const cnp.npy_intp* steps) noexcept nogil:
    cdef int k
    for k in range(loop.nin + loop.ndefaults - loop.numbers, loop.nin):
        if steps[k] != 0:
            return False
    return loop.numbers > 0


# Strategies for data larger than the caches, all with the same results. Which is the fastest depends on the function,
# on the processor and, with several inputs or copied parameters, on the addresses of the code: up to three times the
# time. So each share tries the available ones on a small part of its work, and does the rest with the fastest.
cdef enum:
    UNKNOWN = -1
    DIRECT = 0
    PREFETCHED = 1         # the next block of inputs is prefetched while one is computed
    STREAMED = 2           # outputs by streaming stores, past the caches: no line is read before it is written
    INTERLEAVED = 3        # the same, several pages interleaved, with few elements in a block
    STRATEGIES = 4
    TRIES = 2              # of each strategy: the system may interrupt one
    TRIAL = 128            # a trial is this fraction of a share

# The strategies available to a share of the whole loop, as a bit mask. Outputs are not streamed if the loop may fit in
# the caches, if they are also an input, which is read into the caches anyway, or if they overlap one, because the order
# of loads and stores must be kept then.
cdef int available_strategies(const elementwise_loop* loop, char** operands, const cnp.npy_intp* steps,
                              Py_ssize_t share, Py_ssize_t whole) noexcept nogil:
    cdef Py_ssize_t size = 0
    cdef int k, o, strategies = 1 << DIRECT
    for k in range(loop.nin + loop.nout):
        if in_place(loop, steps, k):
            size += steps[k]
            strategies |= 1 << PREFETCHED if k < loop.nin else 0
    if size * share <= min(<Py_ssize_t>FAR_BYTES, beyond_caches()):
        return 1 << DIRECT
    if size * whole < beyond_caches() or overlap_partly(loop, operands, steps, whole):
        return strategies
    for o in range(loop.nin, loop.nin + loop.nout):
        if not in_place(loop, steps, o):
            return strategies
        for k in range(loop.nin):
            if operands[k] == operands[o]:
                return strategies
    return strategies | 1 << STREAMED | 1 << INTERLEAVED


# Whether loads of an input would wait for stores to output k.
cdef inline bint delays_loads(const elementwise_loop* loop, char** operands, const cnp.npy_intp* steps,
                              int k) noexcept nogil:
    cdef int i
    for i in range(loop.nin):
        if steps[i] == steps[k] and conflicts_with_stores(operands[k], operands[i]):
            return True
    return False


# elements start .. stop of the whole loop
cdef void run_share(const elementwise_loop* loop, block_kernel kernel, char** operands, const cnp.npy_intp* steps,
                    Py_ssize_t start, Py_ssize_t stop, Py_ssize_t whole) noexcept nogil:
    cdef int best = UNKNOWN
    run_piece(loop, kernel, operands, steps, start, stop, stop - start, whole, &best)


# The same for a piece of a thread's share of that many elements, whose strategy the first piece finds.
cdef void run_piece(const elementwise_loop* loop, block_kernel kernel, char** operands, const cnp.npy_intp* steps,
                    Py_ssize_t start, Py_ssize_t stop, Py_ssize_t share, Py_ssize_t whole, int* way) noexcept nogil:
    cdef int available = 1 << DIRECT, strategy, best = way[0], i, forced = only_way()
    cdef Py_ssize_t part = share // (TRIAL * BLOCK) * BLOCK
    cdef double least = INFINITY, begin, end
    if best == UNKNOWN:
        available = available_strategies(loop, operands, steps, share, whole)
        best = DIRECT
    if forced >= 0 and way[0] == UNKNOWN:
        best = forced if available >> forced & 1 else DIRECT
    elif available > 1 << DIRECT and 0 < TRIES * STRATEGIES * part <= stop - start:
        for i in range(TRIES * STRATEGIES):
            strategy = i % STRATEGIES
            if available >> strategy & 1:
                begin = seconds()
                run_blocks(loop, kernel, operands, steps, start, start + part, strategy)
                end = seconds()
                start += part
                if end - begin < least:
                    least, best = end - begin, strategy
    way[0] = best
    run_blocks(loop, kernel, operands, steps, start, stop, best)


# ---- blocks

# What the blocks of a run have in common.
cdef struct block_run:
    const elementwise_loop* loop
    block_kernel kernel
    char** operands
    const cnp.npy_intp* steps
    int inputs                     # defaults included
    bint numbers                   # whether the parameters are passed as numbers
    bint copied                    # whether an operand is copied because of its type or step
    bint delayed                   # whether outputs go through buffers because their stores would delay loads
    bint streams                   # whether outputs are streamed
    bint direct[MAX_OPERANDS]      # whether the kernel accesses an operand in the array
    const void* x[MAX_OPERANDS]
    void* y[MAX_OPERANDS]
    double buffer[MAX_OPERANDS][BLOCK]


# elements start .. stop of the loop
cdef void run_blocks(const elementwise_loop* loop, block_kernel kernel, char** operands, const cnp.npy_intp* steps,
                     Py_ssize_t start, Py_ssize_t stop, int strategy) noexcept nogil:
    cdef block_run run
    cdef environment before = enter_environment()
    run.loop, run.kernel, run.operands, run.steps = loop, kernel, operands, steps
    run.streams = strategy >= STREAMED
    choose_buffers(&run)
    if strategy == INTERLEAVED:
        run_interleaved(&run, start, stop)
    elif strategy == STREAMED:
        run_streamed(&run, start, stop)
    elif strategy == PREFETCHED:
        run_prefetched(&run, start, stop)
    else:
        run_direct(&run, start, stop)
    leave_environment(before)


# Decide which operands are accessed directly. After an output whose stores would delay loads, no output is.
cdef void choose_buffers(block_run* run) noexcept nogil:
    cdef const elementwise_loop* loop = run.loop
    cdef int k, nin = loop.nin
    run.inputs = nin + loop.ndefaults
    run.numbers = parameters_are_numbers(loop, run.steps)
    run.copied, run.delayed = loop.ndefaults > 0 and not run.numbers, False
    for k in range(run.inputs):
        run.x[k] = &run.buffer[k][0]
    for k in range(nin + loop.nout):
        run.direct[k] = in_place(loop, run.steps, k)
        if not (run.direct[k] or run.numbers and run.inputs - loop.numbers <= k < nin):
            run.copied = True
        if k >= nin:
            run.delayed = run.delayed or delays_loads(loop, run.operands, run.steps, k)
            run.direct[k] = run.direct[k] and not (run.streams or run.delayed)


# Fill the buffers of inputs that are one value for all elements: blocks have n elements at the most.
cdef void fill_constants(block_run* run, Py_ssize_t n) noexcept nogil:
    cdef const elementwise_loop* loop = run.loop
    cdef Py_ssize_t count
    cdef int k
    for k in range(run.inputs):
        count = 1 if run.numbers and k >= run.inputs - loop.numbers else n
        if k >= loop.nin:
            fill(&run.buffer[k][0], loop.defaults[k - loop.nin], count, loop.wide)
        elif run.steps[k] == 0:
            load(&run.buffer[k][0], run.operands[k], 0, count, loop.kind[k], loop.wide)


# Compute n elements from element i on.
cdef void compute_block(block_run* run, Py_ssize_t i, Py_ssize_t n) noexcept nogil:
    cdef const elementwise_loop* loop = run.loop
    cdef const cnp.npy_intp* steps = run.steps
    cdef char* place
    cdef int k, nin = loop.nin
    for k in range(nin):
        place = run.operands[k] + i * steps[k]
        if run.direct[k]:
            run.x[k] = place
        elif steps[k] != 0:
            load(&run.buffer[k][0], place, steps[k], n, loop.kind[k], loop.wide)
    for k in range(nin, nin + loop.nout):
        place = run.operands[k] + i * steps[k]
        run.y[k - nin] = place if run.direct[k] else <char*>&run.buffer[run.inputs + k - nin][0]
    call_kernel(loop, run.kernel, run.x, run.y, n, run.inputs, run.numbers)
    if loop.to_break_ties != NULL and is_tied(run, 0, n):
        break_ties(run, i, n)
        return
    for k in range(nin, nin + loop.nout):
        place = run.operands[k] + i * steps[k]
        if run.streams:
            stream(run.y[k - nin], place, n * steps[k])
        elif not run.direct[k]:
            store(run.y[k - nin], place, steps[k], n, loop.kind[k], loop.wide)


# Elements before the first cache line of the first input, where that is worth a separate block.
cdef inline Py_ssize_t before_line(const block_run* run, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    if run.copied or not run.direct[0] or stop - start < ALIGNED:
        return 0
    return before_boundary(run.operands[0] + start * run.steps[0], run.steps[0], LINE)


# A first block of `head` elements, if there are any, then blocks of `size`.
cdef void run_in_order(block_run* run, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t head,
                       Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t n = head if head > 0 else size
    fill_constants(run, max(head, size))
    while start < stop:
        n = min(n, stop - start)
        compute_block(run, start, n)
        start += n
        n = size


# In a single block, unless operands go through buffers.
cdef void run_direct(block_run* run, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    cdef Py_ssize_t size = stop - start
    if run.copied or run.delayed:
        size = min(size, <Py_ssize_t>BLOCK)
    run_in_order(run, start, stop, before_line(run, start, stop), size)


cdef void run_prefetched(block_run* run, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    cdef Py_ssize_t head = before_line(run, start, stop), size = min(stop - start, <Py_ssize_t>PREFETCH_BLOCK)
    cdef Py_ssize_t n = head if head > 0 else size, following
    cdef int k, first = 0
    for k in range(1, run.loop.nin):
        if run.direct[k]:
            first = 1  # the hardware prefetcher already covers the first of several streams
    fill_constants(run, max(head, size))
    while start < stop:
        n = min(n, stop - start)
        following = min(n, stop - start - n)
        for k in range(first, run.loop.nin):
            if run.direct[k]:
                fetch_ahead(run.operands[k] + (start + n) * run.steps[k], following * run.steps[k])
        compute_block(run, start, n)
        start += n
        n = size


# From the first cache line of the first output on, so that all lines but two are whole.
cdef void run_streamed(block_run* run, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    cdef Py_ssize_t step = run.steps[run.loop.nin]
    cdef Py_ssize_t head = before_boundary(run.operands[run.loop.nin] + start * step, step, LINE)
    run_in_order(run, start, stop, head, min(stop - start, <Py_ssize_t>BLOCK))
    stream_end()


# From the first page of the first output on.
cdef void run_interleaved(block_run* run, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    cdef Py_ssize_t step = run.steps[run.loop.nin], size = PAGE_PART // step, n, i = 0, count
    cdef Py_ssize_t head = before_boundary(run.operands[run.loop.nin] + start * step, step, PAGE)
    head = min(head, stop - start)
    fill_constants(run, max(head, size))
    if head > 0:
        compute_block(run, start, head)
    start += head
    count = stop - start
    while i < count:
        n = min(size, count - i)
        compute_block(run, start + interleaved(i, count, size), n)
        i += n
    stream_end()


cdef void fill(void* block, double value, Py_ssize_t n, bint wide) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        if wide:
            (<double*>block)[i] = value
        else:
            (<float*>block)[i] = <float>value


# ufunc.reduce and ufunc.accumulate use each result as the next input: such a loop is computed one element at a time
cdef inline bint is_sequential(const elementwise_loop* loop, char** operands,
                               const cnp.npy_intp* steps) noexcept nogil:
    return loop.nin == 2 and loop.nout == 1 and (
        operands[0] + steps[0] == operands[2] and steps[0] == steps[2])


# NumPy allows an output to overlap an input that begins at a higher address. That is right for a loop from front to
# back, but a second thread would overwrite what the first one has not read yet.
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


# Whether the kernel can access all operands directly. With few elements no load waits for a store.
cdef inline bint all_in_place(const elementwise_loop* loop, char** operands, const cnp.npy_intp* steps,
                              Py_ssize_t n) noexcept nogil:
    cdef int k
    for k in range(loop.nin + loop.nout):
        if not in_place(loop, steps, k):
            return False
        if n > CONFLICT_BYTES and k >= loop.nin and delays_loads(loop, operands, steps, k):
            return False
    return loop.ndefaults == 0


cdef void drive(char** operands, const cnp.npy_intp* dimensions, const cnp.npy_intp* steps, void* data) noexcept nogil:
    cdef const elementwise_loop* loop = <const elementwise_loop*>data
    cdef Py_ssize_t n = dimensions[0], i
    cdef environment before
    # precision and threads are settings of the calling thread, so they are read before the parallel region
    cdef block_kernel kernel = loop.kernel[current_precision()]
    cdef int threads = 1 if n < 2 * SHARE else <int>min(n // SHARE, <Py_ssize_t>min(thread_limit(), <int>MAX_THREADS))
    if is_sequential(loop, operands, steps):
        for i in range(n):
            run_share(loop, kernel, operands, steps, i, i + 1, n)
    elif n < ALIGNED and all_in_place(loop, operands, steps, n):
        # the overhead dominates a call on few elements
        before = enter_environment()
        call_kernel(loop, kernel, <const void**>operands, <void**>(operands + loop.nin), n, loop.nin, False)
        leave_environment(before)
    elif threads == 1 or overlap_partly(loop, operands, steps, n):
        run_share(loop, kernel, operands, steps, 0, n, n)
    else:
        drive_team(loop, kernel, operands, steps, n, threads)


# Divide the loop among threads. If they sleep, time the first part to see whether the rest is worth waking them.
cdef void drive_team(const elementwise_loop* loop, block_kernel kernel, char** operands, const cnp.npy_intp* steps,
                     Py_ssize_t n, int threads) noexcept nogil:
    cdef Py_ssize_t done = 0
    cdef double start
    cdef team_work team
    cdef int t
    threads = call_started(threads, n)
    if threads > 1 and not team_is_awake():
        start = seconds()
        done = SHARE
        run_share(loop, kernel, operands, steps, 0, done, n)
        if (seconds() - start) / done * (n - done) < WORTH_WAKING:
            threads = 1
    if threads == 1:
        run_share(loop, kernel, operands, steps, done, n, n)
    else:
        start_team(&team, (n - done + BLOCK - 1) // BLOCK, PIECE_BLOCKS, threads)
        for t in prange(threads, num_threads=threads, schedule='static', chunksize=1):
            run_pieces(&team, t, loop, kernel, operands, steps, done, n)
        end_team(&team, n)
    call_ended(threads > 1)


# What the t-th thread does of the elements from `done` on.
cdef void run_pieces(team_work* team, int t, const elementwise_loop* loop, block_kernel kernel, char** operands,
                     const cnp.npy_intp* steps, Py_ssize_t done, Py_ssize_t n) noexcept nogil:
    cdef int owner = t, way = UNKNOWN
    cdef Py_ssize_t start, stop
    while next_piece(team, t, &owner, &start, &stop):
        run_piece(loop, kernel, operands, steps, done + start * BLOCK, min(n, done + stop * BLOCK),
                  (n - done) // team.threads, n, &way)
