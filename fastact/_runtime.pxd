# What the kernel modules ask before they start. All three are cheap enough for every call.

cdef enum:
    EXACT = 0
    FAST = 1

# The precision that holds in the calling thread: EXACT or FAST.
cdef int current_precision() noexcept nogil

# The number of threads that a call from this thread may use.
cdef int thread_limit() noexcept nogil
