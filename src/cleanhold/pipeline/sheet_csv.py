"""sheet_csv: a sheet that a spreadsheet program saved as text."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

from cleanhold.readers.worksheet import Worksheet

#: How programs save: their own marks come first.
_ENCODINGS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))

_DELIMITERS = ",;\t"

#: What stands in old encodings for a letter that they do not have.
LOST = "?"


def read_text(file: Path, fits: Callable[[Worksheet], bool]) -> tuple[Worksheet, bool] | None:
    """The sheet, and whether letters may have been lost; None if it is none of ours.

    Args:
        file: of text.
        fits: whether a sheet is one of ours: the delimiter with which it is, is the right one.
    """
    text, lossy = _decoded(file.read_bytes())
    for sheet in _sheets(file.name, text):
        if fits(sheet):
            return sheet, lossy
    return None


def _decoded(data: bytes) -> tuple[str, bool]:
    for mark, encoding in _ENCODINGS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), False
    try:
        return data.decode(), False
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), True


def _sheets(name: str, text: str) -> Iterator[Worksheet]:
    for delimiter in _DELIMITERS:
        try:
            rows = enumerate(csv.reader(StringIO(text, newline=""), delimiter=delimiter), start=1)
            yield Worksheet(name, {number: list(row) for number, row in rows if any(row)})
        except csv.Error:  # a field longer than any cell: it is something else
            continue
