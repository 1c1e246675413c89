# How the threads of a call share its work. Each first takes a fixed range of pieces, so that its caches hold what it
# used in the call before, and then what is left of the other ranges: a thread that the system runs late finds little
# left. The bits do not depend on which thread computes a piece.

cdef extern from *:
    """
    static inline Py_ssize_t fastact_take(Py_ssize_t *next) { return __atomic_fetch_add(next, 1, __ATOMIC_RELAXED); }
    """
    Py_ssize_t take "fastact_take"(Py_ssize_t* next) noexcept nogil

cdef enum:
    MAX_THREADS = 256
    PIECES = 8             # of each thread at the most
    LINE_OF_COUNTERS = 8   # 64-bit counters in a cache line, of which one is used
    HELD_UP = 4            # a piece that takes this many times as long as another was held up, if it is also longer by

cdef double HELD_UP_SECONDS = 50e-6

cdef struct team_work:
    Py_ssize_t units               # what the pieces are made of: blocks, or tiles of rows
    Py_ssize_t pieces
    int threads
    Py_ssize_t next[MAX_THREADS * LINE_OF_COUNTERS]  # of each thread's pieces the next one
    Py_ssize_t taken               # how many pieces the calling thread has taken
    double begin                   # when it began,
    double last                    # and when it last came for a piece; after all, when it found no more
    double least                   # seconds of its shortest piece,
    double most                    # and of its longest


# Pieces have at least `least` units.
cdef inline void start_team(team_work* team, Py_ssize_t units, Py_ssize_t least, int threads) noexcept nogil:
    cdef int t
    team.units, team.threads, team.taken = units, threads, 0
    team.pieces = max(min(units // least, <Py_ssize_t>PIECES * threads), <Py_ssize_t>1)
    for t in range(threads):
        team.next[t * LINE_OF_COUNTERS] = first_piece(team, t)
    team.least, team.most = INFINITY, 0
    team.begin = team.last = seconds()


cdef inline Py_ssize_t first_piece(const team_work* team, int t) noexcept nogil:
    return team.pieces * t // team.threads


# Gives the t-th thread units `start` to `stop`, as long as there are any; `owner` is the thread whose pieces it takes,
# at first its own.
cdef inline bint next_piece(team_work* team, int t, int* owner, Py_ssize_t* start, Py_ssize_t* stop) noexcept nogil:
    cdef Py_ssize_t piece
    cdef int k
    if t == 0:
        time_piece(team)
    while owner[0] < t + team.threads:
        k = owner[0] % team.threads
        piece = take(&team.next[k * LINE_OF_COUNTERS])
        if piece < first_piece(team, k + 1):
            start[0], stop[0] = team.units * piece // team.pieces, team.units * (piece + 1) // team.pieces
            if t == 0:
                team.taken += 1
            return True
        owner[0] += 1
    return False


# The clock of the thread would tell how long it was held up, but reading that is a system call.
cdef inline void time_piece(team_work* team) noexcept nogil:
    cdef double now = seconds(), spent = now - team.last
    if team.taken > 0:
        team.least, team.most = min(team.least, spent), max(team.most, spent)
    team.last = now


# Tells the runtime whether sharing `work` elements was worth it.
cdef inline void end_team(const team_work* team, Py_ssize_t work) noexcept nogil:
    cdef double stalled = team.most - team.least
    if team.taken > 0:
        if team.most < HELD_UP * team.least or stalled < HELD_UP_SECONDS:
            stalled = 0
        shared_call_ended(team.last - team.begin - stalled, stalled, seconds() - team.last,
                          team.taken / <double>team.pieces, work)
