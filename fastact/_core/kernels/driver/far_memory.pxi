# Memory beyond the caches: prefetching, alignment to lines and pages, streaming stores; and address conflicts between
# loads and stores.

cdef extern from *:
    """
    #define fastact_prefetch_line(a) __builtin_prefetch(a, 0)
    #define fastact_prefetch_line_for_writing(a) __builtin_prefetch(a, 1)
    #define fastact_prefetch_for_reading(a, b) (__builtin_prefetch(a, 0), __builtin_prefetch(b, 0))
    #define fastact_prefetch_for_writing(a, b) (__builtin_prefetch(a, 1), __builtin_prefetch(b, 1))
    """
    # one cache line, or two; the addresses need not be valid
    void prefetch_line "fastact_prefetch_line"(const void* a) noexcept nogil
    void prefetch_line_for_writing "fastact_prefetch_line_for_writing"(const void* a) noexcept nogil
    void prefetch_for_reading "fastact_prefetch_for_reading"(const void* a, const void* b) noexcept nogil
    void prefetch_for_writing "fastact_prefetch_for_writing"(const void* a, const void* b) noexcept nogil


# Prefetch the next block while one is computed; by a single instruction in a loop over lines, because hardware
# prefetchers learn the stride of an instruction.
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


# The number of elements before the first boundary between lines or pages. They are computed separately: NumPy's large
# arrays begin 16 bytes after a boundary, and with vectors that cross boundaries cheap functions take up to twice as
# long.
cdef inline Py_ssize_t before_boundary(const char* place, Py_ssize_t size, Py_ssize_t boundary) noexcept nogil:
    return <Py_ssize_t>(-<uintptr_t>place & (boundary - 1)) // size


cdef enum:
    PAGE = 4096            # bytes
    PAGES = 8              # that are interleaved
    PAGE_PART = 1024       # bytes of an output that are computed at once then

# The element that is computed at position i of count if PAGES pages are interleaved, `part` elements of each in turn:
# hardware prefetchers work within pages, and more memory banks are busy. It saves cheap functions up to a quarter of
# the time. A remainder at the end is computed in order.
cdef inline Py_ssize_t interleaved(Py_ssize_t i, Py_ssize_t count, Py_ssize_t part) noexcept nogil:
    cdef Py_ssize_t parts = PAGES * PAGE // PAGE_PART, k = i // part % parts, first = i - k * part
    if first + parts * part > count:
        return i
    return first + (k % PAGES * (PAGE // PAGE_PART) + k // PAGES) * part


# ---- streaming stores, of whole lines: from the first-level cache to memory, without reading the lines first

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
    /* other threads see what was streamed before anything that this thread writes later */
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


# ---- address conflicts between loads and stores

cdef enum:
    ALIAS_DISTANCE = 1048576  # bytes between addresses that the processor takes for the same
    CONFLICT_BYTES = 192      # loads up to this many bytes behind a store conflict with it

# Whether a loop that reads one array and writes the other has loads that seem to depend on recent stores: Intel CPUs
# compare loads with earlier stores by the lowest 20 bits of the address (Islam et al. 2019, SPOILER) and delay them: up
# to five times the time. It happens with adjacent NumPy arrays of one or several megabytes, which are 16 bytes apart.
# Writing the results to a buffer in the first-level cache first takes 1.2 times as long, for the cheapest functions 1.4
# times.
cdef inline bint conflicts_with_stores(const char* output, const char* read) noexcept nogil:
    return 0 < ((output - read) & (ALIAS_DISTANCE - 1)) <= CONFLICT_BYTES and compares_few_bits()
