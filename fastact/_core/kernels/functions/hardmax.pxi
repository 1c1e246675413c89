# hardmax(x)_i = 1 at the first maximum, 0 elsewhere

# The reference is minus the place of the first maximum.
cdef inline void hardmax_reference(row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const item* x
    cdef const item* mask
    cdef item[LANES] m, inside
    cdef double[LANES] best, place
    cdef Py_ssize_t f = 0, j
    lane_values(&b.state.maximum[0], &m[0])
    if b.width == 1 and b.operand[WHERE] == NULL:
        hardmax_reference_of_row(b, m[0])
        return
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


# Of a row, chunks after the one with the maximum are not looked at.
cdef inline void hardmax_reference_of_row(row_block* b, item m) noexcept nogil:
    cdef Py_ssize_t place
    if b.state.reference[0] > -INFINITY:
        return
    place = first_equal(<const item*>b.operand[X], b.whole, m)
    if place == b.whole and b.whole < b.size:
        place += first_equal(<const item*>b.end[X], LANES, m)
    if place < b.n:
        b.state.reference[0] = -(b.start + place)


# The place of the first of n numbers that equals m, or n. All are looked at, and places selected by masks, because gcc
# would make branches of conditions; + 0 makes -0 a 0.
cdef inline Py_ssize_t first_equal(const item* x, Py_ssize_t n, item m) noexcept nogil:
    cdef item zero = 0
    cdef int32_t place = <int32_t>n, key, equal
    cdef int64_t wide_place = n, wide_key, wide_equal
    cdef int32_t j
    cdef int64_t i
    if item is float:
        key = bits32(m + zero)
        for j in range(<int32_t>n):
            equal = -<int32_t>(bits32(x[j] + zero) == key)
            place = min(place, (j & equal) | (INT32_MAX & ~equal))
        return place
    else:
        wide_key = bits64(m + zero)
        for i in range(<int64_t>n):
            wide_equal = -<int64_t>(bits64(x[i] + zero) == wide_key)
            wide_place = min(wide_place, (i & wide_equal) | (INT64_MAX & ~wide_equal))
        return wide_place


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
    if b.width == 1 and nan[0] == 0:
        hardmax_write_row(b, storage)
        return
    first_places(b, &place[0])
    while f < b.size:
        y = numbers(b, RESULT, f, storage)
        for j in range(LANES):
            value = 1 if -place[j] == b.state.reference[j] else 0
            y[j] = <item>(value + nan[j])
        next_places(b, &place[0])
        f += LANES


cdef inline void hardmax_write_row(const row_block* b, item* storage) noexcept nogil:
    cdef Py_ssize_t place = <Py_ssize_t>-b.state.reference[0] - b.start if b.state.reference[0] > -INFINITY else -1
    memset(b.operand[RESULT], 0, b.whole * sizeof(item))
    memset(b.end[RESULT], 0, (b.size - b.whole) * sizeof(item))
    if 0 <= place < b.n:
        numbers(b, RESULT, place // LANES * LANES, storage)[place % LANES] = 1


cdef inline void hardmax_kernel(int phase, row_block* b, item* storage, real* compute) noexcept nogil:
    if phase == REFERENCE:
        hardmax_reference(b, storage, compute)
    elif phase == WRITE:
        hardmax_write(b, storage, compute)


# The same for plain rows
cdef inline bint hardmax_plain(const plain_row* row, real* compute) noexcept nogil:
    cdef const float* x = <const float*>row.operand[X]
    cdef float* y = <float*>row.operand[RESULT]
    cdef Py_ssize_t n = row.n, place
    cdef float m = plain_maximum(x, n)
    if not magnitude(m, <float>INFINITY) < INFINITY:
        return False
    place = first_equal(x, n, m)
    memset(y, 0, n * sizeof(float))
    y[place] = 1
    return True


row("hardmax", "logits(n)->result(n)", hardmax_kernel[float, double], hardmax_kernel[float, float],
    hardmax_kernel[double, double], NULL, sums=0, keeps=KEEP_NOTHING, reference=True, masked=0, label_only=False,
    exact_plain=hardmax_plain[double], fast_plain=hardmax_plain[float],
    plain_scales=False, plain_columns=48)
row("hardmax_where", "logits(n),where_as_row(n)->result(n)", hardmax_kernel[float, double],
    hardmax_kernel[float, float], hardmax_kernel[double, double], NULL, sums=0, keeps=KEEP_NOTHING, reference=True)
