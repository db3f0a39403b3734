"""Every reader over the same hostile bytes, and over files that nobody here wrote."""

from __future__ import annotations

import csv
import random
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from pyarrow.orc import write_table as write_orc

from cleanhold.core.reading import Reader
from cleanhold.errors import DeliveryError
from cleanhold.readers import (
    arrow,
    avro,
    copybook,
    dbase,
    delimited,
    excel,
    fixed_width,
    framing,
    json_document,
    ndjson,
    orc,
    parquet,
    statistics,
    xml,
)
from cleanhold.testing.reader_suite import account_for

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
SAMPLES = Path(__file__).parents[2] / "data" / "samples"

COPYBOOK = """
       01  CARD.
           05  KIND             PIC X.
           05  ROWS             PIC 9.
           05  CARD-ROWS OCCURS 0 TO 2 TIMES DEPENDING ON ROWS.
               10  AMOUNT       PIC S9V9.
           05  A-CARD.
               10  PAID         PIC S9(3) COMP-3.
           05  B-CARD REDEFINES A-CARD.
               10  RATE         COMP-1.
"""
KINDS = {"segment_field": "KIND", "segments": {"a": "A-CARD", '"': "B-CARD"}}

READERS = {
    "copybook fixed": copybook(COPYBOOK, file_start=1),
    "copybook with descriptors": copybook(COPYBOOK, "V", "ascii", rdw_adjustment=0, short="pad"),
    "copybook in blocks": copybook(COPYBOOK, "VB", long="ignore", rdw="little", bdw_adjustment=0),
    "copybook lines": copybook(COPYBOOK, "D", "cp1252", short="pad", **KINDS),
    "copybook of one segment": copybook(COPYBOOK, "U", "ascii", segment="a", **KINDS),
    "copybook by length": copybook(
        COPYBOOK, "U", "ascii", length_field="ROWS", length_adjustment=7
    ),
    "csv": delimited(),
    "csv without quotes": delimited(quote=None, delimiter=";"),
    "csv without header": delimited(header=["a", "b"], encoding="cp1252"),
    "csv of one column": delimited(header=["a"], encoding="latin-1"),
    "csv with escapes": delimited(escape="\\", comment="a"),
    "csv with a long delimiter": delimited(delimiter=",a", quote='"', header=["a", "b"]),
    "csv with marks beyond ASCII": delimited(header=["a", "b"], delimiter="é", quote="\ufeff"),
    "csv in UTF-16": delimited(header=["a", "b"], encoding="utf-16-le"),
    "csv in Shift-JIS": delimited(header=["a", "b"], encoding="cp932", quote="'"),
    "csv in EBCDIC": delimited(header=["a"], encoding="cp037"),
    "records of a length": fixed_width([("a", 1, 2)], record_length=3, encoding="gb18030"),
    "records in UTF-32": fixed_width([("a", 1, 1)], record_length=2, encoding="utf-32-be"),
    "fixed-width": fixed_width([("a", 1, 2), ("b", 3, 1)]),
    "fixed-width padded": fixed_width([("a", 2, 3)], short="pad", encoding="cp850"),
    "ndjson": ndjson(),
    "ndjson flattened": ndjson(flatten="dots"),
    "json": json_document(),
    "json below keys": json_document("$.a", {"b": "$.a.b[0]"}),
    "parquet": parquet(),
    "dbase": dbase(encoding="cp437"),
    "arrow": arrow(),
    "arrow stream": arrow(),
    "orc": orc(),
    "avro": avro(),
    "xml": xml("/a/r", {"n": "@n", "t": "."}),
    "xml of anything": xml("//r"),
}
TABLE = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
TABLES = {
    "parquet": TABLE.write_parquet,
    "arrow": TABLE.write_ipc,
    "arrow stream": TABLE.write_ipc_stream,
    "orc": lambda path: write_orc(TABLE.to_arrow(compat_level=pl.CompatLevel.oldest()), path),
    "avro": TABLE.write_avro,
}
#: Formats whose bytes do not come about by chance.
WHOLE = {*TABLES, "excel", "statistics"}
if find_spec("fastexcel") and find_spec("python_calamine"):
    READERS["excel"] = excel(header=False)
if find_spec("pyreadstat"):
    READERS["statistics"] = statistics()
#: A dBase table of one text of two bytes, before its records.
DBASE = bytes.fromhex("037e0b150200000041000300").ljust(32, b"\0")
DBASE += b"A".ljust(11, b"\0") + b"C" + bytes(4) + b"\x02" + bytes(15) + b"\r"

HEADS = {
    "csv": b"a,b\n",
    "csv with escapes": b"x,b\n",
    "csv without quotes": b"a;b\n",
    "dbase": DBASE,
    "json": b'[{"a":1}',
    "json below keys": b'{"a":[\n{"a":1}',
    "xml": b"<a><r/>",
    "xml of anything": b"<a><r>",
}
PIECES = [
    *(b'"', b",", b";", b"\n", b"\r", b"\r\n", b'""', b"\0", b"\xff", b"\xef\xbb\xbf", b"a"),
    *(b"=cmd", b"\xe2\x80\xa8", b" ", b"1", b'",', b'\n"', b"\x1a", b"\x81", b"x^", b"\x1f\x8b"),
    *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"$FL2@(#) SPSS", b"<stata_dta>", b"PK\x03\x04"),
    *(b"\0\x08", b"\x08\0\0\0", b"a0\x12\x3c", b'"1{B\x41\x10\0\0', b"\xc1\xf1", b"a4a4a4"),
    *(b'{"a":1}', b'{"a":"\\u0041"}\n', b"{}", b"[", b"a,b\n", b'"a\nb",c\n', b"ab1\n", b"PAR1"),
    *(b'{"a":{"b":2}}', b',\n{"a":3}', b"]", b"}", b'"\\ud800"', b"]}"),
    *(b"<r>", b"</r>", b"<r n='1'/>", b"<", b"&", b"&lt;", b"</a>", b"<![CDATA[", b"]]>", b"<!--"),
]


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("seed", range(3))
def test_no_bytes_break_a_reader(name: str, seed: int, tmp_path: Path) -> None:
    chance = random.Random(f"{name} {seed}")
    path = tmp_path / "extract"
    read = 0
    with pytest.MonkeyPatch.context() as patch:
        for _ in range(40):
            patch.setattr(framing, "BLOCK", chance.choice([4, 20, 1 << 24]))
            pieces = chance.choices(PIECES, k=chance.randrange(30))
            path.write_bytes(HEADS.get(name, b"") + b"".join(pieces))
            with suppress(DeliveryError):
                account_for(READERS[name], path)
                read += 1
    assert read > 10 or name in WHOLE


@pytest.mark.parametrize("name", TABLES)
def test_no_damage_breaks_a_reader_of_tables_or_changes_the_count(
    name: str, tmp_path: Path
) -> None:
    chance = random.Random(name)
    path = tmp_path / "extract"
    TABLES[name](path)
    whole = path.read_bytes()
    for _ in range(100):
        hurt = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            hurt[chance.randrange(len(hurt))] = chance.choice([0, 1, 255, chance.randrange(256)])
        path.write_bytes(hurt[: chance.choice([len(hurt), len(hurt), chance.randrange(len(hurt))])])
        with suppress(DeliveryError):
            assert account_for(READERS[name], path).records == 2


@pytest.mark.parametrize("name", READERS)
def test_the_suite_on_good_files(name: str, tmp_path: Path) -> None:
    path = tmp_path / "extract"
    good = {
        "copybook fixed": b"\0" + 2 * b"\x81\xf0\0\0\0\0\0\x1c\0\0",
        "copybook with descriptors": 2 * b"\0\x06\0\0a0\0\x1c\0\0",
        "copybook in blocks": b"\x14\0\0\0" + 2 * b"\x0a\0\0\0\x81\xf0\0\x1c\0\0",
        "copybook lines": 2 * b'"0\x41\x10\0\0\r\n',
        "copybook of one segment": b"a0\0\x1c" + b'"0\x41\x10\0\0' + b"a0\0\x1c",
        "copybook by length": 2 * b"a13A\0\x1c\0\0",
        "csv": b"a,b\n1,2\n3,4\n",
        "csv without quotes": b"a;b\n1;2\n3;4\n",
        "csv without header": b"1,2\n3,4\n",
        "csv of one column": b"1\n\n",
        "csv with escapes": b"x,b\n1,\\,\na comment\n3,4\n",
        "csv with a long delimiter": b"1,a2\n3,a4\n",
        "csv with marks beyond ASCII": "1é\ufeff2\ufeff\n3é4".encode(),
        "csv in UTF-16": "1,2\n3,ऊ".encode("utf-16-le"),
        "csv in Shift-JIS": "1,ソ\n'3',4".encode("cp932"),
        "csv in EBCDIC": "1\x85é".encode("cp037"),
        "records of a length": b"abc1\n2",
        "records in UTF-32": "ab\nc".encode("utf-32-be"),
        "fixed-width": b"ab1\nab2\n",
        "fixed-width padded": b"abcd\na\n",
        "ndjson": b'{"a":1}\n{"a":2}\n',
        "dbase": DBASE + b" ab cd\x1a",
        "ndjson flattened": b'{"a":{"b":1}}\n{"a":2}\n',
        "json": b'[{"a":1},\n{"a":2}]\n',
        "json below keys": b'{"x":{},"a":[{"a":{"b":[1]}},{"a":2}],"y":[]}',
        "xml": b"<a><r/> <r n='1'>x</r></a>",
        "xml of anything": b"<a><b><r/></b><r><r/></r></a>",
    }
    if name in TABLES:
        TABLES[name](path)
    elif name == "excel":
        with path.open("wb") as workbook:
            pl.DataFrame({"a": [1, 2]}).write_excel(workbook, include_header=False)
    elif name == "statistics":
        pd.DataFrame({"a": [1, 2]}).to_stata(path, write_index=False)
    else:
        path.write_bytes(good[name])
    reading = account_for(READERS[name], path)
    assert (reading.rows.height, reading.refused.height) == (2, 0)


def test_the_suite_notices_a_reader_that_loses_bytes(tmp_path: Path) -> None:
    class Forgetful:
        format = "csv"

        def describe(self) -> dict[str, object]:
            return {"format": "csv"}

        def open(self, path: Path, progress: object = None) -> object:
            whole = delimited().open(path, progress)  # type: ignore[arg-type]
            kept = (type(c)(c.rows[:1], c.refused) for c in whole.chunks)
            return type(whole)(whole.columns, kept, whole.encoding, whole.overhead)

    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n1,2\n3,4\n")
    reader: Reader = Forgetful()  # type: ignore[assignment]
    with pytest.raises(AssertionError, match="bytes accounted for"):
        account_for(reader, path)


REAL = sorted(
    path.relative_to(SHARED).as_posix()
    for folder in ("crm", "errors", "taxi_2018", "er")
    for path in (SHARED / folder).rglob("*.csv")
)


@pytest.mark.skipif(not REAL, reason="the shared data are not here")
@pytest.mark.parametrize("name", REAL)
def test_real_files_read_like_pythons_csv(name: str) -> None:
    path = SHARED / name
    with path.open(encoding="utf-8-sig", newline="") as handle:
        header, *expected = (row for row in csv.reader(handle) if row)
    reading = account_for(delimited(), path)
    assert reading.codes == {}
    assert len(reading.framing.columns) == len(header)
    cells = [["" if cell is None else cell for cell in row] for row in reading.cells]
    assert cells == expected


NESTED = {"city": "$.address.city"}


@pytest.mark.parametrize(
    ("name", "reader", "rows"),
    [
        ("people_utf16.csv", delimited(encoding="utf-16"), 40),
        ("people_escaped.txt", delimited(delimiter=";", escape="\\"), 40),
        (
            "people_trailer.txt",
            delimited(
                *("~|~", None),
                header_row=["person", "city"],
                header_record="HDR",
                trailer=r"TRL~\|~(?P<count>\d+)",
            ),
            40,
        ),
        ("people_cp932.csv", delimited(delimiter="|", encoding="cp932"), None),
        ("people_ebcdic.txt", fixed_width([("person", 1, 7), ("city", 8, 12)], "cp1140"), None),
        ("people.ndjson", ndjson(flatten=NESTED), 40),
        ("people.json", json_document("$.data.people", NESTED), 40),
        ("people.xml", xml("/people/person", {"person": "@id", "city": "city"}), 40),
    ],
)
def test_samples_of_text_formats(name: str, reader: Reader, rows: int | None) -> None:
    reading = account_for(reader, SAMPLES / "formats" / name)
    whole = account_for(delimited(encoding="utf-16"), SAMPLES / "formats" / "people_utf16.csv")
    cities = {str(person): city for person, city, _ in whole.cells}
    assert reading.codes == {}
    assert reading.rows.height == (rows or reading.rows.height) > 5
    for person, city in reading.rows.select("person", "city").rows():
        assert str(city).strip() == cities[str(person)]


def test_the_sample_of_a_dbase_table() -> None:
    reading = account_for(dbase(), SAMPLES / "formats" / "people.dbf")
    assert reading.codes == {3: "deleted_record"}
    whole = account_for(delimited(encoding="utf-16"), SAMPLES / "formats" / "people_utf16.csv")
    cities = {str(person): city for person, city, _ in whole.cells}
    assert [(p, cities[str(p)]) for p, _ in reading.cells] == [
        (p, str(city).strip()) for p, city in reading.cells
    ]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("truncated_in_quotes", {6: "open_quote"}),
        ("open_quote", {3: "open_quote"}),
        ("stray_quote", {2: "stray_quote", 4: "stray_quote"}),
        ("ragged", {2: "too_few_fields", 3: "too_many_fields", 5: "too_few_fields"}),
        ("undecodable", {4: "undecodable"}),
        ("nul_byte", {5: "nul_byte"}),
        ("no_line_endings_but_cr", {}),
        ("mixed_endings", {}),
        ("quoted_but_right", {}),
    ],
)
def test_hostile_samples(name: str, codes: dict[int, str]) -> None:
    reading = account_for(delimited(), SAMPLES / "bad" / f"{name}.csv")
    assert reading.codes == codes
    assert reading.records == 6
