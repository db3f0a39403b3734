"""Files of statistics programs: SPSS (sav, zsav, por), Stata (dta), SAS (sas7bdat, xpt)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.reading import Framing, Progress
from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers.isolated import Piece, in_a_child
from cleanhold.readers.sniff import unreadable
from cleanhold.readers.tables import table_chunks

#: First bytes of a SAS data set, and of the releases of Stata's format that have no tag.
_SAS = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
_STATA = (104, 105, 108, *range(110, 116))


@dataclass(frozen=True, slots=True)
class Statistics:
    """A reader of SPSS, Stata and SAS files, told apart by their content.

    Columns are String, so that codes, labels and the several kinds of missing values fit: a
    number is the shortest text that reads back the same (whole ones without `.0`), dates and
    times are ISO 8601 by the variable's format, a system-missing value or an empty text is null.
    Rows have a number but no byte span.

    Attributes:
        labels: `codes` as stored, or `text`: a code that has a value label is its label.
        missing: values that the file declares as missing by the user: `code`: kept as their
            codes (`-1`, or `.a` in Stata and SAS) and told in a note; `finding`: kept, and told
            by `Framing.unreadable`, so that their rows are held unless the contract names them
            as null; `null`: null.
        encoding: of texts, as iconv knows it; None: what the file says.
    """

    labels: str = "codes"
    missing: str = "code"
    encoding: str | None = None

    def __post_init__(self) -> None:
        for name, value, known in (
            ("labels", self.labels, ("codes", "text")),
            ("missing", self.missing, ("code", "finding", "null")),
        ):
            if value not in known:
                raise UsageError(f"{name} must be one of {', '.join(known)}, not {value!r}")

    @property
    def format(self) -> str:
        return "statistics"

    def describe(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "labels": self.labels,
            "missing": self.missing,
            "encoding": self.encoding,
        }

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open a file; see `Reader.open`.

        Rows are read in a child process while the chunks are iterated, so damage inside the file
        may raise `DeliveryError` there.
        """
        kind, size = _kind(path)
        options = {**self.describe(), "kind": kind}
        pieces = in_a_child("cleanhold.readers.statistics_cells:pieces", path, options)
        facts = next(pieces)
        assert isinstance(facts, dict)
        return Framing(
            columns=dict.fromkeys(facts["columns"], pl.String),
            chunks=table_chunks(
                _frames(pieces),
                rows=facts["rows"] or 1 << 62,  # not said: the last row tells of all bytes
                size=size,
                progress=progress,
            ),
            encoding=None,
            notes=tuple(facts["notes"]),
            unreadable={
                name: partial(_is_missing, **told) for name, told in facts["missing"].items()
            },
        )


def _frames(pieces: Generator[Piece, None, None]) -> Iterator[pl.DataFrame]:
    try:
        for piece in pieces:
            assert isinstance(piece, pl.DataFrame)
            yield piece
    finally:
        pieces.close()


def _is_missing(text: pl.Expr, *, ranges: list[list[float]], texts: list[str]) -> pl.Expr:
    found = text.is_in(texts) | text.str.contains(r"\A\.[A-Za-z_]\z")
    number = text.cast(pl.Float64, strict=False)
    for low, high in ranges:
        found |= number.is_between(low, high).fill_null(False)
    return found


def _kind(path: Path) -> tuple[str, int]:
    """What kind of file this is, by its first bytes, and its size in bytes."""
    try:
        with path.open("rb") as handle:
            head = handle.read(512)
            size = handle.seek(0, 2)
    except OSError as error:
        raise unreadable(path, error) from error
    if head[:4] in (b"$FL2", b"$FL3"):
        return "sav", size
    if head.startswith(b"<stata_dta>") or (
        len(head) > 4 and head[0] in _STATA and head[1] in (1, 2)
    ):
        return "dta", size
    if head.startswith(_SAS):
        return "sas7bdat", size
    if head.startswith(b"HEADER RECORD*******LIB"):
        if size % 80:
            raise DeliveryError(
                f"this SAS transport file was cut off: its {size} bytes are not a multiple of 80",
                where=path.name,
                next="ask the sender to deliver it again",
            )
        return "xpt", size
    if b"SPSSPORT" in head.replace(b"\r", b"").replace(b"\n", b"") or b"SPSS PORT FILE" in head:
        return "por", size
    raise DeliveryError(
        "this is not a file of SPSS, Stata or SAS",
        where=path.name,
        next="check the file; sav, zsav, por, dta, sas7bdat and xpt are read",
    )
