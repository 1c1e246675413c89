# What the kernel modules ask before they start.

cdef enum:
    EXACT = 0
    FAST = 1

# The precision that holds in the calling thread: EXACT or FAST.
cdef int current_precision() noexcept nogil

# The number of threads that a call from this thread may use.
cdef int thread_limit() noexcept nogil

# The size of the last-level cache in bytes: larger outputs may be faster to write past it.
cdef Py_ssize_t beyond_caches() noexcept nogil

# The one strategy for memory beyond the caches, -1 for the fastest.
cdef int only_way() noexcept nogil

# Whether the CPU compares loads with earlier stores by the lowest bits of their addresses only.
cdef bint compares_few_bits() noexcept nogil

# Whether the calling thread's OpenMP team is awake; the start of a call of `work` elements that is large enough for a
# team, which returns how many of the given threads it may use; and its end.
cdef bint team_is_awake() noexcept nogil
cdef int call_started(int threads, Py_ssize_t work) noexcept nogil
cdef void call_ended(bint parallel) noexcept nogil

# Whether the calling thread does not share a call of `work` elements for now.
cdef bint is_alone(Py_ssize_t work) noexcept nogil

# After the threads of a call have shared work: the seconds that the calling thread has computed its part of the work,
# those that it was held up meanwhile, and those that it has then waited for the others.
cdef void shared_call_ended(double own, double stalled, double waited, double part, Py_ssize_t work) noexcept nogil

# Seconds of a monotonic clock.
cdef double seconds() noexcept nogil
