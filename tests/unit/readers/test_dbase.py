from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path
from struct import pack

import polars as pl
import pytest

from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers import dbase, dbase_records, reader_for
from cleanhold.testing.reader_suite import Reading, account_for

from .conftest import Read
from .dbase_tables import ANNA, BORIS, GONE, PEOPLE, table

REAL = Path(__file__).parents[3].parent / "shared" / "data" / "files" / "dbf"
REAL = REAL if REAL.exists() else Path("/work/shared/data/files/dbf")


def unreadable(reading: Reading) -> list[tuple[str, str]]:
    """(column, text) of every cell that is told as unreadable."""
    found = []
    for column, tells in reading.framing.unreadable.items():
        texts = reading.rows.filter(tells(pl.col(column)))[column].to_list()
        found += [(column, text) for text in texts if text is not None]
    return found


def test_types_become_plain_text(read: Read) -> None:
    reading = read(table(PEOPLE, [ANNA, BORIS, b" " * 22]), dbase())
    assert reading.cells == [
        ("Anna", "1987-03-01", "1.50", "true"),
        ("Boris", "1980-11-12", "-2", "false"),
        (None, None, None, None),
    ]
    assert unreadable(reading) == []


@pytest.mark.parametrize("kind", "CNDLMIBTYV+@OGPQX")
def test_a_field_of_no_width_never_has_a_value(read: Read, kind: str) -> None:
    fields = [("A", "C", 1), ("B", kind, 0)]
    assert read(table(fields, [b" x", b" y"]), dbase()).cells == [("x", None), ("y", None)]


def test_deleted_records_are_refused_with_their_bytes(read: Read) -> None:
    reading = read(table(PEOPLE, [ANNA, GONE, BORIS]), dbase())
    assert reading.codes == {2: "deleted_record"}
    assert reading.refused["bytes"].to_list() == [GONE]
    assert reading.rows["__record"].to_list() == [1, 3]


def test_deleted_records_can_be_kept_as_rows(read: Read) -> None:
    reading = read(table(PEOPLE, [ANNA, GONE]), dbase(deleted="keep"))
    assert reading.codes == {}
    assert reading.rows["deleted_record"].to_list() == ["false", "true"]


def test_what_is_no_value_stays_as_delivered_and_is_told(read: Read) -> None:
    bad = [b" Cleo  NotADay!******x", b" Dora  20260230   1,5?", b" Ed    00000000  1e-2Y"]
    reading = read(table(PEOPLE, bad), dbase())
    assert reading.codes == {}
    assert unreadable(reading) == [
        ("BORN", "NotADay!"),
        ("BORN", "20260230"),
        ("PAID", "******"),
        ("PAID", "1,5"),
        ("OK", "x"),
    ]
    assert reading.rows["OK"].to_list() == ["x", None, "true"]


def test_the_table_names_its_code_page(read: Read) -> None:
    data = table([("T", "C", 4)], [b" \x8el  ", b" ab  "], page=0x02)
    assert read(data, dbase()).cells == [("Äl",), ("ab",)]
    assert read(data, dbase(encoding="cp1252")).cells == [("Žl",), ("ab",)]
    nameless = table([("T", "C", 4)], [b" \x8el  ", b" ab  "], page=0)
    reading = read(nameless, dbase())
    assert reading.codes == {1: "undecodable"}
    assert any("names no code page" in note for note in reading.framing.notes)


@pytest.mark.parametrize(
    ("encoding", "good", "bad"),
    [("cp932", "日本", b"\x81"), ("utf-8", "日é", b"\xff"), ("cp1252", "é€", b"\x81")],
)
def test_bytes_that_mean_nothing_refuse_their_record(
    read: Read, encoding: str, good: str, bad: bytes
) -> None:
    cells = [good.encode(encoding), bad, b"a\nb"]
    data = table([("T", "C", 6)], [b" " + cell.ljust(6) for cell in cells])
    reading = read(data, dbase(encoding=encoding))
    assert reading.cells == [(good,), ("a\nb",)]
    assert reading.codes == {2: "undecodable"}


def test_binary_fields_of_visual_foxpro(read: Read) -> None:
    fields = [("I", "I", 4), ("Y", "Y", 8), ("B", "B", 8), ("T", "T", 8)]
    moment = pack("<II", 2_461_366, 37_230_500)
    records = [
        b" " + pack("<i", -7) + pack("<q", -12_345) + pack("<d", 0.1) + moment,
        b" " + pack("<i", 0) + pack("<q", 5) + pack("<d", 3.0) + bytes(8),
        b" " + pack("<i", 1) + pack("<q", 0) + pack("<d", float("inf")) + b"\xff" * 8,
    ]
    reading = read(table(fields, records, version=0x30), dbase())
    assert reading.cells == [
        ("-7", "-1.2345", "0.1", "2026-11-21T10:20:30.500"),
        ("0", "0.0005", "3", None),
        ("1", "0.0000", "inf", "0xffffffffffffffff"),
    ]
    assert unreadable(reading) == [("B", "inf"), ("T", "0xffffffffffffffff")]


def test_null_flags_and_texts_of_varying_length(read: Read) -> None:
    fields = [("V", "V", 5), ("N", "N", 2), ("_NullFlags", "0", 1)]
    records = [b" ab \0\x03 7\x01", b" abcde 8\x00", b" xxxxx 9\x04"]
    reading = read(table(fields, records, version=0x32, nullable=["N"]), dbase())
    assert reading.cells == [("ab ", "7"), ("abcde", "8"), ("xxxxx", "9")]
    records = [b" abcde 8\x02"]
    reading = read(table(fields, records, version=0x32, nullable=["N"]), dbase())
    assert reading.cells == [("abcde", None)]


def test_a_file_that_was_cut_off(read: Read) -> None:
    whole = table(PEOPLE, [ANNA, BORIS, ANNA], end=b"")
    reading = read(whole[:-5], dbase())
    assert (reading.rows.height, reading.codes) == (2, {3: "truncated_record"})
    assert reading.refused["bytes"].to_list() == [ANNA[:-5]]
    assert "the table promises 3 records and has 2" in reading.framing.notes
    at_boundary = read(whole[: -len(ANNA)], dbase())
    assert (at_boundary.records, at_boundary.framing.notes) == (2, reading.framing.notes)


def test_a_header_that_promises_too_few(read: Read, tmp_path: Path) -> None:
    data = table(PEOPLE, [ANNA, BORIS, GONE], promised=1)
    reading = read(data, dbase())
    assert (reading.rows.height, reading.codes) == (2, {3: "deleted_record"})
    assert "the table promises 1 records and has 3" in reading.framing.notes
    with pytest.raises(DeliveryError, match="promises 1 records and has 3"):
        dbase(count="exact").open(tmp_path / "extract")


def test_records_with_another_first_byte_are_refused(read: Read) -> None:
    reading = read(table(PEOPLE, [ANNA, b"\0" + BORIS[1:], BORIS]), dbase())
    assert reading.codes == {2: "bad_record_flag"}


def test_bytes_after_the_end_are_told(read: Read) -> None:
    reading = read(table(PEOPLE, [ANNA], end=b"\x1aleft over"), dbase())
    assert reading.records == 1
    assert "9 bytes after the closing Ctrl-Z belong to no record" in reading.framing.notes
    reading = read(table(PEOPLE, [ANNA], end=b"no end"), dbase())
    assert reading.codes == {2: "truncated_record"}


MEMO = [("ID", "N", 2), ("TEXT", "M", 10)]
POINTING = [b"  1         1", b"  2          ", b"  3         9", b"  4       x  "]


def dbase3_memo() -> bytes:
    return bytes(512) + "Größe".encode("cp1252") + b"\x1a\x1a" + bytes(600)


def dbase4_memo() -> bytes:
    head = bytes(20) + pack("<H", 512) + bytes(490)
    return head + b"\xff\xff\x08\x00" + pack("<I", 13) + "Größe".encode("cp1252") + bytes(600)


def foxpro_memo() -> bytes:
    head = pack(">IHH", 2, 0, 512) + bytes(504)
    return head + pack(">II", 1, 5) + "Größe".encode("cp1252") + bytes(600)


@pytest.mark.parametrize(
    ("version", "ending", "memo"),
    [
        (0x83, ".dbt", dbase3_memo()),
        (0x8B, ".DBT", dbase4_memo()),
        (0xF5, ".fpt", foxpro_memo()),
    ],
)
def test_memos_beside_the_table_and_in_an_archive(
    tmp_path: Path, version: int, ending: str, memo: bytes
) -> None:
    data = table(MEMO, POINTING, version=version)
    (tmp_path / "notes.dbf").write_bytes(data)
    (tmp_path / f"NOTES{ending}").write_bytes(memo)
    archive = tmp_path / "delivery.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("sub/notes.dbf", data)
        packed.writestr(f"sub/notes{ending}", memo)
    for reading in (
        account_for(dbase(), tmp_path / "notes.dbf"),
        account_for(dbase(), archive),
    ):
        assert reading.cells[:2] == [("1", "Größe"), ("2", None)]
        assert [column for column, _ in unreadable(reading)] == ["TEXT", "TEXT"]
        assert "block 9" in unreadable(reading)[0][1]


def test_a_missing_memo_file_does_not_fail_the_table(read: Read) -> None:
    reading = read(table(MEMO, POINTING, version=0x83), dbase())
    assert reading.rows["ID"].to_list() == ["1", "2", "3", "4"]
    assert len(unreadable(reading)) == 3
    assert "memos: there is no memo file" in reading.framing.notes


def test_many_large_memos_are_read_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dbase_records, "_MEMOS", 12)
    (tmp_path / "x.dbf").write_bytes(table(MEMO, POINTING[:1] * 9, version=0xF5))
    (tmp_path / "x.fpt").write_bytes(foxpro_memo())
    reading = account_for(dbase(), tmp_path / "x.dbf")
    assert reading.rows["TEXT"].to_list() == ["Größe"] * 9


@pytest.mark.parametrize(
    ("names", "says"),
    [((), "0 dBase tables"), (("a.dbf", "b.dbf"), "2 dBase tables"), (("a.fpt",), "0 dBase")],
)
def test_archives_of_something_else(tmp_path: Path, names: tuple[str, ...], says: str) -> None:
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("readme.txt", b"")
        for name in names:
            packed.writestr(name, b"")
    with pytest.raises(DeliveryError, match=says):
        dbase().open(archive)


def test_an_archive_that_would_burst(tmp_path: Path) -> None:
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.dbf", bytes(40 * 2**20))
    with pytest.raises(DeliveryError, match="would be"):
        dbase().open(archive)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not a dBase table"),
        (b"a,b\n1,2\n" * 9, "not a dBase table"),
        (b"\x03" + bytes(40), "contradicts itself"),
        (table(PEOPLE, [ANNA])[:100], "contradicts itself"),
        (table([("A", "C", 9)], [])[:10] + b"\x05\x00" + table([("A", "C", 9)], [])[12:], "fields"),
    ],
)
def test_what_is_no_table(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "x.dbf").write_bytes(data)
    with pytest.raises(DeliveryError, match=says) as caught:
        dbase().open(tmp_path / "x.dbf")
    assert caught.value.where == "x.dbf"


@pytest.mark.parametrize("seed", range(4))
def test_damaged_tables_never_break_the_reader(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    whole = table([*PEOPLE, *MEMO], [ANNA + POINTING[0][1:]] * 20, version=0x83)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.dbf", whole)
        archive.writestr("a.dbt", dbase3_memo())
    for sound in (whole, packed.getvalue()):
        for _ in range(40):
            data = bytearray(
                sound[: chance.randrange(len(sound))] if chance.random() < 0.5 else sound
            )
            for _ in range(chance.choice([0, 1, 5])):
                if data:
                    data[chance.randrange(len(data))] = chance.randrange(256)
            (tmp_path / "x.dbf").write_bytes(data)
            (tmp_path / "x.dbt").write_bytes(dbase3_memo()[: chance.randrange(1200)])
            try:
                account_for(dbase(), tmp_path / "x.dbf")
            except DeliveryError:
                continue


def test_options() -> None:
    reader = reader_for("dbase", encoding="CP850", deleted="keep", count="exact")
    assert reader.describe() == {
        "format": "dbase",
        "encoding": "cp850",
        "deleted": "keep",
        "count": "exact",
    }
    for option, value in (("deleted", "skip"), ("count", "any"), ("encoding", "utf-16")):
        with pytest.raises(UsageError):
            reader_for("dbase", **{option: value})


@pytest.mark.skipif(not REAL.exists(), reason="the shared data are not here")
def test_real_tables() -> None:
    reading = account_for(dbase(), REAL / "memotest.dbf")
    assert reading.rows["MEMO"].to_list() == ["Alice memo", "Bob memo"]
    assert reading.codes == {3: "deleted_record"}
    bad = account_for(dbase(), REAL / "invalid_value.dbf")
    assert unreadable(bad) == [("BIRTHDATE", "NotAYear")]
    assert len(unreadable(account_for(dbase(), REAL / "no_memofile.dbf"))) == 2
