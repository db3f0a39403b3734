from __future__ import annotations

import io
import struct
import sys
import tracemalloc
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import polars as pl
import pytest

from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers import avro, avro_container, avro_file
from cleanhold.testing.reader_suite import account_for, read_whole

from .conftest import Read

SYNC = b"0123456789abcdef"


def written(schema: Any, records: list[Any], codec: str = "null", interval: int = 16000) -> bytes:
    sink = io.BytesIO()
    fastavro.writer(sink, schema, records, codec=codec, sync_interval=interval, sync_marker=SYNC)
    return sink.getvalue()


def record(**fields: Any) -> dict[str, Any]:
    listed = [{"name": name, "type": kind} for name, kind in fields.items()]
    return {"type": "record", "name": "row", "fields": listed}


ROW = record(n="long", name=["null", "string"])
ROWS = [{"n": n, "name": f"name {n}" if n % 2 else None} for n in range(1000)]


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_codecs_and_blocks(read: Read, codec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avro_file, "ROWS", 300)
    monkeypatch.setattr(avro_file, "_GATHERED", 2000)
    reading = read(written(ROW, ROWS, codec, interval=500), avro())
    assert dict(reading.framing.columns) == {"n": pl.Int64, "name": pl.String}
    assert reading.cells == [(r["n"], r["name"]) for r in ROWS]


@pytest.mark.parametrize("codec", ["deflate", "bzip2", "xz", "zstandard", "snappy"])
def test_a_block_that_cannot_be_decompressed(tmp_path: Path, codec: str) -> None:
    head = written(ROW, []).replace(b"\x08null", bytes([2 * len(codec)]) + codec.encode())
    path = tmp_path / "x.avro"
    path.write_bytes(head + bytes([10, 2 * 9]) + b"\xff" * 9 + SYNC)
    with pytest.raises(DeliveryError, match="this Avro file is damaged"):
        account_for(avro(), path)


@pytest.mark.parametrize("codec", ["zstandard", "snappy"])
def test_codecs_for_which_fastavro_needs_other_packages(read: Read, codec: str) -> None:
    import zlib

    import pyarrow as pa
    import zstandard

    body = b"".join(bytes([2 * n, 2, 2, 97]) for n in range(5))
    if codec == "zstandard":
        packed = zstandard.compress(body)
    else:
        packed = pa.compress(body, codec="snappy", asbytes=True)
        packed += zlib.crc32(body).to_bytes(4, "big")
    head = written(ROW, [])
    head = head.replace(b"\x08null", bytes([2 * len(codec)]) + codec.encode())
    data = head + bytes([10, 2 * len(packed)]) + packed + SYNC
    assert read(data, avro()).cells == [(n, "a") for n in range(5)]


@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        ("int", -5, -5),
        ("boolean", True, True),
        ("double", 1.5, 1.5),
        ("bytes", b"text", "text"),
        ("bytes", b"\xff", "not UTF-8: x'FF'"),
        ({"type": "enum", "name": "e", "symbols": ["A", "B"]}, "B", "B"),
        ({"type": "array", "items": ["null", "int"]}, [1, None], [1, None]),
        ({"type": "map", "values": "int"}, {"a": 1}, {"a": 1}),
        (record(x="int"), {"x": 1}, {"x": 1}),
        ({"type": "int", "logicalType": "date"}, date(2026, 1, 2), date(2026, 1, 2)),
        ({"type": "int", "logicalType": "time-millis"}, time(1, 2, 3), time(1, 2, 3)),
        (
            {"type": "long", "logicalType": "timestamp-micros"},
            datetime(2026, 1, 2, tzinfo=UTC),
            datetime(2026, 1, 2, tzinfo=UTC),
        ),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2},
            Decimal("-1.50"),
            Decimal("-1.50"),
        ),
        (
            {
                "type": "array",
                "items": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 1},
            },
            [Decimal("0.1")],
            [Decimal("0.1")],
        ),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 60, "scale": 1},
            Decimal(10) ** 50,
            f"{10**50}.0",
        ),
        (
            {"type": "fixed", "name": "f", "size": 12, "logicalType": "duration"},
            struct.pack("<3I", 1, 2, 3004),
            "P1M2DT3.004S",
        ),
        (["int", "string", "null"], "x", "x"),
        (["int", "string", "null"], 7, "7"),
        (["int", "string", "null"], None, None),
        (["string", {"type": "array", "items": "int"}], [1, 2], "[1, 2]"),
    ],
)
def test_types(read: Read, kind: Any, value: Any, cell: Any) -> None:
    inner = {**kind, "name": "inner"} if isinstance(kind, dict) and "fields" in kind else kind
    assert read(written(record(x=inner), [{"x": value}]), avro(binary="text")).cells == [(cell,)]


def test_a_date_beyond_pythons_is_read(read: Read) -> None:
    """Their bytes are a plain number's, which fastavro writes of any size."""
    plain = written(record(x="int"), [{"x": 4_000_000}])
    head = written(record(x={"type": "int", "logicalType": "date"}), [])
    reading = read(head + plain.split(SYNC, 1)[1], avro())
    assert reading.rows["x"].cast(pl.Int32).to_list() == [4_000_000]


def test_names_are_resolved_and_recursion_becomes_json(read: Read) -> None:
    schema = {
        "type": "record",
        "name": "node",
        "namespace": "tree",
        "fields": [
            {"name": "a", "type": {"type": "fixed", "name": "two", "size": 2}},
            {"name": "b", "type": ["null", "two"]},
            {"name": "next", "type": ["null", "tree.node"]},
        ],
    }
    inner = {"a": b"xy", "b": None, "next": None}
    reading = read(written(schema, [{"a": b"ab", "b": b"cd", "next": inner}]), avro(binary="text"))
    assert reading.cells == [("ab", "cd", '{"a": "7879", "b": null, "next": null}')]


def test_a_file_of_other_things_than_records(read: Read) -> None:
    reading = read(written("long", [1, 2]), avro())
    assert (dict(reading.framing.columns), reading.cells) == ({"value": pl.Int64}, [(1,), (2,)])


WHOLE = written(ROW, ROWS, "deflate", interval=500)
PLAIN = written(ROW, ROWS)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (WHOLE[:-5], "cut off"),
        (WHOLE[: len(WHOLE) // 2], "cut off"),
        (WHOLE[:-1] + b"x", "does not end where it should"),
        (WHOLE[:60], "damaged"),
        (b"", "not an Avro file"),
        (b"a,b\n1,2\n", "not an Avro file"),
        (WHOLE.replace(b"deflate", b"inflate"), "'inflate' is not known"),
        (WHOLE.replace(b'"long"', b'"lung"'), "schema is not valid"),
        (PLAIN.replace(b"name 101", b"name \xff01"), "damaged"),
    ],
)
def test_what_is_no_whole_file(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "x.avro"
    path.write_bytes(data)
    with pytest.raises(DeliveryError, match=says) as caught:
        read_whole(avro(), path)
    assert caught.value.where == "x.avro"


def test_a_block_that_would_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.avro"
    path.write_bytes(written(record(s="string"), [{"s": "x" * 5000}], "deflate"))
    monkeypatch.setattr(avro_container, "MAX_BLOCK", 4096)
    with pytest.raises(DeliveryError, match="larger than"):
        account_for(avro(), path)


@pytest.mark.parametrize("head", [PLAIN[:5], written(ROW, []) + b"\x02"], ids=["header", "block"])
def test_a_size_that_the_file_cannot_have_takes_no_memory(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "x.avro"
    path.write_bytes(head + b"\xfe\xff\xff\xff\xff\x1f" + bytes(99))  # nearly 2**39
    tracemalloc.start()
    with pytest.raises(DeliveryError, match="cut off"):
        account_for(avro(), path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2**24


def test_records_of_no_bytes_are_not_counted_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    many = b"\xfe\xff\xff\xff\xff\xff\xff\xff\x7f"
    path.write_bytes(written(record(x="null"), []) + many + b"\0" + SYNC)
    with pytest.raises(DeliveryError, match="says that it has"):
        account_for(avro(), path)


def test_without_fastavro_the_error_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fastavro", None)
    with pytest.raises(UsageError, match=r"cleanhold\[avro\]"):
        avro().open(tmp_path / "x.avro")
