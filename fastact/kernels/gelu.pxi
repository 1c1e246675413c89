# gelu(x) = x Phi(x), Phi the standard normal distribution           gelu'(x) = Phi(x) + x phi(x), phi its density
#
# With a = |x| and the tail Q = Phi(-a) = R(a) e^(-a^2/2), both sides are max(x, 0) - a Q: no cancellation in the left
# tail. Likewise gelu'(-a) = h = e^(-a^2/2) (R(a) - a / sqrt(2 pi)) and gelu'(a) = 1 - h; h has a root at a = 0.7518.
# For a float computed in double R is a rational of type (7, 8), 2^-45, and R(a) - a / sqrt(2 pi) = (a0 - a) S(a) with
# the root a0 divided out, S of type (7, 7), 2^-43. Elsewhere 1 / R = 2 + a (sqrt(2 pi) - T(a)), whose parts have one
# sign; a^2 and, for double results, everything else go in two parts.

# R(a) for a float computed in double, as a quotient
cdef inline double tail_quotient(double a, double* denominator) noexcept nogil:
    cdef double p = fma64(3.1458931813020979e-05, a, 0.00064671121862677956)
    cdef double q = fma64(7.8855849288223085e-05, a, 0.0016210645003858575)
    p = fma64(p, a, 0.0063559957444641012)
    p = fma64(p, a, 0.038181348546259417)
    p = fma64(p, a, 0.15071329943437931)
    p = fma64(p, a, 0.39202221835690565)
    p = fma64(p, a, 0.62966464029245439)
    q = fma64(q, a, 0.016010980038542216)
    q = fma64(q, a, 0.097327361952848704)
    q = fma64(q, a, 0.3935594570338109)
    q = fma64(q, a, 1.075078876207832)
    q = fma64(q, a, 1.9254635990548759)
    q = fma64(q, a, 2.0572138413867607)
    denominator[0] = fma64(q, a, 1.0)
    return fma64(p, a, 0.49999999999999717)


# S(a), likewise
cdef inline double slope_quotient(double a, double* denominator) noexcept nogil:
    cdef double p = fma64(9.9856234939819363e-05, a, 0.0019658842373632898)
    cdef double q = fma64(0.00025030246276203306, a, 0.0047395656581952833)
    p = fma64(p, a, 0.018008083362234147)
    p = fma64(p, a, 0.098504406461608393)
    p = fma64(p, a, 0.3457467837358803)
    p = fma64(p, a, 0.77847083473994061)
    p = fma64(p, a, 1.0476206920820526)
    q = fma64(q, a, 0.041685243348514103)
    q = fma64(q, a, 0.21771784382863235)
    q = fma64(q, a, 0.72246774776057965)
    q = fma64(q, a, 1.5127425295001098)
    q = fma64(q, a, 1.8407978461381882)
    denominator[0] = fma64(q, a, 1.0)
    return fma64(p, a, 0.6650779951313962)


# 1 / R(a) = the result + rest for double results; in float lanes without a rest
cdef inline real tail_inverse(real a, real* rest) noexcept nogil:
    cdef real p, q, w, w_low, m, d, v, two = 2
    if real is float:
        p = fma32(fma32(fma32(0.0211175662, a, 0.16623649), a, 0.576955497), a, 0.910857677)
        q = fma32(fma32(fma32(fma32(0.0105594704, a, 0.0963169485), a, 0.40996781), a, 0.933373213), a, 1.0)
        rest[0] = 0
        return fma32(a, <float>2.50662827 - p / q, 2.0)
    else:
        p = fma64(1.0337070334266665e-06, a, 3.0250269404714296e-05)
        p = fma64(p, a, 0.00043424950464521716)
        p = fma64(p, a, 0.0039604211683272588)
        p = fma64(p, a, 0.025117862954913191)
        p = fma64(p, a, 0.11456376836098339)
        p = fma64(p, a, 0.37600588213670411)
        p = fma64(p, a, 0.8600305356659842)
        p = fma64(p, a, 1.2559969574097922)
        p = fma64(p, a, 0.91085915302526965)
        q = fma64(5.1685351671504099e-07, a, 1.5772914521396227e-05)
        q = fma64(q, a, 0.00023689316911752815)
        q = fma64(q, a, 0.0022758165800514764)
        q = fma64(q, a, 0.015371707836039618)
        q = fma64(q, a, 0.075960134629613096)
        q = fma64(q, a, 0.27769797808179175)
        q = fma64(q, a, 0.74244676312594371)
        q = fma64(q, a, 1.395191581614232)
        q = fma64(q, a, 1.6788945876712524)
        p = p / fma64(q, a, 1.0)
        # sqrt(2 pi) = 2.5066282746310007 - 1.8328579980459169e-16
        w = 2.5066282746310007 - p
        w_low = ((2.5066282746310007 - w) - p) - 1.8328579980459169e-16
        m = a * w
        w_low = fma64(a, w_low, exact_fma64(a, w, -m))
        d = two + m
        v = d - two
        rest[0] = ((two - (d - v)) + (m - v)) + w_low
        return d


# gelu(x), not yet rounded; NaN is lost
cdef inline real gelu_value(item x, real* lanes) noexcept nogil:
    cdef item bound = 38.7 if item is double else (20 if real is double else 14.5), small = magnitude(x, bound)
    cdef item tie = 9.094947017729282e-13
    cdef real a = small, zero = 0, right = x, n, d, q, e, square
    cdef double scale, high, low, inverse, y, y_low
    right = right if right >= 0 else -zero
    square = a * a
    if real is float:
        d = tail_inverse(a, &e)
        e = exp_scaled(<float>-0.5 * square, <float>-0.5 * fma32(a, a, -square), x)
        return right - unscale((a / d) * e, x)
    elif item is float:
        # as in silu: an exponent of at least 2^-40 shows which side of a tie half a subnormal number lies on
        q = at_least(small, tie)
        n = exp_quotient(-0.5 * q * q, x, &d)
        n = 0.0 if q >= 20.0 else n  # exactly, for any factor of a gated unit
        e = tail_quotient(q, &q)
        return right - a * n * e / (q * d)
    else:
        scale = exp_in_parts(-0.5 * square, -0.5 * exact_fma64(a, a, -square), &high, &low)
        d = tail_inverse(a, &e)
        inverse = 1.0 / d
        n = a * high
        low = fma64(a, low, exact_fma64(a, high, -n))
        q = n * inverse
        low = (exact_fma64(-q, d, n) + fma64(-q, e, low)) * inverse
        # left of 0 -(q + low) 2^k, right of it x minus that
        y = q * (scale * 5.421010862427522e-20)
        y_low = low * (scale * 5.421010862427522e-20)
        d = x - y
        y = d + (((x - d) - y) - y_low)
        d = (q * scale + low * scale) * 5.421010862427522e-20
        y = y if x >= 0 else d
        return x if x > 39 else with_sign(y, x)


cdef inline item gelu_(item x, real* lanes) noexcept nogil:
    return keep_nan(x, <item>gelu_value(x, lanes))


# gelu'(x), not yet rounded; NaN is lost
cdef inline real gelu_slope(item x, real* lanes) noexcept nogil:
    cdef item bound = 38.7 if item is double else (20 if real is double else 15)
    cdef real a = magnitude(x, bound), square = a * a, one = 1, half = -0.5, n, d, q, e, h
    cdef double scale, high, low, inverse, t, u, v
    if real is float:
        d = tail_inverse(a, &e)
        e = exp_scaled(half * square, half * fma32(a, a, -square), x)
        h = unscale(e * fma32(-0.398942292, a, one / d), x)
    elif item is float:
        n = exp_quotient(half * square, x, &d)
        n = 0.0 if a >= 20.0 else n  # a limit of exactly 0 at -inf, for any g
        e = slope_quotient(a, &q)
        h = ((0.7517915246935645 - a) + -1.4956759177009883e-17) * n * e / (q * d)
    else:
        scale = exp_in_parts(half * square, half * exact_fma64(a, a, -square), &high, &low)
        d = tail_inverse(a, &e)
        inverse = 1.0 / d
        e = (exact_fma64(-inverse, d, 1.0) - inverse * e) * inverse
        # 1 / sqrt(2 pi) = 0.3989422804014327 - 2.49232720227773e-17
        t = a * 0.3989422804014327
        u = inverse - t
        v = u - inverse
        e = e + ((inverse - (u - v)) - (t + v))
        e = e - fma64(a, -2.49232720227773e-17, exact_fma64(a, 0.3989422804014327, -t))
        t = high * u
        e = fma64(high, e, fma64(low, u, exact_fma64(high, u, -t)))
        h = (t * scale + e * scale) * 5.421010862427522e-20
    d = one - h
    return d if x >= 0 else h


cdef inline item gelu_grad_(item x, item g, real* lanes) noexcept nogil:
    return keep_nan(x, <item>(<real>g * gelu_slope(x, lanes)))

cdef inline void gelu_kernel(const item** x, item** y, Py_ssize_t n, real* lanes) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(n):
        y0[i] = gelu_(x0[i], lanes)

cdef inline void gelu_grad_kernel(const item** x, item** y, Py_ssize_t n, real* lanes) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(n):
        y0[i] = gelu_grad_(x0[i], g[i], lanes)

elementwise("gelu", 1, 1, gelu_kernel[float, double], gelu_kernel[float, float],
            gelu_kernel[double, double], function_doc(
    "Gaussian error linear unit: the input weighted by the normal distribution function.",
    formula=r"f(x) = x \Phi(x) = \frac{x}{2} \operatorname{erfc}\left(-\frac{x}{\sqrt 2}\right)",
    returns=r"""
    The minimum is -0.16997 at -0.75179. The limits are -0 and inf, -0 stays -0, NaN gives NaN; the left tail
    keeps its relative accuracy down to the last subnormal number.
    """,
    source=r"Hendrycks, D. and Gimpel, K. (2016). Gaussian error linear units (GELUs). arXiv:1606.08415.",
    example=r"""
    >>> fastact.gelu(np.array([-10.0, 0.0, 1.0]))
    array([-7.61985302e-23,  0.00000000e+00,  8.41344746e-01])
    """,
    see_also=r"""
    gelu_grad : the gradient
    silu : with the logistic distribution
    """,
))

elementwise("gelu_grad", 2, 1, gelu_grad_kernel[float, double], gelu_grad_kernel[float, float],
            gelu_grad_kernel[double, double], gradient_doc(
    "gelu",
    formula=r"g \cdot f'(x), \qquad f'(x) = \Phi(x) + x \varphi(x)",
    returns=r"""
    The gradient by `x`. The slope is 1/2 at 0, 0 at -0.75179, -0 at -inf and 1 at inf; NaN in `x` gives NaN.
    """,
    source=r"Hendrycks, D. and Gimpel, K. (2016). Gaussian error linear units (GELUs). arXiv:1606.08415.",
    example=r"""
    >>> fastact.gelu_grad(np.array([-10.0, 0.0, 1.0]), 1.0)
    array([-7.61840010e-22,  5.00000000e-01,  1.08331547e+00])
    """,
))
