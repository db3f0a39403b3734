"""verify finds what we damage; recover mends what can be mended; both leave the rest alone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from cleanhold import Workspace
from cleanhold.pipeline.recover import recover
from cleanhold.pipeline.verify import Verified, verify

Damage = Callable[[Path], None]


def verified(root: Path, dataset: str | None = None) -> Verified:
    with Workspace.find(root).open() as stores:
        return verify(stores, dataset)


def state(root: Path) -> Path:
    return root / ".cleanhold"


def largest(root: Path, pattern: str) -> Path:
    return max(state(root).glob(pattern), key=lambda path: path.stat().st_size)


def flip(path: Path, at: int = -10) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)


def swap_held_row(root: Path) -> None:
    with duckdb.connect(str(state(root) / "quarantine.duckdb")) as connection:
        connection.execute("update held set times_seen = 9 where rowid = 0")


def forget_finding(root: Path) -> None:
    with duckdb.connect(str(state(root) / "quarantine.duckdb")) as connection:
        connection.execute("delete from findings where rowid = 0")


def ledger(root: Path, statement: str) -> None:
    connection = sqlite3.connect(state(root) / "ledger.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


DAMAGES: dict[str, tuple[Damage, str]] = {
    "a published file": (
        lambda root: flip(largest(root, "snapshots/crm.contacts/data-*.parquet")),
        "not what was published",
    ),
    "a file of held rows": (
        lambda root: largest(root, "snapshots/crm.contacts/held-*.parquet").unlink(),
        "is missing",
    ),
    "a manifest": (lambda root: flip(largest(root, "manifests/*.json")), "not what was published"),
    "an extract": (lambda root: flip(largest(root, "extracts/*/*")), "not what was landed"),
    "a pointer": (
        lambda root: (state(root) / "current" / "crm.contacts.json").write_text("{}") and None,
        "names another snapshot than the ledger",
    ),
    "an account in the ledger": (
        lambda root: ledger(
            root, "update accounts set clean = clean - 1, held = held + 1 where clean > 0"
        ),
        "ledger and the manifest",
    ),
    "a held row in the quarantine": (swap_held_row, "table 'held'"),
    "a finding in the quarantine": (forget_finding, "table 'findings'"),
}


def test_an_untouched_workspace_verifies(reference: Path) -> None:
    found = verified(reference)
    assert found.problems == []
    assert (found.extracts, found.snapshots) == (6, 7)
    assert found.rows == sum(
        json.loads(path.read_bytes())["account"]["records"]
        for path in (reference / ".cleanhold" / "manifests").glob("*.json")
    )


@pytest.mark.parametrize("what", DAMAGES)
def test_damage_is_found(what: str, ran: Path) -> None:
    damage, says = DAMAGES[what]
    damage(ran)
    problems = verified(ran).problems
    assert says in " ".join(p.what for p in problems)
    assert all(p.where and p.next for p in problems)


def test_one_dataset_alone(ran: Path) -> None:
    flip(largest(ran, "snapshots/legacy.policies/data-*.parquet"))
    assert verified(ran, "crm.contacts").problems == []
    assert verified(ran, "legacy.policies").problems


def test_rows_lost_from_a_file_with_a_right_hash_are_found(ran: Path) -> None:
    """Somebody who rewrites file, manifest and ledger still cannot hide a lost row."""
    import hashlib

    with Workspace.find(ran).open() as stores:
        snapshot = stores.ledger.snapshot("crm.contacts")
        assert snapshot is not None
        manifest = stores.manifest(snapshot).as_dict()
        (file,) = (f for f in manifest["files"] if f["role"] == "data")
        folder = stores.state.dataset("crm.contacts")
        newest = f"{manifest['inputs'][0]['sha256'][:16]}-"
        rows = pl.read_parquet(folder / f"data-{file['sha256']}.parquet")
        at = rows["row_id"].str.starts_with(newest).arg_max()
        fewer = folder / "fewer.parquet"
        rows.with_row_index("n").filter(pl.col("n") != at).drop("n").write_parquet(fewer)
        file["sha256"] = hashlib.sha256(fewer.read_bytes()).hexdigest()
        file["size"] = fewer.stat().st_size
        fewer.rename(folder / f"data-{file['sha256']}.parquet")
        text = json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()
        name = hashlib.sha256(text).hexdigest()
        stores.state.manifest(name).write_bytes(text)
    ledger(ran, f"update snapshots set manifest = '{name}' where manifest = '{snapshot.manifest}'")
    problems = [p.what for p in verified(ran, "crm.contacts").problems]
    assert any("the account says" in what for what in problems)
    assert any("audit log" in what for what in problems)


def test_recover_mends_pointer_and_quarantine(ran: Path) -> None:
    (state(ran) / "current" / "crm.contacts.json").unlink()
    forget_finding(ran)
    with Workspace.find(ran).open() as stores:
        done = recover(stores, rebuild_quarantine=True)
    assert done.fed == 7
    assert verified(ran).problems == []


def test_recover_removes_what_no_snapshot_refers_to(ran: Path) -> None:
    stray = state(ran) / "snapshots" / "crm.contacts" / "data-0.parquet"
    stray.write_bytes(b"half a file")
    folder = state(ran) / "staging" / "0123456789abcdef-1"
    folder.mkdir()
    with Workspace.find(ran).open() as stores:
        done = recover(stores)
        assert (done.cleaned.staging, done.cleaned.files) == (1, 1)
        assert recover(stores).nothing
    assert not stray.exists()
    assert not folder.exists()


def test_commands(ran: Path, cleanhold: Callable[..., Any]) -> None:
    said = cleanhold("verify", "-w", ran)
    assert said.code == 0
    assert "rows lost: 0, rows twice: 0, files changed: 0" in said.out
    forget_finding(ran)
    said = cleanhold("verify", "-w", ran)
    assert said.code == 3
    assert "cleanhold recover --quarantine" in said.out
    assert cleanhold("recover", "--quarantine", "-w", ran).code == 0
    assert cleanhold("verify", "-w", ran, "--json").json["problems"] == []
    said = cleanhold("verify", "crm.contact", "-w", ran)
    assert said.code == 2
    assert cleanhold("recover", "-w", ran).out.strip() == "nothing was left behind"
