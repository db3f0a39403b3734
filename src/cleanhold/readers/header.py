"""What stands before the first record of delimited text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cleanhold.errors import DeliveryError
from cleanhold.readers.body import LOOKS, first_bytes, preamble
from cleanhold.readers.cells import Cells
from cleanhold.readers.encoding import TextEncoding
from cleanhold.readers.framing import Batch, Records
from cleanhold.readers.quoting import Dialect, split_delimited
from cleanhold.readers.refusals import MESSAGES, Refusal

#: Characters that commonly stand between fields.
_DELIMITERS = (";", "\t", "|", ",")


@dataclass(frozen=True, slots=True)
class Header:
    """The head of a file.

    Attributes:
        names: the column names as delivered, or as given.
        start: position of the first record.
        notes: things worth telling.
    """

    names: tuple[str, ...]
    start: int
    notes: tuple[str, ...] = ()


def read_header(
    path: Path,
    stop: int,
    *,
    dialect: Dialect,
    encoding: TextEncoding,
    names: tuple[str, ...] | None,
    skip_lines: int,
) -> Header:
    """Find the header and the start of the first record.

    Args:
        path: the file.
        stop: where its text ends.
        dialect: with `fields` unknown.
        encoding: of the text.
        names: the column names if the file has no header.
        skip_lines: physical lines to pass over first.

    Raises:
        DeliveryError: there is no header, or it cannot be read.
    """
    for look in LOOKS:
        data = first_bytes(path, min(look, stop))
        final = len(data) >= stop
        at, notes = preamble(data, encoding, skip_lines)
        records = split_delimited(data[at:], final, dialect)
        if not final:
            records = records.first(max(0, len(records) - 1))
        content = np.flatnonzero(records.ends > records.bounds[:-1])
        starts = (at + records.bounds).tolist()
        if names is not None:
            if len(names) == 1 and (final or len(records)):
                return Header(names, at, notes)
            if len(content) or final:
                return Header(names, starts[content[0]] if len(content) else stop, notes)
        elif len(content) and (records.counts[content[0]] == 1 or len(content) > 1 or final):
            found = int(content[0])
            delivered = _names(path, data[at:], records, found, dialect, encoding)
            if len(delivered) == 1:
                return Header(delivered, starts[found + 1], (*notes, *_other_delimiter(*delivered)))
            return Header(delivered, starts[content[1]] if len(content) > 1 else stop, notes)
        if final:
            break
    raise DeliveryError(
        "no header was found" if names is None else "no record was found",
        where=path.name,
        next="check that the file is delimited text, the delimiter, and how many lines to skip",
    )


def _other_delimiter(name: str) -> list[str]:
    """A hint, where a file's only column looks like many."""
    likely = max(_DELIMITERS, key=name.count)
    if not name.count(likely):
        return []
    held, said = ("a tab", "tab") if likely == "\t" else (f"'{likely}'", f"'{likely}'")
    return [
        f"all is one column, whose name holds {held}: if that stands between fields, give the "
        f"option delimiter={said}"
    ]


def _names(
    path: Path,
    data: bytes,
    records: Records,
    which: int,
    dialect: Dialect,
    encoding: TextEncoding,
) -> tuple[str, ...]:
    fields = int(records.counts[which])
    cells = Cells(
        Dialect(dialect.delimiter, dialect.quote, fields),
        encoding,
        [str(number) for number in range(fields)],
    )
    alone = Records(
        records.bounds[which : which + 2],
        records.ends[which : which + 1],
        records.faults[which : which + 1],
        records.counts[which : which + 1],
    )
    rows, judged = cells.read(Batch(data, 0, alone, 0), 1)
    if rows.height:
        return tuple(name or "" for name in rows.row(0)[-fields:])
    why = MESSAGES[Refusal(int(judged.records.faults[0]))].format(
        count=fields, expected=fields, encoding=encoding.name
    )
    raise DeliveryError(
        f"the header cannot be read: {why}",
        where=path.name,
        next="mend the header, or give the column names, the quote or the encoding as options",
    )
