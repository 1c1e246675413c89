# The driver of the row functions (nll_loss.pxi has its own): it shares the rows of a call among threads, or the chunks
# of one row if there are fewer rows than threads.

cdef enum:
    SHORT = 64             # rows shorter than this stand side by side
    FEW = 4                # if there are at least so many
    ROW_SHARE = 8192       # elements a thread at the least
    LONG_SHARE = 65536     # and of a row that several threads share
    MAX_SHARES = 64
    RELEASE = 4096         # elements from which on the interpreter's lock is given back

cdef struct share_result:
    Py_ssize_t bad_row
    bint no_memory

# The sums over one chunk of a long row.
cdef struct chunk_sums:
    double sum[SUMS]
    double low[SUMS]


cdef void run_rows(const row_call* call, Py_ssize_t start, Py_ssize_t stop, share_result* result) noexcept nogil:
    cdef row_worker worker
    cdef environment before
    cdef Py_ssize_t rows, tiles
    result.bad_row = -1
    result.no_memory = not start_worker(&worker, call)
    if result.no_memory:
        return
    before = enter_environment()
    while start < stop:
        tiles = group_size(call, stop - start)
        rows = min(stop - start, tiles * call.width)
        if tiles > 1:
            run_group(&worker, call, start, tiles)
        else:
            run_tile(&worker, call, start, rows)
        start += rows
    leave_environment(before)
    free(worker.memory)
    result.bad_row = worker.bad_row


# As drive_team: if the threads sleep, time the first rows to see whether the rest are worth waking them.
cdef void run_rows_by_team(const row_call* call, Py_ssize_t count, int threads, share_result* result) noexcept nogil:
    cdef share_result results[MAX_SHARES]
    cdef Py_ssize_t done = 0, tiles
    cdef double start
    cdef int t
    result.bad_row = -1
    result.no_memory = False
    threads = call_started(threads)
    if threads > 1 and not team_is_awake():
        start = seconds()
        # whole tiles, so that the others begin where cache lines do
        done = min(count, (ROW_SHARE // call.n + call.width) // call.width * call.width)
        run_rows(call, 0, done, result)
        if (seconds() - start) / done * (count - done) < WORTH_WAKING:
            threads = 1
    tiles = (count - done + call.width - 1) // call.width
    for t in prange(threads, num_threads=threads, schedule='static', chunksize=1, use_threads_if=threads > 1):
        run_rows(call, done + tiles * t // threads * call.width,
                 min(count, done + tiles * (t + 1) // threads * call.width), &results[t])
    call_ended(threads > 1)
    for t in range(threads):
        result.no_memory = result.no_memory or results[t].no_memory
        if result.bad_row < 0:
            result.bad_row = results[t].bad_row


# The part of one thread in one phase of a long row.
cdef void run_share_of_row(row_worker* worker, const row_call* call, Py_ssize_t r, int phase, Py_ssize_t first,
                           Py_ssize_t last, chunk_sums* sums) noexcept nogil:
    cdef environment before = enter_environment()
    cdef Py_ssize_t c
    cdef int s
    for c in range(first, last):
        if phase == WRITE:
            write_chunk(worker, call, r, 1, c)
            continue
        place_chunk(worker, call, r, 1, c)
        if phase == MAXIMUM:
            look_for_maximum(worker, call)
        else:
            call.kernel(phase, &worker.block, NULL, NULL)
        if phase == TERMS:
            for s in range(call.loop.sums):
                sums[c].sum[s], sums[c].low[s] = worker.block.sum[s][0], worker.block.low[s][0]
    leave_environment(before)


cdef void run_phase(row_worker* workers, const row_call* call, Py_ssize_t r, int phase, int threads,
                    chunk_sums* sums) noexcept nogil:
    cdef Py_ssize_t count = chunk_count(call.n)
    cdef int t
    for t in prange(threads, num_threads=threads, schedule='static', chunksize=1):
        run_share_of_row(&workers[t], call, r, phase, count * t // threads, count * (t + 1) // threads, sums)


# One row by several threads, each of which takes its part of the chunks in every phase. The sums of the chunks are
# added up afterwards in their order, so the bits are those of one thread.
cdef void run_long_row(row_worker* workers, const row_call* call, Py_ssize_t r, int threads,
                       chunk_sums* sums) noexcept nogil:
    cdef row_state* state = &workers[0].state
    cdef row_block* b = &workers[0].block
    cdef Py_ssize_t c
    cdef int t, s, j
    for t in range(threads):
        start_row(&workers[t])
        load_values(&workers[t], call, r, 1)
        workers[t].block.state = &workers[t].state
        if call.loop.label >= 0:
            check_labels(&workers[t], call, r, 1)
    if call.loop.maximum:
        run_phase(workers, call, r, MAXIMUM, threads, sums)
        for t in range(threads):
            state.maximum[0] = larger(state.maximum[0], workers[t].state.maximum[0])
        spread_first(state.maximum, 1)
        for t in range(1, threads):
            memcpy(workers[t].state.maximum, state.maximum, sizeof(state.maximum))
    if call.loop.reference:
        run_phase(workers, call, r, REFERENCE, threads, sums)
        for t in range(threads):
            for j in range(LANES):
                state.reference[j] = max(state.reference[j], workers[t].state.reference[j])
        spread_largest(state.reference, 1)
    for t in range(threads):
        workers[t].block.state = state
    while True:
        state.again = False
        run_phase(workers, call, r, TERMS, threads, sums)
        for c in range(chunk_count(call.n)):
            for s in range(call.loop.sums):
                b.sum[s][0], b.low[s][0] = sums[c].sum[s], sums[c].low[s]
            add_up(state, b, call.loop.sums, c == 0)
        finish_row(&workers[0], call)
        if not state.again:
            break
    if call.loop.writes_rows:
        run_phase(workers, call, r, WRITE, threads, sums)
    store_values(&workers[0], call, r, 1)


cdef void run_long_rows(const row_call* call, Py_ssize_t count, int threads, share_result* result) noexcept nogil:
    cdef row_worker* workers
    cdef chunk_sums* sums = <chunk_sums*>malloc(chunk_count(call.n) * sizeof(chunk_sums))
    cdef Py_ssize_t r
    cdef int t, started = 0
    cdef environment before
    threads = call_started(threads)
    workers = <row_worker*>malloc(threads * sizeof(row_worker))
    if workers != NULL and sums != NULL:
        while started < threads and start_worker(&workers[started], call):
            started += 1
    result.bad_row = -1
    result.no_memory = started < threads
    if not result.no_memory:
        before = enter_environment()
        for r in range(count):
            run_long_row(workers, call, r, threads, sums)
        leave_environment(before)
        result.bad_row = workers[0].bad_row
    call_ended(threads > 1)
    for t in range(started):
        free(workers[t].memory)
    free(workers)
    free(sums)


cdef void drive_rows(char** operands, const cnp.npy_intp* dimensions, const cnp.npy_intp* steps,
                     void* data) noexcept nogil:
    cdef const row_loop* loop = <const row_loop*>data
    cdef Py_ssize_t count = dimensions[0], n = dimensions[1], work = count * max(n, <Py_ssize_t>1)
    cdef Py_ssize_t tiles
    cdef row_call call
    cdef int threads, most
    cdef share_result result
    cdef PyThreadState* state = NULL
    plan_call(&call, loop, operands, count, n, steps)
    # where an output is one value a row, NumPy gives the lock back only for many rows, however long they are
    if work >= RELEASE and holds_interpreter():
        state = PyEval_SaveThread()
    most = min(<int>MAX_SHARES, thread_limit()) if work >= 2 * ROW_SHARE and n > 0 else 1
    tiles = (count + call.width - 1) // call.width
    threads = <int>min(min(work // ROW_SHARE, tiles), <Py_ssize_t>most) if most > 1 else 1
    if count < most and call.width == 1 and n >= 2 * LONG_SHARE:
        call.resident = False
        call.recomputes = recomputes(&call)
        run_long_rows(&call, count, <int>min(n // LONG_SHARE, <Py_ssize_t>most), &result)
    elif threads > 1:
        run_rows_by_team(&call, count, threads, &result)
    else:
        run_rows(&call, 0, count, &result)
    if state != NULL:
        PyEval_RestoreThread(state)
    if result.no_memory or result.bad_row >= 0:
        with gil:
            report(loop, operands, n, steps, &result)


# How the rows of a call are taken.
cdef void plan_call(row_call* call, const row_loop* loop, char** operands, Py_ssize_t count, Py_ssize_t n,
                    const cnp.npy_intp* steps) noexcept nogil:
    cdef int k, cores = loop.nin + loop.nout
    cdef bint beside
    call.loop, call.operands, call.steps, call.n = loop, operands, steps, n
    call.kernel = loop.kernel[current_precision()]
    call.in_result = loop.wide or call.kernel != loop.kernel[EXACT]
    call.lane_size = sizeof(float) if call.in_result and not loop.wide else sizeof(double)
    call.masks = False
    for k in range(loop.nin + loop.nout):
        call.masks = call.masks or loop.role[k] == WHERE
        # NumPy lets an output be an input
        call.in_result = call.in_result and (k >= loop.nin or not overlaps_result(call, k))
        call.core[k] = 0
        if loop.is_row[k]:
            call.core[k] = steps[cores]
            cores += 1
    # the first operand is the row that matters; with a row stride of one element others are read along with it
    beside = rows_are_adjacent(call, 0) and call.core[0] != storage_size[loop.kind[0]]
    call.width = LANES if count >= FEW and (n < SHORT or beside) else 1
    call.resident = n * call.width <= RESIDENT
    call.recomputes = recomputes(call)
    call.copies = False
    for k in range(loop.nin):
        call.copies = call.copies or (loop.is_row[k] and is_copied(call, k))
    call.tiles = tiles_together(call)


# Whether WRITE needs what is not there any more. In the memory of the result it is.
cdef bint recomputes(const row_call* call) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef bint in_place = call.in_result and not loop.wide
    cdef int k
    for k in range(loop.nin, loop.nin + loop.nout):
        in_place = in_place and not (loop.role[k] == RESULT and is_copied(call, k))
    return not call.resident and loop.keeps > (1 if in_place else 0)


# Whether an input begins where a result does.
cdef bint overlaps_result(const row_call* call, int k) noexcept nogil:
    cdef int o
    for o in range(call.loop.nin, call.loop.nin + call.loop.nout):
        if call.operands[k] == call.operands[o]:
            return True
    return False


# Set the Python error of a share; NumPy looks for one after the loop.
cdef void report(const row_loop* loop, char** operands, Py_ssize_t n, const cnp.npy_intp* steps,
                 const share_result* result) noexcept:
    if result.no_memory:
        if not PyErr_Occurred():
            raise_unseen(MemoryError, b"no memory for the scratch of a row", 0, 0)
        return
    report_label(operands[loop.label] + result.bad_row * steps[loop.label], loop.label_is_unsigned, n)


cdef void report_label(const char* place, bint is_unsigned, Py_ssize_t n) noexcept:
    cdef int64_t label
    if not PyErr_Occurred():
        memcpy(&label, place, sizeof(label))
        raise_unseen(IndexError, b"target %llu is out of bounds for %zd classes" if is_unsigned else
                     b"target %lld is out of bounds for %zd classes", label, n)
