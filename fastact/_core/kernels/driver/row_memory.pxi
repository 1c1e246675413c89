# The memory of the row functions: what a call consists of, what a thread works with, and how chunks of rows are brought
# into the form that kernels take and back.
#
# LANES rows are processed together in a tile, number i of all rows next to each other, if they are short or if they are
# adjacent in memory (other axes than the last). Any other row is processed by itself, in place where it is contiguous.
# What is not used in place is copied: all of a row if it is small enough, else chunk by chunk.

cdef enum:
    ROW_OPERANDS = 8
    RAW_8_BYTES = -1       # in addition to the kinds of storage: eight bytes that the kernel takes unconverted
    RESIDENT = 65536       # numbers that are kept between the phases; of longer rows only a chunk is

# One loop of a generalised ufunc.
cdef struct row_loop:
    row_kernel kernel[2]           # by precision
    plain_kernel plain[2]          # the same for plain rows, or NULL
    bint plain_scales              # whether these know a temperature
    int plain_columns              # from how many on they are faster than tiles; 0 for the driver's number
    bint wide                      # whether the kernel works in float64
    int nin
    int nout
    int role[ROW_OPERANDS]
    bint has_core[ROW_OPERANDS]    # whether it is a row in memory
    bint is_row[ROW_OPERANDS]      # and for the kernel; else it takes a single value
    bint at_label[ROW_OPERANDS]    # which is the number of the row at the class label
    int kind[ROW_OPERANDS]         # what each operand holds, or RAW_8_BYTES
    int label                      # which operand is a class label, or -1
    bint label_is_unsigned
    bint label_only                # whether all rows are read and written at the label only; results are 0 elsewhere
    bint maximum                   # whether the kernel wants that of the row
    bint reference                 # whether it has that phase
    int sums                       # how many of the block's the kernel fills
    int keeps                      # KEEP_NOTHING, KEEP_TERMS or KEEP_ALL
    bint writes_rows               # whether any result is a row
    double masked                  # the result where a mask excludes an entry
    const row_loop* in_float32     # of float16 and bfloat16: the loop for their rows as float32, else NULL

# One call's operands, the same for all threads.
cdef struct row_call:
    const row_loop* loop
    row_kernel kernel
    plain_kernel plain             # NULL unless all rows are plain
    bint far                       # whether all rows together are not in the caches of one core
    char** operands
    const cnp.npy_intp* steps
    Py_ssize_t core[ROW_OPERANDS]  # strides along the row
    Py_ssize_t n
    Py_ssize_t chunks              # of a row
    Py_ssize_t row_work            # how many numbers of a row the call reads or writes, 1 at the least
    int width                      # rows in a tile, or 1
    Py_ssize_t tiles               # how many are loaded and stored together
    bint resident
    bint recomputes                # whether TERMS is called again before WRITE
    int mask                       # which operand is one, or -1
    bint copies                    # whether any input is copied,
    bint copies_results            # and any result
    bint in_result                 # whether WORK is of the type of the results, and no input their memory
    Py_ssize_t lane_size           # of the type that the kernel computes in
    # bytes for a thread: the copy of one tile or row, a scratch row, one that lasts for a phase, and all of them
    Py_ssize_t tile_size
    Py_ssize_t scratch_size
    Py_ssize_t phase_scratch_size
    Py_ssize_t memory_size

# What one thread works with. The arrays that are read and written as vectors begin at multiples of a cache line from
# its start: where vectors cross cache lines, short rows take up to a tenth longer.
cdef struct row_worker:
    double values[ROW_OPERANDS][LANES]                 # single values
    row_state state
    row_block block
    char* memory
    char* scratch[SCRATCH_ROWS]
    char* copies[ROW_OPERANDS]                         # NULL where a row is used in place
    char* ends[ROW_OPERANDS]                           # then its last numbers, filled up to LANES
    char* group[ROW_OPERANDS]                          # the copies of all tiles of a group
    bint in_group                                      # whether the tile is loaded and stored with a group
    Py_ssize_t row                                     # what the block points to
    Py_ssize_t chunk
    Py_ssize_t bad_row                                 # the first with a label out of range, or -1


cdef inline Py_ssize_t whole_lanes(Py_ssize_t n) noexcept nogil:
    return (n + LANES - 1) // LANES * LANES


cdef inline Py_ssize_t item_size(const row_call* call) noexcept nogil:
    return sizeof(double) if call.loop.wide else sizeof(float)


# Whether operand k has a copy: a result too where the loads of an input would wait for its stores.
cdef inline bint is_copied(const row_call* call, int k) noexcept nogil:
    cdef int kind = call.loop.kind[k], i
    for i in range(call.loop.nin if k >= call.loop.nin else 0):
        if (call.loop.is_row[i] and call.steps[i] == call.steps[k]
                and conflicts_with_stores(call.operands[k], call.operands[i])):
            return True
    return (call.width > 1 or (call.mask >= 0 and k < call.loop.nin) or not is_of_kernel(call, k)
            or (call.n > 1 and call.core[k] != storage_size[kind]))


# Whether operand k is of the type that the kernel takes.
cdef inline bint is_of_kernel(const row_call* call, int k) noexcept nogil:
    return call.loop.kind[k] == (FLOAT64 if call.loop.wide else FLOAT32)


# Whether operand k's rows are one element apart.
cdef inline bint rows_are_adjacent(const row_call* call, int k) noexcept nogil:
    return call.steps[k] == storage_size[call.loop.kind[k]]


# ---- a thread's memory: scratch for the kernel, and copies of the rows that need one, all of a group of tiles

cdef void plan_memory(row_call* call) noexcept nogil:
    cdef Py_ssize_t n = call.n if call.resident else min(call.n, <Py_ssize_t>CHUNK)
    cdef Py_ssize_t count = (0 if call.loop.label_only else whole_lanes(n * call.width)) + LANES
    cdef int k
    call.tile_size = count * item_size(call)
    call.scratch_size = count * sizeof(double)
    call.phase_scratch_size = min(call.scratch_size,
                                  <Py_ssize_t>((CHUNK * call.width + LANES) * sizeof(double)))
    call.memory_size = LINE + (TERM - WORK) * call.scratch_size + (ROLES - TERM) * call.phase_scratch_size
    for k in range(call.loop.nin + call.loop.nout):
        if call.loop.is_row[k]:
            call.memory_size += call.tile_size * call.tiles if is_copied(call, k) else LANES * sizeof(double)


# False if there is no memory.
cdef bint start_worker(row_worker* worker, const row_call* call) noexcept nogil:
    worker.memory = <char*>malloc(call.memory_size)
    if worker.memory == NULL:
        return False
    worker.in_group = False
    worker.bad_row = -1
    worker.row = -1
    start_block(&worker.block, call)
    worker.block.state = &worker.state
    share_out_memory(worker, call)
    return True


cdef void start_block(row_block* b, const row_call* call) noexcept nogil:
    cdef int k
    # a kernel leaves the sums that it does not use as they are
    memset(&b.sum[0][0], 0, sizeof(b.sum))
    memset(&b.low[0][0], 0, sizeof(b.low))
    memset(&b.prefetch_distance[0], 0, sizeof(b.prefetch_distance))
    memset(&b.prefetch_tile[0], 0, sizeof(b.prefetch_tile))
    for k in range(ROLES):
        b.operand[k] = NULL
    b.length = call.n
    b.width = call.width
    b.opaque_zero = 0
    b.kept = call.resident


cdef void share_out_memory(row_worker* worker, const row_call* call) noexcept nogil:
    cdef char* place = worker.memory + LINE - <Py_ssize_t>(<uintptr_t>worker.memory % LINE)
    cdef int k
    for k in range(SCRATCH_ROWS):
        worker.scratch[k] = place
        place += call.scratch_size if k < TERM - WORK else call.phase_scratch_size
    for k in range(call.loop.nin + call.loop.nout):
        worker.copies[k] = worker.group[k] = worker.ends[k] = NULL
        if call.loop.is_row[k] and is_copied(call, k):
            worker.copies[k] = worker.group[k] = place
            place += call.tile_size * call.tiles
        elif call.loop.is_row[k]:
            worker.ends[k] = place
            place += LANES * sizeof(double)


# ---- rows

# Loads elements start .. stop of rows r .. r + rows into `destinations`, masked, and filled up to a whole number of
# LANES with what changes neither maximum nor sum.
cdef void load_inputs(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows, Py_ssize_t start,
                      Py_ssize_t stop, char** destinations) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef double[LANES] lowest, zeros
    cdef Py_ssize_t n = stop - start, size = whole_lanes(n * call.width)
    cdef int k
    cdef bint first
    fill_lanes(&zeros[0], 0)
    if loop.maximum:
        lowest_of_lanes(<const double*>worker.block.operand[TEMPERATURE], &lowest[0])
    for k in range(loop.nin):
        if loop.is_row[k] and destinations[k] != NULL:
            first = loop.role[k] == X and loop.maximum
            load_rows(destinations[k], call.operands[k] + r * call.steps[k] + start * call.core[k], call.steps[k],
                      call.core[k], n, rows, call.width, loop.kind[k], loop.wide)
            fill_up(destinations[k], n * call.width, size, lowest[0] if first else 0, loop.wide)
            if call.mask >= 0 and k != call.mask:
                apply_mask(call, destinations[k], r, rows, start, n, &lowest[0] if first else &zeros[0])


cdef inline void apply_mask(const row_call* call, char* block, Py_ssize_t r, Py_ssize_t rows, Py_ssize_t start,
                            Py_ssize_t n, const double* value) noexcept nogil:
    cdef int k = call.mask
    mask_rows(block, call.operands[k] + r * call.steps[k] + start * call.core[k], call.steps[k], call.core[k], n, rows,
              call.width, value, call.loop.wide)


# Points the block to the c-th chunk.
cdef inline void place_chunk(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows,
                             Py_ssize_t c) noexcept nogil:
    if worker.row != r or worker.chunk != c:
        worker.row, worker.chunk = r, c
        place_new_chunk(worker, call, r, rows, c)


cdef void place_new_chunk(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows,
                          Py_ssize_t c) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef row_block* b = &worker.block
    cdef Py_ssize_t start = c * CHUNK, stop = min(start + CHUNK, call.n), offset
    cdef char* place
    cdef int k, role
    cdef bint in_place
    b.start, b.n = start, stop - start
    b.size = b.whole = whole_lanes(b.n * call.width)
    if call.width == 1:
        b.whole = b.n // LANES * LANES
    offset = start * call.width if call.resident else 0
    for k in range(SCRATCH_ROWS):
        place = worker.scratch[k] + (offset * call.lane_size if k < TERM - WORK else 0)
        b.operand[WORK + k], b.end[WORK + k] = place, place + b.whole * call.lane_size
    for k in range(loop.nin + loop.nout):
        if not loop.is_row[k]:
            continue
        role = loop.role[k]
        if worker.copies[k] == NULL:
            b.operand[role] = call.operands[k] + r * call.steps[k] + start * call.core[k]
            b.end[role] = worker.ends[k]
        else:
            place = worker.copies[k] + offset * item_size(call)
            b.operand[role], b.end[role] = place, place + b.whole * item_size(call)
        if k < loop.nin:
            # in the last phase the next row's numbers are prefetched; copies are not read again
            in_place = worker.copies[k] == NULL and call.resident
            b.prefetch_distance[role] = call.steps[k] // item_size(call) if in_place else 0
        if role == RESULT and call.in_result:
            # WORK in the memory of the result: one row less that must fit the cache
            b.operand[WORK], b.end[WORK] = b.operand[role], b.end[role]
            # this row is being written already, so the next one is prefetched
            b.prefetch_distance[RESULT] = call.steps[k] // item_size(call)
    if not call.resident:
        if call.copies:
            load_inputs(worker, call, r, rows, start, stop, worker.copies)
        if b.whole < b.size:
            load_inputs(worker, call, r, rows, start + b.whole, stop, worker.ends)


# Whether results have to be masked. Without a gradient, and in rows with a finite maximum and a temperature, they
# follow from -inf.
cdef inline bint masks_results(const row_worker* worker, const row_call* call) noexcept nogil:
    cdef const double* maximum = worker.block.state.maximum
    cdef const double* temperature = <const double*>worker.block.operand[TEMPERATURE]
    cdef int j, others = 0
    for j in range(call.width):
        others += not magnitude(maximum[j], <double>INFINITY) < INFINITY
    if temperature != NULL:
        for j in range(call.width):
            others += not (temperature[j] < 0 or temperature[j] > 0)
    return others > 0 or not call.loop.maximum or worker.block.operand[G] != NULL


# Stores what the kernel has written into copies and ends.
cdef void store_chunk(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef row_block* b = &worker.block
    cdef double[LANES] masked
    cdef char* place
    cdef int k
    cdef bint masks = call.mask >= 0 and masks_results(worker, call)
    fill_lanes(&masked[0], loop.masked)
    for k in range(loop.nin, loop.nin + loop.nout):
        if not loop.is_row[k]:
            continue
        place = call.operands[k] + r * call.steps[k] + b.start * call.core[k]
        if worker.copies[k] != NULL:
            if masks:
                apply_mask(call, <char*>b.operand[loop.role[k]], r, rows, b.start, b.n, &masked[0])
            store_rows(<char*>b.operand[loop.role[k]], place, call.steps[k], call.core[k], b.n, rows, call.width,
                       loop.kind[k], loop.wide)
            continue
        if masks:
            apply_mask(call, place, r, rows, b.start, b.whole, &masked[0])
            apply_mask(call, worker.ends[k], r, rows, b.start + b.whole, b.n - b.whole, &masked[0])
        if b.whole < b.size:
            store_rows(worker.ends[k], place + b.whole * call.core[k], call.steps[k], call.core[k], b.n - b.whole, rows,
                       call.width, loop.kind[k], loop.wide)
