# Declarations of elementwise functions: `elementwise(...)` makes a ufunc of kernels.

from fastact._core.declarations import Declaration
from fastact._core.docstrings import function_doc, gated_doc, gated_gradient_doc, gradient_doc, output_gradient_doc

cdef cnp.PyUFuncGenericFunction elementwise_drivers[LOOPS + 1]
for _j in range(LOOPS + 1):
    elementwise_drivers[_j] = <cnp.PyUFuncGenericFunction>drive

# The kernels of a function for float32 and float64 by precision. Those that are declared have distinct types so that
# they cannot be confused.
cdef struct elementwise_kernels:
    block_kernel narrow[2]
    block_kernel wide[2]


# Declare a ufunc. `operands` names them: "x, g; negative_slope=0.01 -> dx, dweight" has two inputs, one parameter with
# its default and two outputs (one, if none is named). Parameters of float16 and bfloat16 loops are float32. A third
# group, as in "probs, target;; factor", is float64 in every loop, so that 1 / count is not rounded to the type of the
# others. `exact` and `fast` are the kernels for float32, `wide_exact` and `wide_fast` those for float64, the same one
# where the fast one is NULL; the exact ones are also those for float16 and bfloat16 (`computes_in_float32` says which).
# `numbers` says that the kernels have a second loop for parameters that are the same for all elements. `doc` is the
# docstring of the public function; where that is a Python function around the ufunc, it is a sentence.
#
# Where all parameters have defaults, a second ufunc has them built in: converting a Python float takes as long as a
# whole call on few elements.
#
# Inline, so that the compiler sees that a module without fused multiply-add uses no fast kernel, and generates none.
cdef inline int elementwise(str name, str operands, exact_kernel exact, fast_kernel fast, wide_exact_kernel wide_exact,
                            wide_fast_kernel wide_fast, object doc, bint numbers=False) except -1:
    cdef elementwise_kernels kernels = kernels_of(exact, fast, wide_exact, wide_fast)
    return declare_elementwise(name, operands, &kernels, doc, numbers)


cdef inline elementwise_kernels kernels_of(exact_kernel exact, fast_kernel fast, wide_exact_kernel wide_exact,
                                           wide_fast_kernel wide_fast):
    cdef elementwise_kernels kernels
    kernels.narrow[EXACT], kernels.wide[EXACT] = <block_kernel>exact, <block_kernel>wide_exact
    kernels.narrow[FAST] = <block_kernel>fast if FMA and fast != NULL else <block_kernel>exact
    kernels.wide[FAST] = <block_kernel>wide_fast if FMA and wide_fast != NULL else <block_kernel>wide_exact
    return kernels


# Register separate kernels for the default parameters of the function `name`, before it is declared; `operands` are
# those that these kernels read.
cdef inline int at_defaults(str name, str operands, exact_kernel exact, fast_kernel fast,
                            wide_exact_kernel wide_exact, wide_fast_kernel wide_fast) except -1:
    cdef elementwise_kernels kernels = kernels_of(exact, fast, wide_exact, wide_fast)
    with_defaults[name] = make_elementwise(Declaration(name, operands), &kernels, False, True)
    return 0


cdef dict with_defaults = {}


cdef int declare_elementwise(str name, str operands, const elementwise_kernels* kernels, object doc,
                             bint numbers) except -1:
    declaration = Declaration(name, operands, doc)
    declaration.text = doc.render(declarations) if declaration.is_public else cleandoc(doc)
    declaration.ufunc = make_elementwise(declaration, kernels, numbers, False)
    if declaration.has_defaults:
        if name not in with_defaults:
            with_defaults[name] = make_elementwise(declaration, kernels, numbers, True)
        declaration.at_defaults = with_defaults[name]
    declarations[name], ufuncs[name] = declaration, declaration.ufunc
    return 0


cdef object make_elementwise(object declaration, const elementwise_kernels* kernels, bint numbers, bint defaults):
    cdef int noperands = len(declaration.operands), nparameters = len(declaration.parameters), j, k
    cdef int nin = noperands if defaults else noperands + nparameters + len(declaration.factors)
    cdef int nout = len(declaration.outputs), nloops = LOOPS + (nin > noperands)
    cdef int bfloat16_types[MAX_OPERANDS]
    # NumPy keeps all of these pointers for the life of the ufunc, so they are never freed.
    cdef elementwise_loop* loops = <elementwise_loop*>malloc(2 * (LOOPS + 2) * sizeof(elementwise_loop))
    cdef void** data = <void**>malloc(nloops * sizeof(void*))
    cdef char* types = <char*>malloc(nloops * (nin + nout))
    cdef str name = f"{declaration.name}.at_defaults" if defaults else declaration.name
    if loops == NULL or data == NULL or types == NULL:
        raise MemoryError
    for j in range(LOOPS + 2):
        fill_loop(&loops[j], declaration, kernels, j, nin, nout, numbers)
        if loop_kinds[j] in (FLOAT16, BFLOAT16) and computes_in_float32(declaration):
            loops[LOOPS + 2 + j] = loops[j]
            use_float32(&loops[j], kernels, &loops[LOOPS + 2 + j])
        if j < nloops:
            data[j] = &loops[j]
        for k in range(nin + nout):
            if j < nloops:
                types[j * (nin + nout) + k] = <char>type_numbers[loops[j].kind[k]]
            elif j == BFLOAT16_LOOP:
                bfloat16_types[k] = type_numbers[loops[j].kind[k]]
    ufunc = cnp.PyUFunc_FromFuncAndData(
        elementwise_drivers, data, types, nloops, nin, nout, cnp.PyUFunc_None,
        kept(name.encode()), kept(declaration.text.encode()), 0)
    if type_numbers[BFLOAT16] >= 0:
        cnp.PyUFunc_RegisterLoopForType(
            ufunc, type_numbers[BFLOAT16], elementwise_drivers[0], bfloat16_types, &loops[BFLOAT16_LOOP])
    call_directly(ufunc, <vector_call>call_elementwise)
    return ufunc


# Whether 16-bit numbers are computed in float32: where the result is a product of many, one of two may be beyond the
# range of float32, though the result is not.
cdef bint computes_in_float32(object declaration):
    inputs = len(declaration.operands) + len(declaration.parameters)
    return len(declaration.operands) <= 2 and inputs <= 3 and not declaration.factors


# The j-th loop: the types of its operands, and its kernels.
cdef int fill_loop(elementwise_loop* loop, object declaration, const elementwise_kernels* kernels, int j, int nin,
                   int nout, bint numbers) except -1:
    cdef list defaults = list(declaration.parameters.values())
    cdef int k, noperands = len(declaration.operands), parameters_end = noperands + len(defaults)
    loop.wide = loop_kinds[j] != FLOAT32
    for k in range(2):
        loop.kernel[k] = kernels.wide[k] if loop.wide else kernels.narrow[k]
    if loop_kinds[j] in (FLOAT16, BFLOAT16):
        # rounded once in both precisions
        loop.kernel[FAST] = loop.kernel[EXACT]
    loop.to_break_ties = NULL
    loop.nin, loop.nout = nin, nout
    loop.ndefaults = max(parameters_end - nin, 0)
    loop.numbers = len(defaults) if numbers else 0
    for k in range(loop.ndefaults):
        loop.defaults[k] = defaults[k]
    for k in range(nin + nout):
        loop.kind[k] = loop_kinds[j]
        if j == ALL_FLOAT16 or not noperands <= k < nin:
            continue
        if k >= parameters_end:
            loop.kind[k] = FLOAT64
        elif loop_kinds[j] in (FLOAT16, BFLOAT16):
            loop.kind[k] = FLOAT32
    return 0


# Let a loop for 16-bit numbers compute in float32. Parameters are float32 in `wide` too.
cdef int use_float32(elementwise_loop* loop, const elementwise_kernels* kernels, elementwise_loop* wide) except -1:
    cdef int k
    loop.wide, loop.to_break_ties = False, wide
    loop.kernel[FAST] = loop.kernel[EXACT] = kernels.narrow[EXACT]
    for k in range(wide.ndefaults):
        wide.defaults[k] = <float>wide.defaults[k]
    return 0
