"""What a workspace says, and whether it says what it should after a fault.

Used by `server.py` in a process of its own; it opens the workspace as anybody does.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold import Workspace
from cleanhold.cli.main import main
from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Manifest, Role, Snapshot
from cleanhold.errors import CleanholdError
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.verify import verify
from cleanhold.store.quarantine import Quarantine
from cleanhold.store.snapshots import data_paths, scan, verify_files

#: Columns of the quarantine that say when, or name a run.
_WHEN = ("first_seen", "last_seen", "delivered", "run_id", "superseded_by")


def look(task: dict[str, Any]) -> dict[str, Any]:
    """Everything a workspace says, but for when."""
    with Workspace.find(task["root"]).open() as stores:
        return json.loads(json.dumps(_picture(stores), default=str))


def _picture(stores: Stores) -> dict[str, Any]:
    ledger = stores.ledger
    quarantine = Quarantine(stores.state)
    held = quarantine.rows(status=None, limit=None)
    refused = quarantine.refused(limit=None)
    return {
        "published": {name: _readable(stores, name) for name in ledger.datasets()},
        "snapshots": [_contents(stores, snapshot) for snapshot in ledger.snapshots()],
        "audit": [_said(entry.body) for entry in ledger.audit_log()],
        "decisions": [(str(d.act), d.dataset, d.rows, d.why) for d in ledger.decisions()],
        "extracts": sorted((e.source, e.sha256, e.name, e.size) for e in ledger.extracts()),
        "aside": sorted((str(a.name), str(a.sha256)) for a in ledger.aside()),
        "pointers": {p.name: json.loads(p.read_bytes()) for p in stores.state.current.iterdir()},
        "held": held.select(pl.exclude(_WHEN)).sort("dataset", "row_id").to_dicts(),
        "refused": refused.select(pl.exclude(_WHEN)).sort("dataset", "row_id").to_dicts(),
        "counts": quarantine.counts(),
        "lineage": _lineage(stores),
    }


def _said(body: Any) -> list[str]:
    return [str(body.get(key)) for key in ("dataset", "number", "does", "rows", "to")]


def _contents(stores: Stores, snapshot: Snapshot) -> dict[str, Any]:
    """One snapshot, every file of it held against its hash."""
    manifest = stores.manifest(snapshot)
    verify_files(stores.state, manifest)
    return {
        "dataset": snapshot.dataset,
        "number": snapshot.number,
        "channel": str(snapshot.channel),
        "account": snapshot.account.as_dict(),
        "values": _values(stores, manifest),
        "rows": {
            str(role): sorted(
                map(str, scan(paths).select(pl.exclude("delivered")).collect().rows())
            )
            for role in Role
            if (paths := data_paths(stores.state, manifest, role))
        },
    }


def _values(stores: Stores, manifest: Manifest) -> list[str]:
    """What a model reads, whichever delivery brought it when."""
    table = scan(data_paths(stores.state, manifest)).select(
        pl.exclude("row_id", "record", "delivered")
    )
    return sorted(map(str, table.collect().rows()))


def _readable(stores: Stores, dataset: str) -> dict[str, Any] | None:
    snapshot = stores.ledger.snapshot(dataset)
    return _contents(stores, snapshot) if snapshot else None


def _lineage(stores: Stores) -> int:
    """Runs that lineage tells the end of, each once; flow runs do not count, for what was
    interrupted is done in another one."""
    files = [p for p in stores.state.root.rglob("*.json") if "lineage" in p.parts]
    told = [json.loads(path.read_bytes()) for path in files]
    ends = Counter(
        event["run"]["runId"]
        for event in told
        if event.get("eventType") == "COMPLETE" and not event["job"]["name"].startswith("flow.")
    )
    assert all(count == 1 for count in ends.values()), ends
    return len(ends)


def untidy(stores: Stores) -> Iterator[str]:
    """What should not be there once all is recovered and done."""
    state = stores.state
    yield from (f"staging has {path.name}" for path in state.staging.iterdir())
    yield from (f"{path.relative_to(state.root)} is left" for path in state.root.rglob("*.tmp"))
    if waiting := stores.ledger.pending():
        yield f"{len(waiting)} events wait"
    yield from (str(problem) for problem in verify(stores).problems)
    yield from _misplaced(stores)
    manifests = [stores.manifest(snapshot) for snapshot in stores.ledger.snapshots()]
    known = {state.dataset(m.dataset) / file.name for m in manifests for file in m.files}
    there = {path for path in state.snapshots.rglob("*") if path.is_file()}
    yield from (f"nothing refers to {path.name}" for path in there - known)


def _misplaced(stores: Stores) -> Iterator[str]:
    """Records of extracts that are not in exactly one place, counted in the files."""
    for snapshot in stores.ledger.snapshots():
        read = [i.sha256 for i in snapshot.inputs if i.kind is InputKind.EXTRACT]
        if not read:
            continue
        manifest = stores.manifest(snapshot)
        homes: Counter[str] = Counter()
        for role in (Role.DATA, Role.HELD, Role.REFUSED, Role.SUPERSEDED):
            for path in data_paths(stores.state, manifest, role):
                homes.update(pl.read_parquet(path, columns=["row_id"])["row_id"].to_list())
        records = range(1, snapshot.account.records + 1)
        own = {row: n for row, n in homes.items() if row.startswith(read[0][:16])}
        if own != {f"{read[0][:16]}-{n}": 1 for n in records}:
            yield f"{snapshot.dataset} {snapshot.number}: records are not in one place each"


def _told(arguments: Sequence[str]) -> tuple[int, str]:
    """What a command came to, and what it said."""
    said = io.StringIO()
    try:
        with redirect_stdout(said), redirect_stderr(said):
            main(list(arguments))
    except SystemExit as ended:
        return int(ended.code or 0), said.getvalue()
    raise AssertionError("a command ends with its exit code")


def _visible(task: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    """What a reader is given of each dataset before anybody recovers anything."""
    found: dict[str, Any] = {}
    if not (Path(task["root"]) / ".cleanhold" / "ledger.db").is_file():
        return found
    with Workspace.find(task["root"]).open() as stores:
        for dataset in {*task["before"]["published"], *task["after"]["published"]}:
            try:
                seen = json.loads(json.dumps(_readable(stores, dataset), default=str))
            except CleanholdError as error:
                problems.append(f"a reader of {dataset} is refused: {error}")
                continue
            if seen is not None or dataset in task["before"]["published"]:
                found[dataset] = seen
            path = stores.state.pointer(dataset)
            pointed = json.loads(path.read_bytes())["number"] if path.is_file() else None
            old = task["before"].get("pointers", {}).get(path.name, {}).get("number")
            if pointed not in (old, seen and seen["number"]):
                problems.append(f"the pointer of {dataset} names snapshot {pointed}")
    return found


def _half_visible(
    task: dict[str, Any], visible: dict[str, Any], now: dict[str, Any]
) -> Iterator[str]:
    """What a reader was given that is not, whole, what was published.

    Args:
        now: the picture after all was mended, in which each snapshot is verified.
    """
    planned = task["before"]["snapshots"] + task["after"]["snapshots"]
    for dataset, seen in visible.items():
        whole = now["snapshots"] if task["overtakes"] else planned
        if seen not in whole:
            yield f"a reader of {dataset} sees what was never published: {seen}"


def _lasting(picture: dict[str, Any]) -> dict[str, Any]:
    """What is the same if a delivery was overtaken by others and came late."""
    return {
        "published": {name: seen["values"] for name, seen in picture["published"].items()},
        "extracts": picture["extracts"],
        "aside": picture["aside"],
        "held": {row["row_id"]: row["status"] for row in picture["held"]},
        "refused": [row["row_id"] for row in picture["refused"]],
    }


def mend(task: dict[str, Any]) -> dict[str, Any]:
    """Recover, do again what was interrupted, and say what is not as it should be.

    Args:
        task: `root`; `before` and `after`, pictures; `arguments` of the command and its exit
            `code` when nothing disturbs it; `ended`, how it ended now; `steps`, it may be half
            done; `again`, how it may also end when it is done again; `overtakes`, see `Scenario`.
    """
    root = task["root"]
    problems: list[str] = []
    visible = _visible(task, problems)
    code, said = _told(["recover", "-w", root])
    if code:
        problems.append(f"recover ends with {code}: {said}")
    state = "before" if (now := look(task)) == task["before"] else "between"
    if now == task["after"]:
        state = "after"
    if state == "between" and not task["steps"]:
        problems.append(f"half done: {_difference(task['after'], now)}")
    # Where a delivery is damaged, its exit code tells of nothing else.
    says_done = task["ended"] == task["code"] == 0
    if says_done and state != "after":
        problems.append(f"it said that it was done, but is {state}")
    if state != "after":
        code, said = _told(task["arguments"])
        if code not in (task["code"], *task["again"]):
            problems.append(f"done again, it ends with {code}: {said}")
        now, wanted = look(task), task["after"]
        found = now
        if task["overtakes"]:
            found, wanted = _lasting(now), _lasting(wanted)
        if found != wanted:
            problems.append(f"the end is another: {_difference(wanted, found)}")
    problems += _half_visible(task, visible, now)
    with Workspace.find(root).open() as stores:
        problems += untidy(stores)
    return {"state": state, "problems": problems}


def _difference(wanted: Any, found: Any) -> str:
    lines = []
    for key in wanted:
        if wanted[key] != found.get(key):
            lines.append(
                f"{key}: wanted {str(wanted[key])[:700]}, found {str(found.get(key))[:700]}"
            )
    return "; ".join(lines)
