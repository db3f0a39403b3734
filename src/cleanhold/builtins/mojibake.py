"""Text that was decoded with the wrong encoding: its marks, and what it was."""

from __future__ import annotations

import polars as pl

#: What bytes 80 to BF are in cp1252 (or latin-1, where it has nothing): they follow the first byte
#: of a character in UTF-8.
_CP1252 = (
    r"\x{20AC}\x{201A}\x{0192}\x{201E}\x{2026}\x{2020}\x{2021}\x{02C6}\x{2030}\x{0160}\x{2039}"
    r"\x{0152}\x{017D}\x{2018}\x{2019}\x{201C}\x{201D}\x{2022}\x{2013}\x{2014}\x{02DC}\x{2122}"
    r"\x{0161}\x{203A}\x{0153}\x{017E}\x{0178}"
)
_FOLLOWS = rf"[\x{{80}}-\x{{BF}}{_CP1252}\x{{FFFD}}]"
#: Of these, what no writing has after an accented letter: no quotes, dashes, blanks, letters, ®, ©.
_SIGNS = (
    r"[\x{80}-\x{9F}\x{A1}-\x{A8}\x{AC}\x{AD}\x{AF}-\x{B6}\x{B8}\x{B9}\x{BC}-\x{BF}\x{20AC}"
    r"\x{2020}\x{2021}\x{02C6}\x{2030}\x{02DC}]"
)

#: UTF-8 read as cp1252, none of which real text has. A Latin letter or a typographic mark: `Ã` or
#: `Â` before a character of the upper half, or `â€`. Another letter: a capital before a sign, or
#: two such pairs in a row. A character of three bytes: `à` to `ï` before two of the upper half, one
#: being a sign.
MOJIBAKE = (
    r"[ÃÂ][\u{80}-\u{BF}\u{2013}-\u{203A}\u{20AC}\u{2122}\u{0152}-\u{0192}\u{02C6}\u{02DC}]|â€"
    rf"|[\x{{C4}}-\x{{DE}}]{_SIGNS}|(?:[\x{{C2}}-\x{{DF}}]{_FOLLOWS}){{2}}"
    rf"|[\x{{E0}}-\x{{EF}}](?:{_SIGNS}{_FOLLOWS}|{_FOLLOWS}{_SIGNS})"
)


def mojibake(column: str) -> pl.Expr:
    """True where the text shows no sign of UTF-8 having been read as cp1252 (`JosÃ©`)."""
    return ~pl.col(column).str.contains(MOJIBAKE)


def repaired(texts: pl.Series) -> pl.Series:
    """What damaged texts were before; a text as it is where that cannot be told.

    Each distinct text goes through ftfy, in Python: there is no expression for it. Where bytes were
    lost there is U+FFFD.
    """
    from ftfy import TextFixerConfig, fix_encoding

    alone = TextFixerConfig(explain=False, unescape_html=False)
    known = {text: fix_encoding(text, alone) for text in texts.unique().drop_nulls()}
    return pl.Series(texts.name, [known.get(text) for text in texts], dtype=pl.String)
