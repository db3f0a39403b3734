"""Every reader over the same hostile bytes, and over files that nobody here wrote."""

from __future__ import annotations

import csv
import random
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from pyarrow.orc import write_table as write_orc

from cleanhold.core.reading import Reader
from cleanhold.errors import DeliveryError
from cleanhold.readers import (
    arrow,
    avro,
    delimited,
    fixed_width,
    framing,
    json_document,
    ndjson,
    orc,
    parquet,
    xml,
)
from cleanhold.testing.reader_suite import account_for

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
SAMPLES = Path(__file__).parents[2] / "data" / "samples"

READERS = {
    "csv": delimited(),
    "csv without quotes": delimited(quote=None, delimiter=";"),
    "csv without header": delimited(header=["a", "b"], encoding="cp1252"),
    "csv of one column": delimited(header=["a"], encoding="latin-1"),
    "fixed-width": fixed_width([("a", 1, 2), ("b", 3, 1)]),
    "fixed-width padded": fixed_width([("a", 2, 3)], short="pad", encoding="cp850"),
    "ndjson": ndjson(),
    "ndjson flattened": ndjson(flatten="dots"),
    "json": json_document(),
    "json below keys": json_document("$.a", {"b": "$.a.b[0]"}),
    "parquet": parquet(),
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
HEADS = {
    "csv": b"a,b\n",
    "csv without quotes": b"a;b\n",
    "json": b'[{"a":1}',
    "json below keys": b'{"a":[\n{"a":1}',
    "xml": b"<a><r/>",
    "xml of anything": b"<a><r>",
}
PIECES = [
    *(b'"', b",", b";", b"\n", b"\r", b"\r\n", b'""', b"\0", b"\xff", b"\xef\xbb\xbf", b"a"),
    *(b"=cmd", b"\xe2\x80\xa8", b" ", b"1", b'",', b'\n"', b"\x1a", b"\x81", b"x^", b"\x1f\x8b"),
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
    assert read > 10 or name in TABLES


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
        "csv": b"a,b\n1,2\n3,4\n",
        "csv without quotes": b"a;b\n1;2\n3;4\n",
        "csv without header": b"1,2\n3,4\n",
        "csv of one column": b"1\n\n",
        "fixed-width": b"ab1\nab2\n",
        "fixed-width padded": b"abcd\na\n",
        "ndjson": b'{"a":1}\n{"a":2}\n',
        "ndjson flattened": b'{"a":{"b":1}}\n{"a":2}\n',
        "json": b'[{"a":1},\n{"a":2}]\n',
        "json below keys": b'{"x":{},"a":[{"a":{"b":[1]}},{"a":2}],"y":[]}',
        "xml": b"<a><r/> <r n='1'>x</r></a>",
        "xml of anything": b"<a><b><r/></b><r><r/></r></a>",
    }
    if name in TABLES:
        TABLES[name](path)
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
