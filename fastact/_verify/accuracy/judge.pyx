# Compares float32 results with float64 values of the same function at the same inputs, with a few vectorisable
# operations per element: all 2^32 inputs take seconds. Only used by `python -m fastact accuracy`.
#
# The float64 value r has an error of a few units in its last place. That cannot change which float is nearest, unless r
# is so close to the midpoint of two floats that the error is 0.5 +- BAND units: such inputs are "near", and need more
# digits to decide. Results with larger errors are "missed". A sample of both kinds of inputs is kept, or all if they
# are few; separately for each binade, so that a million similar cases in one do not hide a few in another.
from libc.math cimport INFINITY

import numpy as np


cdef extern from *:
    """
    #include <math.h>
    #include <stdint.h>
    #include <string.h>

    /* The half-width of the band of "near" inputs in units of y: 16 to 32 units in the last place of r. */
    static float const fastact_band = 0x1p-24;

    /* 1 divided by the unit in the last place of a float of the size of r: 2^(23 - exponent), 2^149 if subnormal. */
    static inline double fastact_places(double r) {
        double const tiny = 0x1p-126, huge = 0x1p127;
        double size = fabs(r), scale;
        int64_t bits;
        size = size > tiny ? size : tiny;
        size = size < huge ? size : huge;
        memcpy(&bits, &size, 8);
        bits = (int64_t)((2 * 1023 + 23) - ((uint64_t)bits >> 52)) << 52;
        memcpy(&scale, &bits, 8);
        return scale;
    }

    /* The error of y in units in the last place of r; NaN or infinite if y or r is, for which see the next function. */
    static inline float fastact_error(float y, double r, float *absolute) {
        double difference = fabs((double)y - r);
        *absolute = (float)difference;
        return (float)(difference * fastact_places(r));
    }

    /* The same for all y and r: 0 for two NaN, infinity for one NaN or one infinity; if r rounds to infinity, an
       infinite y counts as 2^128, the next number after the largest. */
    static inline float fastact_full_error(float y, double r, float *absolute) {
        float error = fastact_error(y, r, absolute);
        if (error < INFINITY) return error;
        if (isinf(y) && y == (float)r) *absolute = fabs(r) < 0x1p128 ? (float)(0x1p128 - fabs(r)) : 0;
        else *absolute = isnan(y) && isnan(r) ? 0 : INFINITY;
        return (float)(*absolute * fastact_places(r));
    }

    /* Whether r is exactly the midpoint of y and a neighbouring float. */
    static inline int fastact_is_tie(float y, double r) {
        double difference = isinf(y) ? 0x1p128 - fabs(r) : fabs((double)y - r);
        return difference * fastact_places(r) == 0.5;
    }
    """
    float BAND "fastact_band"
    bint is_tie "fastact_is_tie"(float y, double r) noexcept nogil
    float finite_error "fastact_error"(float y, double r, float* absolute) noexcept nogil
    float full_error "fastact_full_error"(float y, double r, float* absolute) noexcept nogil

cdef enum:
    BLOCK = 512
    BINADES = 512  # sign and exponent of a float32
    CAPACITY = 1024


cdef class Sample:
    """For each binade, the number of inputs added and at most `CAPACITY` of them, evenly spaced."""

    cdef long long[::1] _counts
    cdef unsigned int[:, ::1] _kept
    cdef Py_ssize_t[::1] _sizes
    cdef long long[::1] _strides

    def __init__(self):
        self._counts = np.zeros(BINADES, np.int64)
        self._kept = np.empty((BINADES, CAPACITY), np.uint32)
        self._sizes = np.zeros(BINADES, np.intp)
        self._strides = np.ones(BINADES, np.int64)

    cdef void add(self, unsigned int bits) noexcept nogil:
        cdef unsigned int binade = bits >> 23
        cdef long long position = self._counts[binade]
        cdef Py_ssize_t i
        self._counts[binade] += 1
        if position % self._strides[binade]:
            return
        if self._sizes[binade] == CAPACITY:
            # drop every second one; whether this one is kept depends on the new stride
            for i in range(0, CAPACITY, 2):
                self._kept[binade, i // 2] = self._kept[binade, i]
            self._sizes[binade] = CAPACITY // 2
            self._strides[binade] *= 2
            if position % self._strides[binade]:
                return
        self._kept[binade, self._sizes[binade]] = bits
        self._sizes[binade] += 1

    @property
    def count(self):
        """The number of inputs added."""
        return int(np.sum(self._counts))

    def binades(self):
        """Return for each binade with inputs how many were added, and those kept, as float32."""
        return [
            (count, np.array(kept[:size]).view(np.float32))
            for count, size, kept in zip(self._counts, self._sizes, self._kept, strict=True)
            if count
        ]


cdef class Judge:
    """
    Statistics of the errors of a float32 function, updated with each array of inputs.

    Parameters
    ----------
    keep_missed : bool, default True
        Whether to keep a sample of the inputs whose result is not the nearest; slow if there are many.
    small : float, default 2**-22
        Absolute errors of at least this have separate statistics: near a root, a gradient may have an error of many
        units that is smaller than this.

    Attributes
    ----------
    inputs : int
        The number of inputs.
    histogram : list of int
        The numbers of errors up to 0.5, 1, 2, 4 units in the last place, and above; near ones are in the first.
    largest, largest_beyond : float
        The largest error except for near ones, and the largest among absolute errors of at least `small`.
    at, at_beyond : float
        The inputs of these errors; NaN if there was none.
    near, ties, missed : Sample
        Inputs that r cannot decide; those of them where r is exactly a midpoint, which may be very many; inputs whose
        result is not r rounded.
    """

    cdef readonly long long inputs
    cdef readonly float largest, largest_beyond
    cdef readonly Sample near, ties, missed
    cdef unsigned int _at, _at_beyond
    cdef long long[4] _above
    cdef float _small
    cdef bint _keep_missed

    def __init__(self, keep_missed=True, small=2.0**-22):
        self.near, self.ties, self.missed = Sample(), Sample(), Sample()
        self._at = self._at_beyond = 0x7fc00000  # NaN
        self._keep_missed, self._small = keep_missed, small

    def add(self, const unsigned int[::1] x, const float[::1] y, const double[::1] r):
        """Add the results y and the true values r at the inputs whose bit patterns are x."""
        cdef Py_ssize_t start = 0, n = x.shape[0]
        if not n == y.shape[0] == r.shape[0]:
            raise ValueError("x, y and r differ in length")
        with nogil:
            while start < n:
                self._add_block(&x[start], &y[start], &r[start], BLOCK if n - start > BLOCK else n - start)
                start += BLOCK
        self.inputs += n

    cdef void _add_block(self, const unsigned int* x, const float* y, const double* r, Py_ssize_t n) noexcept nogil:
        cdef float[BLOCK] error
        cdef float[BLOCK] absolute
        cdef float low = <float>0.5 - BAND, high = <float>0.5 + BAND, unit = 1, infinite = INFINITY
        cdef float largest = self.largest, beyond = self.largest_beyond, small = self._small
        cdef int finite = 0, near = 0, half = 0, one = 0, two = 0, four = 0, larger = 0
        cdef Py_ssize_t i
        for i in range(n):
            error[i] = finite_error(y[i], r[i], &absolute[i])
        for i in range(n):
            finite += error[i] < infinite
        if finite < n:
            for i in range(n):
                error[i] = full_error(y[i], r[i], &absolute[i])
        for i in range(n):
            near += error[i] >= low
            half += error[i] > high
            one += error[i] > unit
            two += error[i] > 2 * unit
            four += error[i] > 4 * unit
            larger += (error[i] > largest) | ((error[i] > beyond) & (absolute[i] >= small))
        near -= half
        self._above[0] += half
        self._above[1] += one
        self._above[2] += two
        self._above[3] += four
        # most blocks need no more
        if near or larger or (half and self._keep_missed):
            for i in range(n):
                self._look_at(x[i], y[i], r[i], error[i], absolute[i])

    cdef inline void _look_at(self, unsigned int x, float y, double r, float error, float absolute) noexcept nogil:
        if <float>0.5 - BAND <= error <= <float>0.5 + BAND:
            if is_tie(y, r):
                self.ties.add(x)
            else:
                self.near.add(x)
            return
        if error > 0.5 and self._keep_missed:
            self.missed.add(x)
        if error > self.largest:
            self.largest, self._at = error, x
        if error > self.largest_beyond and absolute >= self._small:
            self.largest_beyond, self._at_beyond = error, x

    @property
    def histogram(self):
        counts = [self.inputs, self._above[0], self._above[1], self._above[2], self._above[3], 0]
        return [counts[i] - counts[i + 1] for i in range(5)]

    @property
    def at(self):
        return float(np.uint32(self._at).view(np.float32))

    @property
    def at_beyond(self):
        return float(np.uint32(self._at_beyond).view(np.float32))
