# Gated units: a(gate) up, with a = silu, gelu, gelu_tanh or relu. (glu is in glu.pxi.)
#     gradient with respect to gate: g up a'(gate)        with respect to up: g a(gate)
#
# The product of the activation and the other operand is rounded once: directly where float32 is computed in float64,
# and with the activation in two parts for float64 results. In float32 the activation is rounded first.

# ---- double results

# A power of two whose square brings an operand between 2^-474 and 2^450, so that neither a product of two of them nor
# its rounding error overflows or underflows
cdef inline double lift(double x) noexcept nogil:
    cdef double size = with_sign(x, 1.0)
    cdef double up = 2.037035976334486e+90 if size < 3.872591914849318e-121 else 1.0
    return 4.909093465297727e-91 if size > 2.9073548971824276e+135 else up


# (high + low) up scale 2^-64, where high + low comes multiplied by the square of lifted
cdef inline double scaled_product(double high, double low, double scale, double lifted, double up) noexcept nogil:
    cdef double second = lift(up), y, rest
    cdef double back = inverse_of_power(lifted * second)
    up = up * second * second
    y = high * up
    rest = fma64(low, up, exact_fma64(high, up, -y))
    y = y + rest if with_sign(rest, 1.0) > 0 else y  # for y = -0 and at infinity
    # half of the scaling back comes last: only that step may leave the range of normal numbers, if the result does
    return y * (back * TWO_M64) * scale * back


# gate s(p) up, where -a + low is the exponent and a = |p|; the activation is exactly 0 for gate <= -bound
cdef inline double swish_product(double gate, double a, double low, double bound, double up) noexcept nogil:
    cdef double size = 0.0 if gate <= -bound else with_sign(gate, 1.0), lifted = lift(size), high, rest, scale
    high = swish_in_parts(size * lifted * lifted, gate, a, low, &rest, &scale)
    return scaled_product(high, rest, with_sign(scale, gate), lifted, up)

cdef inline double silu_product(double gate, double up) noexcept nogil:
    return swish_product(gate, magnitude(gate, X_EXP_ZERO_FULL), 0.0, X_EXP_ZERO_FULL, up)

cdef inline double gelu_tanh_product(double gate, double up) noexcept nogil:
    cdef double low, u = cubic_in_parts(magnitude(gate, 21.59), &low)
    return swish_product(gate, u, -low, 21.59, up)

cdef inline double gelu_product(double gate, double up) noexcept nogil:
    cdef double lifted = lift(gate), rest, scale
    cdef double high = gelu_in_parts(gate, magnitude(gate, 38.7), lifted * lifted, &rest, &scale)
    high = 0.0 if gate <= -38.7 else high
    rest = 0.0 if gate <= -38.7 else rest
    scale = TWO_64 if gate >= 0 else scale
    return scaled_product(high, rest, with_sign(scale, gate), lifted, up)

# ---- all

# a b c for a slope c < 2 without intermediate overflow or underflow: c is multiplied by the larger of a and b first.
# Products of float32 in float64 are safe in any order.
cdef inline real product(real a, real b, real c, item storage) noexcept nogil:
    cdef real most = INFINITY, half = 0.5, two = 2, larger, smaller
    if item is float and real is double:
        return a * b * c
    else:
        larger = a if magnitude(a, most) > magnitude(b, most) else b
        smaller = b if magnitude(a, most) > magnitude(b, most) else a
        return half * larger * c * smaller * two


# For large x an activation is x (1 - t) with t below double precision. But x up can be halfway between two floats,
# where t decides, so t is taken as 2^-50.
cdef inline real below(real y, item x, item far) noexcept nogil:
    cdef real less = y * <real>BELOW_1
    if item is float and real is double:
        return less if x > far else y
    else:
        return y


cdef inline real silu_below(item x, real* compute) noexcept nogil:
    return below(with_sign(silu_size(x, compute), <real>x), x, <item>34.7)

cdef inline real gelu_below(item x, real* compute) noexcept nogil:
    return below(gelu_value(x, compute), x, <item>8)

cdef inline real gelu_tanh_below(item x, real* compute) noexcept nogil:
    return below(gelu_tanh_value(x, compute), x, <item>6.95)

cdef inline item swiglu_(item gate, item up, real* compute) noexcept nogil:
    if item is double and real is double:
        return keep_nan(gate, silu_product(gate, up))
    else:
        return keep_nan(gate, <item>(silu_below(gate, compute) * <real>up))

cdef inline item swiglu_gate_grad_(item gate, item up, item g, real* compute) noexcept nogil:
    return keep_nan(gate, <item>product(<real>g, <real>up, silu_slope_at(gate, compute), gate))

cdef inline item swiglu_up_grad_(item gate, item up, item g, real* compute) noexcept nogil:
    return keep_nan(gate, keep_nan(up, swiglu_(gate, g, compute)))


cdef inline item geglu_(item gate, item up, real* compute) noexcept nogil:
    if item is double and real is double:
        return keep_nan(gate, gelu_product(gate, up))
    else:
        return keep_nan(gate, <item>(gelu_below(gate, compute) * <real>up))

cdef inline item geglu_gate_grad_(item gate, item up, item g, real* compute) noexcept nogil:
    return keep_nan(gate, <item>product(<real>g, <real>up, gelu_slope(gate, compute), gate))

cdef inline item geglu_up_grad_(item gate, item up, item g, real* compute) noexcept nogil:
    return keep_nan(gate, keep_nan(up, geglu_(gate, g, compute)))


cdef inline item geglu_tanh_(item gate, item up, real* compute) noexcept nogil:
    if item is double and real is double:
        return keep_nan(gate, gelu_tanh_product(gate, up))
    else:
        return keep_nan(gate, <item>(gelu_tanh_below(gate, compute) * <real>up))

cdef inline item geglu_tanh_gate_grad_(item gate, item up, item g, real* compute) noexcept nogil:
    return keep_nan(gate, <item>product(<real>g, <real>up, gelu_tanh_slope(gate, compute), gate))

cdef inline item geglu_tanh_up_grad_(item gate, item up, item g, real* compute) noexcept nogil:
    return keep_nan(gate, keep_nan(up, geglu_tanh_(gate, g, compute)))


cdef inline item reglu_(item gate, item up, real* compute) noexcept nogil:
    return keep_nan(gate, (<item>0 if gate <= 0 else gate) * up)

cdef inline item reglu_gate_grad_(item gate, item up, item g, real* compute) noexcept nogil:
    cdef item y = g * up
    return keep_nan(gate, <item>0 if gate <= 0 else y)

cdef inline item reglu_up_grad_(item gate, item up, item g, real* compute) noexcept nogil:
    cdef item y = gate * g
    return keep_nan(gate, keep_nan(up, <item>0 if gate <= 0 else y))


cdef inline void swiglu_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* gate = x[0]
    cdef const item* up = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = swiglu_(gate[i], up[i], compute)

cdef inline void swiglu_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* gate = x[0]
    cdef const item* up = x[1]
    cdef const item* g = x[2]
    cdef item* y0 = y[0]
    cdef item* y1 = y[1]
    cdef Py_ssize_t i
    cdef item first, second
    for i in range(whole(n)):
        first = swiglu_gate_grad_(gate[i], up[i], g[i], compute)
        second = swiglu_up_grad_(gate[i], up[i], g[i], compute)
        y0[i] = first
        y1[i] = second

cdef inline void geglu_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* gate = x[0]
    cdef const item* up = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = geglu_(gate[i], up[i], compute)

cdef inline void geglu_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* gate = x[0]
    cdef const item* up = x[1]
    cdef const item* g = x[2]
    cdef item* y0 = y[0]
    cdef item* y1 = y[1]
    cdef Py_ssize_t i
    cdef item first, second
    for i in range(whole(n)):
        first = geglu_gate_grad_(gate[i], up[i], g[i], compute)
        second = geglu_up_grad_(gate[i], up[i], g[i], compute)
        y0[i] = first
        y1[i] = second

cdef inline void geglu_tanh_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* gate = x[0]
    cdef const item* up = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = geglu_tanh_(gate[i], up[i], compute)

cdef inline void geglu_tanh_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                        real* compute) noexcept nogil:
    cdef const item* gate = x[0]
    cdef const item* up = x[1]
    cdef const item* g = x[2]
    cdef item* y0 = y[0]
    cdef item* y1 = y[1]
    cdef Py_ssize_t i
    cdef item first, second
    for i in range(whole(n)):
        first = geglu_tanh_gate_grad_(gate[i], up[i], g[i], compute)
        second = geglu_tanh_up_grad_(gate[i], up[i], g[i], compute)
        y0[i] = first
        y1[i] = second

cdef inline void reglu_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* gate = x[0]
    cdef const item* up = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = reglu_(gate[i], up[i], compute)

cdef inline void reglu_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* gate = x[0]
    cdef const item* up = x[1]
    cdef const item* g = x[2]
    cdef item* y0 = y[0]
    cdef item* y1 = y[1]
    cdef Py_ssize_t i
    cdef item first, second
    for i in range(whole(n)):
        first = reglu_gate_grad_(gate[i], up[i], g[i], compute)
        second = reglu_up_grad_(gate[i], up[i], g[i], compute)
        y0[i] = first
        y1[i] = second

doc = gated_doc(
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
)
elementwise("swiglu", "gate, up",
            swiglu_kernel[float, double], swiglu_kernel[float, float], swiglu_kernel[double, double],
            swiglu_kernel[double, fast_double], doc)

doc = gated_gradient_doc(
    "swiglu",
    formula=r"g \cdot u \cdot a'(x), \qquad g \cdot a(x), \qquad a = \mathrm{silu}",
    returns=r"The gradients with respect to `gate` and `up`. NaN gives NaN.",
    example=r"""
    >>> dgate, dup = fastact.swiglu_grad(np.array([-1.0, 2.0]), np.array([3.0, 0.5]), 1.0)
    >>> dgate, dup
    (array([0.21698846, 0.54539212]), array([-0.26894142,  1.76159416]))
    """,
)
elementwise("swiglu_grad", "gate, up, g -> dgate, dup",
            swiglu_grad_kernel[float, double], swiglu_grad_kernel[float, float],
            swiglu_grad_kernel[double, double], swiglu_grad_kernel[double, fast_double], doc)

doc = gated_doc(
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
)
elementwise("geglu", "gate, up",
            geglu_kernel[float, double], geglu_kernel[float, float], geglu_kernel[double, double],
            geglu_kernel[double, fast_double], doc)

doc = gated_gradient_doc(
    "geglu",
    formula=r"g \cdot u \cdot a'(x), \qquad g \cdot a(x), \qquad a = \mathrm{gelu}",
    returns=r"The gradients with respect to `gate` and `up`. NaN gives NaN.",
    example=r"""
    >>> dgate, dup = fastact.geglu_grad(np.array([-1.0, 2.0]), np.array([3.0, 0.5]), 1.0)
    >>> dgate, dup
    (array([-0.24994641,  0.5426159 ]), array([-0.15865525,  1.95449974]))
    """,
)
elementwise("geglu_grad", "gate, up, g -> dgate, dup",
            geglu_grad_kernel[float, double], geglu_grad_kernel[float, float],
            geglu_grad_kernel[double, double], geglu_grad_kernel[double, fast_double], doc)

doc = gated_doc(
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
)
elementwise("geglu_tanh", "gate, up",
            geglu_tanh_kernel[float, double], geglu_tanh_kernel[float, float],
            geglu_tanh_kernel[double, double], geglu_tanh_kernel[double, fast_double], doc)

doc = gated_gradient_doc(
    "geglu_tanh",
    formula=r"g \cdot u \cdot a'(x), \qquad g \cdot a(x), \qquad a = \mathrm{gelu\_tanh}",
    returns=r"The gradients with respect to `gate` and `up`. NaN gives NaN.",
    example=r"""
    >>> dgate, dup = fastact.geglu_tanh_grad(np.array([-1.0, 2.0]), np.array([3.0, 0.5]), 1.0)
    >>> dgate, dup
    (array([-0.24889225,  0.54304963]), array([-0.15880801,  1.95459769]))
    """,
)
elementwise("geglu_tanh_grad", "gate, up, g -> dgate, dup",
            geglu_tanh_grad_kernel[float, double], geglu_tanh_grad_kernel[float, float],
            geglu_tanh_grad_kernel[double, double], geglu_tanh_grad_kernel[double, fast_double], doc)

doc = gated_doc(
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
)
elementwise("reglu", "gate, up",
            reglu_kernel[float, double], NULL, reglu_kernel[double, double], NULL, doc)

doc = gated_gradient_doc(
    "reglu",
    formula=r"g \cdot u \cdot a'(x), \qquad g \cdot a(x), \qquad a = \mathrm{relu}",
    returns=r"The gradients with respect to `gate` and `up`. NaN gives NaN.",
    example=r"""
    >>> dgate, dup = fastact.reglu_grad(np.array([-1.0, 2.0]), np.array([3.0, 0.5]), 1.0)
    >>> dgate, dup
    (array([0. , 0.5]), array([0., 2.]))
    """,
)
elementwise("reglu_grad", "gate, up, g -> dgate, dup",
            reglu_grad_kernel[float, double], NULL, reglu_grad_kernel[double, double], NULL, doc)
