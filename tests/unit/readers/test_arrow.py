from __future__ import annotations

import io
import random
import uuid
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.ipc
import pytest

from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers import arrow, arrow_tables
from cleanhold.testing.reader_suite import account_for

from .conftest import Read


def written(table: pa.Table, stream: bool = False, rows: int | None = None) -> bytes:
    sink = io.BytesIO()
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with make(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=rows)
    return sink.getvalue()


TABLE = pa.table(
    {
        "n": pa.array(range(100)),
        "day": pa.array([date(2026, 1, 1)] * 100),
        "amount": pa.array([Decimal("1.50")] * 100, pa.decimal128(10, 2)),
        "name": pa.array(["é"] * 99 + [None], pa.large_string()),
        "code": pa.array(["a", "b"] * 50).dictionary_encode(),
        "tags": pa.array([["a", None]] * 100),
    }
)


@pytest.mark.parametrize("stream", [False, True])
def test_columns_keep_their_types(
    read: Read, stream: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrow_tables, "ROWS", 7)
    reading = read(written(TABLE, stream, rows=30), arrow())
    assert dict(reading.framing.columns) == {
        "n": pl.Int64,
        "day": pl.Date,
        "amount": pl.Decimal(10, 2),
        "name": pl.String,
        "code": pl.String,
        "tags": pl.List(pl.String),
    }
    assert reading.cells == [tuple(row.values()) for row in TABLE.to_pylist()]


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
def test_what_polars_writes(tmp_path: Path, compression: Any) -> None:
    path = tmp_path / "x.arrow"
    frame = pl.DataFrame(
        {
            "s": ["long enough to be pointed at", None],
            "l": [["another text that is pointed at", None], None],
            "o": [{"a": "a third text that is pointed at"}, None],
            "c": pl.Series(["x", None], dtype=pl.Categorical),
        }
    )
    frame.write_ipc(path, compression=compression)
    expected = frame.with_columns(pl.col("c").cast(pl.String))
    assert account_for(arrow(), path).rows.drop("__record", "__offset", "__length").equals(expected)


@pytest.mark.parametrize(
    ("values", "cell"),
    [
        (pa.array([Decimal(10) ** 50], pa.decimal256(60, 2)), f"{10**50}.00"),
        (pa.array([Decimal("-1.50")], pa.decimal256(5, 2)), "-1.50"),
        (pa.array([10**9], pa.timestamp("s")), datetime(2001, 9, 9, 1, 46, 40)),
        (pa.array([0], pa.timestamp("us", "-02:15")), datetime(1970, 1, 1, tzinfo=UTC)),
        (pa.RunEndEncodedArray.from_arrays([1], ["x"]), "x"),
        (
            pa.ExtensionArray.from_storage(
                pa.uuid(), pa.array([uuid.UUID(int=1).bytes], pa.binary(16))
            ),
            "00000000-0000-0000-0000-000000000001",
        ),
        (pa.array([b"text"]), "text"),
        (pa.array([b"\xff\x01"]), "not UTF-8: x'FF01'"),
        (pa.array([b"\xff"]).dictionary_encode(), "not UTF-8: x'FF'"),
    ],
)
def test_types_that_frames_do_not_have(read: Read, values: pa.Array, cell: object) -> None:
    reading = read(written(pa.table({"x": values})), arrow(binary="text"))
    assert reading.cells == [(cell,)]


def test_a_time_zone_that_nobody_knows_is_told(read: Read) -> None:
    table = pa.table({"x": pa.array([0], pa.timestamp("us", "Nowhere/Land"))})
    assert "read as UTC" in read(written(table), arrow()).framing.notes[0]


def test_bytes_stay_bytes(read: Read) -> None:
    data = written(pa.table({"x": pa.array([b"\xff"])}))
    reading = read(data, arrow())
    assert reading.cells == [(b"\xff",)]
    assert not reading.framing.unreadable
    assert list(read(data, arrow(binary="text")).framing.unreadable) == ["x"]
    with pytest.raises(UsageError, match="binary"):
        arrow(binary="hex")


@pytest.mark.parametrize(
    "values",
    [
        pa.array([(1, 2, 3)], pa.month_day_nano_interval()),
        pa.array([[1]], pa.list_view(pa.int32())),
        pa.array([[Decimal(1)]], pa.list_(pa.decimal256(60, 2))),
    ],
)
def test_types_that_are_not_read_name_their_column(tmp_path: Path, values: pa.Array) -> None:
    path = tmp_path / "x.arrow"
    path.write_bytes(written(pa.table({"odd": values})))
    with pytest.raises(DeliveryError, match="'odd' has the type"):
        arrow().open(path)


def test_names_that_are_there_twice(read: Read) -> None:
    table = pa.table([pa.array([1]), pa.array([2])], names=["a", "a"])
    reading = read(written(table), arrow())
    assert list(reading.framing.columns) == ["a", "a_2"]
    assert reading.framing.notes


WHOLE = written(TABLE)
STREAM = written(TABLE, stream=True)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (WHOLE[:-10], "no end"),
        (STREAM[:-8], "without its end"),
        (STREAM + STREAM, "damaged"),
        (b"", "no Arrow IPC file"),
        (b"a,b\n1,2\n3,4\n", "no Arrow IPC file"),
        (b"FEA1" + bytes(20), "version 1"),
        (WHOLE[:8] + bytes(len(WHOLE) - 16) + WHOLE[-8:], "damaged"),
        (written(pa.table({})), "no columns"),
    ],
)
def test_what_is_no_whole_file(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "x.arrow"
    path.write_bytes(data)
    with pytest.raises(DeliveryError, match=says):
        account_for(arrow(), path)


def test_text_that_is_not_utf8_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "x.arrow"
    path.write_bytes(written(pa.table({"x": ["abcdefgh"]})).replace(b"abcdefgh", b"abc\xffefgh"))
    with pytest.raises(DeliveryError, match="UTF8"):
        account_for(arrow(), path)


def test_nothing_follows_the_views_of_nulls(tmp_path: Path) -> None:
    """They may point anywhere; a process that follows them ends there."""
    views = np.zeros((2, 4), dtype=np.uint32)
    views[1] = 2**31 - 1
    wild = pa.Array.from_buffers(
        pa.string_view(), 2, [pa.py_buffer(b"\x01"), pa.py_buffer(views), pa.py_buffer(b"")]
    )
    path = tmp_path / "x.arrow"
    path.write_bytes(written(pa.table({"x": wild})))
    assert account_for(arrow(), path).cells == [("",), (None,)]


@pytest.mark.parametrize("data", [WHOLE, STREAM])
def test_damage_is_an_error_and_never_fewer_rows(tmp_path: Path, data: bytes) -> None:
    chance = random.Random(len(data))
    path = tmp_path / "x.arrow"
    for _ in range(60):
        hurt = bytearray(data)
        for _ in range(3):
            hurt[chance.randrange(len(hurt))] = chance.choice([0, 255, 7])
        path.write_bytes(hurt)
        with suppress(DeliveryError):
            assert account_for(arrow(), path).records == 100
