"""What limits the functions that are behind, as far as it is known: for the page."""

LIMITS = {}
