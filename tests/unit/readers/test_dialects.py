from __future__ import annotations

import pytest

from cleanhold.errors import DeliveryError
from cleanhold.readers import delimited, framing

from .conftest import Read


@pytest.mark.parametrize(
    ("delimiter", "quote", "data", "cells"),
    [
        ("||", '"', 'a||b\n1||2\n"x||y"||""\n3||\n|||z\n', ["2", "", None, "|z"]),
        ("~|~", '"', 'a~|~b\n1~|~"q""q"\n', ['q"q']),
        ("::", None, 'a::b\n1::2:3\n2::"\n', ["2:3", '"']),
        ("¦", '"', 'a¦b\n1¦"x¦"\n', ["x¦"]),
        ("§", "«", "a§b\n1§«x§««»«\n", ["x§«»"]),
    ],
)
def test_delimiters_and_quotes_that_polars_does_not_know(
    read: Read, delimiter: str, quote: str | None, data: str, cells: list[str | None]
) -> None:
    reading = read(data.encode(), delimited(delimiter=delimiter, quote=quote))
    assert reading.codes == {}
    assert [row[1] for row in reading.cells] == cells


def test_rows_of_a_long_delimiter_are_refused_alone(read: Read) -> None:
    data = b'a||b\n1\n2||3||4\n5||"open\n6||x"y\n7||\xff\n8||\0\n9||ok\r\n'
    reading = read(data, delimited(delimiter="||"))
    assert reading.cells == [("9", "ok")]
    assert list(reading.codes.values()) == [
        *("too_few_fields", "too_many_fields", "open_quote", "stray_quote"),
        *("undecodable", "nul_byte"),
    ]


def test_an_escape_goes_before_marks_only(read: Read) -> None:
    lines = [
        *(r"1,x\,y", r'2,"say \"hi\""', r"3,\N", r'4,"a\\"', "5,line\\\nbreak", '6,"a""b"'),
        *(r"7,C:\dir", r'8,"open\"', "9,ab\\\r\ncd", r"10,\\\,"),
    ]
    reading = read(("a,b\n" + "\n".join(lines) + "\n").encode(), delimited(escape="\\"))
    assert [row[1] for row in reading.cells] == [
        *("x,y", 'say "hi"', r"\N", "a\\", "line\nbreak", 'a"b', r"C:\dir", "ab\r\ncd", "\\,"),
    ]
    assert reading.codes == {8: "open_quote"}


def test_comments_are_overhead_and_told(read: Read) -> None:
    data = b'# top\na,b\n# one "quote\n1,2\n#x,y\n\n3,"multi\n# no comment"\n#end\n4,5\n# last'
    reading = read(data, delimited(comment="#"))
    assert reading.cells == [("1", "2"), ("3", "multi\n# no comment"), ("4", "5")]
    assert reading.framing.notes == ("lines of comments between records: 4 (17 bytes)",)
    assert reading.rows["__length"].to_list() == [4, 23, 4]
    assert reading.framing.overhead == len(data) - 31


def test_comments_in_a_file_of_one_column(read: Read) -> None:
    reading = read(b"a\n#c\n1\n\n#d\n\n2\n", delimited(comment="#"))
    assert reading.cells == [("1",), (None,), (None,), ("2",)]


def test_a_refused_record_has_its_own_bytes_only(read: Read) -> None:
    reading = read(b"a,b\n1\n# comment\n2,3\n", delimited(comment="#"))
    assert reading.refused["bytes"].to_list() == [b"1\n"]


def test_comments_without_end_are_kept(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "BLOCK", 50)
    monkeypatch.setattr(framing, "MAX_RECORD", 200)
    reading = read(b"a,b\n1,2\n" + b"# comment\n" * 100 + b"3,4\n", delimited(comment="#"))
    assert reading.cells == [("1", "2"), ("3", "4")]
    assert set(reading.codes.values()) <= {"too_long"}


def test_the_header_in_a_row_that_is_named(read: Read) -> None:
    data = b'junk "\nReport,\nid,name,at\n1,2,3\n'
    assert read(data, delimited(header_row=3)).cells == [("1", "2", "3")]
    reading = read(data, delimited(header_row=["id", "name"]))
    assert reading.cells == [("1", "2", "3")]
    assert reading.framing.notes == ("lines before the header that are not data: 2",)
    with pytest.raises(DeliveryError, match="no header with the names id, code"):
        read(data, delimited(header_row=["id", "code"]))


def test_a_line_that_only_mentions_the_names_is_not_the_header(read: Read) -> None:
    reading = read(b"columns: id and name,\nid,name\n1,2\n", delimited(header_row=["id", "name"]))
    assert reading.cells == [("1", "2")]


def test_a_header_of_several_rows(read: Read) -> None:
    reading = read(b"Sales,,Costs\nq1,q2,q1\n1,2,3\n", delimited(header_rows=2))
    assert list(reading.framing.columns) == ["Sales q1", "q2", "Costs q1"]
    assert reading.cells == [("1", "2", "3")]
    with pytest.raises(DeliveryError, match="different numbers of fields"):
        read(b"Sales\nq1,q2,q1\n1,2,3\n", delimited(header_rows=2))
    with pytest.raises(DeliveryError, match="no header"):
        read(b"Sales,Costs\n", delimited(header_rows=2))


@pytest.mark.slow
@pytest.mark.parametrize("delimiter", [",", "||"])
def test_a_line_of_sixty_megabytes(read: Read, delimiter: str) -> None:
    long = b"y" * 60_000_000
    data = delimiter.encode().join([b"a", b"b\n1", long + b"\n2", b"z\n"])
    reading = read(data, delimited(delimiter=delimiter))
    assert [len(row[1] or "") for row in reading.cells] == [60_000_000, 1]  # type: ignore[arg-type]
