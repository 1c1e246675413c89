"""The declaration of an elementwise function in its kernel file: operands, parameters with defaults, outputs."""


class Declaration:
    """
    The operands, parameters and outputs of a ufunc, read from a line such as ``"x, g; weight -> dx, dweight"``.

    Inputs are in up to three groups separated by semicolons: operands; parameters, with or without defaults; factors,
    which are float64 whatever the dtype of the others. A single output needs no name.

    Attributes
    ----------
    name : str
    doc : Docstring or str
        The docstring of the public function; a sentence if the public function is written in Python around the ufunc.
    text : str
        The complete docstring.
    operands, factors, outputs : tuple of str
    parameters : dict
        The default of each parameter, or `REQUIRED`.
    ufunc, at_defaults : numpy.ufunc
        The ufunc of all inputs; the ufunc of the operands with the defaults built in, or None.
    """

    REQUIRED = type("Required", (), {"__repr__": lambda self: "required"})()

    def __init__(self, name, signature, doc=""):
        self.name, self.doc = name, doc
        inputs, _, outputs = signature.partition("->")
        operands, parameters, factors, *_ = (*inputs.split(";"), "", "")
        self.operands, self.factors = _names(operands), _names(factors)
        self.outputs = _names(outputs) or ("result",)
        self.parameters = {}
        for parameter in _names(parameters):
            key, _, default = parameter.partition("=")
            self.parameters[key] = _number(default) if default else self.REQUIRED
        self.text = ""
        self.ufunc = self.at_defaults = None

    @property
    def has_defaults(self):
        """Whether the function has parameters and all of them have defaults."""
        return bool(self.parameters) and self.REQUIRED not in self.parameters.values()

    @property
    def is_public(self):
        """Whether the public function is made from this declaration, not written in Python around the ufunc."""
        return not isinstance(self.doc, str)


def _names(text):
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _number(text):
    numerator, _, denominator = text.partition("/")
    return float(numerator) / float(denominator or 1)
