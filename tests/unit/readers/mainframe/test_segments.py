"""Records of several kinds, arrays with a count, and fields that share their bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

import cleanhold
from cleanhold.readers import copybook, framing, reader_for

from .conftest import Read
from .test_record_formats import block, variable

COMPANIES = """
       01  COMPANY-DETAILS.
           05  SEGMENT-ID        PIC X.
           05  COMPANY-ID        PIC 9(2).
           05  COMPANY.
               10  NAME          PIC X(4).
               10  SIZE-CODE     PIC 9.
           05  CONTACT REDEFINES COMPANY.
               10  NAME          PIC X(3).
"""
KINDS = {"C": "COMPANY", "D": "COMPANY", "P": "CONTACT"}
DATA = variable(b"P09Zoe", b"C01Acme1", b"P01Ann", b"X99", b"P01Bob", b"D02Emca2", b"C")


def test_every_segment(read: Read) -> None:
    reader = copybook(COMPANIES, "V", "ascii", segment_field="SEGMENT-ID", segments=KINDS)
    reading = read(DATA, reader)
    assert list(reading.framing.columns) == [
        "SEGMENT-ID", "COMPANY-ID", "COMPANY.NAME", "SIZE-CODE", "CONTACT.NAME",
    ]  # fmt: skip
    assert reading.cells == [
        ("P", "09", None, None, "Zoe"),
        ("C", "01", "Acme", "1", None),
        ("P", "01", None, None, "Ann"),
        ("P", "01", None, None, "Bob"),
        ("D", "02", "Emca", "2", None),
    ]
    assert reading.codes == {4: "unknown_segment", 7: "wrong_length"}
    assert reading.refused["message"].to_list() == [
        "the segment id in SEGMENT-ID is none of C, D, P",
        "1 characters, 6 or 8 expected",
    ]


def test_one_segment(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = copybook(
        COMPANIES, "V", "ascii", segment_field="SEGMENT-ID", segments=KINDS, segment="P"
    )
    for size in (8, 1 << 20):
        monkeypatch.setattr(framing, "BLOCK", size)
        reading = read(DATA, reader)
        assert list(reading.framing.columns) == ["SEGMENT-ID", "COMPANY-ID", "NAME"]
        assert reading.cells == [("P", "09", "Zoe"), ("P", "01", "Ann"), ("P", "01", "Bob")]
        assert reading.rows["__record"].to_list() == [1, 2, 4]
        assert reading.codes == {3: "unknown_segment"}
        assert reading.framing.overhead == 12 + 12 + 5
        assert reading.framing.notes == (
            "2 records of segment 'C' are not read here",
            "1 records of segment 'D' are not read here",
        )


def test_every_record_is_read_by_one_source_or_refused_by_all(read: Read) -> None:
    wanted = [("C", "D"), ("P",)]
    readings = [
        read(DATA, copybook(COMPANIES, "V", "ascii", segment_field="segment-id",
                            segments=KINDS, segment=kinds))
        for kinds in wanted
    ]  # fmt: skip
    offsets = [offset for reading in readings for offset in reading.rows["__offset"]]
    refused = {offset for reading in readings for offset in reading.refused["offset"]}
    assert len(offsets) == len(set(offsets)) == 5
    assert len(refused) == 2
    assert not refused & set(offsets)


def test_segments_in_a_block_that_is_cut_off(read: Read) -> None:
    data = block(b"C01Acme1", b"P01Ann")[:-2]
    reader = copybook(
        COMPANIES, "VB", "ascii", segment_field="SEGMENT-ID", segments=KINDS, segment="C"
    )
    reading = read(data, reader)
    assert reading.cells == [("C", "01", "Acme", "1")]
    assert reading.codes == {2: "cut_off"}


def test_records_of_level_01_as_segments(read: Read) -> None:
    text = """
       01  HEAD-RECORD.
           05  KIND     PIC X.
           05  CREATED  PIC 9(4).
       01  LINE-RECORD.
           05  FILLER   PIC X.
           05  AMOUNT   PIC 9(2)V9.
"""
    data = variable(b"H2026", b"L123")
    kinds = {"H": "HEAD-RECORD", "L": "LINE-RECORD"}
    reader = copybook(text, "V", "ascii", segment_field="KIND", segments=kinds, segment="L")
    assert read(data, reader).cells == [("12.3",)]
    assert read(b"L123", copybook(text, "F", "ascii", record="LINE-RECORD")).cells == [("12.3",)]
    both = copybook(text, "V", "ascii", short="pad")
    assert list(read(data, both).framing.columns) == ["KIND", "CREATED", "AMOUNT"]


ORDERS = """
       01  ORDERS.
           05  ID          PIC X.
           05  LINE-COUNT  PIC 9.
           05  LINES OCCURS 0 TO 3 TIMES DEPENDING ON LINE-COUNT.
               10  PARTS   PIC 9.
               10  PART OCCURS 2 TIMES DEPENDING ON PARTS PIC X.
           05  CLOSED      PIC X.
"""


def test_arrays_of_varying_length(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    text = ORDERS.replace("OCCURS 2", "OCCURS 1 TO 2")
    records = [b"a0y", b"b21x2yzn", b"c11pn", b"d4n", b"e?n", b"f19n", b"g13abcn", b"h2", b"i12n"]
    columns = ["ID", "LINE-COUNT", "PARTS[1]", "PART[1,1]", "PART[1,2]", "PARTS[2]", "PART[2,1]"]
    columns += ["PART[2,2]", "PARTS[3]", "PART[3,1]", "PART[3,2]", "CLOSED"]
    for size in (4, 1 << 20):
        monkeypatch.setattr(framing, "BLOCK", size)
        reading = read(variable(*records), copybook(text, "V", "ascii"))
        assert list(reading.framing.columns) == columns
        assert [tuple(c for c in cells if c is not None) for cells in reading.cells] == [
            ("a", "0", "y"), ("b", "2", "1", "x", "2", "y", "z", "n"), ("c", "1", "1", "p", "n"),
        ]  # fmt: skip
        assert reading.codes == {
            4: "bad_count", 5: "bad_count", 6: "bad_count", 7: "bad_count", 8: "wrong_length",
            9: "wrong_length",
        }  # fmt: skip
    whole = b"".join(records[:3])
    assert read(whole, copybook(text, "U", "ascii")).rows.height == 3


def test_arrays_with_room_for_all(read: Read) -> None:
    data = b"a1" + b"2xy" + b"??? ? " + b"n" + b"b0" + b"9" * 9 + b"y" + b"c2" + b"2xy9zz   n"
    reading = read(data, copybook(ORDERS, "F", "ascii"))
    assert reading.cells[0][:5] == ("a", "1", "2", "x", "y")
    assert reading.cells[0][5:] == (None,) * 6 + ("n",)
    assert reading.cells[1] == ("b", "0", *(None,) * 9, "y")
    assert reading.codes == {3: "bad_count"}


def test_from_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "company.cob"
    path.write_text(COMPANIES, encoding="utf-8")
    reader = reader_for(
        "copybook", copybook=str(path), recfm="v", encoding="ascii", segment_field="SEGMENT-ID",
        segments="C:COMPANY,D:COMPANY, P:CONTACT", segment="C,D", rdw_adjustment="-4",
        file_start="0", filler="true", no_value="low-values,blanks",
    )  # fmt: skip
    assert reader == copybook(
        COMPANIES, "V", "ascii", segment_field="SEGMENT-ID", segments=KINDS, segment=("C", "D"),
        filler=True, no_value=("low-values", "blanks"),
    )  # fmt: skip


CONTRACT = """
import pandera.polars as pa
from cleanhold import contract, field

@contract("legacy.companies", version="1.0.0", owner="team@example.org", key="company_id")
class Companies(pa.DataFrameModel):
    company_id: int = field()
    name: str = field()
    size_code: int = field(nullable=True)
"""


def test_what_is_no_number_holds_its_row(tmp_path: Path) -> None:
    (tmp_path / "companies.py").write_text(CONTRACT, encoding="utf-8")
    extract = tmp_path / "companies.dat"
    extract.write_bytes(
        variable(b"C01Acme1", b"C02\0\0\0\0?", b"C03Acm?2", b"C04\xffcm23", b"P01Ann")
    )
    reader = copybook(COMPANIES, "V", "ascii", segment_field="SEGMENT-ID", segments=KINDS,
                      segment="C")  # fmt: skip
    contract = cleanhold.load_contract(str(tmp_path / "companies.py"))
    report = cleanhold.check_file(extract, contract, reader)
    assert (report.account.clean, report.account.held) == (2, 2)
    assert {(c.check, c.column): c.failed for c in report.checks if c.failed} == {
        ("parse", "name"): 1, ("parse", "size_code"): 1, ("not_null", "name"): 1,
    }  # fmt: skip
