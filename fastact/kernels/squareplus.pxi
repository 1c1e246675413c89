# squareplus(x, b) = (x + r) / 2, r = sqrt(x^2 + b)         squareplus' = (1 + x / r) / 2
#
# With a = |x| and s = a + r there is no cancellation: s / 2 for x >= 0, b / (2 s) for x < 0; and
# s / (2 r) for x >= 0, b / (2 r s) for x < 0. Floats are computed in double lanes in both precisions: x^2 is exact
# there. For double results x is scaled by a power of two where x^2 would overflow or vanish, and r is a sum of two
# parts.

# r and the rounding error of it: sqrt(a^2 + b) = r + rest
cdef inline double root_in_parts(double a, double b, double* rest) noexcept nogil:
    cdef double h = a * a, low = exact_fma64(a, a, -h), s = h + b, v = s - h, r = sqrt(s)
    low = low + ((h - (s - v)) + (b - v))
    v = (exact_fma64(-r, r, s) + low) / (r + r)
    rest[0] = v if v - v == 0 and r > 0 else 0.0
    return r


# the power of two that brings a^2 and b to where neither overflows nor loses bits
cdef inline double square_scale(double a, double b) noexcept nogil:
    cdef double scale = 2.409919865102884e-181 if a > 1e150 else 1.0  # 2^-600
    return 4.149515568880993e+180 if a < 1e-130 and magnitude(b, <double>INFINITY) < 1e-260 else scale


cdef inline item squareplus_(item x, item b, real* lanes) noexcept nogil:
    cdef item most = 1.7976931348623157e308 if item is double else 3.4028234663852886e38
    cdef double a = magnitude(x, most), width = b, r, s, rest, scale, q, v, y
    if item is float:
        s = a + sqrt(fma64(a, a, width))
        y = 0.5 * s if x >= 0 else 0.5 * width / s
    else:
        scale = square_scale(a, width)
        a = a * scale
        r = root_in_parts(a, width * scale * scale, &rest)
        s = a + r
        v = s - a
        rest = rest + ((a - (s - v)) + (r - v))
        r = width * scale * 0.5
        q = r / s
        v = q + (exact_fma64(-q, s, r) - q * rest) / s
        q = v if v == v else q
        y = 0.5 * (s + rest) / scale if x >= 0 else q
    y = 0.0 if x == -INFINITY else y
    y = b if b == INFINITY else y
    return x if x == INFINITY else keep_nan(x, <item>y)


cdef inline item squareplus_grad_(item x, item g, item b, real* lanes) noexcept nogil:
    cdef item most = 1.7976931348623157e308 if item is double else 3.4028234663852886e38
    cdef double a = magnitude(x, most), width = b, r, s, rest, scale, inverse, low, d, v, q, slope
    if item is float:
        r = sqrt(fma64(a, a, width))
        s = a + r
        slope = 0.5 * (s / r if x >= 0 else width / (r * s))
    else:
        scale = square_scale(a, width)
        a = a * scale
        r = root_in_parts(a, width * scale * scale, &rest)
        s = a + r
        v = s - a
        low = rest + ((a - (s - v)) + (r - v))  # a + r = s + low
        inverse = 1.0 / r
        v = s * inverse
        # the relative error of 1 / r, that of s, and that of their product
        q = v + (v * (exact_fma64(-inverse, r, 1.0) - rest * inverse) + (low * inverse + exact_fma64(s, inverse, -v)))
        v = q if q == q else v
        # d + low = r s with both errors
        d = r * s
        low = fma64(r, low, fma64(rest, s, exact_fma64(r, s, -d)))
        width = width * scale
        q = width / d
        r = q + (exact_fma64(-q, d, width) - q * low) / d
        q = (r if r == r else q) * scale
        slope = 0.5 * (v if x >= 0 else q)
    slope = 0.5 if b == INFINITY else slope
    slope = 1.0 if x == INFINITY else slope
    slope = 0.0 if x == -INFINITY or (b == 0 and x <= 0) else slope
    return keep_nan(x, <item>(<double>g * slope))

cdef inline void squareplus_kernel(const item** x, item** y, Py_ssize_t n, real* lanes) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* b = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(n):
        y0[i] = squareplus_(x0[i], b[i], lanes)

cdef inline void squareplus_grad_kernel(const item** x, item** y, Py_ssize_t n, real* lanes) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef const item* b = x[2]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(n):
        y0[i] = squareplus_grad_(x0[i], g[i], b[i], lanes)

elementwise("squareplus", 2, 1, squareplus_kernel[float, double], squareplus_kernel[float, float],
            squareplus_kernel[double, double], function_doc(
    "Algebraic approximation of softplus: a rectifier with a rounded corner.",
    formula=r"f(x) = \frac{x + \sqrt{x^2 + b}}{2}",
    returns=r"""
    The broadcast shape of the arguments. The left tail, about b / (4 abs(x)), keeps its relative accuracy and no
    square overflows. The limits are 0 and inf; b = 0 gives relu; NaN in `x` gives NaN.
    """,
    source=r"Barron, J. T. (2021). Squareplus: a softplus-like algebraic rectifier. arXiv:2112.11687.",
    example=r"""
    >>> fastact.squareplus(np.array([-1e200, 0.0, 3.0]))
    array([1.00000000e-200, 1.00000000e+000, 3.30277564e+000])
    """,
    parameters=r"""
    b : array_like, default 4.0
        Width of the rounded corner; with 4 the value at 0 is 1. Where x^2 + b < 0 the result is NaN.
    """,
    see_also=r"""
    squareplus_grad : the gradient
    softplus : with an exponential tail
    """,
), (4.0,))

elementwise("squareplus_grad", 3, 1, squareplus_grad_kernel[float, double], squareplus_grad_kernel[float, float],
            squareplus_grad_kernel[double, double], gradient_doc(
    "squareplus",
    formula=r"g \cdot f'(x), \qquad f'(x) = \frac{1}{2} \left(1 + \frac{x}{\sqrt{x^2 + b}}\right)",
    returns=r"""
    The gradient by `x`. The slope is 1/2 at 0, 0 at -inf and 1 at inf; for b = 0 it is 0 at the kink 0. NaN in
    `x` gives NaN.
    """,
    source=r"Barron, J. T. (2021). Squareplus: a softplus-like algebraic rectifier. arXiv:2112.11687.",
    example=r"""
    >>> fastact.squareplus_grad(np.array([-1.5, 0.0, 1.5]), 1.0)
    array([0.2, 0.5, 0.8])
    """,
    parameters=r"""
    b : array_like, default 4.0
        Width of the rounded corner; with 4 the value at 0 is 1. Where x^2 + b < 0 the result is NaN.
    """,
), (4.0,))
