"""Text of others on a page: it is shown, whatever it is, and does nothing."""

from __future__ import annotations

import re

from markupsafe import Markup

#: Characters that drive a page or a terminal, or turn the direction of what follows.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)

#: What would end a cell of Markdown, or begin a link.
_MARKDOWN = re.compile(r"[|\[\]]")

#: Characters of one text that a page shows.
LONGEST = 1_000


def safe(value: object) -> object:
    """A value as a template prints it: markup of our own as it is, of texts what can be shown."""
    if value is None:
        return ""
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def plain(text: str, longest: int = LONGEST) -> str:
    """Text with its control characters made visible, cut where it is too long."""
    shown = _CONTROL.sub(lambda found: repr(found[0])[1:-1], text[: longest + 1])
    if len(text) <= longest:
        return shown
    return f"{shown[:longest]}… ({len(text) - longest:,} more characters)"


def cell(value: object) -> Markup:
    """A value in a line or a table of Markdown: it stays in it, and is no markup of its own."""
    text = "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
    shown = plain(" ".join(text.split())).replace("&", "&amp;").replace("<", "&lt;")
    return Markup(_MARKDOWN.sub(r"\\\g<0>", shown))
