# Which rows are plain, and what the driver does for the kernels of plain_rows.pxi.

cdef enum:
    PLAIN_MOST = 2048      # CHUNK
    PLAIN_FAR = 512        # the same where rows are not in the caches of the core
    FAR_ROWS = 4194304     # rows and results of more bytes are not in the caches of one core


# Plain rows are not prefetched, and use more memory than the phases, which are faster for long rows that are not in the
# caches of the core.
cdef plain_kernel plain_kernel_of(const row_call* call, Py_ssize_t count) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef Py_ssize_t rows = 0, most
    cdef int k
    for k in range(loop.nin + loop.nout):
        rows += loop.is_row[k]
        if not is_of_kernel(call, k) and loop.kind[k] != RAW_8_BYTES and k != call.mask:
            return NULL
    most = PLAIN_FAR if count * call.n * rows * <Py_ssize_t>sizeof(float) > FAR_ROWS else PLAIN_MOST
    return loop.plain[current_precision()] if PLAIN_END <= call.n <= most else NULL


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
    cdef int k
    for k in range(loop.nin):
        if loop.is_row[k] and call.core[k] != sizeof(float) or k == call.mask and call.core[k] != 1:
            load_inputs(worker, call, r, 1, 0, call.n, worker.copies)
            return
    for k in range(loop.nin):
        if loop.is_row[k]:
            load_masked_row(<float*>worker.copies[k], <const float*>(call.operands[k] + r * call.steps[k]), mask,
                            call.n, -INFINITY if loop.role[k] == X and loop.maximum else 0)


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
