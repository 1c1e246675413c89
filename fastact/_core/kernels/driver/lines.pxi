# Several dimensions of operands at once, as NumPy's iterator has arranged them: lines along the first, which are shared
# among threads. NumPy itself calls the loop of a ufunc for one line after the other, in one thread.

cdef enum:
    MAX_DEPTH = 8

# The dimensions of a call, the fastest one first
cdef struct nest:
    int depth
    cnp.npy_intp count[MAX_DEPTH]
    cnp.npy_intp steps[MAX_DEPTH][MAX_OPERANDS]

cdef struct lines_call:
    const elementwise_loop* loop
    block_kernel kernel
    char** operands
    const nest* dimensions
    Py_ssize_t total               # elements
    Py_ssize_t part                # elements of a part of a line
    Py_ssize_t parts               # of each line
    bint turns                     # whether operands are turned (turned_lines.pxi)
    bint varies                    # whether an input is the same along each line, but not along all


# Parts `first` to `last` of all lines in turn
cdef void run_lines(const lines_call* call, Py_ssize_t first, Py_ssize_t last) noexcept nogil:
    cdef const nest* d = call.dimensions
    cdef char* place[MAX_OPERANDS]
    cdef cnp.npy_intp index[MAX_DEPTH]
    cdef Py_ssize_t line = first // call.parts, part = first % call.parts, start, size = call.part
    cdef block_run run
    cdef environment before = enter_environment()
    cdef int k, j, noperands = call.loop.nin + call.loop.nout
    for k in range(noperands):
        place[k] = call.operands[k]
    for j in range(1, d.depth):
        index[j] = line % d.count[j]
        line //= d.count[j]
        for k in range(noperands):
            place[k] += index[j] * d.steps[j][k]
    run.loop, run.kernel, run.operands, run.steps, run.streams = call.loop, call.kernel, place, &d.steps[0][0], False
    choose_buffers(&run)
    if run.copied or run.delayed or call.turns:
        size = min(size, <Py_ssize_t>BLOCK)
    fill_constants(&run, size)
    if call.turns:
        run_turned_lines(&run, call, &index[0], &place[0], last - first)
        first = last
    elif call.parts == 1 and all_in_place(call.loop, place, run.steps, size):
        # the overhead dominates in short lines
        while first < last:
            call_kernel(call.loop, call.kernel, <const void**>place, <void**>(&place[0] + call.loop.nin), size,
                        call.loop.nin, False)
            next_line(d, &index[0], &place[0], noperands)
            first += 1
    while first < last:
        if call.varies:
            fill_constants(&run, size)
        start = part * call.part
        run_line(&run, start, min(start + call.part, <Py_ssize_t>d.count[0]), size)
        first += 1
        part += 1
        if part == call.parts:
            part = 0
            next_line(d, &index[0], &place[0], noperands)
    leave_environment(before)


cdef inline void run_line(block_run* run, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t n
    while start < stop:
        n = min(size, stop - start)
        compute_block(run, start, n)
        start += n


cdef inline void next_line(const nest* d, cnp.npy_intp* index, char** place, int noperands) noexcept nogil:
    cdef int j, k
    for j in range(1, d.depth):
        index[j] += 1
        for k in range(noperands):
            place[k] += d.steps[j][k]
        if index[j] < d.count[j]:
            return
        index[j] = 0
        for k in range(noperands):
            place[k] -= d.count[j] * d.steps[j][k]


# What the t-th thread does of the parts from `done` on
cdef void run_pieces_of_lines(team_work* team, int t, const lines_call* call, Py_ssize_t done) noexcept nogil:
    cdef int owner = t
    cdef Py_ssize_t start, stop
    while next_piece(team, t, &owner, &start, &stop):
        run_lines(call, done + start, done + stop)


# As drive_team
cdef void share_lines(const lines_call* call, Py_ssize_t count, int threads) noexcept nogil:
    cdef Py_ssize_t done = 0, a_share = min(SHARE // call.part + 1, count - 1)
    cdef double start
    cdef team_work team
    cdef int t
    threads = call_started(threads, call.total)
    if threads > 1 and not team_is_awake():
        start = seconds()
        done = a_share
        run_lines(call, 0, done)
        if (seconds() - start) / done * (count - done) < WORTH_WAKING:
            threads = 1
    if threads == 1:
        run_lines(call, done, count)
    else:
        start_team(&team, count - done, PIECE_BLOCKS * BLOCK // call.part + 1, threads)
        for t in prange(threads, num_threads=threads, schedule='static', chunksize=1):
            run_pieces_of_lines(&team, t, call, done)
        end_team(&team, call.total)
    call_ended(threads > 1)


cdef bint has_varying_constants(const elementwise_loop* loop, const nest* d) noexcept nogil:
    cdef int k, j
    for k in range(loop.nin):
        for j in range(1, d.depth if d.steps[0][k] == 0 else 0):
            if d.steps[j][k] != 0:
                return True
    return False


# Compute all elements; in their order, by one thread, if results share memory with each other.
cdef void drive_lines(const elementwise_loop* loop, char** operands, const nest* dimensions, Py_ssize_t total,
                      bint in_order) noexcept nogil:
    cdef lines_call call
    cdef Py_ssize_t n = dimensions.count[0], count
    cdef int threads = 1
    call.loop, call.kernel = loop, loop.kernel[current_precision()]
    call.operands, call.dimensions, call.total = operands, dimensions, total
    call.varies, call.turns = has_varying_constants(loop, dimensions), turns(loop, dimensions)
    call.part = n if n < 2 * SHARE or call.turns else <Py_ssize_t>SHARE
    call.parts = (n + call.part - 1) // call.part
    count = total // n * call.parts
    if total >= 2 * SHARE and not in_order:
        threads = <int>min(min(total // SHARE, count), <Py_ssize_t>min(thread_limit(), <int>MAX_THREADS))
    if threads > 1:
        share_lines(&call, count, threads)
    else:
        run_lines(&call, 0, count)
