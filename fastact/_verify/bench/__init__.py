"""
The command `python -m fastact bench`: compares every function with NumPy and the other libraries that have it.

`cells.py` lists what is measured, `inputs.py` makes the arrays, `contestants.py` and the `*_calls.py` define how each
library is called, `timing.py` measures, `child.py` does so in a separate process, `command.py` runs these processes,
`figures.py` defines the required ratios, `page.py` and `pictures.py` show the results.
"""
