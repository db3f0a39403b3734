"""cleanhold expire: what the settings no longer keep."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.pipeline.expire import Expiry, Storage


def expire(
    dataset: Annotated[
        str | None, typer.Option("--dataset", help="Only this one; else all of them.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, why, and change nothing.")
    ] = False,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Let go of the snapshots that `[tool.cleanhold.retention]` no longer keeps.

    Their published rows go. Their manifests, accounts and lineage stay, and so does everything that
    was held or refused. Says what each dataset takes, and what keeps each snapshot. Doing it again
    changes nothing. Exits 3 if something could not be done.

    **Examples**

    `cleanhold expire --dry-run`

    `cleanhold expire --dataset crm.contacts`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline import expire as verb
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        done = verb.to_expire(stores, dataset) if dry_run else verb.expire(stores, dataset)
    if json:
        output.emit_json({"dry_run": dry_run, **done.as_dict()})
        return output.FAILED if done.problems else output.DONE
    _show(done)
    if dry_run:
        output.say("nothing was changed; without --dry-run this is done", hang=4)
        return output.DONE
    for dataset_name, numbers in _by_dataset(done).items():
        output.say(f"expired: {dataset_name} {numbers}", hang=9)
    if not (done.expired or done.extracts):
        output.say("nothing was due")
    if done.left:
        output.say(
            "a run is in progress: files go after it, by `cleanhold recover` or the next expire",
            hang=4,
        )
    for problem in done.problems:
        output.say(f"✗ {problem}", hang=4, style="red")
    return output.FAILED if done.problems else output.DONE


def _show(done: Expiry) -> None:
    """What each dataset takes, then what keeps its snapshots."""
    columns = ["dataset", "snapshots", "expiring", "size", "frees", "held back"]
    output.show_table(
        columns,
        [
            (
                s.dataset,
                len(s.fates),
                len(s.going),
                output.size(s.rows),
                output.size(s.frees),
                output.size(s.held_back),
            )
            for s in done.storage
        ],
    )
    if done.extracts:
        taken = output.size(sum(extract.size for extract in done.extracts))
        output.say(f"extracts whose bytes go: {len(done.extracts):,} ({taken})")
    output.say()
    for storage in done.storage:
        for numbers, why in _because(storage):
            output.say(f"{storage.dataset} {numbers}: {why}", hang=4)


def _because(storage: Storage) -> list[tuple[str, str]]:
    """(numbers, what becomes of them), neighbours of one fate together, oldest first."""
    found: dict[str, list[int]] = {}
    for fate in reversed(storage.fates):
        why = "goes" if fate.goes else f"kept: {'; '.join(fate.kept)}"
        found.setdefault(why, []).append(fate.snapshot.number)
    return [(_ranges(numbers), why) for why, numbers in found.items()]


def _by_dataset(done: Expiry) -> dict[str, str]:
    found: dict[str, list[int]] = {}
    for snapshot in done.expired:
        found.setdefault(snapshot.dataset, []).append(snapshot.number)
    return {dataset: _ranges(sorted(numbers)) for dataset, numbers in found.items()}


def _ranges(numbers: list[int]) -> str:
    """Ascending numbers as people write them: `1-3, 7`."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in ranges)
