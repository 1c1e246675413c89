"""Polynomials and rationals of least maximum error by Remez's exchange, in mpmath."""

from mpmath import mp

mp.dps = 60


def crowded_points(low, high, count):
    """Return Chebyshev points of [low, high], ascending."""
    return [(low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * i / (count - 1)) for i in range(count)]


def evaluate(coefficients, x):
    """Return the polynomial with these coefficients, lowest first, at x."""
    total = mp.zero
    for c in reversed(coefficients):
        total = total * x + c
    return total


def rounded(value, bits):
    """Return value with so many significant bits."""
    with mp.workprec(bits):
        return +value


def _alternation(error, low, high, count, grid):
    """Return `count` points where the error is largest with alternating sign."""
    xs = crowded_points(low, high, grid)
    groups = []
    for x in xs:
        e = error(x)
        if groups and (groups[-1][1] > 0) == (e > 0):
            groups[-1] = max(groups[-1], (x, e), key=lambda pair: abs(pair[1]))
        else:
            groups.append((x, e))
    while len(groups) > count:
        groups.pop(0 if abs(groups[0][1]) < abs(groups[-1][1]) else -1)
    return groups


def polynomial(f, weight, low, high, degree, fixed=()):
    """
    Fit sum c_i x^i to f where weight times the error counts; the coefficients in `fixed` are given.

    Return all coefficients, lowest first.
    """
    low, high = mp.mpf(low), mp.mpf(high)
    unknowns = degree + 1 - len(fixed)
    points = crowded_points(low, high, unknowns + 1)
    for _ in range(30):
        coefficients, level = _levelled_polynomial(f, weight, points, degree, fixed)
        extremes = _alternation(
            lambda x, c=coefficients: weight(x) * (evaluate(c, x) - f(x)), low, high, unknowns + 1, 60 * unknowns
        )
        largest = max(abs(e) for _, e in extremes)
        if len(extremes) < unknowns + 1 or largest < abs(level) * mp.mpf("1.0005"):
            break
        points = [x for x, _ in extremes]
    return coefficients


def _levelled_polynomial(f, weight, points, degree, fixed):
    """Return the coefficients of the polynomial whose weighted errors at the points alternate, and their size."""
    free = range(len(fixed), degree + 1)
    unknowns = len(free)
    matrix, right = mp.matrix(unknowns + 1, unknowns + 1), mp.matrix(unknowns + 1, 1)
    for i, x in enumerate(points):
        for j, power in enumerate(free):
            matrix[i, j] = x**power
        matrix[i, unknowns] = (-1) ** i / weight(x)
        right[i] = f(x) - evaluate(fixed, x)
    solution = mp.lu_solve(matrix, right)
    return [*fixed, *(solution[j] for j in range(unknowns))], solution[unknowns]


def polynomial_rounded(f, weight, low, high, degree, bits, fixed=()):
    """Fit as `polynomial`, rounding one coefficient after the other and fitting the rest to what that leaves."""
    done = list(fixed)
    while len(done) <= degree:
        done.append(rounded(polynomial(f, weight, low, high, degree, tuple(done))[len(done)], bits))
    return done


def rational(f, weight, low, high, above, below, crowds):
    """
    Fit P/Q of degrees (above, below), Q(0) = 1, to f on [low, high] where weight times the error counts.

    The exchange may end before the best fit, which depends on where it starts: `crowds` are lengths to be tried; the
    first points are spread evenly in x / (x + crowd). Return both lists of coefficients.
    """
    fits = [_rational_from(f, weight, mp.mpf(low), mp.mpf(high), above, below, mp.mpf(crowd)) for crowd in crowds]
    return min(fits, key=lambda fit: fit[0])[1:]


def _rational_from(f, weight, low, high, above, below, crowd):
    """Return the largest error and both lists of coefficients."""
    count = above + below + 2
    points = [crowd * t / (1 - t) for t in crowded_points(low, high / (high + crowd), count)]
    level, best = mp.zero, None
    for _ in range(30):
        p, q, level = _levelled_rational(f, weight, points, above, below, level)
        extremes = _alternation(
            lambda x, p=p, q=q: weight(x) * (evaluate(p, x) / evaluate(q, x) - f(x)), low, high, count, 60 * count
        )
        largest = max(abs(e) for _, e in extremes)
        if best is None or largest < best[0]:
            best = largest, p, q
        if len(extremes) < count or largest < abs(level) * mp.mpf("1.002"):
            break
        points = [x for x, _ in extremes]
    return best


def _levelled_rational(f, weight, points, above, below, level):
    """Return P and Q whose weighted errors at the points alternate, and the size of these, found from a first guess."""
    count = len(points)
    for _ in range(8):
        matrix, right = mp.matrix(count, count), mp.matrix(count, 1)
        for i, x in enumerate(points):
            sign = (-1) ** i / weight(x)
            for j in range(above + 1):
                matrix[i, j] = x**j
            for j in range(1, below + 1):
                matrix[i, above + j] = -(f(x) + sign * level) * x**j
            matrix[i, count - 1] = -sign
            right[i] = f(x)
        solution = mp.lu_solve(matrix, right)
        previous, level = level, solution[count - 1]
        if previous != 0 and abs(level - previous) < abs(previous) / 1000:
            break
    p = [solution[j] for j in range(above + 1)]
    return p, [mp.one, *(solution[above + j] for j in range(1, below + 1))], level
