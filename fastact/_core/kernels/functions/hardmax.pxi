# hardmax(x)_i = 1 at the first maximum, 0 elsewhere

# The reference is minus the place of the first maximum.
cdef inline void hardmax_reference(row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const item* x
    cdef const item* mask
    cdef item[LANES] m, inside
    cdef double[LANES] best, place
    cdef Py_ssize_t f = 0, j
    lane_values(&b.state.maximum[0], &m[0])
    lane_values(&b.state.reference[0], &best[0])
    first_places(b, &place[0])
    while f < b.size:
        prefetch_next_tile(b, f, storage)
        x = numbers(b, X, f, storage)
        for j in range(LANES):
            inside[j] = 1 if x[j] == m[j] else 0
        if b.operand[WHERE] != NULL:
            mask = numbers(b, WHERE, f, storage)
            for j in range(LANES):
                inside[j] = inside[j] * mask[j]
        for j in range(LANES):
            best[j] = -place[j] if inside[j] > <item>0 and -place[j] > best[j] else best[j]
        next_places(b, &place[0])
        f += LANES
    for j in range(LANES):
        b.state.reference[j] = best[j]


# the places in their rows of a chunk's first LANES numbers, and of the next
cdef inline void first_places(const row_block* b, double* place) noexcept nogil:
    cdef int j
    for j in range(LANES):
        place[j] = b.start + (j if b.width == 1 else 0)

cdef inline void next_places(const row_block* b, double* place) noexcept nogil:
    cdef int j
    for j in range(LANES):
        place[j] = place[j] + LANES // b.width


cdef inline void hardmax_write(const row_block* b, item* storage, real* compute) noexcept nogil:
    cdef item* y
    cdef double[LANES] place, nan
    cdef double value
    cdef Py_ssize_t f = 0, j
    for j in range(LANES):
        nan[j] = 0 if b.state.maximum[j] == b.state.maximum[j] else NAN
    first_places(b, &place[0])
    while f < b.size:
        y = numbers(b, RESULT, f, storage)
        for j in range(LANES):
            value = 1 if -place[j] == b.state.reference[j] else 0
            y[j] = <item>(value + nan[j])
        next_places(b, &place[0])
        f += LANES


cdef inline void hardmax_kernel(int phase, row_block* b, item* storage, real* compute) noexcept nogil:
    if phase == REFERENCE:
        hardmax_reference(b, storage, compute)
    elif phase == WRITE:
        hardmax_write(b, storage, compute)


for _options, _suffix in (("", ""), (",where_as_row(n)", "_where")):
    row(f"hardmax{_suffix}", f"logits(n){_options}->result(n)", hardmax_kernel[float, double],
        hardmax_kernel[float, float], hardmax_kernel[double, double],
        sums=0, keeps=KEEP_NOTHING, reference=True)
