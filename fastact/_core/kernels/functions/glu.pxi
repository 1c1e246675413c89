# glu(values, gate) = values sigmoid(gate)
#     gradient with respect to values: g sigmoid(gate)        with respect to gate: g values sigmoid'(gate)
#
# The product is rounded once, as in gated.pxi.

cdef inline double sigmoid_product(double values, double gate) noexcept nogil:
    cdef double rest, inverse, scale
    cdef double high = sigmoid_quotient(gate, magnitude(gate, EXP_ZERO_FULL), 0.0, &rest, &inverse, &scale)
    high = 0.0 if gate <= -EXP_ZERO_FULL else high
    rest = 0.0 if gate <= -EXP_ZERO_FULL else rest * inverse
    return scaled_product(high, rest, scale, 1.0, values)


cdef inline real sigmoid_value(item x, real* compute) noexcept nogil:
    cdef item bound = exp_zero(x, compute)
    cdef real zero = 0, y = sigmoid_core(<real>x, <real>magnitude(x, bound), zero, x)
    return zero if x <= -bound else y

cdef inline item glu_(item values, item gate, real* compute) noexcept nogil:
    if item is double and real is double:
        return keep_nan(gate, sigmoid_product(values, gate))
    else:
        return keep_nan(gate, <item>(<real>values * sigmoid_value(gate, compute)))

cdef inline item glu_values_grad_(item values, item gate, item g, real* compute) noexcept nogil:
    return keep_nan(gate, keep_nan(values, glu_(g, gate, compute)))

cdef inline item glu_gate_grad_(item values, item gate, item g, real* compute) noexcept nogil:
    cdef item bound = exp_zero(gate, compute)
    cdef real zero = 0, one = 1, slope = sigmoid_slope(<real>magnitude(gate, bound), zero, one, gate)
    return keep_nan(gate, <item>product(<real>g, <real>values, slope, gate))

cdef inline void glu_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* values = x[0]
    cdef const item* gate = x[1]
    cdef item* y0 = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        y0[i] = glu_(values[i], gate[i], compute)

cdef inline void glu_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* values = x[0]
    cdef const item* gate = x[1]
    cdef const item* g = x[2]
    cdef item* y0 = y[0]
    cdef item* y1 = y[1]
    cdef Py_ssize_t i
    cdef item first, second
    for i in range(whole(n)):
        first = glu_values_grad_(values[i], gate[i], g[i], compute)
        second = glu_gate_grad_(values[i], gate[i], g[i], compute)
        y0[i] = first
        y1[i] = second

# glu splits its argument in two halves (fastact/gated.py); these are the elementwise functions
GLU_DOC = cleandoc("""
    First operand times the sigmoid of the second; `fastact.glu` takes them as the two halves of one array.
    """)
elementwise("glu", "a, b", glu_kernel[float, double], glu_kernel[float, float], glu_kernel[double, double],
            glu_kernel[double, fast_double], GLU_DOC)
elementwise("glu_grad", "a, b, g -> da, db",
            glu_grad_kernel[float, double], glu_grad_kernel[float, float],
            glu_grad_kernel[double, double], glu_grad_kernel[double, fast_double],
            "Gradients of the ufunc `glu` with respect to both operands, from these and g.")
