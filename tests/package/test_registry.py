"""Completeness: every public function has gradient, docstring, stub, test, benchmark and docs page."""

import ast
import doctest
import inspect
import re
from pathlib import Path

import numpy as np
import pytest

import fastact
from fastact import settings
from fastact._core.dispatch import declarations
from fastact._verify import naive
from tests.support import oracles
from tests.support.processes import ROOT, in_checkout, output_of

PUBLIC = [name for name in fastact.__all__ if name not in ("__version__", "ufuncs")]
FUNCTIONS = [name for name in PUBLIC if name not in settings.__all__]
FORWARD = [name for name in FUNCTIONS if "_grad" not in name]
WITHOUT_GRADIENT = {"hardmax": "it is 0 wherever it exists"}


@pytest.mark.parametrize("name", [name for name in FORWARD if name not in WITHOUT_GRADIENT])
def test_has_a_gradient_with_the_same_parameters_and_defaults(name):
    function, gradient = getattr(fastact, name), getattr(fastact, f"{name}_grad")
    if isinstance(function, np.ufunc):
        assert isinstance(gradient, np.ufunc)
        assert gradient.nin == function.nin + 1
        return
    own = inspect.signature(gradient).parameters
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name != "dtype":
            assert own[parameter.name].default == parameter.default


@pytest.mark.parametrize("name", PUBLIC)
def test_docstring_has_every_section_and_its_example_runs(name):
    text = inspect.cleandoc(getattr(fastact, name).__doc__)
    sections = ["Examples"]
    if name in FUNCTIONS:
        sections += ["Parameters", "Returns", "Raises", "See Also", "References"]
        assert ".. math::" in text
    for section in sections:
        assert re.search(rf"^{section}\n-+$", text, re.M), section
    example = doctest.DocTestParser().get_doctest(text, {}, name, None, 0)
    report = []
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(example, out=report.append)
    assert runner.tries > 0
    assert not runner.failures, "".join(report)


def test_docstrings_mention_every_parameter():
    for name in PUBLIC:
        function = getattr(fastact, name)
        if not isinstance(function, np.ufunc):
            documented = function.__init__ if inspect.isclass(function) else function
            for parameter in inspect.signature(documented).parameters:
                if parameter != "self":
                    assert re.search(rf"\b{parameter}\b", function.__doc__), (name, parameter)


def test_every_declared_function_is_public():
    made_from_declarations = {name for name, declaration in declarations.items() if declaration.is_public}
    assert made_from_declarations <= set(fastact.__all__)


def test_every_function_and_nothing_else_has_a_naive_numpy_expression_for_demo_and_benchmark():
    assert set(naive.NAMES) == set(FUNCTIONS)


@pytest.mark.parametrize("name", [name for name in FORWARD if name in fastact.ufuncs.__all__])
def test_has_a_definition_or_particular_tests(name):
    function = getattr(fastact, name)
    is_loss = not isinstance(function, np.ufunc) and "target" in inspect.signature(function).parameters
    if getattr(fastact.ufuncs, name).signature is None and not is_loss:
        assert name in oracles.DEFINITIONS, f"add {name} to fastact/_verify/definitions"
    else:
        words = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
        assert f"def test_{name}" in words or f'"{name}"' in words


@in_checkout
def test_generated_files_are_up_to_date():
    output_of(str(ROOT / "tools" / "generate.py"), "--check")


def test_the_stub_can_be_parsed_and_declares_exactly_the_public_names():
    declared = set()
    for node in ast.parse((Path(fastact.__file__).parent / "__init__.pyi").read_text()).body:
        if isinstance(node, ast.FunctionDef):
            declared.add(node.name)
        elif isinstance(node, ast.AnnAssign):
            declared.add(node.target.id)
        elif isinstance(node, ast.ImportFrom) and node.module == "fastact":
            declared.update(alias.asname for alias in node.names)
    assert declared == set(fastact.__all__)


def test_imports_without_docstrings():
    output_of("-OO", "-c", "import fastact")


def test_typing_marker_is_installed():
    assert (Path(fastact.__file__).parent / "py.typed").exists()


def test_all_names_exist_once():
    assert len(set(fastact.__all__)) == len(fastact.__all__)
    for name in fastact.__all__:
        assert hasattr(fastact, name)
