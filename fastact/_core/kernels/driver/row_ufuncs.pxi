# How a row function is published: `row(...)` makes a generalised ufunc of its kernels.

# NumPy's type letters for the operands, and the parts that they play: "x" is the row's type, "d" float64, "l" a class
# label (int64 or uint64), "?" bool.
cdef dict roles = {
    "logits": (X, "x"),            # the kernel wants the maximum of these
    "output": (X, "x"),
    "g": (G, "x"),
    "where": (WHERE, "?"),
    "temperature": (TEMPERATURE, "d"),
    "label": (LABEL, "l"),
    "probabilities": (PROBABILITIES, "x"),
    "weight": (WEIGHT, "x"),
    "smoothing": (SMOOTHING, "d"),
    "scale": (SCALE, "d"),
    "result": (RESULT, "x"),
    "hessian": (HESSIAN, "x"),
    "value": (VALUE, "x"),
}


# Declare a generalised ufunc. The signature names the part of every operand, such as "logits(n),g(n)->result(n)". The
# kernels are as in `elementwise`; `sums` says how many they fill, `keeps` what of TERMS they want in WRITE: 0 nothing,
# 1 what is in WORK (and LOST, for float64), 2 all. `masked` is the result where a mask leaves an entry
# out; `reference` says that the kernels have that phase.
cdef inline int row(str name, str signature, exact_row_kernel exact, fast_row_kernel fast, full_row_kernel full,
                    int sums, int keeps, double masked=0, bint reference=False) except -1:
    return declare_row(name, signature, <row_kernel>exact, <row_kernel>fast if FMA else <row_kernel>exact,
                       <row_kernel>full, sums, keeps, masked, reference)


cdef int declare_row(str name, str signature, row_kernel exact, row_kernel fast, row_kernel full, int sums, int keeps,
                     double masked, bint reference) except -1:
    cdef list operands = signature.replace("->", ",").split(",")
    cdef list parts = [operand.partition("(")[0] for operand in operands]
    cdef int nout = len(signature.partition("->")[2].split(",")), nin = len(operands) - nout, j, k
    # signed labels before unsigned ones: NumPy takes the first loop that fits
    cdef int nloops = 2 * LOOPS if "label" in parts else LOOPS
    # NumPy keeps all of these pointers for the life of the ufunc, so they are never freed.
    cdef row_loop* loops = <row_loop*>malloc(nloops * sizeof(row_loop))
    cdef void** data = <void**>malloc(nloops * sizeof(void*))
    cdef char* codes = <char*>malloc(nloops * len(operands))
    if loops == NULL or data == NULL or codes == NULL:
        raise MemoryError
    for j in range(nloops):
        loops[j].wide = loop_kinds[j % LOOPS] != FLOAT32
        loops[j].kernel[EXACT] = full if loops[j].wide else exact
        loops[j].kernel[FAST] = full if loops[j].wide else fast
        loops[j].nin = nin
        loops[j].nout = nout
        loops[j].label = parts.index("label") if "label" in parts else -1
        loops[j].label_is_unsigned = j >= LOOPS
        loops[j].maximum = "logits" in parts
        loops[j].reference = reference
        loops[j].sums = sums
        loops[j].keeps = keeps
        loops[j].writes_rows = "result" in parts
        loops[j].masked = masked
        for k in range(nin + nout):
            loops[j].role[k], letter = roles[parts[k]]
            loops[j].is_row[k] = operands[k].endswith("(n)")
            loops[j].kind[k] = {"x": loop_kinds[j % LOOPS], "?": BOOL}.get(letter, RAW_8_BYTES)
            codes[j * (nin + nout) + k] = {
                "x": type_numbers[loop_kinds[j % LOOPS]], "?": cnp.NPY_BOOL, "d": cnp.NPY_DOUBLE,
                "l": cnp.NPY_UINT64 if j >= LOOPS else cnp.NPY_INT64}[letter]
        data[j] = &loops[j]
    doc = f"{name}: {signature}"
    ufuncs[name] = cnp.PyUFunc_FromFuncAndDataAndSignature(
        row_drivers, data, codes, nloops, nin, nout, cnp.PyUFunc_None, kept(name.encode()), kept(doc.encode()), 0,
        kept(",".join(operand[operand.index("("):] for operand in operands[:nin]).encode() + b"->"
             + ",".join(operand[operand.index("("):] for operand in operands[nin:]).encode()))
    return 0


cdef cnp.PyUFuncGenericFunction row_drivers[2 * LOOPS]
for _j in range(2 * LOOPS):
    row_drivers[_j] = <cnp.PyUFuncGenericFunction>drive_rows
