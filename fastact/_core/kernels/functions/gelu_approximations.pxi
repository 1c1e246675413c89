# gelu_tanh(x) = x (1 + tanh(u / 2)) / 2 = x s(u), s the sigmoid, u = x (k + c x^2), k = 2 sqrt(2 / pi), c = 0.044715 k
# gelu_quick(x) = x s(1.702 x)
#
# Both have the form of silu. With a = |u| and w = |x u'(x)| = |x| (k + 3 c x^2) the slopes are 1 - h for x >= 0, h for
# x < 0, where h = e^-a (1 - w + e^-a) / (1 + e^-a)^2. In float, and for double results, u is a sum of two parts.

# u at a = |x| as a sum of two parts
cdef inline real cubic_in_parts(real a, real* low) noexcept nogil:
    cdef real k, k_low, c, c_low, h, h_low, p, s, rest, u
    if real is float:
        k, k_low, c, c_low = <float>1.59576917, <float>-4.53406805e-08, <float>0.0713548139, <float>2.39883247e-09
    else:
        k, k_low, c, c_low = 1.5957691216057308, -9.96930880911092e-17, 0.07135481627260025, -6.175149918155315e-19
    h = a * a
    p = h * c
    s = k + p
    u = a * s
    rest = s - k
    rest = (k - (s - rest)) + (p - rest)
    if real is float:
        h_low = fma32(a, a, -h)
        rest = rest + fma32(h, c_low, fma32(h_low, c, fma32(h, c, -p) + k_low))
        low[0] = fma32(a, rest, fma32(a, s, -u))
    else:
        h_low = exact_fma64(a, a, -h)
        rest = rest + fma64(h, c_low, fma64(h_low, c, exact_fma64(h, c, -p) + k_low))
        low[0] = fma64(a, rest, exact_fma64(a, s, -u))
    return u


cdef inline real cubic_exponent(real a, real* low, item storage) noexcept nogil:
    if item is float and real is double:
        low[0] = 0
        return a * fma64(a * a, 0.07135481627260025, 1.5957691216057308)
    else:
        return cubic_in_parts(a, low)


cdef inline real gelu_tanh_size(item x, real* compute) noexcept nogil:
    # from here on e^-u, times x, is 0 as a result, or as a factor of one
    cdef item bound = 21.59 if item is double else (14 if real is double else 11), small = magnitude(x, bound)
    cdef item tie = TWO_M49, a = small
    cdef real low, u
    if item is float:
        a = at_least(small, tie)  # as in silu_size
    u = cubic_exponent(<real>a, &low, x)
    a = with_sign(x, <item>1) if x >= 0 else small
    return swish_core(<real>a, <real>x, u, -low, <real>TWO_M64, x)


cdef inline item gelu_tanh_(item x, real* compute) noexcept nogil:
    return keep_nan(x, with_sign(<item>gelu_tanh_size(x, compute), x))

cdef inline real gelu_tanh_value(item x, real* compute) noexcept nogil:
    return with_sign(gelu_tanh_size(x, compute), <real>x)


cdef inline real gelu_tanh_slope(item x, real* compute) noexcept nogil:
    # from here on e^-u is 0 as a result, or as a factor of one
    cdef item bound = 21.595 if item is double else (14 if real is double else 11)
    cdef real c = 0.07135481627260025, negative_zero = -0.0, v, w, rest, low
    cdef real a = magnitude(x, bound), u = cubic_exponent(a, &low, x)
    v = c * (a * a)
    v = (v + v) * a
    w = u + v
    rest = w - u
    rest = ((u - (w - rest)) + (v - rest)) + low
    v = silu_slope(<real>x, u, -low, w, rest, x)
    return negative_zero if x <= -bound else v


cdef inline item gelu_tanh_grad_(item x, item g, real* compute) noexcept nogil:
    return keep_nan(x, <item>(<real>g * gelu_tanh_slope(x, compute)))


# 1.702 |x|, at most `most`, with its rounding error
cdef inline real quick_exponent(real a, real most, real* low, item storage) noexcept nogil:
    cdef real k = 1.702, k_low, p = a * k, zero = 0
    if real is float:
        k_low = -2.19345093e-08
        low[0] = fma32(a, k_low, fma32(a, k, -p))
    else:
        k_low = 4.263256414560601e-17
        low[0] = fma64(a, k_low, exact_fma64(a, k, -p)) if item is double else zero
    low[0] = low[0] if p < most else zero
    return magnitude(p, most)


cdef inline item gelu_quick_(item x, real* compute) noexcept nogil:
    # from here on e^(-1.702 |x|), times x, is 0 as a result
    cdef item bound = 446 if item is double else 66, small = magnitude(x, bound), tie = TWO_M49
    cdef item a = small
    cdef real most = EXP_END_FULL, down = TWO_M64, low, p
    if item is float:
        a = at_least(small, tie)  # as in silu_size
    p = quick_exponent(<real>a, most, &low, x)
    a = with_sign(x, <item>1) if x >= 0 else small
    return keep_nan(x, with_sign(<item>swish_core(<real>a, <real>x, p, -low, down, x), x))


cdef inline item gelu_quick_grad_(item x, item g, real* compute) noexcept nogil:
    cdef item bound = 1e300 if item is double else 1e30
    cdef real most = exp_end(x, compute), low, p
    p = quick_exponent(<real>magnitude(x, bound), most, &low, x)
    return keep_nan(x, <item>(<real>g * silu_slope(<real>x, p, -low, p, low, x)))

cdef inline void gelu_tanh_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = gelu_tanh_(x0[i], compute)

cdef inline void gelu_tanh_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                       real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = gelu_tanh_grad_(x0[i], g[i], compute)

cdef inline void gelu_quick_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = gelu_quick_(x0[i], compute)

cdef inline void gelu_quick_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                        real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = gelu_quick_grad_(x0[i], g[i], compute)

doc = function_doc(
    "Approximation of gelu by tanh, as many language models were trained with.",
    group="self-gated",
    formula=r"f(x) = \frac{x}{2} \left(1 + \tanh\left(\sqrt{2 / \pi} \, (x + 0.044715 x^3)\right)\right)",
    returns=r"""
    The minimum is -0.1700 at -0.7525. The limits are -0 and inf, -0 stays -0, NaN gives NaN; the left tail keeps
    its relative accuracy down to the last subnormal number.
    """,
    source=r"Hendrycks, D. and Gimpel, K. (2016). Gaussian error linear units (GELUs). arXiv:1606.08415.",
    example=r"""
    >>> fastact.gelu_tanh(np.array([-3.0, 0.0, 3.0]))
    array([-0.00363739,  0.        ,  2.99636261])
    """,
    see_also=r"""
    gelu_tanh_grad : the gradient
    gelu : what it approximates, to 5e-4
    """,
)
elementwise("gelu_tanh", "x",
            gelu_tanh_kernel[float, double], gelu_tanh_kernel[float, float],
            gelu_tanh_kernel[double, double], gelu_tanh_kernel[double, fast_double], doc)

doc = gradient_doc(
    "gelu_tanh",
    formula=r"""
    g \cdot f'(x), \qquad f'(x) = s + x u'(x) s (1 - s), \quad s = \sigma(u), \ u = \sqrt{8 / \pi} \, (x + 0.044715
    x^3)
    """,
    returns=r"""
    The gradient with respect to `x`: the derivative of the approximation. The slope is 1/2 at 0, 0 at -0.7525, -0
    at -inf and 1 at inf; NaN in `x` gives NaN.
    """,
    example=r"""
    >>> fastact.gelu_tanh_grad(np.array([0.0, 2.0]), 1.0)
    array([0.5       , 1.08609926])
    """,
)
elementwise("gelu_tanh_grad", "x, g",
            gelu_tanh_grad_kernel[float, double], gelu_tanh_grad_kernel[float, float],
            gelu_tanh_grad_kernel[double, double], gelu_tanh_grad_kernel[double, fast_double], doc)

doc = function_doc(
    "Approximation of gelu by one sigmoid.",
    group="self-gated",
    formula=r"f(x) = \frac{x}{1 + e^{-1.702 x}}",
    returns=r"""
    The minimum is -0.1636 at -0.7511. The limits are -0 and inf, -0 stays -0, NaN gives NaN; the left tail keeps
    its relative accuracy down to the last subnormal number.
    """,
    source=r"Hendrycks, D. and Gimpel, K. (2016). Gaussian error linear units (GELUs). arXiv:1606.08415.",
    example=r"""
    >>> fastact.gelu_quick(np.array([-3.0, 0.0, 3.0]))
    array([-0.01807131,  0.        ,  2.98192869])
    """,
    see_also=r"""
    gelu_quick_grad : the gradient
    gelu : what it approximates, to 0.02
    swish : with any sharpness
    """,
)
elementwise("gelu_quick", "x",
            gelu_quick_kernel[float, double], gelu_quick_kernel[float, float],
            gelu_quick_kernel[double, double], gelu_quick_kernel[double, fast_double], doc)

doc = gradient_doc(
    "gelu_quick",
    formula=r"g \cdot f'(x), \qquad f'(x) = s (1 + p (1 - s)), \quad s = \sigma(p), \ p = 1.702 x",
    returns=r"""
    The gradient with respect to `x`. The slope is 1/2 at 0, 0 at -0.7511, -0 at -inf and 1 at inf; NaN in `x` gives
    NaN.
    """,
    example=r"""
    >>> fastact.gelu_quick_grad(np.array([0.0, 2.0]), 1.0)
    array([0.5       , 1.07381535])
    """,
)
elementwise("gelu_quick_grad", "x, g",
            gelu_quick_grad_kernel[float, double], gelu_quick_grad_kernel[float, float],
            gelu_quick_grad_kernel[double, double], gelu_quick_grad_kernel[double, fast_double], doc)
