# With x, a, u and t as in binary_cross_entropy_with_logits.pxi, A = 1 - t for x >= 0, t for x < 0, B = 1 - A:
#     loss = alpha_t M^gamma H         alpha_t = alpha t + (1 - alpha) (1 - t), or 1 if alpha is negative
#     M = 1 - p_t = (A + B u) / (1 + u)            H = log1p(u) + A a, the binary cross-entropy
#     gradient = sign(x) alpha_t M^gamma (A - B u + gamma (A - B) u / (A + B u) H) / (1 + u)
# For a hard target A or B is 0, and the terms of the bracket have the same sign.
#
# M^gamma = e^(gamma log M), for float64 from a logarithm in two parts. float32 is computed in float64 in both
# precisions: an error of the exponent is a relative error of the result, which in float32 would be |gamma log M| units
# in the last place. For float64 and a > LOG1P_END, u, A + B u and H are multiplied by 2^64, so that a result that is a
# product of powers of u is scaled down last. A target outside [0, 1] gives NaN.

# The loss of floats; its derivative without the sign of x goes to `slope`.
cdef inline double focal_of_float(float x, double t, double alpha, double gamma, double* slope) noexcept nogil:
    cdef double infinite = INFINITY, logit = x, a = magnitude(logit, infinite), b = 1.0 - t, bound = EXP_NORMAL
    cdef double hard = by_sign(logit, b, t), soft = by_sign(logit, t, b), u, d, log1p_u, m, log_m, low, power, weight, h
    u = exp_scaled(-magnitude(a, bound), 0.0, x)
    log1p_u = log1p_quotient(u, &d)
    log1p_u = log1p_u / d
    m = hard + soft * u  # M (1 + u)
    log_m = log_in_parts(m, 0.0, &low)
    power = exp_scaled(-magnitude(gamma * ((log_m + low) - log1p_u), bound), 0.0, x)
    weight = alpha * t + (1.0 - alpha) * b
    weight = weight if alpha >= 0 else 1.0
    h = log1p_u + hard * magnitude(a, bound)  # it is multiplied by u, which is 0 beyond the bound
    slope[0] = weight * power * ((hard - soft * u) + gamma * (hard - soft) * (u / m) * h) / (1.0 + u)
    return zero_wins(weight, power * (log1p_u + zero_wins(hard, a)))


# What loss and gradient have in common for float64: sums of two parts, the second one named `_low`.
cdef struct focal_terms:
    double hard                    # A
    double hard_low
    double soft                    # B
    double soft_low
    double d                       # 1 + u
    double d_low
    double lift                    # 2^64 where a > LOG1P_END, 1 elsewhere: what follows is multiplied by it
    double u
    double u_low
    double soft_u                  # B u
    double soft_u_low
    double m                       # A + B u
    double m_low
    double h                       # H; without the lift where u is 0
    double h_low
    double log_lifted_d            # log of (1 + u) lift
    double log_lifted_d_low


cdef inline void focal_terms_in_parts(double x, double t, focal_terms* f) noexcept nogil:
    cdef double a = magnitude(x, DBL_MAX), b, b_low, e, e_low, power, unit, far_term, low
    cdef bint lifted = a > LOG1P_END, vanished = a > EXP_END_FULL
    b = sum_in_parts(1.0, 0.0, -t, 0.0, &b_low)
    f.hard, f.hard_low = by_sign(x, b, t), by_sign(x, b_low, 0.0)
    f.soft, f.soft_low = by_sign(x, t, b), by_sign(x, 0.0, b_low)
    f.lift = TWO_64 if lifted else 1.0
    power = exp_in_parts(-magnitude(a, EXP_END_FULL), 0.0, &e, &e_low)
    unit = power * TWO_M64
    f.d = sum_in_parts(1.0, 0.0, e * unit, e_low * unit, &f.d_low)
    f.h = log1p_exp_double(e * unit, e_low * unit, &f.h_low)
    # where u is multiplied by 2^64, log1p(u) is u, and 0 compared with log(2^64)
    f.log_lifted_d = 64.0 * LN_2_HIGH if lifted else f.h
    f.log_lifted_d_low = 64.0 * LN_2_LOW if lifted else f.h_low
    unit = power if lifted else unit
    f.u, f.u_low = e * unit, e_low * unit
    f.h = f.u if lifted else f.h
    f.h_low = f.u_low if lifted else f.h_low
    f.soft_u = product_in_parts(f.soft, f.soft_low, f.u, f.u_low, &f.soft_u_low)
    f.m = sum_in_parts(f.hard * f.lift, f.hard_low * f.lift, f.soft_u, f.soft_u_low, &f.m_low)
    f.u = 0.0 if vanished else f.u
    f.u_low = 0.0 if vanished else f.u_low
    f.h = 0.0 if vanished else f.h
    f.h_low = 0.0 if vanished else f.h_low
    far_term = product_in_parts(f.hard, f.hard_low, a if vanished else a * f.lift, 0.0, &low)
    f.h = sum_in_parts(f.h, f.h_low, far_term, low, &f.h_low)


# M^gamma = (high + low) 2^k; returns 2^(k+64)
cdef inline double focal_power(const focal_terms* f, double gamma, double* high, double* low) noexcept nogil:
    cdef double y_low, y = log_in_parts(f.m, f.m_low, &y_low), exponent, power
    y = sum_in_parts(y, y_low, -f.log_lifted_d, -f.log_lifted_d_low, &y_low)
    y = product_in_parts(gamma, 0.0, y, y_low, &y_low)
    exponent = joined(y, y_low)
    y_low = (y - exponent) + y_low
    y_low = y_low if exponent > -EXP_END_FULL else 0.0
    power = exp_in_parts(-magnitude(exponent, EXP_END_FULL), y_low, high, low)
    return power if exponent > -EXP_END_FULL else 0.0


# alpha_t = result + low
cdef inline double focal_weight(double t, double alpha, double* low) noexcept nogil:
    cdef double b, b_low, positive, positive_low, weight
    b = sum_in_parts(1.0, 0.0, -t, 0.0, &b_low)
    weight = sum_in_parts(1.0, 0.0, -alpha, 0.0, low)
    weight = product_in_parts(weight, low[0], b, b_low, low)
    positive = product_in_parts(alpha, 0.0, t, 0.0, &positive_low)
    weight = sum_in_parts(weight, low[0], positive, positive_low, low)
    low[0] = low[0] if alpha >= 0 else 0.0
    return weight if alpha >= 0 else 1.0


# (A - B u + gamma (A - B) u / (A + B u) H) / (1 + u), times the lift, = result + low
cdef inline double focal_bracket(const focal_terms* f, double gamma, double* low) noexcept nogil:
    cdef double y, ratio, ratio_low, difference, difference_low
    ratio = quotient_in_parts(f.u, f.u_low, f.m, f.m_low, &ratio_low)
    ratio = product_in_parts(ratio, ratio_low, f.h, f.h_low, &ratio_low)
    y = sum_in_parts(f.hard, f.hard_low, -f.soft, -f.soft_low, low)
    y = product_in_parts(gamma, 0.0, y, low[0], low)
    y = product_in_parts(y, low[0], ratio, ratio_low, low)
    difference = sum_in_parts(f.hard * f.lift, f.hard_low * f.lift, -f.soft_u, -f.soft_u_low, &difference_low)
    y = sum_in_parts(difference, difference_low, y, low[0], low)
    return quotient_in_parts(y, low[0], f.d, f.d_low, low)


# The loss of float64; its derivative times scale, without the sign of x, goes to `slope`.
cdef inline double focal_in_parts(double x, double t, double alpha, double gamma, double scale,
                                  double* slope) noexcept nogil:
    cdef focal_terms f
    cdef double power, factor, factor_low, weight, weight_low, y, low, loss, limit, infinite = INFINITY
    focal_terms_in_parts(x, t, &f)
    power = focal_power(&f, gamma, &factor, &factor_low)
    weight = focal_weight(t, alpha, &weight_low)
    factor = product_in_parts(factor, factor_low, weight, weight_low, &factor_low)
    y = product_in_parts(f.h, f.h_low, factor, factor_low, &low)
    loss = times_power(joined(y, low), power)
    loss = loss * (1.0 if magnitude(x, infinite) > EXP_END_FULL else 1.0 / f.lift)
    y = focal_bracket(&f, gamma, &low)
    y = product_in_parts(y, low, factor, factor_low, &low)
    y = product_in_parts(y, low, scale, 0.0, &low)
    slope[0] = times_power(joined(y, low), power) / f.lift
    limit = zero_wins(weight, infinite)
    limit = limit if f.hard != 0 else loss
    return limit if magnitude(x, infinite) == infinite else loss


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
    for i in range(whole(n)):
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
    for i in range(whole(n)):
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
    for i in range(whole(n)):
        value = focal_loss(logits[i], target[i], alpha[i], gamma[i], scale[i], &slope, compute)
        loss[i] = value
        gradient[i] = slope


elementwise("sigmoid_focal_loss", "logits, target; alpha, gamma",
            sigmoid_focal_loss_kernel[float, double], NULL, sigmoid_focal_loss_kernel[double, double], NULL, """
    Loss of each element from logits, target, alpha and gamma: see `fastact.sigmoid_focal_loss`.
    """)
elementwise("sigmoid_focal_loss_grad", "logits, target; alpha, gamma; factor",
            sigmoid_focal_loss_grad_kernel[float, double], NULL,
            sigmoid_focal_loss_grad_kernel[double, double], NULL, """
    Its derivative with respect to the logit, times the fifth operand: see `fastact.sigmoid_focal_loss_grad`.
    """)
elementwise("sigmoid_focal_loss_value_and_grad", "logits, target; alpha, gamma; factor -> value, gradient",
            sigmoid_focal_loss_value_and_grad_kernel[float, double],
            NULL,
            sigmoid_focal_loss_value_and_grad_kernel[double, double], NULL, """
    Both of the above in one pass: see `fastact.sigmoid_focal_loss_value_and_grad`.
    """)
