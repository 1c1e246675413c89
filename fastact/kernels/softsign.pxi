# softsign(x) = x / (1 + |x|)            softsign'(x) = 1 / (1 + |x|)^2
#
# Float lanes are double here in both precisions: exact costs no more than a division of floats.

cdef inline item softsign_(item x, real* lanes) noexcept nogil:
    cdef item most = 1e300 if item is double else 1e30  # inf / inf would be NaN
    cdef double a = magnitude(x, most), d = 1.0 + a, low, q, v  # 1 + |x| = d + low for double results
    if item is float:
        return keep_nan(x, with_sign(<item>(a / d), x))
    else:
        v = d - a
        low = (a - (d - v)) + (1.0 - v)
        q = a / d
        q = q + (exact_fma64(-q, d, a) - q * low) / d
        return keep_nan(x, with_sign(q, x))

cdef inline item softsign_grad_(item x, item g, real* lanes) noexcept nogil:
    cdef double a = magnitude(x, <item>INFINITY), d = 1.0 + a, low, r, v
    if item is float:
        return keep_nan(x, <item>(g / (d * d)))
    else:
        v = d - a
        low = (a - (d - v)) + (1.0 - v)
        r = 1.0 / d
        v = r + r * (exact_fma64(-r, d, 1.0) - r * low)
        r = v if v == v else r  # at infinity
        return keep_nan(x, g * (r * r))

cdef inline void softsign_kernel(const item** x, item** y, Py_ssize_t n, real* lanes) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(n):
        y0[i] = softsign_(x0[i], lanes)

cdef inline void softsign_grad_kernel(const item** x, item** y, Py_ssize_t n, real* lanes) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(n):
        y0[i] = softsign_grad_(x0[i], g[i], lanes)

elementwise("softsign", 1, 1, softsign_kernel[float, double], softsign_kernel[float, float],
            softsign_kernel[double, double], function_doc(
    "Algebraic sigmoid between -1 and 1.",
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
))

elementwise("softsign_grad", 2, 1, softsign_grad_kernel[float, double], softsign_grad_kernel[float, float],
            softsign_grad_kernel[double, double], gradient_doc(
    "softsign",
    formula=r"g \cdot f'(x), \qquad f'(x) = \frac{1}{(1 + |x|)^2}",
    returns=r"""
    The gradient by `x`. The slope is 1 at 0, its maximum, and 0 at -inf and inf; NaN in `x` gives NaN.
    """,
    source=r"""
    Turian, J., Bergstra, J. and Bengio, Y. (2009). Quadratic features and deep architectures for chunking. NAACL.
    """,
    example=r"""
    >>> fastact.softsign_grad(np.array([-1.0, 0.0, 3.0]), 1.0)
    array([0.25  , 1.    , 0.0625])
    """,
))
