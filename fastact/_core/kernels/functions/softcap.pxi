# softcap(x, cap) = cap tanh(p), p = x / cap             softcap' = 1 - tanh(p)^2 = 4 sigmoid'(2 p)
#
# Where p is small the result is x, also for an infinite cap. For double results the rounding error of p, times the
# slope, is added to tanh; in the gradient it is added to the exponent, as in softplus.pxi.

# |x / cap|, at most `most`, and 0 for inf / inf; `low` is its rounding error
cdef inline real cap_ratio(real x, real cap, real most, real* low) noexcept nogil:
    cdef real p = x / cap, error, zero = 0
    p = p if p == p else zero  # inf / inf
    if real is float:
        error = fma32(-p, cap, x) / cap
    else:
        error = exact_fma64(-p, cap, x) / cap
    error = -error if p < 0 else error
    p = magnitude(p, most)
    low[0] = error if p < most and error == error else zero
    return p


cdef inline item softcap_(item x, item cap, real* compute) noexcept nogil:
    # as in tanh_
    cdef real most = 20 if item is double else (10 if real is float else 9.02), low, a, t, y
    # below it tanh(p) is p to the last bit
    cdef real least = 1e-9 if item is double else (1e-4 if real is float else 1e-7)
    cdef double rest
    if real in fast or item is float:
        a = cap_ratio(<real>x, <real>cap, most, &low)
        y = cap * tanh_core(a, x)
    else:
        a = cap_ratio(x, cap, most, &low)
        t = tanh_in_parts(a, &rest)
        rest = rest - low * fma64(-t, t, 1.0)
        y = cap * t
        low = y + fma64(cap, rest, exact_fma64(cap, t, -y))
        y = low if low == low else y
    return keep_nan(x, keep_nan(cap, x if a < least else with_sign(<item>y, x)))


cdef inline item softcap_grad_(item x, item g, item cap, real* compute) noexcept nogil:
    cdef real most = tanh_slope_end(x, compute)
    cdef real low, a = cap_ratio(<real>x, <real>cap, most, &low), four = 4
    return keep_nan(x, keep_nan(cap, <item>(<real>g * sigmoid_slope(a + a, -(low + low), four, x))))

cdef inline void softcap_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* cap = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = softcap_(x0[i], cap[i], compute)

cdef inline void softcap_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                     real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef const item* cap = x[2]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = softcap_grad_(x0[i], g[i], cap[i], compute)

doc = function_doc(
    "Soft bound of the absolute value: linear near 0, never beyond `cap`.",
    group="sigmoids",
    formula=r"f(x) = c \tanh(x / c)",
    returns=r"""
    The broadcast shape of the arguments. The sign of zero is kept, the limits are -abs(cap) and abs(cap), an
    infinite cap gives x; NaN in `x` gives NaN.
    """,
    source=r"Gemma Team (2024). Gemma 2: improving open language models at a practical size. arXiv:2408.00118.",
    example=r"""
    >>> fastact.softcap(np.array([-1000.0, 1.0, 60.0]), 30.0)
    array([-30.        ,   0.99962979,  28.9208274 ])
    """,
    parameters=r"""
    cap : array_like
        Bound of the absolute value, broadcast against `x`.
    """,
    see_also=r"""
    softcap_grad : the gradient with respect to `x`
    tanh : with the bound 1
    """,
)
elementwise("softcap", "x; cap",
            softcap_kernel[float, double], softcap_kernel[float, float], softcap_kernel[double, double],
            softcap_kernel[double, fast_double], doc)

doc = gradient_doc(
    "softcap",
    formula=r"g \cdot f'(x), \qquad f'(x) = 1 - \tanh^2(x / c)",
    returns=r"The gradient with respect to `x`. The slope is 1 at 0, 0 at -inf and inf; NaN in `x` gives NaN.",
    example=r"""
    >>> fastact.softcap_grad(np.array([0.0, 30.0]), 1.0, 30.0)
    array([1.        , 0.41997434])
    """,
)
elementwise("softcap_grad", "x, g; cap",
            softcap_grad_kernel[float, double], softcap_grad_kernel[float, float],
            softcap_grad_kernel[double, double], softcap_grad_kernel[double, fast_double], doc)
