"""The docstrings of the elementwise functions, and the parts that docstrings have in common."""

from textwrap import dedent

_RESULT = "ndarray or scalar"

_X = """
x : array_like
    Input of any shape. float16, float32 and float64 keep their dtype; bool and integers are promoted as by
    `numpy.tanh`: int8 to float16, int16 to float32, wider ones to float64.
"""
_G = """
g : array_like
    Gradient with respect to the function's output, broadcast against the other arguments.
"""
_GRADIENT_ARGUMENTS = f"""
x : array_like
    The input of the forward function.
{_G.strip()}
"""
_OUTPUT_GRADIENT_ARGUMENTS = f"""
y : array_like
    The output of the forward function.
{_G.strip()}
"""
_GATED = """
gate : array_like
    Input of the activation. float16, float32 and float64 keep their dtype; bool and integers are promoted as by
    `numpy.tanh`.
up : array_like
    Factor of the activation, broadcast against `gate`.
"""
_KEYWORDS = """
**keywords
    Keywords of ufuncs: ``out``, ``where``, ``dtype``, ``casting``, ``order``, ``subok``.
"""


class Docstring:
    """
    The parts of the docstring of an elementwise function.

    `of` is the function that a gradient belongs to; `arguments` describes the arguments before the parameters. A
    gradient inherits the source and the parameters of its function unless they are given. `group` is the group under
    which the documentation lists the function.
    """

    def __init__(
        self,
        summary,
        arguments,
        formula,
        returns,
        example,
        source=None,
        parameters=None,
        see_also="",
        outputs=_RESULT,
        group=None,
        of=None,
    ):
        self.summary, self.arguments, self.formula, self.returns = summary, arguments, formula, returns
        self.example, self.source, self.parameters = example, source, parameters
        self.see_also, self.outputs, self.group, self.of = see_also, outputs, group, of

    def render(self, declarations):
        """Return the text; `declarations` contains the function that a gradient belongs to."""
        function = declarations[self.of].doc if self.of else self
        self.source = self.source or function.source
        self.parameters = function.parameters or "" if self.parameters is None else self.parameters
        parameters = cleandoc(self.parameters)
        if parameters:
            parameters += f"\n{cleandoc(_KEYWORDS)}"
        sections = {
            "Parameters": f"{cleandoc(self.arguments)}\n{parameters}".strip(),
            "Returns": f"{self.outputs}\n{_indented(self.returns)}",
            "Raises": "TypeError\n    If an argument is complex, longdouble or object.",
            "See Also": cleandoc(self.see_also).strip(),
            "References": cleandoc(self.source),
            "Examples": ">>> import fastact, numpy as np\n" + cleandoc(self.example),
        }
        body = "\n\n".join(_section(title, text) for title, text in sections.items() if text)
        return f"{self.summary}\n\n.. math:: {' '.join(self.formula.split())}\n\n{body}\n"


def function_doc(summary, *, see_also="", **parts):
    """Return the docstring of a function; the lines of `see_also` follow the line of its gradient."""
    return Docstring(summary, _X, see_also=see_also, **parts)


def gradient_doc(name, *, see_also="", **parts):
    """Return the docstring of the gradient of `name`, from the input."""
    summary = f"Gradient of `{name}`, from the input."
    return Docstring(summary, _GRADIENT_ARGUMENTS, see_also=f"{name} : the function\n{see_also}", of=name, **parts)


def output_gradient_doc(name, *, see_also="", **parts):
    """Return the docstring of the gradient of `name`, from its output."""
    summary = f"Gradient of `{name}`, from its output."
    see_also = f"{name} : the function\n{name}_grad : from the input\n{see_also}"
    return Docstring(summary, _OUTPUT_GRADIENT_ARGUMENTS, see_also=see_also, of=name, **parts)


def gated_doc(summary, **parts):
    """Return the docstring of a gated unit of two operands."""
    return Docstring(summary, _GATED, group="gated units", **parts)


def gated_gradient_doc(name, *, see_also="", **parts):
    """Return the docstring of the gradients of a gated unit."""
    summary = f"Gradients of `{name}` with respect to both operands, from the input."
    arguments = f"{cleandoc(_GATED)}\n{cleandoc(_G)}"
    outputs = "dgate, dup : ndarray or scalar"
    return Docstring(
        summary, arguments, see_also=f"{name} : the function\n{see_also}", outputs=outputs, of=name, **parts
    )


_ROW = {
    "logits": """
x : array_like
    Logits, with at least one axis. float16, float32 and float64 keep their dtype; bool and integers are promoted as by
    `numpy.tanh`.
""",
    "gradient arguments": """
x : array_like
    The input of the forward function.
g : array_like
    Gradient with respect to its output, of the shape of `x`.
""",
    "output gradient arguments": """
y : array_like
    The output of the forward function.
g : array_like
    Gradient with respect to that output, of the same shape.
""",
    "axis": """
axis : int, tuple of ints or None, default -1
    The axis or axes that form a row; None means all axes. (SciPy's default is None.)
""",
    "where": """
where : array_like of bool, optional
    Mask, broadcast to the shape of the first argument. Entries where it is False are ignored, even if they are NaN.
""",
    "temperature": """
temperature : float or array_like of float, default 1.0
    Positive divisor of the logits. An array has one value for each row: its shape is that of the first argument without
    `axis`. inf makes all logits except -inf equal.
""",
    "out": """
out : ndarray, optional
    Array into which the result is written, of the shape of the result. Not supported for dask arrays.
""",
    "dtype": """
dtype : dtype, optional
    The dtype of the result, to which `x` is converted: float16, float32 or float64.
""",
    "gradient from output": """
Returns
-------
ndarray
    The gradient with respect to the logits, of the shape of `y`. NaN in a row makes the row NaN; masked entries are 0.
""",
    "errors": """
Raises
------
TypeError
    If an array is complex, longdouble, object or masked, or the mask is not of bool.
ValueError
    If the first argument is 0-dimensional and `axis` is not None, shapes do not match, or an option is out of range.
numpy.exceptions.AxisError
    If there is no such axis.
""",
}


_EXAMPLES = {
    "Examples": """
Examples
--------
>>> import fastact, numpy as np
""",
    "TensorFlow examples": """
Examples
--------
>>> import numpy as np
>>> from fastact.compat import tensorflow as nn
""",
}
_SOURCES = {
    "Bishop 2006": """
Bishop, C. M. (2006). Pattern Recognition and Machine Learning, section 4.3.4. Springer.
""",
    "Blanchard 2021": """
Blanchard, P., Higham, D. J. and Higham, N. J. (2021). Accurately computing the log-sum-exp and softmax functions.
""",
    "Bridle 1990": """
Bridle, J. S. (1990). Probabilistic interpretation of feedforward classification network outputs.
""",
    "Cox 1958": """
Cox, D. R. (1958). The regression analysis of binary sequences. Journal of the Royal Statistical Society, B 20.
""",
    "Dauphin 2017": """
Dauphin, Y. N., Fan, A., Auli, M. and Grangier, D. (2017). Language modeling with gated convolutional networks.
ICML.
""",
    "Good 1952": """
Good, I. J. (1952). Rational decisions. Journal of the Royal Statistical Society, B 14.
""",
    "Goodfellow 2016": """
Goodfellow, I., Bengio, Y. and Courville, A. (2016). Deep Learning, section 6.2.2.3. MIT Press.
""",
    "Kullback 1951": """
Kullback, S. and Leibler, R. A. (1951). On information and sufficiency. Annals of Mathematical Statistics 22.
""",
    "Lin 2017": """
Lin, T.-Y., Goyal, P., Girshick, R., He, K. and Dollar, P. (2017). Focal loss for dense object detection. ICCV.
""",
    "Martins 2016": """
Martins, A. F. T. and Astudillo, R. F. (2016). From softmax to sparsemax. ICML.
""",
}


def shared_doc(function):
    """
    Replace the lines in brackets in a docstring by texts that several docstrings have in common.

    They are the keys of the tables above; ``[Parameters: ...]`` with several of them, for a whole section; and
    ``[Raises: errors as in `function`]``.
    """
    if function.__doc__ is None:  # python -OO
        return function
    lines = cleandoc(function.__doc__).splitlines()
    function.__doc__ = "\n".join(_shared(line[1:-1]) if line[:1] == "[" else line for line in lines) + "\n"
    return function


def _shared(key):
    title, _, rest = key.partition(": ")
    if title == "Parameters":
        return _section(title, "\n".join(_ROW[part].strip() for part in rest.split(", ")))
    if title == "Raises":
        errors, _, function = rest.partition(" as in ")
        return _section(title, f"{errors}\n    As in {function}.")
    if key in _SOURCES:
        return _section("References", _SOURCES[key].strip())
    return (_ROW.get(key) or _EXAMPLES[key]).strip()


def _section(title, text):
    return f"{title}\n{'-' * len(title)}\n{text}"


def cleandoc(text):
    """As inspect.cleandoc, without its imports."""
    first, _, rest = text.partition("\n")
    return f"{first.strip()}\n{dedent(rest)}".strip("\n")


def _indented(text):
    return "\n".join("    " + line for line in cleandoc(text).splitlines())
