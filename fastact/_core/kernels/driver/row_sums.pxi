# The sums of row kernels over a chunk, and its maximum.
#
# Strand s of a chunk is the sum of its numbers s, s + SUM_LANES and so on. Functions that are not inline are compiled
# once for all kernels.

# Sum k is that of a chunk's numbers in `role`, where `lost` (or NOTHING) holds what rounding has lost of them; for
# float64 results added up in double what rounding loses here is added up as well. With `exp_of_max`, which is the
# largest possible number of each lane, sum k is that of the numbers below it, and sum k + 1 that of the numbers equal
# to it, of which nothing is lost. The numbers have the type of `compute`, the sums that of `sums`.
cdef inline void sum_numbers(row_block* b, int k, int role, int lost, item* storage, real* compute, wider* sums,
                             real* exp_of_max=NULL) noexcept nogil:
    if b.width == 1:
        sum_row(b, k, role, lost, storage, compute, sums, exp_of_max)
    else:
        sum_tile(b, k, role, lost, storage, compute, sums, exp_of_max)


cdef void sum_row(row_block* b, int k, int role, int lost, item* storage, real* compute, wider* sums,
                  real* exp_of_max) noexcept nogil:
    cdef wider[SUM_LANES] strand, strand_low, maxima, maxima_low
    cdef wider zero = <wider>b.opaque_zero
    cdef Py_ssize_t f = 0, j
    for j in range(SUM_LANES):
        strand[j] = strand_low[j] = maxima[j] = maxima_low[j] = zero
    while f + SUM_LANES <= b.whole:
        add_numbers(&strand[0], &strand_low[0], &maxima[0], b, f, SUM_LANES, role, lost, storage, exp_of_max)
        f += SUM_LANES
    if f < b.size:
        add_numbers(&strand[0], &strand_low[0], &maxima[0], b, f, LANES, role, lost, storage, exp_of_max, False,
                    b.n - f)
        f += LANES
    if f < b.size:
        add_numbers(&strand[LANES], &strand_low[LANES], &maxima[LANES], b, f, LANES, role, lost, storage, exp_of_max,
                    False, b.n - f)
    collect(&strand[0], &strand_low[0], b, k, <item>0)
    if exp_of_max != NULL:
        collect(&maxima[0], &maxima_low[0], b, k + 1, <item>0)


cdef void sum_tile(row_block* b, int k, int role, int lost, item* storage, real* compute, wider* sums,
                   real* exp_of_max) noexcept nogil:
    cdef wider[STRANDS] strand, strand_low, maxima, maxima_low
    cdef wider zero = <wider>b.opaque_zero
    cdef Py_ssize_t f = 0, s, j
    if exp_of_max != NULL:
        for f in range(min(b.size, <Py_ssize_t>STRANDS)):
            maxima[f] = maxima_low[f] = zero
    f = 0
    while f < min(b.size, <Py_ssize_t>STRANDS):
        if item is double:
            for j in range(LANES):
                strand_low[f + j] = zero
        add_numbers(&strand[f], &strand_low[f], &maxima[f], b, f, LANES, role, lost, storage, exp_of_max, True)
        f += LANES
    while f < b.size:
        s = f & (STRANDS - 1)
        add_numbers(&strand[s], &strand_low[s], &maxima[s], b, f, LANES, role, lost, storage, exp_of_max)
        f += LANES
    collect(&strand[0], &strand_low[0], b, k, <item>0)
    if exp_of_max != NULL:
        collect(&maxima[0], &maxima_low[0], b, k + 1, <item>0)


# Sum k is that of the products of two operands, or with `guards` that of the second, NaN where the first is NaN. It is
# added up in the type of `compute`.
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
    return strand + (keep_nan(<real>x, <real>y) if guards else <real>x * <real>y)


# Adds n numbers from the f-th on to as many strands; `first` says that nothing was added to these before. Those from
# the `count`-th on are zeros at the end of a row, which tiles do not have.
cdef inline void add_numbers(wider* strand, wider* strand_low, wider* maxima, const row_block* b, Py_ssize_t f, int n,
                             int role, int lost, item* storage, real* exp_of_max, bint first=False,
                             Py_ssize_t count=SUM_LANES) noexcept nogil:
    cdef real* none = NULL
    cdef const real* source = numbers(b, role, f, none)
    cdef const real* rest = numbers(b, lost if lost != NOTHING else role, f, none)
    cdef wider opaque_zero = <wider>b.opaque_zero, before, after, rest_before
    cdef real zero = 0, value, low = 0, most, maximum
    cdef int j
    for j in range(n):
        value = source[j]
        if item is double and real is double and lost != NOTHING:
            low = rest[j]
        if exp_of_max != NULL:
            most = exp_of_max[j & (LANES - 1)]
            maximum = most if value >= most else zero
            maxima[j] = maxima[j] + maximum
            value = value - maximum
        before = opaque_zero if first else strand[j]
        if item is double and wider is fast_double:
            if first:
                strand[j] = <wider>value
            else:
                rest_before = strand_low[j]
                after = add_closely(before, &strand_low[j], <wider>value)
                # adding 0 could move half a unit between the two parts
                strand[j] = after if j < count else before
                strand_low[j] = strand_low[j] if j < count else rest_before
        else:
            strand[j] = add_term(before, &strand_low[j], <wider>value, <wider>low, <item>0)


# strand + value, where what is lost is added to the next value (Kahan 1965): the sum of many equal numbers would be
# off by several units in the last place. Next to infinities what is lost is NaN.
cdef inline wider add_closely(wider strand, wider* lost, wider value) noexcept nogil:
    cdef wider term = value + lost[0], after = strand + term, rest = term - (after - strand)
    lost[0] = rest if rest == rest else <wider>0
    return after


# strand + value + low (Knuth's two-sum)
cdef inline wider add_term(wider strand, wider* lost, wider value, wider low, item storage) noexcept nogil:
    cdef wider after = strand + value, back
    if item is double:
        back = after - strand
        lost[0] = lost[0] + (((strand - (after - back)) + (value - back)) + low)
    return after


# Adds up the strands to the k-th sum over the chunk.
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
                add_strands(strand + f, lost + f, strand + f + step * LANES, lost + f + step * LANES, LANES,
                            storage)
            rows = min(rows, step)
            step //= 2
    for j in range(b.width):
        b.sum[k][j] = strand[j]
        b.low[k][j] = lost[j] if item is double else <wider>0


# Adds strands n .. 2 n to strands 0 .. n.
cdef inline void fold(wider* strand, wider* lost, Py_ssize_t n, item storage) noexcept nogil:
    add_strands(strand, lost, strand + n, lost + n, n, storage)


# Adds n strands to others.
cdef inline void add_strands(wider* strand, wider* lost, const wider* other, const wider* other_lost, Py_ssize_t n,
                             item storage) noexcept nogil:
    cdef Py_ssize_t j
    for j in range(n):
        strand[j] = add_term(strand[j], &lost[j], other[j], other_lost[j] if item is double else <wider>0, storage)


# ---- the maximum

# The largest of a chunk's numbers, for each row, or with a negative temperature of -x; NaN if there is one
cdef inline void take_maximum(row_block* b, item* storage) noexcept nogil:
    cdef item[SUM_LANES] most, nan, sign
    cdef const double* t = <const double*>b.operand[TEMPERATURE]
    cdef const item* x = <const item*>b.operand[X]
    cdef Py_ssize_t f = 0, j
    for j in range(SUM_LANES):
        most[j] = -INFINITY
        nan[j] = 0
    if t == NULL:
        while f + SUM_LANES <= b.whole:
            take_larger(&most[0], &nan[0], x + f, SUM_LANES, <item*>NULL)
            f += SUM_LANES
        while f < b.size:
            take_larger(&most[0], &nan[0], numbers(b, X, f, storage), LANES, <item*>NULL)
            f += LANES
    else:
        for j in range(SUM_LANES):
            sign[j] = -1 if t[j & (LANES - 1)] < 0 else 1
        while f + SUM_LANES <= b.whole:
            take_larger(&most[0], &nan[0], x + f, SUM_LANES, &sign[0])
            f += SUM_LANES
        while f < b.size:
            take_larger(&most[0], &nan[0], numbers(b, X, f, storage), LANES, &sign[0])
            f += LANES
    for j in range(LANES):
        most[j] = (most[j] if most[j] > most[j + LANES] else most[j + LANES]) + (nan[j] + nan[j + LANES])
    if b.width == 1:
        b.state.maximum[0] = larger(b.state.maximum[0], largest(&most[0]))
    else:
        for j in range(LANES):
            b.state.maximum[j] = larger(b.state.maximum[j], most[j])


cdef inline void take_larger(item* most, item* nan, const item* x, int n, const item* sign) noexcept nogil:
    cdef item value, none = NAN
    cdef int j
    for j in range(n):
        value = x[j] if sign == NULL else x[j] * sign[j]
        most[j] = value if value > most[j] else most[j]
        nan[j] = none if value != value else nan[j]


# The largest of LANES numbers, where a positive NaN is larger than any: compares the bits as integers that are in the
# order of the numbers, because gcc reduces integers in registers.
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


# The larger of two numbers; NaN if either is NaN
cdef inline double larger(double a, double b) noexcept nogil:
    cdef double most = a if a > b else b
    return a if a != a else most
