"""Sphinx's configuration of the documentation."""

from __future__ import annotations

from importlib import metadata

project = "gen3bed"
author = "The gen3bed developers"
release = metadata.version("gen3bed")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click", "sphinx_copybutton"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# Options begin with two hyphens, also in running text.
smartquotes = False
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "gen3bed"
