# The driver of the row functions: it shares the rows of a call among threads, or the chunks of one row if there are
# fewer rows than threads.

cdef enum:
    TILE_COLUMNS = 320     # from here on rows by themselves are faster than tiles,
    WIDE_TILE_COLUMNS = 224   # which keep second parts too in exact float64,
    LIGHT_TILE_COLUMNS = 128  # or are transposed for little work: that of kernels which need no maximum
    TILE_ROWS = 4          # adjacent rows from which on tiles are worth it
    ROW_SETUP = 128        # a row by itself takes as long as this many more numbers in a tile
    ROW_SHARE = 8192       # elements per thread at the least
    LONG_SHARE = 65536     # and of a row that several threads share
    PIECE_WORK = 2048      # of a piece of a share at the least
    MAX_SHARES = 64

cdef struct share_result:
    Py_ssize_t bad_row
    bint no_memory

# The sums over one chunk of a long row.
cdef struct chunk_sums:
    double sum[SUMS]
    double low[SUMS]


# Rows start .. stop; or with a team, what its t-th thread does of them.
cdef void run_rows(const row_call* call, Py_ssize_t start, Py_ssize_t stop, team_work* team, int t,
                   share_result* result) noexcept nogil:
    cdef row_worker worker
    cdef plain_row plain
    cdef environment before
    cdef Py_ssize_t first, last
    cdef int owner = t
    result.bad_row = -1
    result.no_memory = not start_worker(&worker, call)
    if result.no_memory:
        return
    start_plain(&plain, &worker, call)
    before = enter_environment()
    if team == NULL:
        run_piece_of_rows(&worker, &plain, call, start, stop)
    while team != NULL and next_piece(team, t, &owner, &first, &last):
        run_piece_of_rows(&worker, &plain, call, start + first * call.width, min(stop, start + last * call.width))
    leave_environment(before)
    free(worker.memory)
    result.bad_row = worker.bad_row


cdef inline void run_piece_of_rows(row_worker* worker, plain_row* plain, const row_call* call, Py_ssize_t start,
                                   Py_ssize_t stop) noexcept nogil:
    cdef Py_ssize_t rows, tiles
    while start < stop:
        if call.plain != NULL and run_plain(plain, worker, call, start):
            start += 1
            continue
        tiles = group_size(call, stop - start)
        rows = min(stop - start, tiles * call.width)
        if tiles > 1:
            run_group(worker, call, start, tiles)
        else:
            run_tile(worker, call, start, rows)
        start += rows


cdef inline void run_share(const row_call* call, Py_ssize_t start, Py_ssize_t stop, team_work* team, int t,
                           share_result* result) noexcept nogil:
    if computes_in_float32(call):
        run_half_rows(call, start, stop, team, t, result)
    else:
        run_rows(call, start, stop, team, t, result)


# As drive_team: if the threads sleep, the first rows are timed to see whether the rest are worth waking them.
cdef void run_rows_by_team(const row_call* call, Py_ssize_t count, int threads, share_result* result) noexcept nogil:
    cdef share_result results[MAX_SHARES]
    cdef Py_ssize_t done = 0, tiles, least
    cdef double start
    cdef team_work team
    cdef int t
    result.bad_row = -1
    result.no_memory = False
    threads = call_started(threads, count * call.row_work)
    if threads > 1 and not team_is_awake():
        start = seconds()
        # whole tiles, so that the others begin at a cache line
        done = min(count, (ROW_SHARE // call.row_work + call.width) // call.width * call.width)
        run_share(call, 0, done, NULL, 0, result)
        # memory that is only cleared is not worth it
        if call.loop.label_only or (seconds() - start) / done * (count - done) < WORTH_WAKING:
            threads = 1
    tiles = (count - done + call.width - 1) // call.width
    least = PIECE_WORK // (call.row_work * call.width) + 1
    if threads > 1:
        start_team(&team, tiles, least, threads)
        for t in prange(threads, num_threads=threads, schedule='static', chunksize=1):
            run_share(call, done, count, &team, t, &results[t])
        end_team(&team, count * call.row_work)
    else:
        run_share(call, done, count, NULL, 0, &results[0])
    call_ended(threads > 1)
    for t in range(threads):
        result.no_memory = result.no_memory or results[t].no_memory
        if results[t].bad_row >= 0 and (result.bad_row < 0 or results[t].bad_row < result.bad_row):
            result.bad_row = results[t].bad_row


# What the t-th thread does of one phase of a long row. The end of the row may be kept in the memory of one thread, so
# the calling thread has the last chunk in all phases.
cdef void run_chunks_of_row(team_work* team, int t, row_worker* worker, const row_call* call, Py_ssize_t r, int phase,
                            chunk_sums* sums) noexcept nogil:
    cdef environment before = enter_environment()
    cdef Py_ssize_t c, first, last
    cdef int owner = t
    if t == 0:
        run_chunk_of_row(worker, call, r, phase, call.chunks - 1, sums)
    while next_piece(team, t, &owner, &first, &last):
        for c in range(first, last):
            run_chunk_of_row(worker, call, r, phase, c, sums)
    leave_environment(before)


cdef inline void run_chunk_of_row(row_worker* worker, const row_call* call, Py_ssize_t r, int phase, Py_ssize_t c,
                                  chunk_sums* sums) noexcept nogil:
    cdef int s
    if phase == WRITE:
        write_chunk(worker, call, r, 1, c)
        return
    place_chunk(worker, call, r, 1, c)
    if phase == MAXIMUM:
        take_maximum_of_chunk(worker, call)
    else:
        call.kernel(phase, &worker.block, NULL, NULL)
    if phase == TERMS:
        for s in range(call.loop.sums):
            sums[c].sum[s], sums[c].low[s] = worker.block.sum[s][0], worker.block.low[s][0]


cdef void run_phase(row_worker* workers, const row_call* call, Py_ssize_t r, int phase, int threads,
                    chunk_sums* sums) noexcept nogil:
    cdef team_work team
    cdef int t
    # an earlier phase may have shown that sharing does not pay
    if is_alone(call.n):
        threads = 1
    start_team(&team, call.chunks - 1, 1, threads)
    if threads == 1:
        run_chunks_of_row(&team, 0, &workers[0], call, r, phase, sums)
        return
    for t in prange(threads, num_threads=threads, schedule='static', chunksize=1):
        run_chunks_of_row(&team, t, &workers[t], call, r, phase, sums)
    end_team(&team, call.n)


# ---- one row by several threads, which take its chunks in every phase as they come for them. The sums of the chunks
# are added up afterwards in their order, so the bits are those of one thread.

cdef void start_long_row(row_worker* workers, const row_call* call, Py_ssize_t r, int threads) noexcept nogil:
    cdef int t
    for t in range(threads):
        start_row(&workers[t])
        load_values(&workers[t], call, r, 1)
        workers[t].block.state = &workers[t].state


cdef void find_maximum_together(row_worker* workers, const row_call* call, Py_ssize_t r, int threads) noexcept nogil:
    cdef double* maximum = workers[0].state.maximum
    cdef int t
    run_phase(workers, call, r, MAXIMUM, threads, NULL)
    for t in range(threads):
        maximum[0] = larger(maximum[0], workers[t].state.maximum[0])
    spread_first(maximum, 1)
    for t in range(1, threads):
        memcpy(workers[t].state.maximum, maximum, sizeof(workers[t].state.maximum))


cdef void find_reference_together(row_worker* workers, const row_call* call, Py_ssize_t r, int threads) noexcept nogil:
    cdef double* reference = workers[0].state.reference
    cdef int t, j
    run_phase(workers, call, r, REFERENCE, threads, NULL)
    for t in range(threads):
        for j in range(LANES):
            reference[j] = max(reference[j], workers[t].state.reference[j])
    spread_largest(reference, 1)


cdef void make_sums_together(row_worker* workers, const row_call* call, Py_ssize_t r, int threads,
                             chunk_sums* sums) noexcept nogil:
    cdef row_state* state = &workers[0].state
    cdef row_block* b = &workers[0].block
    cdef Py_ssize_t c
    cdef int s
    while True:
        state.again = False
        run_phase(workers, call, r, TERMS, threads, sums)
        for c in range(call.chunks):
            for s in range(call.loop.sums):
                b.sum[s][0], b.low[s][0] = sums[c].sum[s], sums[c].low[s]
            add_up(state, b, call.loop.sums, c == 0)
        finish_row(&workers[0], call)
        if not state.again:
            return


cdef void run_long_row(row_worker* workers, const row_call* call, Py_ssize_t r, int threads,
                       chunk_sums* sums) noexcept nogil:
    cdef int t
    start_long_row(workers, call, r, threads)
    if call.loop.maximum:
        find_maximum_together(workers, call, r, threads)
    if call.loop.reference:
        find_reference_together(workers, call, r, threads)
    for t in range(threads):
        workers[t].block.state = &workers[0].state
    make_sums_together(workers, call, r, threads, sums)
    if call.loop.writes_rows:
        run_phase(workers, call, r, WRITE, threads, NULL)
    store_values(&workers[0], call, r, 1)


cdef void run_long_rows(const row_call* call, Py_ssize_t count, int threads, share_result* result) noexcept nogil:
    cdef row_worker* workers
    cdef chunk_sums* sums = <chunk_sums*>malloc(call.chunks * sizeof(chunk_sums))
    cdef Py_ssize_t r
    cdef int t, started = 0
    cdef environment before
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
    for t in range(started):
        free(workers[t].memory)
    free(workers)
    free(sums)


# ---- a call

cdef void drive_rows(char** operands, const cnp.npy_intp* dimensions, const cnp.npy_intp* steps,
                     void* data) noexcept nogil:
    cdef const row_loop* loop = <const row_loop*>data
    cdef Py_ssize_t count = dimensions[0], n = dimensions[1]
    cdef row_call call
    cdef share_result result
    cdef PyThreadState* state = NULL
    plan_call(&call, loop, operands, count, n, steps)
    # where an output is one value per row, NumPy releases the lock only for many rows, however long they are
    if count * call.row_work >= RELEASE and holds_interpreter():
        state = PyEval_SaveThread()
    share_call(&call, count, &result)
    if state != NULL:
        PyEval_RestoreThread(state)
    if result.no_memory or result.bad_row >= 0:
        with gil:
            report(loop, operands, n, steps, &result)


cdef void share_long_rows(row_call* call, Py_ssize_t count, int threads, share_result* result) noexcept nogil:
    threads = call_started(threads, call.n)
    if threads > 1:
        call.resident = False
        call.recomputes = recomputes(call)
    plan_memory(call)
    if threads > 1:
        run_long_rows(call, count, threads, result)
    else:
        run_rows(call, 0, count, NULL, 0, result)
    call_ended(threads > 1)


# Shares the rows of a call among threads, or those of a row.
cdef void share_call(row_call* call, Py_ssize_t count, share_result* result) noexcept nogil:
    cdef Py_ssize_t work = count * call.row_work, tiles = (count + call.width - 1) // call.width
    # single numbers are moved faster than rows are computed
    cdef Py_ssize_t share = LONG_SHARE if call.loop.label_only else ROW_SHARE
    cdef int most = min(<int>MAX_SHARES, thread_limit()) if work >= 2 * share and call.n > 0 else 1
    cdef int threads = <int>min(min(work // share, tiles), <Py_ssize_t>most) if most > 1 else 1
    if count < most and call.width == 1 and call.n >= 2 * LONG_SHARE:
        share_long_rows(call, count, <int>min(call.n // LONG_SHARE, <Py_ssize_t>most), result)
        return
    plan_memory(call)
    if threads > 1:
        run_rows_by_team(call, count, threads, result)
    else:
        run_share(call, 0, count, NULL, 0, result)


cdef void plan_call(row_call* call, const row_loop* loop, char** operands, Py_ssize_t count, Py_ssize_t n,
                    const cnp.npy_intp* steps) noexcept nogil:
    call.loop, call.operands, call.steps, call.n = loop, operands, steps, n
    call.kernel = loop.kernel[current_precision()]
    call.in_result = loop.wide or call.kernel != loop.kernel[EXACT]
    call.lane_size = sizeof(float) if call.in_result and not loop.wide else sizeof(double)
    plan_operands(call)
    call.chunks = 0 if loop.label_only else (n + CHUNK - 1) // CHUNK
    call.row_work = 1 if loop.label_only and not loop.at_label[loop.nin + loop.nout - 1] else max(n, <Py_ssize_t>1)
    call.width = 1
    call.far = are_far(call, count)
    call.plain = plain_kernel_of(call)
    call.width = LANES if is_in_tiles(call, count) else 1
    if call.width > 1:
        call.plain = NULL
    call.resident = n * call.width <= RESIDENT
    call.recomputes = recomputes(call)
    plan_copies(call)
    call.tiles = tiles_together(call)


cdef void plan_operands(row_call* call) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef int k, cores = loop.nin + loop.nout
    call.mask = -1
    for k in range(loop.nin + loop.nout):
        if loop.role[k] == WHERE:
            call.mask = k
        # NumPy lets an output be an input
        call.in_result = call.in_result and (k >= loop.nin or not overlaps_result(call, k))
        call.core[k] = 0
        if loop.has_core[k]:
            call.core[k] = call.steps[cores]
            cores += 1


cdef void plan_copies(row_call* call) noexcept nogil:
    cdef int k
    call.copies = call.copies_results = False
    for k in range(call.loop.nin):
        call.copies = call.copies or (call.loop.is_row[k] and is_copied(call, k))
    for k in range(call.loop.nin, call.loop.nin + call.loop.nout):
        call.copies_results = call.copies_results or (call.loop.is_row[k] and is_copied(call, k))


# Whether rows are processed in tiles. With adjacent rows, as the layout of the first operand tells, a cache line holds
# numbers of several rows. Else it is worth it for short rows, unless many lanes of the last tile remain empty.
cdef inline bint is_in_tiles(const row_call* call, Py_ssize_t count) noexcept nogil:
    cdef bint adjacent = rows_are_adjacent(call, 0) and call.core[0] != storage_size[call.loop.kind[0]]
    cdef Py_ssize_t empty = -count & (LANES - 1), most
    if computes_in_float32(call):
        return False
    if call.loop.label_only or adjacent:
        return call.loop.label_only or count >= TILE_ROWS
    if call.plain != NULL and call.loop.writes_rows:
        return plain_in_tiles(call, empty, count)
    most = TILE_COLUMNS if call.loop.maximum else LIGHT_TILE_COLUMNS
    if call.loop.wide and call.loop.maximum and call.kernel == call.loop.kernel[EXACT]:
        most = WIDE_TILE_COLUMNS
    return call.n < most and empty * call.n <= ROW_SETUP * count


# Whether WRITE needs what has been overwritten since TERMS. WORK in the memory of the result lasts.
cdef bint recomputes(const row_call* call) noexcept nogil:
    cdef const row_loop* loop = call.loop
    # for exact float64 results LOST lasts no longer than a chunk
    cdef bint in_place = call.in_result and not (loop.wide and call.kernel == loop.kernel[EXACT])
    cdef int k
    for k in range(loop.nin, loop.nin + loop.nout):
        in_place = in_place and not (loop.role[k] == RESULT and is_copied(call, k))
    return not call.resident and loop.keeps > (KEEP_TERMS if in_place else KEEP_NOTHING)


# Whether an input begins at the address of a result.
cdef bint overlaps_result(const row_call* call, int k) noexcept nogil:
    cdef int o
    for o in range(call.loop.nin, call.loop.nin + call.loop.nout):
        if call.operands[k] == call.operands[o]:
            return True
    return False


# Sets the Python error of a share; NumPy checks for one after the loop.
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
