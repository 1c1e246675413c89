# softsign(x) = x / (1 + |x|)            softsign'(x) = 1 / (1 + |x|)^2
#
# The reciprocal 1 / (1 + |x|), to about one unit in the last place, gives the quotient and, with 1 + |x| = d + low, its
# correction. For float results in double a reciprocal in float suffices, 2^-23: a Newton step makes it 2^-46.

cdef inline item softsign_(item x, real* compute) noexcept nogil:
    cdef item most = 1e300 if item is double else 1e30  # inf / inf would be NaN
    cdef real a = magnitude(x, most), one = 1, d = one + a, r, q, v, low, rest
    cdef float unit = 1
    if item is float and real is double:
        r = unit / (unit + <float>a)
        q = a * r
        q = fma64(fma64(-q, d, a), r, q)
    elif real is fast_double:
        q = a / d
    else:
        v = d - a
        low = (a - (d - v)) + (one - v)
        r = one / d
        q = a * r
        if real is float:
            rest = fma32(-q, d, a)
        else:
            rest = exact_fma64(-q, d, a)
        q = q + r * (rest - q * low)
    return keep_nan(x, with_sign(<item>q, x))

cdef inline item softsign_grad_(item x, item g, real* compute) noexcept nogil:
    cdef real a = magnitude(x, <item>INFINITY), one = 1, d = one + a, r, v, low, rest
    if item is float and real is double:
        return keep_nan(x, <item>(g / (d * d)))
    elif real is fast_double:
        r = one / d
        return keep_nan(x, <item>(<real>g * r * r))  # r^2 might underflow
    else:
        v = d - a
        low = (a - (d - v)) + (one - v)
        r = one / d
        if real is float:
            rest = fma32(-r, d, one)
        else:
            rest = exact_fma64(-r, d, one)
        v = r + r * (rest - r * low)
        r = v if v == v else r  # at infinity
        return keep_nan(x, g * r * r)  # r^2 might underflow

cdef inline void softsign_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = softsign_(x0[i], compute)

cdef inline void softsign_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                      real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = softsign_grad_(x0[i], g[i], compute)

doc = function_doc(
    "Algebraic sigmoid between -1 and 1.",
    group="sigmoids",
    formula=r"f(x) = \frac{x}{1 + |x|}",
    returns=r"Between -1 and 1. NaN gives NaN, the sign of zero is kept, the limits are -1 and 1.",
    source=r"""
    Turian, J., Bergstra, J. and Bengio, Y. (2009). Quadratic features and deep architectures for chunking. NAACL.
    """,
    example=r"""
    >>> fastact.softsign(np.array([-1.0, 0.0, 3.0]))
    array([-0.5 ,  0.  ,  0.75])
    """,
    see_also=r"""
    softsign_grad : the gradient
    tanh : which saturates sooner
    """,
)
elementwise("softsign", "x",
            softsign_kernel[float, double], softsign_kernel[float, float],
            softsign_kernel[double, double], softsign_kernel[double, fast_double], doc)

doc = gradient_doc(
    "softsign",
    formula=r"g \cdot f'(x), \qquad f'(x) = \frac{1}{(1 + |x|)^2}",
    returns=r"""
    The gradient with respect to `x`. The slope is 1 at 0, its maximum, and 0 at -inf and inf; NaN in `x` gives NaN.
    """,
    example=r"""
    >>> fastact.softsign_grad(np.array([-1.0, 0.0, 3.0]), 1.0)
    array([0.25  , 1.    , 0.0625])
    """,
)
elementwise("softsign_grad", "x, g",
            softsign_grad_kernel[float, double], softsign_grad_kernel[float, float],
            softsign_grad_kernel[double, double], softsign_grad_kernel[double, fast_double], doc)
