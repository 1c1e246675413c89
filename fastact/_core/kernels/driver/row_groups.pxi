# Tiles of rows that are adjacent in memory, as along every axis but the last, are loaded and stored several at a time:
# first the first numbers of all their rows, then the second ones, and so on. A single float32 tile takes 128 bytes of
# every line of the array; where lines are a multiple of 4 KiB apart all of these share a few sets of the caches, and
# what was prefetched along with them is evicted before the next tile reads it. Loading and storing 1000 lines of 4 KiB
# takes 150 us by four tiles at a time, 570 us one by one.

cdef enum:
    GROUP = 512            # bytes of a line that the tiles of a group take, and the distance to the next group
    PREFETCH_LINES = 4     # from the line that is written to the one that is prefetched


# How many tiles make a group, if all rows are adjacent and of the type that the kernel takes.
cdef Py_ssize_t tiles_together(const row_call* call) noexcept nogil:
    cdef int k
    for k in range(call.loop.nin + call.loop.nout):
        if call.loop.is_row[k] and not (rows_are_adjacent(call, k) and is_of_kernel(call, k)):
            return 1
    if call.width == 1 or not call.resident or call.mask >= 0 or call.loop.label_only:
        return 1
    return GROUP // (LANES * item_size(call))


# How many of them the next `rows` rows make.
cdef inline Py_ssize_t group_size(const row_call* call, Py_ssize_t rows) noexcept nogil:
    return min(call.tiles, max(rows // LANES, <Py_ssize_t>1))


# Whether the caches hold what is prefetched for the next group. Kernels that need no maximum compute too little to
# prefetch meanwhile: for them the next group is prefetched while this one is loaded.
cdef inline bint is_short(const row_call* call) noexcept nogil:
    return call.n < LONG_TILE


cdef inline void load_group_of(item* block, Py_ssize_t tile_size, const char* source, Py_ssize_t core_step,
                               Py_ssize_t n, Py_ssize_t tiles, bint early) noexcept nogil:
    cdef Py_ssize_t i, g, r
    for i in range(n):
        if early:
            fetch_ahead(source + i * core_step + GROUP, GROUP)
        for g in range(tiles):
            for r in range(LANES):
                block[g * tile_size + i * LANES + r] = (<const item*>(source + i * core_step))[g * LANES + r]


cdef inline void store_group_of(const item* block, Py_ssize_t tile_size, char* target, Py_ssize_t core_step,
                                Py_ssize_t n, Py_ssize_t tiles, bint early) noexcept nogil:
    cdef Py_ssize_t i, g, r
    for i in range(n):
        fetch_for_writing(target + (i * core_step + GROUP if early else (i + PREFETCH_LINES) * core_step), GROUP)
        for g in range(tiles):
            for r in range(LANES):
                (<item*>(target + i * core_step))[g * LANES + r] = block[g * tile_size + i * LANES + r]


cdef void move_group(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t tiles,
                     bint stores) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef Py_ssize_t tile_size = call.tile_size // item_size(call)
    cdef bint early = is_short(call) and not loop.maximum
    cdef char* place
    cdef int k
    for k in range(loop.nin if stores else 0, loop.nin + loop.nout if stores else loop.nin):
        if not loop.is_row[k]:
            continue
        place = call.operands[k] + r * call.steps[k]
        if stores and loop.wide:
            store_group_of(<double*>worker.group[k], tile_size, place, call.core[k], call.n, tiles, early)
        elif stores:
            store_group_of(<float*>worker.group[k], tile_size, place, call.core[k], call.n, tiles, early)
        elif loop.wide:
            load_group_of(<double*>worker.group[k], tile_size, place, call.core[k], call.n, tiles, early)
        else:
            load_group_of(<float*>worker.group[k], tile_size, place, call.core[k], call.n, tiles, early)


# What is prefetched while the tile of row r is computed: of inputs the next group's, of results this tile's.
cdef inline void prefetch_with_tile(row_worker* worker, const row_call* call, int k, Py_ssize_t r,
                                    Py_ssize_t tiles) noexcept nogil:
    cdef int role = call.loop.role[k]
    cdef Py_ssize_t distance = tiles * LANES if k < call.loop.nin else 0
    if call.loop.is_row[k] and is_short(call):
        worker.block.prefetch_tile[role] = call.operands[k] + (r + distance) * call.steps[k]
        worker.block.prefetch_step[role] = call.core[k]


cdef void run_group(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t tiles) noexcept nogil:
    cdef Py_ssize_t g
    cdef int k
    move_group(worker, call, r, tiles, False)
    worker.in_group = True
    for g in range(tiles):
        for k in range(call.loop.nin + call.loop.nout):
            worker.copies[k] = worker.group[k] + g * call.tile_size if call.loop.is_row[k] else NULL
            prefetch_with_tile(worker, call, k, r + g * LANES, tiles)
        run_tile(worker, call, r + g * LANES, LANES)
    worker.in_group = False
    for k in range(call.loop.nin + call.loop.nout):
        worker.copies[k] = worker.group[k]
        worker.block.prefetch_tile[call.loop.role[k]] = NULL
    move_group(worker, call, r, tiles, True)
