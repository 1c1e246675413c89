# How a row function is published: `row(...)` makes a generalised ufunc of its kernels.

# The role of each operand and its type: "x" is the row's type, "d" float64, "l" a class label (int64 or uint64), "?"
# bool.
cdef dict roles = {
    "logits": (X, "x"),            # the kernel wants the maximum of these
    "output": (X, "x"),
    "log_probabilities": (X, "x"),
    "unread_log_probabilities": (UNREAD, "x"),
    "g": (G, "x"),
    "where": (WHERE, "?"),
    "where_as_row": (WHERE, "?"),  # which the kernel reads too
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


# Declares a generalised ufunc. The signature names the role of every operand, such as "logits(n),g(n)->result(n)". The
# kernels are as in `elementwise`; `sums` says how many of the block's they fill, `keeps` which scratch rows of TERMS
# they read in WRITE, `reference` that they have that phase. `masked` is the result where a mask excludes an entry. With
# `label_only` they take and give single values, of rows those at the class label; the results are 0 elsewhere. The
# `plain` kernels, if there are any, are those of plain_rows.pxi: for calls without smoothing, and without a temperature
# unless `plain_scales` says that they know what it is. `plain_columns` is for those that do little for a number.
cdef inline int row(str name, str signature, exact_row_kernel exact, fast_row_kernel fast,
                    wide_exact_row_kernel wide_exact, wide_fast_row_kernel wide_fast, int sums, int keeps,
                    bint reference=False, double masked=0, bint label_only=False,
                    exact_plain_kernel exact_plain=NULL, fast_plain_kernel fast_plain=NULL,
                    bint plain_scales=False, int plain_columns=0) except -1:
    cdef row_loop narrow, wide
    narrow.sums, narrow.keeps, narrow.reference, narrow.masked = sums, keeps, reference, masked
    narrow.label_only, narrow.plain_scales, narrow.plain_columns = label_only, plain_scales, plain_columns
    narrow.plain[EXACT] = narrow.plain[FAST] = NULL
    wide = narrow
    narrow.plain[EXACT] = <plain_kernel>exact_plain
    narrow.plain[FAST] = <plain_kernel>fast_plain if FMA else <plain_kernel>exact_plain
    narrow.kernel[EXACT], narrow.kernel[FAST] = <row_kernel>exact, <row_kernel>fast if FMA else <row_kernel>exact
    wide.kernel[EXACT] = <row_kernel>wide_exact
    wide.kernel[FAST] = <row_kernel>wide_fast if FMA and wide_fast != NULL else <row_kernel>wide_exact
    return declare_row(name, signature, &narrow, &wide)


# `narrow` is the loop for rows that are computed as float32, `wide` that for float64, as far as they are known.
cdef int declare_row(str name, str signature, const row_loop* narrow, const row_loop* wide) except -1:
    cdef list operands = signature.replace("->", ",").split(",")
    cdef int nout = len(signature.partition("->")[2].split(",")), nin = len(operands) - nout, j, k
    # signed labels before unsigned ones: NumPy takes the first loop that fits
    cdef int nloops = 2 * LOOPS if "label()" in operands else LOOPS
    # NumPy keeps all of these pointers for the life of the ufunc, so they are never freed.
    cdef row_loop* loops = <row_loop*>malloc(2 * nloops * sizeof(row_loop))
    cdef void** data = <void**>malloc(nloops * sizeof(void*))
    cdef char* codes = <char*>malloc(nloops * len(operands))
    if loops == NULL or data == NULL or codes == NULL:
        raise MemoryError
    for j in range(nloops):
        loops[j] = narrow[0] if loop_kinds[j % LOOPS] == FLOAT32 else wide[0]
        loops[j].wide = loop_kinds[j % LOOPS] != FLOAT32
        if loop_kinds[j % LOOPS] != FLOAT32 and loop_kinds[j % LOOPS] != FLOAT64:
            # float16 and bfloat16 are rounded once in both precisions: from float64, whose last bits do not matter
            loops[j].kernel[EXACT] = loops[j].kernel[FAST]
        loops[j].nin, loops[j].nout = nin, nout
        loops[j].label_is_unsigned = j >= LOOPS
        loops[j].in_float32 = NULL
        declare_row_operands(&loops[j], codes + j * len(operands), operands, loop_kinds[j % LOOPS])
        data[j] = &loops[j]
    for j in range(0, nloops, LOOPS):
        # float16 comes first and float32 second
        loops[nloops + j] = loops[j + 1]
        loops[j].in_float32 = in_precision_exact(&loops[nloops + j])
    doc = f"{name}: {signature}"
    ufuncs[name] = cnp.PyUFunc_FromFuncAndDataAndSignature(
        row_drivers, data, codes, nloops, nin, nout, cnp.PyUFunc_None, kept(name.encode()), kept(doc.encode()), 0,
        kept(",".join(operand[operand.index("("):] for operand in operands[:nin]).encode() + b"->"
             + ",".join(operand[operand.index("("):] for operand in operands[nin:]).encode()))
    call_directly(ufuncs[name], <vector_call>call_rows)
    return 0


cdef const row_loop* in_precision_exact(row_loop* loop):
    loop.kernel[FAST], loop.plain[FAST] = loop.kernel[EXACT], loop.plain[EXACT]
    return loop


# What the operands mean for a loop whose rows hold `kind`, and their NumPy types
cdef int declare_row_operands(row_loop* loop, char* codes, list operands, int kind) except -1:
    cdef list names = [operand.partition("(")[0] for operand in operands]
    cdef dict types = {"x": type_numbers[kind], "?": cnp.NPY_BOOL, "d": cnp.NPY_DOUBLE,
                       "l": cnp.NPY_UINT64 if loop.label_is_unsigned else cnp.NPY_INT64}
    cdef int k
    loop.label = names.index("label") if "label" in names else -1
    loop.maximum = "logits" in names
    loop.writes_rows = "result" in names and not loop.label_only
    for k in range(len(operands)):
        loop.role[k], letter = roles[names[k]]
        loop.has_core[k] = operands[k].endswith("(n)")
        loop.is_row[k] = loop.has_core[k] and not loop.label_only and names[k] != "where"
        loop.at_label[k] = loop.has_core[k] and loop.label_only and loop.role[k] != UNREAD
        loop.kind[k] = {"x": kind, "?": BOOL}.get(letter, RAW_8_BYTES)
        codes[k] = types[letter]
        if loop.role[k] == SMOOTHING or (loop.role[k] == TEMPERATURE and not loop.plain_scales):
            loop.plain[EXACT] = loop.plain[FAST] = NULL
    return 0


cdef cnp.PyUFuncGenericFunction row_drivers[2 * LOOPS]
for _j in range(2 * LOOPS):
    row_drivers[_j] = <cnp.PyUFuncGenericFunction>drive_rows
