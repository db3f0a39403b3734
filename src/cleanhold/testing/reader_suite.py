"""What every reader must keep, checked on one file: for our readers and for those of others.

from cleanhold.testing.reader_suite import account_for

def test_my_reader(tmp_path):
    file = tmp_path / "extract.dat"
    file.write_bytes(b"...")
    reading = account_for(MyReader(), file)
    assert reading.codes == {3: "bad_checksum"}
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cleanhold.core.reading import (
    LENGTH,
    OFFSET,
    RECORD,
    REFUSED_SCHEMA,
    ROW_SPAN,
    Framing,
    Reader,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole extract, read.

    Attributes:
        framing: what `Reader.open` gave; its chunks are used up.
        rows: all rows, `ROW_SPAN` columns first.
        refused: all refused records.
    """

    framing: Framing
    rows: pl.DataFrame
    refused: pl.DataFrame

    @property
    def cells(self) -> list[tuple[object, ...]]:
        """The raw values of every row."""
        return self.rows.drop(ROW_SPAN).rows()

    @property
    def codes(self) -> dict[int, str]:
        """Record number → code, of what was refused."""
        return dict(self.refused.select("record", "code").rows())

    @property
    def records(self) -> int:
        return self.rows.height + self.refused.height


def read_whole(reader: Reader, path: Path) -> Reading:
    """Read an extract to its end, without checking anything."""
    framing = reader.open(path)
    chunks = list(framing.chunks)
    empty = pl.DataFrame(schema={**ROW_SPAN, **framing.columns})
    return Reading(
        framing,
        pl.concat([empty, *(c.rows for c in chunks)]),
        pl.concat([pl.DataFrame(schema=REFUSED_SCHEMA), *(c.refused for c in chunks)]),
    )


def account_for(reader: Reader, path: Path) -> Reading:
    """Read an extract and require what every reader promises.

    Records are numbered 1 … n without gap or repeat, in the order of their bytes; where records
    have byte spans, spans and overhead make up the file exactly; a refused record has its bytes,
    a code and words; columns are as announced; progress comes to the file's size; reading again
    gives the same; options are JSON values.

    Raises:
        AssertionError: with what is broken.
        DeliveryError: from the reader.
    """
    told: list[int] = []
    framing = reader.open(path, told.append)
    numbers: list[int] = []
    for chunk in framing.chunks:
        assert dict(chunk.rows.schema) == {**ROW_SPAN, **framing.columns}, "columns as announced"
        assert dict(chunk.refused.schema) == REFUSED_SCHEMA, "refused as REFUSED_SCHEMA"
        here = pl.concat([chunk.rows[RECORD].alias("n"), chunk.refused["record"].alias("n")])
        numbers += here.sort().to_list()
    assert numbers == list(range(1, len(numbers) + 1)), "records are numbered 1 … n, in order"
    assert sum(told) == path.stat().st_size, "progress comes to the file's size"

    reading = read_whole(reader, path)
    again = read_whole(reader, path)
    assert again.rows.equals(reading.rows), "the same rows when read again"
    assert again.refused.equals(reading.refused), "the same refused records when read again"
    _require_spans(reading, path.read_bytes())
    for code, message in reading.refused.select("code", "message").unique().rows():
        assert code.isidentifier(), f"{code!r} is a stable code"
        assert code.islower(), f"{code!r} is in lower case"
        assert message, f"{code} says why"
        assert "{" not in message, f"{code} says why in words: {message!r}"
    described = reader.describe()
    assert json.loads(json.dumps(described)) == described, "describe() gives JSON values"
    assert described["format"] == reader.format, "describe() names the format"
    return reading


def _require_spans(reading: Reading, data: bytes) -> None:
    offsets = pl.concat([reading.rows[OFFSET].alias("at"), reading.refused["offset"].alias("at")])
    if offsets.null_count():
        assert not offsets.count(), "byte spans for every record, or for none"
        return
    if reading.framing.encoding is None and not reading.records:
        return  # a typed format without rows shows no spans, and need not have any
    spans = pl.concat(
        [
            reading.rows.select(RECORD, OFFSET, LENGTH),
            reading.refused.select("record", "offset", "length").rename(
                {"record": RECORD, "offset": OFFSET, "length": LENGTH}
            ),
        ]
    ).sort(RECORD)
    assert (spans[LENGTH] > 0).all(), "no record without bytes"
    ends = spans[OFFSET] + spans[LENGTH]
    gaps = spans[OFFSET][1:].cast(pl.Int64) - ends[:-1].cast(pl.Int64)
    assert (gaps >= 0).all(), "spans without overlap"
    assert gaps.sum() <= reading.framing.overhead, "gaps between spans are overhead"
    assert not spans[LENGTH].null_count(), "a record with a place has a length"
    total = int(spans[LENGTH].sum()) + reading.framing.overhead
    assert total == len(data), f"{total} bytes accounted for, the file has {len(data)}"
    for offset, length, kept in reading.refused.select("offset", "length", "bytes").rows():
        assert data[offset : offset + length] == kept, "refused records keep their bytes"
