"""What has no portable form, and in which words it is said."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from cleanhold.core.parsing import DataType
from cleanhold.expressions.untranslatable import Untranslatable
from cleanhold.plan.portable.patterns import pattern_of, up_to
from cleanhold.plan.portable.translate import Translator

SCHEMA: dict[str, DataType] = {
    "s": pl.String(), "t": pl.String(), "f": pl.Float64(), "g": pl.Float64(), "h": pl.Float32(),
    "i": pl.Int64(), "j": pl.Int8(), "u": pl.UInt64(), "b": pl.Boolean(), "d": pl.Date(),
    "m": pl.Datetime("us"), "z": pl.Datetime("us", "UTC"), "x": pl.Decimal(38, 6),
    "l": pl.List(pl.Int64()),
}  # fmt: skip
s, t, f, g, h, i, j, u, b, d, m, z, x, l = map(pl.col, SCHEMA)  # noqa: E741


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        (i + 1 > 0, "+, which may leave Int64"),
        (i - i == 0, "-, which may leave Int64"),
        (j * 2 > 0, "*, which may leave Int8"),
        (u - 1 > 0, "-, which may leave UInt64"),
        (i.abs() > 0, "abs, which may leave Int64"),
        (i // i == 1, "// by anything but a number above 0"),
        (i % -3 == 1, "% by anything but a number above 0"),
        (f % 2 == 0, "% giving Float64"),
        (i == u, "comparing Int64 with UInt64"),
        (i > 0.5, "comparing Int64 with a float"),
        (x > 0.5, "comparing Decimal(precision=38, scale=6) with Float64"),
        (x == Decimal("0.0000001"), "comparing Decimal(precision=38, scale=6) with"),
        (x.cast(pl.Float64) > 1, "Decimal(precision=38, scale=6) as Float64"),
        (h > 0, "comparing Float32 with Int32"),
        (z > m.dt.replace_time_zone("UTC"), "dt.replace_time_zone"),
        (b > pl.lit(False), "order among true and false"),
        (f.round(2) == f, "round, but for floats to whole numbers"),
        (f.clip(None, 1) == f, "clip, but for floats to a least value"),
        (pl.sum_horizontal(f, g, f) > 1, "a sum of more than two floats"),
        (f.sqrt() > 1, "pow"),
        (s.str.to_uppercase() == s, "str.to_uppercase, for engines differ"),
        (s.str.to_date("%Y", strict=False) == d, "text as a date or time"),
        (s.str.normalize() == s, "str.normalize"),
        (s.str.json_path_match("$").is_null(), "str.json_path_match"),
        (s.str.strip_chars(t) == "", "an option that is another value of the row"),
        (s.str.replace("a", "b") == s, "str.replace, of the first match alone"),
        (s.str.replace_all("a*", "b") == s, "replacing the pattern 'a*'"),
        (s.str.replace_all("(a)", "$1") == s, "the replacement '$1'"),
        (s.str.replace_many(["a", "b"], ["b", "a"]) == s, "replacing characters by each other"),
        (s.str.replace_many(["ab"], ["b"]) == s, "that are no single characters"),
        (s.str.contains(t), "an option that is another value of the row"),
        (s.str.contains(r"\d"), "for \\d and \\w are of all scripts"),
        (s.str.contains(r"\bab"), "the pattern '\\\\bab'"),
        (s.str.contains("a{1001}"), "for its more than 1000 repeats"),
        (s.str.contains("(?:a{40}){40}"), "for its more than 1000 repeats"),
        (s.str.contains("[a-z]{900}" * 9), "for its size"),
        (s.is_in(["a", None]), "String in a list of String"),
        (i.is_in([0.5]), "Int64 in a list of Float64"),
        (s.cast(pl.Int64) > 0, "a conversion that may raise"),
        (s.cast(pl.Float64, strict=False) > 0, "String as Float64"),
        (d.dt.month_end() == d, "dt.month_end"),
        (m.dt.offset_by("1mo") > m, "dt.offset_by of Datetime"),
        (m.dt.truncate("7d") == m, "to '7d'"),
        (d - date(2020, 1, 1) > pl.duration(days=1), "- giving Duration"),
        (l.list.len() > 1, "list"),
        (i > i.mean(), "Agg expressions"),
        (s.map_elements(bool, return_dtype=pl.Boolean), "a Python function"),
    ],
    ids=str,
)  # fmt: skip
def test_what_engines_differ_on_is_named(expression: pl.Expr, reason: str) -> None:
    with pytest.raises(Untranslatable) as raised:
        Translator(SCHEMA, "__").term(expression)
    assert reason in str(raised.value)


def test_patterns_are_written_as_both_engines_understand_them() -> None:
    assert pattern_of(r"^a\s?$") == (
        r"(?:\A[\x{61}-\x{61}](?:[\x{9}-\x{9}\x{A}-\x{A}\x{B}-\x{B}\x{C}-\x{C}\x{D}-\x{D}"
        r"\x{20}-\x{20}\x{85}-\x{85}\x{A0}-\x{A0}\x{1680}-\x{1680}"
        + "".join(rf"\x{{{c:X}}}-\x{{{c:X}}}" for c in range(0x2000, 0x200B))
        + r"\x{2028}-\x{2028}\x{2029}-\x{2029}\x{202F}-\x{202F}\x{205F}-\x{205F}\x{3000}-\x{3000}"
        r"]){0,1}\z)"
    )
    assert pattern_of("(?i:k)") == r"(?:(?:[\x{4B}-\x{4B}\x{6B}-\x{6B}\x{212A}-\x{212A}]))"


@pytest.mark.parametrize("greatest", [0, 7, 10, 127, 255, 1099])
def test_digits_up_to_a_number(greatest: int) -> None:
    numbers = pl.Series([f"{n:03d}" for n in range(greatest + 1200)])
    found = numbers.str.contains(rf"\A(?:{up_to(greatest)})\z")
    assert found.to_list() == [n <= greatest for n in range(greatest + 1200)]
