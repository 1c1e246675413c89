# The memory of the row functions: what a call consists of, what a thread works with, and how chunks of rows come into
# the form that kernels take and go back.
#
# LANES rows stand side by side in a tile if they are short or lie next to each other in memory (other axes than the
# last); any other row is taken by itself, in place where it is contiguous. What is not is copied, all of a row where it
# is small enough, else chunk by chunk.

cdef enum:
    ROW_OPERANDS = 8
    AS_IT_IS = -1          # besides the kinds of storage: eight bytes that the kernel takes as they are
    RESIDENT = 65536       # numbers that are kept between the phases; of longer rows only a chunk at a time is

cdef struct row_loop:
    row_kernel kernel[2]           # by precision; the same twice where the kernel works in float64
    bint wide                      # whether it does
    int nin
    int nout
    int role[ROW_OPERANDS]
    bint is_row[ROW_OPERANDS]      # else a single value
    int kind[ROW_OPERANDS]         # what each operand holds, or AS_IT_IS
    int label                      # which operand is a class label, or -1
    bint label_is_unsigned
    bint maximum                   # whether the kernel wants that of the row
    bint reference                 # whether it has that phase
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
    bint resident
    bint masks
    bint in_result                 # whether the first scratch row is of the type of the results

# What one thread works with.
cdef struct row_worker:
    row_block block
    row_state state
    char* memory
    Py_ssize_t room                                    # bytes a row or tile in it
    char* copies[ROW_OPERANDS]                         # NULL where a row is used in place
    char* tails[ROW_OPERANDS]                          # then its last chunk, filled up to a whole number of LANES
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


cdef inline bint is_copied(const row_call* call, int k) noexcept nogil:
    cdef int kind = call.loop.kind[k]
    return (call.width > 1 or call.masks or kind != (FLOAT64 if call.loop.wide else FLOAT32)
            or (call.n > 1 and call.core[k] != storage_size[kind]))


# Scratch for the kernel and a copy of every row that needs one. False if there is no memory.
cdef bint start_worker(row_worker* worker, const row_call* call) noexcept nogil:
    cdef Py_ssize_t n = call.n if call.resident else min(call.n, <Py_ssize_t>CHUNK)
    cdef Py_ssize_t room = (n * call.width + 2 * LANES) * sizeof(double)
    cdef int k, noperands = call.loop.nin + call.loop.nout, rows = SCRATCH
    for k in range(noperands):
        rows += call.loop.is_row[k]
    worker.bad_row = -1
    worker.block.state = &worker.state
    worker.memory = <char*>malloc(rows * room)
    if worker.memory == NULL:
        return False
    worker.room = room
    # a kernel leaves the sums that it does not use as they are
    memset(&worker.block.sum[0][0], 0, sizeof(worker.block.sum))
    memset(&worker.block.low[0][0], 0, sizeof(worker.block.low))
    rows = SCRATCH
    for k in range(noperands):
        worker.copies[k] = worker.tails[k] = NULL
        if call.loop.is_row[k]:
            if is_copied(call, k):
                worker.copies[k] = worker.memory + rows * room
            else:
                worker.tails[k] = worker.memory + rows * room
            rows += 1
    worker.block.length = call.n
    worker.block.width = call.width
    for k in range(ROLES):
        worker.block.operand[k] = NULL
    return True


# ---- loading and storing

cdef extern from *:
    """
    /* Four lines of four numbers each become four columns. */
    #if defined(__clang__) || __GNUC__ >= 12
    #define FASTACT_PICK4(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
    #define FASTACT_PICK2(a, b, i, j) __builtin_shufflevector(a, b, i, j)
    #else
    typedef int fastact_int4 __attribute__((vector_size(16)));
    typedef long long fastact_int2 __attribute__((vector_size(16)));
    #define FASTACT_PICK4(a, b, i, j, k, l) __builtin_shuffle(a, b, (fastact_int4){i, j, k, l})
    #define FASTACT_PICK2(a, b, i, j) __builtin_shuffle(a, b, (fastact_int2){i, j})
    #endif
    typedef float fastact_floats __attribute__((vector_size(16), aligned(1), may_alias));
    typedef double fastact_doubles __attribute__((vector_size(16), aligned(1), may_alias));

    static inline void fastact_transpose_floats(char const *in, Py_ssize_t in_step, char *out, Py_ssize_t out_step) {
        fastact_floats a = *(fastact_floats const *)in, b = *(fastact_floats const *)(in + in_step);
        fastact_floats c = *(fastact_floats const *)(in + 2 * in_step), d = *(fastact_floats const *)(in + 3 * in_step);
        fastact_floats ab = FASTACT_PICK4(a, b, 0, 4, 1, 5), cd = FASTACT_PICK4(c, d, 0, 4, 1, 5);
        *(fastact_floats *)out = FASTACT_PICK4(ab, cd, 0, 1, 4, 5);
        *(fastact_floats *)(out + out_step) = FASTACT_PICK4(ab, cd, 2, 3, 6, 7);
        ab = FASTACT_PICK4(a, b, 2, 6, 3, 7);
        cd = FASTACT_PICK4(c, d, 2, 6, 3, 7);
        *(fastact_floats *)(out + 2 * out_step) = FASTACT_PICK4(ab, cd, 0, 1, 4, 5);
        *(fastact_floats *)(out + 3 * out_step) = FASTACT_PICK4(ab, cd, 2, 3, 6, 7);
    }

    static inline void fastact_transpose_two(char const *in, Py_ssize_t in_step, char *out, Py_ssize_t out_step) {
        fastact_doubles a = *(fastact_doubles const *)in, b = *(fastact_doubles const *)(in + in_step);
        *(fastact_doubles *)out = FASTACT_PICK2(a, b, 0, 2);
        *(fastact_doubles *)(out + out_step) = FASTACT_PICK2(a, b, 1, 3);
    }

    static inline void fastact_transpose_doubles(char const *in, Py_ssize_t in_step, char *out, Py_ssize_t out_step) {
        fastact_transpose_two(in, in_step, out, out_step);
        fastact_transpose_two(in + 16, in_step, out + 2 * out_step, out_step);
        fastact_transpose_two(in + 2 * in_step, in_step, out + 16, out_step);
        fastact_transpose_two(in + 2 * in_step + 16, in_step, out + 2 * out_step + 16, out_step);
    }
    """
    void transpose_floats "fastact_transpose_floats"(const char*, Py_ssize_t, char*, Py_ssize_t) noexcept nogil
    void transpose_doubles "fastact_transpose_doubles"(const char*, Py_ssize_t, char*, Py_ssize_t) noexcept nogil


# `lines` lines of n numbers each, side by side in memory, become n lines: out[i][r] = in[r][i]. In squares of four, of
# which the last ones may overlap those before.
cdef inline void transpose(const char* source, Py_ssize_t source_step, char* target, Py_ssize_t target_step,
                           Py_ssize_t lines, Py_ssize_t n, item* kind) noexcept nogil:
    cdef Py_ssize_t i, r, k = 0, j
    while k < lines:
        r = min(k, lines - 4)
        j = 0
        while j < n:
            i = min(j, n - 4)
            if item is float:
                transpose_floats(source + r * source_step + i * sizeof(item), source_step,
                                 target + i * target_step + r * sizeof(item), target_step)
            else:
                transpose_doubles(source + r * source_step + i * sizeof(item), source_step,
                                  target + i * target_step + r * sizeof(item), target_step)
            j += 4
        k += 4


cdef inline void load_tile_of(item* block, const char* source, Py_ssize_t row_step, Py_ssize_t core_step, Py_ssize_t n,
                              Py_ssize_t rows) noexcept nogil:
    cdef Py_ssize_t i, r
    if rows < LANES:
        for i in range(n):
            for r in range(rows, LANES):
                block[i * LANES + r] = 0
    if rows == LANES and row_step == sizeof(item):
        for i in range(n):
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
    cdef Py_ssize_t lane
    cdef const char* place
    cdef int k
    for k in range(loop.nin + loop.nout):
        if loop.is_row[k]:
            continue
        worker.block.operand[loop.role[k]] = &worker.values[k][0]
        if k >= loop.nin:
            continue
        for lane in range(LANES):
            place = call.operands[k] + (r + min(lane, rows - 1)) * call.steps[k]
            if loop.kind[k] == AS_IT_IS:
                memcpy(&worker.values[k][lane], place, sizeof(double))
            elif loop.wide:
                load(&worker.values[k][lane], place, 0, 1, loop.kind[k], True)
            else:
                load(<float*>&worker.values[k][0] + lane, place, 0, 1, loop.kind[k], False)


# Point the block to the c-th chunk.
cdef void place_chunk(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows,
                      Py_ssize_t c) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef row_block* b = &worker.block
    cdef Py_ssize_t start = c * CHUNK, stop = min(start + CHUNK, call.n), offset, room = item_size(call)
    cdef char* destinations[ROW_OPERANDS]
    cdef char* place
    cdef int k
    cdef bint at_end = call.width == 1 and (stop - start) % LANES != 0
    b.start, b.n = start, stop - start
    b.size = whole_lanes(b.n * call.width)
    offset = start * call.width if call.resident else 0
    for k in range(SCRATCH):
        b.scratch[k] = worker.memory + k * worker.room + offset * sizeof(double)
    for k in range(loop.nin + loop.nout):
        destinations[k] = NULL
        if not loop.is_row[k]:
            continue
        if worker.copies[k] == NULL:
            place = call.operands[k] + r * call.steps[k] + start * call.core[k]
            if at_end:
                destinations[k] = place = worker.tails[k]
        else:
            place = worker.copies[k]
            if call.resident:
                place += offset * room
            else:
                destinations[k] = place
        b.operand[loop.role[k]] = place
        if loop.role[k] == RESULT and call.in_result:
            # one row less that must fit the cache
            b.scratch[0] = place
    if not call.resident:
        load_inputs(worker, call, r, rows, start, stop, destinations)


# Store what the kernel has written into copies.
cdef void store_chunk(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t rows) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef row_block* b = &worker.block
    cdef char* block
    cdef int k
    for k in range(loop.nin, loop.nin + loop.nout):
        block = <char*>b.operand[loop.role[k]]
        if loop.is_row[k] and (worker.copies[k] != NULL or block == worker.tails[k]):
            if call.masks:
                apply_mask(block, <char*>b.operand[WHERE], loop.masked, NULL, b.size, loop.wide)
            store_rows(block, call.operands[k] + r * call.steps[k] + b.start * call.core[k], call.steps[k],
                       call.core[k], b.n, rows, call.width, loop.kind[k], loop.wide)
