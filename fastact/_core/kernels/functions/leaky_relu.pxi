# leaky_relu(x, s) = x for x > 0, s x otherwise      leaky_relu'(x) = 1 for x > 0, s otherwise
#
# A single product, so the same form is exact in every precision. 0 (-inf) is the limit of 0 x, -0.

cdef inline item leaky_relu_(item x, item negative_slope, real* compute) noexcept nogil:
    cdef item left = with_sign(<item>0, x) if negative_slope == 0 else negative_slope * x
    return keep_nan(x, x if x > 0 else left)

cdef inline item leaky_relu_grad_(item x, item g, item negative_slope, real* compute) noexcept nogil:
    cdef item left = negative_slope * g
    return keep_nan(x, g if x > 0 else left)

cdef inline void leaky_relu_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* negative_slope = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    cdef item slope
    if not uniform:
        for i in range(whole(n)):
            y0[i] = leaky_relu_(x0[i], negative_slope[i], compute)
    else:
        slope = negative_slope[0]
        for i in range(whole(n)):
            y0[i] = leaky_relu_(x0[i], slope, compute)

cdef inline void leaky_relu_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                        real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef const item* negative_slope = x[2]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    cdef item slope
    if not uniform:
        for i in range(whole(n)):
            y0[i] = leaky_relu_grad_(x0[i], g[i], negative_slope[i], compute)
    else:
        slope = negative_slope[0]
        for i in range(whole(n)):
            y0[i] = leaky_relu_grad_(x0[i], g[i], slope, compute)

doc = function_doc(
    "Rectified linear unit with a small slope on the left, so that no unit dies.",
    group="rectifiers",
    formula=r"f(x) = x \text{ for } x > 0, \quad s x \text{ otherwise}",
    returns=r"""
    The broadcast shape of the arguments. NaN in `x` gives NaN; with a slope of 0 all negative inputs, -inf
    too, give -0.
    """,
    source=r"""
    Maas, A. L., Hannun, A. Y. and Ng, A. Y. (2013). Rectifier nonlinearities improve neural network acoustic
    models. ICML.
    """,
    example=r"""
    >>> fastact.leaky_relu(np.array([-2.0, 3.0]))
    array([-0.02,  3.  ])
    """,
    parameters=r"""
    negative_slope : array_like, default 0.01
        Slope for x <= 0.
    """,
    see_also=r"leaky_relu_grad : the gradient",
)
elementwise("leaky_relu", "x; negative_slope=0.01",
            leaky_relu_kernel[float, double], NULL, leaky_relu_kernel[double, double], NULL, doc, numbers=True)

doc = gradient_doc(
    "leaky_relu",
    formula=r"g \cdot f'(x), \qquad f'(x) = 1 \text{ for } x > 0, \ s \text{ otherwise}",
    returns=r"The gradient with respect to `x`. At the kink x = 0 the slope is `negative_slope`; NaN in `x` gives NaN.",
    example=r"""
    >>> fastact.leaky_relu_grad(np.array([-2.0, 0.0, 3.0]), 1.0, 0.1)
    array([0.1, 0.1, 1. ])
    """,
)
elementwise("leaky_relu_grad", "x, g; negative_slope=0.01",
            leaky_relu_grad_kernel[float, double], NULL,
            leaky_relu_grad_kernel[double, double], NULL, doc, numbers=True)


# ---- from the output

doc = output_gradient_doc(
    "leaky_relu",
    formula=r"g \text{ for } y > 0, \quad g s \text{ otherwise}",
    returns=r"""
    The gradient with respect to the input of `leaky_relu`, for a positive slope. At 0 it is the slope. NaN in `y`
    gives NaN.
    """,
    example=r"""
    >>> fastact.leaky_relu_grad_from_output(fastact.leaky_relu(np.array([-1.0, 3.0])), 2.0)
    array([0.02, 2.  ])
    """,
    parameters=r"""
    negative_slope : array_like, default 0.01
        As in `leaky_relu`; it must be positive, else the output does not tell which side the input was on.
    """,
)
elementwise("leaky_relu_grad_from_output", "y, g; negative_slope=0.01",
            leaky_relu_grad_kernel[float, double], NULL,
            leaky_relu_grad_kernel[double, double], NULL, doc, numbers=True)
