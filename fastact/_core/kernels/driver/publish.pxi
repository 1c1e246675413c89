# What every module of kernels needs to make ufuncs: the types of its loops, and memory that is never freed.
from cython.parallel cimport prange
from libc.math cimport INFINITY, NAN
from libc.stdlib cimport malloc
from libc.string cimport memcpy, memset

cimport numpy as cnp

from fastact._core.runtime cimport (
    EXACT,
    FAST,
    beyond_caches,
    call_ended,
    call_started,
    compares_few_bits,
    current_precision,
    is_alone,
    only_way,
    seconds,
    shared_call_ended,
    team_is_awake,
    thread_limit,
)

from fastact._core.docstrings import cleandoc

cnp.import_array()
cnp.import_ufunc()

# Seconds of work from which on waking sleeping threads pays off.
cdef double WORTH_WAKING = 100e-6

cdef enum:
    LOOPS = 3              # float16, float32, float64
    ALL_FLOAT16 = 3        # for `dtype=float16`, where the other loops have operands of different types
    BFLOAT16_LOOP = 4      # registered separately, if that type exists

# What the dispatcher imports from this module, by name. Only elementwise functions have declarations.
ufuncs = {}
declarations = {}


# NumPy's type number for the bfloat16 of ml_dtypes, or -1 if that package is not installed. Its loops are registered
# at import, not later, because NumPy caches how a call was resolved.
cdef int bfloat16_type_number() except -2:
    try:
        from ml_dtypes import bfloat16
    except ImportError:
        return -1
    return cnp.dtype(bfloat16).num


cdef int loop_kinds[LOOPS + 2]
cdef int type_numbers[4]

loop_kinds[0], loop_kinds[1], loop_kinds[2] = FLOAT16, FLOAT32, FLOAT64
loop_kinds[ALL_FLOAT16], loop_kinds[BFLOAT16_LOOP] = FLOAT16, BFLOAT16
type_numbers[FLOAT16], type_numbers[BFLOAT16] = cnp.NPY_FLOAT16, bfloat16_type_number()
type_numbers[FLOAT32], type_numbers[FLOAT64] = cnp.NPY_FLOAT, cnp.NPY_DOUBLE


# A copy of `text` as a C string that is never freed.
cdef const char* kept(bytes text) except NULL:
    cdef Py_ssize_t size = len(text) + 1
    cdef char* copy = <char*>malloc(size)
    if copy == NULL:
        raise MemoryError
    memcpy(copy, <const char*>text, size)
    return copy
