"""Text: trimming, case and spaces; and the marks of damaged encodings."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cleanhold.core.parsing import DataType


@dataclass(frozen=True, slots=True)
class Text:
    """See `text`."""

    trim: bool = True
    lower: bool = False
    upper: bool = False
    collapse: bool = False

    fallible = False

    @property
    def says(self) -> str:
        return "text"

    def clean(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars() if self.trim else text

    def value(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        if self.collapse:
            text = text.str.replace_all(r"\s+", " ")
        if self.lower:
            text = text.str.to_lowercase()
        if self.upper:
            text = text.str.to_uppercase()
        return text if dtype == pl.String else text.cast(dtype, strict=False)


def text(
    *, trim: bool = True, lower: bool = False, upper: bool = False, collapse: bool = False
) -> Text:
    """Text as it is, with the blanks around it removed.

    Args:
        trim: remove white space at both ends.
        lower: lower case; `upper`: upper case.
        collapse: make one blank of every run of white space.
    """
    return Text(trim=trim, lower=lower, upper=upper, collapse=collapse)


#: UTF-8 bytes of a Latin letter or a typographic mark read as cp1252: `Ã` or `Â` before a
#: character of the upper half, or `â€` — none of which real text has.
MOJIBAKE = (
    r"[ÃÂ][\u{80}-\u{BF}\u{2013}-\u{203A}\u{20AC}\u{2122}\u{0152}-\u{0192}\u{02C6}\u{02DC}]|â€"
)


def mojibake(column: str) -> pl.Expr:
    """True where the text shows no sign of UTF-8 having been read as cp1252 (`JosÃ©`)."""
    return ~pl.col(column).str.contains(MOJIBAKE)
