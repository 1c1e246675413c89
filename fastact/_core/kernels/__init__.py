"""The compiled kernels: two modules, elementwise and rows, for each instruction set."""
