"""Booleans, codes, text, damaged text, and the rule a column gets by itself."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import pytest

from cleanhold import EMAIL, PHONE, UUID, booleans, codes, mojibake, text
from cleanhold.builtins import default_rule
from cleanhold.core.parsing import DataType, ParseRule


def read(rule: ParseRule, given: str, dtype: DataType) -> Any:
    frame = pl.DataFrame({"text": [given]}, schema={"text": pl.String})
    series = frame.select(rule.value(rule.clean(pl.col("text")), dtype).alias("value"))["value"]
    assert series.dtype == dtype
    return series[0]


@pytest.mark.parametrize(
    ("given", "value"),
    [("Y", True), ("yes", True), ("TRUE", True), ("1", True), (" t ", True), ("No", False),
     ("0", False), ("F", False), ("2", None), ("", None), ("ja", None), ("y e s", None)],
)  # fmt: skip
def test_booleans(given: str, value: bool | None) -> None:
    assert read(booleans(), given, pl.Boolean()) is value


def test_words_of_their_own() -> None:
    rule = booleans(true="Sí", false=["No", "Tampoco"])
    assert read(rule, "SÍ", pl.Boolean()) is True
    assert read(rule, "tampoco", pl.Boolean()) is False
    assert read(rule, "yes", pl.Boolean()) is None
    assert rule.says == "one of sí or no, tampoco"


def test_codes() -> None:
    rule = codes({"A": "active", " L": "lapsed"})
    assert read(rule, "A", pl.String()) == "active"
    assert read(rule, " L ", pl.String()) == "lapsed"
    assert read(rule, "a", pl.String()) is None
    assert read(rule, "", pl.String()) is None
    assert read(codes({"A": "1"}), "A", pl.Int64()) == 1
    assert rule.says == "one of the codes A, L"


def test_text() -> None:
    assert read(text(), "  a  b ", pl.String()) == "a  b"
    assert read(text(trim=False), " a ", pl.String()) == " a "
    assert read(text(collapse=True, upper=True), " a \t\n é ", pl.String()) == "A É"
    assert read(text(lower=True), "ÀB", pl.String()) == "àb"
    assert read(text(), "red", pl.Enum(["red"])) == "red"
    assert read(text(), "blue", pl.Enum(["red"])) is None


REAL = ["JOÃO GUIMARÃES", "CONCEIÇÃO", "Ângela", "ÂNGELA", "SÃO PAULO", "São Tomé", "naïve café",
        "Ã", "Â", "Łódź", "Ærøskøbing", "5 €", "“so”", "it’s", "日本", ""]  # fmt: skip


@pytest.mark.parametrize("written", REAL)
def test_real_text_is_not_called_damaged(written: str) -> None:
    assert pl.DataFrame({"t": [written]}).select(mojibake("t")).item() is True


DAMAGED = ["JosÃ©", "SÃ˜REN", "GarcÃ\u00ada", "MÃ¼ller", "Â£5", "itâ€™s", "FranÃ§ois", "Ãˆve"]


@pytest.mark.parametrize("written", DAMAGED)
def test_damaged_text_is(written: str) -> None:
    assert pl.DataFrame({"t": [written]}).select(mojibake("t")).item() is False


def test_every_latin_letter_that_was_read_as_cp1252_is_seen() -> None:
    table = {code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(256)}
    letters = [chr(code) for code in range(0xC0, 0x100)]
    damaged = ["".join(table[byte] for byte in letter.encode()) for letter in letters]
    frame = pl.DataFrame({"letter": letters, "t": damaged}).filter(mojibake("t"))
    assert frame["letter"].to_list() == []


def test_no_text_no_opinion() -> None:
    frame = pl.DataFrame({"t": [None]}, schema={"t": pl.String})
    assert frame.select(mojibake("t")).item() is None


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (EMAIL, ["a@b.co", "o'neil+x@mail.example.org"], ["a@b", "a b@c.de", "@b.co", "a@b..co"]),
        (PHONE, ["+34 600 123 456", "(020) 7946-0958"], ["12345", "call me", "+"]),
        (UUID, ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567", "g" * 36]),
    ],
)
def test_patterns(pattern: str, good: list[str], bad: list[str]) -> None:
    for written in good + bad:
        matched = pl.Series([written]).str.contains(f"^(?:{pattern})$").item()
        assert matched is (written in good), written
        assert bool(re.fullmatch(pattern, written)) is matched, "as Python has it"


@pytest.mark.parametrize(
    ("dtype", "given", "value"),
    [
        (pl.Int64(), "5", 5),
        (pl.Float64(), "1e3", 1000.0),
        (pl.Boolean(), "y", True),
        (pl.String(), " a ", "a"),
        (pl.Enum(["a"]), "b", None),
    ],
)
def test_the_rule_a_column_gets_by_itself(dtype: DataType, given: str, value: Any) -> None:
    rule = default_rule(dtype)
    assert rule is not None
    assert read(rule, given, dtype) == value


def test_there_is_no_rule_for_lists() -> None:
    assert default_rule(pl.List(pl.Int64)) is None
    assert default_rule(pl.Struct({"a": pl.Int64})) is None
    assert default_rule(pl.Binary()) is None
