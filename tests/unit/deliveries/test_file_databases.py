"""Queries of databases that are files: SQLite and DuckDB."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from cleanhold import sql
from cleanhold.errors import DeliveryError, SourceError

from .landing import MakePlace

SQLITE, DUCKDB = "sqlite:///crm.db", "duckdb:///crm.duckdb"

Execute = Callable[..., None]


def test_sqlite_values_keep_their_class(sqlite: Execute, place: MakePlace) -> None:
    sqlite("create table t(i integer, r real, t text, b blob, mixed, late, never)")
    sqlite(
        "insert into t values (?, ?, ?, ?, ?, ?, ?)",
        [(n, None, None, None, n, None, None) for n in range(70_000)]
        + [
            (2**63 - 1, 0.1, "Zoë\n😀", b"\x00\xff", "text", "late", None),
            (None, None, "", b"", 0.1, None, None),
            (None, 1e300, None, None, b"\x00\xff", None, None),
        ],
    )
    crm = place(sql(url=SQLITE, table="t"))
    rows = crm.rows()
    assert rows is not None
    assert rows.height == 70_003
    assert rows[0].row(0) == (0, None, None, None, "0", None, None)
    assert rows[-3:].rows() == [
        (2**63 - 1, 0.1, "Zoë\n😀", b"\x00\xff", "text", "late", None),
        (None, None, "", b"", "0.1", None, None),
        (None, 1e300, None, None, "x'00FF'", None, None),
    ]
    types = {c["name"]: c["type"] for c in crm.receipts[0]["sql"]["schema"]}
    assert types["mixed"] == "blob or integer or real or text"


def test_sqlite_is_not_written_to(sqlite: Execute, place: MakePlace, tmp_path: Path) -> None:
    sqlite("create table t(i integer)")
    before = (tmp_path / "crm.db").read_bytes()
    with pytest.raises(SourceError):
        place(sql(url=SQLITE, query="delete from t")).land()
    place(sql(url=SQLITE, table="t")).land()
    assert (tmp_path / "crm.db").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["crm.db"]


@pytest.mark.parametrize("column", ["number", "day", "moment", "zoned"])
def test_sqlite_watermarks(sqlite: Execute, place: MakePlace, column: str) -> None:
    sqlite("create table t(id integer, number, day text, moment text, zoned text)")
    insert = "insert into t values (?, ?, ?, ?, ?)"
    start = dt.datetime(2026, 1, 1)

    def row(n: int) -> tuple[Any, ...]:
        at = start + dt.timedelta(days=n)
        return n, n, f"{at:%Y-%m-%d}", f"{at:%Y-%m-%d %H:%M:%S}", f"{at:%Y-%m-%dT%H:%M:%SZ}"

    sqlite(insert, [row(n) for n in (1, 2, 3, 5, 9)])
    overlap = 5 if column == "number" else dt.timedelta(days=4, hours=12)
    crm = place(sql(url=SQLITE, table="t", watermark=column, overlap=overlap))
    assert crm.column("id") == [1, 2, 3, 5, 9]
    assert not crm.waiting()
    sqlite(
        insert, [row(4)]
    )  # late: half a day below the overlap, which a column of days cannot tell
    sqlite(insert, [row(6)])
    assert crm.column("id") == ([4, 5, 6, 9] if column in ("number", "day") else [5, 6, 9])
    assert not crm.waiting()


def test_rows_that_only_went_are_no_news(sqlite: Execute, place: MakePlace) -> None:
    sqlite("create table t(id integer)")
    sqlite("insert into t values (?)", [(1,), (2,)])
    crm = place(sql(url=SQLITE, table="t", watermark="id"))
    assert crm.column("id") == [1, 2]
    sqlite("delete from t where id = 2")
    assert not crm.waiting()


def test_pieces_of_sqlite(sqlite: Execute, place: MakePlace) -> None:
    sqlite("create table t(id integer, n integer)")
    sqlite("insert into t values (?, ?)", [(n, n if n % 3 else None) for n in range(100)])
    crm = place(sql(url=SQLITE, table="t", partition_on="n", partitions=7))
    assert crm.column("id") == list(range(100))


@pytest.fixture
def warehouse(tmp_path: Path) -> Callable[[str], None]:
    def execute(statements: str) -> None:
        with duckdb.connect(str(tmp_path / "crm.duckdb")) as connection:
            connection.execute(statements)

    return execute


def test_duckdb_types(warehouse: Callable[[str], None], place: MakePlace) -> None:
    warehouse(
        """create table t as select 1::utinyint u, 2::bigint b, 1.50::decimal(38,2) d,
        170141183460469231731687303715884105727::hugeint h, 0.1::double f, 'Zoë' s, 'x'::blob bl,
        date '2026-01-02' "day", date 'infinity' later, timestamp '2026-01-02 03:04:05.123456' "at",
        timestamptz '2026-01-02 03:04:05+05' z, timestamp_ns '2026-01-02 03:04:05.123456789' ns,
        time '10:00' t, [1, null, 3] l, {'a': 1.5::double, 'b': [true]} st,
        [1.50::decimal(38,2)] ld, map {'k': 1} m,
        uuid '00000000-0000-0000-0000-000000000001' id, 'a'::enum('a','b') e,
        interval '1 month 2 days' iv, null n"""
    )
    crm = place(sql(url=DUCKDB, table="t"))
    rows = crm.rows()
    assert rows is not None
    expected = {
        "u": 1,
        "b": 2,
        "d": Decimal("1.50"),
        "h": "170141183460469231731687303715884105727",
        "f": 0.1,
        "s": "Zoë",
        "bl": b"x",
        "day": dt.date(2026, 1, 2),
        "later": "infinity",
        "at": dt.datetime(2026, 1, 2, 3, 4, 5, 123456),
        "z": dt.datetime(2026, 1, 1, 22, 4, 5, tzinfo=dt.UTC),
        "t": "10:00:00",
        "l": "[1,null,3]",
        "st": '{"a":1.5,"b":[true]}',
        "ld": "[1.50]",
        "m": '{"k":1}',
        "id": "00000000-0000-0000-0000-000000000001",
        "e": "a",
        "iv": "1 month 2 days",
        "n": None,
    }
    assert {name: rows[name][0] for name in expected} == expected
    assert rows["ns"].to_physical()[0] % 1000 == 789
    assert not Path(crm.root / "crm.duckdb.wal").exists()


def test_a_busy_duckdb_is_said(
    warehouse: Callable[[str], None], place: MakePlace, tmp_path: Path
) -> None:
    warehouse("create table t as select 1 as id")
    hold = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); c.execute('create table u(i int)');"
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path / "crm.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(DeliveryError, match="cannot be reached"):
            place(sql(url=DUCKDB, table="t")).land()
        holder.communicate()
    assert place(sql(url=DUCKDB, table="t")).column("id") == [1]


@pytest.mark.parametrize("url", [SQLITE, DUCKDB])
def test_a_missing_file_is_said_and_not_made(url: str, place: MakePlace, tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="does not exist"):
        place(sql(url=url, table="t")).land()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "duckdb:///:memory:"])
def test_no_file_is_named(url: str, place: MakePlace) -> None:
    with pytest.raises((SourceError, DeliveryError), match=r"names no file|does not exist"):
        place(sql(url=url, table="t")).land()


def test_text_that_is_no_utf8_names_its_column(sqlite: Execute, place: MakePlace) -> None:
    sqlite("create table t(id integer, name text)")
    sqlite("insert into t values (1, cast(x'ff41' as text))")
    with pytest.raises(DeliveryError, match="'name' has text that is not UTF-8"):
        place(sql(url=SQLITE, table="t")).land()
    rows = place(sql(url=SQLITE, query="select id, cast(name as blob) as name from t")).rows()
    assert rows is not None
    assert rows.row(0) == (1, b"\xffA")


def test_the_same_rows_are_the_same_bytes(sqlite: Execute, place: MakePlace) -> None:
    sqlite("create table t(id integer, name text)")
    sqlite("insert into t values (?, ?)", [(n, f"name {n}") for n in range(1000)])
    crm = place(sql(url=SQLITE, table="t"))
    assert crm.land() == crm.land()
    assert crm.receipts[0] == crm.receipts[1]


def test_names_with_quotes(sqlite: Execute, place: MakePlace) -> None:
    sqlite('create table "a ""b"" c"("x ""y""" integer, "select" text)')
    sqlite('insert into "a ""b"" c" values (1, \'it\'\'s\')')
    rows = place(sql(url=SQLITE, table='a "b" c', watermark="select")).rows()
    assert isinstance(rows, pl.DataFrame)
    assert rows.to_dicts() == [{'x "y"': 1, "select": "it's"}]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"table": "t"}, "exactly one of"),
        ({"url_env": "A", "url_block": "b", "table": "t"}, "exactly one of"),
        ({"url": "postgresql://u:p@h/d", "table": "t"}, "must not stand in code"),
        ({"url_env": "A"}, "query or table"),
        ({"url_env": "A", "table": "t", "query": "select 1"}, "query or table"),
        ({"url_env": "A", "table": "t", "key": "a", "watermark": "b"}, "not both"),
        ({"url_env": "A", "table": "t", "overlap": 1}, "needs a watermark"),
        ({"url_env": "A", "table": "t", "key": "a", "overlap": -1}, "negative"),
        ({"url_env": "A", "table": "t", "partition_on": "a", "partitions": 0}, "at least 1"),
    ],
)
def test_mistaken_options(options: dict[str, Any], says: str) -> None:
    with pytest.raises(SourceError, match=says):
        sql(**options)
