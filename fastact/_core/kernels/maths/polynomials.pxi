# Polynomials in x; the coefficients come from the highest power down, as doubles that are rounded to `real`. A loop
# over an array of coefficients would not be vectorised, so each degree has its function.
#
# Three schemes, whose results differ in the last bits: Horner's has the fewest operations, but each waits for the one
# before; Horner's in x^2, whose coefficients are pairs of terms, waits half as often; Estrin's waits least.

# a b + c
cdef inline real multiply_add(real a, real b, real c) noexcept nogil:
    if real is float:
        return fma32(a, b, c)
    else:
        return fma64(a, b, c)


# ---- Horner's scheme

cdef inline real horner1(real x, double c1, double c0) noexcept nogil:
    return multiply_add(<real>c1, x, <real>c0)

cdef inline real horner2(real x, double c2, double c1, double c0) noexcept nogil:
    return multiply_add(horner1(x, c2, c1), x, <real>c0)

cdef inline real horner3(real x, double c3, double c2, double c1, double c0) noexcept nogil:
    return multiply_add(horner2(x, c3, c2, c1), x, <real>c0)

cdef inline real horner4(real x, double c4, double c3, double c2, double c1, double c0) noexcept nogil:
    return multiply_add(horner3(x, c4, c3, c2, c1), x, <real>c0)

cdef inline real horner6(real x, double c6, double c5, double c4, double c3, double c2, double c1,
                         double c0) noexcept nogil:
    return multiply_add(multiply_add(horner4(x, c6, c5, c4, c3, c2), x, <real>c1), x, <real>c0)

cdef inline real horner7(real x, double c7, double c6, double c5, double c4, double c3, double c2, double c1,
                         double c0) noexcept nogil:
    return multiply_add(horner6(x, c7, c6, c5, c4, c3, c2, c1), x, <real>c0)

cdef inline real horner8(real x, double c8, double c7, double c6, double c5, double c4, double c3, double c2, double c1,
                         double c0) noexcept nogil:
    return multiply_add(horner7(x, c8, c7, c6, c5, c4, c3, c2, c1), x, <real>c0)


# ---- Horner's scheme in x^2

# p x^2 + c1 x + c0
cdef inline real append_pair(real p, real x, double c1, double c0) noexcept nogil:
    return multiply_add(p, x * x, horner1(x, c1, c0))

cdef inline real paired3(real x, double c3, double c2, double c1, double c0) noexcept nogil:
    return append_pair(horner1(x, c3, c2), x, c1, c0)

cdef inline real paired4(real x, double c4, double c3, double c2, double c1, double c0) noexcept nogil:
    return append_pair(append_pair(<real>c4, x, c3, c2), x, c1, c0)

cdef inline real paired5(real x, double c5, double c4, double c3, double c2, double c1, double c0) noexcept nogil:
    return append_pair(paired3(x, c5, c4, c3, c2), x, c1, c0)

cdef inline real paired6(real x, double c6, double c5, double c4, double c3, double c2, double c1,
                         double c0) noexcept nogil:
    return append_pair(paired4(x, c6, c5, c4, c3, c2), x, c1, c0)

cdef inline real paired7(real x, double c7, double c6, double c5, double c4, double c3, double c2, double c1,
                         double c0) noexcept nogil:
    return append_pair(paired5(x, c7, c6, c5, c4, c3, c2), x, c1, c0)

cdef inline real paired10(real x, double c10, double c9, double c8, double c7, double c6, double c5, double c4,
                          double c3, double c2, double c1, double c0) noexcept nogil:
    return append_pair(append_pair(paired6(x, c10, c9, c8, c7, c6, c5, c4), x, c3, c2), x, c1, c0)

cdef inline real paired11(real x, double c11, double c10, double c9, double c8, double c7, double c6, double c5,
                          double c4, double c3, double c2, double c1, double c0) noexcept nogil:
    return append_pair(append_pair(paired7(x, c11, c10, c9, c8, c7, c6, c5, c4), x, c3, c2), x, c1, c0)

cdef inline real paired14(real x, double c14, double c13, double c12, double c11, double c10, double c9, double c8,
                          double c7, double c6, double c5, double c4, double c3, double c2, double c1,
                          double c0) noexcept nogil:
    return append_pair(append_pair(paired10(x, c14, c13, c12, c11, c10, c9, c8, c7, c6, c5, c4), x, c3, c2), x, c1, c0)


# ---- Estrin's scheme

cdef inline real estrin7(real x, double c7, double c6, double c5, double c4, double c3, double c2, double c1,
                         double c0) noexcept nogil:
    return multiply_add(paired3(x, c7, c6, c5, c4), (x * x) * (x * x), paired3(x, c3, c2, c1, c0))
