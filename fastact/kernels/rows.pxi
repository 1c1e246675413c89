# The one driver of all row functions, which are generalised ufuncs. An operand is a row, "(n)", or one value, "()".
# The driver shares the rows among threads, brings each row to contiguous memory (in place where it already is) and
# calls the kernel once a row. `row(...)` below registers a function.
#
# A kernel gets a pointer to each operand, inputs before outputs; one of another type than the row it casts itself. It
# returns 0, or 1 for a label out of range, having written NaN. `scratch` has room for 2 padded(n) numbers.
from cpython.exc cimport PyErr_Occurred
from libc.stdlib cimport free

cdef extern from "Python.h":
    ctypedef struct PyThreadState:
        pass
    PyThreadState* PyEval_SaveThread() noexcept nogil
    void PyEval_RestoreThread(PyThreadState* state) noexcept nogil
    object PyErr_Format(object exception, const char* format, ...)

cdef extern from *:
    """
    /* Whether this thread holds the interpreter. PyGILState_Check() will not do: it is always true once a
       sub-interpreter has existed. Up to Python 3.11 the current thread state is the process's. */
    #if PY_VERSION_HEX >= 0x030D0000
    static int fastact_holds_interpreter(void) { return PyThreadState_GetUnchecked() != NULL; }
    #elif PY_VERSION_HEX >= 0x030C0000
    static int fastact_holds_interpreter(void) { return _PyThreadState_UncheckedGet() != NULL; }
    #else
    static int fastact_holds_interpreter(void) {
        PyThreadState *current = _PyThreadState_UncheckedGet();
        return current != NULL && current == PyGILState_GetThisThreadState();
    }
    #endif
    """
    bint holds_interpreter "fastact_holds_interpreter"() noexcept nogil

cdef enum:
    AS_IT_IS = -1          # besides the kinds of storage
    LANES = 64             # sums run in this many lanes, whatever the vector width, so that they have the same bits
    CHUNK = 1024           # and are brought together after this many elements, so that they stay accurate
    ROW_SHARE = 8192       # elements a thread at the least
    MAX_SHARES = 256
    RELEASE = 4096         # elements from which on the interpreter's lock is given back

ctypedef int (*row_kernel)(void** rows, Py_ssize_t n, void* scratch) noexcept nogil
ctypedef int (*exact_row_kernel)(float** rows, Py_ssize_t n, double* scratch) noexcept nogil
ctypedef int (*fast_row_kernel)(float** rows, Py_ssize_t n, float* scratch) noexcept nogil
ctypedef int (*full_row_kernel)(double** rows, Py_ssize_t n, double* scratch) noexcept nogil

cdef struct row_loop:
    row_kernel kernel[2]           # by precision; the same twice where the kernel works in float64
    bint wide                      # whether it does
    int nin
    int nout
    bint is_row[MAX_OPERANDS]      # else a single value
    int kind[MAX_OPERANDS]         # what each operand holds; AS_IT_IS if the kernel takes it so
    int label                      # which operand is a class label, or -1
    bint label_is_unsigned


# ---- sums and maxima over a row

# where the scratch of a row of n ends: a whole number of lanes
cdef inline Py_ssize_t padded(Py_ssize_t n) noexcept nogil:
    return (n + LANES - 1) // LANES * LANES


# the largest element that is not NaN, or -inf
cdef inline item row_maximum(const item* x, Py_ssize_t n) noexcept nogil:
    cdef item[LANES] lane
    cdef Py_ssize_t i = 0, j
    cdef item best = -INFINITY
    if n < LANES:
        for j in range(n):
            best = x[j] if x[j] > best else best
        return best
    for j in range(LANES):
        lane[j] = best
    while i + LANES <= n:
        for j in range(LANES):
            lane[j] = x[i + j] if x[i + j] > lane[j] else lane[j]
        i += LANES
    for j in range(n - i):
        lane[j] = x[i + j] if x[i + j] > lane[j] else lane[j]
    for j in range(LANES):
        best = lane[j] if lane[j] > best else best
    return best


# the sum of n elements, n a multiple of LANES
cdef inline double padded_sum(const real* e, Py_ssize_t n) noexcept nogil:
    cdef real[LANES] lane
    cdef Py_ssize_t i = 0, j, width, stop
    cdef double total = 0
    while i < n:
        for j in range(LANES):
            lane[j] = e[i + j]
        stop = min(n, i + CHUNK)
        i += LANES
        while i < stop:
            for j in range(LANES):
                lane[j] = lane[j] + e[i + j]
            i += LANES
        width = LANES // 2
        while width > 0:
            for j in range(width):
                lane[j] = lane[j] + lane[j + width]
            width //= 2
        total += lane[0]
    return total


# ---- the driver

cdef struct share_result:
    Py_ssize_t bad_row             # the first with a label out of range, or -1
    bint no_memory


cdef void run_rows(const row_loop* loop, row_kernel kernel, char** operands, Py_ssize_t n,
                   const cnp.npy_intp* steps, Py_ssize_t start, Py_ssize_t stop, share_result* result) noexcept nogil:
    cdef void* rows[MAX_OPERANDS]
    cdef char* copies[MAX_OPERANDS]
    cdef double values[MAX_OPERANDS]
    cdef Py_ssize_t strides[MAX_OPERANDS]
    cdef Py_ssize_t lengths[MAX_OPERANDS]
    cdef int k, noperands = loop.nin + loop.nout, cores = noperands, kind
    cdef Py_ssize_t room = padded(n) * sizeof(double), r
    # scratch for two rows of the kernel's numbers, then a row for each operand that has to be copied
    cdef char* memory = <char*>malloc(room * (noperands + 2) + sizeof(double))
    cdef char* place
    cdef environment before
    result.bad_row = -1
    result.no_memory = memory == NULL
    if memory == NULL:
        return
    before = enter_environment()
    for k in range(noperands):
        copies[k] = NULL
        kind = loop.kind[k]
        strides[k] = 0
        lengths[k] = 1
        if loop.is_row[k]:
            strides[k] = steps[cores]
            lengths[k] = n
            cores += 1
        if kind == AS_IT_IS or (kind == (FLOAT64 if loop.wide else FLOAT32)
                                and (lengths[k] <= 1 or strides[k] == storage_size[kind])):
            continue
        copies[k] = memory + room * (k + 2) if loop.is_row[k] else <char*>&values[k]
    for r in range(start, stop):
        for k in range(noperands):
            place = operands[k] + r * steps[k]
            if copies[k] != NULL and k < loop.nin:
                load(copies[k], place, strides[k], lengths[k], loop.kind[k], loop.wide)
            rows[k] = place if copies[k] == NULL else copies[k]
        if kernel(rows, n, memory) and result.bad_row < 0:
            result.bad_row = r
        for k in range(loop.nin, noperands):
            if copies[k] != NULL:
                store(copies[k], operands[k] + r * steps[k], strides[k], lengths[k], loop.kind[k])
    leave_environment(before)
    free(memory)


cdef void drive_rows(char** operands, const cnp.npy_intp* dimensions, const cnp.npy_intp* steps,
                     void* data) noexcept nogil:
    cdef const row_loop* loop = <const row_loop*>data
    cdef Py_ssize_t count = dimensions[0], n = dimensions[1], work = count * max(n, <Py_ssize_t>1)
    cdef row_kernel kernel = loop.kernel[current_precision()]
    cdef int threads = 1
    cdef share_result result
    cdef PyThreadState* state = NULL
    if count > 1 and n > 0 and work >= 2 * ROW_SHARE:
        threads = <int>min(min(work // ROW_SHARE, count), <Py_ssize_t>min(<int>MAX_SHARES, thread_limit()))
    # where an output is one value a row, NumPy gives the lock back only for many rows, however long they are
    if work >= RELEASE and holds_interpreter():
        state = PyEval_SaveThread()
    if threads == 1:
        run_rows(loop, kernel, operands, n, steps, 0, count, &result)
    else:
        run_rows_by_team(loop, kernel, operands, n, steps, count, threads, &result)
    if state != NULL:
        PyEval_RestoreThread(state)
    if result.no_memory or result.bad_row >= 0:
        with gil:
            report(loop, operands, n, steps, &result)


# As drive_team: if the threads sleep, time the first rows to see whether the rest are worth waking them.
cdef void run_rows_by_team(const row_loop* loop, row_kernel kernel, char** operands, Py_ssize_t n,
                           const cnp.npy_intp* steps, Py_ssize_t count, int threads,
                           share_result* result) noexcept nogil:
    cdef share_result results[MAX_SHARES]
    cdef Py_ssize_t done = 0
    cdef double start
    cdef int t
    result.bad_row = -1
    result.no_memory = False
    if not team_is_awake():
        start = seconds()
        done = max(ROW_SHARE // n, <Py_ssize_t>1)
        run_rows(loop, kernel, operands, n, steps, 0, done, result)
        if (seconds() - start) / done * (count - done) < WORTH_WAKING:
            threads = 1
    for t in prange(threads, num_threads=threads, schedule='static', chunksize=1, use_threads_if=threads > 1):
        run_rows(loop, kernel, operands, n, steps, done + (count - done) * t // threads,
                 done + (count - done) * (t + 1) // threads, &results[t])
    call_ended(threads > 1)
    for t in range(threads):
        result.no_memory = result.no_memory or results[t].no_memory
        if result.bad_row < 0:
            result.bad_row = results[t].bad_row


# Set the Python error of a share; NumPy looks for one after the loop.
cdef void report(const row_loop* loop, char** operands, Py_ssize_t n, const cnp.npy_intp* steps,
                 const share_result* result) noexcept:
    cdef int64_t label
    if PyErr_Occurred():
        return
    if result.no_memory:
        raise_unseen(MemoryError, b"no memory for the scratch of a row", 0, 0)
        return
    memcpy(&label, operands[loop.label] + result.bad_row * steps[loop.label], sizeof(label))
    raise_unseen(IndexError, b"target %llu is out of bounds for %zd classes" if loop.label_is_unsigned else
                 b"target %lld is out of bounds for %zd classes", label, n)


cdef extern from *:
    """
    #define fastact_set_error(type, format, label, n) PyErr_Format(type, format, (long long)(label), n)
    """
    void raise_unseen "fastact_set_error"(object kind, const char* format, int64_t label, Py_ssize_t n)


# ---- registration

cdef cnp.PyUFuncGenericFunction row_drivers[2 * LOOPS]
for _j in range(2 * LOOPS):
    row_drivers[_j] = <cnp.PyUFuncGenericFunction>drive_rows


# Publish a generalised ufunc. `signature` is NumPy's, such as "(n),()->(n)"; `types` has a letter an operand: "x" the
# row's type, "l" a class label (int64 or uint64), "d" float64. The kernels are as in `elementwise`.
cdef int row(str name, str signature, str types, exact_row_kernel exact, fast_row_kernel fast,
             full_row_kernel full, str doc) except -1:
    cdef list operands = [part for part in signature.replace("->", ",").split(",")]
    cdef int nout = signature.split("->")[1].count("("), nin = len(types) - nout, k, j, label
    # signed labels before unsigned ones: NumPy takes the first loop that fits
    cdef int nloops = 2 * LOOPS if "l" in types else LOOPS
    # NumPy keeps all of these pointers for the life of the ufunc, so they are never freed.
    cdef row_loop* loops = <row_loop*>malloc(nloops * sizeof(row_loop))
    cdef void** data = <void**>malloc(nloops * sizeof(void*))
    cdef char* codes = <char*>malloc(nloops * len(types))
    if loops == NULL or data == NULL or codes == NULL:
        raise MemoryError
    for j in range(nloops):
        loops[j].wide = loop_kinds[j % LOOPS] != FLOAT32
        loops[j].kernel[EXACT] = <row_kernel>full if loops[j].wide else <row_kernel>exact
        loops[j].kernel[FAST] = loops[j].kernel[EXACT] if loops[j].wide or not FMA else <row_kernel>fast
        loops[j].nin = nin
        loops[j].nout = nout
        loops[j].label = types.find("l")
        loops[j].label_is_unsigned = j >= LOOPS
        label = cnp.NPY_UINT64 if loops[j].label_is_unsigned else cnp.NPY_INT64
        for k in range(nin + nout):
            loops[j].is_row[k] = operands[k] == "(n)"
            loops[j].kind[k] = loop_kinds[j % LOOPS] if types[k] == "x" else AS_IT_IS
            codes[j * (nin + nout) + k] = {
                "x": type_numbers[loop_kinds[j % LOOPS]], "l": label, "d": cnp.NPY_DOUBLE}[types[k]]
        data[j] = &loops[j]
    ufuncs[name] = cnp.PyUFunc_FromFuncAndDataAndSignature(
        row_drivers, data, codes, nloops, nin, nout, cnp.PyUFunc_None, kept(name.encode()),
        kept(cleandoc(doc).encode()), 0, kept(signature.encode()))
    return 0
