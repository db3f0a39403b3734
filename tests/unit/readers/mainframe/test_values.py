"""What the bytes of a field become: text as a person writes it, or the bytes in hex."""

from __future__ import annotations

import polars as pl
import pytest

from cleanhold.errors import UsageError
from cleanhold.readers import copybook

from .conftest import Read

ONE = "       01  R.\n           05  A  {}.\n"


def cell(read: Read, clause: str, content: bytes, **options: object) -> object:
    reading = read(content, copybook(ONE.format(clause), **options))  # type: ignore[arg-type]
    ((value,),) = reading.cells
    told = reading.framing.unreadable["A"](pl.col("A"))
    flagged = reading.rows.select(told.alias("told"))["told"][0]
    assert bool(flagged) == (isinstance(value, str) and value.startswith("0x"))
    return value


@pytest.mark.parametrize(
    ("clause", "content", "value"),
    [
        # packed: sign codes, digits that are none
        ("PIC S9(5)V99 COMP-3", "1234567C", "12345.67"),
        ("PIC S9(5)V99 COMP-3", "1234567D", "-12345.67"),
        ("PIC S9(5)V99 COMP-3", "0000005B", "-0.05"),
        ("PIC S9(5)V99 COMP-3", "0000000D", "0.00"),
        ("PIC 9(3) COMP-3", "123F", "123"),
        ("PIC 9(3) COMP-3", "0123", "0x0123"),
        ("PIC 9(3) COMP-3", "1A3C", "0x1A3C"),
        ("PIC 9(3) COMP-3", "4040", "0x4040"),
        ("PIC 9(4) COMP-6", "0123", "123"),
        ("PIC 9(4) COMP-6", "012A", "0x012A"),
        ("PIC PPP9(3) COMP-3", "123C", "0.000123"),
        ("PIC 9(3)PP COMP-3", "123C", "12300"),
        ("PIC 9(3)PP COMP-3", "000C", "0"),
        ("PIC S9(31) COMP-3", "9" * 31 + "D", "-" + "9" * 31),
        # binary
        ("PIC S9(4) COMP", "FFFE", "-2"),
        ("PIC S9(3)V9 COMP", "8000", "-3276.8"),
        ("PIC S9(18) BINARY", "8000000000000000", "-9223372036854775808"),
        ("PIC S9(19) COMP", "FFFFFFFFFFFFFFFFFE", "-2"),
        ("PIC S9(37) COMP", "7F" + 15 * "FF", "170141183460469231731687303715884105727"),
        ("PIC 9(4) COMP", "FFFE", "0xFFFE"),
        ("PIC 9(4) COMP-5", "FFFE", "65534"),
        ("PIC S9(9) COMP-9", "FEFFFFFF", "-2"),
        # zoned
        ("PIC 9(5)", "F0F0F0F4F2", "00042"),
        ("PIC 9(3)V99", "F0F0F0F4F2", "0.42"),
        ("PIC S9(3)", "F0F4D2", "-042"),
        ("PIC S9(3)", "F0F4C2", "042"),
        ("PIC S9(3)", "60F4F2", "-42"),
        ("PIC S9(3) LEADING", "D0F4F2", "-042"),
        ("PIC S9(3) LEADING", "F0F4D2", "0xF0F4D2"),
        ("PIC S9(3) SIGN TRAILING SEPARATE", "F0F4F260", "-042"),
        ("PIC S9(3) SIGN LEADING SEPARATE", "4EF0F4F2", "042"),
        ("PIC S9(3) SIGN LEADING SEPARATE", "F0F0F4F2", "0xF0F0F4F2"),
        ("PIC 9(3)", "F0F4C2", "0xF0F4C2"),
        ("PIC 9(3)", "4040F2", "2"),
        ("PIC 9(3)", "F24040", "2"),
        ("PIC 9(3)", "F20000", "2"),
        ("PIC 9(3)", "F240F2", "0xF240F2"),
        ("PIC 9(2)V9", "F24040", "0xF24040"),
        ("PIC 9(2)V9", "4040F2", "0.2"),
        ("PIC 9(3)", "404040", "   "),
        ("PIC S9(3)", "604040", "0x604040"),
        ("PIC S9(2).9", "F1F24BD3", "-12.3"),
        # text
        ("PIC X(4)", "C1408900", "A i\0"),
        ("PIC A(3)", "C14040", "A  "),
        ("PIC 9(2).9(2)", "F0F14BF5F0", "01.50"),
        ("PIC ZZ9V99-", "4040F1F5F060", "  1.50-"),
        ("PIC N(2)", "00E920AC", "é€"),
        ("PIC N(2)", "D83DDE00", "😀"),
        ("PIC N(2)", "DE00D83D", "0xDE00D83D"),
        # floats
        ("COMP-1", "42640000", "100.0"),
        ("COMP-1", "C276A000", "-118.625"),
        ("COMP-1", "7FFFFFFF", "7.2370051459731155e+75"),
        ("COMP-2", "4110000000000000", "1.0"),
        ("COMP-2", "8000000000000000", "0.0"),
    ],
)  # fmt: skip
def test_values(read: Read, clause: str, content: str, value: str) -> None:
    assert cell(read, clause, bytes.fromhex(content)) == value


@pytest.mark.parametrize(
    ("clause", "content", "value"),
    [
        ("PIC 9(3)", b"042", "042"),
        ("PIC S9(3)", b"04B", "042"),
        ("PIC S9(3)", b"04K", "-042"),
        ("PIC S9(3)", b"04r", "-042"),
        ("PIC S9(3)", b"04}", "-040"),
        ("PIC S9(3)", b"-42", "-42"),
        ("PIC X(3)", b"a\x80b", "0x618062"),
    ],
)
def test_ascii(read: Read, clause: str, content: bytes, value: str) -> None:
    assert cell(read, clause, content, encoding="ascii") == value


def test_a_text_that_looks_like_bytes_in_hex_is_a_text(read: Read) -> None:
    reading = read(b"0x1234", copybook(ONE.format("PIC X(6)"), encoding="ascii"))
    told = reading.framing.unreadable["A"](pl.col("A"))
    assert reading.cells == [("0x1234",)]
    assert not reading.rows.select(told)["A"][0]


def test_floats_of_other_machines(read: Read) -> None:
    assert cell(read, "COMP-1", bytes.fromhex("4048F5C3"), floats="ieee") == "3.14"
    assert cell(read, "COMP-1", bytes.fromhex("C3F54840"), floats="ieee-little") == "3.14"
    assert cell(read, "COMP-2", bytes.fromhex("182D4454FB210940"), floats="ieee-little") == (
        "3.141592653589793"
    )
    assert cell(read, "COMP-2", bytes.fromhex("0000000000001041"), floats="ibm-little") == "1.0"
    assert cell(read, "COMP-1", bytes.fromhex("7FC00000"), floats="ieee") == "0x7FC00000"
    assert cell(read, "PIC S9(4) COMP", b"\xfe\xff", binary="little") == "-2"


@pytest.mark.parametrize(
    ("page", "byte", "character"),
    [
        ("cp037", 0x5B, "$"), ("cp1140", 0x9F, "€"), ("cp500", 0x4A, "["), ("cp273", 0x4A, "Ä"),
        ("cp1047", 0xAD, "["), ("IBM-1047", 0xBD, "]"), ("cp285", 0x5B, "£"), ("cp277", 0x5B, "Å"),
        ("cp1148", 0x9F, "€"), ("cp1141", 0xC0, "ä"), ("cp297", 0xC0, "é"), ("cp875", 0x41, "Α"),
        ("cp838", 0x42, "ก"), ("cp1160", 0xFE, "€"), ("cp870", 0xB6, "ž"), ("cp1025", 0x42, "ђ"),
    ],
)  # fmt: skip
def test_code_pages(read: Read, page: str, byte: int, character: str) -> None:
    assert cell(read, "PIC X(2)", bytes([byte, 0xC1]), encoding=page) == character + "A"


@pytest.mark.parametrize("page", ["cp1364", "utf-8", "utf-16", "cp932", "rot13", "nonsense", ""])
def test_pages_that_are_not_read(page: str) -> None:
    with pytest.raises(UsageError, match="code page"):
        copybook(ONE.format("PIC X"), encoding=page)


def test_what_fills_a_field_that_has_no_value(read: Read) -> None:
    text = ONE.format("PIC X(2)") + "           05  B  PIC S9(3) COMP-3.\n"
    text += "           05  C  PIC 9(2).\n           05  D  PIC S9(4) COMP.\n"
    low, high, blank = bytes(8), b"\xff" * 8, b"\x40" * 8
    assert read(low + high + blank, copybook(text)).cells == [
        (None, None, None, "0"),
        ("\x9f\x9f", "0xFFFF", "0xFFFF", "-1"),
        ("  ", "0x4040", "  ", "16448"),
    ]
    assert read(low + high + blank, copybook(text, no_value="high-values,blanks")).cells == [
        ("\0\0", "0x0000", "0x0000", "0"),
        (None, None, None, "-1"),
        (None, None, None, "16448"),
    ]
