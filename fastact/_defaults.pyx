# What the elementwise functions with parameters are: a call that leaves all of these out goes straight to the ufunc
# that has the defaults built in, its arguments untouched. In a Python function that alone takes half as long as the
# ufunc takes for sixteen elements.
import functools
import types

from cpython.object cimport PyObject, PyTypeObject

ctypedef PyObject* (*vector_call)(PyObject* function, PyObject** arguments, size_t count, PyObject* names) noexcept

cdef extern from *:
    """
    /* Cython has no word for it: instances are called by the function whose address they hold. */
    static void fastact_call_by_vector(PyTypeObject *type, Py_ssize_t offset) {
        type->tp_vectorcall_offset = offset;
        type->tp_call = PyVectorcall_Call;
        type->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL;
        PyType_Modified(type);
    }
    """
    void call_by_vector "fastact_call_by_vector"(PyTypeObject* type, Py_ssize_t offset) noexcept
    PyObject* PyObject_Vectorcall(PyObject* function, PyObject** arguments, size_t count, PyObject* names) noexcept
    Py_ssize_t PyVectorcall_NARGS(size_t count) noexcept
    Py_ssize_t PyTuple_GET_SIZE(PyObject* names) noexcept
    PyObject* PyTuple_GET_ITEM(PyObject* names, Py_ssize_t k) noexcept

cdef str OUT = "out"  # interned, as the names of keywords in source code are


cdef class DefaultsFirst:
    """A function whose parameters have defaults: `plain` is the ufunc for these, `function` takes every other call."""

    cdef vector_call call
    cdef object plain, function
    cdef Py_ssize_t inputs
    cdef dict __dict__
    cdef object __weakref__

    def __init__(self, plain, function):
        self.call = call
        self.plain, self.function = plain, function
        self.inputs = plain.nin
        functools.update_wrapper(self, function)

    def __call__(self, *arguments, **keywords):
        return self.function(*arguments, **keywords)

    def __get__(self, instance, owner):
        return self if instance is None else types.MethodType(self, instance)

    def __reduce__(self):
        return self.__qualname__

    def __repr__(self):
        return f"<function {self.__module__}.{self.__qualname__}>"


cdef PyObject* call(PyObject* this, PyObject** arguments, size_t count, PyObject* names) noexcept:
    cdef DefaultsFirst self = <DefaultsFirst>this
    cdef bint bare = names == NULL or PyTuple_GET_SIZE(names) == 1 and PyTuple_GET_ITEM(names, 0) == <PyObject*>OUT
    cdef PyObject* function = <PyObject*>self.function
    if bare and PyVectorcall_NARGS(count) == self.inputs:
        function = <PyObject*>self.plain
    return PyObject_Vectorcall(function, arguments, count, names)


cdef DefaultsFirst _any = DefaultsFirst.__new__(DefaultsFirst)
call_by_vector(<PyTypeObject*>DefaultsFirst, <char*>&_any.call - <char*><PyObject*>_any)
