"""What a column seems to hold: types, dates, null tokens, identifiers, personal data, the key."""

from __future__ import annotations

import polars as pl
import pytest

from cleanhold.sniffing.columns import SniffedColumn, sniff_columns
from cleanhold.sniffing.names import common_shape, field_names, privacy_of


def column(header: str, *values: str | None) -> SniffedColumn:
    return sniff_columns(pl.DataFrame({header: values}, schema={header: pl.String}), [header])[0]


def read_as(header: str, *values: str | None) -> tuple[str, str | None]:
    reading = column(header, *values).reading
    assert reading is not None
    return reading.annotation, reading.parse


@pytest.mark.parametrize(
    ("values", "annotation", "parse"),
    [
        (("1", "22", "-3"), "int", None),
        (("1.5", "22", "-3"), "Decimal", None),
        (("1,5", "22", "1234,75"), "Decimal", 'decimal(mark=",")'),
        (("1,234.50", "22"), "Decimal", 'decimal(thousands=",")'),
        (("1.234,50", "22,1"), "Decimal", 'decimal(thousands=".", mark=",")'),
        (("1 234,50", "22,1"), "Decimal", 'decimal(thousands=" ", mark=",")'),
        (("$1,234.50", "$2.00"), "Decimal", 'decimal(symbols="$", thousands=",")'),
        (("12.5%", "7 %"), "Decimal", "decimal(percent=True)"),
        (("(12.50)", "7.25", "3-"), "Decimal", "decimal(negatives=True)"),
        (("12 oz", "16 oz.", "12.5 oz"), "Decimal", 'decimal(units=["oz", "oz."])'),
        (("1e-12", "0.123456789"), "float", None),
        (("yes", "No", "YES"), "bool", None),
        (("ja", "nein"), "bool", 'booleans(true=["ja"], false=["nein"])'),
        (("red", "blue"), "str", None),
        (("2026-11-02", "2026-11-30"), "date", None),
        (("20261102", "20261130"), "int", None),
        (("02.11.2026", "30.11.2026"), "date", 'dates("%d.%m.%Y")'),
        (("11/30/2026", "1/2/2026"), "date", 'dates("%m/%d/%Y")'),
        (("2-Nov-2026", "30-Nov-2026"), "date", 'dates("%d-%b-%Y")'),
        (("2026-11-02 10:00:00", "2026-11-30 23:59:59"), "datetime", None),
        (("2026-11-02T10:00:00Z", "2026-11-30T23:59:59+01:00"), "datetime", None),
        (("30/11/2026 23:59", "02/11/2026 10:00"), "datetime", 'datetimes("%d/%m/%Y %H:%M")'),
    ],
)
def test_types(values: tuple[str, ...], annotation: str, parse: str | None) -> None:
    assert read_as("x", *values) == (annotation, parse)


def test_several_formats_are_ordered_by_how_many_values_they_read() -> None:
    found = read_as("x", *["2026-11-02"] * 2, *[f"{n}.12.2026" for n in range(13, 25)])
    assert found == ("date", 'dates("%d.%m.%Y", "%Y-%m-%d")')


def test_eight_digits_are_a_date_where_the_header_says_so() -> None:
    assert read_as("open_date", "20261102", "20261130") == ("date", 'dates("%Y%m%d")')


def test_day_and_month_that_cannot_be_told_apart_are_told() -> None:
    found = column("x", "01/02/2026", "03/04/2026")
    assert "ask the sender" in found.remarks[0]


def test_other_columns_tell_which_of_day_and_month_is_first() -> None:
    rows = pl.DataFrame({"a": ["01/02/2026", "03/04/2026"], "b": ["11/30/2026", "1/2/2026"]})
    first = sniff_columns(rows, rows.columns)[0]
    assert first.reading is not None
    assert first.reading.parse == 'dates("%m/%d/%Y")'
    assert "as in the other columns" in first.remarks[0]


def test_a_format_and_its_twin_are_never_proposed_together() -> None:
    values = [*(f"{n}/{m}/2026" for n in range(13, 31) for m in (11, 12)), "12/31/2026"]
    found = column("x", *values)
    assert found.reading is not None
    assert found.reading.parse == 'dates("%d/%m/%Y")'
    assert "exchanged" in found.remarks[0]


@pytest.mark.parametrize(
    ("values", "nulls", "annotation"),
    [
        (("1", "2", "N/A"), ("N/A",), "int"),
        (("1.5", "-", "NULL"), ("-", "NULL"), "Decimal"),
        (("02/11/2026", "30/11/2026", "99/99/9999"), ("99/99/9999",), "date"),
        (("2026-11-02", "2026-11-03", "0000-00-00"), ("0000-00-00",), "date"),
        (("red", "blue", "NULL"), ("NULL",), "str"),
        (("red", "unknown", "-"), (), "str"),
    ],
)
def test_null_tokens(values: tuple[str, ...], nulls: tuple[str, ...], annotation: str) -> None:
    found = column("x", *values)
    assert found.reading is not None
    assert (found.reading.nulls, found.reading.annotation) == (nulls, annotation)
    assert found.nullable == bool(nulls)


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("amount", ("00012", "00145")),
        ("Zip Code", ("10001", "94105")),
        ("customerId", ("1", "2")),
        ("x", ("12345678901234567890", "22345678901234567890")),
    ],
)
def test_identifiers_stay_text(header: str, values: tuple[str, ...]) -> None:
    assert read_as(header, *values) == ("str", None)


def test_addresses_are_told_by_their_form() -> None:
    found = column("kontakt", *(f"a{n}@b.cc" for n in range(60)), None)
    assert (found.matches, found.privacy) == ("EMAIL", "direct")
    mixed = column("kontakt", *(f"a{n}@b.cc" for n in range(6)), "by phone", "none of them")
    assert (mixed.matches, mixed.privacy) == (None, "direct")


@pytest.mark.parametrize(
    ("header", "level"),
    [
        ("E-Mail", "direct"), ("firstName", "direct"), ("Mailing Street", "direct"),
        ("DATE_OF_BIRTH", "indirect"), ("zip", "indirect"), ("SSN", "sensitive"),
        ("IBAN", "sensitive"), ("product_name", None), ("amount", None), ("message", None),
    ],
)  # fmt: skip
def test_personal_columns_are_told_by_their_header(header: str, level: str | None) -> None:
    assert privacy_of(header) == level


def test_the_key_is_a_column_that_repeats_nothing_and_is_named_like_one() -> None:
    rows = pl.DataFrame(
        {
            "name": ["Anna", "Bert", "Carl"],
            "deal id": ["D-01", "D-02", "D-13"],
            "owner_id": ["1", "1", "2"],
        }
    )
    found = {c.header: c for c in sniff_columns(rows, rows.columns)}
    assert [h for h, c in found.items() if c.is_key] == ["deal id"]
    assert found["deal id"].matches == "D-[0-9]{2}"


def test_shapes() -> None:
    assert common_shape(["AB-12", "XY-34"]) == "[A-Z]{2}-[0-9]{2}"
    assert common_shape(["A.1", "A.2"]) == r"A\.[0-9]"
    assert common_shape(["A1", "A22"]) is None
    assert common_shape([]) is None


def test_typed_columns_keep_their_types() -> None:
    rows = pl.DataFrame({"a": [1, 2], "b": [1.5, None], "c": [[1], [2]]})
    found = sniff_columns(rows, rows.columns)
    assert [c.reading and c.reading.annotation for c in found] == ["int", "float", None]
    assert found[1].nullable


def test_headers_become_names_that_mean_nothing_else() -> None:
    headers = ["Contact ID", "class", "1st", "date", "ä", "", "contactId", "record", "list", "名前"]
    assert field_names(headers) == [
        "contact_id", "class_", "n_1st", "date_", "column_5", "column_6", "contact_id_2",
        "record_", "list_", "column_10",
    ]  # fmt: skip
