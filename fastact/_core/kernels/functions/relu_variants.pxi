# relu6(x) = min(max(x, 0), 6)           relu6'(x) = 1 for 0 < x < 6, else 0
# relu2(x) = max(x, 0)^2                 relu2'(x) = 2 max(x, 0)
#
# At most one operation rounds, so the same form is exact in every precision.

cdef inline item relu6_(item x, real* compute) noexcept nogil:
    cdef item low = 0, high = 6
    x = low if x <= 0 else x
    return high if x >= 6 else x

cdef inline item relu6_grad_(item x, item g, real* compute) noexcept nogil:
    cdef item zero = 0
    g = zero if x <= 0 else g
    return keep_nan(x, zero if x >= 6 else g)

cdef inline item relu2_(item x, real* compute) noexcept nogil:
    x = <item>0 if x <= 0 else x
    return x * x

cdef inline item relu2_grad_(item x, item g, real* compute) noexcept nogil:
    cdef item two = 2, slope = g * x
    return <item>0 if x <= 0 else two * slope

cdef inline void relu6_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = relu6_(x0[i], compute)

cdef inline void relu6_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = relu6_grad_(x0[i], g[i], compute)

cdef inline void relu2_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = relu2_(x0[i], compute)

cdef inline void relu2_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = relu2_grad_(x0[i], g[i], compute)

doc = function_doc(
    "Rectified linear unit with a ceiling of 6.",
    group="rectifiers",
    formula=r"f(x) = \min(\max(x, 0), 6)",
    returns=r"""
    Same shape as `x`, values between 0 and 6. NaN gives NaN, -0 gives +0, the limits are 0 and 6.
    """,
    source=r"Krizhevsky, A. (2010). Convolutional deep belief networks on CIFAR-10.",
    example=r"""
    >>> fastact.relu6(np.array([-1.0, 3.0, 7.0]))
    array([0., 3., 6.])
    """,
    see_also=r"""
    relu6_grad : the gradient
    hard_sigmoid : relu6(x + 3) / 6
    """,
)
elementwise("relu6", "x",
            relu6_kernel[float, double], NULL, relu6_kernel[double, double], NULL, doc)

doc = gradient_doc(
    "relu6",
    formula=r"g \cdot f'(x), \qquad f'(x) = [0 < x < 6]",
    returns=r"The gradient with respect to `x`. At the kinks 0 and 6 it is 0, whatever `g` is; NaN in `x` gives NaN.",
    example=r"""
    >>> fastact.relu6_grad(np.array([-1.0, 3.0, 6.0]), 2.0)
    array([0., 2., 0.])
    """,
)
elementwise("relu6_grad", "x, g",
            relu6_grad_kernel[float, double], NULL, relu6_grad_kernel[double, double], NULL, doc)

doc = function_doc(
    "Square of the rectified linear unit.",
    group="rectifiers",
    formula=r"f(x) = \max(x, 0)^2",
    returns=r"Never negative. NaN gives NaN, -0 gives +0, the limits are 0 and inf.",
    source=r"""
    So, D. R. et al. (2021). Primer: searching for efficient transformers for language modeling. NeurIPS.
    """,
    example=r"""
    >>> fastact.relu2(np.array([-1.0, 3.0]))
    array([0., 9.])
    """,
    see_also=r"relu2_grad : the gradient",
)
elementwise("relu2", "x",
            relu2_kernel[float, double], NULL, relu2_kernel[double, double], NULL, doc)

doc = gradient_doc(
    "relu2",
    formula=r"g \cdot f'(x), \qquad f'(x) = 2 \max(x, 0)",
    returns=r"The gradient with respect to `x`: 0 for x <= 0, whatever `g` is. NaN in `x` gives NaN.",
    example=r"""
    >>> fastact.relu2_grad(np.array([-1.0, 3.0]), 1.0)
    array([0., 6.])
    """,
)
elementwise("relu2_grad", "x, g",
            relu2_grad_kernel[float, double], NULL, relu2_grad_kernel[double, double], NULL, doc)
