# tanhshrink(x) = x - tanh(x)            tanhshrink' = tanh(x)^2
#
# Near 0 the result is x^3 / 3, so nothing is subtracted there. In float it is |x|^3 times a polynomial of degree 7 in
# x^2 up to |x| = 1: 2^-25, and (|x| - 1) + 2 e / (1 + e) with e = e^-2|x| beyond. For float results in double,
# with b = min(|x|, 14), it is (|x| - b) + b^3 P/Q in b^2, of type (6, 7): 2^-44. For double results it is
# x^3 (1/3 - x^2 W(x^2)) up to |x| = 3/4, W of degree 14: 2^-59, with 1/3 and x^3 in two parts; x^3 is scaled by 2^128,
# so that no bits are lost before a subnormal result is rounded. Beyond, tanh is a sum of two parts.

# for a = |x|, given also b = min(a, 1) and c = min(a, 14)
cdef inline float shrink_in_float(float a, float b, float c) noexcept nogil:
    cdef float one = 1, u = b * b, near, e
    cdef float t = fma32(c, -2 * LOG2_E, ROUND32_POWER), k = t - ROUND32_POWER
    cdef float r = fma32(k, -LN_2, -(c + c))
    near = (u * b) * paired7(u, -0.000208315032, 0.00115838205, -0.0035391734, 0.00893256813, -0.0219154041,
                             0.0539785661, -0.13333413, 0.333333343)
    e = power_of_two(t) * (one + fma32(exp_tail(r), r * r, r))
    e = fma32(<float>2, e / (one + e), a - one)
    return near if a < one else e


cdef inline double shrink_series(double a) noexcept nogil:
    cdef double u = a * a, u_low = exact_fma64(a, a, -u)
    cdef double w = paired14(u, 8.039459490580979e-08, -5.5811417740540339e-07, 2.1061214313542423e-06,
                             -6.0814343725619755e-06, 1.5721948924275658e-05, -3.920088307487158e-05,
                             9.68927874712101e-05, -0.00023912424306620812, 0.00059002667410129367,
                             -0.0014558343008351314, 0.003592128029889975, -0.0088632355295643391,
                             0.021869488536145017, -0.053968253968253811, 0.13333333333333333)
    # 1/3 = 0.3333333333333333 + 1.850371707708594e-17
    cdef double m = u * w, s = 0.3333333333333333 - m, s_low = ((0.3333333333333333 - s) - m) + 1.850371707708594e-17
    cdef double b = a * (TWO_64 * TWO_64), t = u * b, t_low = fma64(u_low, b, exact_fma64(u, b, -t)), y = t * s
    return (y + (exact_fma64(t, s, -y) + fma64(t, s_low, t_low * s))) * (TWO_M64 * TWO_M64)


cdef inline item tanhshrink_(item x, real* compute) noexcept nogil:
    cdef item small = 0.75
    cdef double a = magnitude(x, <item>INFINITY), b, u, v, p, q, rest
    cdef float y
    if real is float:
        y = shrink_in_float(magnitude(x, <item>INFINITY), magnitude(x, <item>1), magnitude(x, <item>14))
        return keep_nan(x, with_sign(<item>y, x))
    elif item is float:
        b = magnitude(x, <item>14)
        u = b * b
        p = paired6(u, 8.6973515343414523e-15, 2.7517852955173613e-11, 2.0814898451636778e-08, 5.6955795512312122e-06,
                    0.00063238623521469188, 0.027122459383083313, 0.33333333333333365)
        q = paired7(u, 8.7557927704676625e-15, 2.8141843408975925e-11, 2.1715535022099227e-08, 6.1038584011242346e-06,
                    0.00070562082336918784, 0.032539348060590369, 0.48136737814925196, 1.0)
        # x^3 / 3 can be halfway between two floats; the next term, -2 x^5 / 15, decides: this factor makes 1/3 2^-51
        # too small
        q = (a - b) + b * 0.9999999999999986 * u * p / q
        q = a if a > 16777216.0 else q  # x - 1 is halfway between two floats, but tanh(x) < 1
    else:
        p = tanh_in_parts(magnitude(x, <double>20), &rest)
        b = a + p
        v = b - a
        q = b + (((a - (b - v)) + (p - v)) + rest)
        p = shrink_series(magnitude(x, small))
        q = p if a < 0.75 else q
        q = a if a > 9007199254740992.0 else q
    return keep_nan(x, with_sign(<item>q, x))


cdef inline item tanhshrink_grad_(item x, item g, real* compute) noexcept nogil:
    # |tanh| is rounded to 1 from here on
    cdef item bound = 20 if item is double else (15 if real is double else 10)
    cdef real a = magnitude(x, bound), t
    cdef double rest
    if item is double and real is double:
        a = tanh_in_parts(a, &rest)
        t = a * a
        t = t + fma64(2.0 * a, rest, exact_fma64(a, a, -t))
    elif item is float and real is double:
        # e^-2a - 1 has a relative error of 2^-42 near 0; the rational of tanh is defined up to 9.02
        t = expm1_core(-(a + a))
        t = t / (2.0 - t)
        t = tanh_core(magnitude(a, <real>1), x) if a < 1 else t
        # x^2 can be halfway between two floats; the next term, -2 x^4 / 3, decides: a factor of 1 - 2^-51
        a = a * 0.9999999999999996
        t = t if t < a else a
        t = t * t
    else:
        t = tanh_core(a, x)
        t = t * t
    return keep_nan(x, <item>(<real>g * t))

cdef inline void tanhshrink_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = tanhshrink_(x0[i], compute)

cdef inline void tanhshrink_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                        real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = tanhshrink_grad_(x0[i], g[i], compute)

doc = function_doc(
    "What tanh takes away from its input.",
    group="shrinks",
    formula=r"f(x) = x - \tanh(x)",
    returns=r"""
    Accurate near 0 too, where it is x^3 / 3: nothing is subtracted there. The sign of zero is kept, the limits are
    -inf and inf, NaN gives NaN.
    """,
    source=r"Paszke, A. et al. (2019). PyTorch: an imperative style, high-performance deep learning library. NeurIPS.",
    example=r"""
    >>> fastact.tanhshrink(np.array([1e-5, 2.0]))
    array([3.33333333e-16, 1.03597242e+00])
    """,
    see_also=r"""
    tanhshrink_grad : the gradient
    tanh : what is subtracted
    """,
)
elementwise("tanhshrink", "x",
            tanhshrink_kernel[float, double], tanhshrink_kernel[float, float],
            tanhshrink_kernel[double, double], NULL, doc)

doc = gradient_doc(
    "tanhshrink",
    formula=r"g \cdot f'(x), \qquad f'(x) = \tanh^2(x)",
    returns=r"The gradient with respect to `x`. The slope is 0 at 0, 1 at -inf and inf; NaN in `x` gives NaN.",
    example=r"""
    >>> fastact.tanhshrink_grad(np.array([0.0, 2.0]), 1.0)
    array([0.        , 0.92934918])
    """,
)
elementwise("tanhshrink_grad", "x, g",
            tanhshrink_grad_kernel[float, double], tanhshrink_grad_kernel[float, float],
            tanhshrink_grad_kernel[double, double], tanhshrink_grad_kernel[double, fast_double], doc)
