# The floating-point environment of a kernel: round to nearest, no flushing of subnormals, no traps, whatever the caller
# or the worker thread has set. Afterwards the caller's environment is restored, exception flags included. So results
# and warnings depend neither on the thread nor on what ran before.

cdef extern from *:
    """
    #if defined(__SSE2__)
    #include <xmmintrin.h>
    typedef unsigned fastact_environment;
    /* Reading the register is cheap, writing is not. Mostly only flags differ, which need not be cleared on entry. */
    static inline fastact_environment fastact_enter(void) {
        fastact_environment now = _mm_getcsr();
        if ((now & ~_MM_EXCEPT_MASK) != 0x1f80)
            _mm_setcsr(0x1f80);
        return now;
    }
    /* The flags for inexact results and subnormal operands are ignored. */
    static inline void fastact_leave(fastact_environment before) {
        if ((_mm_getcsr() ^ before) & ~(_MM_EXCEPT_INEXACT | _MM_EXCEPT_DENORM))
            _mm_setcsr(before);
    }
    #else
    #include <fenv.h>
    typedef fenv_t fastact_environment;
    static inline fastact_environment fastact_enter(void) {
        fastact_environment now;
        fegetenv(&now);
        fesetenv(FE_DFL_ENV);
        return now;
    }
    static inline void fastact_leave(fastact_environment before) { fesetenv(&before); }
    #endif
    """
    ctypedef struct environment "fastact_environment":
        pass
    environment enter_environment "fastact_enter"() noexcept nogil
    void leave_environment "fastact_leave"(environment before) noexcept nogil
