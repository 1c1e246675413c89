"""The wings of the package: nothing in a lower one imports from a higher one, and public names do not show them."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

import fastact

PACKAGE = Path(fastact.__file__).parent
# what the files of each wing may import of fastact; the command line is what runs _verify
MAY_IMPORT = {
    "_core": {"_core"},
    "interface": {"_core", "interface"},
    "compat": {"_core", "interface", "compat"},
    "_verify": {"_core", "interface", "compat", "_verify"},
    "__main__": {"_core", "interface", "_verify"},
}
SOURCES = [path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".pyi", ".pyx", ".pxi", ".pxd")]


def wing_of(parts):
    """Return the wing of a module or file, given its path within the package."""
    first = parts[0].partition(".")[0] if parts else "interface"
    return first if first in MAY_IMPORT else "interface"


def python_imports(text, package):
    """Yield the full name of each module, or of each name in a module, that Python source imports."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def cython_imports(text):
    for module, names in re.findall(r"^\s*from\s+([\w.]+)\s+c?import\s+(\([^)]*\)|[^\n]*)", text, re.M):
        yield from (f"{module}.{name}" for name in re.findall(r"\w+", names))
    yield from re.findall(r"^\s*c?import\s+([\w.]+)", text, re.M)


def imported_wings(path):
    """Return the wings that a file imports from."""
    text = path.read_text()
    if path.suffix in (".py", ".pyi"):
        names = python_imports(text, ("fastact", *path.relative_to(PACKAGE).parts[:-1]))
    else:
        names = cython_imports(text)
    return {wing_of(name.split(".")[1:]) for name in names if name.split(".")[0] == "fastact"}


@pytest.mark.parametrize("wing", MAY_IMPORT)
def test_a_wing_imports_only_from_itself_and_lower_ones(wing):
    files = [path for path in SOURCES if wing_of(path.relative_to(PACKAGE).parts) == wing]
    assert files
    wrong = {str(path.relative_to(PACKAGE)): imported_wings(path) - MAY_IMPORT[wing] for path in files}
    assert not {path: wings for path, wings in wrong.items() if wings}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import fastact._verify.naive", {"fastact._verify.naive"}),
        ("def f():\n    from fastact import rows, compat", {"fastact.rows", "fastact.compat"}),
        ("from .kernels import names", {"fastact._core.kernels.names"}),
        ("from ..rows import softmax", {"fastact.rows.softmax"}),
    ],
)
def test_every_form_of_an_import_is_seen_in_python(source, found):
    assert set(python_imports(source, ("fastact", "_core"))) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from fastact.rows import (\n    a,\n    b\n)", {"fastact.rows.a", "fastact.rows.b"}),
        ("from fastact._core.runtime cimport x", {"fastact._core.runtime.x"}),
        ("cimport fastact.rows\nimport fastact", {"fastact.rows", "fastact"}),
        ("    >>> import fastact", set()),
    ],
)
def test_every_form_of_an_import_is_seen_in_cython(source, found):
    assert set(cython_imports(source)) == found


@pytest.mark.configuration
def test_public_functions_are_of_fastact_and_ufuncs_of_its_module_ufuncs():
    for name in fastact.__all__:
        public = getattr(fastact, name)
        if isinstance(public, np.ufunc):
            # NumPy 2.2 gave ufuncs a __module__ that can be set
            if np.lib.NumpyVersion(np.__version__) >= "2.2.0":
                assert public.__module__ == "fastact.ufuncs", name
        elif callable(public):
            assert public.__module__ == "fastact", name
    if np.lib.NumpyVersion(np.__version__) >= "2.2.0":
        for name in fastact.ufuncs.__all__:
            assert getattr(fastact.ufuncs, name).__module__ == "fastact.ufuncs", name
