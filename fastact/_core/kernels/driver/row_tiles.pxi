# Rows and tiles of rows loaded into contiguous blocks of the kernel's type, stored, filled up and masked.

# Distances of prefetching in bytes, along a line of numbers that belong to adjacent rows: to the next tiles. Of a tile
# of many lines the caches hold only the next one.
cdef enum:
    TILE_PREFETCH = 256
    LONG_TILE_PREFETCH = 128
    LONG_TILE = 64         # lines from which on a tile is long
    WORD = 8               # numbers of a mask that are read at once


cdef inline void load_tile_of(item* block, const char* source, Py_ssize_t row_step, Py_ssize_t core_step, Py_ssize_t n,
                              Py_ssize_t rows) noexcept nogil:
    cdef Py_ssize_t i, r, distance = TILE_PREFETCH if n < LONG_TILE else LONG_TILE_PREFETCH
    if rows < LANES:
        for i in range(n):
            for r in range(rows, LANES):
                block[i * LANES + r] = 0
    if rows == LANES and row_step == sizeof(item):
        for i in range(n):
            prefetch_for_reading(source + i * core_step + distance, source + i * core_step + distance + LINE)
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
            if n < LONG_TILE:
                prefetch_for_writing(target + i * core_step + TILE_PREFETCH,
                                     target + i * core_step + TILE_PREFETCH + LINE)
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
        store(block, target, core_step, n, kind, wide)
    elif kind == FLOAT32:
        store_tile_of(<const float*>block, target, row_step, core_step, n, rows)
    elif kind == FLOAT64:
        store_tile_of(<const double*>block, target, row_step, core_step, n, rows)
    else:
        for i in range(n):
            store(block + i * LANES * size, target + i * core_step, row_step, rows, kind, wide)


# Sets numbers `start` to `stop` to `value`.
cdef inline void fill_up(char* block, Py_ssize_t start, Py_ssize_t stop, double value, bint wide) noexcept nogil:
    cdef Py_ssize_t f
    for f in range(start, stop):
        if wide:
            (<double*>block)[f] = value
        else:
            (<float*>block)[f] = <float>value


# ---- masks, which are read where they are stored

cdef extern from *:
    """
    /* from the lowest bits of a word to those of the byte that comes i-th in memory */
    #if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    #define FASTACT_BYTE_SHIFT(i) (56 - 8 * (i))
    #else
    #define FASTACT_BYTE_SHIFT(i) (8 * (i))
    #endif
    """
    int byte_shift "FASTACT_BYTE_SHIFT"(Py_ssize_t i) noexcept nogil


# The value of its lane for each number of a loaded row or tile that the mask excludes. `mask` is at the first number.
cdef void mask_rows(char* block, const char* mask, Py_ssize_t row_step, Py_ssize_t core_step, Py_ssize_t n,
                    Py_ssize_t rows, int width, const double* value, bint wide) noexcept nogil:
    if width == 1 and wide:
        mask_row_of(<double*>block, mask, core_step, n, value[0])
    elif width == 1:
        mask_row_of(<float*>block, mask, core_step, n, value[0])
    elif wide:
        mask_tile_of(<double*>block, mask, row_step, core_step, n, rows, value)
    else:
        mask_tile_of(<float*>block, mask, row_step, core_step, n, rows, value)


# A contiguous row of the kernel's type, and the value where the mask excludes a number
cdef inline void load_masked_row(item* block, const item* source, const char* mask, Py_ssize_t n,
                                 double value) noexcept nogil:
    cdef item masked = <item>value
    cdef Py_ssize_t j
    for j in range(n):
        block[j] = source[j] if mask[j] else masked


cdef inline void mask_row_of(item* block, const char* mask, Py_ssize_t core_step, Py_ssize_t n,
                             double value) noexcept nogil:
    cdef item masked = <item>value
    cdef Py_ssize_t j
    if core_step == 1:
        for j in range(n):
            block[j] = block[j] if mask[j] else masked
    else:
        for j in range(n):
            block[j] = block[j] if mask[j * core_step] else masked


cdef inline void mask_tile_of(item* block, const char* mask, Py_ssize_t row_step, Py_ssize_t core_step, Py_ssize_t n,
                              Py_ssize_t rows, const double* value) noexcept nogil:
    cdef item[LANES] masked
    cdef Py_ssize_t i, r
    for r in range(LANES):
        masked[r] = <item>value[r]
    if row_step == 0:
        for i in range(n):
            if not mask[i * core_step]:
                for r in range(rows):
                    block[i * LANES + r] = masked[r]
    elif row_step == 1 and rows == LANES:
        for i in range(n):
            for r in range(LANES):
                block[i * LANES + r] = block[i * LANES + r] if mask[i * core_step + r] else masked[r]
    elif core_step == 1 and n >= WORD:
        i = 0
        while i < n:
            mask_words_of(block + min(i, n - WORD) * LANES, mask + min(i, n - WORD), row_step, rows, &masked[0])
            i += WORD
    else:
        for r in range(rows):
            for i in range(n):
                if not mask[r * row_step + i * core_step]:
                    block[i * LANES + r] = masked[r]


# WORD lines of a tile, for which each row has as many bytes of the mask next to each other. Any byte but 0 is true.
cdef inline void mask_words_of(item* block, const char* mask, Py_ssize_t row_step, Py_ssize_t rows,
                               const item* masked) noexcept nogil:
    cdef uint64_t[LANES] word
    cdef item[LANES] given
    cdef Py_ssize_t i, r
    for r in range(rows):
        memcpy(&word[r], mask + r * row_step, WORD)
    for r in range(rows, LANES):
        word[r] = <uint64_t>-1
    for i in range(WORD):
        for r in range(LANES):
            given[r] = block[i * LANES + r]
        for r in range(LANES):
            block[i * LANES + r] = given[r] if word[r] >> byte_shift(i) & 0xff else masked[r]


cdef inline void fill_lanes(double* lane, double value) noexcept nogil:
    cdef int j
    for j in range(LANES):
        lane[j] = value


# What cannot be the maximum of a lane: -inf, or inf where a negative temperature makes it that of -x
cdef inline void lowest_of_lanes(const double* temperature, double* lane) noexcept nogil:
    cdef int j
    for j in range(LANES):
        lane[j] = INFINITY if temperature != NULL and temperature[j] < 0 else -INFINITY
