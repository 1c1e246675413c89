# What the kernel modules ask before they start.

cdef enum:
    EXACT = 0
    FAST = 1

# The precision that holds in the calling thread: EXACT or FAST.
cdef int current_precision() noexcept nogil

# The number of threads that a call from this thread may use.
cdef int thread_limit() noexcept nogil

# Whether the calling thread's OpenMP team can start at once, and a note that a call large enough for one has ended.
cdef bint team_is_awake() noexcept nogil
cdef void call_ended(bint parallel) noexcept nogil

# Seconds of a monotonic clock.
cdef double seconds() noexcept nogil
