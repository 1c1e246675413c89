# softshrink(x, l) = x - l for x > l, x + l for x < -l, else 0       slope 1 outside, 0 inside and at both ends
# hardshrink(x, l) = x for |x| > l, else 0                           the same
# shrink(x, l, b) = x - b for x > l, x + b for x < -l, else 0        the same
#
# At most one sum, so the same form is exact in every precision.

cdef inline item shrink_(item x, item lambd, item bias, real* compute) noexcept nogil:
    cdef item one = 1, zero = 0, y = x - with_sign(one, x) * bias
    y = zero if with_sign(x, one) <= lambd else y
    return y if lambd >= 0 else <item>NAN

cdef inline item shrink_grad_(item x, item g, item lambd, item bias, real* compute) noexcept nogil:
    cdef item zero = 0, y
    y = g if magnitude(x, <item>INFINITY) > lambd else zero
    y = y if lambd >= 0 else <item>NAN
    return keep_nan(x, y)

cdef inline item softshrink_(item x, item lambd, real* compute) noexcept nogil:
    return shrink_(x, lambd, lambd, compute)

cdef inline item softshrink_grad_(item x, item g, item lambd, real* compute) noexcept nogil:
    return shrink_grad_(x, g, lambd, lambd, compute)

cdef inline item hardshrink_(item x, item lambd, real* compute) noexcept nogil:
    return shrink_(x, lambd, <item>0, compute)

cdef inline item hardshrink_grad_(item x, item g, item lambd, real* compute) noexcept nogil:
    return shrink_grad_(x, g, lambd, lambd, compute)

cdef inline void softshrink_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* lambd = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    cdef item width
    if not uniform:
        for i in range(whole(n)):
            y0[i] = softshrink_(x0[i], lambd[i], compute)
    else:
        width = lambd[0]
        for i in range(whole(n)):
            y0[i] = softshrink_(x0[i], width, compute)

cdef inline void softshrink_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                        real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef const item* lambd = x[2]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    cdef item width
    if not uniform:
        for i in range(whole(n)):
            y0[i] = softshrink_grad_(x0[i], g[i], lambd[i], compute)
    else:
        width = lambd[0]
        for i in range(whole(n)):
            y0[i] = softshrink_grad_(x0[i], g[i], width, compute)

cdef inline void hardshrink_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* lambd = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    cdef item width
    if not uniform:
        for i in range(whole(n)):
            y0[i] = hardshrink_(x0[i], lambd[i], compute)
    else:
        width = lambd[0]
        for i in range(whole(n)):
            y0[i] = hardshrink_(x0[i], width, compute)

cdef inline void hardshrink_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                        real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef const item* lambd = x[2]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    cdef item width
    if not uniform:
        for i in range(whole(n)):
            y0[i] = hardshrink_grad_(x0[i], g[i], lambd[i], compute)
    else:
        width = lambd[0]
        for i in range(whole(n)):
            y0[i] = hardshrink_grad_(x0[i], g[i], width, compute)

cdef inline void shrink_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* lambd = x[1]
    cdef const item* bias = x[2]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    cdef item width, shift
    if not uniform:
        for i in range(whole(n)):
            y0[i] = shrink_(x0[i], lambd[i], bias[i], compute)
    else:
        width, shift = lambd[0], bias[0]
        for i in range(whole(n)):
            y0[i] = shrink_(x0[i], width, shift, compute)

cdef inline void shrink_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef const item* lambd = x[2]
    cdef const item* bias = x[3]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    cdef item width, shift
    if not uniform:
        for i in range(whole(n)):
            y0[i] = shrink_grad_(x0[i], g[i], lambd[i], bias[i], compute)
    else:
        width, shift = lambd[0], bias[0]
        for i in range(whole(n)):
            y0[i] = shrink_grad_(x0[i], g[i], width, shift, compute)

doc = function_doc(
    "Soft thresholding: towards 0 by a constant, the proximal operator of the absolute value.",
    group="shrinks",
    formula=r"""
    f(x) = x - \lambda \text{ for } x > \lambda, \quad x + \lambda \text{ for } x < -\lambda, \quad 0 \text{
    otherwise}
    """,
    returns=r"""
    The broadcast shape of the arguments; +0 in the whole dead zone. The limits are -inf and inf; NaN in `x` gives NaN.
    """,
    source=r"""
    Donoho, D. L. (1995). De-noising by soft-thresholding. IEEE Transactions on Information Theory 41.
    """,
    example=r"""
    >>> fastact.softshrink(np.array([-2.0, 0.5, 2.0]))
    array([-1.5,  0. ,  1.5])
    """,
    parameters=r"""
    lambd : array_like, default 0.5
        Half the width of the dead zone; the result is NaN where it is negative.
    """,
    see_also=r"""
    softshrink_grad : the gradient
    hardshrink : without the step towards 0
    shrink : with a separate constant
    """,
)
elementwise("softshrink", "x; lambd=0.5",
            softshrink_kernel[float, double], NULL, softshrink_kernel[double, double], NULL, doc, numbers=True)

doc = gradient_doc(
    "softshrink",
    formula=r"g \cdot f'(x), \qquad f'(x) = [|x| > \lambda]",
    returns=r"""
    The gradient with respect to `x`. In the dead zone and at its ends it is 0, whatever `g` is; NaN in `x` gives
    NaN.
    """,
    example=r"""
    >>> fastact.softshrink_grad(np.array([-2.0, 0.5, 2.0]), 1.0)
    array([1., 0., 1.])
    """,
)
elementwise("softshrink_grad", "x, g; lambd=0.5",
            softshrink_grad_kernel[float, double], NULL,
            softshrink_grad_kernel[double, double], NULL, doc, numbers=True)

doc = function_doc(
    "Hard thresholding: the input outside a dead zone, 0 inside.",
    group="shrinks",
    formula=r"f(x) = x \text{ for } |x| > \lambda, \quad 0 \text{ otherwise}",
    returns=r"""
    The broadcast shape of the arguments; +0 in the whole dead zone. The limits are -inf and inf; NaN in `x` gives NaN.
    """,
    source=r"""
    Donoho, D. L. and Johnstone, I. M. (1994). Ideal spatial adaptation by wavelet shrinkage. Biometrika 81.
    """,
    example=r"""
    >>> fastact.hardshrink(np.array([-2.0, 0.5, 2.0]))
    array([-2.,  0.,  2.])
    """,
    parameters=r"""
    lambd : array_like, default 0.5
        Half the width of the dead zone; the result is NaN where it is negative.
    """,
    see_also=r"""
    hardshrink_grad : the gradient
    softshrink : continuous
    """,
)
elementwise("hardshrink", "x; lambd=0.5",
            hardshrink_kernel[float, double], NULL, hardshrink_kernel[double, double], NULL, doc, numbers=True)

doc = gradient_doc(
    "hardshrink",
    formula=r"g \cdot f'(x), \qquad f'(x) = [|x| > \lambda]",
    returns=r"""
    The gradient with respect to `x`. In the dead zone and at its ends it is 0, whatever `g` is; NaN in `x` gives
    NaN.
    """,
    example=r"""
    >>> fastact.hardshrink_grad(np.array([-2.0, 0.5, 2.0]), 1.0)
    array([1., 0., 1.])
    """,
)
elementwise("hardshrink_grad", "x, g; lambd=0.5",
            hardshrink_grad_kernel[float, double], NULL,
            hardshrink_grad_kernel[double, double], NULL, doc, numbers=True)

doc = function_doc(
    "Shrinkage with a dead zone and a separate step: Shrink of ONNX.",
    group="shrinks",
    formula=r"""
    f(x) = x - b \text{ for } x > \lambda, \quad x + b \text{ for } x < -\lambda, \quad 0 \text{ otherwise}
    """,
    returns=r"""
    The broadcast shape of the arguments; +0 in the whole dead zone. The limits are -inf and inf; NaN in `x` gives NaN.
    """,
    source=r"ONNX operator specification, Shrink (version 9).",
    example=r"""
    >>> fastact.shrink(np.array([-2.0, 0.5, 2.0]), 1.0, 0.25)
    array([-1.75,  0.  ,  1.75])
    """,
    parameters=r"""
    lambd : array_like, default 0.5
        Half the width of the dead zone; the result is NaN where it is negative.
    bias : array_like, default 0.0
        Subtracted from the absolute value of inputs outside the dead zone.
    """,
    see_also=r"""
    shrink_grad : the gradient
    softshrink : with bias = lambd
    hardshrink : with bias = 0
    """,
)
elementwise("shrink", "x; lambd=0.5, bias=0.0",
            shrink_kernel[float, double], NULL, shrink_kernel[double, double], NULL, doc, numbers=True)

doc = gradient_doc(
    "shrink",
    formula=r"g \cdot f'(x), \qquad f'(x) = [|x| > \lambda]",
    returns=r"""
    The gradient with respect to `x`. In the dead zone and at its ends it is 0, whatever `g` is; NaN in `x` gives
    NaN.
    """,
    example=r"""
    >>> fastact.shrink_grad(np.array([-2.0, 0.5, 2.0]), 1.0, 1.0, 0.25)
    array([1., 0., 1.])
    """,
)
elementwise("shrink_grad", "x, g; lambd=0.5, bias=0.0",
            shrink_grad_kernel[float, double], NULL, shrink_grad_kernel[double, double], NULL, doc, numbers=True)
