# loss = -w_y x_y for log-probabilities x and a class label y          gradient -scale w_y at the label, 0 elsewhere
#
# As in cross_entropy.pxi, nothing is multiplied by infinity where the weight is 0, and a row whose scale is 0 takes no
# part.

# Sums 0 and 1 are x and the weight at the label.
cdef inline void nll_loss_kernel(int phase, row_block* b, item* result, real* lanes) noexcept nogil:
    cdef item tag = 0
    if phase == TERMS:
        label_term(b, X, 0, &tag)
        label_term(b, WEIGHT, 1, &tag)
    elif phase == FINISH:
        nll_loss_finish(b, <item*>b.operand[VALUE])
    else:
        nll_loss_gradient(b, &tag)


cdef inline void nll_loss_finish(const row_block* b, item* value) noexcept nogil:
    cdef const double* scale = <const double*>b.operand[SCALE]
    cdef double weight, loss, nothing = 0
    cdef int j
    if value == NULL:
        return
    for j in range(LANES):
        weight = b.state.total[1][j]
        loss = -weight * b.state.total[0][j]
        loss = nothing if weight == 0 or scale[j] == 0 else loss
        # a label out of range has NaN as its scale
        value[j] = <item>(loss + (scale[j] - scale[j]))


cdef inline void nll_loss_gradient(const row_block* b, item* result) noexcept nogil:
    cdef item* gradient
    cdef const double* scale = <const double*>b.operand[SCALE]
    cdef item[LANES] elsewhere
    cdef Py_ssize_t f = 0, j
    for j in range(LANES):
        elsewhere[j] = <item>(scale[j] - scale[j])
    while f < b.size:
        gradient = numbers(b, RESULT, f, result)
        for j in range(LANES):
            gradient[j] = elsewhere[j]
        f += LANES
    for j in range(b.width):
        f = place_of_label(b, j)
        if f >= 0 and scale[j] != 0:
            numbers(b, RESULT, f, result)[0] = <item>(-scale[j] * b.state.total[1][j])


for _name, _results in (("nll_loss", "value()"), ("nll_loss_grad", "result(n)"),
                        ("nll_loss_value_and_grad", "value(),result(n)")):
    row(_name, f"log_probabilities(n),label(),weight(n),scale()->{_results}", nll_loss_kernel[float, double],
        nll_loss_kernel[float, float], nll_loss_kernel[double, double], 2, 0)
