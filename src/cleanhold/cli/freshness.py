"""cleanhold freshness: how old what models read is, and what is late."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.pipeline.ages import Age


def freshness(
    dataset: Annotated[
        str | None, typer.Argument(help="Only this dataset; all if none is named.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """How old what models can read is, and what is older than its contract's `freshness`.

    The age is counted from when the newest delivery was landed. Exits 1 if something is late, or
    was promised and never published.

    **Examples**

    `cleanhold freshness`

    `cleanhold freshness crm.contacts --json`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.ages import ages
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        found = ages(stores, dataset)
    if json:
        output.emit_json([one.as_dict() for one in found])
    elif found:
        columns = ("dataset", "snapshot", "delivered (UTC)", "dated", "age", "promised", "")
        output.show_table(columns, [_line(one) for one in found])
    else:
        output.say("there are no contracts yet")
    return output.HELD_BACK if any(one.is_late for one in found) else output.DONE


def _line(one: Age) -> list[object]:
    from cleanhold.core.span import in_days

    return [
        one.dataset,
        one.snapshot,
        f"{one.since:%F %H:%M}" if one.since else "never",
        f"{one.business_date:%F}" if one.business_date else "",
        in_days(one.age) if one.age is not None else "",
        in_days(one.promised) if one.promised else "",
        "late" if one.is_late else "",
    ]
