"""How text is written: blanks, case, and the damage of encodings."""

from __future__ import annotations

import polars as pl

from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.shapes import text_rule, whole
from cleanhold.builtins.mojibake import MOJIBAKE, repaired
from cleanhold.core.rule import ColumnRule, Takes
from cleanhold.errors import ContractError

#: What people write where there is nothing to write; compared in lower case.
_PLACEHOLDERS = (
    "-", "--", "---", ".", "?", "??", "???", "*", "0000000000", "n/a", "n.a.", "na", "nan", "nil",
    "none", "null", "#n/a", "#null!", "#ref!", "#value!", "#div/0!", "missing", "unknown",
    "undefined", "not available", "not applicable", "not provided", "tbd", "tba", "test", "xxx",
    "asdf", "dummy", "foo", "bar", "lorem ipsum",
)  # fmt: skip


@listed(passes=["a", " a "], fails=["", "  ", "\t", "\u00a0"])
def not_blank() -> ColumnRule:
    """More than white space."""
    return text_rule(
        "not_blank", "is nothing but white space", lambda text: text.str.strip_chars() != ""
    )


@listed(passes=["a b", ""], fails=[" a", "a ", "a\n", "\u00a0a"])
def trimmed() -> ColumnRule:
    """No white space at the ends. Columns are trimmed when they are read, unless they say
    `text(trim=False)`.
    """
    return text_rule(
        "trimmed", "has white space at an end", lambda text: text.str.strip_chars() == text
    )


@listed(passes=["a b c"], fails=["a  b", "a\tb", "a\nb"])
def single_spaced() -> ColumnRule:
    """Only single, plain blanks between words."""
    return text_rule(
        "single_spaced",
        "has doubled blanks, tabs or line breaks between words",
        lambda text: ~text.str.contains(r"  |[\t\r\n\v\f\x{85}\x{2028}\x{2029}]"),
    )


@listed(passes=["one line"], fails=["two\nlines", "a\rb", "a\u2028b"])
def one_line() -> ColumnRule:
    """No line breaks."""
    return text_rule(
        "one_line",
        "has a line break in it",
        lambda text: ~text.str.contains(r"[\r\n\v\f\x{85}\x{2028}\x{2029}]"),
    )


@listed(passes=["AB-1", ""], fails=["Ab", "É".lower()])
def upper_case() -> ColumnRule:
    """No lower-case letters."""
    return text_rule(
        "upper_case", "is not in upper case", lambda text: text.str.to_uppercase() == text
    )


@listed(passes=["ab-1", ""], fails=["Ab", "É"])
def lower_case() -> ColumnRule:
    """No upper-case letters."""
    return text_rule(
        "lower_case", "is not in lower case", lambda text: text.str.to_lowercase() == text
    )


@listed(passes=["Ada", "van der Berg", "123"], fails=["ADA LOVELACE", "ada lovelace"])
def mixed_case() -> ColumnRule:
    """Names as people write them: not all capitals, and not all small, if there are letters."""

    def judge(text: pl.Expr) -> pl.Expr:
        small, capital = text.str.to_lowercase(), text.str.to_uppercase()
        return (small == capital) | ((text != small) & (text != capital))

    return text_rule("mixed_case", "is all capitals, or has none", judge)


@listed(passes=["abc", "~"], fails=["é", "“", "日本"])
def ascii_only() -> ColumnRule:
    """ASCII characters only."""
    return text_rule(
        "ascii_only", "has characters beyond ASCII", lambda text: whole(text, r"[\x00-\x7F]*")
    )


@listed(passes=["a b", "é\n"], fails=["a\x00", "\x1b[0m", "a\x7f", "\x9f"])
def no_control_characters() -> ColumnRule:
    """No control characters but tab and line breaks."""
    return text_rule(
        "no_control_characters",
        "has control characters in it",
        lambda text: ~text.str.contains(r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x{9F}]"),
    )


@listed(passes=["ab"], fails=["a\u200bb", "\ufeffab", "a\u202eb", "a\u00adb"])
def no_invisible_characters() -> ColumnRule:
    """No characters that cannot be seen: zero-width marks, byte order marks, soft hyphens, and
    marks of writing direction.
    """
    ranges = r"\x{202A}-\x{202E}\x{2060}-\x{2064}\x{2066}-\x{2069}"
    pattern = rf"[\x{{AD}}\x{{200B}}\x{{200E}}\x{{200F}}\x{{FEFF}}{ranges}]"
    return text_rule(
        "no_invisible_characters",
        "has characters that cannot be seen",
        lambda text: ~text.str.contains(pattern),
    )


@listed(passes=["José", "naïve"], fails=["Jos\ufffd", "JosÃ©", "â€œquoteâ€\x9d"])
def not_damaged() -> ColumnRule:
    """No sign of text decoded with the wrong encoding: `Ã©` for `é`, or U+FFFD, which stands for
    bytes that were lost. The sentence has what it seems to have been, by ftfy.
    """
    return ColumnRule(
        name="not_damaged",
        says="{column} is {value}, which was damaged on its way; it seems to have been {found}",
        judge=lambda value: ~value.cast(pl.String).str.contains(rf"\x{{FFFD}}|{MOJIBAKE}"),
        takes=Takes.TEXT,
        found=lambda value: value.cast(pl.String).map_batches(
            repaired, return_dtype=pl.String, is_elementwise=True
        ),
    )


@listed(passes=["é"], fails=["e\u0301"])
def normalised() -> ColumnRule:
    """Each letter in its shortest form (NFC), so that what looks alike is alike.

    Source: Unicode Standard Annex 15.
    """
    return text_rule(
        "normalised",
        "has letters and accents written apart",
        lambda text: text.str.normalize("NFC") == text,
    )


@listed(passes=["a < b", "5 > 3"], fails=["<b>bold</b>", "a<br/>b", "&amp;", "&#39;"])
def no_markup() -> ColumnRule:
    """No HTML tags or character references."""
    return text_rule(
        "no_markup",
        "has HTML in it",
        lambda text: (
            ~text.str.contains(r"</?[A-Za-z][^<>]*>|&(?:[A-Za-z]+|#[0-9]+|#[xX][0-9A-Fa-f]+);")
        ),
    )


@listed(passes=["Ada", "nation"], fails=["N/A", "unknown", "-", "TBD", " test "])
def not_placeholder(*more: str) -> ColumnRule:
    """No word that stands for nothing: `n/a`, `unknown`, `tbd`, `-`, `#REF!` and their like.

    Args:
        more: words that stand for nothing here; upper and lower case are alike.
    """
    words = [*_PLACEHOLDERS, *(word.strip().lower() for word in more)]
    return text_rule(
        "not_placeholder",
        "stands for a value that is missing",
        lambda text: ~text.str.strip_chars().str.to_lowercase().is_in(words),
    )


@listed(passes=["aab", "111234"], fails=["aaaa", "11111"])
def not_one_character(least: int = 4) -> ColumnRule:
    """Not one character again and again, as `xxxx` or `99999`.

    Args:
        least: characters from which on it counts.

    Raises:
        ContractError: `least` is less than 2.
    """
    if least < 2:
        raise ContractError(f"least={least!r} is less than two", next="write least=4")

    def judge(text: pl.Expr) -> pl.Expr:
        rest = text.str.strip_chars_start(text.str.slice(0, 1))
        return (rest != "") | (text.str.len_chars() < least)

    return text_rule("not_one_character", "is one character again and again", judge)


@listed(8, passes=["abcdefgh", "éé"], fails=["abcdefghi", "日本語"])
def bytes_at_most(most: int) -> ColumnRule:
    """No more bytes in UTF-8 than the system that takes the text has room for."""
    return text_rule(
        "bytes_at_most",
        f"is longer than {most} bytes in UTF-8",
        lambda text: text.str.len_bytes() <= most,
    )


@listed(1, 3, passes=["one", "one two  three"], fails=["", "one two three four"])
def words_between(least: int, most: int) -> ColumnRule:
    """A number of words, parted by white space."""
    return text_rule(
        "words_between",
        f"does not have {least} to {most} words",
        lambda text: text.str.count_matches(r"\S+").is_between(least, most),
    )


@listed("EUR ", "USD ", passes=["EUR 5", "USD 1"], fails=["5 EUR", "GBP 5"])
def begins_with_one_of(*beginnings: str) -> ColumnRule:
    """One of several beginnings."""
    shown = ", ".join(repr(b).replace("{", "{{").replace("}", "}}") for b in beginnings)
    return text_rule(
        "begins_with_one_of",
        f"begins with none of {shown}",
        lambda text: pl.any_horizontal([text.str.starts_with(b) for b in beginnings]),
    )


@listed("AB", "-", passes=["AB-BA", "--"], fails=["ABC", "ab"])
def made_of(*characters: str) -> ColumnRule:
    """Only characters that are listed."""
    allowed = sorted(set("".join(characters)))
    return text_rule(
        "made_of",
        "has characters that are not allowed",
        lambda text: text.str.replace_many(allowed, [""]) == "",
    )
