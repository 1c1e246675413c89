# squareplus(x, b) = (x + r) / 2, r = sqrt(x^2 + b)         squareplus' = (1 + x / r) / 2
#
# With a = |x| and s = (a + r) / 2 nothing cancels: the result is s for x >= 0 and (b / 4) / s for x < 0. The slope is
# h = (b / 4) / (r s) for x < 0 and 1 - h for x >= 0. A single quotient 1 / (r s) replaces all divisions by r or s.
# In float64 the square of a float32 is exact. Otherwise x and sqrt(b) are multiplied by a power of two where x^2 would
# overflow or underflow; for float64 results r and s are sums of two parts.

# A power of two by which a and sqrt(b) are multiplied, so that neither a^2 nor b overflows or loses bits
cdef inline real square_scale(real a, real b) noexcept nogil:
    cdef real most = INFINITY, one = 1, down, up, size = magnitude(b, most)
    if real is float:
        down, up = TWO_M64, 1.2676506002282294e+30  # 2^100
        down = by_sign(<float>1e36 - size, by_sign(<float>1e18 - a, one, down), down)
        return by_sign(size - <float>1e-24, down, by_sign(a - <float>1e-12, down, up))
    else:
        down, up = 2.409919865102884e-181, 5.260135901548374e+210  # 2^-600, 2^700
        down = by_sign(1e150 - a, one, down)
        return by_sign(size - 1e-260, down, by_sign(a - 1e-130, down, up))


cdef inline real root(real x) noexcept nogil:
    if real is float:
        return sqrtf(x)
    else:
        return sqrt(x)


# s = (a + r) / 2 = result + s_low and r + r_low for r^2 = a^2 + b scale^2, where a is already scaled; `inverse` is
# 1 / (r s) to a few units in the last place
cdef inline double half_sum_in_parts(double a, double b, double scale, double* r, double* r_low, double* s_low,
                                     double* inverse) noexcept nogil:
    cdef double scaled_b = b * scale * scale, square = exact_fma64(a, a, scaled_b), root = sqrt(square)
    cdef double half_a = 0.5 * a, half_r = 0.5 * root, s = fma64(0.5, root, half_a), error, low
    r[0] = root + 1e-150  # not 0, because it is divided by; any other root is unchanged
    inverse[0] = 1.0 / (r[0] * s)
    # a^2 + b - root^2; for b < 0 the rounding error of a^2 + b is small compared with r
    error = exact_fma64(a, a, exact_fma64(-root, root, scaled_b))
    error = by_sign(b, error, exact_fma64(-root, root, square))
    low = (0.25 * error) * (s * inverse[0])  # half of the root's error, error / (2 r)
    r_low[0] = low + low
    s_low[0] = low + (by_sign(b, half_a, half_r) + (by_sign(b, half_r, half_a) - s))
    return s


cdef inline item squareplus_(item x, item b, real* compute) noexcept nogil:
    cdef item most = DBL_MAX if item is double else INFINITY
    cdef real a = magnitude(x, most), quarter = 0.25, half = 0.5, zero = 0, infinite = INFINITY, scale, s, numerator, y
    cdef real width = b, limit
    cdef double r, s_low, r_low, inverse
    if item is float and real is double:
        s = half * (a + sqrt(fma64(a, a, width)))
        y = quarter * width / s
    elif real in fast:
        scale = square_scale(a, width)
        a = a * scale
        width = width * scale
        s = half * (a + root(multiply_add(a, a, width * scale)))
        y = quarter * width / s
        s = s * inverse_of_power(scale)
    else:
        scale = square_scale(a, width)
        s = half_sum_in_parts(a * scale, width, scale, &r, &r_low, &s_low, &inverse)
        inverse = inverse * r  # 1 / s
        numerator = quarter * width * scale
        y = numerator * inverse
        y = fma64(fma64(-y, s_low, exact_fma64(-y, s, numerator)), inverse, y)
        s = (s + s_low) * inverse_of_power(scale)
    y = by_sign(<real>x + zero, s, y)
    if item is double:
        limit = x if x > 0 else zero
        y = y if magnitude(x, infinite) < infinite else (limit if b > -infinite else y)
    y = <real>b if b == infinite else y
    return keep_nan(x, <item>y)


cdef inline item squareplus_grad_(item x, item g, item b, real* compute) noexcept nogil:
    cdef item most = DBL_MAX if item is double else INFINITY
    cdef real a = magnitude(x, most), quarter = 0.25, half = 0.5, zero = 0, one = 1, infinite = INFINITY
    cdef real width = b, scale, r, s, numerator, h, slope, edge
    cdef double s_low, r_low, inverse, product, product_low
    if item is float and real is double:
        r = sqrt(fma64(a, a, width))
        h = half * width / (r * (a + r))
    elif real in fast:
        scale = square_scale(a, width)
        a = a * scale
        width = width * scale
        r = root(multiply_add(a, a, width * scale))
        h = half * width / (r * (a + r)) * scale
    else:
        scale = square_scale(a, width)
        s = half_sum_in_parts(a * scale, width, scale, &r, &r_low, &s_low, &inverse)
        product = r * s
        product_low = fma64(r, s_low, fma64(r_low, s, exact_fma64(r, s, -product)))
        numerator = quarter * width * scale
        h = numerator * inverse
        h = fma64(fma64(-h, product_low, exact_fma64(-h, product, numerator)), inverse, h) * scale
    slope = by_sign(<real>x + zero, one - h, h)
    edge = slope if x > 0 else zero  # relu's slope, 0 at the kink
    slope = edge if b == 0 else slope
    edge = half if x > -infinite else zero
    edge = edge if x < infinite else one
    slope = edge if b == infinite else slope
    return keep_nan(x, <item>(<real>g * slope))

cdef inline void squareplus_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* b = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = squareplus_(x0[i], b[i], compute)

cdef inline void squareplus_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                        real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef const item* b = x[2]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = squareplus_grad_(x0[i], g[i], b[i], compute)

# with b = 4
cdef inline void squareplus_default_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                           real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef item four = 4
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = squareplus_(x0[i], four, compute)

cdef inline void squareplus_grad_default_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                                real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef item four = 4
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = squareplus_grad_(x0[i], g[i], four, compute)

at_defaults("squareplus", "x",
            squareplus_default_kernel[float, double], squareplus_default_kernel[float, float],
            squareplus_default_kernel[double, double], squareplus_default_kernel[double, fast_double])

doc = function_doc(
    "Algebraic approximation of softplus: a rectifier with a rounded corner.",
    group="rectifiers",
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
)
elementwise("squareplus", "x; b=4.0",
            squareplus_kernel[float, double], squareplus_kernel[float, float],
            squareplus_kernel[double, double], squareplus_kernel[double, fast_double], doc)
at_defaults("squareplus_grad", "x, g",
            squareplus_grad_default_kernel[float, double], squareplus_grad_default_kernel[float, float],
            squareplus_grad_default_kernel[double, double], squareplus_grad_default_kernel[double, fast_double])

doc = gradient_doc(
    "squareplus",
    formula=r"g \cdot f'(x), \qquad f'(x) = \frac{1}{2} \left(1 + \frac{x}{\sqrt{x^2 + b}}\right)",
    returns=r"""
    The gradient with respect to `x`. The slope is 1/2 at 0, 0 at -inf and 1 at inf; for b = 0 it is 0 at the kink
    0. NaN in `x` gives NaN.
    """,
    example=r"""
    >>> fastact.squareplus_grad(np.array([-1.5, 0.0, 1.5]), 1.0)
    array([0.2, 0.5, 0.8])
    """,
)
elementwise("squareplus_grad", "x, g; b=4.0",
            squareplus_grad_kernel[float, double], squareplus_grad_kernel[float, float],
            squareplus_grad_kernel[double, double], squareplus_grad_kernel[double, fast_double], doc)
