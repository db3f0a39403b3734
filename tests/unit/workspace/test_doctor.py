from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.workspace.doctor import examine
from cleanhold.workspace.symptom import Health, Symptom


def by_topic(root: Path) -> dict[str, Symptom]:
    return {symptom.topic: symptom for symptom in examine(root)}


def damage(file: Path) -> None:
    file.chmod(0o644)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_a_healthy_workspace(reference: Path) -> None:
    found = by_topic(reference)
    assert {symptom.health for symptom in found.values()} == {Health.OK}
    assert found["declarations"].says == "4 contracts, 3 sources, 1 feature tables"
    assert found["prefect"].health is found["s3fs"].health is Health.OK
    assert "cleanhold[s3]" in found["s3fs"].mend or found["s3fs"].says[0].isdigit()
    assert found["snapshots"].says == "7 snapshots, every file as published"
    assert found["extracts"].says == "6 extracts, every file as landed"
    for package in ("python", "cleanhold", "polars", "pandera", "duckdb"):
        assert found[package].says[0].isdigit()


def test_a_workspace_that_never_ran_stays_untouched(small: Any) -> None:
    small.contract()
    found = by_topic(small.root)
    assert found["state"] == Symptom("state", Health.OK, "never run yet", "cleanhold run")
    assert not (small.root / ".cleanhold").exists()


def test_no_workspace(tmp_path: Path, cleanhold: Callable[..., Any]) -> None:
    assert by_topic(tmp_path)["workspace"].health is Health.CONFIGURATION
    assert cleanhold("doctor", "-w", tmp_path).code == 2


def test_a_mistaken_contract(ran: Path, cleanhold: Callable[..., Any]) -> None:
    (ran / "contracts" / "crm_contacts.py").write_text("import pandera.polars as pa\nx = yy\n")
    found = by_topic(ran)
    assert found["declarations"].health is Health.CONFIGURATION
    assert "crm_contacts.py:2" in found["declarations"].says
    assert found["state"].health is Health.WARN
    assert cleanhold("doctor", "-w", ran).code == 2


def test_a_folder_of_arrivals_that_is_missing(small: Any) -> None:
    small.contract()
    (small.root / "in").rmdir()
    assert by_topic(small.root)["arrivals"].health is Health.CONFIGURATION


def test_a_missing_folder_does_not_hide_damage(small: Any) -> None:
    small.contract().deliver("02", "a,1,")
    small.run()
    (file,) = (small.root / ".cleanhold" / "snapshots").glob("*/data-*")
    damage(file)
    (small.root / "in").rename(small.root / "moved")
    found = by_topic(small.root)
    assert found["arrivals"].health is Health.CONFIGURATION
    assert found["snapshots"].health is Health.STATE


@pytest.mark.parametrize("kind", ["data", "held", "refused", "superseded"])
def test_a_damaged_file_is_named(small: Any, cleanhold: Callable[..., Any], kind: str) -> None:
    small.contract().deliver("03", "a,1,", "b,-1,", "torn")
    small.run()
    small.deliver("02", "a,2,")
    small.run()
    file = next((small.root / ".cleanhold" / "snapshots").glob(f"*/{kind}-*"))
    damage(file)
    said = cleanhold("doctor", "-w", small.root)
    assert said.code == 3
    assert file.name in said.out
    assert "shop.orders, snapshot" in said.out
    symptoms = cleanhold("doctor", "-w", small.root, "--json").json
    assert {s["topic"] for s in symptoms if s["health"] == "state"} == {"snapshots"}


def test_a_damaged_and_a_missing_extract_are_named(
    small: Any, cleanhold: Callable[..., Any]
) -> None:
    small.contract().deliver("02", "a,1,")
    small.run()
    (file,) = (
        path for path in (small.root / ".cleanhold" / "extracts").rglob("*") if path.is_file()
    )
    damage(file)
    said = cleanhold("doctor", "-w", small.root)
    assert said.code == 3
    assert "orders_2026-11-02.csv of shop.orders is not what was landed" in said.out
    file.unlink()
    assert "is missing" in cleanhold("doctor", "-w", small.root).out


@pytest.mark.parametrize("name", ["ledger.db", "quarantine.duckdb"])
def test_a_database_that_is_no_database(
    ran: Path, cleanhold: Callable[..., Any], name: str
) -> None:
    (ran / ".cleanhold" / name).write_bytes(b"this is no database" * 500)
    for companion in ("-wal", "-shm", ".wal"):
        (ran / ".cleanhold" / f"{name}{companion}").unlink(missing_ok=True)
    said = cleanhold("doctor", "-w", ran)
    assert said.code == 3
    assert name in said.out


def test_what_waits_in_the_outbox(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from cleanhold.pipeline import run as running

    small.contract().deliver("02", "a,-1,")
    with monkeypatch.context() as patched:
        patched.setattr(running, "project", lambda *_, **__: [])
        patched.setattr(running, "healed", lambda *_: [])  # which feeds the quarantine first
        small.run()
    found = by_topic(small.root)
    assert found["outbox"] == Symptom(
        "outbox", Health.WARN, "3 events wait to be projected", "cleanhold run"
    )
    assert found["quarantine"].says == "1 batches are not fed yet"
    small.run()
    assert by_topic(small.root)["outbox"].health is Health.OK


def test_an_audit_log_that_was_changed(small: Any, cleanhold: Callable[..., Any]) -> None:
    import sqlite3

    small.contract().deliver("02", "a,1,")
    small.run()
    with sqlite3.connect(small.root / ".cleanhold" / "ledger.db") as connection:
        for (trigger,) in connection.execute(
            "select name from sqlite_master where type = 'trigger'"
        ):
            connection.execute(f"drop trigger {trigger}")
        (body,) = connection.execute("select body from audit_log").fetchone()
        forged = json.dumps({**json.loads(body), "reasons": ["forged"]})
        connection.execute("update audit_log set body = ?", [forged])
    connection.close()
    assert by_topic(small.root)["audit log"].health is Health.STATE
    assert cleanhold("doctor", "-w", small.root).code == 3


def test_a_contract_without_an_owner_is_a_warning(small: Any) -> None:
    small.contract()
    file = small.root / "contracts" / "shop_orders.py"
    file.write_text(file.read_text().replace('owner="owner@example.org", ', ""))
    found = by_topic(small.root)
    assert found["owner"].health is Health.WARN
    assert Workspace.find(small.root).catalogue.contracts["shop.orders"].owner == ""


def test_a_contract_that_nothing_feeds_is_a_warning(small: Any) -> None:
    small.contract().write("flows/sources.py", "")
    found = by_topic(small.root)
    assert found["origin"].says == "no source or feature gives shop.orders"
    assert found["origin"].health is Health.WARN
