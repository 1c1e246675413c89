# The phases of row_block.pxi for one row or one tile of rows.

cdef enum:
    MAXIMUM = WRITE + 1    # a phase of the driver, without the kernel


cdef inline void spread_first(double* lane, int width) noexcept nogil:
    cdef double first = lane[0]
    cdef int j
    if width == 1:
        for j in range(LANES):
            lane[j] = first


cdef void spread_largest(double* lane, int width) noexcept nogil:
    if width == 1:
        halve(lane, 16)
        halve(lane, 8)
        halve(lane, 4)
        halve(lane, 2)
        halve(lane, 1)
        spread_first(lane, width)


# The larger ones of lanes 0 .. n and n .. 2 n, in lanes 0 .. n
cdef inline void halve(double* lane, int n) noexcept nogil:
    cdef int j
    for j in range(n):
        lane[j] = larger(lane[j], lane[j + n])


# The sum over a row so far, in two parts, plus that over a chunk. Most rows are one chunk.
cdef inline void add_up(row_state* state, const row_block* b, int sums, bint first) noexcept nogil:
    cdef double rest
    cdef int s, j
    for s in range(sums):
        for j in range(b.width if first else 0):
            # next to infinities it is NaN
            rest = b.low[s][j]
            state.total[s][j] = b.sum[s][j] + 0.0
            state.low[s][j] = rest if rest == rest else 0.0
        for j in range(0 if first else b.width):
            state.total[s][j] = two_sum(state.total[s][j], b.sum[s][j], &rest)
            rest = rest + b.low[s][j]
            state.low[s][j] = state.low[s][j] + (rest if rest == rest else 0.0)


cdef void clear_sums(row_worker* worker, int sums) noexcept nogil:
    cdef int s, j
    for s in range(sums):
        for j in range(worker.block.width):
            worker.state.total[s][j] = 0
            worker.state.low[s][j] = 0


cdef void start_row(row_worker* worker) noexcept nogil:
    cdef int j
    for j in range(LANES):
        worker.state.maximum[j] = worker.state.reference[j] = -INFINITY
    worker.state.passes = 0
    worker.block.summed = False


# All of a row that is kept between the phases, and the end of one that is used in place.
cdef void load_resident(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows) noexcept nogil:
    if call.copies:
        load_inputs(worker, call, r, rows, 0, call.n, worker.copies)
    if call.width == 1 and call.n % LANES != 0:
        load_inputs(worker, call, r, rows, call.n // LANES * LANES, call.n, worker.ends)


cdef void take_maximum_of_chunk(row_worker* worker, const row_call* call) noexcept nogil:
    if call.loop.wide:
        take_maximum(&worker.block, <double*>NULL)
    else:
        take_maximum(&worker.block, <float*>NULL)


# TERMS and FINISH, repeated as long as the kernel sets state.again
cdef void make_sums(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows) noexcept nogil:
    cdef Py_ssize_t c
    while True:
        worker.state.again = False
        if call.chunks == 0:
            clear_sums(worker, call.loop.sums)
        for c in range(call.chunks):
            place_chunk(worker, call, r, rows, c)
            call.kernel(TERMS, &worker.block, NULL, NULL)
            add_up(&worker.state, &worker.block, call.loop.sums, c == 0)
        finish_row(worker, call)
        if not worker.state.again:
            return


cdef void finish_row(row_worker* worker, const row_call* call) noexcept nogil:
    cdef int s
    for s in range(call.loop.sums):
        spread_first(worker.state.total[s], call.width)
        spread_first(worker.state.low[s], call.width)
    call.kernel(FINISH, &worker.block, NULL, NULL)
    for s in range(CONSTANTS):
        spread_first(worker.state.constant[s], call.width)
    worker.state.passes += 1


cdef void write_chunk(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows,
                      Py_ssize_t c) noexcept nogil:
    place_chunk(worker, call, r, rows, c)
    if call.recomputes:
        worker.block.summed = True
        call.kernel(TERMS, &worker.block, NULL, NULL)
    call.kernel(WRITE, &worker.block, NULL, NULL)
    if not worker.in_group:
        store_chunk(worker, call, r, rows)


# The phases before TERMS, if the kernel has them
cdef inline void find_maximum(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows) noexcept nogil:
    cdef Py_ssize_t c
    for c in range(call.chunks):
        place_chunk(worker, call, r, rows, c)
        take_maximum_of_chunk(worker, call)
    spread_first(worker.state.maximum, call.width)


cdef inline void find_reference(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows) noexcept nogil:
    cdef Py_ssize_t c
    for c in range(call.chunks):
        place_chunk(worker, call, r, rows, c)
        call.kernel(REFERENCE, &worker.block, NULL, NULL)
    spread_largest(worker.state.reference, call.width)


cdef void run_tile(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows) noexcept nogil:
    cdef Py_ssize_t c
    start_row(worker)
    load_values(worker, call, r, rows)
    if call.resident and not worker.in_group:
        load_resident(worker, call, r, rows)
    if call.loop.maximum:
        find_maximum(worker, call, r, rows)
    if call.loop.reference:
        find_reference(worker, call, r, rows)
    make_sums(worker, call, r, rows)
    if call.loop.writes_rows:
        for c in range(call.chunks):
            write_chunk(worker, call, r, rows, c)
    store_values(worker, call, r, rows)
