# Everything that a kernel module holds, once for each instruction set.
include "math.pxi"

include "loops.pxi"
include "relu.pxi"
include "sigmoid.pxi"
include "tanh.pxi"
include "softplus.pxi"

include "rows.pxi"
include "softmax.pxi"
include "cross_entropy.pxi"
