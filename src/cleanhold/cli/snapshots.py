"""cleanhold snapshots: what models can read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.core.snapshot import Snapshot


def snapshots(
    dataset: Annotated[
        str | None, typer.Argument(help="All versions of this dataset; else the newest of each.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """What models can read: the newest snapshot of each dataset, or all versions of one.

    A candidate is listed too if it is newer than what models can read.

    **Examples**

    `cleanhold snapshots`

    `cleanhold snapshots features.customer_churn --json`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.workspace.workspace import Workspace

    opened = Workspace.find(workspace)
    names = [dataset] if dataset else list(opened.catalogue.contracts)
    found = {name: opened.snapshots(name) for name in names}
    listed = [
        s for versions in found.values() for s in (versions if dataset else _newest(versions))
    ]
    if json:
        output.emit_json([_as_dict(s) for s in listed])
        return output.DONE
    if listed:
        _show(listed, one=dataset is not None)
    for name in (n for n, versions in found.items() if not versions):
        output.say(f"{name} has no snapshot yet; `cleanhold run` makes one")
    return output.DONE


def _show(listed: list[Snapshot], *, one: bool) -> None:
    """The channel is told where not all are published; the hour, among versions of one."""
    table: dict[str, list[Any]] = {
        "dataset": [s.dataset for s in listed],
        "snapshot": [s.number for s in listed],
        "channel": [str(s.channel) for s in listed],
        "rows": [s.rows for s in listed],
        "held": [s.account.held for s in listed],
        "refused": [s.account.refused for s in listed],
        "contract": [s.contract_version for s in listed],
        "made (UTC)": [s.created_at.strftime("%F %H:%M" if one else "%F") for s in listed],
    }
    if any(s.pin or s.expired for s in listed):
        table["kept"] = [_kept(s) for s in listed]
    if one:
        del table["dataset"]
    if set(table["channel"]) == {"production"}:
        del table["channel"]
    output.show_table(list(table), list(zip(*table.values(), strict=True)))


def _kept(snapshot: Snapshot) -> str:
    if snapshot.expired:
        return f"expired {snapshot.expired.at:%F}: its rows are gone"
    return f"pinned: {snapshot.pin.why}" if snapshot.pin else ""


def _newest(versions: list[Snapshot]) -> list[Snapshot]:
    """The newest that came to production, and what came to the pilot or was stopped after it."""
    from cleanhold.core.snapshot import Channel

    found: list[Snapshot] = []
    for channel in reversed((Channel.CANDIDATE, Channel.PILOT, Channel.PRODUCTION)):
        newest = [s for s in versions if s.channel is channel][-1:]
        found += [s for s in newest if not found or s.number > found[-1].number]
    return found


def _as_dict(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "dataset": snapshot.dataset,
        "snapshot": snapshot.number,
        "channel": str(snapshot.channel),
        "rows": snapshot.rows,
        "contract_version": snapshot.contract_version,
        "created_at": snapshot.created_at.isoformat(),
        "manifest": snapshot.manifest,
        "run": snapshot.run,
        "account": snapshot.account.as_dict(),
        "pinned": snapshot.pin.why if snapshot.pin else None,
        "expired_at": snapshot.expired.at.isoformat() if snapshot.expired else None,
        "inputs": [i.as_dict() for i in snapshot.inputs],
    }
