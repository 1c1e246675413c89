"""
Every ufunc and generalised ufunc of fastact under its name, except those with default parameters built in.

The public functions are these ufuncs or call them. All operands of ufuncs are positional and have no defaults.
Pickles of ufuncs refer to this module.
"""

import contextlib

from fastact._core import dispatch

__all__ = list(dispatch.ufuncs)

for _name, _ufunc in dispatch.ufuncs.items():
    with contextlib.suppress(AttributeError):  # NumPy < 2.2, where pickle searches for the module
        _ufunc.__module__ = __name__
    globals()[_name] = _ufunc
del _name, _ufunc
