/* The C part of runtime.pyx: settings of each thread, clock, CPU, OpenMP, fork. */
#include <errno.h>

/* The settings of the calling thread: -1, or 0 for the number of threads, if it has not set one. */
static __thread int fastact_thread_precision = -1;
static __thread int fastact_thread_threads = 0;
/* When this thread's last call that was large enough for a team ended, whether it used one, and how many such calls
   have followed each other closely. */
static __thread double fastact_last_end = 0;
static __thread int fastact_last_parallel = 0;
static __thread int fastact_streak = 0;
/* How many such calls are running in the process. */
static int fastact_calls = 0;
static int fastact_count_calls(int change) { return __atomic_add_fetch(&fastact_calls, change, __ATOMIC_RELAXED); }

/* A setting of the process, which one thread may change while others compute. */
static int fastact_load(int const *setting) { return __atomic_load_n(setting, __ATOMIC_RELAXED); }
static void fastact_store(int *setting, int value) { __atomic_store_n(setting, value, __ATOMIC_RELAXED); }

#include <time.h>
static double fastact_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
#include "sharing.h"

/* ---- the CPU: 0 the oldest, 1 AVX2, FMA and F16C, 2 x86-64-v4 (AVX-512 F, BW, CD, DQ, VL and all of v3).
   The operating system must also save the wider registers, as XCR0 shows. */
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
static int fastact_cpu_level(void) {
    unsigned a, b, c, d, low, high;
    unsigned const v2 = 1u << 0 | 1u << 9 | 1u << 13 | 1u << 19 | 1u << 20 | 1u << 23; /* SSE3-4.2, CX16, POPCNT */
    unsigned const avx = 1u << 27 | 1u << 28 | 1u << 12 | 1u << 29;                    /* OSXSAVE, AVX, FMA, F16C */
    unsigned const v3 = 1u << 22;                                                      /* MOVBE */
    unsigned const bmi = 1u << 3 | 1u << 8;                                            /* BMI1, BMI2 */
    unsigned const avx512 = 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;      /* F, DQ, CD, BW, VL */
    unsigned features, more;
    if (!__get_cpuid(1, &a, &b, &features, &d) || (features & (v2 | avx)) != (v2 | avx)) return 0;
    __asm__ volatile ("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & 0x06) != 0x06) return 0;                                                /* XMM and YMM */
    if (!__get_cpuid_count(7, 0, &a, &more, &c, &d) || !(more & 1u << 5)) return 0;    /* AVX2 */
    if ((features & v3) != v3 || (more & bmi) != bmi || (more & avx512) != avx512) return 1;
    if (!__get_cpuid(0x80000001, &a, &b, &c, &d) || !(c & 1u << 5) || !(c & 1u)) return 1; /* LZCNT, LAHF */
    return (low & 0xe6) == 0xe6 ? 2 : 1;                                               /* opmask and ZMM */
}
static int fastact_is_intel(void) {
    unsigned most, b, c, d;
    return __get_cpuid(0, &most, &b, &c, &d) && b == signature_INTEL_ebx;
}
#else
static int fastact_cpu_level(void) { return 0; }
static int fastact_is_intel(void) { return 0; }
#endif

/* ---- the size of the last-level cache; a typical one if the system does not report it. */
#include <unistd.h>
static int fastact_last_cache_in_kib(void) {
    long size = 0;
#if defined(_SC_LEVEL3_CACHE_SIZE)
    size = sysconf(_SC_LEVEL3_CACHE_SIZE);
#endif
    return size > 0 ? (int)(size / 1024) : 32 * 1024;
}

/* ---- fork: libgomp's threads do not exist in a forked child, and its next parallel region would wait for them
   forever. So the forking thread releases its pool first; both processes start a new one when they need it. If that
   fails, the child uses one thread. LLVM's runtime handles forks itself (see dispatch.py). The calls of the other
   threads do not exist in the child either. */
static int fastact_serial = 0;
#if defined(_OPENMP)
#include <omp.h>
static int fastact_omp_threads(void) { return omp_get_max_threads(); }
/* The default of a new thread, independent of the limit of the calling thread. */
#include <pthread.h>
static void *fastact_ask(void *answer) { *(int *)answer = omp_get_max_threads(); return NULL; }
static int fastact_omp_default(void) {
    pthread_t thread;
    int answer = 0;
    if (pthread_create(&thread, NULL, fastact_ask, &answer) || pthread_join(thread, NULL)) answer = 0;
    return answer > 0 ? answer : omp_get_max_threads();
}
#else
static int fastact_omp_threads(void) { return 1; }
static int fastact_omp_default(void) { return 1; }
#endif
#if defined(_OPENMP) && defined(__GNUC__) && __GNUC__ >= 9 && !defined(__clang__)
static __thread int fastact_pool_kept; /* all handlers run in the thread that forks */
static void fastact_before_fork(void) { fastact_pool_kept = omp_pause_resource_all(omp_pause_soft) != 0; }
static void fastact_in_child(void) {
    fastact_calls = 0;
    if (fastact_pool_kept) fastact_serial = 1;
}
static int fastact_guard_forks(void) { return pthread_atfork(fastact_before_fork, 0, fastact_in_child); }
#elif defined(_OPENMP)
static void fastact_in_child(void) { fastact_calls = 0; }
static int fastact_guard_forks(void) { return pthread_atfork(0, 0, fastact_in_child); }
#else
static int fastact_guard_forks(void) { return 0; }
#endif

#if defined(__VERSION__)
#define FASTACT_COMPILER __VERSION__
#else
#define FASTACT_COMPILER "unknown"
#endif
#if defined(__clang__)
#define FASTACT_COMPILER_NAME "clang"
#elif defined(__GNUC__)
#define FASTACT_COMPILER_NAME "gcc"
#else
#define FASTACT_COMPILER_NAME "other"
#endif
#if defined(_OPENMP)
#define FASTACT_OPENMP _OPENMP
#else
#define FASTACT_OPENMP 0
#endif
#if !defined(_OPENMP)
#define FASTACT_RUNTIME ""
#elif defined(__clang__)
#define FASTACT_RUNTIME "libomp"
#else
#define FASTACT_RUNTIME "libgomp"
#endif
