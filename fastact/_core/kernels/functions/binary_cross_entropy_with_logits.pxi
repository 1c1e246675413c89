# With p the sigmoid of a logit x, a = |x|, u = e^-a, target t, pos_weight w:
#     loss = -(w t log p + (1 - t) log(1 - p)) = C log1p(u) + F a
#     C = w t + (1 - t)        F = 1 - t for x >= 0, w t for x < 0
#     gradient = (P + Q u) / (1 + u)       (P, Q) = (1 - t, -w t) for x >= 0, (-w t, 1 - t) for x < 0
#     second derivative = C u / (1 + u)^2
# and each times the weight. The terms of the loss do not cancel, so it keeps its relative accuracy for confident
# predictions that are right. Where F = 0 and a > LOG1P_END, only a multiple of u is left: it is computed from e^-a
# times 2^64 and then scaled down, so that a subnormal result is rounded only once. (F = 0 means P = 0.)

cdef inline double logits_parts(double z, double w, double* left_low, double* right, double* right_low) noexcept nogil:
    right[0] = sum_in_parts(1.0, 0.0, -z, 0.0, right_low)
    return product_in_parts(w, 0.0, z, 0.0, left_low)


cdef inline item logits_loss(item x, item target, item weight, item pos_weight, real* compute) noexcept nogil:
    cdef real edge = EXP_END_FAST if item is float else EXP_END_FULL
    cdef real most = INFINITY, zero = 0, one = 1, a = magnitude(<real>x, most), z = target
    cdef real left = <real>pos_weight * z, right = one - z, far = by_sign(<real>x, right, left), together = left + right
    cdef real e, u, d, y, tail
    cdef double power, e_low, h, h_low, left_low, right_low, far_low, low, v, v_low
    if real in fast or item is float:
        together = together * <real>weight
        e = exp_scaled(-magnitude(a, edge if real in fast else <real>EXP_NORMAL), zero, x)
        u = unscale(e, x)
        y = log1p_quotient(u, &d)
        y = together * (y / d) + zero_wins(far * <real>weight, a)
        if real in fast:
            tail = unscale(together * (zero if a > edge else e), x)
            y = tail if a > LOG1P_END and far == 0 else y
    else:
        power = exp_in_parts(-magnitude(a, EXP_END_FULL), 0.0, &e, &e_low)
        power = 0.0 if a > EXP_END_FULL else power
        u = power * TWO_M64
        h = log1p_exp_double(e * u, e_low * u, &h_low)
        left = logits_parts(z, pos_weight, &left_low, &right, &right_low)
        together = sum_in_parts(left, left_low, right, right_low, &low)
        together = product_in_parts(together, low, weight, 0.0, &low)
        far_low = by_sign(x, right_low, left_low)
        far = product_in_parts(far, far_low, weight, 0.0, &far_low)
        h = product_in_parts(together, low, h, h_low, &h_low)
        v = product_in_parts(far, far_low, magnitude(a, DBL_MAX), 0.0, &v_low)
        y = sum_in_parts(h, h_low, v, v_low, &h_low)
        y = joined(y, h_low)
        v = product_in_parts(together, low, e, e_low, &v_low)
        tail = times_power(joined(v, v_low), power)
        y = tail if a > LOG1P_END and far == 0 else y
        tail = zero_wins(far, a)
        y = tail if a == INFINITY and far != 0 else y
    return keep_nan(x, keep_nan(target, <item>y))


cdef inline item logits_gradient(item x, item target, item weight, item pos_weight, double scale,
                                 real* compute) noexcept nogil:
    cdef real edge = EXP_END_FAST if item is float else EXP_END_FULL
    cdef real most = INFINITY, zero = 0, one = 1, a = magnitude(<real>x, most), z = target
    cdef real left = <real>pos_weight * z, right = one - z
    cdef real p = by_sign(<real>x, right, -left), q = by_sign(<real>x, -left, right), factor = weight, e, u, y, tail
    cdef double power, e_low, u_low, left_low, right_low, p_low, q_low, d, d_low, n, n_low, f, f_low
    if real in fast or item is float:
        factor = factor * <real>scale
        e = exp_scaled(-magnitude(a, edge if real in fast else <real>EXP_NORMAL), zero, x)
        u = unscale(e, x)
        y = factor * ((p + q * u) / (one + u))
        if real in fast:
            tail = unscale(factor * q * (zero if a > edge else e), x)
            y = tail if a > LOG1P_END and p == 0 else y
    else:
        power = exp_in_parts(-magnitude(a, EXP_END_FULL), 0.0, &e, &e_low)
        power = 0.0 if a > EXP_END_FULL else power
        u = power * TWO_M64
        u_low = e_low * u
        u = e * u
        left = logits_parts(z, pos_weight, &left_low, &right, &right_low)
        p_low = by_sign(x, right_low, -left_low)
        q_low = by_sign(x, -left_low, right_low)
        f = product_in_parts(weight, 0.0, scale, 0.0, &f_low)
        n = product_in_parts(q, q_low, u, u_low, &n_low)
        n = sum_in_parts(p, p_low, n, n_low, &n_low)
        d = sum_in_parts(1.0, 0.0, u, u_low, &d_low)
        n = quotient_in_parts(n, n_low, d, d_low, &n_low)
        n = product_in_parts(n, n_low, f, f_low, &n_low)
        y = joined(n, n_low)
        n = product_in_parts(q, q_low, f, f_low, &n_low)
        n = product_in_parts(n, n_low, e, e_low, &n_low)
        tail = times_power(joined(n, n_low), power)
        y = tail if a > LOG1P_END and p == 0 else y
    return keep_nan(x, keep_nan(target, <item>y))


cdef inline item logits_second(item x, item target, item weight, item pos_weight, real* compute) noexcept nogil:
    cdef real edge = EXP_END_FAST if item is float else EXP_END_FULL
    cdef real most = INFINITY, zero = 0, one = 1, a = magnitude(<real>x, most), z = target
    cdef real left = <real>pos_weight * z, right = one - z, factor = (left + right) * <real>weight, e, u, y, tail
    cdef double power, e_low, low, left_low, right_low, n, n_low
    if real in fast or item is float:
        e = exp_scaled(-magnitude(a, edge if real in fast else <real>EXP_NORMAL), zero, x)
        u = unscale(e, x)
        y = factor * (u / ((one + u) * (one + u)))
        if real in fast:
            tail = unscale(factor * (zero if a > edge else e), x)
            y = tail if a > LOG1P_END else y
    else:
        power = exp_in_parts(-magnitude(a, EXP_END_FULL), 0.0, &e, &e_low)
        power = 0.0 if a > EXP_END_FULL else power
        left = logits_parts(z, pos_weight, &left_low, &right, &right_low)
        factor = sum_in_parts(left, left_low, right, right_low, &low)
        factor = product_in_parts(factor, low, weight, 0.0, &low)
        u = sigmoid_slope(magnitude(a, EXP_ZERO_FULL), zero, one, x)
        n = product_in_parts(factor, low, u, 0.0, &n_low)
        y = joined(n, n_low)
        n = product_in_parts(factor, low, e, e_low, &n_low)
        tail = times_power(joined(n, n_low), power)
        y = tail if a > LOG1P_END else y
    return keep_nan(x, keep_nan(target, <item>y))


cdef inline void binary_cross_entropy_with_logits_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                                         real* compute) noexcept nogil:
    cdef const item* logits = x[0]
    cdef const item* target = x[1]
    cdef const item* weight = x[2]
    cdef const item* pos_weight = x[3]
    cdef item* loss = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        loss[i] = logits_loss(logits[i], target[i], weight[i], pos_weight[i], compute)

cdef inline void binary_cross_entropy_with_logits_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                                              real* compute) noexcept nogil:
    cdef const item* logits = x[0]
    cdef const item* target = x[1]
    cdef const item* weight = x[2]
    cdef const item* pos_weight = x[3]
    cdef const double* scale = <const double*>x[4]
    cdef item* gradient = y[0]
    cdef Py_ssize_t i
    for i in range(whole(n)):
        gradient[i] = logits_gradient(logits[i], target[i], weight[i], pos_weight[i], scale[i], compute)

cdef inline void binary_cross_entropy_with_logits_value_and_grad_kernel(const item** x, item** y, Py_ssize_t n,
                                                                        bint uniform,
                                                                        real* compute) noexcept nogil:
    cdef const item* logits = x[0]
    cdef const item* target = x[1]
    cdef const item* weight = x[2]
    cdef const item* pos_weight = x[3]
    cdef const double* scale = <const double*>x[4]
    cdef item* loss = y[0]
    cdef item* gradient = y[1]
    cdef Py_ssize_t i
    cdef item first, second
    for i in range(whole(n)):
        first = logits_loss(logits[i], target[i], weight[i], pos_weight[i], compute)
        second = logits_gradient(logits[i], target[i], weight[i], pos_weight[i], scale[i], compute)
        loss[i] = first
        gradient[i] = second

cdef inline void binary_cross_entropy_with_logits_grad_and_hess_kernel(const item** x, item** y, Py_ssize_t n,
                                                                       bint uniform,
                                                                       real* compute) noexcept nogil:
    cdef const item* logits = x[0]
    cdef const item* target = x[1]
    cdef const item* weight = x[2]
    cdef const item* pos_weight = x[3]
    cdef item* gradient = y[0]
    cdef item* second_derivative = y[1]
    cdef Py_ssize_t i
    cdef item first, second
    for i in range(whole(n)):
        first = logits_gradient(logits[i], target[i], weight[i], pos_weight[i], 1.0, compute)
        second = logits_second(logits[i], target[i], weight[i], pos_weight[i], compute)
        gradient[i] = first
        second_derivative[i] = second


elementwise("binary_cross_entropy_with_logits", "logits, target, weight, pos_weight",
            binary_cross_entropy_with_logits_kernel[float, double],
            binary_cross_entropy_with_logits_kernel[float, float],
            binary_cross_entropy_with_logits_kernel[double, double],
            binary_cross_entropy_with_logits_kernel[double, fast_double], """
    Loss of each element from logits, target, weight and pos_weight: see `fastact.binary_cross_entropy_with_logits`.
    """)
elementwise("binary_cross_entropy_with_logits_grad", "logits, target, weight, pos_weight;; factor",
            binary_cross_entropy_with_logits_grad_kernel[float, double],
            binary_cross_entropy_with_logits_grad_kernel[float, float],
            binary_cross_entropy_with_logits_grad_kernel[double, double],
            binary_cross_entropy_with_logits_grad_kernel[double, fast_double], """
    Its derivative with respect to the logit, times the fifth operand: see
    `fastact.binary_cross_entropy_with_logits_grad`.
    """)
elementwise("binary_cross_entropy_with_logits_value_and_grad",
            "logits, target, weight, pos_weight;; factor -> value, gradient",
            binary_cross_entropy_with_logits_value_and_grad_kernel[float, double],
            binary_cross_entropy_with_logits_value_and_grad_kernel[float, float],
            binary_cross_entropy_with_logits_value_and_grad_kernel[double, double],
            binary_cross_entropy_with_logits_value_and_grad_kernel[double, fast_double], """
    Both of the above in one pass: see `fastact.binary_cross_entropy_with_logits_value_and_grad`.
    """)
elementwise("binary_cross_entropy_with_logits_grad_and_hess",
            "logits, target, weight, pos_weight -> gradient, hessian",
            binary_cross_entropy_with_logits_grad_and_hess_kernel[float, double],
            binary_cross_entropy_with_logits_grad_and_hess_kernel[float, float],
            binary_cross_entropy_with_logits_grad_and_hess_kernel[double, double],
            binary_cross_entropy_with_logits_grad_and_hess_kernel[double, fast_double], """
    First and second derivative with respect to the logit: see `fastact.binary_cross_entropy_with_logits_grad_and_hess`.
    """)
