# With x, a, u and t as in binary_cross_entropy_with_logits.pxi, A = 1 - t for x >= 0, t for x < 0, B = 1 - A:
#     loss = alpha_t M^gamma H         alpha_t = alpha t + (1 - alpha) (1 - t), or 1 if alpha is negative
#     M = 1 - p_t = (A + B u) / (1 + u)            H = log1p(u) + A a, the binary cross-entropy
#     gradient = sign(x) alpha_t M^gamma (A - B u + gamma (A - B) u / (A + B u) H) / (1 + u)
# For a hard target one of A and B is 0 and the terms of the bracket have the same sign.
#
# M^gamma = e^(gamma log M), for float64 from a logarithm in two parts. Floats are computed in double lanes in both
# precisions: an error of the exponent is a relative error of the result, and in float lanes that would be |gamma log M|
# units in the last place. For a > 45, A + B u and H are held 2^64 too large for float64, so that a result that is a
# product of powers of u is scaled down last. A target outside [0, 1] gives NaN.

# The loss of floats; its derivative without the sign of x goes to `slope`.
cdef inline double focal_of_float(float x, double t, double alpha, double gamma, double* slope) noexcept nogil:
    cdef double infinite = INFINITY, v = x, a = magnitude(v, infinite), b = 1.0 - t, bound = EXP_NORMAL
    cdef double hard = by_sign(v, b, t), soft = by_sign(v, t, b), u, d, h, w, low, power, share, near
    u = exp_scaled(-magnitude(a, bound), 0.0, x)
    h = log1p_quotient(u, &d)
    h = h / d
    w = hard + soft * u
    power = log_in_parts(w, 0.0, &low)
    power = exp_scaled(-magnitude(gamma * ((power + low) - h), bound), 0.0, x)
    share = alpha * t + (1.0 - alpha) * b
    share = share if alpha >= 0 else 1.0
    near = h + hard * magnitude(a, bound)  # where u vanishes in the product with it, a is as good as infinite
    slope[0] = share * power * ((hard - soft * u) + gamma * (hard - soft) * (u / w) * near) / (1.0 + u)
    return zero_wins(share, power * (h + zero_wins(hard, a)))


# The same for float64, the derivative times scale.
cdef inline double focal_in_parts(double x, double t, double alpha, double gamma, double scale,
                                  double* slope) noexcept nogil:
    cdef double infinite = INFINITY, a = magnitude(x, DBL_MAX), b, b_low, e, e_low, u, u_low, d, d_low
    cdef double h, h_low, s, s_low, w, w_low, g, g_low, bent, bent_low, hard, hard_low, soft, soft_low
    cdef double share, share_low, power, power_low, second_power, log_power, log_low, log_unit, log_unit_low
    cdef double unit, lift, y
    cdef bint deep = a > LOG1P_END, far = a > EXP_END_FULL
    b = sum_in_parts(1.0, 0.0, -t, 0.0, &b_low)
    hard = by_sign(x, b, t)
    hard_low = by_sign(x, b_low, 0.0)
    soft = by_sign(x, t, b)
    soft_low = by_sign(x, 0.0, b_low)
    second_power = exp_in_parts(-magnitude(a, EXP_END_FULL), 0.0, &e, &e_low)
    unit = second_power * TWO_M64
    h = log1p_exp_double(e * unit, e_low * unit, &h_low)
    d = sum_in_parts(1.0, 0.0, e * unit, e_low * unit, &d_low)
    # log1p(u) is u where that is held 2^64 too large, and then nothing beside 1
    log_unit = 64.0 * LN_2_HIGH if deep else h
    log_unit_low = 64.0 * LN_2_LOW if deep else h_low
    lift = TWO_64 if deep else 1.0
    unit = second_power if deep else unit
    u = e * unit
    u_low = e_low * unit
    h = u if deep else h
    h_low = u_low if deep else h_low
    s = product_in_parts(soft, soft_low, u, u_low, &s_low)
    w = sum_in_parts(hard * lift, hard_low * lift, s, s_low, &w_low)
    log_power = log_in_parts(w, w_low, &log_low)
    log_power = sum_in_parts(log_power, log_low, -log_unit, -log_unit_low, &log_low)
    log_power = product_in_parts(gamma, 0.0, log_power, log_low, &log_low)
    y = joined(log_power, log_low)
    log_low = (log_power - y) + log_low
    log_low = log_low if y > -EXP_END_FULL else 0.0
    second_power = exp_in_parts(-magnitude(y, EXP_END_FULL), log_low, &power, &power_low)
    second_power = second_power if y > -EXP_END_FULL else 0.0
    # alpha_t M^gamma without its power of two
    share = sum_in_parts(1.0, 0.0, -alpha, 0.0, &share_low)
    share = product_in_parts(share, share_low, b, b_low, &share_low)
    g = product_in_parts(alpha, 0.0, t, 0.0, &g_low)
    share = sum_in_parts(share, share_low, g, g_low, &share_low)
    share = share if alpha >= 0 else 1.0
    share_low = share_low if alpha >= 0 else 0.0
    power = product_in_parts(power, power_low, share, share_low, &power_low)
    # beyond the range of u the loss is A a alone, and needs no scaling
    h = 0.0 if far else h
    h_low = 0.0 if far else h_low
    g = a if far else a * lift
    g = product_in_parts(hard, hard_low, g, 0.0, &g_low)
    h = sum_in_parts(h, h_low, g, g_low, &h_low)
    g = product_in_parts(h, h_low, power, power_low, &g_low)
    y = times_power(joined(g, g_low), second_power)
    y = y * (1.0 if far else 1.0 / lift)
    # the bracket
    u = 0.0 if far else u
    u_low = 0.0 if far else u_low
    bent = quotient_in_parts(u, u_low, w, w_low, &bent_low)
    bent = product_in_parts(bent, bent_low, h, h_low, &bent_low)
    g = sum_in_parts(hard, hard_low, -soft, -soft_low, &g_low)
    g = product_in_parts(gamma, 0.0, g, g_low, &g_low)
    g = product_in_parts(g, g_low, bent, bent_low, &g_low)
    bent = sum_in_parts(hard * lift, hard_low * lift, -s, -s_low, &bent_low)
    g = sum_in_parts(bent, bent_low, g, g_low, &g_low)
    g = quotient_in_parts(g, g_low, d, d_low, &g_low)
    g = product_in_parts(g, g_low, power, power_low, &g_low)
    g = product_in_parts(g, g_low, scale, 0.0, &g_low)
    slope[0] = times_power(joined(g, g_low), second_power) / lift
    infinite = zero_wins(share, infinite)
    infinite = infinite if hard != 0 else y
    return infinite if magnitude(x, <double>INFINITY) == INFINITY else y


# The loss; its derivative times scale goes to `gradient`.
cdef inline item focal_loss(item x, item target, item alpha, item gamma, double scale, item* gradient,
                            real* compute) noexcept nogil:
    cdef double t = target, y, slope
    if item is float:
        y = focal_of_float(x, t, alpha, gamma, &slope)
        slope = scale * slope
    else:
        y = focal_in_parts(x, t, alpha, gamma, scale, &slope)
    slope = by_sign(<double>x, slope, -slope)
    gradient[0] = keep_nan(x, <item>within_unit(t, t, slope))
    return keep_nan(x, <item>within_unit(t, t, y))


cdef inline void sigmoid_focal_loss_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                           real* compute) noexcept nogil:
    cdef const item* logits = x[0]
    cdef const item* target = x[1]
    cdef const item* alpha = x[2]
    cdef const item* gamma = x[3]
    cdef item* loss = y[0]
    cdef Py_ssize_t i
    cdef item unused
    for i in range(n):
        loss[i] = focal_loss(logits[i], target[i], alpha[i], gamma[i], 1.0, &unused, compute)

cdef inline void sigmoid_focal_loss_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                                real* compute) noexcept nogil:
    cdef const item* logits = x[0]
    cdef const item* target = x[1]
    cdef const item* alpha = x[2]
    cdef const item* gamma = x[3]
    cdef const double* scale = <const double*>x[4]
    cdef item* gradient = y[0]
    cdef Py_ssize_t i
    cdef item slope
    for i in range(n):
        focal_loss(logits[i], target[i], alpha[i], gamma[i], scale[i], &slope, compute)
        gradient[i] = slope

cdef inline void sigmoid_focal_loss_value_and_grad_kernel(const item** x, item** y, Py_ssize_t n, bint uniform,
                                                          real* compute) noexcept nogil:
    cdef const item* logits = x[0]
    cdef const item* target = x[1]
    cdef const item* alpha = x[2]
    cdef const item* gamma = x[3]
    cdef const double* scale = <const double*>x[4]
    cdef item* loss = y[0]
    cdef item* gradient = y[1]
    cdef Py_ssize_t i
    cdef item value, slope
    for i in range(n):
        value = focal_loss(logits[i], target[i], alpha[i], gamma[i], scale[i], &slope, compute)
        loss[i] = value
        gradient[i] = slope


elementwise("sigmoid_focal_loss", "logits, target; alpha, gamma",
            sigmoid_focal_loss_kernel[float, double], NULL, sigmoid_focal_loss_kernel[double, double], """
    Loss of each element from logits, target, alpha and gamma: see `fastact.sigmoid_focal_loss`.
    """)
elementwise("sigmoid_focal_loss_grad", "logits, target; alpha, gamma; factor",
            sigmoid_focal_loss_grad_kernel[float, double], NULL,
            sigmoid_focal_loss_grad_kernel[double, double], """
    Its derivative with respect to the logit, times the fifth operand: see `fastact.sigmoid_focal_loss_grad`.
    """)
elementwise("sigmoid_focal_loss_value_and_grad", "logits, target; alpha, gamma; factor -> value, gradient",
            sigmoid_focal_loss_value_and_grad_kernel[float, double],
            NULL,
            sigmoid_focal_loss_value_and_grad_kernel[double, double], """
    Both of the above in one pass: see `fastact.sigmoid_focal_loss_value_and_grad`.
    """)
