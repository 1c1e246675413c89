# threshold(x, t, v) = x if x > t else v             threshold' = 1 for x > t, else 0
# thresholded_relu(x, alpha) = x if x > alpha else 0 the same
# step(x, t) = 1 if x >= t else 0                    step' = 0
#
# Selections without arithmetic, so the same form is exact in every precision.

cdef inline item threshold_(item x, item at, item value, real* compute) noexcept nogil:
    return keep_nan(x, x if x > at else value)

cdef inline item threshold_grad_(item x, item g, item at, item value, real* compute) noexcept nogil:
    return keep_nan(x, g if x > at else <item>0)

cdef inline item thresholded_relu_(item x, item alpha, real* compute) noexcept nogil:
    return keep_nan(x, x if x > alpha else <item>0)

cdef inline item thresholded_relu_grad_(item x, item g, item alpha, real* compute) noexcept nogil:
    return keep_nan(x, g if x > alpha else <item>0)

cdef inline item step_(item x, item at, real* compute) noexcept nogil:
    return keep_nan(x, <item>1 if x >= at else <item>0)

cdef inline item step_grad_(item x, real* compute) noexcept nogil:
    return keep_nan(x, <item>0)

cdef inline void threshold_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* at = x[1]
    cdef const item* value = x[2]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    cdef item limit, other
    if not uniform:
        for i in range(whole(n)):
            y0[i] = threshold_(x0[i], at[i], value[i], compute)
    else:
        limit, other = at[0], value[0]
        for i in range(whole(n)):
            y0[i] = threshold_(x0[i], limit, other, compute)

cdef inline void threshold_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                       real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef const item* at = x[2]
    cdef const item* value = x[3]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    cdef item limit, other
    if not uniform:
        for i in range(whole(n)):
            y0[i] = threshold_grad_(x0[i], g[i], at[i], value[i], compute)
    else:
        limit, other = at[0], value[0]
        for i in range(whole(n)):
            y0[i] = threshold_grad_(x0[i], g[i], limit, other, compute)

cdef inline void thresholded_relu_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                         real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* alpha = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    cdef item limit
    if not uniform:
        for i in range(whole(n)):
            y0[i] = thresholded_relu_(x0[i], alpha[i], compute)
    else:
        limit = alpha[0]
        for i in range(whole(n)):
            y0[i] = thresholded_relu_(x0[i], limit, compute)

cdef inline void thresholded_relu_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                              real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef const item* alpha = x[2]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    cdef item limit
    if not uniform:
        for i in range(whole(n)):
            y0[i] = thresholded_relu_grad_(x0[i], g[i], alpha[i], compute)
    else:
        limit = alpha[0]
        for i in range(whole(n)):
            y0[i] = thresholded_relu_grad_(x0[i], g[i], limit, compute)

cdef inline void step_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* at = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    cdef item limit
    if not uniform:
        for i in range(whole(n)):
            y0[i] = step_(x0[i], at[i], compute)
    else:
        limit = at[0]
        for i in range(whole(n)):
            y0[i] = step_(x0[i], limit, compute)

cdef inline void step_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = step_grad_(x0[i], compute)

doc = function_doc(
    "The input above a threshold, a fixed value up to it.",
    group="rectifiers",
    formula=r"f(x) = x \text{ for } x > t, \quad v \text{ otherwise}",
    returns=r"The broadcast shape of the arguments. NaN in `x` gives NaN.",
    source=r"""
    Paszke, A. et al. (2019). PyTorch: an imperative style, high-performance deep learning library. NeurIPS.
    """,
    example=r"""
    >>> fastact.threshold(np.array([0.5, 1.0, 2.0]), 1.0, -7.0)
    array([-7., -7.,  2.])
    """,
    parameters=r"""
    threshold : array_like
        Where x itself begins; x must be greater.
    value : array_like
        The result up to there.
    """,
    see_also=r"""
    threshold_grad : the gradient
    thresholded_relu : with 0 as the value
    """,
)
elementwise("threshold", "x; threshold, value",
            threshold_kernel[float, double], NULL, threshold_kernel[double, double], NULL, doc, numbers=True)

doc = gradient_doc(
    "threshold",
    formula=r"g \cdot f'(x), \qquad f'(x) = [x > t]",
    returns=r"""
    The gradient with respect to `x`. At the kink x = t and below it is 0, whatever `g` is; NaN in `x` gives NaN.
    """,
    example=r"""
    >>> fastact.threshold_grad(np.array([0.5, 1.0, 2.0]), 1.0, 1.0, -7.0)
    array([0., 0., 1.])
    """,
)
elementwise("threshold_grad", "x, g; threshold, value",
            threshold_grad_kernel[float, double], NULL, threshold_grad_kernel[double, double], NULL, doc, numbers=True)

doc = function_doc(
    "The input above a threshold, else 0.",
    group="rectifiers",
    formula=r"f(x) = x \text{ for } x > \alpha, \quad 0 \text{ otherwise}",
    returns=r"The broadcast shape of the arguments. NaN in `x` gives NaN; the limits are 0 and inf.",
    source=r"""
    Konda, K., Memisevic, R. and Krueger, D. (2015). Zero-bias autoencoders and the benefits of co-adapting
    features. ICLR.
    """,
    example=r"""
    >>> fastact.thresholded_relu(np.array([0.5, 1.0, 2.0]))
    array([0., 0., 2.])
    """,
    parameters=r"""
    alpha : array_like, default 1.0
        Where x itself begins; x must be greater.
    """,
    see_also=r"""
    thresholded_relu_grad : the gradient
    threshold : with another value than 0
    """,
)
elementwise("thresholded_relu", "x; alpha=1.0",
            thresholded_relu_kernel[float, double], NULL,
            thresholded_relu_kernel[double, double], NULL, doc, numbers=True)

doc = gradient_doc(
    "thresholded_relu",
    formula=r"g \cdot f'(x), \qquad f'(x) = [x > \alpha]",
    returns=r"""
    The gradient with respect to `x`. At the kink x = alpha and below it is 0, whatever `g` is; NaN in `x` gives
    NaN.
    """,
    example=r"""
    >>> fastact.thresholded_relu_grad(np.array([0.5, 1.0, 2.0]), 1.0)
    array([0., 0., 1.])
    """,
)
elementwise("thresholded_relu_grad", "x, g; alpha=1.0",
            thresholded_relu_grad_kernel[float, double], NULL,
            thresholded_relu_grad_kernel[double, double], NULL, doc, numbers=True)

doc = function_doc(
    "Heaviside step, the activation of the first perceptrons.",
    group="sigmoids",
    formula=r"f(x) = [x \ge t]",
    returns=r"The broadcast shape of the arguments: 0 or 1, or NaN where `x` is NaN.",
    source=r"""
    Rosenblatt, F. (1958). The perceptron: a probabilistic model for information storage and organization in the
    brain.
    """,
    example=r"""
    >>> fastact.step(np.array([-1.0, 0.0, 1.0]))
    array([0., 1., 1.])
    """,
    parameters=r"""
    threshold : array_like, default 0.0
        Where the step is; the result there is 1.
    """,
    see_also=r"step_grad : the gradient",
)
elementwise("step", "x; threshold=0.0",
            step_kernel[float, double], NULL, step_kernel[double, double], NULL, doc, numbers=True)

doc = gradient_doc(
    "step",
    formula=r"g \cdot f'(x) = 0",
    returns=r"Zeros, whatever `g` is: the derivative is 0 on both sides of the step. NaN in `x` gives NaN.",
    example=r"""
    >>> fastact.step_grad(np.array([-1.0, 0.0, 1.0]), 1.0)
    array([0., 0., 0.])
    """,
)
elementwise("step_grad", "x, g; threshold=0.0",
            step_grad_kernel[float, double], NULL, step_grad_kernel[double, double], NULL, doc, numbers=True)
