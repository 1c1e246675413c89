# softmax(x)_i = e_i / S,  e_i = e^(x_i - m),  m = max x,  S = sum e        d/dx: p (g - sum p g), p = softmax(x)
# log_softmax(x)_i = (x_i - m) - log1p(S - 1)                               d/dx: g - p sum g
#
# In the gradient from x, g is taken relative to that of the maximum, g_i - g_k: then the term of k is 0, and where one
# p is nearly 1 the sum over the others remains, without cancellation. The gradient from the output takes it as given.
#
# The maximum contributes exactly 1 to S. It is left out of the sum, S - 1 = sum over the others, so that the logarithm
# keeps its relative accuracy when one entry dominates.

# e^(x_i - m) into e[0 .. n), zeros up to a whole number of lanes
cdef inline void row_exponentials(const item* x, Py_ssize_t n, item m, real* e) noexcept nogil:
    cdef real bound = 746 if item is double else (700 if real is double else 112), far = 1000, zero = 0, d, low, back
    cdef Py_ssize_t i
    for i in range(n):
        d = <real>x[i] - <real>m
        low = zero
        if not (item is float and real is double):
            # the rounding error of the difference (Knuth's two-sum)
            back = d - x[i]
            low = (x[i] - (d - back)) - (m + back)
            low = low if magnitude(d, far) < far else zero
        e[i] = keep_nan(d, unscale(exp_scaled(-magnitude(d, bound), low, x[i]), x[i]))
    for i in range(n, padded(n)):
        e[i] = 0


# S - 1, the sum of all but one maximum, given e and room for as many numbers behind it
cdef inline double others(const real* e, Py_ssize_t n) noexcept nogil:
    cdef real[CHUNK] rest
    cdef real zero = 0, one = 1
    cdef Py_ssize_t i, start = 0, length, full = padded(n), ties = 0
    cdef double total = 0
    while start < full:
        length = min(full - start, <Py_ssize_t>CHUNK)
        for i in range(length):
            rest[i] = zero if e[start + i] >= one else e[start + i]
        total += padded_sum(&rest[0], length)
        for i in range(length):
            rest[i] = one if e[start + i] >= one else zero
        ties += <Py_ssize_t>padded_sum(&rest[0], length)
        start += length
    return total + <double>(ties - 1)


cdef inline double log1p_row(double u) noexcept nogil:
    cdef double rest
    cdef double top = log1p_in_parts(u, 0.0, &rest)
    return top + rest


cdef inline int softmax_kernel(item** rows, Py_ssize_t n, real* e) noexcept nogil:
    cdef const item* x = rows[0]
    cdef item* y = rows[1]
    cdef real s
    cdef Py_ssize_t i
    row_exponentials(x, n, row_maximum(x, n), e)
    s = padded_sum(e, padded(n))
    for i in range(n):
        y[i] = <item>(e[i] / s)
    return 0


cdef inline int softmax_grad_from_output_kernel(item** rows, Py_ssize_t n, real* e) noexcept nogil:
    cdef const item* p = rows[0]
    cdef const item* g = rows[1]
    cdef item* dx = rows[2]
    cdef real mean
    cdef Py_ssize_t i
    for i in range(n):
        e[i] = <real>p[i] * <real>g[i]
    for i in range(n, padded(n)):
        e[i] = 0
    mean = padded_sum(e, padded(n))
    for i in range(n):
        dx[i] = <item>(<real>p[i] * (<real>g[i] - mean))
    return 0


# where the first element equal to m is; 0 if there is none, which is a row of NaN
cdef inline Py_ssize_t row_position(const item* x, Py_ssize_t n, item m) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        if x[i] == m:
            return i
    return 0


cdef inline int softmax_grad_kernel(item** rows, Py_ssize_t n, real* e) noexcept nogil:
    cdef const item* x = rows[0]
    cdef const item* g = rows[1]
    cdef item* dx = rows[2]
    cdef item m = row_maximum(x, n)
    cdef real* product = e + padded(n)
    cdef real s, mean, g_k
    cdef Py_ssize_t i
    if n == 0:
        return 0
    row_exponentials(x, n, m, e)
    s = padded_sum(e, padded(n))
    g_k = g[row_position(x, n, m)]
    for i in range(n):
        e[i] = e[i] / s
        product[i] = e[i] * (<real>g[i] - g_k)
    for i in range(n, padded(n)):
        product[i] = 0
    mean = padded_sum(product, padded(n))
    for i in range(n):
        dx[i] = <item>(e[i] * ((<real>g[i] - g_k) - mean))
    return 0


cdef inline int log_softmax_kernel(item** rows, Py_ssize_t n, real* e) noexcept nogil:
    cdef const item* x = rows[0]
    cdef item* y = rows[1]
    cdef item m = row_maximum(x, n)
    cdef real log_sum
    cdef Py_ssize_t i
    row_exponentials(x, n, m, e)
    log_sum = log1p_row(others(e, n))
    for i in range(n):
        y[i] = <item>((<real>x[i] - <real>m) - log_sum)
    return 0


# g - p sum g, p the probabilities, with room for as many numbers behind them; NaN in p makes the row NaN
cdef inline void log_softmax_gradient(const item* g, item* dx, Py_ssize_t n, real* p) noexcept nogil:
    cdef real* copy = p + padded(n)
    cdef real total, check
    cdef Py_ssize_t i
    for i in range(n):
        copy[i] = g[i]
    for i in range(n, padded(n)):
        copy[i] = 0
        p[i] = 0
    total = padded_sum(copy, padded(n))
    check = padded_sum(p, padded(n))
    total = total if check == check else check
    for i in range(n):
        dx[i] = <item>(<real>g[i] - p[i] * total)


cdef inline int log_softmax_grad_kernel(item** rows, Py_ssize_t n, real* e) noexcept nogil:
    cdef const item* x = rows[0]
    cdef real s
    cdef Py_ssize_t i
    row_exponentials(x, n, row_maximum(x, n), e)
    s = padded_sum(e, padded(n))
    for i in range(n):
        e[i] = e[i] / s
    log_softmax_gradient(<const item*>rows[1], rows[2], n, e)
    return 0


cdef inline int log_softmax_grad_from_output_kernel(item** rows, Py_ssize_t n, real* e) noexcept nogil:
    cdef const item* y = rows[0]
    # a logarithm of a probability is not positive, but a rounded one may be, so the sign is kept
    cdef real bound = 746 if item is double else (700 if real is double else 112), most = 40, zero = 0, d
    cdef Py_ssize_t i
    for i in range(n):
        d = clamped(<real>y[i], bound)
        d = most if d > most else d
        e[i] = keep_nan(<real>y[i], unscale(exp_scaled(d, zero, y[i]), y[i]))
    log_softmax_gradient(<const item*>rows[1], rows[2], n, e)
    return 0


row("softmax", "(n)->(n)", "xx", softmax_kernel[float, double], softmax_kernel[float, float],
    softmax_kernel[double, double], """
    softmax over the last core axis: see `fastact.softmax`.
    """)
row("softmax_grad", "(n),(n)->(n)", "xxx", softmax_grad_kernel[float, double], softmax_grad_kernel[float, float],
    softmax_grad_kernel[double, double], """
    Gradient of softmax from the input: see `fastact.softmax_grad`.
    """)
row("softmax_grad_from_output", "(n),(n)->(n)", "xxx", softmax_grad_from_output_kernel[float, double],
    softmax_grad_from_output_kernel[float, float], softmax_grad_from_output_kernel[double, double], """
    Gradient of softmax from the output: see `fastact.softmax_grad_from_output`.
    """)
row("log_softmax", "(n)->(n)", "xx", log_softmax_kernel[float, double], log_softmax_kernel[float, float],
    log_softmax_kernel[double, double], """
    Logarithm of softmax over the last core axis: see `fastact.log_softmax`.
    """)
row("log_softmax_grad", "(n),(n)->(n)", "xxx", log_softmax_grad_kernel[float, double],
    log_softmax_grad_kernel[float, float], log_softmax_grad_kernel[double, double], """
    Gradient of log_softmax from the input: see `fastact.log_softmax_grad`.
    """)
row("log_softmax_grad_from_output", "(n),(n)->(n)", "xxx", log_softmax_grad_from_output_kernel[float, double],
    log_softmax_grad_from_output_kernel[float, float], log_softmax_grad_from_output_kernel[double, double], """
    Gradient of log_softmax from the output: see `fastact.log_softmax_grad_from_output`.
    """)
