# SPDX-License-Identifier: MIT
"""How Sphinx makes the site of these pages; docs/build.sh calls it."""

import pathlib
import re
import sys
import types
from unittest import mock

from sphinx.util import logging

ROOT = pathlib.Path(__file__).resolve().parent.parent

# ---- what the Python package is without its native part ----

sys.path.insert(0, str(ROOT / "bindings" / "python" / "src"))


class Raw(types.ModuleType):
    """Stands in for expclip._raw, of which autodoc needs no function."""

    EXPCLIP_ABI_VERSION = 1

    @staticmethod
    def expclip_library_version():
        return release

    @classmethod
    def expclip_library_abi_version(cls):
        return cls.EXPCLIP_ABI_VERSION

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return mock.MagicMock(name=name)


sys.modules["expclip._raw"] = Raw("expclip._raw")

# ---- links to files that are no pages: to the repository, checked here ----

SOURCE = "https://github.com/libexpclip/libexpclip/blob/main/"
LINK = re.compile(r"(?<!!)(\[[^]]*\]\()((?:\.\./)+[^)#\s]*)(?=[)#])")
linkcheck_ignore = [re.escape(SOURCE)]


def link_sources(app, page, texts):
    def linked(match):
        path = (ROOT / "docs" / page).parent.joinpath(match[2]).resolve()
        if path.is_relative_to(ROOT / "docs"):
            return match[0]
        if not path.exists():
            logging.getLogger(__name__).warning(
                "%s is not in the repository", match[2], location=page)
        return match[1] + SOURCE + str(path.relative_to(ROOT))

    texts[0] = LINK.sub(linked, texts[0])


# ---- indented lines of a docstring after a blank one are code ----


def mark_code(app, what, name, thing, options, lines):
    for i in range(len(lines) - 1, 1, -1):
        if (lines[i].startswith("    ") and not lines[i - 1]
                and not lines[i - 2].startswith(" ")):
            lines[i:i] = ["::", ""]


def setup(app):
    app.connect("source-read", link_sources)
    app.connect("autodoc-process-docstring", mark_code, priority=100)


# ---- Sphinx ----

project = "expclip"
author = "the authors of libexpclip"
copyright = "the authors of libexpclip, MIT licence"
release = re.search(r'EXPCLIP_VERSION "(.*)"',
                    (ROOT / "include" / "expclip_base.h").read_text())[1]
extensions = ["myst_parser", "breathe", "sphinx.ext.autodoc",
              "sphinx.ext.napoleon", "sphinx_copybutton"]
default_role = "literal"
smartquotes_action = "D"  # dashes only: JSON and quotes stay as people type them
# README and the licences are for readers of the repository; pages include the
# generated ones.
exclude_patterns = ["_build", "generated/*.md", "README.md", "THIRD-PARTY.md"]

html_theme = "furo"
html_title = f"expclip {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4

breathe_projects = {"expclip": str(ROOT / "build/docs/doxygen/xml")}
breathe_default_project = "expclip"
breathe_domain_by_extension = {"h": "c"}
breathe_show_include = False

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_mock_imports = ["sklearn"]

# A header's example may hold words between its lines of C.
suppress_warnings = ["misc.highlighting_failure"]
# Types of other projects are not documented here, nor are private ones.
nitpick_ignore_regex = [
    ("c:identifier", r"u?int\d+_t|size_t"),
    ("py:.*", r"expclip\._.*"),
    ("py:.*", r"(?!expclip).*"),
]
