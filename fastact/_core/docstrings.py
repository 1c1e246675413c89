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
        body = "\n\n".join(f"{title}\n{'-' * len(title)}\n{text}" for title, text in sections.items() if text)
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


def row_doc(function):
    """Replace lines such as ``[axis]`` in the docstring of a row function by the common text."""
    if function.__doc__ is None:  # python -OO
        return function
    lines = cleandoc(function.__doc__).splitlines()
    function.__doc__ = "\n".join(_ROW[line[1:-1]].strip() if line[:1] == "[" else line for line in lines) + "\n"
    return function


def cleandoc(text):
    """As inspect.cleandoc, without its imports."""
    first, _, rest = text.partition("\n")
    return f"{first.strip()}\n{dedent(rest)}".strip("\n")


def _indented(text):
    return "\n".join("    " + line for line in cleandoc(text).splitlines())
