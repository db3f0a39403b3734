"""What goes wrong between a workspace and a database: said, repeated, and never a secret told."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from cleanhold import Workspace

from .conftest import PASSWORD, Server

pytestmark = pytest.mark.slow

CONTRACT = """
import pandera.polars as pa
from datetime import datetime
from cleanhold import contract, field


@contract("crm.contacts", version="1.0.0", owner="o@example.org", key="id", load="upsert")
class Contacts(pa.DataFrameModel):
    id: int = field()
    name: str = field(nullable=True)
    updated_at: datetime = field(nullable=True)
"""

SOURCES = """
from datetime import timedelta
from cleanhold import Source, sql

contacts = Source(name="crm.contacts", arrives=sql({}))
"""

#: Ways in which somebody could write down a password.
SECRETS = {PASSWORD, quote(PASSWORD, safe=""), quote_plus(PASSWORD), repr(PASSWORD)[1:-1]}


@pytest.fixture
def contacts(postgres: Server, small: Any) -> Callable[[str], Any]:
    """A workspace over a table of 20,000 contacts; takes the options of `sql`."""
    postgres.execute(
        "create table contacts as select n as id, repeat('x', 200) as name, "
        "'2026-01-01'::timestamptz + n * interval '1 minute' as updated_at "
        "from generate_series(1, 20000) n",
        "create table secrets(id int)",
        "grant select on contacts to crm",
    )
    small.write("contracts/contacts.py", CONTRACT)

    def workspace(options: str) -> Any:
        small.write("flows/sources.py", SOURCES.format(options))
        return small

    return workspace


def told_anywhere(root: Path, *said: str) -> list[str]:
    """Where a password can be read: in what was said, or in a file of the state."""
    found = [text for text in said if any(secret in text for secret in SECRETS)]
    for path in root.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            if any(secret.encode() in data for secret in SECRETS):
                found.append(str(path))
    database = root / ".cleanhold/ledger.db"
    if database.exists():  # compressed or encoded values would hide from a search of the bytes
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            dump = "\n".join(connection.iterdump())
        connection.close()
        found += [f"ledger: {secret}" for secret in SECRETS if secret in dump]
    return found


def test_a_run_from_the_database_to_a_snapshot(
    contacts: Callable[[str], Any], postgres: Server, cleanhold: Any, monkeypatch: Any
) -> None:
    small = contacts('url_env="CRM_URL", table="contacts", watermark="updated_at"')
    said = cleanhold("run", "--workspace", small.root)
    assert said.code == 0, said
    assert small.read("crm.contacts").height == 20_000
    again = cleanhold("run", "--workspace", small.root)
    assert again.code == 0
    assert len(Workspace.find(small.root).snapshots("crm.contacts")) == 1

    postgres.execute("insert into contacts values (20001, 'new', now())")
    assert cleanhold("run", "--workspace", small.root).code == 0
    assert small.read("crm.contacts").height == 20_001

    with Workspace.find(small.root).open() as stores:
        receipt = next(stores.ledger.receipts("crm.contacts"))
    assert receipt["sql"]["schema"][2] == {
        "name": "updated_at",
        "type": "timestamptz",
        "arrives": "timestamp[us, tz=UTC]",
    }
    monkeypatch.setenv("CRM_URL", postgres.url(user="gone"))
    explained = cleanhold("snapshots", "crm.contacts", "--workspace", small.root)
    assert not told_anywhere(small.root, said.out, said.err, again.out, explained.out)


@contextmanager
def environment(name: str, value: str) -> Iterator[None]:
    before = os.environ[name]
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ[name] = before


#: Name → options, how the URL differs, what is said.
FAILURES: dict[str, tuple[str, Callable[[Server], str], str]] = {
    "wrong password": (
        'table="contacts"',
        lambda s: s.url(password=PASSWORD + "x"),
        "does not let this user in",
    ),
    "no such user": ('table="contacts"', lambda s: s.url(user="nobody"), "let this user in"),
    "host down": (
        'table="contacts"',
        lambda s: f"postgresql://crm:{quote(PASSWORD, safe='')}@127.0.0.1:1/crm",
        "cannot be reached",
    ),
    "no such host": (
        'table="contacts"',
        lambda s: f"postgresql://crm:{quote(PASSWORD, safe='')}@no.such.host.invalid/crm",
        "cannot be reached",
    ),
    "no such database": (
        'table="contacts"',
        lambda s: s.url().replace("/postgres?", "/nothing?"),
        "does not exist",
    ),
    "bad SQL": ('query="selec 1"', lambda s: s.url(), "does not understand the query"),
    "no such table": ('table="leads"', lambda s: s.url(), 'relation "leads" does not exist'),
    "no such column": (
        'table="contacts", watermark="changed"',
        lambda s: s.url(),
        "watermark= names 'changed'",
    ),
    "two columns of a name": (
        'query="select a.id, b.id from contacts a, contacts b"',
        lambda s: s.url(),
        "several columns named 'id'",
    ),
    "no permission": ('table="secrets"', lambda s: s.url(), "let this user read that"),
    "a value": (
        'query="select 1 / (id - 7) as id, name, updated_at from contacts"',
        lambda s: s.url(),
        "division by zero",
    ),
    "too slow": (
        'query="select id, name, updated_at from contacts, pg_sleep(5)", timeout=0.2',
        lambda s: s.url(),
        "took too long",
    ),
    "an unencoded password": (
        'table="contacts"',
        lambda s: f"postgresql://crm:{PASSWORD}@/postgres?host={s.socket}",
        "ambiguous",
    ),
    "not set": ('table="contacts"', lambda s: "", "is not set"),
    "no URL": ('table="contacts"', lambda s: PASSWORD, "not the URL of a database"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_fails_is_said_without_the_password(
    name: str, contacts: Callable[[str], Any], postgres: Server, cleanhold: Any, caplog: Any
) -> None:
    options, url, says = FAILURES[name]
    small = contacts(f'url_env="CRM_URL", {options}')
    with environment("CRM_URL", url(postgres)):
        said = cleanhold("run", "--workspace", small.root)
        asked = cleanhold("run", "--json", "--workspace", small.root)
    assert (said.code, asked.code) == (3, 3), said
    assert says in said.out + said.err
    assert not told_anywhere(small.root, said.out, said.err, asked.out, asked.err, caplog.text)
    assert not list((small.root / ".cleanhold/extracts").rglob("*.*")), "no extract of it"

    mended = contacts('url_env="CRM_URL", table="contacts"')
    assert mended.states() == ["published"]


@pytest.mark.parametrize("partition", ["", ', partition_on="id", partitions=3'])
def test_a_connection_that_breaks_on_the_way_leaves_no_extract(
    partition: str,
    contacts: Callable[[str], Any],
    postgres: Server,
    cleanhold: Any,
) -> None:
    query = (
        "select id, name, updated_at from contacts where id < 19000 "
        "or pg_terminate_backend(case when id = 19000 then pg_backend_pid() else 0 end)"
    )
    postgres.execute("grant pg_signal_backend to crm")
    small = contacts(f'url_env="CRM_URL", query="{query}"{partition}')
    said = cleanhold("run", "--workspace", small.root)
    assert said.code == 3, said
    assert "the database failed" in said.out + said.err or "reached" in said.out + said.err
    assert not told_anywhere(small.root, said.out, said.err)
    with Workspace.find(small.root).open() as stores:
        assert not stores.ledger.extracts()


def test_what_was_landed_and_not_published_is_not_forgotten(
    contacts: Callable[[str], Any], postgres: Server, cleanhold: Any
) -> None:
    """The database does not give it again, so the run must remember it."""
    small = contacts('url_env="CRM_URL", table="contacts", key="id"')
    small.write(
        "contracts/contacts.py",
        CONTRACT.replace("id: int = field()", 'id: int = field(references="crm.accounts.id")'),
    )
    small.write(
        "contracts/accounts.py",
        CONTRACT.replace("crm.contacts", "crm.accounts"),
    )
    sources = SOURCES.format('url_env="CRM_URL", table="contacts", key="id"')
    accounts = (
        'accounts = Source(name="crm.accounts", arrives=sql(url_env="CRM_URL", table="accounts"))'
    )
    small.write("flows/sources.py", f"{sources}\n{accounts}\n")
    assert small.states() == ["failed", "waiting"]
    postgres.execute(
        "create table accounts as select * from contacts", "grant select on accounts to crm"
    )
    assert small.states() == ["published", "published"]
    assert small.states() == ["unchanged"]


def test_doctor_tells_what_is_missing(
    contacts: Callable[[str], Any], cleanhold: Any, monkeypatch: Any
) -> None:
    small = contacts('url_env="CRM_URL", table="contacts"')
    assert cleanhold("doctor", "--workspace", small.root).code == 0
    monkeypatch.delenv("CRM_URL")
    said = cleanhold("doctor", "--workspace", small.root)
    assert said.code == 2
    assert "CRM_URL" in said.out
