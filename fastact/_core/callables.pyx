# The type of elementwise functions with parameters: a callable made from the declaration, which resolves parameters by
# position or name and calls the ufunc. It is compiled because a Python function would take longer than the ufunc itself
# for sixteen elements.
from cpython.object cimport PyObject, PyTypeObject
from cpython.ref cimport Py_INCREF

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
    PyObject* PyObject_Vectorcall(PyObject* function, PyObject** arguments, size_t count, PyObject* names) noexcept
    Py_ssize_t PyVectorcall_NARGS(size_t count) noexcept
    Py_ssize_t PyTuple_GET_SIZE(PyObject* names) noexcept
    PyObject* PyTuple_GET_ITEM(PyObject* names, Py_ssize_t k) noexcept

cdef str OUT = "out"  # interned, as keyword names in source code are


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
        self.names = (*declaration.operands, *declaration.parameters)
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

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(f"{self.__name__} has no attribute {name!r}")
        return getattr(self.ufunc, name)

    def __get__(self, instance, owner):
        return self  # as a class attribute it is not bound, like ufuncs

    def __reduce__(self):
        return self.__qualname__

    def __repr__(self):
        return f"<function {self.__module__}.{self.__name__}>"

    cdef object resolved(self, PyObject** arguments, Py_ssize_t count, PyObject* names):
        """Call the ufunc with the parameters in order."""
        cdef list given = [None] * len(self.names)
        cdef dict keywords = {}
        cdef Py_ssize_t k
        if count > len(self.names):
            raise TypeError(f"{self.__name__}() takes at most {len(self.names)} positional arguments but {count} were "
                            f"given; they are {', '.join(self.names)}")
        is_given = 0
        for k in range(count):
            given[k] = <object>arguments[k]
            is_given |= 1 << k
        for k in range(PyTuple_GET_SIZE(names) if names != NULL else 0):
            name, value = <object>PyTuple_GET_ITEM(names, k), <object>arguments[count + k]
            if name not in self.names:
                keywords[name] = value
                continue
            place = self.names.index(name)
            if is_given >> place & 1:
                raise TypeError(f"{self.__name__}() got multiple values for argument {name!r}")
            given[place] = value
            is_given |= 1 << place
        defaults = self.at_defaults is not None
        for k in range(len(self.names)):
            default = self.defaults[k - self.operands] if k >= self.operands else None
            if not is_given >> k & 1:
                if default is None:
                    raise TypeError(f"{self.__name__}() missing required argument: {self.names[k]!r}")
                given[k] = default
            elif k >= self.operands:
                defaults = defaults and type(given[k]) is float and given[k] == default
        if defaults:
            return self.at_defaults(*given[:self.operands], **keywords)
        return self.ufunc(*given, **keywords)


cdef PyObject* call(PyObject* this, PyObject** arguments, size_t count, PyObject* names) except NULL:
    cdef ElementwiseFunction self = <ElementwiseFunction>this
    cdef bint bare = names == NULL or PyTuple_GET_SIZE(names) == 1 and PyTuple_GET_ITEM(names, 0) == <PyObject*>OUT
    if bare and PyVectorcall_NARGS(count) == self.operands and self.at_defaults is not None:
        return PyObject_Vectorcall(<PyObject*>self.at_defaults, arguments, count, names)
    result = self.resolved(arguments, PyVectorcall_NARGS(count), names)
    Py_INCREF(result)
    return <PyObject*>result


cdef ElementwiseFunction _any = ElementwiseFunction.__new__(ElementwiseFunction)
call_by_vector(<PyTypeObject*>ElementwiseFunction, <char*>&_any.call - <char*><PyObject*>_any)
