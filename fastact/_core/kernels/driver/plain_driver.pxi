# Which rows are plain, and what the driver does for the kernels of plain_rows.pxi.

cdef enum:
    PLAIN_COLUMNS = 140       # from here on plain rows are faster than tiles,
    LIGHT_PLAIN_COLUMNS = 48  # those of kernels that need no maximum,
    FAR_PLAIN_COLUMNS = 60    # those that are not in the caches,
    LIGHT_FAR_COLUMNS = 24    # and those that are neither
    PLAIN_SETUP = 32          # a plain row takes as long as this many more numbers in a tile
    PLAIN_MOST = 2048         # CHUNK
    PLAIN_FAR = 1024          # the same where rows are not in the caches of the core
    FAR_ROWS = 4194304        # rows and results of more bytes are not in the caches of one core


# Plain rows are not prefetched, and use more memory than the phases, which are faster for long rows that are not in the
# caches of the core.
cdef plain_kernel plain_kernel_of(const row_call* call) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef int k
    for k in range(loop.nin + loop.nout):
        if not is_of_kernel(call, k) and loop.kind[k] != RAW_8_BYTES and k != call.mask:
            return NULL
    if not PLAIN_END <= call.n <= (PLAIN_FAR if call.far else PLAIN_MOST):
        return NULL
    return loop.plain[current_precision()]


# Whether rows that could be plain are faster in tiles. The lines of a tile are as many streams from memory.
cdef bint plain_in_tiles(const row_call* call, Py_ssize_t empty, Py_ssize_t count) noexcept nogil:
    cdef Py_ssize_t least = PLAIN_COLUMNS if call.loop.maximum else LIGHT_PLAIN_COLUMNS
    if call.far:
        least = FAR_PLAIN_COLUMNS if call.loop.maximum else LIGHT_FAR_COLUMNS
    if call.loop.plain_columns > 0:
        least = call.loop.plain_columns
    return call.n < least and empty * call.n <= PLAIN_SETUP * count


# Whether the rows of a call are not in the caches of one core
cdef bint are_far(const row_call* call, Py_ssize_t count) noexcept nogil:
    cdef Py_ssize_t rows = 0
    cdef int k
    for k in range(call.loop.nin + call.loop.nout):
        rows += call.loop.is_row[k]
    return count * call.n * rows * item_size(call) > FAR_ROWS


cdef inline void start_plain(plain_row* row, const row_worker* worker, const row_call* call) noexcept nogil:
    cdef int k
    for k in range(ROLES):
        row.operand[k] = NULL
    row.scratch, row.n = worker.scratch[0], call.n


# One row, unless it needs the phases. What cannot be used in place is copied, as are the rows of a call with a mask.
cdef inline bint run_plain(plain_row* row, row_worker* worker, const row_call* call, Py_ssize_t r) noexcept nogil:
    cdef int k
    if call.mask >= 0:
        load_masked_inputs(worker, call, r)
    elif call.copies:
        load_inputs(worker, call, r, 1, 0, call.n, worker.copies)
    for k in range(call.loop.nin + call.loop.nout):
        row.operand[call.loop.role[k]] = (worker.copies[k] if worker.copies[k] != NULL
                                          else call.operands[k] + r * call.steps[k])
    if not call.plain(row, NULL):
        return False
    # without a gradient the results where the mask excludes a number follow from -inf there
    if call.copies_results or (call.mask >= 0 and row.operand[G] != NULL):
        store_plain(row, worker, call, r)
    return True


# As load_inputs, in one pass where all rows are contiguous
cdef inline void load_masked_inputs(row_worker* worker, const row_call* call, Py_ssize_t r) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef const char* mask = call.operands[call.mask] + r * call.steps[call.mask]
    cdef float lowest = -INFINITY
    cdef int k
    for k in range(loop.nin):
        if loop.role[k] == TEMPERATURE and (<const double*>(call.operands[k] + r * call.steps[k]))[0] < 0:
            lowest = INFINITY
        if loop.is_row[k] and call.core[k] != sizeof(float) or k == call.mask and call.core[k] != 1:
            # the sign of the temperature decides what masks x
            load_values(worker, call, r, 1)
            load_inputs(worker, call, r, 1, 0, call.n, worker.copies)
            return
    for k in range(loop.nin):
        if loop.is_row[k]:
            load_masked_row(<float*>worker.copies[k], <const float*>(call.operands[k] + r * call.steps[k]), mask,
                            call.n, lowest if loop.role[k] == X and loop.maximum else 0)


cdef void store_plain(const plain_row* row, const row_worker* worker, const row_call* call,
                      Py_ssize_t r) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef double[LANES] masked
    cdef char* result
    cdef int k
    fill_lanes(&masked[0], loop.masked)
    for k in range(loop.nin, loop.nin + loop.nout):
        if not loop.is_row[k]:
            continue
        result = <char*>row.operand[loop.role[k]]
        if call.mask >= 0:
            apply_mask(call, result, r, 1, 0, call.n, &masked[0])
        if worker.copies[k] != NULL:
            store_rows(result, call.operands[k] + r * call.steps[k], call.steps[k], call.core[k], call.n, 1, 1,
                       loop.kind[k], loop.wide)
