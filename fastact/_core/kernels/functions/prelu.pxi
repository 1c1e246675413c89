# prelu(x, w) = x for x > 0, w x otherwise
#     with respect to x: 1 for x > 0, w otherwise             with respect to w: 0 for x >= 0, x otherwise
# pact(x, alpha) = min(max(x, 0), alpha)
#     with respect to x: 1 for 0 < x < alpha, 0 otherwise     with respect to alpha: 1 for max(x, 0) >= alpha
#
# Activations with a learned parameter: the gradient functions have two results. prelu has the kernels of leaky_relu.

cdef inline item prelu_weight_grad_(item x, item g, item weight, real* compute) noexcept nogil:
    cdef item left = g * x
    return keep_nan(x, <item>0 if x >= 0 else left)

cdef inline item pact_(item x, item alpha, real* compute) noexcept nogil:
    cdef item right = <item>0 if x <= 0 else x
    right = alpha if right >= alpha else right
    return keep_nan(x, keep_nan(alpha, right))

cdef inline item pact_grad_(item x, item g, item alpha, real* compute) noexcept nogil:
    g = <item>0 if x <= 0 else g
    g = <item>0 if x >= alpha else g
    return keep_nan(x, keep_nan(alpha, g))

cdef inline item pact_alpha_grad_(item x, item g, item alpha, real* compute) noexcept nogil:
    cdef item right = <item>0 if x <= 0 else x
    g = g if right >= alpha else <item>0
    return keep_nan(x, keep_nan(alpha, g))

cdef inline void prelu_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* weight = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    cdef item slope
    if not uniform:
        for i in range(whole(n)):
            y0[i] = leaky_relu_(x0[i], weight[i], compute)
    else:
        slope = weight[0]
        for i in range(whole(n)):
            y0[i] = leaky_relu_(x0[i], slope, compute)

cdef inline void prelu_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef const item* weight = x[2]
    cdef item* y0 = y[0]
    cdef item* y1 = y[1]
    cdef Py_ssize_t i
    cdef item first, second
    for i in range(whole(n)):
        first = leaky_relu_grad_(x0[i], g[i], weight[i], compute)
        second = prelu_weight_grad_(x0[i], g[i], weight[i], compute)
        y0[i] = first
        y1[i] = second

cdef inline void pact_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* alpha = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    cdef item most
    if not uniform:
        for i in range(whole(n)):
            y0[i] = pact_(x0[i], alpha[i], compute)
    else:
        most = alpha[0]
        for i in range(whole(n)):
            y0[i] = pact_(x0[i], most, compute)

cdef inline void pact_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef const item* alpha = x[2]
    cdef item* y0 = y[0]
    cdef item* y1 = y[1]
    cdef Py_ssize_t i
    cdef item first, second
    for i in range(whole(n)):
        first = pact_grad_(x0[i], g[i], alpha[i], compute)
        second = pact_alpha_grad_(x0[i], g[i], alpha[i], compute)
        y0[i] = first
        y1[i] = second

doc = function_doc(
    "Parametric rectified linear unit: a leaky one whose slope is learned.",
    group="rectifiers",
    formula=r"f(x) = x \text{ for } x > 0, \quad w x \text{ otherwise}",
    returns=r"""
    The broadcast shape of the arguments. The limits are -inf (for weight > 0) and inf; -0 stays -0; NaN in
    `x` gives NaN.
    """,
    source=r"He, K., Zhang, X., Ren, S. and Sun, J. (2015). Delving deep into rectifiers. ICCV.",
    example=r"""
    >>> fastact.prelu(np.array([[-1.0, -1.0], [2.0, -4.0]]), np.array([0.25, 0.5]))
    array([[-0.25, -0.5 ],
           [ 2.  , -2.  ]])
    """,
    parameters=r"""
    weight : array_like
        Slope left of 0, broadcast against `x` by NumPy's rule, which aligns the last axes: one weight per channel of
        axis 1 in (N, C, H, W) is ``weight[:, None, None]``. (PyTorch takes channels from axis 1 by itself.)
    """,
    see_also=r"""
    prelu_grad : the gradients with respect to both arguments
    leaky_relu : with a fixed slope
    """,
)
elementwise("prelu", "x; weight",
            prelu_kernel[float, double], NULL, prelu_kernel[double, double], NULL, doc, numbers=True)

doc = gradient_doc(
    "prelu",
    formula=r"g \cdot [x > 0] + g w \cdot [x \le 0], \qquad g x \cdot [x < 0]",
    outputs=r"dx, dweight : ndarray or scalar",
    returns=r"""
    The gradients with respect to `x` and `weight`, elementwise: sum the second over the axes along which `weight`
    was broadcast. At 0 the gradient with respect to `x` is `g` times `weight`. NaN in `x` gives NaN.
    """,
    example=r"""
    >>> dx, dweight = fastact.prelu_grad(np.array([-3.0, 2.0]), 1.0, 0.25)
    >>> dx, dweight
    (array([0.25, 1.  ]), array([-3.,  0.]))
    """,
)
elementwise("prelu_grad", "x, g; weight -> dx, dweight",
            prelu_grad_kernel[float, double], NULL, prelu_grad_kernel[double, double], NULL, doc)

doc = function_doc(
    "Rectified linear unit clipped at a learned bound.",
    group="rectifiers",
    formula=r"f(x) = \min(\max(x, 0), \alpha)",
    returns=r"The broadcast shape of the arguments. The limits are 0 and alpha; NaN in `x` gives NaN.",
    source=r"""
    Choi, J. et al. (2018). PACT: parameterized clipping activation for quantized neural networks. arXiv:1805.06085.
    """,
    example=r"""
    >>> fastact.pact(np.array([-1.0, 2.0, 9.0]), 6.0)
    array([0., 2., 6.])
    """,
    parameters=r"""
    alpha : array_like
        Upper bound of the result, learned in training.
    """,
    see_also=r"""
    pact_grad : the gradients with respect to both arguments
    relu6 : with the bound 6
    """,
)
elementwise("pact", "x; alpha",
            pact_kernel[float, double], NULL, pact_kernel[double, double], NULL, doc, numbers=True)

doc = gradient_doc(
    "pact",
    formula=r"g \cdot [0 < x < \alpha], \qquad g \cdot [\max(x, 0) \ge \alpha]",
    outputs=r"dx, dalpha : ndarray or scalar",
    returns=r"""
    The gradients with respect to `x` and `alpha`, elementwise: sum the second over the axes along which `alpha` was
    broadcast. At both kinks the gradient with respect to `x` is 0. NaN in `x` gives NaN.
    """,
    example=r"""
    >>> dx, dalpha = fastact.pact_grad(np.array([-1.0, 2.0, 9.0]), 1.0, 6.0)
    >>> dx, dalpha
    (array([0., 1., 0.]), array([0., 0., 1.]))
    """,
)
elementwise("pact_grad", "x, g; alpha -> dx, dalpha",
            pact_grad_kernel[float, double], NULL, pact_grad_kernel[double, double], NULL, doc)
