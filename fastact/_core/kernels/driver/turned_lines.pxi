# Lines of operands that are contiguous across the lines, such as a transposed array beside one that is not. A number of
# lines at a time are turned piece by piece into a buffer, in which each line is contiguous, so that a cache line of the
# array is read once and not once for each number in it.

cdef enum:
    TURNED_LINES = 16      # floats in a cache line
    TURNED_COLUMNS = 64    # of a piece: 16 of as many doubles fit in the buffer of an operand
    LEAST_TURNED = 4       # what transpose() needs in both directions


# Whether operand k is contiguous across the lines, not along them.
cdef inline bint is_turned(const elementwise_loop* loop, const nest* d, int k) noexcept nogil:
    return (d.steps[1][k] == storage_size[loop.kind[k]] and d.steps[0][k] != 0 and d.steps[0][k] != d.steps[1][k]
            and loop.kind[k] == (FLOAT64 if loop.wide else FLOAT32))


# Whether some operands are turned, and all others are contiguous along the lines or one number for all elements.
cdef bint turns(const elementwise_loop* loop, const nest* d) noexcept nogil:
    cdef bint found = False
    cdef int k
    if d.depth < 2 or d.count[0] < LEAST_TURNED or d.count[1] < LEAST_TURNED:
        return False
    for k in range(loop.nin + loop.nout):
        if is_turned(loop, d, k):
            found = True
        elif not in_place(loop, &d.steps[0][0], k) and (k >= loop.nin or d.steps[0][k] != 0):
            return False
    return found and not has_varying_constants(loop, d)


cdef inline void turn(const char* source, Py_ssize_t source_step, char* target, Py_ssize_t target_step,
                      Py_ssize_t lines, Py_ssize_t n, bint wide) noexcept nogil:
    cdef Py_ssize_t i, r, size = sizeof(double) if wide else sizeof(float)
    if lines < LEAST_TURNED or n < LEAST_TURNED:
        for r in range(lines):
            for i in range(n):
                memcpy(target + i * target_step + r * size, source + r * source_step + i * size, size)
    elif wide:
        transpose(source, source_step, target, target_step, lines, n, <double*>NULL)
    else:
        transpose(source, source_step, target, target_step, lines, n, <float*>NULL)


# `count` lines from that at `place` on, whose indices are `index`
cdef void run_turned_lines(block_run* run, const lines_call* call, cnp.npy_intp* index, char** place,
                           Py_ssize_t count) noexcept nogil:
    cdef const nest* d = call.dimensions
    cdef Py_ssize_t lines, start, i
    while count > 0:
        lines = min(min(count, d.count[1] - index[1]), <Py_ssize_t>TURNED_LINES)
        start = 0
        while start < d.count[0]:
            run_turned_piece(run, call, place, lines, start, min(d.count[0] - start, <Py_ssize_t>TURNED_COLUMNS))
            start += TURNED_COLUMNS
        for i in range(lines):
            next_line(d, index, place, call.loop.nin + call.loop.nout)
        count -= lines


# n columns from `start` on of so many lines
cdef inline void run_turned_piece(block_run* run, const lines_call* call, char** place, Py_ssize_t lines,
                                  Py_ssize_t start, Py_ssize_t n) noexcept nogil:
    cdef const nest* d = call.dimensions
    cdef const elementwise_loop* loop = call.loop
    cdef Py_ssize_t size = sizeof(double) if loop.wide else sizeof(float), pitch = TURNED_COLUMNS * size, i
    cdef char* first[MAX_OPERANDS]
    cdef Py_ssize_t step[MAX_OPERANDS]
    cdef int k, nin = loop.nin
    for k in range(nin + loop.nout):
        first[k], step[k] = place[k] + start * d.steps[0][k], d.steps[1][k]
        if is_turned(loop, d, k):
            if k < nin:
                turn(first[k], d.steps[0][k], <char*>&run.buffer[k][0], pitch, n, lines, loop.wide)
            first[k], step[k] = <char*>&run.buffer[k if k < nin else k + loop.ndefaults][0], pitch
        elif k < nin and d.steps[0][k] == 0:
            first[k], step[k] = <char*>&run.buffer[k][0], 0
    for i in range(lines):
        for k in range(nin):
            run.x[k] = first[k] + i * step[k]
        for k in range(nin, nin + loop.nout):
            run.y[k - nin] = first[k] + i * step[k]
        call_kernel(loop, run.kernel, run.x, run.y, n, run.inputs, run.numbers)
    for k in range(nin, nin + loop.nout):
        if is_turned(loop, d, k):
            turn(first[k], pitch, place[k] + start * d.steps[0][k], d.steps[0][k], lines, n, loop.wide)
