"""cleanhold verify: do the files, the ledger and the quarantine tell the same story?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption


def verify(
    dataset: Annotated[
        str | None, typer.Argument(help="Only this dataset; else all of them.")
    ] = None,
    anchor: Annotated[
        str | None,
        typer.Option(help="What an earlier verify gave as the audit log's end, kept elsewhere."),
    ] = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Read everything again and hold it against its hash, its account and the ledger.

    Every landed extract and published file byte by byte, every account against the row ids in the
    files, the audit log's chain, the pointers, and the quarantine against the files that it is
    made from. Changes nothing. Exits 3 if something contradicts something else.

    **Examples**

    `cleanhold verify`

    `cleanhold verify crm.contacts --json`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.verify import verify as read_again
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores, output.working(quiet=json) as step:
        found = read_again(
            stores, dataset, lambda what: step(f"reading {what}", lambda: None), anchor=anchor
        )
    if json:
        output.emit_json(found.as_dict())
        return output.FAILED if found.problems else output.DONE
    counts = (
        f"read again: {found.extracts:,} extracts, {found.snapshots:,} snapshots "
        f"({found.files:,} files, {found.rows:,} rows), {found.entries:,} entries of the audit log"
    )
    output.say(counts)
    if found.expired:
        output.say(
            f"{found.expired:,} of these snapshots have expired: their rows are gone on purpose, "
            "what their runs held back was read",
            hang=4,
        )
    for problem in found.problems:
        for number, line in enumerate(str(problem).split("\n")):
            output.say(f"✗ {line}" if not number else f"  {line}", hang=9, style="red")
    for told in found.notes:
        output.say(f"· {told}", hang=2)
    if found.anchor:
        output.say(f"the audit log ends in {found.anchor}", hang=4)
    if not found.problems:
        output.say(
            "rows lost: 0, rows twice: 0, files changed: 0; the ledger agrees with all", hang=4
        )
    return output.FAILED if found.problems else output.DONE
