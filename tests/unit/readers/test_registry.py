from __future__ import annotations

import gzip
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from cleanhold.core.reading import Reader
from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers import (
    delimited,
    fixed_width,
    formats,
    guess_format,
    json_document,
    ndjson,
    parquet,
    reader_for,
    registry,
)


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("a.csv", "csv"),
        ("A.CSV", "csv"),
        ("a.b.tsv", "tsv"),
        ("a.ndjson", "ndjson"),
        ("a.jsonl", "ndjson"),
        ("a.parquet", "parquet"),
        ("a.arrow", "arrow"),
        ("a.feather", "arrow"),
        ("a.orc", "orc"),
        ("a.avro", "avro"),
        ("a.json", "json"),
        ("a.xml", "xml"),
    ],
)
def test_the_format_a_name_speaks_of(name: str, format: str) -> None:
    assert guess_format(Path(name)) == format
    options = {"record": "/a/b"} if format == "xml" else {}
    assert isinstance(reader_for(format, **options), Reader)


@pytest.mark.parametrize("name", ["a", "a.txt", "a.dat", ".csv", "a.csv.bak"])
def test_names_that_do_not_say(name: str) -> None:
    with pytest.raises(UsageError, match="--format"):
        guess_format(Path(name))


def test_compressed_names() -> None:
    with pytest.raises(UsageError, match="decompress"):
        guess_format(Path("a.csv.gz"))


def test_options_as_text() -> None:
    assert reader_for("csv", delimiter="tab", quote="none", skip_lines="2") == delimited(
        delimiter="\t", quote=None, skip_lines=2
    )
    assert reader_for("csv", header="id, name") == delimited(header=["id", "name"])
    assert reader_for("csv", header="true") == delimited()
    assert reader_for("tsv", encoding="latin-1").describe()["delimiter"] == "\t"
    assert reader_for("fixed-width", layout="a:1:2, b:3:4", width="10") == fixed_width(
        [("a", 1, 2), ("b", 3, 4)], width=10
    )
    assert reader_for(
        "csv", escape="backslash", comment="#", header_row="id, name", header_rows="2", trailer="3"
    ) == delimited(escape="\\", comment="#", header_row=["id", "name"], header_rows=2, trailer=3)
    assert reader_for("csv", header_row="4", trailer="T.*") == delimited(
        header_row=4, trailer="T.*"
    )
    assert reader_for("fixed-width", layout="a:1:2", record_length="9") == fixed_width(
        [("a", 1, 2)], record_length=9
    )
    assert reader_for("fixed-width", layout=[("a", 1, 2)]) == fixed_width([("a", 1, 2)])


@pytest.mark.parametrize(
    ("format", "options"),
    [
        ("xml", {}),
        ("csv", {"separator": ";"}),
        ("csv", {"skip_lines": "two"}),
        ("fixed-width", {}),
        ("fixed-width", {"layout": "a"}),
        ("fixed-width", {"layout": "a:1:x"}),
        ("ndjson", {"encoding": "latin-1"}),
    ],
)
def test_what_no_reader_can_be_made_of(format: str, options: dict[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        reader_for(format, **options)
    assert caught.value.exit_code == 2


def test_formats_of_other_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    added = EntryPoints([EntryPoint("lines", "cleanhold.readers:ndjson", registry.GROUP)])

    def found(**wanted: str) -> EntryPoints:
        return added.select(**wanted)

    monkeypatch.setattr(registry, "entry_points", found)
    assert {"csv", "lines", "ndjson", "parquet", "arrow", "orc", "avro"} <= set(formats())
    assert reader_for("lines") == ndjson()


def test_factories_stay_functions_when_formats_are_loaded() -> None:
    for make in (delimited, ndjson, parquet, json_document):
        assert isinstance(make(), Reader)
    from cleanhold import readers

    assert all(callable(getattr(readers, name)) for name in readers.__all__)


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "gunzip"),
        (b"\x28\xb5\x2f\xfd....", "unzstd"),
        (b"\xfd7zXZ\x00....", "unxz"),
        (b"BZh91AY&SY....", "bunzip2"),
        (b"PK\x03\x04....", "Excel"),
        (b"\xd0\xcf\x11\xe0....", "Excel"),
        (b"PAR1....PAR1", "parquet"),
        ("a,b\n".encode("utf-16"), "UTF-16"),
        (b"\xfe\xff\x00a", "UTF-16"),
        (b"%PDF-1.4", "PDF"),
    ],
)
@pytest.mark.parametrize("format", ["csv", "fixed-width", "ndjson"])
def test_files_of_another_kind(tmp_path: Path, head: bytes, says: str, format: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(head)
    reader = reader_for(format, **({"layout": "a:1:1"} if format == "fixed-width" else {}))
    with pytest.raises(DeliveryError, match=says):
        reader.open(path)


@pytest.mark.parametrize("format", ["csv", "ndjson", "parquet", "dbase", "arrow", "orc", "avro"])
def test_files_that_cannot_be_opened(tmp_path: Path, format: str) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(DeliveryError, match="cannot be read"):
            reader_for(format).open(path)
