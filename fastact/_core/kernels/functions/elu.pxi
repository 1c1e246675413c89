# elu(x, alpha) = x for x > 0, alpha (e^x - 1) otherwise     elu' = 1 for x > 0, alpha e^x otherwise
# selu(x) = scale elu(x, alpha), the two constants below     selu' = scale elu'
#
# e^x - 1 as in maths/exp.pxi, which keeps the relative accuracy near 0.

# scale x for x > 0, alpha (e^x - 1) otherwise; constants and products in two parts for exact double results
cdef inline item elu_core(item x, real alpha, real alpha_low, real scale, real scale_low, real* compute) noexcept nogil:
    cdef item bound = 40 if item is double else 30  # from here on e^-a - 1 is rounded to -1
    cdef real m, left, right, a = magnitude(x, bound)
    cdef double rest
    if item is double and real is double:
        m = expm1_in_parts(-a, 0.0, 1.0, &rest)
        left = alpha * m
        rest = left + (exact_fma64(alpha, m, -left) + fma64(alpha, rest, alpha_low * m))
        left = rest if rest == rest else left
        right = scale * x
        m = right + (exact_fma64(scale, x, -right) + scale_low * x)
        right = m if m == m else right
    else:
        m = expm1_core(-a)
        if item is float and real is double:
            # for tiny x, alpha x can be halfway between two floats; x^2 / 2 decides, but is below double precision
            right = a * BELOW_1
            m = m if m < right else right
        left = -alpha * m
        right = scale * <real>x
        if real is float:
            # scale in two parts: rounded, it would make the largest results infinite
            right = fma32((scale - <float>1) + scale_low, x, x) if scale != 1 else right
    left = with_sign(left, alpha * <real>x)  # -0 stays -0
    return keep_nan(x, <item>(right if x > 0 else left))


# alpha e without intermediate overflow, e as exp_scaled returns it
cdef inline real alpha_exp(real alpha, real e, item storage) noexcept nogil:
    cdef real down = TWO_M64, one = 1, most = INFINITY
    cdef bint large = magnitude(alpha, most) > one
    if item is float and real is double:
        return alpha * e
    else:
        e = (alpha * down if large else alpha) * e
        return e if large else e * down


# alpha e^x for x <= 0, scale for x > 0
cdef inline item elu_slope(item x, item g, real alpha, real scale, real* compute) noexcept nogil:
    cdef item bound = exp_end(x, compute)
    cdef real a = magnitude(x, bound), e, zero = 0
    e = alpha_exp(alpha, exp_scaled(-a, zero, x), x)
    e = with_sign(zero, alpha) if x <= -bound else e
    return keep_nan(x, <item>(<real>g * (scale if x > 0 else e)))


cdef inline item elu_(item x, item alpha, real* compute) noexcept nogil:
    return elu_core(x, <real>alpha, <real>0, <real>1, <real>0, compute)

cdef inline item elu_grad_(item x, item g, item alpha, real* compute) noexcept nogil:
    return elu_slope(x, g, <real>alpha, <real>1, compute)

cdef inline item selu_(item x, real* compute) noexcept nogil:
    cdef real scale = 1.0507009873554805, scale_low = 3.9855512681859546e-17
    if real is float:
        scale_low = -3.47926518e-08
    return elu_core(x, <real>1.7580993408473768, <real>1.4103259771722635e-17, scale, scale_low, compute)

cdef inline item selu_grad_(item x, item g, real* compute) noexcept nogil:
    return elu_slope(x, g, <real>1.7580993408473768, <real>1.0507009873554805, compute)

cdef inline void elu_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* alpha = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = elu_(x0[i], alpha[i], compute)

cdef inline void elu_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef const item* alpha = x[2]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = elu_grad_(x0[i], g[i], alpha[i], compute)

cdef inline void selu_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = selu_(x0[i], compute)

cdef inline void selu_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = selu_grad_(x0[i], g[i], compute)

doc = function_doc(
    "Exponential linear unit.",
    group="rectifiers",
    formula=r"f(x) = x \text{ for } x > 0, \quad \alpha (e^x - 1) \text{ otherwise}",
    returns=r"""
    The broadcast shape of the arguments. The relative accuracy is kept near 0; -0 stays -0. The limits are
    -alpha and inf; NaN in `x` gives NaN.
    """,
    source=r"""
    Clevert, D.-A., Unterthiner, T. and Hochreiter, S. (2016). Fast and accurate deep network learning by
    exponential linear units. ICLR.
    """,
    example=r"""
    >>> fastact.elu(np.array([-1e-17, 2.0]))
    array([-1.e-17,  2.e+00])
    """,
    parameters=r"""
    alpha : array_like, default 1.0
        Minus the limit at -inf.
    """,
    see_also=r"""
    elu_grad : the gradient
    selu : scaled so that activations normalise themselves
    """,
)
elementwise("elu", "x; alpha=1.0",
            elu_kernel[float, double], elu_kernel[float, float], elu_kernel[double, double],
            elu_kernel[double, fast_double], doc)

doc = gradient_doc(
    "elu",
    formula=r"g \cdot f'(x), \qquad f'(x) = 1 \text{ for } x > 0, \ \alpha e^x \text{ otherwise}",
    returns=r"""
    The gradient with respect to `x`. At the kink x = 0 the slope is `alpha`; it is 0 at -inf. NaN in `x` gives NaN.
    """,
    example=r"""
    >>> fastact.elu_grad(np.array([0.0, 2.0]), 1.0, 0.5)
    array([0.5, 1. ])
    """,
)
elementwise("elu_grad", "x, g; alpha=1.0",
            elu_grad_kernel[float, double], elu_grad_kernel[float, float],
            elu_grad_kernel[double, double], elu_grad_kernel[double, fast_double], doc)

doc = function_doc(
    "Scaled exponential linear unit: activations keep zero mean and unit variance through the layers.",
    group="rectifiers",
    formula=r"""
    f(x) = \lambda x \text{ for } x > 0, \quad \lambda \alpha (e^x - 1) \text{ otherwise}, \qquad \lambda =
    1.0507009873554804934, \ \alpha = 1.6732632423543772848
    """,
    returns=r"The limits are -1.7580993 and inf; -0 stays -0; NaN gives NaN.",
    source=r"""
    Klambauer, G., Unterthiner, T., Mayr, A. and Hochreiter, S. (2017). Self-normalizing neural networks. NeurIPS.
    """,
    example=r"""
    >>> fastact.selu(np.array([-1000.0, 1.0]))
    array([-1.75809934,  1.05070099])
    """,
    see_also=r"""
    selu_grad : the gradient
    elu : without the scale
    """,
)
elementwise("selu", "x",
            selu_kernel[float, double], selu_kernel[float, float], selu_kernel[double, double],
            selu_kernel[double, fast_double], doc)

doc = gradient_doc(
    "selu",
    formula=r"""
    g \cdot f'(x), \qquad f'(x) = \lambda \text{ for } x > 0, \ \lambda \alpha e^x \text{ otherwise}
    """,
    returns=r"""
    The gradient with respect to `x`. At the kink x = 0 the slope is that of the left side, 1.7580993; it is 0 at
    -inf. NaN gives NaN.
    """,
    example=r"""
    >>> fastact.selu_grad(np.array([0.0, 2.0]), 1.0)
    array([1.75809934, 1.05070099])
    """,
)
elementwise("selu_grad", "x, g",
            selu_grad_kernel[float, double], selu_grad_kernel[float, float],
            selu_grad_kernel[double, double], selu_grad_kernel[double, fast_double], doc)


# ---- from the output

cdef inline item elu_grad_from_output_(item y, item g, item alpha, real* compute) noexcept nogil:
    cdef real slope = <real>y + <real>alpha, one = 1
    return keep_nan(y, <item>(<real>g * (one if y > 0 else slope)))

cdef inline item selu_grad_from_output_(item y, item g, real* compute) noexcept nogil:
    cdef real scale = 1.0507009873554805, low = 1.4103259771722635e-17, slope
    if real is float:
        slope = (<float>1.75809932 + y) + <float>2.32967177e-08
    else:
        slope = (1.7580993408473768 + y) + low
    return keep_nan(y, <item>(<real>g * (scale if y > 0 else slope)))

cdef inline void elu_grad_from_output_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                             real* compute) noexcept nogil:
    cdef const item* output = x[0]
    cdef const item* g = x[1]
    cdef const item* alpha = x[2]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = elu_grad_from_output_(output[i], g[i], alpha[i], compute)

cdef inline void selu_grad_from_output_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                              real* compute) noexcept nogil:
    cdef const item* output = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = selu_grad_from_output_(output[i], g[i], compute)

doc = output_gradient_doc(
    "elu",
    formula=r"g \text{ for } y > 0, \quad g (y + \alpha) \text{ otherwise}",
    returns=r"""
    The gradient with respect to the input of `elu`, for a positive `alpha`. NaN in `y` gives NaN. The sum cancels
    near the limit -alpha: `elu_grad` keeps the accuracy.
    """,
    example=r"""
    >>> fastact.elu_grad_from_output(fastact.elu(np.array([-1.0, 3.0])), 1.0)
    array([0.36787944, 1.        ])
    """,
    parameters=r"""
    alpha : array_like, default 1.0
        As in `elu`; it must be positive, else the output does not tell which side the input was on.
    """,
)
elementwise("elu_grad_from_output", "y, g; alpha=1.0",
            elu_grad_from_output_kernel[float, double], elu_grad_from_output_kernel[float, float],
            elu_grad_from_output_kernel[double, double], elu_grad_from_output_kernel[double, fast_double], doc)

doc = output_gradient_doc(
    "selu",
    formula=r"g \lambda \text{ for } y > 0, \quad g (y + \lambda \alpha) \text{ otherwise}",
    returns=r"""
    The gradient with respect to the input of `selu`. NaN in `y` gives NaN. The sum cancels near the limit
    -1.7580993: `selu_grad` keeps the accuracy.
    """,
    example=r"""
    >>> fastact.selu_grad_from_output(fastact.selu(np.array([-1.0, 3.0])), 1.0)
    array([0.6467686 , 1.05070099])
    """,
)
elementwise("selu_grad_from_output", "y, g",
            selu_grad_from_output_kernel[float, double], selu_grad_from_output_kernel[float, float],
            selu_grad_from_output_kernel[double, double], selu_grad_from_output_kernel[double, fast_double], doc)
