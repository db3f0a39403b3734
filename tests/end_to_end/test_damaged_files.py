"""verify finds every kind of damage to files, says where and what to do; recover mends some."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cleanhold import Workspace
from cleanhold.pipeline.recover import recover
from cleanhold.store.events import MADE
from cleanhold.store.quarantine_schema import TABLES

from .damages import DATASET, found, shell, state, verified

Cleanhold = Callable[..., Any]


def test_an_undamaged_workspace_is_silent(root: Path) -> None:
    before = {p: p.read_bytes() for p in state(root).rglob("*") if p.is_file()}
    done = verified(root)
    assert (done.problems, done.notes) == ([], [])
    assert done.rows > 10
    after = {p: p.read_bytes() for p in state(root).rglob("*") if p.is_file()}
    assert {p for p in before if after.get(p) != before[p]} <= {state(root) / "ledger.db"}
    assert {p.name for p in set(after) ^ set(before)} <= {"ledger.db-wal", "ledger.db-shm"}


# Files

FILES = {
    "a landed extract": "extracts/*/*",
    "a compressed delivery": "deliveries/*/*",
    "a delivery put aside": "aside/" + "[0-9a-f]" * 64,
    "why it was put aside": "aside/*.json",
    "published rows": f"snapshots/{DATASET}/data-*.parquet",
    "held rows": f"snapshots/{DATASET}/held-*.parquet",
    "warned rows": f"snapshots/{DATASET}/warned-*.parquet",
    "refused records": f"snapshots/{DATASET}/refused-*.parquet",
    "superseded rows": f"snapshots/{DATASET}/superseded-*.parquet",
    "a manifest": "manifests/*.json",
    "rows of a decision": "decisions/*.parquet",
    "rows of a replay": "replays/*.parquet",
    "a pointer": "current/*.json",
    "a lineage event": "lineage/*/*.json",
    "the anchor": "anchor.json",
    "the quarantine": "quarantine.duckdb",
    "the ledger": "ledger.db",
}


def _write(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    # Of a database, the first page: elsewhere there may be nothing but empty space.
    data[len(data) // 2 if path.suffix not in (".db", ".duckdb") else 20] ^= 0x41
    _write(path, bytes(data))


def _swap(path: Path) -> None:
    """Another valid file of the same kind."""
    others = [*path.parent.glob(f"*{path.suffix}"), *path.parent.parent.glob(f"*/*{path.suffix}")]
    other = next(p for p in others if p.is_file() and p.read_bytes() != path.read_bytes())
    _write(path, other.read_bytes())


HOW: dict[str, Callable[[Path], None]] = {
    "flipped": _flip,
    "deleted": Path.unlink,
    "emptied": lambda path: _write(path, b""),
    "swapped": _swap,
}
ALONE = (
    "the anchor",
    "the quarantine",
    "the ledger",
    "a delivery put aside",
    "why it was put aside",
)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("what", FILES)
def test_damage_to_every_file_of_a_kind_is_found(
    root: Path, what: str, how: str, cleanhold: Cleanhold
) -> None:
    if how == "swapped" and what in ALONE:
        pytest.skip("there is one only")
    paths = sorted(p for p in state(root).glob(FILES[what]) if p.is_file())
    assert paths
    HOW[how](paths[-1])
    said = cleanhold("verify", "-w", root, "--json")
    assert said.code == 3
    told = said.json
    problems = [told["error"]] if "error" in told else told["problems"]
    assert problems
    assert all(p["what"] and p["where"] and p["next"] for p in problems)
    name = paths[-1].name
    assert any(name in json.dumps(p) or what == "a pointer" for p in problems), problems


def _copied_to(pattern: str, name: str) -> Callable[[Path], None]:
    def add(folder: Path) -> None:
        path = sorted(p for p in folder.glob(pattern) if p.is_file())[0]
        shutil.copy(path, path.with_name(name))

    return add


@pytest.mark.parametrize(
    ("add", "says"),
    [
        (_copied_to("current/*", "shop.lost.json"), "shop.lost.json is no pointer of a dataset"),
        (_copied_to("current/*", "shop.orders"), "shop.orders is no pointer of a dataset"),
        (_copied_to("lineage/*/*", "again.json"), "again.json is no lineage event"),
    ],
)
def test_a_file_that_readers_would_take_for_one_of_ours_is_found(
    root: Path, add: Callable[[Path], None], says: str
) -> None:
    add(state(root))
    (problem,) = verified(root).problems
    assert says in problem.what
    assert "else remove the file" in (problem.next or "")
    Path(problem.where or "").unlink()
    assert found(root) == ""


@pytest.mark.parametrize("pattern", ["extracts/*/*", "deliveries/*/*", "aside/*"])
def test_landed_bytes_that_no_receipt_tells_of_are_a_note(root: Path, pattern: str) -> None:
    _copied_to(pattern, "e" * 64)(state(root))
    done = verified(root)
    assert done.problems == []
    assert "no receipt tells of" in done.notes[0]


@pytest.mark.parametrize("payload", ["{}", '{"made": "nothing"}'])
def test_a_ledger_that_forgot_what_it_wrote_is_found(root: Path, payload: str) -> None:
    first = "(select min(id) from outbox where kind = 'lineage')"
    shell(root, f"update outbox set payload = '{payload}' where id = {first}")
    assert "does not know which files" in found(root)
    with Workspace.find(root).open() as stores:
        recover(stores)
    assert found(root) == ""


def test_events_that_wait_are_no_strays(root: Path) -> None:
    waits = f"done_at = null, payload = json_remove(payload, '$.{MADE}')"
    shell(root, f"update outbox set {waits} where kind = 'lineage'")
    assert found(root) == ""


MENDS = {
    "a pointer": [],
    "a lineage event": [],
    "the quarantine": ["--quarantine"],
}


@pytest.mark.parametrize("how", ["flipped", "deleted", "emptied"])
@pytest.mark.parametrize("what", MENDS)
def test_recover_mends_what_is_made_from_the_rest(
    root: Path, what: str, how: str, cleanhold: Cleanhold
) -> None:
    HOW[how](sorted(state(root).glob(FILES[what]))[-1])
    said = cleanhold("recover", *MENDS[what], "-w", root)
    assert said.code == 0, said.out + said.err
    assert found(root) == ""


def test_a_lost_ledger_is_not_made_anew(root: Path, cleanhold: Cleanhold) -> None:
    """An empty one would not know the snapshots, and recover would remove them."""
    files = sorted(state(root).glob("snapshots/*/*"))
    _write(state(root) / "ledger.db", b"")
    for command in (("run",), ("recover",), ("verify",)):
        said = cleanhold(*command, "-w", root)
        assert said.code == 3
        assert "restore it from a backup" in said.err
    assert sorted(state(root).glob("snapshots/*/*")) == files


# The quarantine


@pytest.mark.parametrize("table", TABLES)
def test_every_table_of_the_quarantine_is_compared(root: Path, table: str) -> None:
    place = str(state(root) / "quarantine.duckdb")
    with duckdb.connect(place) as connection:
        connection.execute(f"delete from {table} where rowid = (select max(rowid) from {table})")
    assert "quarantine" in found(root) or f"table {table!r}" in found(root)
    with Workspace.find(root).open() as stores:
        recover(stores, rebuild_quarantine=True)
    assert found(root) == ""


def test_every_column_of_held_rows_is_compared(root: Path) -> None:
    place = str(state(root) / "quarantine.duckdb")
    with duckdb.connect(place) as connection:
        kinds = connection.execute(
            "select column_name, data_type from information_schema.columns "
            "where table_name = 'held'"
        ).fetchall()
    for column, kind in kinds:
        new = {
            "VARCHAR": "'rejected'", "JSON": """'{"e": 1}'""", "UBIGINT": "77", "INTEGER": "77",
            "TIMESTAMP": "timestamp '2020-01-01'", "DATE": "date '2020-01-01'",
            "UUID": "uuid()", "BIGINT": "77",
        }.get(kind, "['edited']")  # fmt: skip
        with duckdb.connect(place) as connection:
            connection.execute("begin")
            connection.execute(f"create table kept as select rowid as r, {column} as v from held")
            connection.execute(f"update held set {column} = {new} where rowid = 0")
            connection.execute("commit")
        assert "table 'held'" in found(root), column
        with duckdb.connect(place) as connection:
            connection.execute(
                f"update held set {column} = kept.v from kept where kept.r = held.rowid and r = 0"
            )
            connection.execute("drop table kept")


# Several at once, one dataset, others at work, nothing that can be written


def test_each_of_several_damages_is_told(root: Path) -> None:
    for what in ("a landed extract", "published rows", "rows of a decision", "a pointer"):
        _flip(sorted(state(root).glob(FILES[what]))[0])
    shell(root, "update decisions set who = 'somebody else' where id = 1")
    said = found(root)
    for words in ("not what was landed", "not what was published", "not what was decided on",
                  "the pointer of", "another who"):  # fmt: skip
        assert words in said


def test_one_dataset_alone(root: Path) -> None:
    _flip(next(state(root).glob("snapshots/shop.parts/data-*.parquet")))
    _flip(state(root) / "current" / "shop.parts.json")
    assert verified(root, DATASET).problems == []
    assert len(verified(root, "shop.parts").problems) == 2


def test_while_runs_are_in_progress_there_is_no_false_alarm(root: Path, new_small: Any) -> None:
    small, done, alarms = new_small(root), threading.Event(), []

    def audit() -> None:
        while not done.is_set():
            alarms.extend(str(problem) for problem in verified(root).problems)

    thread = threading.Thread(target=audit)
    thread.start()
    try:
        for day in range(10, 16):
            small.deliver(f"{day}", f"a,{day},,1", f"n{day},-1,,2", header="id,amount,note,size")
            small.run()
    finally:
        done.set()
        thread.join()
    assert alarms == []
    assert found(root) == ""


def test_what_a_killed_run_left_to_do_is_a_note(root: Path, new_small: Any) -> None:
    small = new_small(root)
    small.deliver("12", "a,5,,1", "n,-1,,2", header="id,amount,note,size")
    (sources, features), workspace = Workspace.find(root).selected(), Workspace.find(root)
    with workspace.open() as stores, pytest.MonkeyPatch.context() as patched:
        from cleanhold.pipeline import run as module

        patched.setattr(module, "project", lambda *_, **__: ())
        patched.setattr(module, "heal", lambda *_: [])
        assert list(module.run(stores, sources, features, root))
    (state(root) / "snapshots" / DATASET / "data-0.parquet").write_bytes(b"half")
    done = verified(root)
    assert done.problems == []
    assert "not in the quarantine yet" in done.notes[-1]
    assert "no snapshot or decision refers to" in done.notes[0]


@pytest.fixture
def unwritable(root: Path) -> Iterator[Path]:
    """A copy that this process may only read, whoever it is."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(root, Path(folder) / "copy"))
        everything = [Path(folder), copy, *copy.rglob("*")]
        for path in everything:
            path.chmod(0o555 if path.is_dir() else 0o444)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        yield copy
        os.seteuid(user)
        for path in everything:
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_copy_that_can_only_be_read(unwritable: Path, cleanhold: Cleanhold) -> None:
    said = cleanhold("verify", "-w", unwritable)
    assert (said.code, said.err) == (0, "")
    assert "rows lost: 0" in said.out
    said = cleanhold("rollback", "shop.parts", "--to", "2", "--reason", "a try", "-w", unwritable)
    assert said.code == 3
    assert "can only be read" in said.err
