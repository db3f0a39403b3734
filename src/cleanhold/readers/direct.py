"""The short way to the rows of well-formed delimited text: Polars scans the file itself.

Polars alone would lose and merge rows of a file that is not well-formed. So the file is surveyed
first: every byte is walked by the same framing as always, and only if each record is one that the
parser cannot misunderstand is the scan believed.
"""

from __future__ import annotations

from codecs import BOM_UTF8 as BOM
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl

from cleanhold.core.reading import LENGTH, OFFSET, RECORD, Direct, Progress
from cleanhold.errors import DeliveryError
from cleanhold.readers.body import Body, first_bytes
from cleanhold.readers.cells import MISREAD, Cells, is_plain
from cleanhold.readers.framing import CR, Batch, Offsets, Split, batches
from cleanhold.readers.sniff import has_plain_name
from cleanhold.readers.spans import run_together


def direct(path: Path, body: Body, split: Split, cells: Cells) -> Direct | None:
    """The short way, or None where the file or the reader's options rule it out from the start."""
    head = first_bytes(path, body.start + len(BOM))
    before = head[: body.start]
    if (
        not has_plain_name(path)
        or cells.encoding.name != "utf-8"
        or not cells.dialect.is_plain
        or cells.dialect.comment is not None
        or len(cells.names) == 1  # its blank lines are records
        or body.start == body.stop
        or body.stop != body.size
        or CR in before.replace(b"\r\n", b"")
        or (head[:1] in MISREAD and not (before.startswith(BOM) and b"\n" in before))
        or head[body.start :] == BOM  # dropped even after lines that are skipped
    ):
        return None
    rows = pl.scan_csv(
        path,
        glob=False,
        has_header=False,
        skip_lines=before.count(b"\n"),
        schema=dict.fromkeys(cells.names, pl.String),
        separator=cells.dialect.delimiter,
        quote_char=cells.dialect.quote,
        empty_string_is_null=True,
        row_index_name=RECORD,
        row_index_offset=1,
    )

    def survey(spool: Path, progress: Progress) -> Surveyed | None:
        return _survey(path, body, split, cells, spool, progress)

    return Direct(rows.with_columns(pl.col(RECORD).cast(pl.UInt64)), survey)


def _survey(
    path: Path, body: Body, split: Split, cells: Cells, spool: Path, progress: Progress
) -> Surveyed | None:
    blocks = []
    progress(body.overhead)
    with spool.open("wb") as starts:
        for batch in batches(path, body.start, body.stop, split):
            if not _is_sure(batch, cells):
                return None
            starts.write(batch.records.bounds.astype(np.uint32).data)
            blocks.append((batch.offset, len(batch.records)))
            progress(batch.read)
    offsets, counts = np.array(blocks, dtype=np.int64).reshape(-1, 2).T
    return Surveyed(path, spool, cells, offsets, np.concatenate(([0], np.cumsum(counts))))


def _is_sure(batch: Batch, cells: Cells) -> bool:
    """Whether every record of a batch is one that the parser reads as it is framed."""
    data, records = batch.data, batch.records
    return (
        not records.faults.any()
        and b"\0" not in data
        and is_plain(data, records, cells.encoding)
        and (
            cells.encoding.is_valid(data)  # else, perhaps a character is cut at the block's end
            or cells.encoding.is_valid(data[: records.end])
        )
    )


@dataclass(frozen=True, slots=True)
class Surveyed:
    """Where the records of a file lie.

    Attributes:
        spool: for each block, the positions of its records in it (`Records.bounds`, 32 bits).
        offsets: position of each block in the file.
        before: records before each block, and their number in all.
    """

    path: Path
    spool: Path
    cells: Cells
    offsets: Offsets
    before: Offsets

    @property
    def records(self) -> int:
        """How many there are."""
        return int(self.before[-1])

    def fetch(self, records: pl.Series) -> pl.DataFrame:
        """Some rows with their spans; see `core.reading.Survey`."""
        wanted = records.to_numpy().astype(np.int64) - 1
        cuts = np.searchsorted(wanted, self.before)
        texts, offsets, lengths = [], [], []
        room = memoryview(b"")  # one for all blocks: fresh memory costs more than reading into it
        with self.path.open("rb", buffering=0) as file, self.spool.open("rb") as spool:
            for block in np.flatnonzero(np.diff(cuts)).tolist():
                which = wanted[cuts[block] : cuts[block + 1]] - self.before[block]
                bounds = self._bounds(spool, block)
                if len(room) < (size := int(bounds[-1])):
                    room = memoryview(bytearray(size))
                file.seek(self.offsets[block])
                if file.readinto(room[:size]) != size:
                    raise DeliveryError(
                        "the file became shorter while it was read",
                        where=str(self.path),
                        next="wait until it is written, then read it again",
                    )
                texts.append(run_together(room[:size], bounds, which))
                offsets.append(bounds[which] + self.offsets[block])
                lengths.append(bounds[which + 1] - bounds[which])
        none = np.empty(0, dtype=np.int64)
        frame = self.cells.parse(b"".join(texts), len(wanted)) if texts else self.cells.empty()
        assert frame is not None  # the survey saw that the parser reads each of them
        spans = {
            RECORD: (wanted + 1).astype(np.uint64),
            OFFSET: np.concatenate([none, *offsets]).astype(np.uint64),
            LENGTH: np.concatenate([none, *lengths]).astype(np.uint64),
        }
        return pl.DataFrame(spans).hstack(frame)

    def _bounds(self, spool: BinaryIO, block: int) -> Offsets:
        count = int(self.before[block + 1] - self.before[block]) + 1
        at = 4 * (int(self.before[block]) + block)
        spool.seek(at)
        return np.frombuffer(spool.read(4 * count), dtype=np.uint32).astype(np.int64)
