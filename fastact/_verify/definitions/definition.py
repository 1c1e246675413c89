"""What a definition consists of."""

from collections.abc import Callable
from dataclasses import dataclass, field

import mpmath

mp = mpmath.mp.clone()
mp.dps = 60
# of values and gradients in float64, and in float32 in precision "fast"
USUAL_BOUNDS = (1.0, 2.0, 4.0, 6.0)


@dataclass(frozen=True)
class Definition:
    """
    The definition of an elementwise function in mpmath, and what its tests need to know of it.

    Attributes
    ----------
    value : callable
        The function of x and its parameters.
    parameters : tuple of tuple
        The settings of the parameters to be tried, the most usual one first.
    kinks : tuple of float
        Where the function has no derivative, for any of the settings.
    gated : bool
        Whether it has two operands of equal standing: the parameter is the second one, which has a gradient too.
    bounds : tuple of float
        The largest errors promised, in units in the last place: of the float64 function, its gradient, the float32
        function in precision "fast", its gradient. They may be raised for a new function, with a comment that gives
        the reason; not for a function that has met them.
    border : float
        The x, positive or negative, where the float64 value (not the gradient) underflows or saturates, near which
        more points are tried; any number if it never does.
    limits : dict
        The values of the function and of its derivative at "-inf", "-0", "+0" and "+inf", for the first setting.
    """

    value: Callable
    parameters: tuple = ((),)
    kinks: tuple = ()
    gated: bool = False
    bounds: tuple = USUAL_BOUNDS
    border: float = 10.0
    limits: dict = field(default_factory=dict)
