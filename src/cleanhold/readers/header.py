"""What stands before the first record of delimited text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cleanhold.errors import DeliveryError
from cleanhold.readers.body import LOOKS, first_bytes, preamble
from cleanhold.readers.cells import Cells
from cleanhold.readers.dialect import Dialect
from cleanhold.readers.encoding import TextEncoding
from cleanhold.readers.envelope import header_record
from cleanhold.readers.framing import COMMENT, LF, Batch, Records, line_marks, positions
from cleanhold.readers.refusals import MESSAGES, Refusal

#: Characters that commonly stand between fields.
_DELIMITERS = (";", "\t", "|", ",")


@dataclass(frozen=True, slots=True)
class Header:
    """The head of a file.

    Attributes:
        names: the column names as delivered, or as given.
        start: position of the first record.
        promised: how many records the header record says there are, if it does.
        notes: things worth telling.
    """

    names: tuple[str, ...]
    start: int
    promised: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeaderSearch:
    """Where the header of a file is, and how it is read.

    Attributes:
        path: the file.
        stop: where its text ends.
        dialect: how fields are told apart.
        encoding: of the text.
        frame: the records of bytes (and whether the file ends with them), as they would be with
            any number of fields; comments are among them.
        names: the column names if the file has no header.
        skip_lines: physical lines to pass over first.
        record: pattern of the lines before the header; None if there are none.
        having: names that the header has, if it is to be looked for.
        rows: how many rows the header has.
    """

    path: Path
    stop: int
    dialect: Dialect
    encoding: TextEncoding
    frame: Callable[[bytes, bool], Records]
    names: tuple[str, ...] | None = None
    skip_lines: int = 0
    record: str | None = None
    having: tuple[str, ...] = field(default=())
    rows: int = 1

    def found(self) -> Header:
        """The header and the start of the first record.

        Raises:
            DeliveryError: there is no header, or it cannot be read.
        """
        for look in LOOKS:
            data = first_bytes(self.path, min(look, self.stop))
            final = len(data) >= self.stop
            at, notes = preamble(data, self.encoding, self.skip_lines)
            promised: tuple[tuple[str, int], ...] = ()
            if self.record is not None:
                before = header_record(self.path, data, at, self.encoding, self.record)
                at, notes = before.at, (*notes, *before.notes)
                promised = (before.promised,) if before.promised else ()
            for start in self._candidates(data, at):
                header = self._header(data, start, final)
                if header is not None:
                    passed = self._passed(data, at, start)
                    notes = (*notes, *passed, *header.notes)
                    return Header(header.names, header.start, promised, notes)
            if final:
                break
        what = "header" if self.names is None else "record"
        having = f" with the names {', '.join(self.having)}" if self.having else ""
        raise DeliveryError(
            f"no {what}{having} was found",
            where=self.path.name,
            next="check that the file is delimited text, the delimiter, and how many lines to skip",
        )

    def _candidates(self, data: bytes, at: int) -> Iterator[int]:
        """Where a header may begin."""
        if not self.having:
            yield at
            return
        wanted = [name.encode() for name in self.having]
        ends = positions(line_marks(self.encoding.view(data[at:])), (LF,))
        bounds = [at, *((ends + 1) * self.encoding.unit + at).tolist()]
        for start, end in zip(bounds, [*bounds[1:], len(data)], strict=True):
            line = self.encoding.to_utf8(data[start:end])
            if all(name in line for name in wanted):
                yield start

    def _header(self, data: bytes, at: int, final: bool) -> Header | None:
        """The header that begins at a position; None if it is not all there, or is another's."""
        records = self.frame(data[at:], final)
        if not final:
            records = records.first(max(0, len(records) - 1))
        starts = (at + records.bounds).tolist()
        is_record = records.faults != COMMENT
        filled = np.flatnonzero(is_record & (records.ends > records.bounds[:-1]))
        names, notes, after = self.names, [], 0
        if names is None:
            rows = filled[: self.rows].tolist()
            if len(rows) < self.rows:
                return None
            names, after = self._names(data[at:], records, rows), rows[-1] + 1
            if set(self.having) - {name.strip() for name in names}:
                return None
            notes = _other_delimiter(*names) if len(names) == 1 else []
        first = np.flatnonzero(is_record) if len(names) == 1 else filled
        first = first[first >= after]
        if not len(first) and not final:
            return None
        return Header(names, starts[first[0]] if len(first) else self.stop, notes=tuple(notes))

    def _passed(self, data: bytes, at: int, start: int) -> list[str]:
        """A note on the lines before a header that was looked for."""
        passed = len(positions(line_marks(self.encoding.view(data[at:start])), (LF,)))
        return [f"lines before the header that are not data: {passed}"] if passed else []

    def _names(self, data: bytes, records: Records, rows: list[int]) -> tuple[str, ...]:
        """The names in some records; several rows are joined, column by column."""
        parts = [self._row(data, records, which) for which in rows]
        if len({len(part) for part in parts}) > 1:
            raise DeliveryError(
                f"the {len(rows)} rows of the header have different numbers of fields",
                where=self.path.name,
                next="mend the header, or change `header_rows`",
            )
        stripped = (map(str.strip, column) for column in zip(*parts, strict=True))
        return parts[0] if len(parts) == 1 else tuple(" ".join(filter(None, c)) for c in stripped)

    def _row(self, data: bytes, records: Records, which: int) -> tuple[str, ...]:
        fields = int(records.counts[which])
        cells = Cells(self.dialect, self.encoding, [str(number) for number in range(fields)])
        alone = Records(
            records.bounds[which : which + 2],
            records.ends[which : which + 1],
            records.faults[which : which + 1],
            records.counts[which : which + 1],
        )
        rows, judged = cells.read(Batch(data, 0, alone, 0), 1)
        if rows.height:
            return tuple(name or "" for name in rows.row(0)[-fields:])
        if self.having:
            return ()
        why = MESSAGES[Refusal(int(judged.records.faults[0]))].format(
            count=fields, expected=fields, encoding=self.encoding.name
        )
        raise DeliveryError(
            f"the header cannot be read: {why}",
            where=self.path.name,
            next="mend the header, or give the column names, the quote or the encoding as options",
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
