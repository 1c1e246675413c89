"""Sphinx configuration: `sphinx-build -W docs docs/_build`."""

import fastact

project = "fastact"
author = "the fastact developers"
release = fastact.__version__
extensions = ["sphinx.ext.autodoc", "sphinx.ext.mathjax", "numpydoc", "myst_parser"]
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_show_copyright = False
numpydoc_show_class_members = False
