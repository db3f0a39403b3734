from __future__ import annotations

import pytest

from cleanhold.deliveries.databases.url import parse, secret_blocks, url_from
from cleanhold.errors import DeliveryError, SourceError


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("postgresql://u:p@db.example.org/crm", "postgresql", "postgresql://db.example.org/crm"),
        ("postgresql+psycopg://u:p@h:5433/crm?sslmode=require", "postgresql", "postgresql://h:5433/crm"),
        ("postgres://u:p@[::1]/crm", "postgresql", "postgresql://::1/crm"),
        ("mysql+pymysql://u:p@h/crm", "mysql", "mysql://h/crm"),
        ("mariadb://u:p@h/crm", "mysql", "mysql://h/crm"),
        ("mssql+pyodbc://u:p@h:1433/crm?driver=x", "mssql", "mssql://h:1433/crm"),
        ("oracle+oracledb://u:p@h:1521/XE", "oracle", "oracle://h:1521/XE"),
        ("sqlite:///data/crm.db", "sqlite", "sqlite:/data/crm.db"),
        ("duckdb:////abs/crm.duckdb", "duckdb", "duckdb://abs/crm.duckdb"),
    ],
)  # fmt: skip
def test_urls_as_sqlalchemy_writes_them(text: str, kind: str, shown: str) -> None:
    url = parse(text, "here")
    assert (url.kind, url.shown) == (kind, shown)
    assert "u:p" not in repr(url)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "crm",
        "http://u:secret@h/",
        "postgresql://u:se@cret@h/crm",
        "postgresql://u:se/cret@h/crm",
        "postgresql://u:se#cret@h/crm",
        "postgresql://u:secret@h:port/crm",
    ],
)
def test_what_is_no_url_is_not_repeated(text: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse(text, "here")
    assert "cret" not in str(caught.value).replace("secret block", "")


def test_passwords_are_blotted_out_however_they_are_written() -> None:
    url = parse("postgresql://u:a%20b%2Fc@h/crm?sslpassword=more%26more", "here")
    said = f"a b/c and a%20b%2Fc and a+b%2Fc and more&more and more%26more in {url.secret}"
    assert url.without_secrets(said).replace("***", "") == " and  and  and  and  in "


def test_blocks_are_asked_for_where_there_are_some() -> None:
    with pytest.raises(SourceError, match="only be read within a flow"):
        url_from(None, "crm-url", None)
    with secret_blocks({"crm-url": "sqlite:///a.db"}.__getitem__):
        assert url_from(None, "crm-url", None).kind == "sqlite"

    def missing(name: str) -> str:
        raise ValueError(f"no block {name}")

    with secret_blocks(missing), pytest.raises(DeliveryError, match="cannot be read"):
        url_from(None, "crm-url", None)
