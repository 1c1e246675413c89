# What the kernel modules ask before they start.

cdef enum:
    EXACT = 0
    FAST = 1

# The precision that holds in the calling thread: EXACT or FAST.
cdef int current_precision() noexcept nogil

# The number of threads that a call from this thread may use.
cdef int thread_limit() noexcept nogil

# The bytes of the last cache: who moves more may do better to write past it.
cdef Py_ssize_t beyond_caches() noexcept nogil

# The one way to move it, -1 for the quickest.
cdef int only_way() noexcept nogil

# Whether the processor compares loads with the stores before them by the lowest bits of their addresses only.
cdef bint compares_few_bits() noexcept nogil

# Whether the calling thread's OpenMP team can start at once; the beginning of a call large enough for one, with the
# number of threads that it may use of those that it could; and its end.
cdef bint team_is_awake() noexcept nogil
cdef int call_started(int threads) noexcept nogil
cdef void call_ended(bint parallel) noexcept nogil

# Seconds of a monotonic clock.
cdef double seconds() noexcept nogil
