# hard_sigmoid(x, s, o) = clip(s x + o, 0, 1)            slope s where 0 < s x + o < 1, else 0
# hard_sigmoid(x) = clip((x + 3) / 6, 0, 1)              slope 1/6 for -3 < x < 3, else 0
#
# The defaults have separate kernels, because 1/6 is not a binary number. s x + o is a fused multiply-add, so it is
# rounded once in every precision.

cdef inline item ramp(item x, item slope, item offset, real* compute) noexcept nogil:
    cdef real y
    cdef item product = slope * x
    product = 0 if slope == 0 else product  # at infinity
    if real is float:
        y = fma32(slope, x, offset)
    elif item is float:
        y = fma64(slope, x, offset)
    else:
        y = exact_fma64(slope, x, offset)
    return <item>y if y - y == 0 else product + offset

cdef inline item hard_sigmoid_(item x, item slope, item offset, real* compute) noexcept nogil:
    cdef item y = ramp(x, slope, offset, compute), one = 1
    y = 0 if y <= 0 else y
    return keep_nan(x, one if y >= 1 else y)

cdef inline item hard_sigmoid_grad_(item x, item g, item slope, item offset, real* compute) noexcept nogil:
    # float32 is computed in float64 in both precisions: then s x + (o - 1) has the right sign, and is 0 only at the
    # kink
    cdef item y = slope * g
    cdef double o = offset, s = slope, upper = o - 1.0, back = upper - o, low = (o - (upper - back)) - (1.0 + back)
    if item is float:
        upper = fma64(s, x, upper)
    else:
        upper = exact_fma64(s, x, upper)
        upper = upper + low
    upper = upper if upper - upper == 0 else (0.0 if s == 0 else s * x) + (o - 1.0)
    y = 0 if ramp(x, slope, offset, compute) <= 0 else y
    y = 0 if upper >= 0 else y
    return keep_nan(x, y)

cdef inline item hard_sigmoid_default_(item x, real* compute) noexcept nogil:
    cdef real three = 3, s = <real>x + three, v, low = 0
    cdef item one = 1, zero = 0, z
    if item is double and real is double:
        v = s - x
        low = (x - (s - v)) + (3.0 - v)
    z = zero if x <= -3 else <item>sixth(s, low)
    return keep_nan(x, one if x >= 3 else z)

cdef inline item hard_sigmoid_grad_default_(item x, item g, real* compute) noexcept nogil:
    cdef real zero = 0
    cdef item six = 6, y = <item>sixth(<real>g, zero) if FMA else g / six
    y = 0 if x <= -3 else y
    return keep_nan(x, <item>0 if x >= 3 else y)

cdef inline void hard_sigmoid_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                     real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* slope = x[1]
    cdef const item* offset = x[2]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = hard_sigmoid_(x0[i], slope[i], offset[i], compute)

cdef inline void hard_sigmoid_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                          real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef const item* slope = x[2]
    cdef const item* offset = x[3]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = hard_sigmoid_grad_(x0[i], g[i], slope[i], offset[i], compute)

cdef inline void hard_sigmoid_default_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                             real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = hard_sigmoid_default_(x0[i], compute)

cdef inline void hard_sigmoid_grad_default_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                                  real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = hard_sigmoid_grad_default_(x0[i], g[i], compute)

at_defaults("hard_sigmoid", "x",
            hard_sigmoid_default_kernel[float, double], hard_sigmoid_default_kernel[float, float],
            hard_sigmoid_default_kernel[double, double], hard_sigmoid_default_kernel[double, fast_double])

doc = function_doc(
    "Piecewise linear approximation of the sigmoid.",
    group="sigmoids",
    formula=r"f(x) = \min(\max(s x + o, 0), 1)",
    returns=r"""
    The broadcast shape of the arguments. Exactly 0 for x <= -3 and 1 for x >= 3 at the defaults, which give
    (x + 3) / 6. NaN in `x` gives NaN.
    """,
    source=r"""
    Courbariaux, M., Bengio, Y. and David, J.-P. (2015). BinaryConnect. NIPS. Slope 1/6: Howard, A. et al. (2019).
    """,
    example=r"""
    >>> fastact.hard_sigmoid(np.array([-3.0, 0.0, 1.5]))
    array([0.  , 0.5 , 0.75])
    """,
    parameters=r"""
    slope : array_like, default 1/6
        Slope between the two kinks.
    offset : array_like, default 0.5
        Value at 0.
    """,
    see_also=r"""
    hard_sigmoid_grad : the gradient
    sigmoid : smooth
    sparse_sigmoid : with slope 1/2
    """,
)
elementwise("hard_sigmoid", "x; slope=1/6, offset=0.5",
            hard_sigmoid_kernel[float, double], hard_sigmoid_kernel[float, float],
            hard_sigmoid_kernel[double, double], hard_sigmoid_kernel[double, fast_double], doc)
at_defaults("hard_sigmoid_grad", "x, g",
            hard_sigmoid_grad_default_kernel[float, double], hard_sigmoid_grad_default_kernel[float, float],
            hard_sigmoid_grad_default_kernel[double, double], hard_sigmoid_grad_default_kernel[double, fast_double])

doc = gradient_doc(
    "hard_sigmoid",
    formula=r"g \cdot f'(x), \qquad f'(x) = s \cdot [0 < s x + o < 1]",
    returns=r"""
    The gradient with respect to `x`. Outside and at both kinks it is 0, whatever `g` is; NaN in `x` gives NaN.
    """,
    example=r"""
    >>> fastact.hard_sigmoid_grad(np.array([-3.0, 0.0, 1.5]), 6.0)
    array([0., 1., 1.])
    """,
)
elementwise("hard_sigmoid_grad", "x, g; slope=1/6, offset=0.5",
            hard_sigmoid_grad_kernel[float, double], NULL, hard_sigmoid_grad_kernel[double, double], NULL, doc)
