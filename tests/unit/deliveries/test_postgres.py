"""Queries of a real PostgreSQL."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from cleanhold import sql
from cleanhold.errors import DeliveryError, SourceError

from .conftest import Server
from .landing import MakePlace

UTC = dt.UTC

#: SQL of a value → what arrives, and its type.
TYPES: list[tuple[str, Any, str]] = [
    ("1::int2", 1, "int16"),
    ("(-2147483648)::int4", -2147483648, "int32"),
    ("9223372036854775807::int8", 9223372036854775807, "int64"),
    ("1.5::float4", 1.5, "float"),
    ("0.1::float8", 0.1, "double"),
    ("'infinity'::float8", float("inf"), "double"),
    ("true", True, "bool"),
    ("'Zoë 😀'", "Zoë 😀", "string"),
    ("''", "", "string"),
    ("'x'::char(3)", "x  ", "string"),
    ("E'\\\\x00ff'::bytea", b"\x00\xff", "binary"),
    ("1.50::numeric(10,2)", Decimal("1.50"), "decimal128(10, 2)"),
    (
        "12345678901234567890123456789012345.678::numeric(38,3)",
        Decimal("12345678901234567890123456789012345.678"),
        "decimal128(38, 3)",
    ),
    ("'NaN'::numeric(10,2)", "NaN", "string"),
    ("1.500::numeric", "1.500", "string"),
    ("1e50::numeric(60,2)", "1" + "0" * 50 + ".00", "string"),
    ("150::numeric(3,-1)", "150", "string"),
    ("'2024-02-29'::date", dt.date(2024, 2, 29), "date32[day]"),
    ("'infinity'::date", "infinity", "string"),
    ("'0044-03-15 BC'::date", "0044-03-15 BC", "string"),
    (
        "'2024-01-01 10:00:00.123456'::timestamp",
        dt.datetime(2024, 1, 1, 10, 0, 0, 123456),
        "timestamp[us]",
    ),
    (
        "'2024-01-01 10:00:00+05'::timestamptz",
        dt.datetime(2024, 1, 1, 5, tzinfo=UTC),
        "timestamp[us, tz=UTC]",
    ),
    ("'-infinity'::timestamptz", "-infinity", "string"),
    ("'294276-12-31'::timestamp", "294276-12-31 00:00:00", "string"),
    ("'24:00:00'::time", "24:00:00", "string"),
    ("'10:00:00+02'::timetz", "10:00:00+02", "string"),
    ("'1 mon 2 days'::interval", "P1M2D", "string"),
    ("""'{"b": 1.50, "a": 1}'::json""", '{"b": 1.50, "a": 1}', "string"),
    ("""'{"b": 1.50}'::jsonb""", '{"b": 1.50}', "string"),
    ("array[[1,2],[3,null]]", "[[1,2],[3,null]]", "string"),
    ("row(1,'a')", '{"f1":1,"f2":"a"}', "string"),
    ("'12.34'::money", "12.34", "string"),
    ("B'101'", "101", "string"),
    ("int4range(1,5)", "[1,5)", "string"),
    ("'10.0.0.1'::inet", "10.0.0.1/32", "string"),
    ("null::int4", None, "int32"),
    ("null::numeric(10,2)", None, "decimal128(10, 2)"),
]


def test_every_type_arrives_exactly_or_as_text(postgres: Server, place: MakePlace) -> None:
    columns = ", ".join(f"{sql} as c{n}" for n, (sql, _, _) in enumerate(TYPES))
    crm = place(sql(url_env="CRM_URL", query=f"select {columns};"))
    rows = crm.rows()
    assert rows is not None
    arrived = dict(zip((s for s, _, _ in TYPES), rows.row(0), strict=True))
    assert arrived == {s: value for s, value, _ in TYPES}
    schema = crm.receipts[0]["sql"]["schema"]
    assert [c["arrives"] for c in schema] == [arrives for _, _, arrives in TYPES]
    assert schema[11]["type"] == "numeric(10,2)"


def test_one_bad_moment_makes_its_column_text_and_no_other(
    postgres: Server, place: MakePlace
) -> None:
    postgres.execute(
        "create table t as select * from (values (1, '2024-01-01'::timestamptz, now()), "
        "(2, 'infinity', now())) v(id, until, at)",
        "grant select on t to crm",
    )
    rows = place(sql(url_env="CRM_URL", query="select * from t order by id")).rows()
    assert rows is not None
    assert rows["until"].to_list() == ["2024-01-01 00:00:00+00", "infinity"]
    assert rows.schema["at"] == pl.Datetime("us", "UTC")


@pytest.fixture
def contacts(postgres: Server) -> Server:
    postgres.execute(
        "create table contacts(id int primary key, name text, updated_at timestamptz)",
        "insert into contacts select n, 'name ' || n, "
        "'2026-01-01'::timestamptz + n * interval '1 hour' from generate_series(1, 1000) n",
        "grant select on contacts to crm",
    )
    return postgres


def test_a_table_in_pieces_has_every_row_once(contacts: Server, place: MakePlace) -> None:
    contacts.execute(
        "alter table contacts add piece bigint",
        "update contacts set piece = case when id % 10 > 0 then id * id end",
    )
    for partitions in (1, 3, 8):
        crm = place(
            sql(
                url_env="CRM_URL",
                table="public.contacts",
                partition_on="piece",
                partitions=partitions,
            )
        )
        assert crm.column("id") == list(range(1, 1001))
        assert crm.receipts[0]["sql"]["one_moment"]


def test_the_same_rows_in_pieces_are_the_same_bytes(contacts: Server, place: MakePlace) -> None:
    crm = place(sql(url_env="CRM_URL", table="contacts", partition_on="id"))
    assert crm.land() == crm.land()


def test_all_pieces_are_of_one_moment(contacts: Server, place: MakePlace) -> None:
    """Rows that come while the pieces are read are in none of them."""
    crm = place(sql(url_env="CRM_URL", table="contacts", partition_on="id", partitions=2))
    (delivery,) = crm.waiting()
    copy = io.BytesIO()
    changed = []

    def change(_: int) -> None:
        if not changed:
            changed.append(1)
            contacts.execute(
                "insert into contacts select n, 'late' from generate_series(0,-9,-1) n"
            )

    receipt = delivery.fetch(copy, change)
    assert changed
    assert receipt["sql"]["rows"] == 1000


def test_pieces_need_whole_numbers(contacts: Server, place: MakePlace) -> None:
    crm = place(sql(url_env="CRM_URL", table="contacts", partition_on="name"))
    with pytest.raises(SourceError, match="'name' is of the type text"):
        crm.land()


def test_watermark(contacts: Server, place: MakePlace) -> None:
    crm = place(sql(url_env="CRM_URL", table="contacts", watermark="updated_at"))
    assert len(crm.column("id") or []) == 1000
    assert crm.receipts[0]["sql"]["mark"]["value"] == "2026-02-11 16:00:00+00"
    assert not crm.waiting()

    contacts.execute("insert into contacts values (1001, 'new', '2026-03-01')")
    assert crm.column("id") == [1000, 1001], "the highest value again, in case it has company"
    assert not crm.waiting()

    contacts.execute("insert into contacts values (1002, 'as new as the last', '2026-03-01')")
    assert crm.column("id") == [1001, 1002]
    contacts.execute("update contacts set name = 'changed' where id = 1002")
    assert crm.column("id") == [1001, 1002]
    assert not crm.waiting()

    contacts.execute("insert into contacts values (1003, 'nobody knows when', null)")
    assert crm.column("id") == [1001, 1002, 1003]
    assert not crm.waiting()
    contacts.execute("update contacts set updated_at = 'infinity' where id = 1003")
    assert crm.column("id") == [1001, 1002, 1003]
    assert not crm.waiting()
    contacts.execute("insert into contacts values (1004, 'not hidden by infinity', '2026-03-02')")
    assert crm.column("id") == [1001, 1002, 1003, 1004]
    assert not crm.waiting()


def test_late_rows_come_within_the_overlap(contacts: Server, place: MakePlace) -> None:
    late = "insert into contacts values (1001, 'late', '2026-02-11 14:30+00')"
    strict = place(sql(url_env="CRM_URL", table="contacts", watermark="updated_at"))
    patient = place(
        sql(
            url_env="CRM_URL",
            table="contacts",
            watermark="updated_at",
            overlap=dt.timedelta(hours=2),
        )
    )
    strict.land()
    patient.land()
    assert not patient.waiting()
    contacts.execute(late)
    assert not strict.waiting()
    assert patient.column("id") == [998, 999, 1000, 1001]
    assert not patient.waiting()


def test_key(contacts: Server, place: MakePlace) -> None:
    crm = place(sql(url_env="CRM_URL", query="select * from contacts", key="id"))
    assert len(crm.column("id") or []) == 1000
    assert not crm.waiting()
    contacts.execute("update contacts set name = 'changed' where id = 1000")
    assert not crm.waiting(), "rows under a key do not change"
    contacts.execute("insert into contacts values (1001, 'new'), (1003, 'newer')")
    assert crm.column("id") == [1001, 1003]
    assert not crm.waiting()

    overlapping = place(sql(url_env="CRM_URL", table="contacts", key="id", overlap=5))
    overlapping.land()
    contacts.execute("insert into contacts values (1002, 'committed late')")
    assert overlapping.column("id") == [998, 999, 1000, 1001, 1002, 1003]


def test_what_failed_is_asked_again(contacts: Server, place: MakePlace) -> None:
    crm = place(sql(url_env="CRM_URL", table="contacts", watermark="updated_at"))
    (delivery,) = crm.waiting()
    delivery.fetch(io.BytesIO(), lambda _: None)  # and then the run is killed: no receipt
    assert len(crm.column("id") or []) == 1000


def test_another_query_begins_anew(contacts: Server, place: MakePlace) -> None:
    crm = place(sql(url_env="CRM_URL", table="contacts", key="id"))
    crm.land()
    query = "select id, name from contacts"
    crm.arrivals = sql(url_env="CRM_URL", query=query, key="id")
    assert len(crm.column("id") or []) == 1000


def test_nothing_there_yet_is_no_delivery(postgres: Server, place: MakePlace) -> None:
    postgres.execute("create table t(id int)", "grant select on t to crm")
    assert not place(sql(url_env="CRM_URL", table="t", key="id")).waiting()
    rows = place(sql(url_env="CRM_URL", table="t")).rows()
    assert rows is not None
    assert rows.schema == {"id": pl.Int32}, "but without a key, an empty table is what there is"


def test_a_type_without_order_is_no_watermark(postgres: Server, place: MakePlace) -> None:
    crm = place(sql(url_env="CRM_URL", query="select 'a'::bytea as a", watermark="a"))
    with pytest.raises(SourceError):
        crm.land()


def test_an_overlap_must_fit(contacts: Server, place: MakePlace) -> None:
    crm = place(sql(url_env="CRM_URL", table="contacts", watermark="updated_at", overlap=3))
    with pytest.raises(SourceError, match="overlap 3 does not fit the column 'updated_at'"):
        crm.land()


def test_a_query_that_changes_is_not_landed(postgres: Server, place: MakePlace) -> None:
    query = "select n from generate_series(1, (random() * 200000)::int) n"  # twice alike: never
    with pytest.raises(DeliveryError, match=r"counted \d+ rows and gave \d+"):
        place(sql(url_env="CRM_URL", query=query)).land()
