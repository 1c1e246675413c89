# Transposition of blocks of numbers: rows that are contiguous in memory are interleaved in tiles.

cdef extern from *:
    """
    /* Four lines of four numbers each become four columns. */
    #if defined(__clang__) || __GNUC__ >= 12
    #define FASTACT_PICK4(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
    #define FASTACT_PICK2(a, b, i, j) __builtin_shufflevector(a, b, i, j)
    #else
    typedef int fastact_int4 __attribute__((vector_size(16)));
    typedef long long fastact_int2 __attribute__((vector_size(16)));
    #define FASTACT_PICK4(a, b, i, j, k, l) __builtin_shuffle(a, b, (fastact_int4){i, j, k, l})
    #define FASTACT_PICK2(a, b, i, j) __builtin_shuffle(a, b, (fastact_int2){i, j})
    #endif
    typedef float fastact_floats __attribute__((vector_size(16), aligned(1), may_alias));
    typedef double fastact_doubles __attribute__((vector_size(16), aligned(1), may_alias));

    static inline void fastact_transpose_floats(char const *in, Py_ssize_t in_step, char *out, Py_ssize_t out_step) {
        fastact_floats a = *(fastact_floats const *)in, b = *(fastact_floats const *)(in + in_step);
        fastact_floats c = *(fastact_floats const *)(in + 2 * in_step), d = *(fastact_floats const *)(in + 3 * in_step);
        fastact_floats ab = FASTACT_PICK4(a, b, 0, 4, 1, 5), cd = FASTACT_PICK4(c, d, 0, 4, 1, 5);
        *(fastact_floats *)out = FASTACT_PICK4(ab, cd, 0, 1, 4, 5);
        *(fastact_floats *)(out + out_step) = FASTACT_PICK4(ab, cd, 2, 3, 6, 7);
        ab = FASTACT_PICK4(a, b, 2, 6, 3, 7);
        cd = FASTACT_PICK4(c, d, 2, 6, 3, 7);
        *(fastact_floats *)(out + 2 * out_step) = FASTACT_PICK4(ab, cd, 0, 1, 4, 5);
        *(fastact_floats *)(out + 3 * out_step) = FASTACT_PICK4(ab, cd, 2, 3, 6, 7);
    }

    static inline void fastact_transpose_two(char const *in, Py_ssize_t in_step, char *out, Py_ssize_t out_step) {
        fastact_doubles a = *(fastact_doubles const *)in, b = *(fastact_doubles const *)(in + in_step);
        *(fastact_doubles *)out = FASTACT_PICK2(a, b, 0, 2);
        *(fastact_doubles *)(out + out_step) = FASTACT_PICK2(a, b, 1, 3);
    }

    static inline void fastact_transpose_doubles(char const *in, Py_ssize_t in_step, char *out, Py_ssize_t out_step) {
        fastact_transpose_two(in, in_step, out, out_step);
        fastact_transpose_two(in + 16, in_step, out + 2 * out_step, out_step);
        fastact_transpose_two(in + 2 * in_step, in_step, out + 16, out_step);
        fastact_transpose_two(in + 2 * in_step + 16, in_step, out + 2 * out_step + 16, out_step);
    }
    """
    void transpose_floats "fastact_transpose_floats"(const char*, Py_ssize_t, char*, Py_ssize_t) noexcept nogil
    void transpose_doubles "fastact_transpose_doubles"(const char*, Py_ssize_t, char*, Py_ssize_t) noexcept nogil


# `lines` lines of n numbers each become n lines: target[i][r] = source[r][i]. In squares of four, of which the last
# ones may overlap those before.
cdef inline void transpose(const char* source, Py_ssize_t source_step, char* target, Py_ssize_t target_step,
                           Py_ssize_t lines, Py_ssize_t n, item* storage) noexcept nogil:
    cdef Py_ssize_t i, r, k = 0, j
    while k < lines:
        r = min(k, lines - 4)
        j = 0
        while j < n:
            i = min(j, n - 4)
            if item is float:
                transpose_floats(source + r * source_step + i * sizeof(item), source_step,
                                 target + i * target_step + r * sizeof(item), target_step)
            else:
                transpose_doubles(source + r * source_step + i * sizeof(item), source_step,
                                  target + i * target_step + r * sizeof(item), target_step)
            j += 4
        k += 4
