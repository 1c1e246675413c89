# Gated units: a(gate) up, with a = silu, gelu, gelu_tanh or relu, and glu(values, gate) = values sigmoid(gate).
#     by gate: g up a'(gate)        by up: g a(gate)
#
# A plain product of the activation and the other operand: rounded once where floats are computed in double, elsewhere
# the activation is rounded first.

# a b c for a slope c < 2 without overflow or underflow halfway: the larger of a and b first. Products of floats in
# double lanes need no care.
cdef inline real product(real a, real b, real c, item to) noexcept nogil:
    cdef real most = INFINITY, half = 0.5, two = 2, larger, smaller
    if item is float and real is double:
        return a * b * c
    else:
        larger = a if magnitude(a, most) > magnitude(b, most) else b
        smaller = b if magnitude(a, most) > magnitude(b, most) else a
        return half * larger * c * smaller * two


# Far right an activation is x (1 - t) with a t that a double cannot see; but x up may be a tie, which t breaks, so
# there it is taken as 2^-50.
cdef inline real below(real y, item x, item far) noexcept nogil:
    cdef real less = y * <real>0.9999999999999991
    if item is float and real is double:
        return less if x > far else y
    else:
        return y


cdef inline real silu_below(item x, real* lanes) noexcept nogil:
    return below(with_sign(silu_size(x, lanes), <real>x), x, <item>34.7)

cdef inline real gelu_below(item x, real* lanes) noexcept nogil:
    return below(gelu_value(x, lanes), x, <item>8)

cdef inline real gelu_tanh_below(item x, real* lanes) noexcept nogil:
    return below(gelu_tanh_value(x, lanes), x, <item>6.95)

cdef inline item swiglu_(item gate, item up, real* lanes) noexcept nogil:
    return keep_nan(gate, <item>(silu_below(gate, lanes) * <real>up))

cdef inline item swiglu_gate_grad_(item gate, item up, item g, real* lanes) noexcept nogil:
    return keep_nan(gate, <item>product(<real>g, <real>up, silu_slope_at(gate, lanes), gate))

cdef inline item swiglu_up_grad_(item gate, item up, item g, real* lanes) noexcept nogil:
    return keep_nan(gate, keep_nan(up, <item>(silu_below(gate, lanes) * <real>g)))


cdef inline item geglu_(item gate, item up, real* lanes) noexcept nogil:
    return keep_nan(gate, <item>(gelu_below(gate, lanes) * <real>up))

cdef inline item geglu_gate_grad_(item gate, item up, item g, real* lanes) noexcept nogil:
    return keep_nan(gate, <item>product(<real>g, <real>up, gelu_slope(gate, lanes), gate))

cdef inline item geglu_up_grad_(item gate, item up, item g, real* lanes) noexcept nogil:
    return keep_nan(gate, keep_nan(up, <item>(gelu_below(gate, lanes) * <real>g)))


cdef inline item geglu_tanh_(item gate, item up, real* lanes) noexcept nogil:
    return keep_nan(gate, <item>(gelu_tanh_below(gate, lanes) * <real>up))

cdef inline item geglu_tanh_gate_grad_(item gate, item up, item g, real* lanes) noexcept nogil:
    return keep_nan(gate, <item>product(<real>g, <real>up, gelu_tanh_slope(gate, lanes), gate))

cdef inline item geglu_tanh_up_grad_(item gate, item up, item g, real* lanes) noexcept nogil:
    return keep_nan(gate, keep_nan(up, <item>(gelu_tanh_below(gate, lanes) * <real>g)))


cdef inline item reglu_(item gate, item up, real* lanes) noexcept nogil:
    return keep_nan(gate, (<item>0 if gate <= 0 else gate) * up)

cdef inline item reglu_gate_grad_(item gate, item up, item g, real* lanes) noexcept nogil:
    cdef item y = g * up
    return keep_nan(gate, <item>0 if gate <= 0 else y)

cdef inline item reglu_up_grad_(item gate, item up, item g, real* lanes) noexcept nogil:
    cdef item y = gate * g
    return keep_nan(gate, keep_nan(up, <item>0 if gate <= 0 else y))


cdef inline real sigmoid_value(item x, real* lanes) noexcept nogil:
    cdef item bound = 746 if item is double else (200 if real is double else 104)
    cdef real zero = 0, y = sigmoid_core(<real>x, <real>magnitude(x, bound), zero, x)
    return zero if x <= -bound else y

cdef inline item glu_(item values, item gate, real* lanes) noexcept nogil:
    return keep_nan(gate, <item>(<real>values * sigmoid_value(gate, lanes)))

cdef inline item glu_values_grad_(item values, item gate, item g, real* lanes) noexcept nogil:
    return keep_nan(gate, keep_nan(values, <item>(<real>g * sigmoid_value(gate, lanes))))

cdef inline item glu_gate_grad_(item values, item gate, item g, real* lanes) noexcept nogil:
    cdef item bound = 746 if item is double else (200 if real is double else 104)
    cdef real zero = 0, one = 1, slope = sigmoid_slope(<real>magnitude(gate, bound), zero, one, gate)
    return keep_nan(gate, <item>product(<real>g, <real>values, slope, gate))

cdef inline void swiglu_kernel(const item** x, item** y, Py_ssize_t n, real* lanes) noexcept nogil:
    cdef const item* gate = x[0]
    cdef const item* up = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(n):
        y0[i] = swiglu_(gate[i], up[i], lanes)

cdef inline void swiglu_grad_kernel(const item** x, item** y, Py_ssize_t n, real* lanes) noexcept nogil:
    cdef const item* gate = x[0]
    cdef const item* up = x[1]
    cdef const item* g = x[2]
    cdef item* y0 = y[0]
    cdef item* y1 = y[1]
    cdef Py_ssize_t i
    cdef item first, second
    for i in range(n):
        first = swiglu_gate_grad_(gate[i], up[i], g[i], lanes)
        second = swiglu_up_grad_(gate[i], up[i], g[i], lanes)
        y0[i] = first
        y1[i] = second

cdef inline void geglu_kernel(const item** x, item** y, Py_ssize_t n, real* lanes) noexcept nogil:
    cdef const item* gate = x[0]
    cdef const item* up = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(n):
        y0[i] = geglu_(gate[i], up[i], lanes)

cdef inline void geglu_grad_kernel(const item** x, item** y, Py_ssize_t n, real* lanes) noexcept nogil:
    cdef const item* gate = x[0]
    cdef const item* up = x[1]
    cdef const item* g = x[2]
    cdef item* y0 = y[0]
    cdef item* y1 = y[1]
    cdef Py_ssize_t i
    cdef item first, second
    for i in range(n):
        first = geglu_gate_grad_(gate[i], up[i], g[i], lanes)
        second = geglu_up_grad_(gate[i], up[i], g[i], lanes)
        y0[i] = first
        y1[i] = second

cdef inline void geglu_tanh_kernel(const item** x, item** y, Py_ssize_t n, real* lanes) noexcept nogil:
    cdef const item* gate = x[0]
    cdef const item* up = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(n):
        y0[i] = geglu_tanh_(gate[i], up[i], lanes)

cdef inline void geglu_tanh_grad_kernel(const item** x, item** y, Py_ssize_t n, real* lanes) noexcept nogil:
    cdef const item* gate = x[0]
    cdef const item* up = x[1]
    cdef const item* g = x[2]
    cdef item* y0 = y[0]
    cdef item* y1 = y[1]
    cdef Py_ssize_t i
    cdef item first, second
    for i in range(n):
        first = geglu_tanh_gate_grad_(gate[i], up[i], g[i], lanes)
        second = geglu_tanh_up_grad_(gate[i], up[i], g[i], lanes)
        y0[i] = first
        y1[i] = second

cdef inline void reglu_kernel(const item** x, item** y, Py_ssize_t n, real* lanes) noexcept nogil:
    cdef const item* gate = x[0]
    cdef const item* up = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(n):
        y0[i] = reglu_(gate[i], up[i], lanes)

cdef inline void reglu_grad_kernel(const item** x, item** y, Py_ssize_t n, real* lanes) noexcept nogil:
    cdef const item* gate = x[0]
    cdef const item* up = x[1]
    cdef const item* g = x[2]
    cdef item* y0 = y[0]
    cdef item* y1 = y[1]
    cdef Py_ssize_t i
    cdef item first, second
    for i in range(n):
        first = reglu_gate_grad_(gate[i], up[i], g[i], lanes)
        second = reglu_up_grad_(gate[i], up[i], g[i], lanes)
        y0[i] = first
        y1[i] = second

cdef inline void glu_kernel(const item** x, item** y, Py_ssize_t n, real* lanes) noexcept nogil:
    cdef const item* values = x[0]
    cdef const item* gate = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(n):
        y0[i] = glu_(values[i], gate[i], lanes)

cdef inline void glu_grad_kernel(const item** x, item** y, Py_ssize_t n, real* lanes) noexcept nogil:
    cdef const item* values = x[0]
    cdef const item* gate = x[1]
    cdef const item* g = x[2]
    cdef item* y0 = y[0]
    cdef item* y1 = y[1]
    cdef Py_ssize_t i
    cdef item first, second
    for i in range(n):
        first = glu_values_grad_(values[i], gate[i], g[i], lanes)
        second = glu_gate_grad_(values[i], gate[i], g[i], lanes)
        y0[i] = first
        y1[i] = second

elementwise("swiglu", 2, 1, swiglu_kernel[float, double], swiglu_kernel[float, float],
            swiglu_kernel[double, double], gated_doc(
    "Gated linear unit with silu as the activation.",
    formula=r"f(x, u) = \mathrm{silu}(x) \, u",
    returns=r"The broadcast shape of the arguments: the plain product of silu and `up`. NaN gives NaN.",
    source=r"Shazeer, N. (2020). GLU variants improve transformer. arXiv:2002.05202.",
    example=r"""
    >>> fastact.swiglu(np.array([-1.0, 2.0]), np.array([3.0, 0.5]))
    array([-0.80682426,  0.88079708])
    """,
    see_also=r"""
    swiglu_grad : the gradients
    silu : the activation
    """,
))

elementwise("swiglu_grad", 3, 2, swiglu_grad_kernel[float, double], swiglu_grad_kernel[float, float],
            swiglu_grad_kernel[double, double], gated_gradient_doc(
    "swiglu",
    formula=r"g \cdot u \cdot a'(x), \qquad g \cdot a(x), \qquad a = \mathrm{silu}",
    returns=r"The gradients by `gate` and by `up`. NaN gives NaN.",
    source=r"Shazeer, N. (2020). GLU variants improve transformer. arXiv:2002.05202.",
    example=r"""
    >>> dgate, dup = fastact.swiglu_grad(np.array([-1.0, 2.0]), np.array([3.0, 0.5]), 1.0)
    >>> dgate, dup
    (array([0.21698846, 0.54539212]), array([-0.26894142,  1.76159416]))
    """,
))

elementwise("geglu", 2, 1, geglu_kernel[float, double], geglu_kernel[float, float],
            geglu_kernel[double, double], gated_doc(
    "Gated linear unit with gelu as the activation.",
    formula=r"f(x, u) = \mathrm{gelu}(x) \, u",
    returns=r"The broadcast shape of the arguments: the plain product of gelu and `up`. NaN gives NaN.",
    source=r"Shazeer, N. (2020). GLU variants improve transformer. arXiv:2002.05202.",
    example=r"""
    >>> fastact.geglu(np.array([-1.0, 2.0]), np.array([3.0, 0.5]))
    array([-0.47596576,  0.97724987])
    """,
    see_also=r"""
    geglu_grad : the gradients
    gelu : the activation
    """,
))

elementwise("geglu_grad", 3, 2, geglu_grad_kernel[float, double], geglu_grad_kernel[float, float],
            geglu_grad_kernel[double, double], gated_gradient_doc(
    "geglu",
    formula=r"g \cdot u \cdot a'(x), \qquad g \cdot a(x), \qquad a = \mathrm{gelu}",
    returns=r"The gradients by `gate` and by `up`. NaN gives NaN.",
    source=r"Shazeer, N. (2020). GLU variants improve transformer. arXiv:2002.05202.",
    example=r"""
    >>> dgate, dup = fastact.geglu_grad(np.array([-1.0, 2.0]), np.array([3.0, 0.5]), 1.0)
    >>> dgate, dup
    (array([-0.24994641,  0.5426159 ]), array([-0.15865525,  1.95449974]))
    """,
))

elementwise("geglu_tanh", 2, 1, geglu_tanh_kernel[float, double], geglu_tanh_kernel[float, float],
            geglu_tanh_kernel[double, double], gated_doc(
    "Gated linear unit with gelu_tanh as the activation.",
    formula=r"f(x, u) = \mathrm{gelu\_tanh}(x) \, u",
    returns=r"The broadcast shape of the arguments: the plain product of gelu_tanh and `up`. NaN gives NaN.",
    source=r"Shazeer, N. (2020). GLU variants improve transformer. arXiv:2002.05202.",
    example=r"""
    >>> fastact.geglu_tanh(np.array([-1.0, 2.0]), np.array([3.0, 0.5]))
    array([-0.47642403,  0.97729885])
    """,
    see_also=r"""
    geglu_tanh_grad : the gradients
    gelu_tanh : the activation
    """,
))

elementwise("geglu_tanh_grad", 3, 2, geglu_tanh_grad_kernel[float, double], geglu_tanh_grad_kernel[float, float],
            geglu_tanh_grad_kernel[double, double], gated_gradient_doc(
    "geglu_tanh",
    formula=r"g \cdot u \cdot a'(x), \qquad g \cdot a(x), \qquad a = \mathrm{gelu\_tanh}",
    returns=r"The gradients by `gate` and by `up`. NaN gives NaN.",
    source=r"Shazeer, N. (2020). GLU variants improve transformer. arXiv:2002.05202.",
    example=r"""
    >>> dgate, dup = fastact.geglu_tanh_grad(np.array([-1.0, 2.0]), np.array([3.0, 0.5]), 1.0)
    >>> dgate, dup
    (array([-0.24889225,  0.54304963]), array([-0.15880801,  1.95459769]))
    """,
))

elementwise("reglu", 2, 1, reglu_kernel[float, double], reglu_kernel[float, float],
            reglu_kernel[double, double], gated_doc(
    "Gated linear unit with relu as the activation.",
    formula=r"f(x, u) = \max(x, 0) \, u",
    returns=r"The broadcast shape of the arguments: the plain product of relu and `up`. NaN gives NaN.",
    source=r"Shazeer, N. (2020). GLU variants improve transformer. arXiv:2002.05202.",
    example=r"""
    >>> fastact.reglu(np.array([-1.0, 2.0]), np.array([3.0, 0.5]))
    array([0., 1.])
    """,
    see_also=r"""
    reglu_grad : the gradients
    relu : the activation
    """,
))

elementwise("reglu_grad", 3, 2, reglu_grad_kernel[float, double], reglu_grad_kernel[float, float],
            reglu_grad_kernel[double, double], gated_gradient_doc(
    "reglu",
    formula=r"g \cdot u \cdot a'(x), \qquad g \cdot a(x), \qquad a = \mathrm{relu}",
    returns=r"The gradients by `gate` and by `up`. NaN gives NaN.",
    source=r"Shazeer, N. (2020). GLU variants improve transformer. arXiv:2002.05202.",
    example=r"""
    >>> dgate, dup = fastact.reglu_grad(np.array([-1.0, 2.0]), np.array([3.0, 0.5]), 1.0)
    >>> dgate, dup
    (array([0. , 0.5]), array([0., 2.]))
    """,
))

# glu cuts its argument in two (fastact/gated.py); these are the element functions
GLU_DOC = cleandoc("""
    First operand times the sigmoid of the second; `fastact.glu` cuts its two halves out of one array.
    """)
elementwise("glu", 2, 1, glu_kernel[float, double], glu_kernel[float, float], glu_kernel[double, double], GLU_DOC)
elementwise("glu_grad", 3, 2, glu_grad_kernel[float, double], glu_grad_kernel[float, float],
            glu_grad_kernel[double, double], "Gradients of the ufunc `glu` by both operands, from these and g.")
