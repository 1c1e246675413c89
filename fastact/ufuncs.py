"""
Every ufunc and generalised ufunc of fastact under its own name.

The public functions are these, or thin functions around them. Here all operands are positional and none has a default.
Pickles of ufuncs refer to this module.
"""

import contextlib

from fastact._core import dispatch

__all__ = list(dispatch.ufuncs)

for _name, _ufunc in dispatch.ufuncs.items():
    with contextlib.suppress(AttributeError):  # NumPy < 2.2, where pickle finds the module by searching
        _ufunc.__module__ = __name__
    globals()[_name] = _ufunc
del _name, _ufunc
