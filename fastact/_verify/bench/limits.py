"""For the page: the known causes where fastact is behind, by kind of work; those of a function are in `naive`."""

LIMITS = {
    "one-dimensional strided input, 1M": (
        "Memory bandwidth: with every second number, all cache lines of an array of twice the size are loaded. This "
        "limits simple functions in PyTorch and fastact alike."
    ),
    "row slices, broadcasts, transposes, 1M": (
        "NumPy splits operands that it cannot treat as one-dimensional into pieces of at most 8192 elements, each of "
        "which is computed by one thread. Columns 4 KiB apart share few sets of the cache, and both operands of gated "
        "units are read column by column."
    ),
    "16M with `out=`, fast": (
        "Arithmetic, and memory bandwidth shared by the cores. Each block of results is computed and then written by "
        "streaming stores, so that arithmetic and writing alternate; ordinary stores would read each cache line "
        "before writing it."
    ),
    "allocating, 16M, float32 exact": (
        "The operating system clears the pages of a new array, which takes longer than reading the input and writing "
        "the output. Precision exact computes in float64, with eight numbers in a register instead of sixteen."
    ),
    "two threads against one, 1M": (
        "The first part of a call is computed while the second thread wakes up, and arrays of a few megabytes are in "
        "the cache that both cores share."
    ),
    "16 elements, with and without `out=`": (
        "Times of a third of a microsecond vary: a function that is behind in one run need not be in another."
    ),
}
