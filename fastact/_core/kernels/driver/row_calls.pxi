# Calls of row functions past NumPy's machinery, where all operands are arrays in C order of a loop's types. A number
# for each row may be one Python float for all, and a row of numbers that of all rows.

cdef struct plain_rows_call:
    const row_loop* loop
    array* first
    cnp.npy_intp rows_and_n[2]
    cnp.npy_intp steps[2 * ROW_OPERANDS]
    char* place[ROW_OPERANDS]
    double number[ROW_OPERANDS]


# NumPy's type number for operand k
cdef inline int type_of(const row_loop* loop, int k) noexcept:
    if loop.kind[k] == RAW_8_BYTES:
        return cnp.NPY_INT64 if loop.role[k] == LABEL else cnp.NPY_DOUBLE
    return cnp.NPY_BOOL if loop.kind[k] == BOOL else type_numbers[loop.kind[k]]


# Whether an array has the rows of the call, or with `core` false a number for each.
cdef inline bint has_shape(const plain_rows_call* call, array* a, bint core) noexcept:
    cdef int ndim = PyArray_NDIM(call.first) if core else PyArray_NDIM(call.first) - 1
    return PyArray_NDIM(a) == ndim and PyArray_CompareLists(PyArray_DIMS(a), PyArray_DIMS(call.first), ndim)


cdef bint take_input(plain_rows_call* call, int k, PyObject* given) noexcept:
    cdef const row_loop* loop = call.loop
    cdef array* a = <array*>given
    if PyFloat_CheckExact(given) and loop.kind[k] == RAW_8_BYTES and loop.role[k] != LABEL:
        call.number[k], call.steps[k] = PyFloat_AS_DOUBLE(given), 0
        call.place[k] = <char*>&call.number[k]
        return True
    if not (is_plain(given) and PyArray_IS_C_CONTIGUOUS(a) and PyArray_TYPE(a) == type_of(loop, k)):
        return False
    call.place[k] = PyArray_BYTES(a)
    if has_shape(call, a, loop.has_core[k]):
        return True
    call.steps[k] = 0
    return loop.has_core[k] and PyArray_NDIM(a) == 1 and PyArray_DIMS(a)[0] == call.rows_and_n[1]


# False if NumPy is to take the call.
cdef bint take_rows(plain_rows_call* call, const ufunc_fields* ufunc, PyObject** given) noexcept:
    cdef Py_ssize_t n, size
    cdef int k, ndim, cores = ufunc.nin + ufunc.nout
    if not is_plain(given[0]):
        return False
    call.first = <array*>given[0]
    call.loop = <const row_loop*>loop_for(ufunc, PyArray_TYPE(call.first))
    ndim = PyArray_NDIM(call.first)
    if call.loop == NULL or ndim == 0 or PyArray_SIZE(call.first) == 0:
        return False
    n = PyArray_DIMS(call.first)[ndim - 1]
    call.rows_and_n[0], call.rows_and_n[1] = PyArray_SIZE(call.first) // n, n
    for k in range(ufunc.nin + ufunc.nout):
        size = sizeof(double) if call.loop.kind[k] == RAW_8_BYTES else storage_size[call.loop.kind[k]]
        call.steps[k] = size
        if call.loop.has_core[k]:
            call.steps[k], call.steps[cores] = n * size, size
            cores += 1
        if k < ufunc.nin and not take_input(call, k, given[k]):
            return False
    return True


# Whether `out` is the first operand, or apart from all.
cdef bint takes_out(const plain_rows_call* call, array* out, PyObject** given) noexcept:
    cdef const row_loop* loop = call.loop
    cdef char* start = PyArray_BYTES(out)
    cdef array* a
    cdef int k
    if not (PyArray_IS_C_CONTIGUOUS(out) and PyArray_TYPE(out) == type_of(loop, loop.nin)
            and has_shape(call, out, loop.has_core[loop.nin])):
        return False
    for k in range(loop.nin):
        if call.place[k] == <char*>&call.number[k] or start == call.place[k] and k == 0 and loop.has_core[loop.nin]:
            continue
        a = <array*>given[k]
        if start < call.place[k] + PyArray_NBYTES(a) and call.place[k] < start + PyArray_NBYTES(out):
            return False
    return True


cdef PyObject* call_rows(PyObject* this, PyObject** given, size_t count, PyObject* names) noexcept:
    cdef const ufunc_fields* ufunc = <const ufunc_fields*>this
    cdef plain_rows_call call
    cdef array* results[ROW_OPERANDS]
    cdef array* out
    cdef int k, made = 0
    if not take_out(&out, ufunc, given, count, names) or not take_rows(&call, ufunc, given) or (
            out != NULL and not takes_out(&call, out, given)):
        return numpys_call(this, given, count, names)
    for k in range(ufunc.nin, ufunc.nin + ufunc.nout):
        results[made] = given_or_new(out, call.first, PyArray_NDIM(call.first) - (not call.loop.has_core[k]), False)
        if results[made] == NULL:
            break
        call.place[k] = PyArray_BYTES(results[made])
        made += 1
    if made == ufunc.nout:
        drive_rows(call.place, call.rows_and_n, call.steps, <void*>call.loop)
    if PyErr_Occurred():
        for k in range(made):
            decref(results[k])
        return NULL
    return returned(&results[0], made, out != NULL)
