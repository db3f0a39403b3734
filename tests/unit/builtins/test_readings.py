"""What parse rules read, text by text, and what they leave for a finding (None)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from cleanhold import (
    codes,
    dates,
    datetimes,
    decimal,
    emails,
    excel_dates,
    integer,
    json,
    julian,
    number,
    phones,
    quantity,
    split,
    text,
    unix_times,
)
from cleanhold.core.parsing import DataType, ParseRule

MONEY = pl.Decimal(38, 6)
MOMENT = pl.Datetime("us")


def read(rule: ParseRule, dtype: DataType, texts: list[str]) -> list[Any]:
    rows = pl.LazyFrame({"text": texts}, schema={"text": pl.String})
    value = rule.value(rule.clean(pl.col("text")), dtype).alias("value")
    series = rows.select(value).collect(engine="streaming")["value"]
    assert series.dtype == dtype
    return [v.to_list() if isinstance(v, pl.Series) else v for v in series]


def money(*values: str | None) -> list[Decimal | None]:
    return [None if v is None else Decimal(v) for v in values]


def test_thousands_of_one_kind_in_a_number() -> None:
    swiss = decimal(thousands="'’\u2009\u202f")
    texts = ["1'234.50", "1’234’567", "1\u2009234", "1'234’567", "1'23", "1234"]
    assert read(integer(thousands="_"), pl.Int64(), ["1_000", "1_0"]) == [1000, None]
    assert read(swiss, MONEY, texts) == money("1234.50", "1234567", "1234", None, None, "1234")


def test_indian_groups() -> None:
    rupees = decimal(thousands=",", grouping="indian", symbols="₹")
    texts = ["₹12,34,567.89", "1,00,00,000", "1,234", "1,234,567", "12,34,56", "123,456"]
    assert read(rupees, MONEY, texts) == money("1234567.89", "10000000", "1234", *[None] * 3)
    assert read(integer(thousands=",", grouping="indian"), pl.Int64(), ["12,34,567"]) == [1234567]


def test_currencies_in_words() -> None:
    rule = decimal(symbols=["EUR", "US$", "$", "Fr."], negatives=True, thousands=",")
    texts = ["EUR 5", "5EUR", "US$ 1,234.50", "$7", "(EUR 5)", "5 Fr.", "-EUR5", "EUR -5", "5 USD",
             "EUR", "EUR 5 EUR", "eur 5", "$5 EUR"]  # fmt: skip
    expected = money("5", "5", "1234.5", "7", "-5", "5", "-5", "-5", *[None] * 5)
    assert read(rule, MONEY, texts) == expected
    assert read(number(symbols=["kr"]), pl.Float64(), ["5.5 kr"]) == [5.5]


def test_credit_and_debit() -> None:
    texts = ["100.00 CR", "100.00DR", "1,000 cr", "5", "-5 CR", "(5) CR", "CR", "5 C"]
    rule = decimal(credit="negative", thousands=",", negatives=True)
    expected = money("-100", "100", "-1000", "5", *[None] * 4)
    assert read(rule, MONEY, texts) == expected
    assert read(decimal(credit="positive"), MONEY, texts[:2]) == money("100", "-100")


def test_percent_as_a_fraction_is_exact_and_needs_its_sign() -> None:
    texts = ["40%", "0.0001 %", "-5%", "40", "0.00001%", "%"]
    rule = decimal(percent="fraction")
    assert read(rule, MONEY, texts) == money("0.4", "0.000001", "-0.05", *[None] * 3)
    rounded = decimal(percent="fraction", rounded=True)
    assert read(rounded, pl.Decimal(10, 2), ["40.5%", "1.5%"]) == money("0.40", "0.02")
    assert read(number(percent="fraction"), pl.Float64(), ["7%"]) == [0.07]


def test_exponents_lose_nothing() -> None:
    texts = ["1.5e3", "1E-6", "1.50e-5", "1e-7", "1e40", "1e-999999999", "1e9999999999", "e5"]
    rule = decimal(exponent=True)
    assert read(rule, MONEY, texts) == money("1500", "0.000001", "0.000015", *[None] * 5)


def test_ambiguous_dates_are_refused_if_asked() -> None:
    formats = ("%d/%m/%Y", "%m/%d/%Y")
    texts = ["03/04/2024", "04/04/2024", "31/12/2024", "12/31/2024", "32/1/2024"]
    days = [date(2024, 4, 4), date(2024, 12, 31), date(2024, 12, 31), None]
    assert read(dates(*formats, ambiguous="refuse"), pl.Date(), texts) == [None, *days]
    assert read(dates(*formats), pl.Date(), texts) == [date(2024, 4, 3), *days]


@pytest.mark.parametrize(
    ("pivot", "years"), [(0, (1900, 1929, 1930, 1999)), (30, (2000, 2029, 1930, 1999)),
                         (35, (2000, 2029, 2030, 1999)), (100, (2000, 2029, 2030, 2099))],
)  # fmt: skip
def test_the_pivot_is_the_first_year_of_the_1900s(pivot: int, years: tuple[int, ...]) -> None:
    texts = [f"1/2/{y}" for y in ("00", "29", "30", "99")]
    expected = [date(year, 2, 1) for year in years]
    assert read(dates("%d/%m/%y", pivot=pivot), pl.Date(), texts) == expected
    assert read(dates("%d/%m/%y", pivot=pivot), pl.Date(), ["1/2/1930", "1/2/3"]) == [None, None]


def test_parts_of_dates_only_if_declared() -> None:
    texts = ["2024-02-03", "2024-02", "2024", "202", "2024-13"]
    first = dates("%Y-%m-%d", "%Y-%m", "%Y", partial="first")
    last = dates("%Y-%m-%d", "%Y-%m", "%Y", partial="last")
    day = date(2024, 2, 3)
    assert read(first, pl.Date(), texts) == [day, date(2024, 2, 1), date(2024, 1, 1), None, None]
    assert read(last, pl.Date(), texts) == [day, date(2024, 2, 29), date(2024, 12, 31), None, None]
    assert read(dates("%b %Y", partial="last"), pl.Date(), ["Feb 2023"]) == [date(2023, 2, 28)]


@pytest.mark.parametrize(
    ("months", "layout", "text", "value"),
    [
        ("es", "%d de %B de %Y", "3 de Setiembre de 2024", date(2024, 9, 3)),
        ("es", "%d-%b-%y", "31-dic.-24", date(2024, 12, 31)),
        ("es", "%d-%b-%y", "31-dec-24", None),
        ("de", "%d. %B %Y", "3. März 2024", date(2024, 3, 3)),
        ("de", "%d. %B %Y", "29. Feb. 2023", None),
        ("fr", "%d.%b.%Y", "3.FÉVR.2024", date(2024, 2, 3)),
        ("fr", "%d.%b.%Y", "3.févr..2024", None),
        ("pl", "%d %B %Y", "1 września 2024", date(2024, 9, 1)),
        (list("abcdefghijkl"), "%d/%b/%Y", "1/L/2024", date(2024, 12, 1)),
    ],
)
def test_months_in_other_languages(months: Any, layout: str, text: str, value: Any) -> None:
    assert read(dates(layout, months=months), pl.Date(), [text]) == [value]


def test_a_century_mark() -> None:
    texts = ["1240229", "0991231", "991231", "2240229", "1230229"]
    expected = [date(2024, 2, 29), date(1999, 12, 31), date(1999, 12, 31), None, None]
    assert read(dates("%C%y%m%d"), pl.Date(), texts) == expected
    texts = ["126001", "099365", "99365", "226001", "126366"]
    expected = [date(2026, 1, 1), date(1999, 12, 31), date(1999, 12, 31), None, None]
    assert read(julian("CYYDDD"), pl.Date(), texts) == expected
    years = [date(1950, 1, 1), date(2049, 12, 31)]
    assert read(julian("YYDDD", pivot=50), pl.Date(), ["50001", "49365"]) == years


def test_a_clock_in_a_zone() -> None:
    madrid = datetimes("%Y-%m-%d %H:%M", zone="Europe/Madrid")
    texts = ["2024-07-01 12:00", "2024-03-31 02:30", "2024-10-27 02:30"]  # never, and twice
    assert read(madrid, MOMENT, texts) == [datetime(2024, 7, 1, 10), None, None]
    (tokyo,) = read(madrid, pl.Datetime("us", "Asia/Tokyo"), texts[:1])
    assert tokyo.isoformat() == "2024-07-01T19:00:00+09:00"


def test_names_of_zones() -> None:
    zones = {"CET": "+01:00", "PT": "America/Los_Angeles"}
    rule = datetimes("%Y-%m-%d %H:%M %Z", zones=zones)
    texts = [f"2024-07-01 12:00 {z}" for z in ("CET", "PT", "UTC", "EST")]
    hours = [datetime(2024, 7, 1, hour) for hour in (11, 19, 12)]
    assert read(rule, MOMENT, [*texts, "2024-03-10 02:30 PT"]) == [*hours, None, None]


@pytest.mark.parametrize(
    ("text", "value"),
    [("46387", date(2026, 12, 31)), ("1", date(1900, 1, 1)), ("59", date(1900, 2, 28)),
     ("60", None), ("61", date(1900, 3, 1)), ("0", None), ("2958465", date(9999, 12, 31)),
     ("2958466", None), ("46387.0", date(2026, 12, 31)), ("46387.5", None), ("-1", None)],
)  # fmt: skip
def test_days_of_excel(text: str, value: date | None) -> None:
    assert read(excel_dates(), pl.Date(), [text]) == [value]


def test_times_of_excel() -> None:
    texts = ["46387.5", "45292.604166667", "60.5"]
    expected = [datetime(2026, 12, 31, 12), datetime(2024, 1, 1, 14, 30), None]
    assert read(excel_dates(), MOMENT, texts) == expected
    texts = ["0", "44925", "2957003", "2957004"]
    days = [date(1904, 1, 1), date(2026, 12, 31), date(9999, 12, 31), None]
    assert read(excel_dates(1904), pl.Date(), texts) == days
    assert read(excel_dates(), pl.Datetime("ns"), ["46387", "2958465"])[1] is None


def test_unix_time() -> None:
    texts = ["0", "1700000000.25", "-5", "253402300799", "253402300800", "-62135596801", "1e9"]
    expected = [datetime(1970, 1, 1), datetime(2023, 11, 14, 22, 13, 20, 250000),
                datetime(1969, 12, 31, 23, 59, 55), datetime(9999, 12, 31, 23, 59, 59)]  # fmt: skip
    assert read(unix_times(), MOMENT, texts) == [*expected, None, None, None]
    zoned = pl.Datetime("ms", "Europe/Madrid")
    there, cut = read(unix_times("ms"), zoned, ["1700000000123", "1700000000123.4"])
    assert there.astimezone(UTC) == datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=UTC)
    assert cut is None
    assert read(unix_times("ns"), MOMENT, ["1700000000000000001"]) == [None]


def test_text_less_what_is_taken_away() -> None:
    rule = text(prefix="ID:", suffix=".", remove="-", replace={"&": "and", "&&": "x"})
    assert read(rule, pl.String(), ["ID: ab-c & d.", "ID:", "-"]) == ["abc and d", None, None]
    assert rule.fallible
    assert not text(lower=True).fallible


def test_text_in_one_form() -> None:
    rule = text(unicode="NFKC", invisible=False, title=True)
    texts = ["\ufeffcafe\u0301", "ﬁ\u200bx", "a\x07b\u00adc", "می\u200cخواهم"]
    assert read(rule, pl.String(), texts) == ["Café", "Fix", "Abc", "می\u200cخواهم"]


@pytest.mark.parametrize("dtype", [pl.Float64(), pl.Decimal(38, 15)], ids=str)
@pytest.mark.parametrize(
    ("unit", "text", "value"),
    [("kg", "12 oz", "0.3401942775"), ("kg", "0.5kg", "0.5"), ("kg", "500 G", "0.5"),
     ("kg", "1\u00a0LB.", "0.45359237"), ("g", "1 lb 3 oz", "538.640939375"),
     ("kg", "-2 kg", "-2"), ("kg", "1 lb 17 oz", None), ("kg", "3 mi", None), ("kg", "7", None),
     ("kg", "kg", None), ("kg", "1e3 kg", None), ("kg", "9" * 30 + " kg", None),
     ("m", "5 ft 11 in", "1.8034"), ("m", "-5 ft 11 in", "-1.8034"), ("mi", "1609.344 m", "1"),
     ("L", "3 gal", "11.356235352"), ("L", "2 imp pt", "1.1365225"), ("L", "1 fl oz",
     "0.0295735295625"), ("L", "5 cm³", "0.005"), ("s", "1 h 30 min", "5400"),
     ("MB", "1 GiB", "1073.741824"), ("MB", "1 mb", None), ("B", "8 bit", "1"),
     ("°C", "212 °F", "100"), ("°C", "0 K", "-273.15"), ("°F", "100 C", "212")],
)  # fmt: skip
def test_quantities(unit: str, text: str, value: str | None, dtype: DataType) -> None:
    rule = quantity(unit, compound="°" not in unit)
    kind: Any = float if dtype.is_float() else Decimal
    assert read(rule, dtype, [text]) == [None if value is None else kind(value)]


def test_quantities_are_exact_or_rounded_if_asked() -> None:
    grams = pl.Decimal(12, 3)
    assert read(quantity("kg"), grams, ["12 oz", "12 g"]) == [None, Decimal("0.012")]
    assert read(quantity("kg", rounded=True), grams, ["12 oz"]) == [Decimal("0.340")]
    assert read(quantity("lb", rounded=True), grams, ["1 kg"]) == [Decimal("2.205")]
    assert read(quantity("kg", rounded=True), pl.Int64(), ["1700 g", "-2500 g"]) == [2, -2]
    assert read(quantity("kg", assume="g"), pl.Float64(), ["500", "", "5 t"]) == [0.5, None, 5000.0]
    assert read(quantity("L", thousands=".", mark=","), pl.Float64(), ["1.234,5 ml"]) == [1.2345]


def test_json_loses_nothing() -> None:
    kind = pl.Struct({"a": pl.Int64, "b": pl.List(pl.String), "c": pl.Decimal(10, 2), "d": pl.Date})
    good = ['{"a": 1, "b": ["x", null]}', '{"c": 1.23, "d": "2024-02-29"}', '{"a": 1.0}', "{}"]
    none = dict.fromkeys("abcd")
    read_as = [none | {"a": 1, "b": ["x", None]}, none | {"c": Decimal("1.23"),
               "d": date(2024, 2, 29)}, none | {"a": 1}, none]  # fmt: skip
    assert read(json(), kind, good) == read_as
    bad = ['{"a": 1.5}', '{"z": 1}', "bad", '{"a": 1, "a": 2}', '{"c": 1.234}', '{"c": 1e400}',
           '{"c": 1e-999999999}', '{"a": 1e999999999}', '{"d": "2024-02-30"}', '{"a": "1"}',
           '{"a": true}', "[]", "null", "[" * 100_000, '{"b": ["\\ud800"]}',
           '{"a": ' + "9" * 5000 + "}", '{"b": "x"}']  # fmt: skip
    assert read(json(), kind, bad) == [None] * len(bad)
    assert read(json(), pl.List(pl.Float64), ["[1, 2.5]", "[1e999]", "[NaN]"]) == [
        [1, 2.5],
        None,
        None,
    ]
    assert read(json(), pl.String(), ['{"a": 1}', "{", "null"]) == ['{"a": 1}', None, "null"]
    moments = pl.List(pl.Datetime("ms"))
    texts = ['["2024-01-02T03:04:05.123"]', '["2024-01-02T03:04:05.1234"]']
    assert read(json(), moments, texts) == [[datetime(2024, 1, 2, 3, 4, 5, 123000)], None]


def test_lists_are_read_piece_by_piece() -> None:
    numbers = split(";", integer())
    texts = ["1; 2", "1;;2", "1;x", ""]
    assert read(numbers, pl.List(pl.Int64), texts) == [[1, 2], None, None, None]
    days = split("|", dates("%d/%m/%Y"))
    assert read(days, pl.List(pl.Date), ["1/2/2024|3/4/2024"]) == [
        [date(2024, 2, 1), date(2024, 4, 3)]
    ]
    assert read(split(blanks=True), pl.List(pl.String), ["a,,b"]) == [["a", None, "b"]]
    there = split(";", phones("ES"))
    assert read(there, pl.List(pl.String), ["612345678; +442079460958", "612345678;1"]) == [
        ["+34612345678", "+442079460958"],
        None,
    ]


def test_phones() -> None:
    texts = ["612 34 56 78", "+44 20 7946 0958", "0034 612345678", "(+34) 612-345-678"]
    there = ["+34612345678", "+442079460958", "+34612345678", "+34612345678"]
    assert read(phones("ES"), pl.String(), texts) == there
    bad = ["612345678 ext 5", "+1-800-FLOWERS", "Tel 612345678", "12", "6123456789012", "++34"]
    assert read(phones("ES"), pl.String(), bad) == [None] * len(bad)
    assert read(phones(), pl.String(), ["612345678", "+34612345678"]) == [None, "+34612345678"]


def test_emails() -> None:
    texts = [" Ada+X@Example.ORG ", "a@b@c", "ada", "a b@c.de", "@b", "a@"]
    assert read(emails(), pl.String(), texts) == ["Ada+X@example.org", *[None] * 5]
    assert read(emails(lower=True), pl.String(), texts[:1]) == ["ada+x@example.org"]


def test_codes_of_several_spellings() -> None:
    rule = codes({("A", "AC"): "active", " L": "lapsed"}, any_case=True)
    assert read(rule, pl.String(), ["a", "Ac", "l", "x"]) == ["active", "active", "lapsed", None]
    other = codes({"A": "1"}, other="9")
    assert read(other, pl.Int64(), ["A", "b"]) == [1, 9]
    assert not other.fallible
