# State shared by all kernel modules: CPU features, number of threads, precision, and the OpenMP threads when
# the process forks. Compiled for the oldest CPU and loaded before any kernel module.
import operator
import os

from fastact._core import cpus
from fastact._core.setting_of_thread import SettingOfThread

cdef extern from "runtime.h":
    int fastact_thread_precision
    int fastact_thread_threads
    int fastact_load(const int* setting) noexcept nogil
    void fastact_store(int* setting, int value) noexcept nogil
    double fastact_last_end
    int fastact_last_parallel
    int fastact_streak
    double fastact_pause
    bint fastact_is_alone(Py_ssize_t work) noexcept nogil
    void fastact_shared_call_ended(double own, double stalled, double waited, double part,
                                   Py_ssize_t work) noexcept nogil
    int fastact_count_calls(int change) noexcept nogil
    double fastact_seconds() noexcept nogil
    int fastact_serial
    int fastact_cpu_level() noexcept nogil
    int fastact_is_intel() noexcept nogil
    int fastact_last_cache_in_kib() noexcept nogil
    int fastact_omp_threads() noexcept nogil
    int fastact_omp_default() noexcept nogil
    int fastact_guard_forks() noexcept nogil
    const char* FASTACT_COMPILER
    const char* FASTACT_COMPILER_NAME
    const char* FASTACT_RUNTIME
    int FASTACT_OPENMP

cdef tuple PRECISIONS = ("exact", "fast")
cdef int process_precision = FAST
cdef int process_threads = 1
cdef int omp_default = fastact_omp_default()
threads_because = ""


# ---- precision
cdef int current_precision() noexcept nogil:
    return fastact_load(&process_precision) if fastact_thread_precision < 0 else fastact_thread_precision


cdef int precision_number(object word) except -1:
    if not isinstance(word, str) or word not in PRECISIONS:
        raise ValueError(f"precision must be 'exact' or 'fast', not {word!r}")
    return PRECISIONS.index(word)


def set_precision(word):
    """
    Set the precision of float32 and float64 results for the whole process.

    Parameters
    ----------
    word : {"exact", "fast"}
        ``"fast"``: computed in the type of the array; functions have errors below 4 units in the last place (ULP),
        gradients below 6 ULP or 2**-22 (float64: 2**-51). ``"exact"``: float32 is computed in float64 and rounded once,
        with errors of at most 0.5001 ULP; float64 is computed in two parts where that is needed, with errors below 1
        ULP (gelu 1.5, mish 2, gradients 2). float16 and bfloat16 are not affected. The initial value is that of the
        environment variable ``FASTACT_PRECISION``, or ``"fast"``.

    Raises
    ------
    ValueError
        If `word` is neither.

    See Also
    --------
    precision : the same for one thread, as a context manager
    get_precision : the current precision

    Examples
    --------
    >>> import fastact
    >>> before = fastact.get_precision()
    >>> fastact.set_precision("exact")
    >>> fastact.get_precision()
    'exact'
    >>> fastact.set_precision(before)
    """
    fastact_store(&process_precision, precision_number(word))


def get_precision():
    """
    Return the precision of float32 and float64 results in the calling thread.

    Returns
    -------
    str
        ``"exact"`` or ``"fast"``.

    See Also
    --------
    set_precision : what the two words mean

    Examples
    --------
    >>> import fastact
    >>> with fastact.precision("exact"):
    ...     fastact.get_precision()
    'exact'
    """
    return PRECISIONS[current_precision()]


class precision(SettingOfThread):
    """
    Context manager that sets the precision of float32 and float64 results in the calling thread.

    It does not affect other threads, such as the workers of dask or joblib.

    Parameters
    ----------
    word : {"exact", "fast"}
        As in `set_precision`.

    Raises
    ------
    ValueError
        If `word` is neither.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> with fastact.precision("exact"):
    ...     y = fastact.sigmoid(np.float32([0, 1]))
    >>> y
    array([0.5      , 0.7310586], dtype=float32)
    """

    def __init__(self, word):
        super().__init__(precision_number(word))

    def _exchange(self, number):
        global fastact_thread_precision
        before, fastact_thread_precision = fastact_thread_precision, number
        return before


# ---- threads
cdef int thread_limit() noexcept nogil:
    cdef int limit = fastact_load(&process_threads)
    # threadpoolctl and omp_set_num_threads change the OpenMP settings of the calling thread, so these are read every
    # time; a value other than the default was set by the user.
    cdef int omp = fastact_omp_threads()
    if omp != omp_default and omp < limit:
        limit = omp
    if 0 < fastact_thread_threads < limit:
        limit = fastact_thread_threads
    return 1 if fastact_serial or FASTACT_OPENMP == 0 else limit


cdef int thread_number(object n) except -1:
    try:
        number = operator.index(n)
    except TypeError:
        raise TypeError(f"n must be an int, not {type(n).__name__}") from None
    if not 1 <= number <= 1024:
        raise ValueError(f"n must be from 1 to 1024, not {n}")
    return number


def set_num_threads(n):
    """
    Set how many threads a call may use, for the whole process.

    Parameters
    ----------
    n : int
        From 1 to 1024. Small arrays always use one thread. The initial value is ``FASTACT_NUM_THREADS``, else
        ``OMP_NUM_THREADS``, else the number of CPUs that the process may use (affinity and cgroup quota).

    Raises
    ------
    TypeError
        If `n` is not an integer.
    ValueError
        If `n` is out of range.

    See Also
    --------
    num_threads : the same for one thread, as a context manager

    Examples
    --------
    >>> import fastact
    >>> before = fastact.get_num_threads()
    >>> fastact.set_num_threads(1)
    >>> fastact.get_num_threads()
    1
    >>> fastact.set_num_threads(before)
    """
    global threads_because
    fastact_store(&process_threads, thread_number(n))
    threads_because = "set_num_threads"


def get_num_threads():
    """
    Return the number of threads that a call from this thread may use.

    Returns
    -------
    int
        The smallest of the limits of `set_num_threads`, `num_threads` and threadpoolctl; 1 without OpenMP. (A limit of
        threadpoolctl that equals OpenMP's default cannot be detected.)

    Examples
    --------
    >>> import fastact
    >>> with fastact.num_threads(1):
    ...     fastact.get_num_threads()
    1
    """
    return thread_limit()


class num_threads(SettingOfThread):
    """
    Context manager that limits calls from this thread to `n` threads.

    Parameters
    ----------
    n : int
        From 1 to 1024.

    Raises
    ------
    TypeError
        If `n` is not an integer.
    ValueError
        If `n` is out of range.

    Examples
    --------
    >>> import fastact, numpy as np
    >>> with fastact.num_threads(1):
    ...     fastact.relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    """

    def __init__(self, n):
        super().__init__(thread_number(n))

    def _exchange(self, number):
        global fastact_thread_threads
        before, fastact_thread_threads = fastact_thread_threads, number
        return before


# ---- the OpenMP team of the calling thread
#
# Idle threads spin for about 20 us after a parallel region, then sleep; waking them takes 20 us and more. (By default
# they would spin for milliseconds, see dispatch.py, and slow down NumPy's matrix products: a training loop took 14
# times as long.) So a call of medium size uses the team only if it is awake, or if such calls follow each other so
# closely that waking it pays.

cdef double AWAKE = 15e-6
cdef int CLOSE_CALLS = 2

cdef bint team_is_awake() noexcept nogil:
    global fastact_streak
    cdef bint close = fastact_seconds() - fastact_last_end < AWAKE
    fastact_streak = fastact_streak + 1 if close else 0
    return close and (fastact_last_parallel or fastact_streak >= CLOSE_CALLS)


# Threads with calls at the same time have a team each; together they use no more threads than a single call may.
cdef int call_started(int threads, Py_ssize_t work) noexcept nogil:
    threads = min(threads, max(1, thread_limit() // fastact_count_calls(1)))
    return 1 if threads > 1 and is_alone(work) else threads


cdef bint is_alone(Py_ssize_t work) noexcept nogil:
    return fastact_is_alone(work)


cdef void shared_call_ended(double own, double stalled, double waited, double part, Py_ssize_t work) noexcept nogil:
    fastact_shared_call_ended(own, stalled, waited, part, work)


cdef void call_ended(bint parallel) noexcept nogil:
    global fastact_last_end, fastact_last_parallel
    fastact_count_calls(-1)
    fastact_last_parallel = parallel
    fastact_last_end = fastact_seconds()


cdef double seconds() noexcept nogil:
    return fastact_seconds()


def share_call(own, waited, part, work):
    """Record a call as shared by the calling thread, which waited for the others; return the pause; for tests."""
    shared_call_ended(own, 0, waited, part, work)
    return fastact_pause


def shares(work):
    """Return whether the calling thread would share a call of that many elements; for tests."""
    cdef int threads = call_started(2, work)
    call_ended(False)
    return threads > 1


# ---- the caches
cdef int last_cache_in_kib = fastact_last_cache_in_kib()

cdef Py_ssize_t beyond_caches() noexcept nogil:
    return <Py_ssize_t>1024 * fastact_load(&last_cache_in_kib)


def set_beyond_caches(size):
    """Set the size of the last-level cache in bytes and return the previous one; for tests."""
    before = beyond_caches()
    fastact_store(&last_cache_in_kib, size // 1024)
    return before


cdef int way_beyond_caches = -1

cdef int only_way() noexcept nogil:
    return fastact_load(&way_beyond_caches)


def set_only_way(way):
    """Set how data larger than the caches is moved, -1 for the fastest by trial; return the previous one; for tests."""
    before = only_way()
    fastact_store(&way_beyond_caches, way)
    return before


# ---- loads and stores
cdef int few_bits = fastact_is_intel()

cdef bint compares_few_bits() noexcept nogil:
    return fastact_load(&few_bits)


def set_compares_few_bits(value):
    """Set whether the CPU compares only the low bits of addresses, and return the previous value; for tests."""
    before = compares_few_bits()
    fastact_store(&few_bits, bool(value))
    return before


# ---- facts for show_config and the choice of the kernel modules
def cpu_level():
    """Return the level of this CPU: 0 the oldest, 1 AVX2 with FMA, 2 AVX-512 (x86-64-v4)."""
    return fastact_cpu_level()


def calls_under_way():
    """Return how many calls large enough for several threads are running in this process."""
    return fastact_count_calls(0)


def facts():
    """Return what only the compiled code knows, for show_config."""
    return {
        "compiler": f"{FASTACT_COMPILER_NAME.decode()} {FASTACT_COMPILER.decode()}",
        "openmp": str(FASTACT_OPENMP) if FASTACT_OPENMP else None,
        "openmp_runtime": FASTACT_RUNTIME.decode() or None,
        "threads": thread_limit(),
        "threads_because": _reason(),
    }


def _reason():
    if FASTACT_OPENMP == 0:
        return "built without OpenMP"
    if fastact_serial:
        return "after a fork that left OpenMP without its threads"
    if thread_limit() < fastact_load(&process_threads):
        return "num_threads or threadpoolctl in this thread"
    return threads_because


def read_environment():
    """Set the initial values from the environment."""
    global process_precision, process_threads, threads_because
    word = os.environ.get("FASTACT_PRECISION")
    if word:
        if word not in PRECISIONS:
            raise ValueError(f"FASTACT_PRECISION must be 'exact' or 'fast', not {word!r}")
        process_precision = PRECISIONS.index(word)
    process_threads, threads_because = cpus.threads_at_start(os.environ)


if fastact_guard_forks():
    raise ImportError("fastact: pthread_atfork failed; out of memory?")
read_environment()
