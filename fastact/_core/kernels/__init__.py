"""The compiled kernels: one module for each instruction set, built from the same sources."""
