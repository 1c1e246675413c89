# Rows of float16 and bfloat16. They are converted to float32 in batches, which the driver computes as it does float32
# rows in precision "exact", and results are rounded to 16 bits. A row in which one lies halfway between two of these
# numbers is computed again in float64; of long rows nearly all would be, and these are computed in float64 at once.

cdef enum:
    HALF_COLUMNS = 2048        # longer rows are computed in float64,
    LIGHT_HALF_COLUMNS = 128   # and those of kernels that need no maximum
    HALF_BATCH = 4096          # numbers of a batch

cdef struct half_rows:
    Py_ssize_t most                      # rows of a batch
    char* memory
    float* block[ROW_OPERANDS]           # an operand in float32; NULL if it is passed as it is
    bint adjacent[ROW_OPERANDS]          # whether the rows of its block are one element apart, as they are in memory
    int32_t* tied                        # whether a row is computed again


cdef inline bint is_half(const row_call* call, int k) noexcept nogil:
    return call.loop.kind[k] == FLOAT16 or call.loop.kind[k] == BFLOAT16


# Not where the rows of the first operand are adjacent: one of them alone takes as long as a tile.
cdef inline bint computes_in_float32(const row_call* call) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef Py_ssize_t most = HALF_COLUMNS if loop.maximum else LIGHT_HALF_COLUMNS
    return (loop.in_float32 != NULL and 0 < call.n <= most and not loop.label_only
            and not (call.n > 1 and rows_are_adjacent(call, 0) and call.core[0] != storage_size[loop.kind[0]]))


# False if there is no memory.
cdef bint start_halves(half_rows* halves, const row_call* call, Py_ssize_t count) noexcept nogil:
    cdef Py_ssize_t size = 0
    cdef bint any_adjacent = False
    cdef char* place
    cdef int k, noperands = call.loop.nin + call.loop.nout
    for k in range(noperands):
        halves.adjacent[k] = (is_half(call, k) and call.loop.has_core[k] and call.n > 1
                              and rows_are_adjacent(call, k) and call.core[k] != storage_size[call.loop.kind[k]])
        any_adjacent = any_adjacent or halves.adjacent[k]
    halves.most = max(HALF_BATCH // call.n, <Py_ssize_t>1)
    if any_adjacent or call.n < TILE_COLUMNS:
        halves.most = whole_lanes(halves.most)
    halves.most = min(halves.most, count)
    for k in range(noperands):
        size += block_size(halves, call, k)
    halves.memory = place = <char*>malloc(size + halves.most * sizeof(int32_t))
    if place == NULL:
        return False
    for k in range(noperands):
        halves.block[k] = <float*>place if is_half(call, k) else NULL
        place += block_size(halves, call, k)
    halves.tied = <int32_t*>place
    return True


cdef inline Py_ssize_t block_size(const half_rows* halves, const row_call* call, int k) noexcept nogil:
    if not is_half(call, k):
        return 0
    return halves.most * (call.n if call.loop.has_core[k] else 1) * sizeof(float)


# Copy operand k of rows r .. r + rows into its block.
cdef void load_half_rows(const half_rows* halves, const row_call* call, int k, Py_ssize_t r,
                         Py_ssize_t rows) noexcept nogil:
    cdef const char* source = call.operands[k] + r * call.steps[k]
    cdef float* block = halves.block[k]
    cdef Py_ssize_t step = call.steps[k], core = call.core[k], n = call.n, size = sizeof(uint16_t), i
    cdef int kind = call.loop.kind[k]
    if not call.loop.has_core[k]:
        load(block, source, step, rows, kind, False)
    elif halves.adjacent[k]:
        for i in range(n):
            load(block + i * rows, source + i * core, size, rows, kind, False)
    elif step == n * size and (core == size or n == 1):
        load(block, source, size, rows * n, kind, False)
    else:
        for i in range(rows if step != 0 else 1):
            load(block + i * n, source + i * step, core, n, kind, False)


# Store results `first` .. `last` of the `rows` rows from row r on.
cdef void store_half_rows(const half_rows* halves, const row_call* call, Py_ssize_t r, Py_ssize_t rows,
                          Py_ssize_t first, Py_ssize_t last) noexcept nogil:
    cdef Py_ssize_t n = call.n, size = sizeof(uint16_t), count = last - first, step, core, i
    cdef const float* block
    cdef char* target
    cdef int k, kind
    for k in range(call.loop.nin, call.loop.nin + call.loop.nout):
        kind, step, core = call.loop.kind[k], call.steps[k], call.core[k]
        block, target = halves.block[k], call.operands[k] + (r + first) * step
        if not call.loop.has_core[k]:
            store(block + first, target, step, count, kind, False)
        elif halves.adjacent[k]:
            for i in range(n):
                store(block + i * rows + first, target + i * core, size, count, kind, False)
        elif step == n * size and (core == size or n == 1):
            store(block + first * n, target, size, count * n, kind, False)
        else:
            for i in range(count):
                store(block + (first + i) * n, target + i * step, core, n, kind, False)


# Mark the rows with a result that is a tie; whether there are any.
cdef bint mark_tied_rows(const half_rows* halves, const row_call* call, Py_ssize_t rows) noexcept nogil:
    cdef Py_ssize_t n, r
    cdef const float* block
    cdef bint found = False
    cdef int k, kind
    memset(halves.tied, 0, rows * sizeof(int32_t))
    for k in range(call.loop.nin, call.loop.nin + call.loop.nout):
        n, block, kind = call.n if call.loop.has_core[k] else 1, halves.block[k], call.loop.kind[k]
        if not has_tie(block, rows * n, kind):
            continue
        found = True
        for r in range(n if halves.adjacent[k] else 0):
            mark_ties(block + r * rows, halves.tied, rows, kind)
        for r in range(0 if halves.adjacent[k] else rows):
            halves.tied[r] |= has_tie(block + r * n, n, kind)
    return found


cdef void run_half_batch(const half_rows* halves, row_worker* worker, const row_call* call, Py_ssize_t r,
                         Py_ssize_t rows, share_result* result) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef char* operands[ROW_OPERANDS]
    cdef cnp.npy_intp steps[2 * ROW_OPERANDS]
    cdef row_call batch
    cdef Py_ssize_t first = 0, last
    cdef int k, cores = loop.nin + loop.nout
    for k in range(loop.nin + loop.nout):
        operands[k], steps[k] = call.operands[k] + r * call.steps[k], call.steps[k]
        if halves.block[k] != NULL:
            operands[k] = <char*>halves.block[k]
            if k < loop.nin:
                load_half_rows(halves, call, k, r, rows)
            if steps[k] != 0:
                steps[k] = sizeof(float) * (1 if halves.adjacent[k] or not loop.has_core[k] else call.n)
        if loop.has_core[k]:
            steps[cores] = call.core[k]
            if halves.block[k] != NULL:
                steps[cores] = sizeof(float) * (rows if halves.adjacent[k] else 1)
            cores += 1
    plan_call(&batch, loop.in_float32, operands, rows, call.n, steps)
    plan_memory(&batch)
    run_rows(&batch, 0, rows, NULL, 0, result)
    if not mark_tied_rows(halves, call, rows):
        store_half_rows(halves, call, r, rows, 0, rows)
        return
    while first < rows:
        last = first
        while last < rows and not halves.tied[last]:
            last += 1
        store_half_rows(halves, call, r, rows, first, last)
        if last < rows:
            run_tile(worker, call, r + last, 1)
        first = last + 1


# As run_rows
cdef void run_half_rows(const row_call* call, Py_ssize_t start, Py_ssize_t stop, team_work* team, int t,
                        share_result* result) noexcept nogil:
    cdef half_rows halves
    cdef row_worker worker
    cdef environment before
    cdef Py_ssize_t first, last
    cdef int owner = t
    result.bad_row = -1
    result.no_memory = not start_worker(&worker, call)
    if result.no_memory:
        return
    result.no_memory = not start_halves(&halves, call, stop - start)
    if not result.no_memory:
        before = enter_environment()
        if team == NULL:
            run_half_batches(&halves, &worker, call, start, stop, result)
        while team != NULL and next_piece(team, t, &owner, &first, &last):
            run_half_batches(&halves, &worker, call, start + first * call.width, min(stop, start + last * call.width),
                             result)
        leave_environment(before)
        free(halves.memory)
    free(worker.memory)


cdef void run_half_batches(const half_rows* halves, row_worker* worker, const row_call* call, Py_ssize_t start,
                           Py_ssize_t stop, share_result* result) noexcept nogil:
    cdef share_result batch
    cdef Py_ssize_t rows
    while start < stop:
        rows = min(stop - start, halves.most)
        run_half_batch(halves, worker, call, start, rows, &batch)
        result.no_memory = result.no_memory or batch.no_memory
        if batch.bad_row >= 0 and (result.bad_row < 0 or start + batch.bad_row < result.bad_row):
            result.bad_row = start + batch.bad_row
        start += rows
