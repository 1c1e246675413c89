# loss = -w_y x_y for log-probabilities x and a class label y     gradient: -scale w_y at the label, 0 elsewhere
#
# As in cross_entropy.pxi an infinity is ignored where the weight is 0, and so is a row whose scale is 0. The driver
# loads and stores only the numbers at the label. Both precisions compute in float64.

cdef inline void nll_loss_kernel(int phase, row_block* b, item* storage, real* compute) noexcept nogil:
    cdef const item* x = <const item*>b.operand[X]
    cdef const item* w = <const item*>b.operand[WEIGHT]
    cdef const double* scale = <const double*>b.operand[SCALE]
    cdef item* loss = <item*>b.operand[VALUE]
    cdef item* gradient = <item*>b.operand[RESULT]
    cdef double[LANES] weight, result
    cdef int j
    if phase != FINISH:
        return
    for j in range(LANES):
        weight[j] = w[j]
    if loss != NULL:
        for j in range(LANES):
            result[j] = 0.0 if weight[j] == 0 or scale[j] == 0 else -weight[j] * x[j]
        for j in range(LANES):
            loss[j] = <item>result[j]
    if gradient != NULL:
        for j in range(LANES):
            result[j] = 0.0 if scale[j] == 0 else -scale[j] * weight[j]
        for j in range(LANES):
            gradient[j] = <item>result[j]


for _name, _x, _results in (
        ("nll_loss", "log_probabilities(n)", "value()"),
        ("nll_loss_grad", "unread_log_probabilities(n)", "result(n)"),
        ("nll_loss_value_and_grad", "log_probabilities(n)", "value(),result(n)")):
    row(_name, f"{_x},label(),weight(n),scale()->{_results}", nll_loss_kernel[float, double],
        nll_loss_kernel[float, float], nll_loss_kernel[double, double], NULL,
        sums=0, keeps=KEEP_NOTHING, reference=False, masked=0, label_only=True)
