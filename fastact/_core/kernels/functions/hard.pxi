# hard_tanh(x, l, h) = min(max(x, l), h)             slope 1 for l < x < h, 0 outside and at both ends
# hard_swish(x) = x clip(x + 3, 0, 6) / 6            slope 0 for x <= -3, 1 for x >= 3, else (2 x + 3) / 6
#
# 1/6 is a sum of two positive numbers: a product with it is the quotient by 6, rounded once; ties stay ties and inf
# stays inf.

# (a + low) / 6; the low part counts for double results only
cdef inline real sixth(real a, real low) noexcept nogil:
    cdef real high = 0.16666666666666666, rest, q
    if real is float:
        high, rest = 0.16666665, 9.934107e-09
        return fma32(a, high, fma32(a, rest, low * high))
    else:
        rest = 9.25185853854297e-18
        if FMA:
            return fma64(a, high, fma64(a, rest, low * high))
        q = a / 6.0
        return q + (exact_fma64(-q, 6.0, a) + low) / 6.0

cdef inline item hard_tanh_(item x, item min_val, item max_val, real* compute) noexcept nogil:
    cdef item y = min_val if x < min_val else x
    return max_val if y > max_val else y

cdef inline item hard_tanh_grad_(item x, item g, item min_val, item max_val, real* compute) noexcept nogil:
    g = <item>0 if x <= min_val else g
    return keep_nan(x, <item>0 if x >= max_val else g)

cdef inline item hard_swish_(item x, real* compute) noexcept nogil:
    cdef item least = -3, tie = TWO_M49, c = least if x < least else x
    cdef real a = c, three = 3, s, p, low = 0
    if item is float and real is double:
        # a second factor with |x| >= 2^-49, for the reason given in silu_size
        s = a * (<double>with_sign(at_least(with_sign(c, <item>1), tie), c) + 3.0)
    elif real in fast:
        s = a * (a + three)
    else:
        # with the rounding errors of the sum, where |a| <= 3, and of the product, which is scaled by 2^64 so that they
        # do not underflow
        p = a + three
        low = a - (p - three)
        a = a * TWO_64
        s = a * p
        low = fma64(a, low, exact_fma64(a, p, -s))
    s = sixth(s, low)
    c = <item>(s * <real>TWO_M64 if item is double and real is double else s)
    return x if x >= 3 else with_sign(c, x)

cdef inline item hard_swish_grad_(item x, item g, real* compute) noexcept nogil:
    cdef real a = x, two = 2, three = 3, zero = 0
    cdef item y
    if real is float:
        a = fma32(two, a, three)
    else:
        a = 2.0 * a + 3.0
    y = <item>(<real>g * sixth(a, zero))
    y = g if x >= 3 else y
    return <item>0 if x <= -3 else y

cdef inline void hard_tanh_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* min_val = x[1]
    cdef const item* max_val = x[2]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    cdef item low, high
    if not uniform:
        for i in range(whole(n)):
            y0[i] = hard_tanh_(x0[i], min_val[i], max_val[i], compute)
    else:
        low, high = min_val[0], max_val[0]
        for i in range(whole(n)):
            y0[i] = hard_tanh_(x0[i], low, high, compute)

cdef inline void hard_tanh_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                       real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef const item* min_val = x[2]
    cdef const item* max_val = x[3]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    cdef item low, high
    if not uniform:
        for i in range(whole(n)):
            y0[i] = hard_tanh_grad_(x0[i], g[i], min_val[i], max_val[i], compute)
    else:
        low, high = min_val[0], max_val[0]
        for i in range(whole(n)):
            y0[i] = hard_tanh_grad_(x0[i], g[i], low, high, compute)

cdef inline void hard_swish_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = hard_swish_(x0[i], compute)

cdef inline void hard_swish_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                        real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = hard_swish_grad_(x0[i], g[i], compute)

doc = function_doc(
    "The input clipped to an interval.",
    group="sigmoids",
    formula=r"f(x) = \min(\max(x, l), h)",
    returns=r"The broadcast shape of the arguments. The limits are `min_val` and `max_val`; NaN in `x` gives NaN.",
    source=r"Collobert, R. (2004). Large scale machine learning. PhD thesis, Universite Paris VI.",
    example=r"""
    >>> fastact.hard_tanh(np.array([-2.0, 0.5, 2.0]))
    array([-1. ,  0.5,  1. ])
    """,
    parameters=r"""
    min_val : array_like, default -1.0
        Lower bound of the result.
    max_val : array_like, default 1.0
        Upper bound; it wins where the two are in the wrong order.
    """,
    see_also=r"""
    hard_tanh_grad : the gradient
    tanh : smooth
    """,
)
elementwise("hard_tanh", "x; min_val=-1.0, max_val=1.0",
            hard_tanh_kernel[float, double], NULL, hard_tanh_kernel[double, double], NULL, doc, numbers=True)

doc = gradient_doc(
    "hard_tanh",
    formula=r"g \cdot f'(x), \qquad f'(x) = [l < x < h]",
    returns=r"""
    The gradient with respect to `x`. Outside and at both ends it is 0, whatever `g` is; NaN in `x` gives NaN.
    """,
    example=r"""
    >>> fastact.hard_tanh_grad(np.array([-2.0, 0.5, 1.0]), 3.0)
    array([0., 3., 0.])
    """,
)
elementwise("hard_tanh_grad", "x, g; min_val=-1.0, max_val=1.0",
            hard_tanh_grad_kernel[float, double], NULL, hard_tanh_grad_kernel[double, double], NULL, doc, numbers=True)

doc = function_doc(
    "Piecewise quadratic approximation of swish.",
    group="self-gated",
    formula=r"f(x) = \frac{x \min(\max(x + 3, 0), 6)}{6}",
    returns=r"""
    The minimum is -0.375 at -1.5. -0 for x <= -3, x itself for x >= 3, no overflow between; NaN gives NaN.
    """,
    source=r"Howard, A. et al. (2019). Searching for MobileNetV3. ICCV.",
    example=r"""
    >>> fastact.hard_swish(np.array([-4.0, 1.0, 5.0]))
    array([-0.        ,  0.66666667,  5.        ])
    """,
    see_also=r"""
    hard_swish_grad : the gradient
    swish : which it approximates
    """,
)
elementwise("hard_swish", "x",
            hard_swish_kernel[float, double], hard_swish_kernel[float, float],
            hard_swish_kernel[double, double], hard_swish_kernel[double, fast_double], doc)

doc = gradient_doc(
    "hard_swish",
    formula=r"""
    g \cdot f'(x), \qquad f'(x) = 0 \text{ for } x \le -3, \ 1 \text{ for } x \ge 3, \ \frac{2x + 3}{6} \text{
    otherwise}
    """,
    returns=r"The gradient with respect to `x`. At the kink -3 it is 0, at 3 it is `g`; NaN in `x` gives NaN.",
    example=r"""
    >>> fastact.hard_swish_grad(np.array([-3.0, 0.0, 3.0]), 1.0)
    array([0. , 0.5, 1. ])
    """,
)
elementwise("hard_swish_grad", "x, g",
            hard_swish_grad_kernel[float, double], hard_swish_grad_kernel[float, float],
            hard_swish_grad_kernel[double, double], hard_swish_grad_kernel[double, fast_double], doc)
