# tanh(x) = (e^x - e^-x) / (e^x + e^-x)  tanh'(x) = 4 e / (1 + e)^2,  e = e^-2|x|
#
# For a float computed in double: a P/Q in a^2, a = |x|, of type (6, 6) on [0, 9.02]: 2^-43, without an exponential.
# Otherwise -m / (2 + m) with m = e^-2a - 1, which keeps the relative accuracy near 0.
# The derivative is 4 sigmoid'(2x): no cancellation anywhere.

# -tanh(a) = the result + rest for double results: m and the denominator are sums of two parts
cdef inline double tanh_in_parts(double a, double* rest) noexcept nogil:
    cdef double m_low, m = expm1_in_parts(-2.0 * a, 0.0, 1.0, &m_low)
    cdef double d = 2.0 + m, d_low = ((2.0 - d) + m) + m_low
    cdef double inverse = 1.0 / d, q = m * inverse
    rest[0] = (exact_fma64(-q, d, m) + fma64(-q, d_low, m_low)) * inverse
    return q


# |tanh|, a = |x| up to where it rounds to 1
cdef inline real tanh_core(real a, item storage) noexcept nogil:
    cdef real p, q, two = 2
    cdef double rest
    if real in fast:
        p = expm1_core(-two * a)
        return p / (two - p)
    elif item is float:
        p = paired6(a * a, 7.0453518608405947e-14, 3.7580252397198579e-10, 2.737222448526288e-07, 6.134627155811892e-05,
                    0.0050643387197388135, 0.14558811284743356, 0.99999999999999833)
        q = paired6(a * a, 7.4413354188411767e-12, 1.2043372766741654e-08, 4.6643975933659053e-06,
                    0.00063056989774314142, 0.031371487446845071, 0.47892144618070998, 1.0)
        return a * p / q
    else:
        p = tanh_in_parts(a, &rest)
        return p + rest


# the bound of |x| from which on the slope is 0: about half of exp_zero
cdef inline item tanh_slope_end(item storage, real* compute) noexcept nogil:
    return 375 if item is double else (100 if real is double else 53)


cdef inline item tanh_(item x, real* compute) noexcept nogil:
    # |tanh| is rounded to 1 from here on; for a float computed in double the interval of the rational ends here
    cdef item bound = 20 if item is double else (9.02 if real is double else 10)
    return keep_nan(x, with_sign(<item>tanh_core(<real>magnitude(x, bound), x), x))

cdef inline item tanh_grad_(item x, item g, real* compute) noexcept nogil:
    cdef real a = magnitude(x, tanh_slope_end(x, compute))
    return keep_nan(x, <item>(<real>g * sigmoid_slope(a + a, <real>0, <real>4, x)))

cdef inline void tanh_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = tanh_(x0[i], compute)

cdef inline void tanh_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = tanh_grad_(x0[i], g[i], compute)

doc = function_doc(
    "Hyperbolic tangent.",
    group="sigmoids",
    formula=r"f(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}}",
    returns=r"""
    Same shape as `x`, between -1 and 1. NaN gives NaN, the sign of zero is kept, the limits are -1 and 1.
    """,
    source=r"LeCun, Y., Bottou, L., Orr, G. B. and Mueller, K.-R. (1998). Efficient BackProp.",
    example=r"""
    >>> fastact.tanh(np.array([-1000.0, 0.0, 1.0]))
    array([-1.        ,  0.        ,  0.76159416])
    """,
    see_also=r"""
    tanh_grad : the gradient
    sigmoid : (1 + tanh(x / 2)) / 2
    """,
)
elementwise("tanh", "x",
            tanh_kernel[float, double], tanh_kernel[float, float], tanh_kernel[double, double],
            tanh_kernel[double, fast_double], doc)

doc = gradient_doc(
    "tanh",
    formula=r"g \cdot f'(x), \qquad f'(x) = 1 - \tanh^2 x = \frac{4 e^{-2|x|}}{(1 + e^{-2|x|})^2}",
    returns=r"""
    The gradient with respect to `x`. The slope is 1 at 0, its maximum, and 0 at -inf and inf; it keeps its relative
    accuracy where tanh is so near 1 that 1 - tanh(x)**2 is 0. NaN in `x` gives NaN.
    """,
    example=r"""
    >>> fastact.tanh_grad(np.array([0.0, 3.0]), 1.0)
    array([1.        , 0.00986604])
    """,
)
elementwise("tanh_grad", "x, g",
            tanh_grad_kernel[float, double], tanh_grad_kernel[float, float],
            tanh_grad_kernel[double, double], tanh_grad_kernel[double, fast_double], doc)


# ---- from the output

cdef inline item tanh_grad_from_output_(item y, item g, real* compute) noexcept nogil:
    cdef real one = 1, t = y
    return <item>(<real>g * ((one - t) * (one + t)))

cdef inline void tanh_grad_from_output_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                              real* compute) noexcept nogil:
    cdef const item* output = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = tanh_grad_from_output_(output[i], g[i], compute)

doc = output_gradient_doc(
    "tanh",
    formula=r"g \cdot (1 - y) (1 + y)",
    returns=r"""
    The gradient with respect to the input of `tanh`. NaN gives NaN. Where `y` was rounded to 1 the slope is 0;
    `tanh_grad` keeps it.
    """,
    source=r"LeCun, Y., Bottou, L., Orr, G. B. and Mueller, K.-R. (1998). Efficient backprop. Springer.",
    example=r"""
    >>> fastact.tanh_grad_from_output(fastact.tanh(np.array([0.0, 3.0])), 1.0)
    array([1.        , 0.00986604])
    """,
)
elementwise("tanh_grad_from_output", "y, g",
            tanh_grad_from_output_kernel[float, double], tanh_grad_from_output_kernel[float, float],
            tanh_grad_from_output_kernel[double, double], tanh_grad_from_output_kernel[double, fast_double], doc)
