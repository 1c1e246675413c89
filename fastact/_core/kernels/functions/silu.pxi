# silu(x) = x s(x), s the sigmoid         silu'(x) = 1 - h(|x|) for x >= 0, h(|x|) for x < 0
# swish(x, beta) = x s(p), p = beta x     swish'(x) = silu'(p)
#                                         h(a) = e (1 - a + e) / (1 + e)^2,  e = e^-a
#
# With e^-a = N / D as in sigmoid.pxi both sides are one quotient: x D / (N + D) for p >= 0, x N / (N + D) for p < 0.
# For p < 0 the result is multiplied by x before it is scaled down, so that a subnormal tail keeps its bits. h has a
# root at a = 1.278...; for double results 1 - a + e and e are sums of two parts, so h is accurate there.

# size s(p) for double results as a sum of two parts, to be multiplied by scale 2^-64; a and low as below
cdef inline double swish_in_parts(double size, double p, double a, double low, double* rest,
                                  double* scale) noexcept nogil:
    cdef double s_low, inverse, s = sigmoid_quotient(p, a, low, &s_low, &inverse, scale), y = size * s, y_low, high
    y_low = fma64(size, s_low * inverse, exact_fma64(size, s, -y))
    high = y + y_low
    high = high if high == high else y  # at infinity
    rest[0] = (y - high) + y_low
    return high


# |x| s(p) given size = |x|, a = |p| and the exponent -a + low. For p < 0 the result is size times down: 2^-64, unless
# the caller has already multiplied size by that.
cdef inline real swish_core(real size, real p, real a, real low, real down, item storage) noexcept nogil:
    cdef real n, d, one = 1
    cdef double scale, rest, inverse, q
    if real in fast:
        n = exp_scaled(-a, low, storage)
        d = one + unscale(n, storage)
        n = size * n * down
        return (size if p >= 0 else n) / d
    elif item is float:
        n = exp_quotient(-a, storage, &d)
        n = 0.0 if a >= EXP_ZERO_EXACT else n  # a limit of exactly 0 at -inf, for any factor
        return size * (d if p >= 0 else n) / (n + d)
    else:
        q = sigmoid_quotient(p, a, low, &rest, &inverse, &scale)
        q = product_plus(size, q, magnitude(size, 1e300) * rest * inverse)  # for inf too
        return q * by_sign(p, 1.0, scale) * by_sign(p, 1.0, down)


# 1 - h for p >= 0, h for p < 0, where h = e (1 - w - w_low + e) / (1 + e)^2, -a + low the exponent of e; silu' if
# w = a = |p|
cdef inline real silu_slope(real p, real a, real low, real w, real w_low, item storage) noexcept nogil:
    cdef real n, d, s, h, one = 1
    cdef double scale, unit, rest, e, e_low, square, square_low, inverse, b, b_low, v, q
    if real in fast:
        n = exp_scaled(-a, low, storage)
        s = unscale(n, storage)
        d = one + s
        h = unscale(n * ((one - w) + s) / (d * d), storage)
    elif item is float:
        n = exp_quotient(-a, storage, &d)
        n = 0.0 if a >= EXP_ZERO_EXACT else n  # a limit of exactly 0 at -inf, for any g
        s = n + d
        h = n * fma64(d, 1.0 - w, n) / (s * s)
    else:
        scale = exp_in_parts(-a, low, &n, &rest)
        unit = scale * TWO_M64
        e = n * unit
        e_low = rest * unit
        d = 1.0 + e
        square = d * d
        square_low = exact_fma64(d, d, -square) + 2.0 * d * (((1.0 - d) + e) + e_low)
        inverse = 1.0 / square
        # b + b_low = 1 - w + e
        q = 1.0 - w
        v = q - 1.0
        b_low = ((1.0 - (q - v)) + (-w - v)) - w_low
        b = q + e
        v = b - q
        b_low = b_low + ((q - (b - v)) + (e - v)) + e_low
        v = n * b
        rest = fma64(n, b_low, fma64(rest, b, exact_fma64(n, b, -v)))
        q = v * inverse
        q = fma64(exact_fma64(-q, square, v) + fma64(-q, square_low, rest), inverse, q)
        h = q * scale * TWO_M64
    d = one - h
    return d if p >= 0 else h


# |silu(x)|, not yet rounded; does not propagate NaN
cdef inline real silu_size(item x, real* compute) noexcept nogil:
    cdef item bound = X_EXP_ZERO_FULL if item is double else (EXP_ZERO_EXACT if real is double else X_EXP_ZERO_FAST)
    cdef item small = magnitude(x, bound)
    cdef item tie = TWO_M49
    # For tiny x, x / 2 can be halfway between two subnormal floats; the next term, x^2 / 4, decides, but is below
    # double precision. An exponent of at least 2^-49 makes it visible.
    cdef item a = small
    if item is float:
        a = at_least(small, tie)
    cdef item size = with_sign(x, <item>1) if x >= 0 else small
    return swish_core(<real>size, <real>x, <real>a, <real>0, <real>TWO_M64, x)

cdef inline item silu_(item x, real* compute) noexcept nogil:
    return keep_nan(x, with_sign(<item>silu_size(x, compute), x))

# silu'(x), not yet rounded; does not propagate NaN
cdef inline real silu_slope_at(item x, real* compute) noexcept nogil:
    cdef item bound = exp_end(x, compute)
    cdef real zero = 0, a = magnitude(x, bound)
    return silu_slope(<real>x, a, zero, a, zero, x)

cdef inline item silu_grad_(item x, item g, real* compute) noexcept nogil:
    return keep_nan(x, <item>(<real>g * silu_slope_at(x, compute)))


# x s(p), the general form, with the rounding error of p; |x| is made finite for p < 0, where inf times 0 would be NaN
cdef inline item swish_(item x, item beta, real* compute) noexcept nogil:
    cdef item most = DBL_MAX if item is double else FLT_MAX
    cdef real zero = 0, tie = TWO_M49, down = TWO_M64, bound = exp_end(x, compute)
    cdef real b = beta, p, low, size, a
    cdef bint large
    p = <real>x * b
    low = exponent_low(x, beta, p)
    p = p if b != 0 else zero
    a = magnitude(p, bound)
    if item is float and real is double:
        a = tie if a < tie and b != 0 else a
    size = with_sign(x, <item>1) if p >= 0 else magnitude(x, most)
    if item is float and real is double:
        size = swish_core(size, p, a, low, down, x)
    else:
        # size 2^64 must not overflow
        large = p < 0 and size > 1
        size = swish_core(size * down if large else size, p, a, low, 1 if large else down, x)
        size = zero if p <= -bound else size
    return keep_nan(x, with_sign(<item>keep_nan(p, size), x))

cdef inline item swish_grad_(item x, item g, item beta, real* compute) noexcept nogil:
    cdef real zero = 0, b = beta, bound = exp_end(x, compute), p, low, a, h
    p = <real>x * b
    low = exponent_low(x, beta, p)
    p = p if b != 0 else zero
    a = magnitude(p, bound)
    h = silu_slope(p, a, low, a, -low, x)
    return keep_nan(x, <item>(<real>g * keep_nan(p, h)))

cdef inline void silu_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = silu_(x0[i], compute)

cdef inline void silu_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = silu_grad_(x0[i], g[i], compute)

cdef inline void swish_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* beta = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = swish_(x0[i], beta[i], compute)

cdef inline void swish_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef const item* beta = x[2]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = swish_grad_(x0[i], g[i], beta[i], compute)

doc = function_doc(
    "Sigmoid linear unit: the input weighted by its own sigmoid.",
    group="self-gated",
    formula=r"f(x) = \frac{x}{1 + e^{-x}}",
    returns=r"""
    The minimum is -0.2785 at -1.2785. The limits are -0 and inf, -0 stays -0, NaN gives NaN; the left tail
    keeps its relative accuracy down to the last subnormal number.
    """,
    source=r"""
    Elfwing, S., Uchibe, E. and Doya, K. (2018). Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning. Neural Networks 107.
    """,
    example=r"""
    >>> fastact.silu(np.array([-1000.0, 0.0, 2.0]))
    array([-0.        ,  0.        ,  1.76159416])
    """,
    see_also=r"""
    silu_grad : the gradient
    swish : with a sharpness beta
    """,
)
elementwise("silu", "x",
            silu_kernel[float, double], silu_kernel[float, float], silu_kernel[double, double],
            silu_kernel[double, fast_double], doc)

doc = gradient_doc(
    "silu",
    formula=r"g \cdot f'(x), \qquad f'(x) = \sigma(x) (1 + x \sigma(-x))",
    returns=r"""
    The gradient with respect to `x`. The slope is 1/2 at 0, 0 at -1.2785, -0 at -inf and 1 at inf; NaN in `x` gives
    NaN.
    """,
    example=r"""
    >>> fastact.silu_grad(np.array([0.0, 2.0]), 1.0)
    array([0.5       , 1.09078425])
    """,
)
elementwise("silu_grad", "x, g",
            silu_grad_kernel[float, double], silu_grad_kernel[float, float],
            silu_grad_kernel[double, double], silu_grad_kernel[double, fast_double], doc)

at_defaults("swish", "x", silu_kernel[float, double], silu_kernel[float, float], silu_kernel[double, double],
            silu_kernel[double, fast_double])

doc = function_doc(
    "The input weighted by the sigmoid of a multiple of itself.",
    group="self-gated",
    formula=r"f(x) = \frac{x}{1 + e^{-\beta x}}",
    returns=r"""
    The broadcast shape of the arguments. For beta > 0 the limits are -0 and inf, for beta < 0 they are -inf and
    0; for beta = 0 the result is x / 2. NaN in `x` gives NaN. With abs(beta) below 0.001 the left tail ends in 0 early:
    where beta x < -752, for float32 in precision "fast" where beta x < -130.
    """,
    source=r"""
    Ramachandran, P., Zoph, B. and Le, Q. V. (2017). Searching for activation functions. arXiv:1710.05941.
    """,
    example=r"""
    >>> fastact.swish(np.array([-1.0, 2.0]), 0.0)
    array([-0.5,  1. ])
    """,
    parameters=r"""
    beta : array_like, default 1.0
        Sharpness: 0 gives x / 2, large values approach relu.
    """,
    see_also=r"""
    swish_grad : the gradient
    silu : with beta = 1
    """,
)
elementwise("swish", "x; beta=1.0",
            swish_kernel[float, double], swish_kernel[float, float], swish_kernel[double, double],
            swish_kernel[double, fast_double], doc)
at_defaults("swish_grad", "x, g",
            silu_grad_kernel[float, double], silu_grad_kernel[float, float], silu_grad_kernel[double, double],
            silu_grad_kernel[double, fast_double])

doc = gradient_doc(
    "swish",
    formula=r"g \cdot f'(x), \qquad f'(x) = \sigma(\beta x) (1 + \beta x \sigma(-\beta x))",
    returns=r"""
    The gradient with respect to `x`. The slope is 1/2 at 0; for beta > 0 it is -0 at -inf and 1 at inf, for beta =
    0 it is 1/2 throughout. NaN in `x` gives NaN.
    """,
    example=r"""
    >>> fastact.swish_grad(np.array([0.0, 2.0]), 1.0, 0.0)
    array([0.5, 0.5])
    """,
)
elementwise("swish_grad", "x, g; beta=1.0",
            swish_grad_kernel[float, double], swish_grad_kernel[float, float],
            swish_grad_kernel[double, double], swish_grad_kernel[double, fast_double], doc)
