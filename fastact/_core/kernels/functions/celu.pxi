# celu(x, alpha) = x for x > 0, alpha (e^p - 1) otherwise, p = x / alpha       celu' = 1 for x > 0, e^p otherwise
#
# A negative alpha makes p positive and e^p large, so float32 is computed in float64 in both precisions: there e^p
# cannot overflow before it is multiplied by alpha. For float64 results the rounding error of p is added to the
# exponent, and a large e^p is scaled by 2^-1090 until it is multiplied by alpha. alpha = 0 is the limit, relu; the
# default, alpha = 1, is elu.

# x / alpha between -most and most, 0 for inf / inf; `low` is its rounding error
cdef inline double celu_exponent(double x, double alpha, double most, double* low) noexcept nogil:
    cdef double q = x / alpha, p = clamped(q, most), error
    p = p if q == q else 0.0
    error = exact_fma64(-p, alpha, x) / alpha
    low[0] = error if magnitude(p, most) < most and error == error else 0.0
    return p


cdef inline item celu_(item x, item alpha, real* compute) noexcept nogil:
    cdef double low, p, m, rest, y, unit, count, lift, factor
    if item is float:
        p = celu_exponent(x, alpha, EXP_ZERO_EXACT, &low)
        y = -<double>alpha * expm1_core(p)
    else:
        p = celu_exponent(x, alpha, 1455.0, &low)
        unit = 0.0 if p > EXP_NORMAL else 1.0
        count = 1090.0 if p > EXP_NORMAL else 0.0
        lift = 1.1517219314030586e+164 if p > EXP_NORMAL else 1.0  # 2^545, one unit in the last place too large
        m = expm1_in_parts(p if p > -EXP_NORMAL else -EXP_NORMAL, count, unit, &rest)
        rest = fma64(low, m + unit, rest)
        factor = alpha * lift
        y = factor * m
        rest = y + fma64(factor, rest, exact_fma64(factor, m, -y))
        y = (rest if rest == rest else y) * lift
    y = x if magnitude(p, <double>1) < 1e-17 else y  # more accurate where alpha is infinite or p subnormal
    y = 0.0 if alpha == 0 else y
    return keep_nan(x, x if x > 0 else keep_nan(alpha, <item>y))


cdef inline item celu_grad_(item x, item g, item alpha, real* compute) noexcept nogil:
    cdef double low, p, e, y, high, rest, scale, down = TWO_M64
    if item is float:
        p = celu_exponent(x, alpha, EXP_ZERO_EXACT, &low)
        e = exp_scaled(p, <double>0, x)
        e = 0.0 if p <= -EXP_ZERO_EXACT else e
        e = 0.0 if alpha == 0 else e
        y = <double>g * e
    else:
        # e^p = (e^(p/2))^2 for p > 0: half of the exponent is in the range of exp_in_parts
        p = celu_exponent(x, alpha, 1300.0, &low)
        e = 0.5 if p > 0 else 1.0
        scale = exp_in_parts(p * e if p > -EXP_END_FULL else -EXP_END_FULL, low * e, &high, &rest)
        e = high * high
        e = e + fma64(high + high, rest, exact_fma64(high, high, -e))
        rest = scale * down
        y = alpha_exp(<double>g, high * scale, g)
        y = g * rest * e * rest if p > 0 else y
        e = 0.0 * g
        y = e if p <= -EXP_END_FULL else y
        y = e if alpha == 0 else y
    return keep_nan(x, g if x > 0 else keep_nan(alpha, <item>y))

cdef inline void celu_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* alpha = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = celu_(x0[i], alpha[i], compute)

cdef inline void celu_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef const item* alpha = x[2]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = celu_grad_(x0[i], g[i], alpha[i], compute)

at_defaults("celu", "x; alpha=1.0", elu_kernel[float, double], elu_kernel[float, float], elu_kernel[double, double],
            elu_kernel[double, fast_double])

doc = function_doc(
    "Continuously differentiable exponential linear unit.",
    group="rectifiers",
    formula=r"f(x) = x \text{ for } x > 0, \quad \alpha (e^{x / \alpha} - 1) \text{ otherwise}",
    returns=r"""
    The broadcast shape of the arguments. The relative accuracy is kept near 0; -0 stays -0. The limits are -alpha
    and inf; for a negative alpha -inf and inf; alpha = 0 gives relu. NaN in `x` gives NaN.
    """,
    source=r"Barron, J. T. (2017). Continuously differentiable exponential linear units. arXiv:1704.07483.",
    example=r"""
    >>> fastact.celu(np.array([-1000.0, -1.0, 2.0]), 2.0)
    array([-2.        , -0.78693868,  2.        ])
    """,
    parameters=r"""
    alpha : array_like, default 1.0
        Minus the limit at -inf, and the length over which it is approached.
    """,
    see_also=r"""
    celu_grad : the gradient
    elu : scales the left side without stretching it
    """,
)
elementwise("celu", "x; alpha=1.0",
            celu_kernel[float, double], NULL, celu_kernel[double, double], NULL, doc)
at_defaults("celu_grad", "x, g; alpha=1.0",
            elu_grad_kernel[float, double], elu_grad_kernel[float, float], elu_grad_kernel[double, double],
            elu_grad_kernel[double, fast_double])

doc = gradient_doc(
    "celu",
    formula=r"g \cdot f'(x), \qquad f'(x) = 1 \text{ for } x > 0, \ e^{x / \alpha} \text{ otherwise}",
    returns=r"""
    The gradient with respect to `x`. The slope is 1 at 0, where it is continuous, and 0 at -inf (inf for a negative
    alpha); for alpha = 0 it is 0 for x <= 0. NaN in `x` gives NaN.
    """,
    example=r"""
    >>> fastact.celu_grad(np.array([-2.0, 0.0, 2.0]), 1.0, 2.0)
    array([0.36787944, 1.        , 1.        ])
    """,
)
elementwise("celu_grad", "x, g; alpha=1.0",
            celu_grad_kernel[float, double], NULL, celu_grad_kernel[double, double], NULL, doc)
