# Calls of elementwise ufuncs past NumPy's machinery whose arrays lie apart: slices, broadcasts, other orders in memory.
# NumPy's iterator brings them into one order, copies what overlaps, and makes the results.

cdef extern from "numpy/arrayobject.h":
    cnp.NpyIter* NpyIter_MultiNew(int n, array** a, cnp.npy_uint32 flags, cnp.NPY_ORDER order, cnp.NPY_CASTING casting,
                                  cnp.npy_uint32* operand_flags, descriptor** types) noexcept
    array** NpyIter_GetOperandArray(cnp.NpyIter* iterator) noexcept
    cnp.npy_intp* NpyIter_GetAxisStrideArray(cnp.NpyIter* iterator, int axis) noexcept
    int NpyIter_Deallocate(cnp.NpyIter* iterator) noexcept

cdef extern from "Python.h":
    void PyErr_Clear() noexcept

cdef enum:
    MANY = 2048            # elements from which on NumPy's machinery counts less than the kernel;
    SHORT_LINE = 32        # it copies several lines to one, which is better for these,
    COPIED_LINE = 128      # and for those that the driver would copy

cdef struct iterated_call:
    const elementwise_loop* loop
    array* operand[MAX_OPERANDS]   # NULL for a number, and for a result that is to be made
    char* place[MAX_OPERANDS]
    double number[MAX_OPERANDS]
    nest dimensions
    Py_ssize_t total


# False if NumPy is to take the call.
cdef bint take_any_operands(iterated_call* call, const ufunc_fields* ufunc, PyObject** given, array* out) noexcept:
    cdef int k
    if not is_plain(given[0]):
        return False
    call.loop = <const elementwise_loop*>loop_for(ufunc, PyArray_TYPE(<array*>given[0]))
    if call.loop == NULL:
        return False
    for k in range(ufunc.nin):
        call.operand[k] = NULL
        if PyFloat_CheckExact(given[k]) and take_number(
                &call.number[k], PyFloat_AS_DOUBLE(given[k]), call.loop.kind[k]):
            call.place[k] = <char*>&call.number[k]
        elif is_plain(given[k]) and can_be(call, k, <array*>given[k]):
            call.operand[k] = <array*>given[k]
        else:
            return False
    for k in range(ufunc.nin, ufunc.nin + ufunc.nout):
        call.operand[k] = out
    return out == NULL or can_be(call, ufunc.nin, out)


cdef inline bint can_be(const iterated_call* call, int k, array* a) noexcept:
    return PyArray_TYPE(a) == type_numbers[call.loop.kind[k]] and PyArray_NDIM(a) <= MAX_DEPTH


# The iterator over the arrays, of which the n-th is operand `at[n]`; NULL if NumPy is to take the call.
cdef cnp.NpyIter* iterator_of(iterated_call* call, int* at, int* count) noexcept:
    cdef array* operand[MAX_OPERANDS]
    cdef cnp.npy_uint32 flags[MAX_OPERANDS]
    cdef descriptor* types[MAX_OPERANDS]
    cdef cnp.NpyIter* iterator
    cdef int k, nin = call.loop.nin
    count[0] = 0
    for k in range(nin + call.loop.nout):
        if k < nin and call.operand[k] == NULL:
            continue
        operand[count[0]], at[count[0]] = call.operand[k], k
        types[count[0]] = NULL if k < nin else PyArray_DESCR(call.operand[0])
        flags[count[0]] = cnp.NPY_ITER_OVERLAP_ASSUME_ELEMENTWISE | (
            cnp.NPY_ITER_READONLY if k < nin else
            cnp.NPY_ITER_WRITEONLY | cnp.NPY_ITER_ALLOCATE | cnp.NPY_ITER_NO_BROADCAST)
        count[0] += 1
    iterator = NpyIter_MultiNew(
        count[0], operand, cnp.NPY_ITER_EXTERNAL_LOOP | cnp.NPY_ITER_ZEROSIZE_OK | cnp.NPY_ITER_COPY_IF_OVERLAP,
        cnp.NPY_KEEPORDER, cnp.NPY_NO_CASTING, flags, types)
    if iterator == NULL:
        PyErr_Clear()  # NumPy raises it again
    return iterator


# Fills `results`, whose references the caller takes. False if NumPy is to take the call.
cdef bint run_by_iterator(iterated_call* call, array** results) noexcept:
    cdef nest* d = &call.dimensions
    cdef int at[MAX_OPERANDS]
    cdef int count, i, j, nin = call.loop.nin, nout = call.loop.nout
    cdef array* out = call.operand[nin]
    cdef bint taken
    cdef cnp.NpyIter* iterator = iterator_of(call, at, &count)
    if iterator == NULL:
        return False
    d.depth, call.total = cnp.NpyIter_GetNDim(iterator), cnp.NpyIter_GetIterSize(iterator)
    memset(&d.steps[0][0], 0, sizeof(d.steps))
    taken = d.depth > 0
    if taken:
        cnp.NpyIter_GetShape(iterator, d.count)
        for i in range(count):
            call.place[at[i]] = cnp.NpyIter_GetDataPtrArray(iterator)[i]
            for j in range(d.depth):
                d.steps[j][at[i]] = NpyIter_GetAxisStrideArray(iterator, j)[i]
        # what was copied because of an overlap would be written back though nothing was computed
        taken = not is_for_numpy(call) or (out != NULL and NpyIter_GetOperandArray(iterator)[count - 1] != out)
    if taken:
        run_lines_of(call)
        for i in range(nout):
            results[i] = out if out != NULL else NpyIter_GetOperandArray(iterator)[count - nout + i]
            incref(results[i])
    NpyIter_Deallocate(iterator)
    return taken


cdef bint is_for_numpy(const iterated_call* call) noexcept nogil:
    cdef const cnp.npy_intp* steps = &call.dimensions.steps[0][0]
    cdef Py_ssize_t n = call.dimensions.count[0]
    cdef int k
    if call.total < MANY or n >= COPIED_LINE:
        return False
    for k in range(call.loop.nin + call.loop.nout):
        if not in_place(call.loop, steps, k):
            return True
    return n < SHORT_LINE or call.loop.ndefaults > 0


cdef void run_lines_of(const iterated_call* call) noexcept:
    cdef PyThreadState* state = NULL
    if call.total == 0:
        return
    if call.total >= RELEASE:
        state = PyEval_SaveThread()
    if call.dimensions.depth == 1 and call.operand[call.loop.nin] == NULL:
        drive(<char**>call.place, call.dimensions.count, &call.dimensions.steps[0][0], <void*>call.loop)
    else:
        drive_lines(call.loop, <char**>call.place, &call.dimensions, call.total,
                    call.operand[call.loop.nin] != NULL and overlaps_itself(call))
    if state != NULL:
        PyEval_RestoreThread(state)


# Whether several elements of `out` may share memory
cdef bint overlaps_itself(const iterated_call* call) noexcept nogil:
    cdef const nest* d = &call.dimensions
    cdef int i, j, k = call.loop.nin
    cdef Py_ssize_t one, other
    for i in range(d.depth):
        one = distance(d.steps[i][k])
        if one < storage_size[call.loop.kind[k]]:
            return True
        for j in range(i):
            other = distance(d.steps[j][k])
            if one < other * d.count[j] and other < one * d.count[i]:
                return True
    return False


cdef inline Py_ssize_t distance(Py_ssize_t step) noexcept nogil:
    return -step if step < 0 else step
