# sparse_plus(x) = 0 for x <= -1, x for x >= 1, (x + 1)^2 / 4 between         its slope is sparse_sigmoid
# sparse_sigmoid(x) = 0 for x <= -1, 1 for x >= 1, (x + 1) / 2 between        its slope is 1/2 for -1 < x < 1, else 0

cdef inline item sparse_plus_(item x, real* compute) noexcept nogil:
    cdef real one = 1, quarter = 0.25, s = <real>x + one, y = quarter * s * s, v, low
    if item is double and real is double:
        # x + 1 = s + low
        v = s - one
        low = (one - (s - v)) + (x - v)
        y = quarter * (s * s + (exact_fma64(s, s, -s * s) + 2.0 * s * low))
    y = 0 if x <= -1 else y
    return x if x >= 1 else keep_nan(x, <item>y)

cdef inline item sparse_sigmoid_(item x, real* compute) noexcept nogil:
    cdef item one = 1, half = 0.5, y = half * (x + one)
    y = 0 if x <= -1 else y
    return keep_nan(x, one if x >= 1 else y)

cdef inline item sparse_plus_grad_(item x, item g, real* compute) noexcept nogil:
    cdef real one = 1, half = 0.5, slope = half * (<real>x + one)
    slope = one if x >= 1 else slope
    cdef item y = <item>(<real>g * slope)
    return keep_nan(x, <item>0 if x <= -1 else y)

cdef inline item sparse_sigmoid_grad_(item x, item g, real* compute) noexcept nogil:
    cdef item half = 0.5, y = half * g
    y = 0 if x <= -1 else y
    return keep_nan(x, <item>0 if x >= 1 else y)

cdef inline void sparse_plus_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = sparse_plus_(x0[i], compute)

cdef inline void sparse_plus_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                         real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = sparse_plus_grad_(x0[i], g[i], compute)

cdef inline void sparse_sigmoid_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                       real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = sparse_sigmoid_(x0[i], compute)

cdef inline void sparse_sigmoid_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                            real* compute) noexcept nogil:
    cdef const item* x0 = x[0]
    cdef const item* g = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = sparse_sigmoid_grad_(x0[i], g[i], compute)

doc = function_doc(
    "Rectifier whose corner is a parabola: exactly 0 below -1 and the input itself above 1.",
    group="rectifiers",
    formula=r"""
    f(x) = 0 \text{ for } x \le -1, \quad x \text{ for } x \ge 1, \quad \frac{(x + 1)^2}{4} \text{ otherwise}
    """,
    returns=r"Never negative. The limits are 0 and inf; NaN gives NaN.",
    source=r"Bradbury, J. et al. (2018). JAX: composable transformations of Python+NumPy programs.",
    example=r"""
    >>> fastact.sparse_plus(np.array([-2.0, 0.0, 2.0]))
    array([0.  , 0.25, 2.  ])
    """,
    see_also=r"""
    sparse_plus_grad : the gradient
    sparse_sigmoid : its slope
    softplus : with exponential tails
    """,
)
elementwise("sparse_plus", "x",
            sparse_plus_kernel[float, double], sparse_plus_kernel[float, float],
            sparse_plus_kernel[double, double], sparse_plus_kernel[double, fast_double], doc)

doc = gradient_doc(
    "sparse_plus",
    formula=r"g \cdot f'(x), \qquad f'(x) = \min\left(\max\left(\frac{x + 1}{2}, 0\right), 1\right)",
    returns=r"""
    The gradient with respect to `x`. It is 0 for x <= -1 whatever `g` is, and `g` for x >= 1; NaN in `x` gives NaN.
    """,
    example=r"""
    >>> fastact.sparse_plus_grad(np.array([-1.0, 0.0, 1.0]), 3.0)
    array([0. , 1.5, 3. ])
    """,
    see_also=r"sparse_sigmoid : the slope",
)
elementwise("sparse_plus_grad", "x, g",
            sparse_plus_grad_kernel[float, double], sparse_plus_grad_kernel[float, float],
            sparse_plus_grad_kernel[double, double], sparse_plus_grad_kernel[double, fast_double], doc)

doc = function_doc(
    "Piecewise linear sigmoid: exactly 0 below -1 and 1 above 1.",
    group="sigmoids",
    formula=r"f(x) = \min\left(\max\left(\frac{x + 1}{2}, 0\right), 1\right)",
    returns=r"Between 0 and 1. The limits are 0 and 1; NaN gives NaN.",
    source=r"Bradbury, J. et al. (2018). JAX: composable transformations of Python+NumPy programs.",
    example=r"""
    >>> fastact.sparse_sigmoid(np.array([-2.0, 0.0, 0.5]))
    array([0.  , 0.5 , 0.75])
    """,
    see_also=r"""
    sparse_sigmoid_grad : the gradient
    hard_sigmoid : with slope 1/6
    sparse_plus : its antiderivative
    """,
)
elementwise("sparse_sigmoid", "x",
            sparse_sigmoid_kernel[float, double], NULL, sparse_sigmoid_kernel[double, double], NULL, doc)

doc = gradient_doc(
    "sparse_sigmoid",
    formula=r"g \cdot f'(x), \qquad f'(x) = \frac{1}{2} [-1 < x < 1]",
    returns=r"""
    The gradient with respect to `x`. Outside and at both kinks it is 0, whatever `g` is; NaN in `x` gives NaN.
    """,
    example=r"""
    >>> fastact.sparse_sigmoid_grad(np.array([-1.0, 0.0, 1.0]), 3.0)
    array([0. , 1.5, 0. ])
    """,
)
elementwise("sparse_sigmoid_grad", "x, g",
            sparse_sigmoid_grad_kernel[float, double], NULL, sparse_sigmoid_grad_kernel[double, double], NULL, doc)
