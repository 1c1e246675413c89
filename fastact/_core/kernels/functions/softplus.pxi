# softplus(x, beta) = log(1 + e^p) / beta, p = beta x            softplus'(x) = sigmoid(p)
#
# log(1 + e^p) = max(p, 0) + log1p(e^-|p|) is accurate everywhere, so there is no threshold. In float, and for double
# results, the rounding error of p is added to the exponent: without it a result of e^-80 would be off by 80 units in
# the last place. For very negative p the result is e^p / beta, divided before it is scaled down, because the quotient
# can be normal where e^p is subnormal. The tail ends at p = -752, in float at -130, below the least subnormal number
# for |beta| > 0.001.

# log1p(e^-a) = high + rest for double results, 0 <= a <= 746, given e^-a = e + e_low
cdef inline double log1p_exp_double(double e, double e_low, double* rest) noexcept nogil:
    # 1 + e = 1 + f or 2 (1 + f), whichever f is smaller
    cdef double shifted = e - 1.0, f, f_low, half, tail, base, base_low, total, high
    f = 0.5 * shifted if e > 0.4142 else e
    f_low = 0.5 * ((e - (shifted + 1.0)) + e_low) if e > 0.4142 else e_low
    base = LN_2 if e > 0.4142 else 0.0
    base_low = LN_2_REST if e > 0.4142 else 0.0
    tail = log1p_remainder(f, &half)
    total = base + f
    # f^2 / 2 is subtracted from the larger part; the rest is then so small that its rounding does not matter
    high = total - half
    rest[0] = tail + (((total - high) - half) + (((base - total) + f) + (fma64(-f, f_low, f_low) + base_low)))
    return high


cdef inline item softplus_(item x, item beta, real* compute) noexcept nogil:
    cdef real p = <real>x * <real>beta
    return softplus_core(x, <real>beta, p, exponent_low(x, beta, p))


# softplus given p + low = b x. Where p is NaN, x^2 / b is the right result: NaN if x or b is NaN, else x is infinite
# and b is 0.
cdef inline item softplus_core(item x, real b, real p, real low) noexcept nogil:
    cdef real zero = 0, y, d
    # from `edge` on the result is x; up to `far` it is e^p / b
    cdef real positive = p if p > 0 else zero
    cdef real edge = 17 if item is float else 37, far = -80 if item is float else -LOG1P_END
    cdef real end = -EXP_END_FAST if item is float else -EXP_END_FULL
    cdef double scale, e, e_low, unit, logarithm, rest, v
    if real in fast:
        y = exp_scaled(-magnitude(p, -end), low, x)
        d = positive + log1p_quotient(unscale(y, x), &d)
        d = d if p == p else <real>x * <real>x
        y = (y if p < far else d) / b
        d = unscale(y, x)
        y = d if p < far else y
        y = with_sign(zero, b) if p < end else y
        return x if p > edge else y
    elif item is float:
        y = log1p_quotient(exp_scaled(-magnitude(p, <real>EXP_NORMAL), low, x), &d)
        y = fma64(positive, d, y) / (d * b)
        return keep_nan(x, x if p > 60 else <item>y)
    else:
        scale = exp_in_parts(-magnitude(p, <real>EXP_END_FULL), low, &e, &e_low)
        unit = scale * TWO_M64
        logarithm = log1p_exp_double(e * unit, e_low * unit, &rest)
        y = positive + logarithm
        v = y - positive
        rest = ((positive - (y - v)) + (logarithm - v)) + rest - (low if p > 0 else zero)
        v = <real>x * <real>x
        y = y if p == p else v
        e = e if p < -LOG1P_END else y
        e_low = e_low if p < -LOG1P_END else rest
        d = 1.0 / b
        y = e * d
        v = y + (exact_fma64(-y, b, e) + e_low) * d
        y = v if v == v else (e + e_low) * d
        v = y * scale * TWO_M64
        y = v if p < -LOG1P_END else y
        y = with_sign(zero, b) if p < end else y
        return x if p > 60 else y


cdef inline item softplus_grad_(item x, item g, item beta, real* compute) noexcept nogil:
    cdef real zero = 0, b = beta
    cdef real p = <real>x * b if b != 0 else zero  # not NaN at infinity
    return keep_nan(x, softplus_grad_core(g, p, exponent_low(x, beta, p)))


cdef inline item softplus_grad_core(item g, real p, real low) noexcept nogil:
    cdef real zero = 0, y, bound = exp_zero(g, &p)
    y = sigmoid_core(p, magnitude(p, bound), low, g)
    y = zero if p <= -bound else y
    return <item>(<real>g * keep_nan(p, y))


cdef inline void softplus_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* beta = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = softplus_(x0[i], beta[i], compute)

cdef inline void softplus_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                      real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef const item* beta = x[2]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = softplus_grad_(x0[i], g[i], beta[i], compute)

# with beta = 1
cdef inline void softplus_default_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                         real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef real zero = 0, one = 1
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = softplus_core(x0[i], one, <real>x0[i], zero)

cdef inline void softplus_grad_default_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                              real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef real zero = 0
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = softplus_grad_core(g[i], <real>x0[i], zero)

at_defaults("softplus", "x",
            softplus_default_kernel[float, double], softplus_default_kernel[float, float],
            softplus_default_kernel[double, double], softplus_default_kernel[double, fast_double])

doc = function_doc(
    "Smooth rectifier, the antiderivative of the sigmoid.",
    group="rectifiers",
    formula=r"f(x) = \frac{\log(1 + e^{\beta x})}{\beta}",
    returns="""
    The broadcast shape of `x` and `beta`. Exact everywhere: there is no threshold beyond which x itself is
    returned. For beta > 0 the limits are 0 at -inf and inf at inf; for beta < 0 they are -inf and -0; beta = 0 gives
    inf. NaN in `x` gives NaN. With abs(beta) below 0.001 the left tail ends in 0 early: where beta x < -752, for
    float32 in precision "fast" where beta x < -130.
    """,
    source="Dugas, C. et al. (2000). Incorporating second-order functional knowledge for better option pricing. NIPS.",
    example="""
    >>> fastact.softplus(np.array([-50.0, 0.0, 1e4]))
    array([1.92874985e-22, 6.93147181e-01, 1.00000000e+04])
    """,
    parameters="""
    beta : array_like, default 1.0
        Sharpness, broadcast against `x`.
    """,
    see_also="""
    softplus_grad : the gradient
    relu : the limit for large beta
    """,
)
elementwise("softplus", "x; beta=1.0",
            softplus_kernel[float, double], softplus_kernel[float, float],
            softplus_kernel[double, double], softplus_kernel[double, fast_double], doc)
at_defaults("softplus_grad", "x, g",
            softplus_grad_default_kernel[float, double], softplus_grad_default_kernel[float, float],
            softplus_grad_default_kernel[double, double], softplus_grad_default_kernel[double, fast_double])

doc = gradient_doc(
    "softplus",
    formula=r"g \cdot f'(x), \qquad f'(x) = \frac{1}{1 + e^{-\beta x}}",
    returns="""
    The gradient with respect to `x`: the sigmoid of ``beta * x``, times `g`. For beta > 0 the slope is 0 at -inf
    and 1 at inf; for beta = 0 it is 1/2 throughout. NaN in `x` gives NaN.
    """,
    example="""
    >>> fastact.softplus_grad(np.array([-2.0, 0.0, 2.0]), 1.0)
    array([0.11920292, 0.5       , 0.88079708])
    """,
    see_also="sigmoid : the slope at beta = 1",
)
elementwise("softplus_grad", "x, g; beta=1.0",
            softplus_grad_kernel[float, double], softplus_grad_kernel[float, float],
            softplus_grad_kernel[double, double], softplus_grad_kernel[double, fast_double], doc)
# ---- from the output

# 1 - e^-p, p = beta y; no output has p < 0
cdef inline item softplus_grad_from_output_(item y, item g, item beta, real* compute) noexcept nogil:
    cdef real p = <real>y * <real>beta, bound = 80, slope  # 1 - e^-p is rounded to 1 long before
    cdef double rest
    if item is double and real is double:
        slope = -expm1_in_parts(-magnitude(p, bound), 0.0, 1.0, &rest)
        slope = slope - rest
    else:
        slope = expm1_core(-magnitude(p, bound))
    return keep_nan(y, <item>(<real>g * keep_nan(p, with_sign(slope, p))))

cdef inline void softplus_grad_from_output_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                                  real* compute) noexcept nogil:
    cdef const item* output = x[0]
    cdef const item* g = x[1]
    cdef const item* beta = x[2]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = softplus_grad_from_output_(output[i], g[i], beta[i], compute)

doc = output_gradient_doc(
    "softplus",
    formula=r"g \cdot (1 - e^{-\beta y})",
    returns=r"The gradient with respect to the input of `softplus`. NaN in `y` gives NaN.",
    example=r"""
    >>> fastact.softplus_grad_from_output(fastact.softplus(np.array([-2.0, 0.0, 2.0])), 1.0)
    array([0.11920292, 0.5       , 0.88079708])
    """,
)
elementwise("softplus_grad_from_output", "y, g; beta=1.0",
            softplus_grad_from_output_kernel[float, double], softplus_grad_from_output_kernel[float, float],
            softplus_grad_from_output_kernel[double, double], softplus_grad_from_output_kernel[double, fast_double],
            doc)
