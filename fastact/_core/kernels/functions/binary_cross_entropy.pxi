# loss = -(t log p + (1 - t) log(1 - p))            gradient = (p - t) / (p (1 - p)), each times the weight
#
# float32 is computed in float64 in both precisions: in float32 the logarithm would lose its relative accuracy near
# p = 1, and p (1 - p) would underflow for small p. For float64 results each number is a sum of two parts. Nothing is
# clamped; a p or t outside [0, 1] gives NaN.

# y, but NaN unless p and t are in [0, 1]. One comparison for each, because gcc turns combined conditions into branches.
cdef inline double within_unit(double p, double t, double y) noexcept nogil:
    cdef double nan = NAN
    y = y if p * (1.0 - p) >= 0 else nan
    return y if t * (1.0 - t) >= 0 else nan


cdef inline item probability_loss(item x, item target, item weight, real* compute) noexcept nogil:
    cdef double p = <double>x + 0.0, t = target, w = weight  # + 0.0 makes -0 a 0
    cdef double infinite = zero_wins(w, <double>INFINITY), y, low, c, c_low, m, m_low, n, n_low
    # where p is 0 or 1 one logarithm is finite but meaningless; then t or 1 - t is 0, or the loss is infinite
    m = log_in_parts(p, 0.0, &m_low)
    n = log1p_in_parts(-p, 0.0, &n_low)
    if item is float:
        y = w * (0.0 - (t * (m + m_low) + (1.0 - t) * (n + n_low)))
    else:
        c = sum_in_parts(1.0, 0.0, -t, 0.0, &c_low)
        m = product_in_parts(t, 0.0, m, m_low, &m_low)
        n = product_in_parts(c, c_low, n, n_low, &n_low)
        y = sum_in_parts(m, m_low, n, n_low, &low)
        y = product_in_parts(y, low, -w, 0.0, &low)
        y = joined(y, low) + 0.0  # not -0
    infinite = y if p == t else infinite
    y = infinite if p * (1.0 - p) == 0 else y
    return <item>within_unit(p, t, y)


cdef inline item probability_gradient(item x, item target, item weight, double scale, real* compute) noexcept nogil:
    cdef double p = <double>x + 0.0, t = target, f, f_low, lift, d, d_low, m, m_low, y, low
    if item is float:
        f = <double>weight * scale
        y = f * ((p - t) / (p * (1.0 - p)))
    else:
        f = product_in_parts(weight, 0.0, scale, 0.0, &f_low)
        lift = TWO_64 if p < 1e-290 else 1.0  # so that 1 / p is finite
        d = sum_in_parts(p, 0.0, -t, 0.0, &d_low)
        m = sum_in_parts(1.0, 0.0, -p, 0.0, &m_low)
        m = product_in_parts(p * lift, 0.0, m, m_low, &m_low)
        y = d / m
        low = (exact_fma64(-y, m, d) + fma64(-y, m_low, d_low)) / m
        y = product_in_parts(y, low, f, f_low, &low)
        y = joined(y, low) * lift
    # 0 / 0 where p = t = 0 or 1, or 0 times infinity where the factor is 0
    d = f * (1.0 - 2.0 * p)
    y = y if y == y else d
    return <item>within_unit(p, t, y)


cdef inline void binary_cross_entropy_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                             real* compute) noexcept nogil:
    cdef const item* probs = x[0]
    cdef const item* target = x[1]
    cdef const item* weight = x[2]
    cdef item* loss = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        loss[i] = probability_loss(probs[i], target[i], weight[i], compute)

cdef inline void binary_cross_entropy_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                                  real* compute) noexcept nogil:
    cdef const item* probs = x[0]
    cdef const item* target = x[1]
    cdef const item* weight = x[2]
    cdef const double* scale = <const double*>x[3]
    cdef item* gradient = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        gradient[i] = probability_gradient(probs[i], target[i], weight[i], scale[i], compute)

cdef inline void binary_cross_entropy_value_and_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                                            real* compute) noexcept nogil:
    cdef const item* probs = x[0]
    cdef const item* target = x[1]
    cdef const item* weight = x[2]
    cdef const double* scale = <const double*>x[3]
    cdef item* loss = y[0]
    cdef item* gradient = y[1]
    cdef Py_ssize_t i
    cdef item first, second
    for i in range(whole(n)):
        first = probability_loss(probs[i], target[i], weight[i], compute)
        second = probability_gradient(probs[i], target[i], weight[i], scale[i], compute)
        loss[i] = first
        gradient[i] = second


elementwise("binary_cross_entropy", "probs, target, weight",
            binary_cross_entropy_kernel[float, double], NULL, binary_cross_entropy_kernel[double, double], NULL, """
    Loss of each element from probabilities, target and weight: see `fastact.binary_cross_entropy`.
    """)
elementwise("binary_cross_entropy_grad", "probs, target, weight;; factor",
            binary_cross_entropy_grad_kernel[float, double], NULL,
            binary_cross_entropy_grad_kernel[double, double], NULL, """
    Its derivative with respect to the probability, times the fourth operand: see `fastact.binary_cross_entropy_grad`.
    """)
elementwise("binary_cross_entropy_value_and_grad", "probs, target, weight;; factor -> value, gradient",
            binary_cross_entropy_value_and_grad_kernel[float, double],
            NULL,
            binary_cross_entropy_value_and_grad_kernel[double, double], NULL, """
    Both of the above in one pass: see `fastact.binary_cross_entropy_value_and_grad`.
    """)
