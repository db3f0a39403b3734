from __future__ import annotations

from pathlib import Path

import pytest

from cleanhold.errors import UsageError
from cleanhold.readers import fixed_width, reader_for

from .conftest import Read

FIELDS = [("no", 1, 2), ("name", 4, 3)]


@pytest.mark.parametrize(
    "table",
    [
        "name,start,length,type\nno,1,2,number\nname,4,3,text\n",
        "\ufeffName\tStart\tEnd\r\nno\t1\t2\r\nname\t4\t6\r\n",
    ],
)
def test_a_layout_as_a_table(tmp_path: Path, table: str) -> None:
    path = tmp_path / "layout.csv"
    path.write_text(table, encoding="utf-8", newline="")
    assert fixed_width(path) == fixed_width(FIELDS)
    assert reader_for("fixed-width", layout=str(path)) == fixed_width(FIELDS)
    assert fixed_width(path).describe()["layout"] == [list(field) for field in FIELDS]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("", "no column name, start, length"),
        ("name,start\nno,1\n", "no column length"),
        ("name,start,length\nno,one,2\n", "line 2"),
        ("name,start,length\n", "no fields"),
    ],
)
def test_tables_that_are_no_layout(tmp_path: Path, table: str, says: str) -> None:
    path = tmp_path / "layout.csv"
    path.write_text(table, encoding="utf-8")
    with pytest.raises(UsageError, match=says):
        fixed_width(path)


def test_records_of_a_length(read: Read) -> None:
    reader = fixed_width([("a", 1, 2), ("b", 3, 2)], record_length=5)
    reading = read(b"01xx.02\n\r.03", reader)
    assert reading.cells == [("01", "xx"), ("02", "\n\r")]
    assert reading.codes == {3: "wrong_length"}
    assert reading.refused["message"].to_list() == ["2 characters, 5 expected"]
    assert reading.rows["__offset"].to_list() == [0, 5]


@pytest.mark.parametrize(
    ("encoding", "data", "cells", "codes"),
    [
        ("utf-8", "éb1é12".encode(), [], {1: "wrong_length", 2: "wrong_length"}),
        ("utf-8", "abcéabc".encode(), [], {1: "undecodable", 2: "undecodable"}),
        (
            "cp932",
            "ab12表ab表".encode("cp932"),
            [("ab", "12")],
            {2: "wrong_length", 3: "wrong_length"},
        ),
        ("cp932", "ab1表123".encode("cp932"), [("\\1", "23")], {1: "undecodable"}),
        ("cp037", "abé1\x85\n12".encode("cp037"), [("ab", "é1"), ("\x85\n", "12")], {}),
        ("utf-16-le", "abé1".encode("utf-16-le") + b"1", [("ab", "é1")], {2: "wrong_length"}),
    ],
)
def test_records_of_a_length_in_encodings(
    read: Read, encoding: str, data: bytes, cells: list[object], codes: dict[int, str]
) -> None:
    layout, length = [("a", 1, 2), ("b", 3, 2)], 4
    reading = read(data, fixed_width(layout, encoding, record_length=length))
    assert (reading.cells, reading.codes) == (cells, codes)


@pytest.mark.parametrize(
    "options", [{"skip_lines": 1}, {"trailer": 1}, {"width": 9}, {"short": "pad"}]
)
def test_what_a_record_length_does_not_go_with(options: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="record_length and"):
        fixed_width(FIELDS, record_length=8, **options)  # type: ignore[arg-type]
