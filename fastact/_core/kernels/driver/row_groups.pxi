# Tiles of rows that lie beside each other in memory, as along every axis but the last, are loaded and stored several at
# a time: first the first numbers of all their rows, then the second, and so on. One tile alone takes 128 bytes of
# floats here and 128 bytes a line of the array further on; where lines are a multiple of 4 KiB apart all of these share
# a few sets of the caches, and what else came with them has left when the next tile asks for it. Loading and storing
# 1000 lines of 4 KiB takes 150 us by four tiles at a time, 570 one by one.

cdef enum:
    GROUP = 512            # bytes that the tiles of a group take beside each other
    SOON = 4               # lines from the one that is written to that which is asked for


# How many tiles make a group, if all rows lie beside each other and in the type that the kernel takes.
cdef Py_ssize_t tiles_together(const row_call* call) noexcept nogil:
    cdef int k
    for k in range(call.loop.nin + call.loop.nout):
        if call.loop.is_row[k] and not (rows_are_adjacent(call, k) and is_of_kernel(call, k)):
            return 1
    return GROUP // (LANES * item_size(call)) if call.width > 1 and call.resident and not call.masks else 1


# The same for the next `rows` rows.
cdef inline Py_ssize_t group_size(const row_call* call, Py_ssize_t rows) noexcept nogil:
    return min(call.tiles, max(rows // LANES, <Py_ssize_t>1))


# Whether the caches hold what is asked for one group ahead. Kernels that look for no maximum compute too little to ask
# for it meanwhile: it is asked for with this group's.
cdef inline bint is_short(const row_call* call) noexcept nogil:
    return call.n < MANY


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
        fetch_for_writing(target + (i * core_step + GROUP if early else (i + SOON) * core_step), GROUP)
        for g in range(tiles):
            for r in range(LANES):
                (<item*>(target + i * core_step))[g * LANES + r] = block[g * tile_size + i * LANES + r]


cdef void move_group(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t tiles,
                     bint stores) noexcept nogil:
    cdef const row_loop* loop = call.loop
    cdef Py_ssize_t tile_size = worker.tile_size // item_size(call)
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


# While the tile of row r is computed, memory is asked for: of inputs the next group's, of results its own.
cdef inline void fetch_with_tile(row_worker* worker, const row_call* call, int k, Py_ssize_t r,
                                 Py_ssize_t tiles) noexcept nogil:
    cdef int role = call.loop.role[k]
    if call.loop.is_row[k] and is_short(call):
        worker.block.prefetch_tile[role] = call.operands[k] + (r + (tiles * LANES if k < call.loop.nin else 0)) * call.steps[k]
        worker.block.prefetch_step[role] = call.core[k]


cdef void run_group(row_worker* worker, const row_call* call, Py_ssize_t r, Py_ssize_t tiles) noexcept nogil:
    cdef Py_ssize_t g
    cdef int k
    move_group(worker, call, r, tiles, False)
    worker.in_group = True
    for g in range(tiles):
        for k in range(call.loop.nin + call.loop.nout):
            worker.copies[k] = worker.group[k] + g * worker.tile_size if call.loop.is_row[k] else NULL
            fetch_with_tile(worker, call, k, r + g * LANES, tiles)
        run_tile(worker, call, r + g * LANES, LANES)
    worker.in_group = False
    for k in range(call.loop.nin + call.loop.nout):
        worker.copies[k] = worker.group[k]
        worker.block.prefetch_tile[call.loop.role[k]] = NULL
    move_group(worker, call, r, tiles, True)
