"""Templates to pages: all that they print is escaped, and nothing remote is asked for."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
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
def _text(*files: str) -> tuple[str, str]:
    """Files one after the other, and their hash as a content security policy names it."""
    text = "".join((_TEMPLATES / file).read_text(encoding="utf-8") for file in files)
    digest = hashlib.sha256(text.encode()).digest()
    return text, base64.b64encode(digest).decode()


def render(
    template: str, *, style_of: str = "style.css", scripts: Sequence[str] = (), **given: Any
) -> str:
    """One whole page.

    Args:
        style_of: its style sheet.
        scripts: files of its script, in order; a page that has none is told that it may not.
    """
    style, style_sha256 = _text(style_of)
    script, script_sha256 = _text(*scripts)
    page = _environment().get_template(template)
    return page.render(
        style=style,
        style_sha256=style_sha256,
        script=script,
        script_sha256=script_sha256,
        generator=GENERATOR,
        **given,
    )
