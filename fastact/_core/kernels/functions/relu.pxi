# relu(x) = max(x, 0)                    relu'(x) = 1 for x > 0, 0 for x <= 0
#
# Comparisons without arithmetic, so the same form is exact in every precision. `x <= 0` is false for NaN, which is
# propagated, and true for -0, which becomes +0.

cdef inline item relu_(item x) noexcept nogil:
    return <item>0 if x <= 0 else x

cdef inline item relu_grad_(item x, item g) noexcept nogil:
    return keep_nan(x, <item>0 if x <= 0 else g)

cdef inline void relu_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = relu_(x0[i])

cdef inline void relu_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = relu_grad_(x0[i], g[i])

doc = function_doc(
    "Rectified linear unit: the positive part of `x`.",
    group="rectifiers",
    formula=r"f(x) = \max(x, 0)",
    returns=r"Same shape as `x`. NaN gives NaN, -0 gives +0, the limits are 0 at -inf and inf at inf.",
    source=r"""
    Nair, V. and Hinton, G. E. (2010). Rectified linear units improve restricted Boltzmann machines. ICML.
    """,
    example=r"""
    >>> fastact.relu(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 3.])
    """,
    see_also=r"relu_grad : the gradient",
)
elementwise("relu", "x", relu_kernel[float, double], NULL, relu_kernel[double, double], NULL, doc)

doc = gradient_doc(
    "relu",
    formula=r"g \cdot f'(x), \qquad f'(x) = 1 \text{ for } x > 0,\ 0 \text{ for } x \le 0",
    returns=r"The gradient with respect to `x`. At the kink x = 0 it is 0, whatever `g` is; NaN in `x` gives NaN.",
    example=r"""
    >>> fastact.relu_grad(np.array([-2.0, 0.0, 3.0]), 1.0)
    array([0., 0., 1.])
    """,
)
elementwise("relu_grad", "x, g",
            relu_grad_kernel[float, double], NULL, relu_grad_kernel[double, double], NULL, doc)


# ---- from the output

doc = output_gradient_doc(
    "relu",
    formula=r"g \cdot [y > 0]",
    returns=r"The gradient with respect to the input of `relu`. NaN in `y` gives NaN.",
    source=r"Nair, V. and Hinton, G. E. (2010). Rectified linear units improve restricted Boltzmann machines. ICML.",
    example=r"""
    >>> fastact.relu_grad_from_output(fastact.relu(np.array([-1.0, 3.0])), 2.0)
    array([0., 2.])
    """,
)
elementwise("relu_grad_from_output", "y, g",
            relu_grad_kernel[float, double], NULL, relu_grad_kernel[double, double], NULL, doc)
