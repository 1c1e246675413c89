# The types of public functions that are no ufuncs, but call one. They are compiled because a Python function would take
# longer than the ufunc itself for sixteen elements.
#
# ElementwiseFunction is made from the declaration of an elementwise function with parameters, which it resolves by
# position or name. PlainFirst is a Python function for whose usual calls the ufunc is called instead.
import functools
import sys

from cpython.object cimport PyObject, PyTypeObject

cimport numpy as cnp

cnp.import_array()

ctypedef PyObject* (*vector_call)(PyObject* function, PyObject** arguments, size_t count,
                                  PyObject* names) except NULL

cdef extern from *:
    """
    /* Instances are called through the function pointer that they store (vectorcall); Cython has no syntax for it. */
    static void fastact_call_by_vector(PyTypeObject *type, Py_ssize_t offset) {
        type->tp_vectorcall_offset = offset;
        type->tp_call = PyVectorcall_Call;
        type->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL;
        PyType_Modified(type);
    }
    """
    void call_by_vector "fastact_call_by_vector"(PyTypeObject* type, Py_ssize_t offset) noexcept
    object PyVectorcall_Call(object function, object arguments, object keywords)
    PyObject* PyObject_Vectorcall(PyObject* function, PyObject** arguments, size_t count, PyObject* names) noexcept
    Py_ssize_t PyVectorcall_NARGS(size_t count) noexcept
    Py_ssize_t PyTuple_GET_SIZE(PyObject* names) noexcept
    PyObject* PyTuple_GET_ITEM(PyObject* names, Py_ssize_t k) noexcept

cdef extern from *:
    """
    #define fastact_ndim(a) PyArray_NDIM((PyArrayObject *)(a))
    #define fastact_same_shape(a, b) PyArray_SAMESHAPE((PyArrayObject *)(a), (PyArrayObject *)(b))
    """
    bint PyArray_CheckExact(PyObject* a) noexcept
    int ndim_of "fastact_ndim"(PyObject* a) noexcept
    bint have_same_shape "fastact_same_shape"(PyObject* a, PyObject* b) noexcept

cdef enum:
    MOST = 32              # inputs and keywords of a call

# interned, as keyword names in source code and small numbers are
cdef str OUT = "out", AXIS = "axis"
cdef tuple OUT_ALONE = (OUT,)
cdef object LAST_AXIS = -1


cdef class ElementwiseFunction:
    """
    A function with parameters by position or by name; other keywords are those of a ufunc.

    Attributes
    ----------
    ufunc : numpy.ufunc
        The ufunc of all inputs; its parameters have no defaults.
    at_defaults : numpy.ufunc or None
        The ufunc of the operands alone, with the default parameters built in.
    """

    cdef vector_call call
    cdef readonly object ufunc, at_defaults
    cdef readonly object declaration
    cdef tuple names, defaults
    cdef Py_ssize_t operands
    cdef dict __dict__
    cdef object __weakref__

    def __init__(self, declaration, module):
        self.call = call
        self.declaration = declaration
        self.ufunc, self.at_defaults = declaration.ufunc, declaration.at_defaults
        own = {"__name__": declaration.name, "__qualname__": declaration.name, "__doc__": declaration.text}
        for key, value in {**own, "__module__": module}.items():
            setattr(self, key, value)
        self.names = tuple(map(sys.intern, (*declaration.operands, *declaration.parameters)))
        self.defaults = tuple(None if value is declaration.REQUIRED else value for value in
                              declaration.parameters.values())
        self.operands = len(declaration.operands)

    @property
    def __signature__(self):
        from inspect import Parameter, Signature

        both = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in self.declaration.operands]
        for name, value in self.declaration.parameters.items():
            default = Parameter.empty if value is self.declaration.REQUIRED else value
            both.append(Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=default))
        out = Parameter("out", Parameter.KEYWORD_ONLY, default=None)
        return Signature([*both, out, Parameter("keywords", Parameter.VAR_KEYWORD)])

    def __call__(self, *arguments, **keywords):
        return PyVectorcall_Call(self, arguments, keywords)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self.ufunc, name)

    def __get__(self, instance, owner):
        return self  # as a class attribute it is not bound, like ufuncs

    def __reduce__(self):
        return self.__qualname__

    def __repr__(self):
        return f"<function {self.__module__}.{self.declaration.name}>" if self.declaration else object.__repr__(self)

    cdef Py_ssize_t place(self, object name) except -2:
        """Return which operand or parameter has this name, or -1."""
        cdef Py_ssize_t k
        for k in range(len(self.names)):
            if self.names[k] is name or self.names[k] == name:
                return k
        return -1

    cdef PyObject* resolved(self, PyObject** arguments, Py_ssize_t count, PyObject* names) except NULL:
        """Call the ufunc with each parameter in its place and the other keywords behind them."""
        cdef PyObject* given[MOST]
        cdef list others = []
        cdef tuple keywords
        cdef Py_ssize_t inputs = len(self.names), named = 0 if names == NULL else PyTuple_GET_SIZE(names), k, place
        if count > inputs:
            raise TypeError(f"{self.__name__}() takes at most {inputs} positional arguments but {count} were given; "
                            f"they are {', '.join(self.names)}")
        if inputs + named > MOST:
            raise TypeError(f"{self.__name__}() takes at most {MOST - inputs} keyword arguments but {named} were given")
        for k in range(inputs):
            given[k] = arguments[k] if k < count else NULL
        for k in range(named):
            name = <object>PyTuple_GET_ITEM(names, k)
            place = self.place(name)
            if place < 0:
                given[inputs + len(others)] = arguments[count + k]
                others.append(name)
            elif given[place] != NULL:
                raise TypeError(f"{self.__name__}() got multiple values for argument {name!r}")
            else:
                given[place] = arguments[count + k]
        keywords = tuple(others) if others else None
        names = NULL if keywords is None else <PyObject*>keywords
        if not self.fill_defaults(given):
            return PyObject_Vectorcall(<PyObject*>self.ufunc, given, inputs, names)
        for k in range(len(others)):
            given[self.operands + k] = given[inputs + k]
        return PyObject_Vectorcall(<PyObject*>self.at_defaults, given, self.operands, names)

    cdef bint fill_defaults(self, PyObject** given) except -1:
        """Put defaults where no argument is; return whether all parameters have theirs."""
        cdef bint all_default = self.at_defaults is not None
        cdef Py_ssize_t k
        for k in range(len(self.names)):
            default = self.defaults[k - self.operands] if k >= self.operands else None
            if given[k] == NULL:
                if default is None:
                    raise TypeError(f"{self.__name__}() missing required argument: {self.names[k]!r}")
                given[k] = <PyObject*>default  # which self.defaults keeps alive
            elif k >= self.operands:
                value = <object>given[k]
                all_default = all_default and type(value) is float and value == default
        return all_default


cdef PyObject* call(PyObject* this, PyObject** arguments, size_t count, PyObject* names) except NULL:
    cdef ElementwiseFunction self = <ElementwiseFunction>this
    cdef bint bare = names == NULL or PyTuple_GET_SIZE(names) == 1 and PyTuple_GET_ITEM(names, 0) == <PyObject*>OUT
    if bare and PyVectorcall_NARGS(count) == self.operands and self.at_defaults is not None:
        return PyObject_Vectorcall(<PyObject*>self.at_defaults, arguments, count, names)
    return self.resolved(arguments, PyVectorcall_NARGS(count), names)


cdef class PlainFirst:
    """
    A Python function of arrays of one shape along the last axis.

    Where it is called with ndarrays and no other arguments than `out` and ``axis=-1``, the ufunc is called instead.
    """

    cdef vector_call call
    cdef object function, ufunc
    cdef Py_ssize_t inputs
    cdef bint takes_out
    cdef dict __dict__
    cdef object __weakref__

    def __init__(self, ufunc, function):
        self.call = call_plain
        self.ufunc, self.function = ufunc, function
        self.inputs = ufunc.nin
        self.takes_out = ufunc.signature.endswith("->(n)")
        functools.update_wrapper(self, function)

    def __call__(self, *arguments, **keywords):
        return PyVectorcall_Call(self, arguments, keywords)

    def __get__(self, instance, owner):
        return self  # as a class attribute it is not bound, like ufuncs

    def __reduce__(self):
        return self.__qualname__

    def __repr__(self):
        return f"<function {self.__module__}.{self.__qualname__}>" if self.function else object.__repr__(self)

    cdef bint is_plain(self, PyObject** arguments, Py_ssize_t count, PyObject* names, PyObject** out) noexcept:
        """Return whether a call is one of the ufunc, and its `out` or NULL."""
        cdef Py_ssize_t k
        cdef PyObject* name
        out[0] = NULL
        if count != self.inputs and not (count == self.inputs + 1 and arguments[count - 1] == <PyObject*>LAST_AXIS):
            return False
        for k in range(0 if names == NULL else PyTuple_GET_SIZE(names)):
            name = PyTuple_GET_ITEM(names, k)
            if name == <PyObject*>OUT and self.takes_out:
                out[0] = arguments[count + k]
            elif name != <PyObject*>AXIS or count != self.inputs or arguments[count + k] != <PyObject*>LAST_AXIS:
                return False
        for k in range(self.inputs):
            if not (PyArray_CheckExact(arguments[k]) and ndim_of(arguments[k]) > 0
                    and have_same_shape(arguments[k], arguments[0])):
                return False
        return out[0] == NULL or PyArray_CheckExact(out[0]) and have_same_shape(out[0], arguments[0])


def plain_first(ufunc):
    """Return a decorator that makes a function a `PlainFirst`."""
    return functools.partial(PlainFirst, ufunc)


cdef PyObject* call_plain(PyObject* this, PyObject** arguments, size_t count, PyObject* names) except NULL:
    cdef PlainFirst self = <PlainFirst>this
    cdef PyObject* given[MOST]
    cdef PyObject* out
    cdef Py_ssize_t k
    if not self.is_plain(arguments, PyVectorcall_NARGS(count), names, &out):
        return PyObject_Vectorcall(<PyObject*>self.function, arguments, count, names)
    if out == NULL:
        return PyObject_Vectorcall(<PyObject*>self.ufunc, arguments, self.inputs, NULL)
    for k in range(self.inputs):
        given[k] = arguments[k]
    given[self.inputs] = out
    return PyObject_Vectorcall(<PyObject*>self.ufunc, given, self.inputs, <PyObject*>OUT_ALONE)


cdef ElementwiseFunction _any = ElementwiseFunction.__new__(ElementwiseFunction)
cdef PlainFirst _any_plain = PlainFirst.__new__(PlainFirst)
call_by_vector(<PyTypeObject*>ElementwiseFunction, <char*>&_any.call - <char*><PyObject*>_any)
call_by_vector(<PyTypeObject*>PlainFirst, <char*>&_any_plain.call - <char*><PyObject*>_any_plain)
