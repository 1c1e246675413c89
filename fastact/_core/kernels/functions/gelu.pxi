# gelu(x) = x Phi(x), Phi the standard normal distribution           gelu'(x) = Phi(x) + x phi(x), phi its density
#
# With a = |x| and the tail Q = Phi(-a) = R(a) e^(-a^2/2), both sides are max(x, 0) - a Q: no cancellation in the left
# tail. Likewise gelu'(-a) = h = e^(-a^2/2) (R(a) - a / sqrt(2 pi)) and gelu'(a) = 1 - h; h has a root at a = 0.7518.
# For a float computed in double R is a rational of type (7, 8), 2^-45, and R(a) - a / sqrt(2 pi) = (a0 - a) S(a) with
# the root a0 divided out, S of type (8, 8), 2^-50. Otherwise 1 / R = 2 + a (sqrt(2 pi) - T(a)), whose terms have the
# same sign; a^2 is in two parts, and for double results everything else too, except T. The rounding errors of T
# dominate, so for double results 1/4 is taken out of it, which makes it smaller where they matter most. Near its root h
# is, for double results, a polynomial times a0 - a.

# R(a) for a float computed in double, as a quotient
cdef inline double tail_quotient(double a, double* denominator) noexcept nogil:
    denominator[0] = horner8(a, 7.8855849288223085e-05, 0.0016210645003858575, 0.016010980038542216,
                             0.097327361952848704, 0.3935594570338109, 1.075078876207832, 1.9254635990548759,
                             2.0572138413867607, 1.0)
    return horner7(a, 3.1458931813020979e-05, 0.00064671121862677956, 0.0063559957444641012, 0.038181348546259417,
                   0.15071329943437931, 0.39202221835690565, 0.62966464029245439, 0.5)


# S(a), likewise
cdef inline double slope_quotient(double a, double* denominator) noexcept nogil:
    denominator[0] = horner8(a, 5.3489832969443579e-05, 0.0011868662864263548, 0.012474318178526744,
                             0.079982269499053016, 0.33900259933062754, 0.96605475805202201, 1.7981789673691362,
                             1.990594860842394, 1.0)
    return horner8(a, 2.1339355946474888e-05, 0.00048953388937271101, 0.0053232210365519754, 0.035436769523285394,
                   0.15692835776783381, 0.47194236194894212, 0.94184616937099375, 1.147247390293928,
                   0.66507799513143417)


# 1 / R(a) = the result + rest for exact double results; in fast formulas rest is 0
cdef inline real tail_inverse(real a, real* rest) noexcept nogil:
    cdef real p, q, w, w_low, m, d, v, two = 2
    if real is float:
        p = horner3(a, 0.0189030021, 0.155449048, 0.555234909, 0.910858274)
        q = horner4(a, 0.0094528012, 0.0895131528, 0.390925348, 0.909539163, 1.0)
        rest[0] = 0
        return fma32(a, <float>2.50662827 - p / q, 2.0)
    else:
        p = paired10(a, -1.0475300937882194e-07, -2.4599739001706923e-06, -2.5524233506332622e-05,
                     -0.00012630490556126838, 4.3259354916633714e-05, 0.0052690732844860632, 0.040761487129025095,
                     0.17705295241260208, 0.48708418016237881, 0.81531065995339325, 0.66085915302526976)
        q = paired10(a, 4.190120375166169e-07, 1.3191991900511147e-05, 0.00020343163957863976, 0.0020004030572665791,
                     0.013798879586888347, 0.069522212660695026, 0.25881458161912912, 0.70402960256651648,
                     1.3455354631223571, 1.647174287751646, 1.0)
        p = p / q
        # sqrt(2 pi) - 1/4 = 2.2566282746310007 - 1.8328579980459167e-16
        w = 2.2566282746310007 - p
        if real is fast_double:
            rest[0] = 0
            return fma64(a, w, 2.0)
        w_low = ((2.2566282746310007 - w) - p) - 1.8328579980459167e-16
        m = a * w
        w_low = fma64(a, w_low, exact_fma64(a, w, -m))
        d = two + m
        v = d - two
        rest[0] = ((two - (d - v)) + (m - v)) + w_low
        return d


# h(a) for |a - a0| < 3/16 and double results: (a0 - a) P(d) with d = 0.7517915246935645 - a, which is exact
cdef inline double slope_near_root(double a) noexcept nogil:
    cdef double d = 0.7517915246935645 - a
    cdef double p = d * paired11(d, -7.6804629193120184e-06, -1.116494084240222e-05, 8.6156302440368546e-05,
                                 0.00018633757396316867, -0.0007448267656489059, -0.0022395380222583225,
                                 0.0045392283782732471, 0.019421679837719346, -0.014771522148239685,
                                 -0.11400823329721964, -0.018199676398671091, 0.38828498299055197)
    # a0 = 0.7517915246935645 - 1.4956759177009883e-17, P(0) = 0.43149399231404689 + 2.1504064368764193e-17
    cdef double y = 0.43149399231404689 * d, low = exact_fma64(0.43149399231404689, d, -y)
    return y + (low + fma64(d, p + 2.1504064368764193e-17, -1.4956759177009883e-17 * (p + 0.43149399231404689)))


# e^(-a^2 / 2) = (1 + q) times the result 2^-64, in fast formulas. The square needs no second part, because the product
# that is subtracted from it is exact: 8 bits of k times 16 bits of ln 2, 11 times 42 in fast_double.
cdef inline real exp_half_square(real a, real* q) noexcept nogil:
    cdef real half = <real>-0.5 * a, r, t, k
    if real is float:
        t = fma32(a * half, LOG2_E, ROUND32_SCALED_POWER)
        k = t - ROUND32_SCALED_POWER
        r = fma32(k, -LN_2_LOW32, fma32(a, half, k * <float>-LN_2_HIGH32))
    else:
        t = fma64(a * half, LOG2_E, ROUND_SCALED_POWER)
        k = t - ROUND_SCALED_POWER
        r = fma64(k, -LN_2_LOW, fma64(a, half, k * -LN_2_HIGH))
    q[0] = multiply_add(exp_tail(r), r * r, r)
    return power_of_two(t)


# |gelu(x)| unit for double results as a sum of two parts, for x < 0 to be multiplied by scale 2^-64.
# a = min(|x|, 38.7); unit is a power of two that makes a subnormal x normal.
cdef inline double gelu_in_parts(double x, double a, double unit, double* rest, double* scale) noexcept nogil:
    cdef double square = a * a, right = x * unit, high, low, d, e, inverse, n, q, y, y_low, power
    scale[0] = exp_in_parts(-0.5 * square, -0.5 * exact_fma64(a, a, -square), &high, &low)
    d = tail_inverse(a, &e)
    inverse = 1.0 / d
    a = a * unit
    n = a * high
    low = fma64(a, low, exact_fma64(a, high, -n))
    q = n * inverse
    low = (exact_fma64(-q, d, n) + fma64(-q, e, low)) * inverse
    # -(q + low) 2^k for x < 0, x minus that for x >= 0
    power = scale[0] * TWO_M64
    y = q * power
    y_low = low * power
    d = right - y
    y_low = ((right - d) - y) - y_low
    q = d if x >= 0 else q
    low = y_low if x >= 0 else low
    y = q + low
    low = (q - y) + low
    rest[0] = 0.0 if x > 39 else low
    return right if x > 39 else y


# gelu(x), not yet rounded; does not propagate NaN for double results
cdef inline real gelu_value(item x, real* compute) noexcept nogil:
    # from here on a e^(-a^2 / 2) is 0 as a result, or as a factor of one
    cdef item bound = 38.7 if item is double else (20 if real is double else 14.5), small = magnitude(x, bound)
    cdef item tie = TWO_M49
    cdef item zero = 0
    # -0 for x < 0; not `x if x >= 0 else -zero`, for which clang 14 returns -0.0 at +0.0
    cdef real a = small, right = -zero if x < -zero else x, n, d, q, e
    cdef double scale, rest, y
    if real in fast:
        d = a / tail_inverse(a, &e)
        e = exp_half_square(a, &q)
        # rounded once less than d (1 + q)
        return multiply_add(multiply_add(d, q, d) * e, <real>-TWO_M64, right)
    elif item is float:
        # as in silu_size
        q = at_least(small, tie)
        n = exp_quotient(-0.5 * q * q, x, &d)
        n = 0.0 if q >= 20.0 else n  # exactly 0, for any factor of a gated unit
        e = tail_quotient(q, &q)
        return right - a * n * e / (q * d)
    else:
        y = gelu_in_parts(x, a, 1.0, &rest, &scale)
        return with_sign(y if x >= 0 else y * scale * TWO_M64, x)


cdef inline item gelu_(item x, real* compute) noexcept nogil:
    cdef item y = <item>gelu_value(x, compute)
    return y if item is float else keep_nan(x, y)


# gelu'(x), not yet rounded; does not propagate NaN
cdef inline real gelu_slope(item x, real* compute) noexcept nogil:
    # from here on e^(-a^2 / 2) is 0 as a result, or as a factor of one
    cdef item bound = 38.7 if item is double else (20 if real is double else 15)
    cdef real a = magnitude(x, bound), square = a * a, one = 1, half = -0.5, n, d, q, e, h
    cdef double scale, high, low, inverse, t, u, v
    if real in fast:
        d = one / tail_inverse(a, &e)
        # 1 / sqrt(2 pi)
        d = multiply_add(<real>-0.3989422804014327, a, d)
        e = exp_half_square(a, &q)
        h = unscale(multiply_add(d, q, d) * e, x)
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
        h = (t * scale + e * scale) * TWO_M64
        t = slope_near_root(a)
        h = t if magnitude(0.7517915246935645 - a, one) < 0.1875 else h
    d = one - h
    return d if x >= 0 else h


cdef inline item gelu_grad_(item x, item g, real* compute) noexcept nogil:
    return keep_nan(x, <item>(<real>g * gelu_slope(x, compute)))

cdef inline void gelu_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = gelu_(x0[i], compute)

cdef inline void gelu_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = gelu_grad_(x0[i], g[i], compute)

doc = function_doc(
    "Gaussian error linear unit: the input weighted by the normal distribution function.",
    group="self-gated",
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
)
elementwise("gelu", "x",
            gelu_kernel[float, double], gelu_kernel[float, float], gelu_kernel[double, double],
            gelu_kernel[double, fast_double], doc)

doc = gradient_doc(
    "gelu",
    formula=r"g \cdot f'(x), \qquad f'(x) = \Phi(x) + x \varphi(x)",
    returns=r"""
    The gradient with respect to `x`. The slope is 1/2 at 0, 0 at -0.75179, -0 at -inf and 1 at inf; NaN in `x`
    gives NaN.
    """,
    example=r"""
    >>> fastact.gelu_grad(np.array([-10.0, 0.0, 1.0]), 1.0)
    array([-7.61840010e-22,  5.00000000e-01,  1.08331547e+00])
    """,
)
elementwise("gelu_grad", "x, g",
            gelu_grad_kernel[float, double], gelu_grad_kernel[float, float],
            gelu_grad_kernel[double, double], gelu_grad_kernel[double, fast_double], doc)
