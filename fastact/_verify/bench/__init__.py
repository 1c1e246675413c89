"""
The command `python -m fastact bench`: every function beside NumPy and the other libraries that have it.

`cells.py` lists what is measured, `inputs.py` makes the arrays, `contestants.py` and the `*_calls.py` say how each
library is called, `timing.py` measures, `child.py` does so in a process of its own, `command.py` runs these,
`figures.py` says what is asked of the ratios, `page.py` and `pictures.py` show them.
"""
