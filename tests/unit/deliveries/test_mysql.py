"""Queries of MySQL or MariaDB, where there is one: CLEANHOLD_MYSQL_URL=mysql://user:password@host/db.

No server of theirs can be installed with pip, so these tests are run by hand.
"""

from __future__ import annotations

import os
import socket
from urllib.parse import unquote, urlsplit

import pymysql
import pytest

from cleanhold import sql
from cleanhold.errors import DeliveryError

from .landing import MakePlace

URL = os.environ.get("CLEANHOLD_MYSQL_URL", "")
needs_server = pytest.mark.skipif(not URL, reason="set CLEANHOLD_MYSQL_URL to run it")


def execute(*statements: str) -> None:
    parts = urlsplit(URL)
    connection = pymysql.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=parts.path.lstrip("/"),
        autocommit=True,
    )
    with connection, connection.cursor() as cursor:
        for statement in ("set sql_mode = ''", "set time_zone = '+00:00'", *statements):
            cursor.execute(statement)


@needs_server
def test_what_connectorx_would_cut_arrives_as_text(place: MakePlace) -> None:
    execute(
        "drop table if exists cleanhold_types",
        "create table cleanhold_types(id bigint unsigned, d decimal(30,12), big decimal(65,30), "
        "db double, day date, at datetime(6), ts timestamp(6) null, t time, s varchar(20) "
        "character set utf8mb4, j json, b varbinary(9), y year)",
        "insert into cleanhold_types values (18446744073709551615, "
        "123456789012345678.123456789012, 1e34, 0.1, '0000-00-00', "
        "'2024-00-10 10:00:00.123456', '2024-01-01 10:00:00.123456', '-838:59:59', 'Zoë 😀', "
        "'{\"a\": 1.50}', x'00ff', 2024)",
        "insert into cleanhold_types(id) values (1)",
    )
    query = "select * from cleanhold_types order by id desc limit 2"
    rows = place(sql(url_env="CLEANHOLD_MYSQL_URL", query=query)).rows()
    assert rows is not None
    assert rows.row(0) == (
        18446744073709551615,
        "123456789012345678.123456789012",
        "1" + "0" * 34 + "." + "0" * 30,
        0.1,
        "0000-00-00",
        "2024-00-10 10:00:00.123456",
        "2024-01-01 10:00:00.123456",
        "-838:59:59",
        "Zoë 😀",
        '{"a": 1.50}',
        b"\x00\xff",
        2024,
    )
    assert rows.row(1) == (1, *[None] * 11)


@needs_server
def test_watermark_and_pieces(place: MakePlace) -> None:
    insert = "insert into cleanhold_rows values "
    execute(
        "drop table if exists cleanhold_rows",
        "create table cleanhold_rows(id int, piece int, at datetime(3))",
        insert + ", ".join(f"({n}, {n if n % 7 else 'null'}, '2026-01-01 00:00:{n % 60:02}.5')"
                           for n in range(500)),
    )  # fmt: skip
    crm = place(
        sql(url_env="CLEANHOLD_MYSQL_URL", table="cleanhold_rows", watermark="at",
            partition_on="piece", partitions=3)
    )  # fmt: skip
    assert crm.column("id") == list(range(500))
    assert crm.receipts[0]["sql"]["mark"]["value"] == "2026-01-01 00:00:59.500"
    assert not crm.receipts[0]["sql"]["one_moment"]
    assert not crm.waiting()
    execute(insert + "(1000, 1, '2026-01-02')")
    found = crm.column("id")
    assert found is not None
    assert 1000 in found
    assert not crm.waiting()


@needs_server
def test_what_fails_is_said(place: MakePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Exception, match="does not understand the query") as caught:
        place(sql(url_env="CLEANHOLD_MYSQL_URL", table="no_such_table")).land()
    password = unquote(urlsplit(URL).password or "\0")
    assert password not in str(caught.value)


@pytest.mark.parametrize("scheme", ["mysql", "mariadb", "mssql", "oracle"])
def test_nobody_is_there(scheme: str, place: MakePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        monkeypatch.setenv("CRM_URL", f"{scheme}://crm:s3cret@127.0.0.1:{port}/crm")
        with pytest.raises(DeliveryError, match="cannot be reached") as caught:
            place(sql(url_env="CRM_URL", table="t")).land()
    assert "s3cret" not in str(caught.value)
    assert caught.value.where is not None
    assert caught.value.where.endswith(f"127.0.0.1:{port}/crm")
