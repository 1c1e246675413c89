# What calls that go past NumPy's machinery for ufuncs need: the field of a ufunc that is called, and what of an array
# is looked at. Operands are then plain arrays, or Python floats, of the very types of a loop, and the only keyword is
# `out`; every other call is left to NumPy. The field is replaced unless this NumPy keeps it elsewhere or the
# environment has FASTACT_DIRECT_CALLS=0.
import os

from cpython.object cimport PyObject

from numpy import add as _numpys_ufunc

cdef extern from *:
    """
    #include <stddef.h>
    static int fastact_field_is_known(void) {
        return PyType_HasFeature(&PyUFunc_Type, Py_TPFLAGS_HAVE_VECTORCALL)
            && PyUFunc_Type.tp_vectorcall_offset == (Py_ssize_t)offsetof(PyUFuncObject, vectorcall);
    }
    """
    bint field_is_known "fastact_field_is_known"() noexcept

cdef extern from "numpy/ufuncobject.h":
    ctypedef PyObject* (*vector_call "vectorcallfunc")(PyObject*, PyObject**, size_t, PyObject*) noexcept
    ctypedef struct ufunc_fields "PyUFuncObject":
        int nin
        int nout
        void** data
        vector_call vectorcall

# As in Cython's declarations, but for borrowed references and without exceptions
cdef extern from "numpy/arrayobject.h":
    ctypedef struct array "PyArrayObject":
        pass
    ctypedef struct descriptor "PyArray_Descr":
        pass
    void* PyArray_Type
    bint PyArray_CheckExact(PyObject* a) noexcept
    bint PyArray_ISBEHAVED(array* a) noexcept
    bint PyArray_ISBEHAVED_RO(array* a) noexcept
    bint PyArray_IS_C_CONTIGUOUS(array* a) noexcept
    int PyArray_FLAGS(array* a) noexcept
    int PyArray_TYPE(array* a) noexcept
    int PyArray_NDIM(array* a) noexcept
    char* PyArray_BYTES(array* a) noexcept
    cnp.npy_intp* PyArray_DIMS(array* a) noexcept
    cnp.npy_intp PyArray_SIZE(array* a) noexcept
    cnp.npy_intp PyArray_NBYTES(array* a) noexcept
    bint PyArray_CompareLists(cnp.npy_intp* a, cnp.npy_intp* b, int n) noexcept
    descriptor* PyArray_DESCR(array* a) noexcept
    PyObject* PyDataType_METADATA(descriptor* type) noexcept
    void* PyArray_NewFromDescr(void* kind, descriptor* type, int ndim, cnp.npy_intp* shape, cnp.npy_intp* strides,
                               void* data, int in_fortran_order, PyObject* base) noexcept
    PyObject* PyArray_Return(array* a) noexcept  # a scalar for no dimensions

cdef extern from "Python.h":
    Py_ssize_t PyVectorcall_NARGS(size_t count) noexcept
    Py_ssize_t PyTuple_GET_SIZE(PyObject* names) noexcept
    PyObject* PyTuple_GET_ITEM(PyObject* names, Py_ssize_t k) noexcept
    void PyTuple_SET_ITEM(PyObject* values, Py_ssize_t k, PyObject* value) noexcept
    PyObject* new_tuple "PyTuple_New"(Py_ssize_t n) noexcept
    bint PyFloat_CheckExact(PyObject* x) noexcept
    double PyFloat_AS_DOUBLE(PyObject* x) noexcept
    void incref "Py_INCREF"(void* x) noexcept
    void decref "Py_XDECREF"(void* x) noexcept
    PyObject* Py_None

# For show_config: whether calls go past NumPy's machinery
direct_calls = field_is_known() and os.environ.get("FASTACT_DIRECT_CALLS") != "0"

cdef str OUT = "out"           # interned, as the names of keywords in source code are
cdef vector_call numpys_call = (<ufunc_fields*><PyObject*>_numpys_ufunc).vectorcall if direct_calls else NULL


# An array that is no subclass, aligned, of native byte order, and of a dtype without metadata
cdef inline bint is_plain(PyObject* x) noexcept:
    return (PyArray_CheckExact(x) and PyArray_ISBEHAVED_RO(<array*>x)
            and PyDataType_METADATA(PyArray_DESCR(<array*>x)) == NULL)


# The loop for the type of the first operand, or NULL. Of the loops of a row function those with signed labels come
# first.
cdef inline void* loop_for(const ufunc_fields* ufunc, int type) noexcept:
    cdef int j
    for j in range(LOOPS):
        if type == type_numbers[loop_kinds[j]]:
            return ufunc.data[j]
    return NULL


# The given `out`: NULL if there is none. False if NumPy is to take the call, whose other arguments are not the inputs.
cdef inline bint take_out(array** out, const ufunc_fields* ufunc, PyObject** given, size_t count,
                          PyObject* names) noexcept:
    out[0] = NULL
    if PyVectorcall_NARGS(count) != ufunc.nin:
        return False
    if names == NULL:
        return True
    if ufunc.nout != 1 or PyTuple_GET_SIZE(names) != 1 or PyTuple_GET_ITEM(names, 0) != <PyObject*>OUT:
        return False
    if given[ufunc.nin] == Py_None:
        return True
    out[0] = <array*>given[ufunc.nin]
    # negative flags: NumPy warns of writing
    return is_plain(given[ufunc.nin]) and PyArray_ISBEHAVED(out[0]) and PyArray_FLAGS(out[0]) >= 0


# A reference to `out`, or where it is NULL to a new array of the type and the first dimensions of another one
cdef array* given_or_new(array* out, array* like, int ndim, bint in_fortran_order) noexcept:
    if out != NULL:
        incref(out)
        return out
    incref(PyArray_DESCR(like))  # which NumPy takes
    return <array*>PyArray_NewFromDescr(&PyArray_Type, PyArray_DESCR(like), ndim, PyArray_DIMS(like), NULL, NULL,
                                        in_fortran_order, NULL)


# What a ufunc returns for its results, whose references are taken: an array or scalar, or a tuple of them
cdef PyObject* returned(array** results, int count, bint given) noexcept:
    cdef PyObject* several
    cdef int k
    if given:
        return <PyObject*>results[0]
    if count == 1:
        return PyArray_Return(results[0])
    several = new_tuple(count)
    for k in range(count):
        if several != NULL:
            PyTuple_SET_ITEM(several, k, PyArray_Return(results[k]))
        else:
            decref(results[k])
    return several


# Lets calls of a ufunc go to `direct` first, which hands over to NumPy's what it does not take.
cdef void call_directly(object ufunc, vector_call direct) noexcept:
    cdef ufunc_fields* fields = <ufunc_fields*><PyObject*>ufunc
    if direct_calls and fields.vectorcall == numpys_call:
        fields.vectorcall = direct
