# Whether a loop runs with the GIL, and errors raised by code without it.
from cpython.exc cimport PyErr_Occurred
from libc.stdlib cimport free

cdef enum:
    RELEASE = 4096         # elements from which on the interpreter's lock is released

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
    /* Cython's prange makes the same check before it releases the GIL. */
    #define PyGILState_Check fastact_holds_interpreter
    #endif
    #define fastact_set_error(type, format, label, n) PyErr_Format(type, format, (long long)(label), n)
    """
    bint holds_interpreter "fastact_holds_interpreter"() noexcept nogil
    void raise_unseen "fastact_set_error"(object kind, const char* format, int64_t label, Py_ssize_t n)
