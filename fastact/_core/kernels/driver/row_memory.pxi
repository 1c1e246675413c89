# The memory of the row functions: what a call consists of, what a thread works with, and how chunks of rows come into
# the form that kernels take and go back.
#
# LANES rows stand side by side in a tile if they are short or lie next to each other in memory (other axes than the
# last); any other row is taken by itself, in place where it is contiguous. What is not is copied, all of a row where it
# is small enough, else chunk by chunk.

cdef enum:
    ROW_OPERANDS = 8
    RAW_8_BYTES = -1          # besides the kinds of storage: eight bytes that the kernel takes as they are
    AHEAD = 256            # bytes from a tile to that which is asked for, beside it in memory
    MANY = 64              # lines of a tile from which on the caches hold only those of the next one
    RESIDENT = 65536       # numbers that are kept between the phases; of longer rows only a chunk at a time is

cdef struct row_loop:
    row_kernel kernel[2]           # by precision; the same twice where the kernel works in float64
    bint wide                      # whether it does
    int nin
    int nout
    int role[ROW_OPERANDS]
    bint is_row[ROW_OPERANDS]      # else a single value
    int kind[ROW_OPERANDS]         # what each operand holds, or RAW_8_BYTES
    int label                      # which operand is a class label, or -1
    bint label_is_unsigned
    bint maximum                   # whether the kernel wants that of the row
    bint reference                 # whether it has that phase
    int sums                       # how many of the block's the kernel fills
    int keeps                      # what of TERMS it wants in WRITE: 0 nothing, 1 WORK and LOST, 2 MORE as well
    bint writes_rows               # whether any result is a row
    double masked                  # the result where a mask leaves an entry out

# One call's operands, the same for all threads.
cdef struct row_call:
    const row_loop* loop
    row_kernel kernel
    char** operands
    const cnp.npy_intp* steps
    Py_ssize_t core[ROW_OPERANDS]  # strides along the row
    Py_ssize_t n
    int width                      # rows side by side
    Py_ssize_t tiles               # how many are loaded and stored together
    bint resident
    bint recomputes                # whether TERMS is called again before WRITE
    bint masks
    bint copies                    # whether any input is copied
    bint in_result                 # whether WORK is of the type of the results, and no input their memory
    Py_ssize_t lane_size           # of the type that the kernel computes in

# What one thread works with.
cdef struct row_worker:
    row_block block
    row_state state
    char* memory
    char* scratch[5]
    char* copies[ROW_OPERANDS]                         # NULL where a row is used in place
    char* ends[ROW_OPERANDS]                           # then its last numbers, filled up to LANES
    char* group[ROW_OPERANDS]                          # the copies of all tiles of a group, `tile_size` bytes each
    Py_ssize_t tile_size
    bint in_group                                      # whether the tile is loaded and stored with a group
    Py_ssize_t row                                     # where the block points to
    Py_ssize_t chunk
    double values[ROW_OPERANDS][LANES]                 # single values
    Py_ssize_t bad_row                                 # the first with a label out of range, or -1

# ---- chunks

cdef inline Py_ssize_t chunk_count(Py_ssize_t n) noexcept nogil:
    return (n + CHUNK - 1) // CHUNK


cdef inline Py_ssize_t whole_lanes(Py_ssize_t n) noexcept nogil:
    return (n + LANES - 1) // LANES * LANES


# ---- memory

cdef inline Py_ssize_t item_size(const row_call* call) noexcept nogil:
    return sizeof(double) if call.loop.wide else sizeof(float)


# Whether operand k has a copy: a result too where the loads of an input would wait for it.
cdef inline bint is_copied(const row_call* call, int k) noexcept nogil:
    cdef int kind = call.loop.kind[k], i
    for i in range(call.loop.nin if k >= call.loop.nin else 0):
        if call.loop.is_row[i] and call.steps[i] == call.steps[k] and trails(call.operands[k], call.operands[i]):
            return True
    return (call.width > 1 or call.masks or not is_of_kernel(call, k)
            or (call.n > 1 and call.core[k] != storage_size[kind]))


# Whether operand k is of the type that the kernel takes.
cdef inline bint is_of_kernel(const row_call* call, int k) noexcept nogil:
    return call.loop.kind[k] == (FLOAT64 if call.loop.wide else FLOAT32)


# Whether operand k's rows are one element apart.
cdef inline bint rows_are_adjacent(const row_call* call, int k) noexcept nogil:
    return call.steps[k] == storage_size[call.loop.kind[k]]


# Scratch for the kernel and copies of the rows that need one, all of a group of tiles. False if there is no memory.
cdef bint start_worker(row_worker* worker, const row_call* call) noexcept nogil:
    cdef Py_ssize_t n = call.n if call.resident else min(call.n, <Py_ssize_t>CHUNK)
    cdef Py_ssize_t count = whole_lanes(n * call.width) + LANES, tile_size = count * item_size(call)
    cdef Py_ssize_t room = count * sizeof(double), end = LANES * sizeof(double), size
    cdef Py_ssize_t chunk = min(room, <Py_ssize_t>((CHUNK * call.width + LANES) * sizeof(double)))
    cdef char* place
    cdef int k, noperands = call.loop.nin + call.loop.nout
    size = LINE + 3 * room + 2 * chunk
    for k in range(noperands):
        if call.loop.is_row[k]:
            size += tile_size * call.tiles if is_copied(call, k) else end
    worker.tile_size = tile_size
    worker.in_group = False
    worker.bad_row = -1
    worker.row = -1
    worker.block.state = &worker.state
    worker.memory = <char*>malloc(size)
    if worker.memory == NULL:
        return False
    # a kernel leaves the sums that it does not use as they are
    memset(&worker.block.sum[0][0], 0, sizeof(worker.block.sum))
    memset(&worker.block.low[0][0], 0, sizeof(worker.block.low))
    worker.block.length = call.n
    worker.block.width = call.width
    worker.block.opaque_zero = 0
    worker.block.kept = call.resident
    memset(&worker.block.prefetch_distance[0], 0, sizeof(worker.block.prefetch_distance))
    memset(&worker.block.prefetch_tile[0], 0, sizeof(worker.block.prefetch_tile))
    for k in range(ROLES):
        worker.block.operand[k] = NULL
    place = worker.memory + LINE - <Py_ssize_t>(<uintptr_t>worker.memory % LINE)
    for k in range(5):
        worker.scratch[k] = place
        place += room if k < TERM - WORK else chunk
    for k in range(noperands):
        worker.copies[k] = worker.group[k] = worker.ends[k] = NULL
        if call.loop.is_row[k] and is_copied(call, k):
            worker.copies[k] = worker.group[k] = place
            place += tile_size * call.tiles
        elif call.loop.is_row[k]:
            worker.ends[k] = place
            place += end
    return True


# ---- loading and storing

cdef inline void load_tile_of(item* block, const char* source, Py_ssize_t row_step, Py_ssize_t core_step, Py_ssize_t n,
                              Py_ssize_t rows) noexcept nogil:
    cdef Py_ssize_t i, r, ahead = AHEAD if n < MANY else 128
    if rows < LANES:
        for i in range(n):
            for r in range(rows, LANES):
                block[i * LANES + r] = 0
    if rows == LANES and row_step == sizeof(item):
        for i in range(n):
            prefetch_for_reading(source + i * core_step + ahead, source + i * core_step + ahead + LINE)
            for r in range(LANES):
                block[i * LANES + r] = (<const item*>(source + i * core_step))[r]
    elif core_step == sizeof(item) and n >= 4 and rows >= 4:
        transpose(source, row_step, <char*>block, LANES * sizeof(item), rows, n, block)
    else:
        for r in range(rows):
            for i in range(n):
                block[i * LANES + r] = (<const item*>(source + r * row_step + i * core_step))[0]


cdef inline void store_tile_of(const item* block, char* target, Py_ssize_t row_step, Py_ssize_t core_step,
                               Py_ssize_t n, Py_ssize_t rows) noexcept nogil:
    cdef Py_ssize_t i, r
    if rows == LANES and row_step == sizeof(item):
        for i in range(n):
            if n < MANY:
                prefetch_for_writing(target + i * core_step + AHEAD, target + i * core_step + AHEAD + LINE)
            for r in range(LANES):
                (<item*>(target + i * core_step))[r] = block[i * LANES + r]
    elif core_step == sizeof(item) and n >= 4 and rows >= 4:
        transpose(<const char*>block, LANES * sizeof(item), target, row_step, n, rows, <item*>block)
    else:
        for r in range(rows):
            for i in range(n):
                (<item*>(target + r * row_step + i * core_step))[0] = block[i * LANES + r]


cdef void load_rows(char* block, const char* source, Py_ssize_t row_step, Py_ssize_t core_step, Py_ssize_t n,
                    Py_ssize_t rows, int width, int kind, bint wide) noexcept nogil:
    cdef Py_ssize_t i, size = sizeof(double) if wide else sizeof(float)
    if width == 1 and core_step == size and kind == (FLOAT64 if wide else FLOAT32):
        memcpy(block, source, n * size)
    elif width == 1:
        load(block, source, core_step, n, kind, wide)
    elif kind == FLOAT32 and not wide:
        load_tile_of(<float*>block, source, row_step, core_step, n, rows)
    elif kind == FLOAT64:
        load_tile_of(<double*>block, source, row_step, core_step, n, rows)
    else:
        for i in range(n):
            load(block + i * LANES * size, source + i * core_step, row_step, rows, kind, wide)
            memset(block + (i * LANES + rows) * size, 0, (LANES - rows) * size)


cdef void store_rows(const char* block, char* target, Py_ssize_t row_step, Py_ssize_t core_step, Py_ssize_t n,
                     Py_ssize_t rows, int width, int kind, bint wide) noexcept nogil:
    cdef Py_ssize_t i, size = sizeof(double) if wide else sizeof(float)
    if width == 1 and core_step == size and kind == (FLOAT64 if wide else FLOAT32):
        memcpy(target, block, n * size)
    elif width == 1:
        store(block, target, core_step, n, kind)
    elif kind == FLOAT32:
        store_tile_of(<const float*>block, target, row_step, core_step, n, rows)
    elif kind == FLOAT64:
        store_tile_of(<const double*>block, target, row_step, core_step, n, rows)
    else:
        for i in range(n):
            store(block + i * LANES * size, target + i * core_step, row_step, rows, kind)


# numbers `start` to `stop` become `value`
cdef inline void fill_up(char* block, Py_ssize_t start, Py_ssize_t stop, double value, bint wide) noexcept nogil:
    cdef Py_ssize_t f
    for f in range(start, stop):
        if wide:
            (<double*>block)[f] = value
        else:
            (<float*>block)[f] = <float>value


# Take `value` where the mask is 0; then the sign of the temperature, if there is one: softmin is softmax of -x.
cdef inline void mask_block(item* block, const item* mask, double value, const double* temperature,
                            Py_ssize_t size) noexcept nogil:
    cdef item zero = 0, instead = <item>value
    cdef item[LANES] sign, signed
    cdef Py_ssize_t f = 0, j
    for j in range(LANES):
        sign[j] = -1 if temperature != NULL and temperature[j] < 0 else 1
    while f < size:
        for j in range(LANES):
            signed[j] = block[f + j] * sign[j]
        for j in range(LANES):
            block[f + j] = instead if mask[f + j] == zero else signed[j]
        f += LANES


cdef void apply_mask(char* block, const char* mask, double value, const double* temperature, Py_ssize_t size,
                     bint wide) noexcept nogil:
    if wide:
        mask_block(<double*>block, <const double*>mask, value, temperature, size)
    else:
        mask_block(<float*>block, <const float*>mask, value, temperature, size)


# Bring elements start .. stop of rows r .. r + rows to `destinations`, masked, and filled up to a whole number of
# LANES with what changes neither maximum nor sum.
cdef void load_inputs(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows, Py_ssize_t start,
                      Py_ssize_t stop, char** destinations) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef Py_ssize_t n = stop - start, size = whole_lanes(n * call.width)
    cdef int k
    cdef const char* mask = NULL
    cdef const double* temperature = NULL
    cdef bint first
    for k in range(loop.nin):
        if loop.is_row[k] and destinations[k] != NULL:
            first = loop.role[k] == X and loop.maximum
            load_rows(destinations[k], call.operands[k] + r * call.steps[k] + start * call.core[k], call.steps[k],
                      call.core[k], n, rows, call.width, loop.kind[k], loop.wide)
            fill_up(destinations[k], n * call.width, size, -INFINITY if first else 0, loop.wide)
            if loop.role[k] == WHERE:
                mask = destinations[k]
        if loop.role[k] == TEMPERATURE:
            temperature = &worker.values[k][0]
    if mask != NULL:
        for k in range(loop.nin):
            if loop.role[k] == X:
                apply_mask(destinations[k], mask, -INFINITY if loop.maximum else 0,
                           temperature if loop.maximum else <const double*>NULL, size, loop.wide)
            elif loop.role[k] == G and loop.is_row[k]:
                apply_mask(destinations[k], mask, 0, NULL, size, loop.wide)


# The single values of rows r .. r + rows, one a lane; the last one again where there are fewer rows than lanes.
cdef void load_values(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef Py_ssize_t lane, lanes
    cdef const char* place
    cdef int k
    for k in range(loop.nin + loop.nout):
        if loop.is_row[k]:
            continue
        worker.block.operand[loop.role[k]] = &worker.values[k][0]
        if k >= loop.nin:
            continue
        lanes = 1 if rows == 1 or call.steps[k] == 0 else LANES
        for lane in range(lanes):
            place = call.operands[k] + (r + min(lane, rows - 1)) * call.steps[k]
            if loop.kind[k] == RAW_8_BYTES:
                memcpy(&worker.values[k][lane], place, sizeof(double))
            elif loop.wide:
                load(&worker.values[k][lane], place, 0, 1, loop.kind[k], True)
            else:
                load(<float*>&worker.values[k][0] + lane, place, 0, 1, loop.kind[k], False)
        if lanes == 1:
            spread_value(&worker.values[k][0], loop.kind[k] == RAW_8_BYTES or loop.wide)


# The first value to all lanes
cdef inline void spread_value(double* values, bint wide) noexcept nogil:
    cdef int j
    if wide:
        for j in range(1, LANES):
            values[j] = values[0]
    else:
        for j in range(1, LANES):
            (<float*>values)[j] = (<float*>values)[0]


# Point the block to the c-th chunk.
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
    b.start, b.n = start, stop - start
    b.size = b.whole = whole_lanes(b.n * call.width)
    if call.width == 1:
        b.whole = b.n // LANES * LANES
    offset = start * call.width if call.resident else 0
    for k in range(5):
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
            # after the last phase come the next row's numbers; copies are not read again
            b.prefetch_distance[role] = call.steps[k] // item_size(call) if worker.copies[k] == NULL and call.resident else 0
        if role == RESULT and call.in_result:
            # one row less that must fit the cache
            b.operand[WORK], b.end[WORK] = b.operand[role], b.end[role]
            # and this one is being written already
            b.prefetch_distance[RESULT] = call.steps[k] // item_size(call)
    if not call.resident:
        if call.copies:
            load_inputs(worker, call, r, rows, start, stop, worker.copies)
        if b.whole < b.size:
            load_inputs(worker, call, r, rows, start + b.whole, stop, worker.ends)


# Store what the kernel has written into copies and ends.
cdef void store_chunk(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef row_block* b = &worker.block
    cdef char* place
    cdef int k
    for k in range(loop.nin, loop.nin + loop.nout):
        if not loop.is_row[k]:
            continue
        place = call.operands[k] + r * call.steps[k] + b.start * call.core[k]
        if worker.copies[k] != NULL:
            if call.masks:
                apply_mask(<char*>b.operand[loop.role[k]], <char*>b.operand[WHERE], loop.masked, NULL, b.size,
                           loop.wide)
            store_rows(<char*>b.operand[loop.role[k]], place, call.steps[k], call.core[k], b.n, rows, call.width,
                       loop.kind[k], loop.wide)
        elif b.whole < b.size:
            store_rows(worker.ends[k], place + b.whole * call.core[k], call.steps[k], call.core[k], b.n - b.whole, rows,
                       call.width, loop.kind[k], loop.wide)
