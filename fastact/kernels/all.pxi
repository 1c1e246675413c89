# Everything that a kernel module holds, once for each instruction set.
include "math.pxi"

include "loops.pxi"
include "identity.pxi"
include "relu.pxi"
include "relu_variants.pxi"
include "leaky_relu.pxi"
include "threshold.pxi"
include "elu.pxi"
include "sigmoid.pxi"
include "tanh.pxi"
include "softsign.pxi"
include "softplus.pxi"
include "silu.pxi"

include "rows.pxi"
include "softmax.pxi"
include "cross_entropy.pxi"
