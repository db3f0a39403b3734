"""Text: trimming, case, spaces, Unicode; and what is taken away or replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from cleanhold.core.parsing import DataType
from cleanhold.errors import ContractError

#: Control characters but tab, line breaks and the separators that Unicode has for them; soft
#: hyphens; zero-width characters and marks of writing direction. The joiners U+200C and U+200D
#: stay: words of Persian and Hindi, and emoji, are written with them.
INVISIBLE = (
    r"[\x00-\x08\x0E-\x1F\x7F-\x84\x86-\x{9F}\x{AD}\x{200B}\x{200E}\x{200F}\x{202A}-\x{202E}"
    r"\x{2060}-\x{2064}\x{2066}-\x{2069}\x{FEFF}]+"
)


@dataclass(frozen=True, slots=True)
class Text:
    """See `text`."""

    trim: bool = True
    lower: bool = False
    upper: bool = False
    collapse: bool = False
    title: bool = False
    unicode: Literal["NFC", "NFKC"] | None = None
    invisible: bool = True
    prefix: str = ""
    suffix: str = ""
    remove: str = ""
    replace: tuple[tuple[str, str], ...] = ()

    @property
    def _takes_away(self) -> bool:
        return bool(self.prefix or self.suffix or self.remove or self.replace)

    @property
    def fallible(self) -> bool:
        return self._takes_away

    @property
    def says(self) -> str:
        return "text with more to it than what is taken away" if self._takes_away else "text"

    def clean(self, text: pl.Expr) -> pl.Expr:
        if self.unicode:
            text = text.str.normalize(self.unicode)
        if not self.invisible:
            text = text.str.replace_all(INVISIBLE, "")
        return text.str.strip_chars() if self.trim else text

    def value(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        if self._takes_away:
            text = self._without(text)
        if self.collapse:
            text = text.str.replace_all(r"\s+", " ")
        if self.lower:
            text = text.str.to_lowercase()
        if self.upper:
            text = text.str.to_uppercase()
        if self.title:
            text = text.str.to_titlecase()
        return text if dtype == pl.String else text.cast(dtype, strict=False)

    def _without(self, text: pl.Expr) -> pl.Expr:
        """The text less what is taken away; null if nothing is left of it."""
        if self.prefix:
            text = text.str.strip_prefix(self.prefix)
        if self.suffix:
            text = text.str.strip_suffix(self.suffix)
        if self.remove:
            text = text.str.replace_many(list(self.remove), [""])
        if self.replace:
            old, new = zip(*self.replace, strict=True)
            text = text.str.replace_many(list(old), list(new), leftmost=True)
        if self.trim:
            text = text.str.strip_chars()
        return pl.when(text != "").then(text)


def text(
    *,
    trim: bool = True,
    lower: bool = False,
    upper: bool = False,
    collapse: bool = False,
    title: bool = False,
    unicode: Literal["NFC", "NFKC"] | None = None,
    invisible: bool = True,
    prefix: str = "",
    suffix: str = "",
    remove: str = "",
    replace: Mapping[str, str] | None = None,
) -> Text:
    """Text as it is, with the blanks around it removed.

    It is done in this order: `unicode`, `invisible`, `trim`, `prefix`, `suffix`, `remove`,
    `replace`, `collapse`, and case. Where nothing is left by those that take away, the text does
    not parse. How long it may be is a check: `str_length`.

    Args:
        trim: remove white space at both ends.
        lower: lower case; `upper`: upper case; `title`: a capital at the beginning of each word.
        collapse: make one blank of every run of white space.
        unicode: a normal form: `NFC` composes letters and accents; `NFKC` also makes plain letters
            of ligatures, full-width forms and no-break blanks.
        invisible: keep control characters, zero-width characters and soft hyphens; False removes
            them. Tabs and line breaks are white space.
        prefix: text to remove from the beginning, once; `suffix`: from the end.
        remove: characters to remove wherever they stand.
        replace: text → what to put in its place; of several that begin at one character, the
            first. What was put is not replaced again.

    Raises:
        ContractError: two cases are asked for, or an option is no text.
    """
    if lower + upper + title > 1:
        raise ContractError(
            "text is to be in more than one case", next="keep one of lower, upper and title"
        )
    if unicode not in (None, "NFC", "NFKC"):
        raise ContractError(
            f"unicode={unicode!r} is not a normal form", next="write unicode='NFC' or 'NFKC'"
        )
    pairs = tuple(replace.items()) if isinstance(replace, Mapping) else () if not replace else None
    texts = [prefix, suffix, remove, *(t for pair in pairs or () for t in pair)]
    if pairs is None or not all(isinstance(t, str) for t in texts) or any(not p[0] for p in pairs):
        raise ContractError(
            "what text() takes away or replaces is no text",
            next="write text(prefix='ID ', remove='-', replace={'&': 'and'})",
        )
    return Text(
        trim, lower, upper, collapse, title, unicode, invisible, prefix, suffix, remove, pairs
    )
