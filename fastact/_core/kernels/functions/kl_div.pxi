# loss = t (log t - x), 0 where t = 0                gradient = -t
# with log targets: loss = e^t (t - x), 0 where e^t = 0      gradient = -e^t
#
# float32 is computed in float64 in both precisions: where x is near log t, their difference consists of the bits that
# a float32 logarithm would not have. For float64 results each number is a sum of two parts.

cdef inline item divergence_loss(item x, item target, real* compute) noexcept nogil:
    cdef double t = target, v = x, infinite = INFINITY, y, low, d, d_low
    d = log_in_parts(t, 0.0, &d_low)
    y = sum_in_parts(d, d_low, -v, 0.0, &low)
    if item is float:
        y = t * joined(y, low)
    else:
        y = product_in_parts(t, 0.0, y, low, &low)
        y = joined(y, low)
    y = infinite - v if t == infinite else y
    y = 0.0 if t == 0 else y
    y = y if t >= 0 else <double>NAN
    return keep_nan(x, <item>y)


cdef inline item divergence_gradient(item x, item target, double scale, real* compute) noexcept nogil:
    return keep_nan(x, <item>(0.0 - <double>target * scale))


# e^t as a sum of two parts times 2^k; returns 2^(k+64). For t > 40 it is e^t 2^-128, so that 2^(k+64) is finite.
cdef inline double target_in_parts(double t, double* high, double* low) noexcept nogil:
    cdef double least = -EXP_END_FULL, most = 720, shift = 128.0 * LN_2_HIGH if t > 40 else 0.0
    cdef double shift_low = 128.0 * LN_2_LOW if t > 40 else 0.0
    cdef double r = t if t > least else least
    r = r if r < most else most
    r = exp_in_parts(r - shift, -shift_low, high, low)
    return 0.0 if t < least else r


cdef inline item log_divergence_loss(item x, item target, real* compute) noexcept nogil:
    cdef double t = target, v = x, most = EXP_NORMAL, infinite = INFINITY, y, low, d, d_low, power
    if item is float:
        y = exp_scaled(clamped(t, most), 0.0, x) * (t - v)
    else:
        power = target_in_parts(t, &d, &d_low)
        y = sum_in_parts(t, 0.0, -v, 0.0, &low)
        y = product_in_parts(y, low, d, d_low, &low)
        y = joined(y, low)
        y = times_power(y, power) if t <= 40 else y * power * TWO_64
        y = y if magnitude(v, infinite) < infinite else t - v
    y = 0.0 if t == -INFINITY else y
    return keep_nan(x, keep_nan(target, <item>y))


cdef inline item log_divergence_gradient(item x, item target, double scale, real* compute) noexcept nogil:
    cdef double t = target, most = EXP_NORMAL, y, low, d, d_low, power
    if item is float:
        y = -scale * exp_scaled(clamped(t, most), 0.0, x)
    else:
        power = target_in_parts(t, &d, &d_low)
        y = product_in_parts(d, d_low, -scale, 0.0, &low)
        y = joined(y, low)
        y = times_power(y, power) if t <= 40 else y * power * TWO_64
    y = 0.0 if t == -INFINITY else y
    return keep_nan(x, keep_nan(target, <item>y))


cdef inline void kl_div_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* log_input = x[0]
    cdef const item* target = x[1]
    cdef item* loss = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        loss[i] = divergence_loss(log_input[i], target[i], compute)

cdef inline void kl_div_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform, real* compute) noexcept nogil:
    cdef const item* log_input = x[0]
    cdef const item* target = x[1]
    cdef const double* scale = <const double*>x[2]
    cdef item* gradient = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        gradient[i] = divergence_gradient(log_input[i], target[i], scale[i], compute)

cdef inline void kl_div_value_and_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                              real* compute) noexcept nogil:
    cdef const item* log_input = x[0]
    cdef const item* target = x[1]
    cdef const double* scale = <const double*>x[2]
    cdef item* loss = y[0]
    cdef item* gradient = y[1]
    cdef Py_ssize_t i
    cdef item first, second
    for i in range(whole(n)):
        first = divergence_loss(log_input[i], target[i], compute)
        second = divergence_gradient(log_input[i], target[i], scale[i], compute)
        loss[i] = first
        gradient[i] = second


cdef inline void kl_div_log_target_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                          real* compute) noexcept nogil:
    cdef const item* log_input = x[0]
    cdef const item* target = x[1]
    cdef item* loss = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        loss[i] = log_divergence_loss(log_input[i], target[i], compute)

cdef inline void kl_div_grad_log_target_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                               real* compute) noexcept nogil:
    cdef const item* log_input = x[0]
    cdef const item* target = x[1]
    cdef const double* scale = <const double*>x[2]
    cdef item* gradient = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        gradient[i] = log_divergence_gradient(log_input[i], target[i], scale[i], compute)

cdef inline void kl_div_value_and_grad_log_target_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                                         real* compute) noexcept nogil:
    cdef const item* log_input = x[0]
    cdef const item* target = x[1]
    cdef const double* scale = <const double*>x[2]
    cdef item* loss = y[0]
    cdef item* gradient = y[1]
    cdef Py_ssize_t i
    cdef item first, second
    for i in range(whole(n)):
        first = log_divergence_loss(log_input[i], target[i], compute)
        second = log_divergence_gradient(log_input[i], target[i], scale[i], compute)
        loss[i] = first
        gradient[i] = second


elementwise("kl_div", "log_input, target",
            kl_div_kernel[float, double], NULL, kl_div_kernel[double, double], NULL, """
    Pointwise divergence of log_input and target: see `fastact.kl_div`.
    """)
elementwise("kl_div_grad", "log_input, target;; factor",
            kl_div_grad_kernel[float, double], NULL, kl_div_grad_kernel[double, double], NULL, """
    Its derivative with respect to log_input, times the third operand: see `fastact.kl_div_grad`.
    """)
elementwise("kl_div_value_and_grad", "log_input, target;; factor -> value, gradient",
            kl_div_value_and_grad_kernel[float, double], NULL, kl_div_value_and_grad_kernel[double, double], NULL, """
    Both of the above in one pass: see `fastact.kl_div_value_and_grad`.
    """)
elementwise("kl_div_log_target", "log_input, target",
            kl_div_log_target_kernel[float, double], NULL, kl_div_log_target_kernel[double, double], NULL, """
    Pointwise divergence of log_input and target with the logarithm of the target: see `fastact.kl_div`.
    """)
elementwise("kl_div_grad_log_target", "log_input, target;; factor",
            kl_div_grad_log_target_kernel[float, double], NULL,
            kl_div_grad_log_target_kernel[double, double], NULL, """
    Its derivative with respect to log_input with the logarithm of the target, times the third operand: see
    `fastact.kl_div_grad`.
    """)
elementwise("kl_div_value_and_grad_log_target", "log_input, target;; factor -> value, gradient",
            kl_div_value_and_grad_log_target_kernel[float, double],
            NULL,
            kl_div_value_and_grad_log_target_kernel[double, double], NULL, """
    Both of the above with the logarithm of the target in one pass: see `fastact.kl_div_value_and_grad`.
    """)
