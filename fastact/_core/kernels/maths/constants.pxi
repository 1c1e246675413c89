# Numbers that several formulas use. They are C macros, so the compiler sees constants, and doubles: in an expression of
# floats they go through a variable, a cast or an argument.
#
# A bound has up to three values, by what it is for:
#     FULL     float64 results
#     EXACT    float32 results computed in float64. They are rounded only after a multiplication by a float32 factor.
#     FAST     float32 results computed in float32
from libc.float cimport DBL_MAX, FLT_MAX

cdef extern from *:
    """
    #define FASTACT_TWO_64 0x1p64
    #define FASTACT_TWO_M64 0x1p-64
    #define FASTACT_TWO_M49 0x1p-49
    #define FASTACT_BELOW_1 (1.0 - 0x1p-50)
    #define FASTACT_LOG2_E 1.4426950408889634
    #define FASTACT_LN_2 0.69314718055994529
    #define FASTACT_LN_2_REST 2.3190468138462996e-17
    #define FASTACT_LN_2_HIGH 0.69314718055989033
    #define FASTACT_LN_2_LOW 5.4979230187083712e-14
    #define FASTACT_LN_2_HIGH32 0.693145752
    #define FASTACT_LN_2_LOW32 1.42860677e-6
    #define FASTACT_ROUND 0x1.8p52
    #define FASTACT_ROUND_SCALED (0x1.8p52 + 64)
    #define FASTACT_ROUND_POWER (0x1.8p52 + 1023)
    #define FASTACT_ROUND_SCALED_POWER (0x1.8p52 + 64 + 1023)
    #define FASTACT_ROUND32_SCALED (0x1.8p23f + 64)
    #define FASTACT_ROUND32_POWER (0x1.8p23f + 127)
    #define FASTACT_ROUND32_SCALED_POWER (0x1.8p23f + 64 + 127)
    #define FASTACT_EXP_END_FULL 752.0
    #define FASTACT_EXP_END_FAST 130.0
    #define FASTACT_EXP_ZERO_FULL 746.0
    #define FASTACT_EXP_ZERO_EXACT 200.0
    #define FASTACT_EXP_ZERO_FAST 104.0
    #define FASTACT_X_EXP_ZERO_FULL 753.0
    #define FASTACT_X_EXP_ZERO_FAST 112.0
    #define FASTACT_EXP_NORMAL 700.0
    #define FASTACT_LOG1P_END 45.0
    """
    # powers of two: scaled exponentials are multiplied by the first two
    const double TWO_64 "FASTACT_TWO_64"
    const double TWO_M64 "FASTACT_TWO_M64"
    const double TWO_M49 "FASTACT_TWO_M49"
    # 1 - 2^-50, a factor that a float64 shows and a float32 only where the product would be halfway between two of them
    const double BELOW_1 "FASTACT_BELOW_1"

    const double LOG2_E "FASTACT_LOG2_E"
    # ln 2, and what rounding to a double has lost of it
    const double LN_2 "FASTACT_LN_2"
    const double LN_2_REST "FASTACT_LN_2_REST"
    # ln 2 in two parts whose first, of 42 bits (float32: 16 bits), has exact products with small integers
    const double LN_2_HIGH "FASTACT_LN_2_HIGH"
    const double LN_2_LOW "FASTACT_LN_2_LOW"
    const double LN_2_HIGH32 "FASTACT_LN_2_HIGH32"
    const double LN_2_LOW32 "FASTACT_LN_2_LOW32"
    # Added to a number they round it to an integer k, which is then in the low bits of the sum: 1.5 2^52 (float32:
    # 1.5 2^23). SCALED is larger by 64, for 2^(k + 64); POWER by an exponent's bias, for power_of_two.
    const double ROUND "FASTACT_ROUND"
    const double ROUND_SCALED "FASTACT_ROUND_SCALED"
    const double ROUND_POWER "FASTACT_ROUND_POWER"
    const double ROUND_SCALED_POWER "FASTACT_ROUND_SCALED_POWER"
    const float ROUND32_SCALED "FASTACT_ROUND32_SCALED"
    const float ROUND32_POWER "FASTACT_ROUND32_POWER"
    const float ROUND32_SCALED_POWER "FASTACT_ROUND32_SCALED_POWER"

    # the largest a for which the power of two of a scaled e^-a, 2^(k + 64), is a normal number
    const double EXP_END_FULL "FASTACT_EXP_END_FULL"
    const double EXP_END_FAST "FASTACT_EXP_END_FAST"
    # from here on e^-a is rounded to 0; EXACT: a product with any finite float32, too
    const double EXP_ZERO_FULL "FASTACT_EXP_ZERO_FULL"
    const double EXP_ZERO_EXACT "FASTACT_EXP_ZERO_EXACT"
    const double EXP_ZERO_FAST "FASTACT_EXP_ZERO_FAST"
    # from here on a e^-a is rounded to 0
    const double X_EXP_ZERO_FULL "FASTACT_X_EXP_ZERO_FULL"
    const double X_EXP_ZERO_FAST "FASTACT_X_EXP_ZERO_FAST"
    # e^-a and e^a are normal numbers up to here, with some room for factors: the bound for EXACT, which is not scaled
    const double EXP_NORMAL "FASTACT_EXP_NORMAL"
    # from here on log(1 + e^-a) is e^-a, and 1 + e^-a is 1, to 2^-64
    const double LOG1P_END "FASTACT_LOG1P_END"


# the bound of a from which on e^-a is 0 as a result, or as a factor of one
cdef inline item exp_zero(item storage, real* compute) noexcept nogil:
    return EXP_ZERO_FULL if item is double else (EXP_ZERO_EXACT if real is double else EXP_ZERO_FAST)


# the bound of a from which on e^-a, scaled, is 0 before it is multiplied
cdef inline item exp_end(item storage, real* compute) noexcept nogil:
    return EXP_END_FULL if item is double else (EXP_ZERO_EXACT if real is double else EXP_END_FAST)
