# log_sigmoid(x) = -log(1 + e^-x) = -softplus(-x)                    log_sigmoid'(x) = sigmoid(-x)

cdef inline item log_sigmoid_(item x, real* compute) noexcept nogil:
    cdef real zero = 0, one = 1
    return -softplus_core(-x, one, <real>-x, zero)

cdef inline item log_sigmoid_grad_(item x, item g, real* compute) noexcept nogil:
    cdef real zero = 0
    return softplus_grad_core(g, <real>-x, zero)

cdef inline void log_sigmoid_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = log_sigmoid_(x0[i], compute)

cdef inline void log_sigmoid_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                         real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = log_sigmoid_grad_(x0[i], g[i], compute)

doc = function_doc(
    "Logarithm of the sigmoid, accurate where the sigmoid is 0 or 1.",
    group="sigmoids",
    formula=r"f(x) = -\log(1 + e^{-x})",
    returns=r"Never positive. The limits are -inf and -0; NaN gives NaN.",
    source=r"""
    Paszke, A. et al. (2019). PyTorch: an imperative style, high-performance deep learning library. NeurIPS.
    """,
    example=r"""
    >>> fastact.log_sigmoid(np.array([-1000.0, 0.0, 50.0]))
    array([-1.00000000e+03, -6.93147181e-01, -1.92874985e-22])
    """,
    see_also=r"""
    log_sigmoid_grad : the gradient
    sigmoid : without the logarithm
    softplus : -log_sigmoid(-x)
    """,
)
elementwise("log_sigmoid", "x",
            log_sigmoid_kernel[float, double], log_sigmoid_kernel[float, float],
            log_sigmoid_kernel[double, double], log_sigmoid_kernel[double, fast_double], doc)

doc = gradient_doc(
    "log_sigmoid",
    formula=r"g \cdot f'(x), \qquad f'(x) = \frac{1}{1 + e^x}",
    returns=r"The gradient with respect to `x`. The slope is 1 at -inf and 0 at inf; NaN in `x` gives NaN.",
    example=r"""
    >>> fastact.log_sigmoid_grad(np.array([-1000.0, 0.0, 1000.0]), 1.0)
    array([1. , 0.5, 0. ])
    """,
)
elementwise("log_sigmoid_grad", "x, g",
            log_sigmoid_grad_kernel[float, double], log_sigmoid_grad_kernel[float, float],
            log_sigmoid_grad_kernel[double, double], log_sigmoid_grad_kernel[double, fast_double], doc)


# ---- from the output

cdef inline item log_sigmoid_grad_from_output_(item y, item g, real* compute) noexcept nogil:
    return softplus_grad_from_output_(-y, g, <item>1, compute)

cdef inline void log_sigmoid_grad_from_output_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                                     real* compute) noexcept nogil:
    cdef const item* output = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = log_sigmoid_grad_from_output_(output[i], g[i], compute)

doc = output_gradient_doc(
    "log_sigmoid",
    formula=r"g \cdot (1 - e^y)",
    returns=r"The gradient with respect to the input of `log_sigmoid`. NaN in `y` gives NaN.",
    example=r"""
    >>> fastact.log_sigmoid_grad_from_output(fastact.log_sigmoid(np.array([-2.0, 0.0, 2.0])), 1.0)
    array([0.88079708, 0.5       , 0.11920292])
    """,
)
elementwise("log_sigmoid_grad_from_output", "y, g",
            log_sigmoid_grad_from_output_kernel[float, double], log_sigmoid_grad_from_output_kernel[float, float],
            log_sigmoid_grad_from_output_kernel[double, double],
            log_sigmoid_grad_from_output_kernel[double, fast_double], doc)
