"""cleanhold pin, cleanhold unpin: keep a snapshot for as long as somebody needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, ReasonOption, WorkspaceOption

_Dataset = Annotated[str, typer.Argument(help="Whose snapshot.")]
_Number = Annotated[int, typer.Argument(help="Its number.")]


def pin(
    dataset: _Dataset,
    number: _Number,
    reason: ReasonOption,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Keep a snapshot whatever the settings say, and what it was built from.

    **Examples**

    `cleanhold pin features.customer_churn 12 --reason "churn model 7 was trained on it"`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.pin import pin as keep
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        kept = keep(stores, dataset, number, reason)
    if json:
        output.emit_json({"dataset": dataset, "snapshot": number, "pinned": reason.strip()})
        return output.DONE
    output.say(f"snapshot {number} of {dataset} ({kept.rows:,} rows) is kept until it is unpinned")
    return output.DONE


def unpin(
    dataset: _Dataset,
    number: _Number,
    reason: ReasonOption,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Let the settings decide about a pinned snapshot again; nothing goes before `expire`.

    **Examples**

    `cleanhold unpin features.customer_churn 12 --reason "churn model 7 is retired"`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.pin import unpin as release
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        release(stores, dataset, number, reason)
    if json:
        output.emit_json({"dataset": dataset, "snapshot": number, "pinned": None})
        return output.DONE
    output.say(f"the settings decide about snapshot {number} of {dataset} again")
    return output.DONE
