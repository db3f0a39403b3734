"""Encoding, dialect and header of text, as `sniff` tells them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from cleanhold.pipeline.sniff import Sniffed, sniff

Look = Callable[..., Sniffed]

ROWS = [
    ["Contact ID", "Name", "Note", "Since"],
    ["C-000001", "Müller", "a, b; c|d", "2026-11-02"],
    ["C-000002", "Ørsted", "it's here", "2026-11-03"],
    ["C-000003", "Núñez", 'says "no"', "2026-11-04"],
]


def written(delimiter: str = ",", quote: str = '"', end: str = "\n") -> str:
    def cell(text: str) -> str:
        needs = delimiter in text or quote in text
        return quote + text.replace(quote, quote * 2) + quote if needs else text

    return "".join(delimiter.join(map(cell, row)) + end for row in ROWS)


def fact(found: Sniffed, what: str) -> str:
    return next(f.found for f in found.facts if f.what == what)


@pytest.fixture
def looked(tmp_path: Path) -> Look:
    def look(data: str | bytes, name: str = "file.csv") -> Sniffed:
        file = tmp_path / name
        file.write_bytes(data.encode() if isinstance(data, str) else data)
        return sniff(file)

    return look


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^"])
@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_dialects(looked: Look, delimiter: str, quote: str, end: str) -> None:
    found = looked(written(delimiter, quote, end))
    given = {"delimiter": ",", "quote": '"', **found.options}
    if found.format == "tsv":
        given["delimiter"] = "\t"
    assert (given["delimiter"], given["quote"]) == (delimiter, quote)
    assert [c.header for c in found.columns] == ROWS[0]
    assert (found.rows, dict(found.refused)) == (3, {})
    assert fact(found, "line ending") == {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}[end]


@pytest.mark.parametrize(
    ("encoding", "name", "confidence"),
    [
        ("utf-8", "utf-8", "sure"),
        ("utf-8-sig", "utf-8", "sure"),
        ("cp1252", "cp1252", "likely"),
        ("utf-16", "utf-16", "sure"),
        ("utf-16-le", "utf-16-le", "likely"),
        ("utf-16-be", "utf-16-be", "likely"),
        ("utf-32", "utf-32", "sure"),
    ],
)
def test_encodings(looked: Look, encoding: str, name: str, confidence: str) -> None:
    found = looked(written().encode(encoding))
    told = next(f for f in found.facts if f.what == "encoding")
    assert (told.found, told.confidence) == (name, confidence)


def test_wide_text_of_other_scripts_needs_no_mark(looked: Look) -> None:
    text = "ident,名前\n" + "".join(f"{n},田中太郎\n" for n in range(30))
    assert fact(looked(text.encode("utf-16-le")), "encoding") == "utf-16-le"


def test_code_pages_that_are_not_western_are_told_by_charset_normalizer(looked: Look) -> None:
    text = "имя,город\n" + "Александр Пушкин,Санкт-Петербург\nАнна Ахматова,Москва\n" * 20
    assert fact(looked(text.encode("cp1251")), "encoding") == "cp1251"


def test_bytes_that_are_not_valid_are_counted_wherever_they_are(looked: Look) -> None:
    good = "".join(f"{n},Müller\n" for n in range(300))
    found = looked(b"id,name\n" + good.encode() + "1,Müller\n".encode("cp1252"))
    assert fact(found, "encoding") == "utf-8"
    assert any("1 bytes of the sample mean nothing in utf-8" in a for a in found.advice)
    assert found.refused == {"undecodable": 1}


@pytest.mark.parametrize(
    ("text", "skip", "header"),
    [
        ("a_id,b\n1,2\n", None, "line 1"),
        ("Report of today\n\na_id,b\n1,2\n3,4\n", 2, "line 3"),
        ("Report,,\nof today,,\na_id,b,c\n1,2,3\n3,4,5\n", 2, "line 3"),
        ("1,2026-11-02\n2,2026-11-03\n", None, "none"),
    ],
)
def test_headers(looked: Look, text: str, skip: int | None, header: str) -> None:
    found = looked(text)
    assert found.options.get("skip_lines") == skip
    assert fact(found, "header") == header
    assert not found.refused


def test_a_header_that_could_be_a_record_is_a_guess(looked: Look) -> None:
    found = looked("Anna,London\nBert,Paris\nCarl,Rome\n")
    assert next(f for f in found.facts if f.what == "header").confidence == "a guess"


def test_a_trailer_is_told(looked: Look) -> None:
    found = looked("a_id,b\n1,2\n3,4\nTOTAL 2\n")
    assert fact(found, "trailer") == "the last line"
    assert found.rows == 2


def test_escaped_quotes_are_told(looked: Look) -> None:
    text = "a_id,b\n" + '1,"he said \\"no\\" again"\n2,"x, y"\n' * 5
    assert fact(looked(text), "escape") == "\\"


def test_fixed_width_text_is_told_by_places_that_are_blank(looked: Look) -> None:
    lines = [f"{number:06d} {name:<10}{amount:>8}" for number, name, amount in
             ((1, "Müller", "12.50"), (2, "Smith", "7.00"), (3, "Nguyen", "1300.25"))]  # fmt: skip
    found = looked("\n".join(lines) + "\n", "old.txt")
    assert found.format == "fixed-width"
    assert found.options["layout"] == [("column_1", 1, 7), ("column_2", 8, 11), ("column_3", 19, 7)]
    assert [c.reading.annotation for c in found.columns if c.reading] == ["str", "str", "Decimal"]
    assert any("ask the sender for the layout" in a for a in found.advice)


@pytest.mark.parametrize(
    ("name", "squeeze"),
    [
        ("gzip", gzip.compress),
        ("bzip2", bz2.compress),
        ("xz", lzma.compress),
        ("zstd", zstandard.ZstdCompressor().compress),
    ],
)
def test_compressed_text_is_looked_into(
    looked: Look, name: str, squeeze: Callable[[bytes], bytes]
) -> None:
    found = looked(squeeze(written(";").encode()), "file.csv.x")
    assert fact(found, "compression") == name
    assert found.options["delimiter"] == ";"
    assert found.rows == 3


def test_the_largest_member_of_a_zip_archive_is_looked_into(looked: Look) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("readme.txt", "hello")
        archive.writestr("data/file.csv", written("|"))
    found = looked(made.getvalue(), "file.zip")
    assert fact(found, "compression") == "zip data/file.csv of 2"
    assert found.options["delimiter"] == "|"


def test_a_large_file_is_looked_at_in_three_places(looked: Look) -> None:
    from cleanhold.sniffing.sample import PIECE

    rows = [f"{n:07d},{'x' * 40},ok\n" for n in range(90_000)]
    rows[45_000] = "middle,x,other\n"
    rows[-1] = "end,x,late\n"
    found = looked("a_id,b,c\n" + "".join(rows))
    assert not found.whole
    assert found.looked_at == 3 * PIECE < found.size
    assert not found.refused
    assert found.columns[2].distinct == 3


@pytest.mark.parametrize(
    ("document", "format", "records", "rows"),
    [
        ('{"meta": {"n": [1]}, "data": {"the items": [{"a": 1}, {"a": 2}]}}',
         "json", "$.data['the items']", 2),
        ('{\n"rows": [\n{"a": [{"b": 1}]}\n]\n}', "json", "$.rows", 1),
        ('[{"a": 1}, {"a": 2}]', "json", None, 2),
        ('{"a": 1, "b": [1, 2]}', "ndjson", None, 1),
        ('{"a": [{"b": 1}]}\n{"a": [{"b": 2}]}\n', "ndjson", None, 2),
    ],
)  # fmt: skip
def test_where_a_json_document_has_its_records(
    looked: Look, document: str, format: str, records: str | None, rows: int
) -> None:
    found = looked(document, "file.json")
    assert (found.format, found.options.get("records"), found.rows) == (format, records, rows)
