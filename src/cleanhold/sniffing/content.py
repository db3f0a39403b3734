"""What kind of file it is, from its bytes; its name only decides where bytes do not tell."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from cleanhold.sniffing.elements import list_path
from cleanhold.sniffing.encodings import SniffedEncoding, decode, looks_like_ebcdic, sniff_encoding
from cleanhold.sniffing.sample import Sample


@dataclass(frozen=True, slots=True)
class Content:
    """A kind of file.

    Attributes:
        format: the name of the reader that may read it; None if there is none to propose.
        says: what it is, in words.
        because: the evidence.
        advice: what to do where no reader can be proposed, or what it must be told.
        encoding: of text.
    """

    format: str | None
    says: str
    because: str
    advice: str = ""
    encoding: SniffedEncoding | None = None


#: Control characters that text may have: tabs, line ends, Ctrl-Z, separators. And the share of
#: others above which it is no text.
_TEXT_CONTROLS, _MOST_CONTROLS = b"\x01\t\n\x0b\x0c\r\x1a\x1c\x1d\x1e\x1f", 0.02

#: A line of a COBOL copybook: a level, a name, a picture.
_COBOL = re.compile(r"(?i).{0,8}\s*[0-9]{2}\s+[A-Z0-9-]+\s+.*PIC(TURE)?\s")

_BEGINS = "its first bytes say so"

#: First bytes → format, what it is, advice. In the order they are tried.
_MAGIC: tuple[tuple[bytes, str | None, str, str], ...] = (
    (b"PAR1", "parquet", "a Parquet file", ""),
    (b"ARROW1\0\0", "arrow", "an Arrow IPC file", "convert it to Parquet"),
    (b"\xff\xff\xff\xff", "arrow", "an Arrow IPC stream", "convert it to Parquet"),
    (b"Obj\x01", "avro", "an Avro file", "convert it to Parquet"),
    (b"ORC", "orc", "an ORC file", "convert it to Parquet"),
    (b"$FL2", "statistics", "an SPSS file", "export it as CSV in UTF-8"),
    (b"$FL3", "statistics", "a compressed SPSS file", "export it as CSV in UTF-8"),
    (b"<stata_dta>", "statistics", "a Stata file", "export it as CSV in UTF-8"),
    (b"HEADER RECORD*******LIBRARY", "statistics", "a SAS transport file",
     "export it as CSV in UTF-8"),
    (b"\0" * 12 + b"\xc2\xea\x81\x60", "statistics", "a SAS data set", "export it as CSV in UTF-8"),
    (b"SQLite format 3\0", None, "a SQLite database", "export the table as CSV, or declare a SQL "
     "source"),
    (b"\xd0\xcf\x11\xe0", "excel", "an old Excel workbook (xls) or Office file", "export the sheet "
     "as CSV in UTF-8"),
    (b"%PDF-", None, "a PDF", "ask the sender for CSV: tables in a PDF have no cells"),
    (b"\x89PNG", None, "a picture", "ask the sender for the data behind it"),
    (b"\x7fELF", None, "a program", "this is no extract"),
    (b"MZ\x90", None, "a program", "this is no extract"),
    (b"7z\xbc\xaf", None, "a 7-Zip archive", "unpack it first"),
    (b"Rar!", None, "a RAR archive", "unpack it first"),
)  # fmt: skip

#: Text inside an office document's archive → format, what it is.
_OFFICE = (
    (b"application/vnd.oasis.opendocument.spreadsheet", "excel", "an OpenDocument sheet (ods)"),
    (b"xl/workbook.bin", "excel", "an Excel workbook (xlsb)"),
    (b"xl/", "excel", "an Excel workbook (xlsx)"),
    (b"word/", None, "a Word document"),
)


def content_of(sample: Sample, path: Path) -> Content:
    """What the bytes of a sample are."""
    start = sample.start
    for magic, name, says, advice in _MAGIC:
        if start.startswith(magic):
            return Content(name, says, _BEGINS, advice)
    if start.startswith(b"PK\x03\x04"):
        for text, name, says in _OFFICE:
            if any(text in piece for piece in sample.pieces):
                because = "the names in its archive say so"
                return Content(name, says, because, "export the sheet as CSV in UTF-8")
        return Content(None, "a ZIP archive", _BEGINS, "unpack it first")
    if _is_dbase(start, sample.size):
        return Content("dbase", "a dBase table (dbf)", "its header adds up", "export it as CSV")
    if _is_stata(start):
        return Content("statistics", "a Stata file", _BEGINS, "export it as CSV in UTF-8")
    if start[:80].startswith(b"ASCII SPSS PORT FILE") or b"SPSSPORT" in start[:512]:
        return Content("statistics", "an SPSS portable file", _BEGINS, "export it as CSV in UTF-8")
    if looks_like_ebcdic(start):
        return _mainframe("its bytes are letters and blanks in EBCDIC, not in ASCII")
    encoding = sniff_encoding(sample.pieces)
    is_wide = encoding.name.startswith(("utf-16", "utf-32"))
    if not is_wide and (share := _control_share(start)) > _MOST_CONTROLS:
        because = f"{100 * share:.0f} % of its bytes are control characters"
        if path.suffix.lower() in (".dat", ".ebc", ".bin"):
            return _mainframe(because)
        advice = "ask the sender what wrote it; for mainframe data, ask for the copybook"
        return Content(None, "a binary file of a kind that is not known", because, advice)
    return _text(sample, encoding)


def _mainframe(because: str) -> Content:
    return Content(
        "copybook",
        "a mainframe extract",
        because,
        "ask the sender for the COBOL copybook, the code page and whether records have a length "
        "before them (RDW); a copybook cannot be guessed from the data",
    )


def _text(sample: Sample, encoding: SniffedEncoding) -> Content:
    text = decode(sample.start[: 1 << 18], encoding.name).lstrip()
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    if len(sample.start) > 1 << 18 and len(lines) > 1:
        lines.pop()  # cut off
    if text.startswith("<?xml") or re.match(r"<[A-Za-z_][\w:.-]*(\s[^<>]*)?>", text):
        because = f"it begins with {text[:40].splitlines()[0]!r}"
        if re.match(r"(?i)(<!doctype\s+html|<html)", text):
            advice = "ask for the data as CSV: this is often the error page of a download"
            return Content(None, "a web page", because, advice, encoding)
        return Content("xml", "XML", because, "name the element that is one record", encoding)
    code = [line for line in lines if line[6:7] != "*"]  # where COBOL has its comments
    if code and sum(_COBOL.match(line) is not None for line in code) > 0.3 * len(code):
        return Content(None, "a COBOL copybook", "its lines have levels and pictures",
                       "it describes a mainframe extract: give it to that extract's reader",
                       encoding)  # fmt: skip
    if text.startswith(("{", "[")):
        objects = [_is_object(line) for line in lines]
        alone = len(lines) == 1 and sample.whole and list_path(sample.start) is not None
        if sum(objects) > 0.9 * len(objects) and not alone:
            because = f"{sum(objects)} of the {len(objects)} lines looked at are objects"
            return Content("ndjson", "NDJSON: one JSON object a line", because, "", encoding)
        if re.match(r'\[\s*[\[{]|\{\s*"', text):
            because = f"it begins with {text[:20].split()[0]!r}"
            advice = "make it one object a line: jq -c '.[]' FILE"
            return Content("json", "one JSON document", because, advice, encoding)
    return Content("csv", "text", "no bytes that text does not have", "", encoding)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _control_share(start: bytes) -> float:
    """Share of bytes that text has not: controls but for tab, line ends, form feed, separators."""
    bad = sum(
        start.count(bytes([b]))
        for b in range(32)
        if b not in b"\t\n\x0b\x0c\r\x1a\x1c\x1d\x1e\x1f\x01"
    )
    return bad / len(start)  # fmt: skip


def _is_dbase(start: bytes, size: int) -> bool:
    """A dBase header: version, a date, and lengths that fit the field list and the file."""
    if len(start) < 33 or start[0] not in (0x02, 0x03, 0x30, 0x31, 0x43, 0x83, 0x8B, 0xCB, 0xF5):
        return False
    records = int.from_bytes(start[4:8], "little")
    header = int.from_bytes(start[8:10], "little")
    length = int.from_bytes(start[10:12], "little")
    plausible = 1 <= start[2] <= 12 and header >= 33 and length > 0
    return plausible and header + records * length <= size + 1024


def _is_stata(start: bytes) -> bool:
    """Stata 4 to 12: release, byte order, file type 1, nothing."""
    return len(start) > 4 and 0x69 <= start[0] <= 0x73 and start[1] in (1, 2) and start[2] == 1
