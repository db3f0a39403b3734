"""Sources are named by the rules of the specification, where nobody names them otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from cleanhold import Source, delimited, sql
from cleanhold.tracing import Name, Naming
from cleanhold.workspace.places import places

NAMING = Naming(namespace="w")


def named(arrives: Any, **more: Any) -> Name:
    reader = {} if not isinstance(arrives, str) else {"reader": delimited()}
    source = Source(name="crm.contacts", arrives=arrives, **reader, **more)
    found = places({"crm.contacts": source}, NAMING)
    return Naming(namespace="w", places=found).source("crm.contacts")


@pytest.mark.parametrize(
    ("arrives", "namespace", "name"),
    [
        ("s3://bucket/crm/*.csv", "s3://bucket", "crm"),
        ("s3://bucket/crm/contacts.csv", "s3://bucket", "crm/contacts.csv"),
        ("gcs://bucket/crm", "gs://bucket", "crm"),
        (
            "abfss://lake@acc.dfs.core.windows.net/x/y",
            "abfss://lake@acc.dfs.core.windows.net",
            "x/y",
        ),
        ("sftp://me:secret@host:22/out", "sftp://host:22", "out"),
        ("in", "file://w", "in"),
        ("/mnt/landing/crm", "file", "/mnt/landing/crm"),
        ("-", "w/sources", "crm.contacts"),
    ],
)
def test_files(arrives: str, namespace: str, name: str) -> None:
    assert named(arrives) == Name(namespace, name)


def test_sources_in_one_folder_are_told_apart() -> None:
    assert named("in", pattern="contacts_*.csv") == Name("file://w", "in/contacts_*.csv")


@pytest.mark.parametrize(
    ("url", "table", "namespace", "name"),
    [
        ("postgresql://u:p@db/crm", "contacts", "postgres://db:5432", "crm.public.contacts"),
        ("postgresql://u:p@db:6543/crm", "a.b", "postgres://db:6543", "crm.a.b"),
        ("mysql://u:p@db/crm", "contacts", "mysql://db:3306", "crm.contacts"),
    ],
)
def test_tables(
    url: str, table: str, namespace: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_URL", url)
    assert named(sql(url_env="CRM_URL", table=table)) == Name(namespace, name)


def test_a_query_is_told_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_URL", "postgresql://u:s3cret@db/crm")
    query = "select * from a join b using (id) where k <> 's3cret'"
    source = Source(name="crm.contacts", arrives=sql(url_env="CRM_URL", query=query))
    place = places({"crm.contacts": source}, NAMING)["crm.contacts"]
    assert place.name == Name("postgres://db:5432", "crm.contacts")
    assert (place.uri, place.dialect) == ("postgres://db:5432", "postgresql")
    assert "s3cret" not in place.query
    assert place.query.startswith("select * from a join b")


def test_what_cannot_be_told_keeps_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRM_URL", raising=False)
    assert named(sql(url_env="CRM_URL", table="a")) == Name("w/sources", "crm.contacts")
    assert named(sql(url_block="crm", table="a")) == Name("w/sources", "crm.contacts")


def test_what_the_workspace_names_goes_before() -> None:
    source = Source(name="crm.contacts", arrives="in", reader=delimited())
    found = places({"crm.contacts": source}, NAMING)
    naming = Naming(namespace="w", sources={"crm": "salesforce://w"}, places=found)
    assert naming.source("crm.contacts") == Name("salesforce://w", "crm.contacts")
