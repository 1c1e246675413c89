# How blocks come from memory beyond the caches and get there: asked for ahead, from a line on, past the caches. And
# which loads wait for stores elsewhere.

cdef extern from *:
    """
    #define fastact_prefetch_line(a) __builtin_prefetch(a, 0)
    #define fastact_prefetch_line_for_writing(a) __builtin_prefetch(a, 1)
    #define fastact_prefetch_for_reading(a, b) (__builtin_prefetch(a, 0), __builtin_prefetch(b, 0))
    #define fastact_prefetch_for_writing(a, b) (__builtin_prefetch(a, 1), __builtin_prefetch(b, 1))
    """
    # one cache line, or two, which need not exist
    void prefetch_line "fastact_prefetch_line"(const void* a) noexcept nogil
    void prefetch_line_for_writing "fastact_prefetch_line_for_writing"(const void* a) noexcept nogil
    void prefetch_for_reading "fastact_prefetch_for_reading"(const void* a, const void* b) noexcept nogil
    void prefetch_for_writing "fastact_prefetch_for_writing"(const void* a, const void* b) noexcept nogil


# Ask for the memory of the next block while this one is computed. By one instruction that takes line after line,
# because processors learn from the steps of an instruction.
cdef inline void fetch_ahead(const char* place, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t i = 0
    while i < size:
        prefetch_line(place + i)
        i += LINE


cdef inline void fetch_for_writing(const char* place, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t i = 0
    while i < size:
        prefetch_line_for_writing(place + i)
        i += LINE


# How many elements lie before the first boundary of lines or pages. They are computed by themselves: NumPy's large
# arrays begin 16 bytes behind a boundary, and vectors that lie across one cost light functions up to twice the time.
cdef inline Py_ssize_t before_boundary(const char* place, Py_ssize_t size, Py_ssize_t boundary) noexcept nogil:
    return <Py_ssize_t>(-<uintptr_t>place & (boundary - 1)) // size


cdef enum:
    PAGE = 4096            # bytes
    PAGES = 8              # that are read and written by turns
    UNIT = 1024            # bytes of an output that are computed at once then

# Where element i of count lies if several pages are taken by turns, a unit of each: processors fetch ahead within each
# page by itself, and more of the memory's banks are at work: for light functions up to a quarter of the time. What is
# left at the end goes in order.
cdef inline Py_ssize_t by_turns(Py_ssize_t i, Py_ssize_t count, Py_ssize_t unit) noexcept nogil:
    cdef Py_ssize_t whole = PAGES * PAGE // UNIT, turn = i // unit % whole, first = i - turn * unit
    if first + whole * unit > count:
        return i
    return first + (turn % PAGES * (PAGE // UNIT) + turn // PAGES) * unit


# ---- from the first-level cache to memory past all caches: no line is read before it is written. Whole lines go so.

cdef extern from *:
    """
    #if defined(__SSE2__)
    #include <immintrin.h>
    static inline void fastact_stream_line(char* target, const char* source) {
    #if defined(__AVX512F__)
        _mm512_stream_si512((void*)target, _mm512_loadu_si512(source));
    #elif defined(__AVX__)
        _mm256_stream_si256((void*)target, _mm256_loadu_si256((const void*)source));
        _mm256_stream_si256((void*)(target + 32), _mm256_loadu_si256((const void*)(source + 32)));
    #else
        for (int i = 0; i < 64; i += 16)
            _mm_stream_si128((void*)(target + i), _mm_loadu_si128((const void*)(source + i)));
    #endif
    }
    /* what was streamed is seen by other threads before anything that this thread writes later */
    static inline void fastact_stream_end(void) { _mm_sfence(); }
    #else
    static inline void fastact_stream_line(char* target, const char* source) { memcpy(target, source, 64); }
    static inline void fastact_stream_end(void) {}
    #endif
    """
    void stream_line "fastact_stream_line"(char* target, const char* source) noexcept nogil
    void stream_end "fastact_stream_end"() noexcept nogil


cdef void stream(const void* block, char* target, Py_ssize_t size) noexcept nogil:
    cdef const char* source = <const char*>block
    cdef Py_ssize_t done = min(size, <Py_ssize_t>(-<uintptr_t>target & (LINE - 1)))
    memcpy(target, source, done)
    while size - done >= LINE:
        stream_line(target + done, source + done)
        done += LINE
    memcpy(target + done, source + done, size - done)


# ---- loads that wait for stores elsewhere

cdef enum:
    COMPARED = 1048576     # how far apart addresses are that a processor takes for the same
    WAITING = 192          # so many bytes behind stores that are not finished

# Whether a loop that reads the one and writes the other loads what seems to have just been written: Intel's processors
# compare loads with the stores before them by the lowest 20 bits of the address (Islam et al. 2019, SPOILER) and let
# them wait: up to five times the time. So it is with arrays of a megabyte or several that NumPy has put side by side,
# 16 bytes between them. A detour of the results by a block in the first-level cache costs a fifth, or two for the
# lightest functions.
cdef inline bint trails(const char* output, const char* read) noexcept nogil:
    return 0 < ((output - read) & (COMPARED - 1)) <= WAITING and compares_few_bits()
