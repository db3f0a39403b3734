from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cleanhold.errors import DeliveryError
from cleanhold.readers import arrow_tables, parquet, parquet_file
from cleanhold.testing.reader_suite import account_for, read_whole


@pytest.fixture
def frame() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "n": range(1000),
            "day": [date(2026, 1, 1)] * 1000,
            "amount": [Decimal("1.50")] * 1000,
            "tags": [["a", None]] * 1000,
            "name": ["é"] * 999 + [None],
        }
    )


def test_columns_keep_their_types(
    tmp_path: Path, frame: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_file, "ROWS", 300)
    monkeypatch.setattr(arrow_tables, "ROWS", 300)
    path = tmp_path / "x.parquet"
    frame.write_parquet(path, row_group_size=128)
    reading = account_for(parquet(), path)
    assert reading.rows.drop("__record", "__offset", "__length").equals(frame)
    assert dict(reading.framing.columns) == dict(frame.schema)
    assert reading.rows["__record"].to_list() == list(range(1, 1001))
    assert reading.framing.encoding is None
    assert sum(1 for _ in parquet().open(path).chunks) > 1


def test_no_rows(tmp_path: Path, frame: pl.DataFrame) -> None:
    path = tmp_path / "x.parquet"
    frame.clear().write_parquet(path)
    assert account_for(parquet(), path).records == 0


def test_reserved_names_are_changed(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pl.DataFrame({"__record": [1], "__record_2": [2]}).write_parquet(path)
    reading = account_for(parquet(), path)
    assert list(reading.framing.columns) == ["__record_3", "__record_2"]
    assert reading.framing.notes


def test_names_that_polars_would_expand(tmp_path: Path, frame: pl.DataFrame) -> None:
    folder = tmp_path / "year=2026"
    folder.mkdir()
    path = folder / "x[0-9]*.parquet"
    frame.write_parquet(path)
    assert list(account_for(parquet(), path).framing.columns) == frame.columns


@pytest.mark.parametrize(
    ("cut", "says"),
    [
        (lambda whole: whole[:-20], "no end"),
        (lambda whole: b"", "not a Parquet"),
        (lambda whole: b"a,b\n1,2\n", "not a Parquet"),
        (lambda whole: b"PAR1PAR1PAR1", "damaged"),
        (lambda whole: whole[:-4] + b"PARE", "encrypted"),
        (lambda whole: whole[:4] + bytes(len(whole) - 12) + whole[-8:], "damaged"),
    ],
)
def test_what_is_no_whole_parquet_file(
    tmp_path: Path, frame: pl.DataFrame, cut: object, says: str
) -> None:
    path = tmp_path / "x.parquet"
    frame.write_parquet(path)
    path.write_bytes(cut(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(DeliveryError, match=says) as caught:
        parquet().open(path)
    assert caught.value.where == "x.parquet"


def test_damage_inside_is_an_error_and_not_fewer_rows(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pl.DataFrame({"a": [f"value {n}" for n in range(50_000)]}).write_parquet(
        path, compression="zstd", use_pyarrow=False
    )
    whole = path.read_bytes()
    path.write_bytes(whole[:2000] + bytes(20_000) + whole[22_000:])
    with pytest.raises(DeliveryError, match="damaged"):
        read_whole(parquet(), path)


def test_bytes_are_text_if_so_wished_and_they_are(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pl.DataFrame({"a": [b"caf\xc3\xa9", b"\xc3", b"\xa9", None]}).write_parquet(path)
    reading = account_for(parquet(binary="text"), path)
    assert reading.cells == [("café",), ("not UTF-8: x'C3'",), ("not UTF-8: x'A9'",), (None,)]
    told = reading.framing.unreadable["a"](pl.col("a"))
    assert reading.rows.select(told)["a"].to_list() == [False, True, True, None]
    assert account_for(parquet(), path).rows["a"].dtype == pl.Binary


def test_a_page_whose_checksum_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    table = pa.table({"a": [f"value {n}" for n in range(1000)]})
    pq.write_table(table, path, compression="none", use_dictionary=False, write_page_checksum=True)
    path.write_bytes(path.read_bytes().replace(b"value 77", b"value 78", 1))
    with pytest.raises(DeliveryError, match="CRC"):
        account_for(parquet(), path)


def test_int96_is_read_beyond_2262(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    moment = datetime(2999, 12, 31, 23, 59, 59, 123456)
    table = pa.table({"a": pa.array([moment], pa.timestamp("us"))})
    pq.write_table(table, path, use_deprecated_int96_timestamps=True)
    reading = account_for(parquet(), path)
    assert reading.cells == [(moment,)]
    assert "INT96" in reading.framing.notes[0]


def test_names_that_are_there_twice(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]), path)
    assert list(account_for(parquet(), path).framing.columns) == ["a", "a_2"]
