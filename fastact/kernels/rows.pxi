# What a row function is: softmax and its kin, the losses. All are generalised ufuncs behind one driver
# (row_threads.pxi), which hands a kernel LANES numbers at a time. Either these are LANES neighbours of one long row, or
# they stand in LANES rows at the same place: short rows and other axes than the last. The kernel is the same: it has a
# row's maximum, sums and constants once a lane, and where all lanes belong to one row they are equal.
#
# A kernel is called with the phases in turn, each time with one chunk of the row:
#     REFERENCE   the lane-wise maximum of something, in state.reference, where the function is registered so
#     TERMS       the sums over the chunk, in block.sum
#     FINISH      once a row: constants and single results from the sums; state.again asks for TERMS once more
#     WRITE       the results of the chunk; what TERMS left in block.scratch is still there, the first part of it maybe
#                 in the memory of the result: each number is read before it is written
# Sums have the same bits whatever the layout, the number of threads and the vector width: they run in SUM_LANES strands
# over a chunk, and those are brought together in a fixed order.

cdef enum:
    LANES = 32                 # more than gcc unrolls before it vectorises
    SUM_LANES = 64             # 2 LANES
    STRANDS = 2048             # SUM_LANES for each of LANES rows
    CHUNK = 1024               # elements of a row
    SUMS = 4
    CONSTANTS = 6
    SCRATCH = 3

cdef enum:
    REFERENCE
    TERMS
    FINISH
    WRITE

# The part that an operand plays. Each is a row, "(n)", or one value a row, "()".
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
    ROLES

cdef struct row_state:
    double maximum[LANES]
    double reference[LANES]
    double total[SUMS][LANES]          # the sums over the whole row
    double low[SUMS][LANES]            # and what rounding has lost of them
    double constant[CONSTANTS][LANES]  # what FINISH leaves for WRITE
    int passes                         # how often FINISH has been called for the row
    int again

cdef struct row_block:
    void* operand[ROLES]               # LANES numbers after LANES numbers, or LANES single values; NULL if not wanted
    void* scratch[SCRATCH]             # as much room each, for numbers of the type that the kernel computes in
    Py_ssize_t size                    # how many numbers: a whole number of LANES
    Py_ssize_t n                       # how many of a row are in the chunk
    Py_ssize_t start                   # the first one's place in the row
    Py_ssize_t length                  # of the row
    int width                          # how many rows: 1 or LANES
    double sum[SUMS][LANES]
    double low[SUMS][LANES]
    row_state* state

ctypedef void (*row_kernel)(int phase, row_block* b, void* result, void* lanes) noexcept nogil
ctypedef void (*exact_row_kernel)(int phase, row_block* b, float* result, double* lanes) noexcept nogil
ctypedef void (*fast_row_kernel)(int phase, row_block* b, float* result, float* lanes) noexcept nogil
ctypedef void (*full_row_kernel)(int phase, row_block* b, double* result, double* lanes) noexcept nogil


# ---- sums

# The strands of one sum; float64 results keep what rounding loses as well.
cdef inline void clear_strands(real* strand, real* lost, const row_block* b, item result) noexcept nogil:
    cdef Py_ssize_t size = (SUM_LANES if b.width == 1 else min(b.size, <Py_ssize_t>STRANDS)) * sizeof(real)
    memset(strand, 0, size)
    if item is double:
        memset(lost, 0, size)


# The place of a chunk's LANES numbers, the first of which is the f-th, among the strands.
cdef inline Py_ssize_t strand_of(Py_ssize_t f, const row_block* b) noexcept nogil:
    return f & (SUM_LANES * b.width - 1)


# strand += value + low (Knuth's two-sum)
cdef inline void add_term(real* strand, real* lost, real value, real low, item result) noexcept nogil:
    cdef real before = strand[0], after = before + value, back
    strand[0] = after
    if item is double:
        back = after - before
        lost[0] = lost[0] + (((before - (after - back)) + (value - back)) + low)


# Bring the strands together: the k-th sum over the chunk.
cdef inline void collect(real* strand, real* lost, row_block* b, int k, item result) noexcept nogil:
    cdef Py_ssize_t rows = min(b.n, <Py_ssize_t>SUM_LANES), step = SUM_LANES // 2, i, j, f
    if b.width == 1:
        fold(strand, lost, 32, result)
        fold(strand, lost, 16, result)
        fold(strand, lost, 8, result)
        fold(strand, lost, 4, result)
        fold(strand, lost, 2, result)
        fold(strand, lost, 1, result)
    else:
        while step > 0:
            for i in range(rows - step):
                f = i * LANES
                for j in range(LANES):
                    add_term(&strand[f + j], &lost[f + j], strand[f + step * LANES + j],
                             lost[f + step * LANES + j] if item is double else <real>0, result)
            rows = min(rows, step)
            step //= 2
    for j in range(b.width):
        b.sum[k][j] = strand[j]
        b.low[k][j] = lost[j] if item is double else <real>0


# strands 0 .. n plus strands n .. 2 n
cdef inline void fold(real* strand, real* lost, Py_ssize_t n, item result) noexcept nogil:
    cdef Py_ssize_t j
    for j in range(n):
        add_term(&strand[j], &lost[j], strand[j + n], lost[j + n] if item is double else <real>0, result)


# ---- constants, once a lane

cdef inline void lane_values(const double* source, real* lane) noexcept nogil:
    cdef int j
    for j in range(LANES):
        lane[j] = <real>source[j]


# the largest of a chunk's numbers, lane by lane; NaN if there is one
cdef inline void take_maximum(row_block* b, item* lanes) noexcept nogil:
    cdef const item* x = <const item*>b.operand[X]
    cdef item[SUM_LANES] most, nan
    cdef double[LANES] highest
    cdef item value
    cdef Py_ssize_t f = 0, j
    for j in range(SUM_LANES):
        most[j] = -INFINITY
        nan[j] = 0
    while f + SUM_LANES <= b.size:
        for j in range(SUM_LANES):
            value = x[f + j]
            most[j] = value if value > most[j] else most[j]
            nan[j] = keep_nan(value, nan[j])
        f += SUM_LANES
    while f < b.size:
        for j in range(LANES):
            value = x[f + j]
            most[j] = value if value > most[j] else most[j]
            nan[j] = keep_nan(value, nan[j])
        f += LANES
    for j in range(LANES):
        nan[j] = nan[j] + nan[j + LANES]
        most[j] = most[j] if most[j] > most[j + LANES] else most[j + LANES]
    for j in range(LANES):
        highest[j] = most[j] + nan[j]
    for j in range(LANES):
        b.state.maximum[j] = larger(b.state.maximum[j], highest[j])


# NaN if one of both is
cdef inline double larger(double a, double b) noexcept nogil:
    cdef double most = a if a > b else b
    return a if a != a else most
