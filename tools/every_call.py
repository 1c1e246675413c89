"""
Call every public function and every row ufunc, in all dtypes and some layouts, and write the results to /dev/null.

`python tools/sanitizers.py valgrind` runs this: memcheck sees what is read before it is written only where something
depends on it, such as what the kernel of the system is told to write.
"""

import numpy as np

import fastact
from tests.support.public_calls import FUNCTIONS, KINDS, ROW_UFUNCS, arguments, results
from tests.support.row_cases import LAYOUTS, numbers, row_arguments

# one element, a few, more than a block
SIZES = (1, 60, 1500)
ROWS = ((1, 1), (3, 5), (70, 9), (2, 700))


def write(outcome):
    with open("/dev/null", "wb") as file:
        for y in results(outcome):
            file.write(np.ascontiguousarray(y))


def main():
    for letter, precision in KINDS:
        with fastact.precision(precision), np.errstate(all="ignore"):
            for name in FUNCTIONS:
                for size in SIZES:
                    given = arguments(name, size, np.dtype(letter))
                    write(getattr(fastact, name)(*given))
                    spread = [np.repeat(a, 2)[::2].reshape(a.shape) if isinstance(a, np.ndarray) else a for a in given]
                    write(getattr(fastact, name)(*spread))
            for name in ROW_UFUNCS:
                function = getattr(fastact.ufuncs, name)
                for shape in ROWS:
                    given = list(row_arguments(function, numbers(0, shape).astype(letter)))
                    write(function(*given))
                    for layout in LAYOUTS.values():
                        write(function(*(layout(a[None])[0] if a.ndim == 2 else a for a in given)))
    with fastact.num_threads(2):
        x = np.ones((500, 100), np.float32)
        write(fastact.sigmoid(x))
        write(fastact.softmax(x))


if __name__ == "__main__":
    main()
