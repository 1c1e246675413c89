# sigmoid(x) = 1 / (1 + e^-x)            sigmoid'(x) = e / (1 + e)^2,  e = e^-|x|
#
# With a = |x| and e^-a = N / D (exp_quotient; D = 1 in fast formulas) both tails are one quotient without cancellation:
#     sigmoid = D / (N + D) for x >= 0, N / (N + D) for x < 0        sigmoid' = N D / (N + D)^2
# For exact double results N, D and N + D are sums of two parts, and the remainder of the division is added.

# sigmoid(x) for double results: (the result + rest inverse) scale 2^-64; a and low as below
cdef inline double sigmoid_quotient(double x, double a, double low, double* rest, double* inverse,
                                    double* scale) noexcept nogil:
    cdef double n, n_low, d, d_low, unit, e, part, s, s_low, q
    cdef double power = exp_quotient_in_parts(-a, low, &n, &n_low, &d, &d_low)
    unit = power * TWO_M64
    e = n * unit
    part = fma64(unit, n_low, d_low)
    s = (d + e) + part
    s_low = ((d - s) + e) + part
    inverse[0] = 1.0 / s
    n = by_sign(x, d, n)
    n_low = by_sign(x, d_low, n_low)
    scale[0] = by_sign(x, TWO_64, power)
    q = (n + n_low) * inverse[0]
    rest[0] = exact_fma64(-q, s, n) + fma64(-q, s_low, n_low)
    return q


# sigmoid(x), a = min(|x|, bound), where -a + low is the exponent
cdef inline real sigmoid_core(real x, real a, real low, item storage) noexcept nogil:
    cdef real n, d, one = 1
    cdef double scale, rest, inverse, q
    if real in fast:
        n = unscale(exp_scaled(-a, low, storage), storage)
        return (one if x >= 0 else n) / (one + n)
    elif item is float:
        n = exp_quotient(-a, storage, &d)
        return (d if x >= 0 else n) / (n + d)
    else:
        q = sigmoid_quotient(x, a, low, &rest, &inverse, &scale)
        return fma64(rest, inverse, q) * scale * TWO_M64


# sigmoid'(a) for a >= 0, -a + low the exponent, times a power of two
cdef inline real sigmoid_slope(real a, real low, real factor, item storage) noexcept nogil:
    cdef real n, d, s, one = 1
    cdef double scale, rest, e, e_low, square, square_low, inverse, q
    if real in fast:
        n = exp_scaled(-a, low, storage)
        d = one + unscale(n, storage)
        return unscale(factor * n / (d * d), storage)
    elif item is float:
        n = exp_quotient(-a, storage, &d)
        n = 0.0 if a >= EXP_ZERO_EXACT else n  # a limit of exactly 0 at infinity, for any g
        s = n + d
        return factor * (n * d) / (s * s)
    else:
        scale = exp_in_parts(-a, low, &n, &rest)
        e = n * (scale * TWO_M64)
        e_low = rest * (scale * TWO_M64)
        d = 1.0 + e
        square = d * d
        square_low = exact_fma64(d, d, -square) + 2.0 * d * (((1.0 - d) + e) + e_low)
        inverse = 1.0 / square
        q = n * inverse
        q = fma64(exact_fma64(-q, square, n) + fma64(-q, square_low, rest), inverse, q)
        return factor * q * scale * TWO_M64


cdef inline item sigmoid_(item x, real* compute) noexcept nogil:
    cdef item bound = EXP_ZERO_FAST if item is float else EXP_ZERO_FULL
    return keep_nan(x, <item>sigmoid_core(<real>x, <real>magnitude(x, bound), <real>0, x))

cdef inline item sigmoid_grad_(item x, item g, real* compute) noexcept nogil:
    # a float computed in double is rounded after the multiplication by g, so the tail ends where no g makes it visible
    cdef item bound = exp_zero(x, compute)
    return keep_nan(x, <item>(<real>g * sigmoid_slope(<real>magnitude(x, bound), <real>0, <real>1, x)))

cdef inline void sigmoid_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = sigmoid_(x0[i], compute)

cdef inline void sigmoid_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                     real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = sigmoid_grad_(x0[i], g[i], compute)

doc = function_doc(
    "Logistic sigmoid.",
    group="sigmoids",
    formula=r"f(x) = \frac{1}{1 + e^{-x}}",
    returns=r"""
    Same shape as `x`, between 0 and 1. NaN gives NaN, the limits are 0 at -inf and 1 at inf; both tails keep
    their relative accuracy down to the last subnormal number.
    """,
    source=r"""
    Verhulst, P.-F. (1845). Recherches mathematiques sur la loi d'accroissement de la population.
    """,
    example=r"""
    >>> fastact.sigmoid(np.array([-1000.0, 0.0, 3.0]))
    array([0.        , 0.5       , 0.95257413])
    """,
    see_also=r"""
    sigmoid_grad : the gradient
    tanh : 2 sigmoid(2 x) - 1
    """,
)
elementwise("sigmoid", "x",
            sigmoid_kernel[float, double], sigmoid_kernel[float, float], sigmoid_kernel[double, double],
            sigmoid_kernel[double, fast_double], doc)

doc = gradient_doc(
    "sigmoid",
    formula=r"g \cdot f'(x), \qquad f'(x) = \frac{e^{-|x|}}{(1 + e^{-|x|})^2}",
    returns=r"""
    The gradient with respect to `x`. The slope is 0.25 at 0, its maximum, and 0 at -inf and inf; NaN in `x` gives
    NaN.
    """,
    example=r"""
    >>> fastact.sigmoid_grad(np.array([0.0, 3.0]), 1.0)
    array([0.25      , 0.04517666])
    """,
)
elementwise("sigmoid_grad", "x, g",
            sigmoid_grad_kernel[float, double], sigmoid_grad_kernel[float, float],
            sigmoid_grad_kernel[double, double], sigmoid_grad_kernel[double, fast_double], doc)


# ---- from the output

cdef inline item sigmoid_grad_from_output_(item y, item g, real* compute) noexcept nogil:
    cdef real one = 1, s = y
    return <item>(<real>g * (s * (one - s)))

cdef inline void sigmoid_grad_from_output_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                                 real* compute) noexcept nogil:
    cdef const item* output = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = sigmoid_grad_from_output_(output[i], g[i], compute)

doc = output_gradient_doc(
    "sigmoid",
    formula=r"g \cdot y (1 - y)",
    returns=r"""
    The gradient with respect to the input of `sigmoid`. NaN gives NaN. Where `y` was rounded to 1 the slope is 0;
    `sigmoid_grad` keeps it.
    """,
    source=r"Verhulst, P.-F. (1845). Recherches mathematiques sur la loi d'accroissement de la population.",
    example=r"""
    >>> fastact.sigmoid_grad_from_output(fastact.sigmoid(np.array([0.0, 3.0])), 1.0)
    array([0.25      , 0.04517666])
    """,
)
elementwise("sigmoid_grad_from_output", "y, g",
            sigmoid_grad_from_output_kernel[float, double], sigmoid_grad_from_output_kernel[float, float],
            sigmoid_grad_from_output_kernel[double, double], sigmoid_grad_from_output_kernel[double, fast_double], doc)
