# float16 and bfloat16 results of elementwise functions, computed in float32: those that lie halfway between two numbers
# are computed again in float64.

# Whether a result from `start` to `stop` of the block is a tie of its 16-bit type.
cdef bint is_tied(const block_run* run, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    cdef int k
    for k in range(run.loop.nout):
        if has_tie(<const float*>run.y[k] + start, stop - start, run.loop.kind[run.loop.nin]):
            return True
    return False


# Store the n results from element i on, of which some are ties: parts with ties are computed again, before a store
# overwrites their inputs.
cdef void break_ties(const block_run* run, Py_ssize_t i, Py_ssize_t n) noexcept nogil:
    cdef const elementwise_loop* wide = run.loop.to_break_ties
    cdef Py_ssize_t start = 0, stop
    cdef int k, nin = wide.nin
    while start < n:
        stop = min(start + <Py_ssize_t>TIE_BLOCK, n)
        if is_tied(run, start, stop):
            run_blocks(wide, wide.kernel[EXACT], run.operands, run.steps, i + start, i + stop, DIRECT)
        else:
            for k in range(nin, nin + wide.nout):
                store(<const float*>run.y[k - nin] + start, run.operands[k] + (i + start) * run.steps[k],
                      run.steps[k], stop - start, wide.kind[k], False)
        start = stop
