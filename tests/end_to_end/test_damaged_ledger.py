"""verify finds what somebody with the SQLite shell did to the ledger.

Its columns are enumerated, so that a new one is either told by the audit log or a manifest, or
stands in `UNTOLD` with its reason.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cleanhold import Workspace
from cleanhold.core.retention import Retention, Rule
from cleanhold.core.run import canonical_json
from cleanhold.pipeline.expire import expire
from cleanhold.pipeline.pin import pin
from cleanhold.pipeline.recover import recover
from cleanhold.pipeline.verify_log import verify_log
from cleanhold.store.auditlog import GENESIS, chained
from cleanhold.store.tables import metadata
from cleanhold.store.witness import UNTOLD

from .damages import DATASET, found, shell, state

Cleanhold = Callable[..., Any]


@pytest.fixture(scope="module")
def expired(decided: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, after what the newest snapshots do not need has expired."""
    root = tmp_path_factory.mktemp("expired") / "small"
    shutil.copytree(decided, root, symlinks=True)
    rule = Rule(snapshots=1, grace_hours=0)
    with Workspace.find(root).open() as stores:
        pin(stores, "shop.parts", 1, "a model was trained on it")
        expire(replace(stores, retention=Retention(rule, extracts_days=0)))
        recover(stores)
    return root


@pytest.fixture
def root(expired: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(expired, tmp_path / "damaged", symlinks=True))


BYTES = ("extracts", "expired_extracts")
COLUMNS = [(table.name, column) for table in metadata.sorted_tables for column in table.c]


def _edited(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1000
    if value is None:
        return "2020-01-01"
    if value.startswith(("{", "[")):
        return json.dumps({"edited": 1} if value.startswith("{") else ["edited"])
    if "T" in value and value.endswith("+00:00"):
        return "2020-01-01T00:00:00.000000+00:00"
    return f"{value[:-1]}{'0' if value[-1:] != '0' else '1'}"


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[f"{t}.{c.name}" for t, c in COLUMNS])
def test_an_edited_column_of_the_ledger_is_found(root: Path, table: str, column: Any) -> None:
    where = "state in ('published', 'candidate')" if table == "runs" else "1"
    name = f'"{column.name}"'
    (rowid, value) = shell(
        root, f"select rowid, {name} from {table} where {where} order by rowid desc limit 1"
    )[0]
    new = _edited(value)
    if column.foreign_keys or column.primary_key or column.unique:
        shell(root, "pragma foreign_keys = off")
    literal = str(new) if isinstance(new, int) else "'" + new.replace("'", "''") + "'"
    shell(root, f"update {table} set {name} = {literal} where rowid = {rowid}")
    with Workspace.find(root).open() as stores:  # quicker, and enough for most
        said = " ".join(p.what for p in verify_log(stores).problems) or found(root)
    assert said or UNTOLD[table][column.name]


def test_the_reasons_name_columns_that_there_are() -> None:
    for table, columns in UNTOLD.items():
        assert set(columns) < set(metadata.tables[table].c.keys())


@pytest.mark.parametrize("table", [t.name for t in metadata.sorted_tables])
def test_a_row_removed_from_the_ledger_is_found(root: Path, table: str) -> None:
    shell(root, f"delete from {table} where rowid = (select max(rowid) from {table})")
    assert found(root)


@pytest.mark.parametrize(
    "table",
    ["extracts", "redeliveries", "runs", "channels", "outbox", "decisions", "expired_extracts"],
)
def test_a_row_added_to_the_ledger_is_found(root: Path, table: str) -> None:
    columns = [c.name for c in metadata.tables[table].c]
    other = {
        "extracts": "sha256",
        "runs": "id",
        "channels": "dataset",
        "expired_extracts": "sha256",
    }
    changed = {other.get(table, "id"): "'" + "e" * 64 + "'"}
    if table not in other:
        changed = {"id": "null", "dataset": "'shop.parts'", "landed_at": "'2020-01-01T00:00:00'"}
    values = ", ".join(changed.get(c, f'"{c}"') for c in columns)
    shell(root, f"insert into {table} select {values} from {table} order by rowid desc limit 1")
    assert found(root)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("alter table extracts add column more text", "extracts.more was added"),
        ("alter table accounts rename column warned to w", "accounts.w was added; the column acc"),
        ("drop table pins", "the table pins is missing"),
        ("drop trigger decisions_no_update", "decisions_no_update is missing"),
        (
            "create trigger t after insert on runs begin delete from runs; end",
            "the trigger t was added",
        ),
    ],
)
def test_tables_that_were_altered_are_found(root: Path, statement: str, says: str) -> None:
    with closing(sqlite3.connect(state(root) / "ledger.db")) as connection, connection:
        connection.execute(statement)
    assert says in found(root)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("delete from alembic_version", "must name one version of its tables, and names none"),
        ("drop table alembic_version", "and names none"),
        ("update alembic_version set version_num = ''", "and names ''"),
        ("insert into alembic_version values ('v0001')", "and names "),
        ("update alembic_version set version_num = 'v0003'", "from version v0003 to "),
        ("update alembic_version set version_num = 'v9'", "does not know version v9"),
    ],
)
def test_a_ledger_that_names_no_version_of_its_tables(
    root: Path, statement: str, says: str, cleanhold: Cleanhold
) -> None:
    shell(root, statement)
    said = cleanhold("verify", "-w", root, "--json")
    assert said.code == 3
    error = said.json["error"]
    assert says in error["what"]
    assert "ledger.db" in error["where"]
    assert "restore" in error["next"] or "newer cleanhold" in error["next"]


def _rehashed(root: Path, edit: Callable[[list[dict[str, Any]]], None]) -> None:
    """The audit log, written anew from its first entry on."""
    bodies = [json.loads(b) for (b,) in shell(root, "select body from audit_log order by number")]
    edit(bodies)
    previous, statements = GENESIS, ["delete from audit_log"]
    for number, one in enumerate(bodies, start=1):
        body = canonical_json(one).decode()
        digest = chained(previous, body)
        quoted = body.replace("'", "''")
        statements.append(
            f"insert into audit_log values ({number}, '{previous}', '{quoted}', '{digest}')"
        )
        previous = digest
    shell(root, *statements)


def _resealed(root: Path) -> None:
    """The seals, written anew for the log that there is."""
    hashes = [h for (h,) in shell(root, "select hash from audit_log order by number")]
    for path in (state(root) / "seals").iterdir():
        told = json.loads(path.read_bytes())
        told["log"]["hash"] = hashes[told["log"]["entries"] - 1]
        path.write_text(json.dumps(told))


def _why(bodies: list[dict[str, Any]]) -> None:
    next(b for b in bodies if b["act"] == "decided")["why"] = "nobody asked"


def test_a_log_and_a_table_edited_alike_are_found_by_the_anchor(root: Path) -> None:
    _rehashed(root, _why)
    shell(root, "update decisions set why = 'nobody asked' where id = 1")
    assert "the audit log was written anew" in found(root)


def test_a_kept_hash_finds_what_the_anchor_was_rewritten_for(
    root: Path, cleanhold: Cleanhold
) -> None:
    kept = cleanhold("verify", "-w", root, "--json").json["anchor"]
    assert kept in cleanhold("verify", "-w", root).out
    _rehashed(root, _why)
    shell(root, "update decisions set why = 'nobody asked' where id = 1")
    newest = shell(root, "select number, hash from audit_log order by number desc limit 1")[0]
    (state(root) / "anchor.json").write_text(json.dumps({"entries": newest[0], "hash": newest[1]}))
    with Workspace.find(root).open() as stores:
        recover(stores, rebuild_quarantine=True)  # it would have told, too
    assert "the audit log was written anew" in found(root)  # the seals tell
    _resealed(root)
    assert found(root) == ""  # which is why a hash should be kept elsewhere
    said = cleanhold("verify", "-w", root, "--anchor", kept)
    assert said.code == 3
    assert "no entry has the hash noted" in said.out


def test_an_old_copy_of_the_ledger_is_found(decided: Path, tmp_path: Path) -> None:
    """The end of the log is gone, and all that it told of: a backup was restored."""
    root = Path(shutil.copytree(decided, tmp_path / "old", symlinks=True))
    last = "(select max(number) from audit_log)"
    body = json.loads(shell(root, f"select body from audit_log where number = {last}")[0][0])
    assert body["act"] == "rolled_back"
    shell(
        root,
        f"delete from audit_log where number = {last}",
        f"update channels set number = {body['from']} where dataset = 'shop.parts'"
        " and channel = 'production'",
        f"delete from outbox where created_at = '{body['at']}'",
    )
    assert "the end of the audit log is gone" in found(root)


def test_entries_in_another_order_are_found(root: Path) -> None:
    shell(
        root,
        "update audit_log set number = -1 where number = 2",
        "update audit_log set number = 2 where number = 3",
        "update audit_log set number = 3 where number = -1",
    )
    assert "its entry 2 does not follow the one before it" in found(root)


def test_rows_edited_with_their_hash_manifest_and_ledger_are_found(root: Path) -> None:
    """A value is changed, the file renamed, the manifest rewritten, the ledger pointed at it."""
    with Workspace.find(root).open() as stores:
        snapshot = stores.ledger.snapshot(DATASET)
        assert snapshot is not None
        manifest = stores.manifest(snapshot).as_dict()
        folder = stores.state.dataset(DATASET)
        (file,) = (f for f in manifest["files"] if f["role"] == "data")
        draft = folder / "draft"
        rows = pl.read_parquet(folder / f"data-{file['sha256']}.parquet")
        rows.with_columns(pl.col("amount") + 1).write_parquet(draft)
        file["sha256"] = hashlib.sha256(draft.read_bytes()).hexdigest()
        file["size"] = draft.stat().st_size
        draft.rename(folder / f"data-{file['sha256']}.parquet")
        data = canonical_json(manifest)
        name = hashlib.sha256(data).hexdigest()
        stores.state.manifest(name).write_bytes(data)
    shell(root, f"update snapshots set manifest = '{name}' where manifest = '{snapshot.manifest}'")
    assert "another manifest" in found(root)

    def edit(bodies: list[dict[str, Any]]) -> None:
        for body in bodies:
            if body.get("manifest") == snapshot.manifest:
                body["manifest"] = name

    _rehashed(root, edit)
    assert "the audit log was written anew" in found(root)
