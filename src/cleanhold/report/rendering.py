"""Templates to pages: all that they print is escaped, and nothing remote is asked for."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cleanhold.report import numbers
from cleanhold.report.safe import cell, safe

_TEMPLATES = Path(__file__).with_name("templates")

#: In the head of every page: by it a file is known as one that may be written anew.
GENERATOR = '<meta name="generator" content="cleanhold">'


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=safe,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for one in (numbers.count, numbers.counted, numbers.moment, numbers.share, numbers.size):
        made.filters[one.__name__] = one
    made.filters["cell"] = cell
    return made


@cache
def _style() -> tuple[str, str]:
    """The style sheet, and its hash as a content security policy names it."""
    text = (_TEMPLATES / "style.css").read_text(encoding="utf-8")
    digest = hashlib.sha256(text.encode()).digest()
    return text, base64.b64encode(digest).decode()


def render(template: str, **given: Any) -> str:
    """One whole page."""
    style, digest = _style()
    page = _environment().get_template(template)
    return page.render(style=style, style_sha256=digest, generator=GENERATOR, **given)
