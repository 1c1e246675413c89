# What a row function is: softmax and its kin, cross-entropy. All are generalised ufuncs behind one driver
# (row_threads.pxi; nll_loss.pxi, which reads one number a row, has its own), which hands a kernel LANES numbers at a time. Either these are LANES neighbours of one long row, or
# they stand in LANES rows at the same place: short rows and other axes than the last. The kernel is the same: it has a
# row's maximum, sums and constants once a lane, and where all lanes belong to one row they are equal.
#
# A kernel is called with the phases in turn, each time with one chunk of the row:
#     REFERENCE   the lane-wise maximum of something, in state.reference, where the function is registered so
#     TERMS       the sums over the chunk, in block.sum, unless block.summed
#     FINISH      once a row: constants and single results from the sums; state.again asks for TERMS once more
#     WRITE       the results of the chunk; what TERMS left in WORK, LOST and MORE is still there. WORK may be where the
#                 result goes: each number is read before it is written
# A row is used where it lies, but its end is filled up to a whole number of LANES elsewhere: `numbers` knows.
# Sums have the same bits whatever the layout, the number of threads and the vector width: they run in SUM_LANES strands
# over a chunk, and those are brought together in a fixed order.

cdef enum:
    LANES = 32                 # more than gcc unrolls before it vectorises
    SUM_LANES = 64             # 2 LANES
    STRANDS = 2048             # SUM_LANES for each of LANES rows
    CHUNK = 2048               # elements of a row
    SUMS = 4
    CONSTANTS = 6

cdef enum:
    REFERENCE
    TERMS
    FINISH
    WRITE

# The part that an operand plays. Each is a row, "(n)", or one value a row, "()". The last five are no operands but
# scratch rows for numbers of the type that the kernel computes in; TERM and TERM_LOST for no longer than a phase.
cdef enum:
    X
    G
    WHERE
    TEMPERATURE
    LABEL
    PROBABILITIES
    WEIGHT
    SMOOTHING
    SCALE
    RESULT
    HESSIAN
    VALUE
    WORK
    LOST
    MORE
    TERM
    TERM_LOST
    ROLES
    NOTHING

cdef struct row_state:
    double maximum[LANES]
    double reference[LANES]
    double total[SUMS][LANES]          # the sums over the whole row
    double low[SUMS][LANES]            # and what rounding has lost of them
    double constant[CONSTANTS][LANES]  # what FINISH leaves for WRITE
    double exp_of_max[LANES]                  # the exponential of the maximum
    double others[LANES]               # the sum of the other exponentials over it, in two parts
    double others_low[LANES]
    int passes                         # how often FINISH has been called for the row
    int again

cdef struct row_block:
    void* operand[ROLES]               # LANES numbers after LANES numbers, or LANES single values; NULL if not wanted
    void* end[ROLES]                   # of rows: the numbers from `whole` on
    Py_ssize_t whole
    Py_ssize_t size                    # how many numbers: a whole number of LANES
    Py_ssize_t n                       # how many of a row are in the chunk
    Py_ssize_t start                   # the first one's place in the row
    Py_ssize_t length                  # of the row
    int width                          # how many rows: 1 or LANES
    double opaque_zero                 # 0
    bint kept                          # whether what an earlier TERMS has left in WORK and LOST is still there
    bint summed                        # whether the sums are made: TERMS is called only for what WRITE finds there
    Py_ssize_t prefetch_distance[ROLES]            # how far behind a number is the one that will be wanted after the chunk, if any
    const char* prefetch_tile[ROLES]          # what to ask for while a tile is computed, LANES numbers a line, or NULL
    Py_ssize_t prefetch_step[ROLES]        # from line to line of it
    double sum[SUMS][LANES]
    double low[SUMS][LANES]
    row_state* state

ctypedef void (*row_kernel)(int phase, row_block* b, void* storage, void* compute) noexcept nogil
ctypedef void (*exact_row_kernel)(int phase, row_block* b, float* storage, double* compute) noexcept nogil
ctypedef void (*fast_row_kernel)(int phase, row_block* b, float* storage, float* compute) noexcept nogil
ctypedef void (*full_row_kernel)(int phase, row_block* b, double* storage, double* compute) noexcept nogil


# The f-th of a chunk's numbers, and those after it up to a multiple of LANES
cdef inline item* numbers(const row_block* b, int role, Py_ssize_t f, item* storage) noexcept nogil:
    return <item*>b.operand[role] + f if f < b.whole else <item*>b.end[role] + (f - b.whole)


cdef enum:
    LOOP_SIZE = 256          # numbers of a row that one loop runs over

# How many of a long row's numbers a loop takes from the f-th on
cdef inline Py_ssize_t loop_size(const row_block* b, Py_ssize_t f) noexcept nogil:
    return min(<Py_ssize_t>LOOP_SIZE, b.whole - f) if f < b.whole else LANES


# Ask for memory while there is something to compute: what will be read after the chunk, and where the results of
# numbers `f` to `stop` go. Tiles are copies.
cdef inline void prefetch_after_chunk(const row_block* b, Py_ssize_t f, Py_ssize_t stop, item* storage) noexcept nogil:
    cdef Py_ssize_t size = (stop - f) * sizeof(item)
    fetch_ahead(<const char*>(numbers(b, X, f, storage) + b.prefetch_distance[X]), size)
    if b.prefetch_distance[G] != 0:
        fetch_ahead(<const char*>(numbers(b, G, f, storage) + b.prefetch_distance[G]), size)
    if b.operand[RESULT] != NULL:
        fetch_for_writing(<const char*>(numbers(b, RESULT, f, storage) + b.prefetch_distance[RESULT]), size)


# The same while line f / LANES of a tile in a group is computed.
cdef inline void prefetch_next_tile(const row_block* b, Py_ssize_t f, item* storage) noexcept nogil:
    cdef Py_ssize_t line = f // LANES
    if b.prefetch_tile[X] != NULL:
        fetch_ahead(b.prefetch_tile[X] + line * b.prefetch_step[X], LANES * sizeof(item))
    if b.prefetch_tile[G] != NULL:
        fetch_ahead(b.prefetch_tile[G] + line * b.prefetch_step[G], LANES * sizeof(item))
    if b.prefetch_tile[RESULT] != NULL:
        fetch_for_writing(b.prefetch_tile[RESULT] + line * b.prefetch_step[RESULT], LANES * sizeof(item))


# ---- sums

# Sum k is that of a chunk's numbers in `role`, where `lost` (or NOTHING) holds what rounding has lost of them; float64
# results keep what rounding loses here as well. With `apart` it is that of the numbers below the `exp_of_max` of their lane,
# the largest possible one, and sum k + 1 that of those that equal it, of which nothing is lost. They are of the type of
# `lanes`, and their sums of that of `sums`.
cdef inline void sum_numbers(row_block* b, int k, int role, int lost, item* storage, real* compute, wider* sums,
                             bint separate_maxima=False, real* exp_of_max=NULL) noexcept nogil:
    if b.width == 1:
        sum_row(b, k, role, lost, storage, compute, sums, separate_maxima, exp_of_max)
    else:
        sum_tile(b, k, role, lost, storage, compute, sums, separate_maxima, exp_of_max)


# What the strands start with is not known to the compiler, which would call memset.
cdef void sum_row(row_block* b, int k, int role, int lost, item* storage, real* compute, wider* sums, bint separate_maxima,
                         real* exp_of_max) noexcept nogil:
    cdef wider[SUM_LANES] strand, strand_low, maxima, maxima_low
    cdef wider zero = <wider>b.opaque_zero
    cdef Py_ssize_t f = 0, j
    for j in range(SUM_LANES):
        strand[j] = strand_low[j] = maxima[j] = maxima_low[j] = zero
    while f + SUM_LANES <= b.whole:
        add_numbers(&strand[0], &strand_low[0], &maxima[0], b, f, SUM_LANES, role, lost, storage, separate_maxima, exp_of_max)
        f += SUM_LANES
    if f < b.size:
        add_numbers(&strand[0], &strand_low[0], &maxima[0], b, f, LANES, role, lost, storage, separate_maxima, exp_of_max)
        f += LANES
    if f < b.size:
        add_numbers(&strand[LANES], &strand_low[LANES], &maxima[LANES], b, f, LANES, role, lost, storage, separate_maxima, exp_of_max)
    collect(&strand[0], &strand_low[0], b, k, <item>0)
    if separate_maxima:
        collect(&maxima[0], &maxima_low[0], b, k + 1, <item>0)


cdef void sum_tile(row_block* b, int k, int role, int lost, item* storage, real* compute, wider* sums, bint separate_maxima,
                          real* exp_of_max) noexcept nogil:
    cdef wider[STRANDS] strand, strand_low, maxima, maxima_low
    cdef wider zero = <wider>b.opaque_zero
    cdef Py_ssize_t f = 0, s, j
    if separate_maxima:
        for f in range(min(b.size, <Py_ssize_t>STRANDS)):
            maxima[f] = maxima_low[f] = zero
    f = 0
    while f < min(b.size, <Py_ssize_t>STRANDS):
        if item is double:
            for j in range(LANES):
                strand_low[f + j] = zero
        add_numbers(&strand[f], &strand_low[f], &maxima[f], b, f, LANES, role, lost, storage, separate_maxima, exp_of_max, True)
        f += LANES
    while f < b.size:
        s = f & (STRANDS - 1)
        add_numbers(&strand[s], &strand_low[s], &maxima[s], b, f, LANES, role, lost, storage, separate_maxima, exp_of_max)
        f += LANES
    collect(&strand[0], &strand_low[0], b, k, <item>0)
    if separate_maxima:
        collect(&maxima[0], &maxima_low[0], b, k + 1, <item>0)


# Sum k is that of the products of two operands, or with `guards` that of the second, NaN where the first is NaN. Float
# results are added up in the type of `lanes`.
cdef inline void sum_pairs(row_block* b, int k, int role, int other, bint guards, item* storage,
                           real* compute) noexcept nogil:
    if b.width == 1:
        sum_row_of_pairs(b, k, role, other, guards, storage, compute)
    else:
        sum_tile_of_pairs(b, k, role, other, guards, storage, compute)


cdef void sum_row_of_pairs(row_block* b, int k, int role, int other, bint guards, item* storage,
                                  real* compute) noexcept nogil:
    cdef real[SUM_LANES] strand, none
    cdef real zero = <real>b.opaque_zero
    cdef const item* x = <const item*>b.operand[role]
    cdef const item* y = <const item*>b.operand[other]
    cdef Py_ssize_t f = 0, bulk = b.whole // SUM_LANES * SUM_LANES, j
    for j in range(SUM_LANES):
        strand[j] = none[j] = zero
    while f < bulk:
        if f % LOOP_SIZE == 0:
            prefetch_after_chunk(b, f, min(f + LOOP_SIZE, b.whole), storage)
        for j in range(SUM_LANES):
            strand[j] = add_pair(strand[j], x[f + j], y[f + j], guards, compute)
        f += SUM_LANES
    while f < b.size:
        x, y = numbers(b, role, f, storage), numbers(b, other, f, storage)
        for j in range(LANES):
            strand[f - bulk + j] = add_pair(strand[f - bulk + j], x[j], y[j], guards, compute)
        f += LANES
    collect(&strand[0], &none[0], b, k, <item>0)


cdef void sum_tile_of_pairs(row_block* b, int k, int role, int other, bint guards, item* storage,
                                   real* compute) noexcept nogil:
    cdef real[STRANDS] strand, none
    cdef real zero = <real>b.opaque_zero
    cdef const item* x
    cdef const item* y
    cdef Py_ssize_t f = 0, s, j
    for s in range(min(b.size, <Py_ssize_t>STRANDS)):
        strand[s] = none[s] = zero
    while f < b.size:
        s = f & (STRANDS - 1)
        x, y = numbers(b, role, f, storage), numbers(b, other, f, storage)
        for j in range(LANES):
            strand[s + j] = add_pair(strand[s + j], x[j], y[j], guards, compute)
        f += LANES
    collect(&strand[0], &none[0], b, k, <item>0)


cdef inline real add_pair(real strand, item x, item y, bint guards, real* compute) noexcept nogil:
    if guards:
        return strand + keep_nan(<real>x, <real>y)
    if real is float:
        return fma32(<float>x, <float>y, strand)
    else:
        return fma64(x, y, strand)


# The f-th number and the next, n in all, to as many strands, of which these may be the first
cdef inline void add_numbers(wider* strand, wider* strand_low, wider* maxima, const row_block* b, Py_ssize_t f, int n,
                             int role, int lost, item* storage, bint separate_maxima, real* exp_of_max,
                             bint first=False) noexcept nogil:
    cdef real* none = NULL
    cdef const real* source = numbers(b, role, f, none)
    cdef const real* rest = numbers(b, lost if lost != NOTHING else role, f, none)
    cdef wider opaque_zero = <wider>b.opaque_zero, before
    cdef real zero = 0, value, low = 0, most, maximum
    cdef int j
    for j in range(n):
        value = source[j]
        if item is double and lost != NOTHING:
            low = rest[j]
        if separate_maxima:
            most = exp_of_max[j & (LANES - 1)]
            maximum = most if value >= most else zero
            maxima[j] = maxima[j] + maximum
            value = value - maximum
        before = opaque_zero if first else strand[j]
        strand[j] = add_term(before, &strand_low[j], <wider>value, <wider>low, <item>0)


# strand + value + low (Knuth's two-sum)
cdef inline wider add_term(wider strand, wider* lost, wider value, wider low, item storage) noexcept nogil:
    cdef wider after = strand + value, back
    if item is double:
        back = after - strand
        lost[0] = lost[0] + (((strand - (after - back)) + (value - back)) + low)
    return after


# Bring the strands together: the k-th sum over the chunk.
cdef inline void collect(wider* strand, wider* lost, row_block* b, int k, item storage) noexcept nogil:
    cdef Py_ssize_t rows = min(b.n, <Py_ssize_t>SUM_LANES), step = SUM_LANES // 2, i, j, f
    if b.width == 1:
        fold(strand, lost, 32, storage)
        fold(strand, lost, 16, storage)
        fold(strand, lost, 8, storage)
        fold(strand, lost, 4, storage)
        fold(strand, lost, 2, storage)
        fold(strand, lost, 1, storage)
    else:
        while step > 0:
            for i in range(rows - step):
                f = i * LANES
                for j in range(LANES):
                    strand[f + j] = add_term(strand[f + j], &lost[f + j], strand[f + step * LANES + j],
                                             lost[f + step * LANES + j] if item is double else <wider>0, storage)
            rows = min(rows, step)
            step //= 2
    for j in range(b.width):
        b.sum[k][j] = strand[j]
        b.low[k][j] = lost[j] if item is double else <wider>0


# strands 0 .. n plus strands n .. 2 n
cdef inline void fold(wider* strand, wider* lost, Py_ssize_t n, item storage) noexcept nogil:
    cdef Py_ssize_t j
    for j in range(n):
        strand[j] = add_term(strand[j], &lost[j], strand[j + n], lost[j + n] if item is double else <wider>0, storage)


# ---- constants, once a lane

cdef inline void lane_values(const double* source, real* lane) noexcept nogil:
    cdef int j
    for j in range(LANES):
        lane[j] = <real>source[j]


# the largest of a chunk's numbers, for each row; NaN if there is one
cdef inline void take_maximum(row_block* b, item* compute) noexcept nogil:
    cdef item[SUM_LANES] most, nan
    cdef const item* x = <const item*>b.operand[X]
    cdef Py_ssize_t f = 0, j
    for j in range(SUM_LANES):
        most[j] = -INFINITY
        nan[j] = 0
    while f + SUM_LANES <= b.whole:
        take_larger(&most[0], &nan[0], x + f, SUM_LANES)
        f += SUM_LANES
    while f < b.size:
        take_larger(&most[0], &nan[0], numbers(b, X, f, compute), LANES)
        f += LANES
    for j in range(LANES):
        most[j] = (most[j] if most[j] > most[j + LANES] else most[j + LANES]) + (nan[j] + nan[j + LANES])
    if b.width == 1:
        b.state.maximum[0] = larger(b.state.maximum[0], largest(&most[0]))
    else:
        for j in range(LANES):
            b.state.maximum[j] = larger(b.state.maximum[j], most[j])


cdef inline void take_larger(item* most, item* nan, const item* x, int n) noexcept nogil:
    cdef item value, none = NAN
    cdef int j
    for j in range(n):
        value = x[j]
        most[j] = value if value > most[j] else most[j]
        nan[j] = none if value != value else nan[j]


# The largest of LANES numbers, where a positive NaN is larger than any: by bits that are in the order of the numbers,
# because gcc reduces integers in registers.
cdef inline item largest(const item* most) noexcept nogil:
    cdef int32_t best = INT32_MIN, bits
    cdef int64_t best_wide = INT64_MIN, wide
    cdef int j
    if item is float:
        for j in range(LANES):
            bits = bits32(most[j])
            bits = bits ^ (bits >> 31 & INT32_MAX)
            best = bits if bits > best else best
        return float32(best ^ (best >> 31 & INT32_MAX))
    else:
        for j in range(LANES):
            wide = bits64(most[j])
            wide = wide ^ (wide >> 63 & INT64_MAX)
            best_wide = wide if wide > best_wide else best_wide
        return float64(best_wide ^ (best_wide >> 63 & INT64_MAX))


# NaN if one of both is
cdef inline double larger(double a, double b) noexcept nogil:
    cdef double most = a if a > b else b
    return a if a != a else most
