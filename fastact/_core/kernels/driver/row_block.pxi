# What a row function is: softmax and the functions related to it, and the losses of class labels. Each is a generalised
# ufunc with the one driver of row_driver.pxi, which calls its kernel with LANES numbers at a time. These are either
# LANES consecutive numbers of one long row, or a number of each of LANES rows: short rows, and rows along other axes
# than the last. The kernel is the same for both: it has the maximum, the sums and the constants of a row once per lane,
# and where all lanes belong to one row these are equal.
#
# A kernel is called with the phases in turn, each time with one chunk of the row:
#     REFERENCE   the lane-wise maximum of something, into state.reference, if the function is declared with `reference`
#     TERMS       the sums over the chunk, into block.sum, unless block.summed
#     FINISH      once per row: constants and single results from the sums; if it sets state.again, TERMS is repeated
#     WRITE       the results of the chunk; what TERMS left in WORK, LOST and MORE is still there. WORK may be where the
#                 result is stored: each number is read before it is written
# A row is used in place, but its end is copied and filled up to a whole number of LANES: `numbers` knows which it is.
# Sums have the same bits whatever the layout, the number of threads and the vector width: they are made in SUM_LANES
# strands over a chunk, which are then added up in a fixed order.
#
# Two arguments of kernels and their parts are only tags for the compiler, and NULL: `item* storage` has the type of the
# inputs and results in memory (float or double; float16 is converted on the way), `real* compute` that of the
# computation. Where a number is easier to pass than a pointer, as to `unscale`, the tag is `<item>0`.

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

# What an operand is to the kernel. Each is a row, "(n)", or one value per row, "()". The last five are no operands but
# scratch rows for numbers of the type that the kernel computes in; TERM and TERM_LOST last no longer than a phase.
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
    UNREAD                     # a kernel that does not need it shares its signature with others
    WORK
    LOST
    MORE
    TERM
    TERM_LOST
    ROLES
    NOTHING
    SCRATCH_ROWS = ROLES - WORK

# What of the scratch rows that TERMS fills WRITE reads
cdef enum:
    KEEP_NOTHING
    KEEP_TERMS                 # WORK, and LOST for float64
    KEEP_ALL                   # MORE as well

cdef struct row_state:
    double maximum[LANES]
    double reference[LANES]
    double total[SUMS][LANES]          # the sums over the whole row
    double low[SUMS][LANES]            # and what rounding has lost of them
    double constant[CONSTANTS][LANES]  # what FINISH leaves for WRITE
    double exp_of_max[LANES]           # the exponential of the maximum
    double others[LANES]               # the sum of the other exponentials divided by it, in two parts
    double others_low[LANES]
    int passes                         # how often FINISH has been called for the row
    int again
    double padding[7]                  # to a whole number of cache lines

cdef struct row_block:
    double sum[SUMS][LANES]
    double low[SUMS][LANES]
    void* operand[ROLES]               # LANES numbers after LANES numbers, or LANES single values; NULL if absent
    void* end[ROLES]                   # of rows: the numbers from `whole` on
    Py_ssize_t whole
    Py_ssize_t size                    # how many numbers: a whole number of LANES
    Py_ssize_t n                       # how many of a row are in the chunk
    Py_ssize_t start                   # the index of the first one in the row
    Py_ssize_t length                  # of the row
    int width                          # how many rows: 1 or LANES
    double opaque_zero                 # 0, which gcc must not know: it would call memset to clear a few registers
    bint kept                          # whether what an earlier TERMS has left in WORK and LOST is still there
    bint summed                        # whether the sums are made: TERMS is called only for what WRITE reads
    Py_ssize_t prefetch_distance[ROLES]  # in numbers, from a number to that which is prefetched meanwhile; 0 for none
    const char* prefetch_tile[ROLES]   # what is prefetched while a tile is computed, LANES numbers a line, or NULL
    Py_ssize_t prefetch_step[ROLES]    # bytes from line to line of it
    row_state* state

ctypedef void (*row_kernel)(int phase, row_block* b, void* storage, void* compute) noexcept nogil
ctypedef void (*exact_row_kernel)(int phase, row_block* b, float* storage, double* compute) noexcept nogil
ctypedef void (*fast_row_kernel)(int phase, row_block* b, float* storage, float* compute) noexcept nogil
ctypedef void (*wide_exact_row_kernel)(int phase, row_block* b, double* storage, double* compute) noexcept nogil
ctypedef void (*wide_fast_row_kernel)(int phase, row_block* b, double* storage, fast_double* compute) noexcept nogil


# The f-th of a chunk's numbers, and those after it up to a multiple of LANES
cdef inline number* numbers(const row_block* b, int role, Py_ssize_t f, number* storage) noexcept nogil:
    return <number*>b.operand[role] + f if f < b.whole else <number*>b.end[role] + (f - b.whole)


cdef enum:
    LOOP_SIZE = 256        # numbers of a row that one loop runs over

# How many of a long row's numbers a loop takes from the f-th on
cdef inline Py_ssize_t loop_size(const row_block* b, Py_ssize_t f) noexcept nogil:
    return min(<Py_ssize_t>LOOP_SIZE, b.whole - f) if f < b.whole else LANES


# Prefetch while there is something to compute: what is read after the chunk, and where the results of numbers `f` to
# `stop` go. Rows used in place only, not tiles.
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


# The constants or sums of all lanes, in the type of the computation
cdef inline void lane_values(const double* source, real* lane) noexcept nogil:
    cdef int j
    for j in range(LANES):
        lane[j] = <real>source[j]
