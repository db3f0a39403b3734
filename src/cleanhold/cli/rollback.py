"""cleanhold rollback: readers get another published snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, ReasonOption, WorkspaceOption


def rollback(
    dataset: Annotated[str, typer.Argument(help="Whose readers.")],
    to: Annotated[
        int | None, typer.Option("--to", help="Number of the snapshot they are to have.")
    ] = None,
    reason: ReasonOption = "",
    channel: Annotated[
        str, typer.Option("--channel", help="Whose readers: those of production, or of the pilot.")
    ] = "production",
    rehearsal: Annotated[
        bool,
        typer.Option(
            "--rehearse", help="Only verify and read what they would have, and record that."
        ),
    ] = False,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Give readers another published snapshot, an earlier one or a later one.

    Nothing is deleted: rolling forward is the same command. The next delivery builds on that
    snapshot; a run does not bring back what was published since.

    **Examples**

    `cleanhold rollback crm.contacts --to 3 --reason "the delivery of 2 November lacks region R07"`

    `cleanhold rollback features.customer_churn --rehearse`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.core.snapshot import Channel
    from cleanhold.errors import UsageError
    from cleanhold.pipeline.rollback import rollback as roll
    from cleanhold.workspace.workspace import Workspace

    if channel not in (Channel.PRODUCTION, Channel.PILOT):
        raise UsageError(f"nobody is rolled back in {channel!r}", next="use production or pilot")
    if rehearsal:
        return _rehearsed(dataset, to, reason, workspace, json)
    if to is None:
        raise UsageError("a rollback needs a snapshot", next="add --to N, or --rehearse to try one")
    with Workspace.find(workspace).open() as stores:
        done = roll(stores, dataset, to, reason, Channel(channel))
    if json:
        output.emit_json(done.as_dict())
        return output.DONE
    whose = "readers" if channel == Channel.PRODUCTION else "those who read the pilot"
    output.say(
        f"{whose} of {dataset} have snapshot {done.now.number} ({done.now.rows:,} rows), no longer "
        f"{done.before.number}",
        hang=4,
    )
    for built in done.built_from:
        output.say(
            f"{built} was built from snapshot {done.before.number}; the next run builds it again"
        )
    for warning in done.warnings:
        output.say(f"warn: {warning}", hang=6)
    back = f"--to {done.before.number}"
    back += f" --channel {channel}" if channel != Channel.PRODUCTION else ""
    output.say(f"back: cleanhold rollback {dataset} {back} --reason …")
    return output.DONE


def _rehearsed(dataset: str, to: int | None, reason: str, workspace: Path, json: bool) -> int:
    from cleanhold.pipeline.rehearse import rehearse
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        done = rehearse(stores, dataset, to, reason)
    if json:
        output.emit_json(done.as_dict())
        return output.DONE
    output.say(
        f"readers of {dataset} could have snapshot {done.to.number}: {output.rows(done.to.rows)}, "
        f"whole, read in {done.seconds:.1f} s",
        hang=4,
    )
    output.say(f"they keep snapshot {done.now.number}; the rehearsal is in the audit log")
    return output.DONE
