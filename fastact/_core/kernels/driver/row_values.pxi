# The single values of rows, one per lane: class labels, scales, losses; and numbers of a row at its class label, which
# is all that some losses read and write of it.

# The values of rows r .. r + rows; the last one again where there are fewer rows than lanes.
cdef void load_values(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef Py_ssize_t count
    cdef int k, kind
    cdef bint wide
    for k in range(loop.nin + loop.nout):
        if loop.is_row[k]:
            continue
        worker.block.operand[loop.role[k]] = &worker.values[k][0]
        if k >= loop.nin or loop.has_core[k]:
            continue
        # eight bytes are moved as a float64 is
        wide = loop.wide or loop.kind[k] == RAW_8_BYTES
        kind = FLOAT64 if loop.kind[k] == RAW_8_BYTES else loop.kind[k]
        count = 1 if call.steps[k] == 0 else rows
        load(&worker.values[k][0], call.operands[k] + r * call.steps[k], call.steps[k], count, kind, wide)
        if wide:
            spread_last(&worker.values[k][0], count)
        else:
            spread_last(<float*>&worker.values[k][0], count)
    if loop.label >= 0:
        check_labels(worker, call, r, rows)
    for k in range(loop.nin if loop.label_only else 0):
        if loop.at_label[k]:
            load_at_labels(worker, call, k, r, rows)


# Copies the last of `count` values to the lanes after it.
cdef inline void spread_last(item* values, Py_ssize_t count) noexcept nogil:
    cdef item last = values[count - 1]
    cdef Py_ssize_t j
    if count == 1:
        for j in range(LANES):
            values[j] = last
    else:
        for j in range(count, LANES):
            values[j] = last


# A class label out of range makes its row NaN.
cdef void check_labels(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows) noexcept nogil:
    cdef const uint64_t* label = <const uint64_t*>worker.block.operand[LABEL]
    cdef double* scale = <double*>worker.block.operand[SCALE]
    cdef uint64_t n = call.n
    cdef int64_t bad = 0
    cdef Py_ssize_t lane, row
    for lane in range(LANES):
        # an int64 below 0 is a uint64 beyond any row
        bad += label[lane] >= n
    for lane in range(LANES if bad else 0):
        if label[lane] >= n:
            scale[lane] = NAN
            row = r + min(lane, rows - 1)
            if worker.bad_row < 0 or row < worker.bad_row:
                worker.bad_row = row


# ---- numbers at the labels

# Operand k's; 0 where a label is out of range.
cdef void load_at_labels(row_worker* worker, const row_call* call, int k, Py_ssize_t r, Py_ssize_t rows) noexcept nogil:
    cdef uint16_t[LANES] halves
    cdef int kind = call.loop.kind[k]
    if call.n == 0:
        memset(&worker.values[k][0], 0, sizeof(worker.values[k]))
    elif kind == FLOAT64:
        gather_at_labels(&worker.values[k][0], worker, call, k, r, rows)
    elif kind == FLOAT32:
        gather_at_labels(<float*>&worker.values[k][0], worker, call, k, r, rows)
    else:
        gather_at_labels(&halves[0], worker, call, k, r, rows)
        load(&worker.values[k][0], <const char*>&halves[0], sizeof(uint16_t), rows, kind, call.loop.wide)


cdef inline void gather_at_labels(stored* values, const row_worker* worker, const row_call* call, int k, Py_ssize_t r,
                                  Py_ssize_t rows) noexcept nogil:
    cdef const uint64_t* label = <const uint64_t*>worker.block.operand[LABEL]
    cdef const char* row = call.operands[k] + r * call.steps[k]
    cdef uint64_t y, n = call.n
    cdef Py_ssize_t step = call.steps[k], core_step = call.core[k], lane
    cdef stored value
    for lane in range(rows):
        y = label[lane] if label[lane] < n else 0
        value = (<const stored*>(row + lane * step + <Py_ssize_t>y * core_step))[0]
        values[lane] = value if label[lane] < n else <stored>0


# Operand k's, and 0 elsewhere.
cdef void store_at_labels(row_worker* worker, const row_call* call, int k, Py_ssize_t r,
                          Py_ssize_t rows) noexcept nogil:
    cdef double[LANES] converted
    cdef int kind = call.loop.kind[k]
    store(&worker.values[k][0], <char*>&converted[0], storage_size[kind], rows, kind, call.loop.wide)
    if kind == FLOAT64:
        scatter_at_labels(&converted[0], worker, call, k, r, rows)
    elif kind == FLOAT32:
        scatter_at_labels(<float*>&converted[0], worker, call, k, r, rows)
    else:
        scatter_at_labels(<uint16_t*>&converted[0], worker, call, k, r, rows)


cdef inline void scatter_at_labels(const stored* values, const row_worker* worker, const row_call* call, int k,
                                   Py_ssize_t r, Py_ssize_t rows) noexcept nogil:
    cdef const uint64_t* label = <const uint64_t*>worker.block.operand[LABEL]
    cdef char* row = call.operands[k] + r * call.steps[k]
    cdef Py_ssize_t n = call.n, core_step = call.core[k], lane, i
    for lane in range(rows):
        if core_step == sizeof(stored):
            memset(row, 0, n * sizeof(stored))
        else:
            for i in range(n):
                (<stored*>(row + i * core_step))[0] = 0
        if label[lane] < <uint64_t>n:
            (<stored*>(row + <Py_ssize_t>label[lane] * core_step))[0] = values[lane]
        row += call.steps[k]


# ---- results

cdef void store_values(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef int k
    for k in range(loop.nin, loop.nin + loop.nout):
        if loop.at_label[k]:
            store_at_labels(worker, call, k, r, rows)
        elif not loop.is_row[k]:
            store(&worker.values[k][0], call.operands[k] + r * call.steps[k], call.steps[k], rows, loop.kind[k],
                  loop.wide)
