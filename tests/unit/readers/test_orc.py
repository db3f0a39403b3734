from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.orc
import pytest

from cleanhold.errors import DeliveryError
from cleanhold.readers import orc
from cleanhold.testing.reader_suite import account_for

from .conftest import Read

TABLE = pa.table(
    {
        "n": pa.array(range(5000)),
        "day": pa.array([date(2026, 1, 1)] * 5000),
        "amount": pa.array([Decimal("1.50")] * 5000, pa.decimal128(10, 2)),
        "name": pa.array(["é"] * 4999 + [None]),
        "raw": pa.array([b"a", b"\xff"] * 2500),
    }
)


def written(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pa.orc.write_table(table, sink, stripe_size=1024, batch_size=256)
    return sink.getvalue()


WHOLE = written(TABLE)


def test_columns_keep_their_types(read: Read) -> None:
    reading = read(WHOLE, orc(binary="text"))
    assert dict(reading.framing.columns) == {
        "n": pl.Int64,
        "day": pl.Date,
        "amount": pl.Decimal(10, 2),
        "name": pl.String,
        "raw": pl.String,
    }
    assert reading.rows["n"].to_list() == list(range(5000))
    assert reading.cells[0][1:] == (date(2026, 1, 1), Decimal("1.50"), "é", "a")
    assert reading.cells[-1][3:] == (None, "not UTF-8: x'FF'")


def test_several_stripes_are_several_chunks(tmp_path: Path) -> None:
    path = tmp_path / "x.orc"
    path.write_bytes(WHOLE)
    assert pa.orc.ORCFile(path).nstripes > 1
    assert sum(1 for _ in orc().open(path).chunks) > 1


def test_no_rows(read: Read) -> None:
    assert read(written(TABLE[:0]), orc()).records == 0


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (WHOLE[:-20], "no end"),
        (b"", "not an ORC"),
        (b"a,b\n", "not an ORC"),
        (WHOLE[:3] + bytes(len(WHOLE) - 23) + WHOLE[-20:], "damaged"),
        (WHOLE[:3] + b"\xff" * 3000 + WHOLE[3003:], "damaged"),
    ],
)
def test_what_is_no_whole_file(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "x.orc"
    path.write_bytes(data)
    with pytest.raises(DeliveryError, match=says):
        account_for(orc(), path)


def test_a_column_whose_name_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x.orc"
    sink = io.BytesIO()
    pa.orc.write_table(pa.table({"column": [1]}), sink, compression="uncompressed")
    path.write_bytes(sink.getvalue().replace(b"column", b"\xfe\xffmean"))
    with pytest.raises(DeliveryError, match="damaged"):
        account_for(orc(), path)
