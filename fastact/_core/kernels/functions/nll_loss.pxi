# loss = -w_y x_y for log-probabilities x and a class label y          gradient -scale w_y at the label, 0 elsewhere
#
# As in cross_entropy.pxi, nothing is multiplied by infinity where the weight is 0, and a row whose scale is 0 takes no
# part. Only two numbers of a row are read, so these generalised ufuncs have a loop of their own.

cdef struct nll_loss_loop:
    int kind               # what the log-probabilities, the weights and the results hold
    bint label_is_unsigned
    bint gives_value
    bint gives_gradient


cdef inline double number_at(const char* place, int kind) noexcept nogil:
    if kind == FLOAT64:
        return (<const double*>place)[0]
    return (<const float*>place)[0] if kind == FLOAT32 else from_float16((<const uint16_t*>place)[0])


cdef inline void put_number(double value, char* place, int kind) noexcept nogil:
    if kind == FLOAT64:
        (<double*>place)[0] = value
    elif kind == FLOAT32:
        (<float*>place)[0] = <float>value
    else:
        (<uint16_t*>place)[0] = to_float16(value)


cdef void put_zeros(char* place, Py_ssize_t step, Py_ssize_t n, int kind) noexcept nogil:
    cdef Py_ssize_t i, size = storage_size[kind]
    if step == size:
        memset(place, 0, n * size)
        return
    for i in range(n):
        memset(place + i * step, 0, size)


# Rows start .. stop; the first with a label out of range, or -1. Operands: log-probabilities (n), label, weight (n),
# scale, then loss and gradient (n) as far as they are wanted.
cdef Py_ssize_t nll_loss_rows(const nll_loss_loop* loop, char** operands, Py_ssize_t n, const cnp.npy_intp* steps,
                              Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    cdef environment before = enter_environment()
    cdef const cnp.npy_intp* core = steps + 4 + loop.gives_value + loop.gives_gradient
    cdef int last = 4 + loop.gives_value
    cdef Py_ssize_t r, y, bad_row = -1
    cdef double x, weight, scale
    for r in range(start, stop):
        # an int64 below 0 is a uint64 beyond any row
        y = <Py_ssize_t>(<const int64_t*>(operands[1] + r * steps[1]))[0]
        scale = (<const double*>(operands[3] + r * steps[3]))[0]
        if <uint64_t>y >= <uint64_t>n:
            bad_row = r if bad_row < 0 else bad_row
            y, scale = 0, 0
        weight = number_at(operands[2] + r * steps[2] + y * core[1], loop.kind)
        if loop.gives_value:
            x = number_at(operands[0] + r * steps[0] + y * core[0], loop.kind)
            x = 0.0 if weight == 0 or scale == 0 else -weight * x
            put_number(x, operands[4] + r * steps[4], loop.kind)
        if loop.gives_gradient:
            put_zeros(operands[last] + r * steps[last], core[2], n, loop.kind)
            if scale != 0:
                put_number(-scale * weight, operands[last] + r * steps[last] + y * core[2], loop.kind)
    leave_environment(before)
    return bad_row


cdef void drive_nll_loss(char** operands, const cnp.npy_intp* dimensions, const cnp.npy_intp* steps,
                         void* data) noexcept nogil:
    cdef const nll_loss_loop* loop = <const nll_loss_loop*>data
    cdef Py_ssize_t count = dimensions[0], n = dimensions[1], bad_row = -1
    cdef Py_ssize_t shares[MAX_SHARES]
    cdef Py_ssize_t work = count * n if loop.gives_gradient else count
    cdef int threads = 1, t
    if n == 0:
        if count > 0:
            with gil:
                report_label(operands[1], loop.label_is_unsigned, n)
        return
    if work >= 2 * LONG_SHARE:
        threads = call_started(<int>min(min(work // LONG_SHARE, count), <Py_ssize_t>MAX_SHARES))
        threads = threads if team_is_awake() else 1
    for t in prange(threads, num_threads=threads, schedule='static', chunksize=1, use_threads_if=threads > 1):
        shares[t] = nll_loss_rows(loop, operands, n, steps, count * t // threads, count * (t + 1) // threads)
    if work >= 2 * LONG_SHARE:
        call_ended(threads > 1)
    for t in range(threads):
        bad_row = shares[t] if bad_row < 0 else bad_row
    if bad_row >= 0:
        with gil:
            report_label(operands[1] + bad_row * steps[1], loop.label_is_unsigned, n)


cdef cnp.PyUFuncGenericFunction nll_loss_drivers[2 * LOOPS]
for _j in range(2 * LOOPS):
    nll_loss_drivers[_j] = <cnp.PyUFuncGenericFunction>drive_nll_loss


cdef int nll_loss_ufunc(str name, bint gives_value, bint gives_gradient) except -1:
    cdef int nout = gives_value + gives_gradient, j, k
    cdef bytes results = b",".join([b"()"] * gives_value + [b"(n)"] * gives_gradient)
    # NumPy keeps all of these pointers for the life of the ufunc, so they are never freed.
    cdef nll_loss_loop* loops = <nll_loss_loop*>malloc(2 * LOOPS * sizeof(nll_loss_loop))
    cdef void** data = <void**>malloc(2 * LOOPS * sizeof(void*))
    cdef char* codes = <char*>malloc(2 * LOOPS * (4 + nout))
    if loops == NULL or data == NULL or codes == NULL:
        raise MemoryError
    # signed labels before unsigned ones: NumPy takes the first loop that fits
    for j in range(2 * LOOPS):
        loops[j].kind, loops[j].label_is_unsigned = loop_kinds[j % LOOPS], j >= LOOPS
        loops[j].gives_value, loops[j].gives_gradient = gives_value, gives_gradient
        data[j] = &loops[j]
        for k in range(4 + nout):
            codes[j * (4 + nout) + k] = <char>type_numbers[loops[j].kind]
        codes[j * (4 + nout) + 1] = cnp.NPY_UINT64 if loops[j].label_is_unsigned else cnp.NPY_INT64
        codes[j * (4 + nout) + 3] = cnp.NPY_DOUBLE
    doc = f"The generalised ufunc of `fastact.{name}`: log_probabilities, label, weight, scale"
    ufuncs[name] = cnp.PyUFunc_FromFuncAndDataAndSignature(
        nll_loss_drivers, data, codes, 2 * LOOPS, 4, nout, cnp.PyUFunc_None, kept(name.encode()), kept(doc.encode()), 0,
        kept(b"(n),(),(n),()->" + results))
    return 0


nll_loss_ufunc("nll_loss", True, False)
nll_loss_ufunc("nll_loss_grad", False, True)
nll_loss_ufunc("nll_loss_value_and_grad", True, True)
