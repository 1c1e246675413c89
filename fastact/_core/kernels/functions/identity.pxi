# identity(x) = x                        identity'(x) = 1

cdef inline item identity_(item x, real* compute) noexcept nogil:
    return x

cdef inline item identity_grad_(item x, item g, real* compute) noexcept nogil:
    return keep_nan(x, g)

cdef inline void identity_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = identity_(x0[i], compute)

cdef inline void identity_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                      real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = identity_grad_(x0[i], g[i], compute)

doc = function_doc(
    "The input itself, the activation of a linear output layer.",
    group="linear",
    formula=r"f(x) = x",
    returns=r"A copy of `x`, bit for bit.",
    source=r"""
    Rumelhart, D. E., Hinton, G. E. and Williams, R. J. (1986). Learning representations by back-propagating errors.
    """,
    example=r"""
    >>> fastact.identity(np.array([-1.0, 2.0]))
    array([-1.,  2.])
    """,
    see_also=r"identity_grad : the gradient",
)
elementwise("identity", "x",
            identity_kernel[float, double], NULL, identity_kernel[double, double], NULL, doc)

doc = gradient_doc(
    "identity",
    formula=r"g \cdot f'(x) = g",
    returns=r"The gradient with respect to `x`: `g`; NaN in `x` gives NaN.",
    example=r"""
    >>> fastact.identity_grad(np.array([-1.0, 2.0]), 3.0)
    array([3., 3.])
    """,
)
elementwise("identity_grad", "x, g",
            identity_grad_kernel[float, double], NULL, identity_grad_kernel[double, double], NULL, doc)
