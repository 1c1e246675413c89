# The single values of rows, one per lane: class labels, scales, losses; and numbers of a row at its class label, which is
# all that some losses read and write of it.

# The values of rows r .. r + rows; the last one again where there are fewer rows than lanes.
cdef void load_values(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef Py_ssize_t lane, lanes
    cdef int k
    for k in range(loop.nin + loop.nout):
        if loop.is_row[k]:
            continue
        worker.block.operand[loop.role[k]] = &worker.values[k][0]
        if k >= loop.nin or loop.at_label[k]:
            continue
        lanes = 1 if rows == 1 or call.steps[k] == 0 else LANES
        for lane in range(lanes):
            load_value(worker, call, k, lane, call.operands[k] + (r + min(lane, rows - 1)) * call.steps[k])
        if lanes == 1:
            spread_value(&worker.values[k][0], loop.kind[k] == RAW_8_BYTES or loop.wide)
    if loop.label >= 0:
        check_labels(worker, call, r, rows)
    for k in range(loop.nin):
        if loop.at_label[k]:
            load_at_labels(worker, call, k, r, rows)


cdef inline void load_value(row_worker* worker, const row_call* call, int k, Py_ssize_t lane,
                            const char* place) noexcept nogil:
    cdef int kind = call.loop.kind[k]
    if kind == RAW_8_BYTES:
        memcpy(&worker.values[k][lane], place, sizeof(double))
    elif call.loop.wide:
        load(&worker.values[k][lane], place, storage_size[kind], 1, kind, True)
    else:
        load(<float*>&worker.values[k][0] + lane, place, storage_size[kind], 1, kind, False)


# Copies the first value to all lanes.
cdef inline void spread_value(double* values, bint wide) noexcept nogil:
    cdef int j
    if wide:
        for j in range(1, LANES):
            values[j] = values[0]
    else:
        for j in range(1, LANES):
            (<float*>values)[j] = (<float*>values)[0]


# A class label out of range makes its row NaN.
cdef void check_labels(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows) noexcept nogil:
    cdef const uint64_t* label = <const uint64_t*>worker.block.operand[LABEL]
    cdef double* scale = <double*>worker.block.operand[SCALE]
    cdef Py_ssize_t lane
    for lane in range(LANES):
        # an int64 below 0 is a uint64 beyond any row
        if label[lane] >= <uint64_t>call.n:
            scale[lane] = NAN
            if worker.bad_row < 0:
                worker.bad_row = r + min(lane, rows - 1)


# The numbers of operand k at the labels; 0 where a label is out of range.
cdef void load_at_labels(row_worker* worker, const row_call* call, int k, Py_ssize_t r, Py_ssize_t rows) noexcept nogil:
    cdef const uint64_t* label = <const uint64_t*>worker.block.operand[LABEL]
    cdef Py_ssize_t lane
    memset(&worker.values[k][0], 0, sizeof(worker.values[k]))
    for lane in range(rows):
        if label[lane] < <uint64_t>call.n:
            load_value(worker, call, k, lane,
                       call.operands[k] + (r + lane) * call.steps[k] + <Py_ssize_t>label[lane] * call.core[k])


# ---- results

cdef void store_values(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef int k
    for k in range(loop.nin, loop.nin + loop.nout):
        if loop.at_label[k]:
            store_at_labels(worker, call, k, r, rows)
        elif not loop.is_row[k]:
            store(&worker.values[k][0], call.operands[k] + r * call.steps[k], call.steps[k], rows, loop.kind[k])


# The numbers of operand k at the labels, and 0 elsewhere.
cdef void store_at_labels(row_worker* worker, const row_call* call, int k, Py_ssize_t r,
                          Py_ssize_t rows) noexcept nogil:
    cdef const uint64_t* label = <const uint64_t*>worker.block.operand[LABEL]
    cdef Py_ssize_t lane, size = storage_size[call.loop.kind[k]]
    cdef char* place
    for lane in range(rows):
        place = call.operands[k] + (r + lane) * call.steps[k]
        store_zeros(place, call.core[k], call.n, size)
        if label[lane] < <uint64_t>call.n:
            store(<char*>&worker.values[k][0] + lane * item_size(call),
                  place + <Py_ssize_t>label[lane] * call.core[k], size, 1, call.loop.kind[k])


cdef void store_zeros(char* place, Py_ssize_t step, Py_ssize_t n, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t i
    if step == size:
        memset(place, 0, n * size)
    else:
        for i in range(n):
            memset(place + i * step, 0, size)
