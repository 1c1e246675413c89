# Calls of elementwise ufuncs past NumPy's machinery, where all arrays have one shape and lie in memory in one order
# without gaps: computed at once, in a third to half of the time if they are small. Inputs behind the first may be
# Python floats.

cdef struct plain_call:
    const elementwise_loop* loop
    array* first
    cnp.npy_intp count
    cnp.npy_intp steps[MAX_OPERANDS]
    char* place[MAX_OPERANDS]
    double number[MAX_OPERANDS]
    int order              # the flags of the orders that all arrays have


# A Python float as an operand of this kind, if it fits: NumPy warns of others.
cdef inline bint take_number(double* place, double x, int kind) noexcept:
    if kind == FLOAT64:
        place[0] = x
        return True
    (<float*>place)[0] = <float>x
    return kind == FLOAT32 and (magnitude(<float>x, <float>INFINITY) < <float>INFINITY or x - x != 0)


cdef inline bint take_array(plain_call* call, array* a, int k) noexcept:
    cdef int ndim = PyArray_NDIM(call.first)
    call.place[k], call.steps[k] = PyArray_BYTES(a), storage_size[call.loop.kind[k]]
    call.order &= PyArray_FLAGS(a)
    return (PyArray_TYPE(a) == type_numbers[call.loop.kind[k]] and PyArray_NDIM(a) == ndim
            and PyArray_CompareLists(PyArray_DIMS(a), PyArray_DIMS(call.first), ndim))


# False if NumPy is to take the call.
cdef bint take_operands(plain_call* call, const ufunc_fields* ufunc, PyObject** given, array* out) noexcept:
    cdef int k
    if not is_plain(given[0]):
        return False
    call.first = <array*>given[0]
    call.loop = <const elementwise_loop*>loop_for(ufunc, PyArray_TYPE(call.first))
    call.order = cnp.NPY_ARRAY_C_CONTIGUOUS | cnp.NPY_ARRAY_F_CONTIGUOUS
    if call.loop == NULL:
        return False
    for k in range(ufunc.nin):
        if PyFloat_CheckExact(given[k]) and take_number(
                &call.number[k], PyFloat_AS_DOUBLE(given[k]), call.loop.kind[k]):
            call.place[k], call.steps[k] = <char*>&call.number[k], 0
        elif not is_plain(given[k]) or not take_array(call, <array*>given[k], k):
            return False
    call.count = PyArray_SIZE(call.first)
    return (out == NULL or take_array(call, out, ufunc.nin) and not overlaps(call)) and call.order != 0


# Whether `out` shares memory with an input, if that is not `out` itself.
cdef bint overlaps(const plain_call* call) noexcept:
    cdef int k, nin = call.loop.nin
    for k in range(nin):
        if call.steps[k] != 0 and call.place[nin] != call.place[k] and (
                call.place[nin] < call.place[k] + call.count * call.steps[k]
                and call.place[k] < call.place[nin] + call.count * call.steps[nin]):
            return True
    return False


cdef PyObject* call_by_iterator(PyObject* this, PyObject** given, size_t count, PyObject* names,
                                array* out) noexcept:
    cdef const ufunc_fields* ufunc = <const ufunc_fields*>this
    cdef iterated_call call
    cdef array* results[MAX_OPERANDS]
    if take_any_operands(&call, ufunc, given, out) and run_by_iterator(&call, &results[0]):
        return returned(&results[0], ufunc.nout, out != NULL)
    return numpys_call(this, given, count, names)


cdef PyObject* call_elementwise(PyObject* this, PyObject** given, size_t count, PyObject* names) noexcept:
    cdef const ufunc_fields* ufunc = <const ufunc_fields*>this
    cdef plain_call call
    cdef array* results[MAX_OPERANDS]
    cdef array* out
    cdef PyThreadState* state = NULL
    cdef int k, made = 0
    if not take_out(&out, ufunc, given, count, names):
        return numpys_call(this, given, count, names)
    if not take_operands(&call, ufunc, given, out):
        return call_by_iterator(this, given, count, names, out)
    for k in range(ufunc.nin, ufunc.nin + ufunc.nout):
        results[made] = given_or_new(out, call.first, PyArray_NDIM(call.first),
                                     not call.order & cnp.NPY_ARRAY_C_CONTIGUOUS)
        if results[made] == NULL:
            while made > 0:
                made -= 1
                decref(results[made])
            return NULL
        call.place[k], call.steps[k] = PyArray_BYTES(results[made]), storage_size[call.loop.kind[k]]
        made += 1
    if call.count >= RELEASE:
        state = PyEval_SaveThread()
    if call.count > 0:
        drive(call.place, &call.count, call.steps, <void*>call.loop)
    if state != NULL:
        PyEval_RestoreThread(state)
    return returned(&results[0], made, out != NULL)
