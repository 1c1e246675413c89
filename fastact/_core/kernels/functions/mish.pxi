# mish(x) = x tanh(log(1 + e^x)), without log or tanh. With e = e^-|x|
#     x >= 0:  x (1 - z),      z = 2 e^2 / d,      d = 1 + 2 e + 2 e^2
#     x < 0:   x e (1 - z),    z = e (1 + e) / d,  d = 2 + 2 e + e^2
# mish'(x)
#     x >= 0:  1 - z + 4 x e^2 (1 + e) / d^2
#     x < 0:   (e k / 2) (2 + e - 2 |x| k (1 + e)),  k = 2 / d: a root at -1.1924
#
# For a float computed in double e^x = A / B, a quotient (exp_quotient), and with n = A (A + 2 B) on both sides
# mish = x n / (n + 2 B^2) and mish' = A ((A + 2 B) m + 4 x B^2 (A + B)) / m^2, m = n + 2 B^2.

# |mish(x)| by the first formula, size = |x|
cdef inline real mish_fast(real x, real size, item storage) noexcept nogil:
    cdef real zero = 0, one = 1, two = 2, scaled = exp_scaled(-size, zero, storage), e = unscale(scaled, storage)
    cdef real square = e * e, numerator = by_sign(x, square, e) + square
    cdef real z = numerator / (numerator + e + by_sign(x, e + one, two))
    size = size * by_sign(x, one, scaled)
    return multiply_add(-size, z, size) * by_sign(x, one, unscale(one, storage))


# the same by quotients, size = |x|
cdef inline double mish_exact(float x, double size) noexcept nogil:
    cdef double numerator, denominator, a, b, n
    numerator = exp_quotient(-size, x, &denominator)
    b = by_sign(<double>x, numerator, denominator)
    a = by_sign(<double>x, denominator, numerator)
    n = a * fma64(2.0, b, a)
    return size * n / fma64(2.0 * b, b, n)


# the same for double results: z and, for x < 0, |x| e are sums of two parts
cdef inline double mish_full(double x, double size) noexcept nogil:
    cdef double high, rest, scale = exp_in_parts(-size, 0.0, &high, &rest), e = high * (scale * TWO_M64), square = e * e
    cdef double numerator = by_sign(x, square, e) + square, inverse, z, product, low, left
    cdef double first = numerator + e, second = by_sign(x, e + 1.0, 2.0), d = first + second, d_low = d - first
    d_low = (first - (d - d_low)) + (second - d_low)
    inverse = 1.0 / d
    z = numerator * inverse
    z = fma64(exact_fma64(-z, d, numerator) - z * d_low, inverse, z)
    product = size * high
    low = fma64(size, rest, exact_fma64(size, high, -product))
    left = (product + fma64(-product, z, low)) * scale * TWO_M64
    return by_sign(x, fma64(-size, z, size), left)


cdef inline item mish_(item x, real* compute) noexcept nogil:
    cdef item bound = EXP_END_FULL if item is double else (EXP_ZERO_EXACT if real is double else X_EXP_ZERO_FAST)
    cdef item size = magnitude(x, bound), y
    if real in fast:
        y = <item>mish_fast(<real>x, <real>size, x)
    elif item is float:
        y = <item>mish_exact(x, size)
    else:
        y = mish_full(x, size)
    # x (1 - z) is rounded to x long before 100
    return keep_nan(x, x if x > 100 else with_sign(y, x))


# mish'(-a) for double results, where e^-a = (n + rest) scale 2^-64; the difference in brackets is in two parts
cdef inline double mish_left_slope(double a, double n, double rest, double scale) noexcept nogil:
    cdef double unit = scale * TWO_M64, e = n * unit, e_low = rest * unit
    cdef double d, d_low, k, k_low, m, m_low, s, v, y
    # d = 2 + 2 e + e^2 = 1 + (1 + e)^2
    m = 1.0 + e
    m_low = ((1.0 - m) + e) + e_low
    s = m * m
    v = exact_fma64(m, m, -s) + 2.0 * m * m_low
    d = 1.0 + s
    d_low = ((s - (d - 1.0)) + v)
    k = 2.0 / d
    k_low = (exact_fma64(-k, d, 2.0) - k * d_low) / d
    # s + v = 2 a k m
    y = k * m
    v = fma64(k, m_low, fma64(k_low, m, exact_fma64(k, m, -y)))
    s = 2.0 * a * y
    v = 2.0 * fma64(a, v, exact_fma64(a, y, -0.5 * s))
    # d + d_low = 2 + e - s
    m = 2.0 + e
    m_low = ((2.0 - m) + e) + e_low
    d = m - s
    y = d - m
    d_low = ((m - (d - y)) - (s + y)) + (m_low - v)
    y = 0.5 * n * k
    v = exact_fma64(0.5 * n, k, -y) + 0.5 * fma64(n, k_low, rest * k)
    s = y * d
    m = fma64(y, d_low, fma64(v, d, exact_fma64(y, d, -s)))
    return (s + m) * scale * TWO_M64


cdef inline item mish_grad_(item x, item g, real* compute) noexcept nogil:
    cdef item bound = EXP_END_FULL if item is double else (EXP_ZERO_EXACT if real is double else X_EXP_ZERO_FAST)
    cdef real a = magnitude(x, bound), zero = 0, one = 1, two = 2, four = 4, n, d, e, k, y, left, right
    cdef double scale, rest
    if real in fast:
        n = exp_scaled(-a, zero, x)
        e = unscale(n, x)
        d = e * e
        y = d + by_sign(<real>x, d, one) + multiply_add(two, e, one)
        k = one / y
        right = multiply_add(four * a * d, (one + e) * k * k, multiply_add(-two * d, k, one))
        left = n * multiply_add(-four * a * k, one + e, e + two)
        # 3/5 at -0, where k as a float64 is too large
        left = unscale(left / y if real is fast_double else left * k, x)
        y = by_sign(<real>x, right, left)
    elif item is float:
        n = exp_quotient(-a, x, &d)
        n = 0.0 if a >= EXP_ZERO_EXACT else n  # a limit of exactly 0 at -inf, for any g
        e = by_sign(x, n, d)
        d = by_sign(x, d, n)
        right = with_sign(a, <real>x)
        k = fma64(2.0, e, d)
        left = e * e
        y = fma64(d, k, 2.0 * left)
        y = d * fma64(k, y, 4.0 * right * left * (d + e)) / (y * y)
    else:
        scale = exp_in_parts(-a, zero, &n, &rest)
        left = mish_left_slope(a, n, rest, scale)
        e = n * (scale * TWO_M64)
        d = fma64(2.0 * e, e, fma64(2.0, e, 1.0))
        right = 1.0 + 2.0 * e * e * (fma64(2.0 * a, 1.0 + e, -d) / (d * d))
        y = right if x >= 0 else left
    return keep_nan(x, <item>(<real>g * y))

cdef inline void mish_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = mish_(x0[i], compute)

cdef inline void mish_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = mish_grad_(x0[i], g[i], compute)

doc = function_doc(
    "Self-regularised smooth rectifier: the input weighted by tanh of its softplus.",
    group="self-gated",
    formula=r"f(x) = x \tanh(\log(1 + e^x))",
    returns=r"""
    The minimum is -0.3088 at -1.1924. The limits are -0 and inf, -0 stays -0, NaN gives NaN; the left tail keeps
    its relative accuracy down to the last subnormal number.
    """,
    source=r"Misra, D. (2020). Mish: a self regularized non-monotonic activation function. BMVC.",
    example=r"""
    >>> fastact.mish(np.array([-1000.0, 0.0, 2.0]))
    array([-0.        ,  0.        ,  1.94395896])
    """,
    see_also=r"""
    mish_grad : the gradient
    silu : weighted by a sigmoid
    """,
)
elementwise("mish", "x",
            mish_kernel[float, double], mish_kernel[float, float], mish_kernel[double, double],
            mish_kernel[double, fast_double], doc)

doc = gradient_doc(
    "mish",
    formula=r"g \cdot f'(x), \qquad f'(x) = t + x \sigma(x) (1 - t^2), \quad t = \tanh(\log(1 + e^x))",
    returns=r"""
    The gradient with respect to `x`. The slope is 0.6 at 0, 0 at -1.1924, -0 at -inf and 1 at inf; NaN in `x` gives
    NaN.
    """,
    example=r"""
    >>> fastact.mish_grad(np.array([0.0, 2.0]), 1.0)
    array([0.6       , 1.06931793])
    """,
)
elementwise("mish_grad", "x, g",
            mish_grad_kernel[float, double], mish_grad_kernel[float, float],
            mish_grad_kernel[double, double], mish_grad_kernel[double, fast_double], doc)
