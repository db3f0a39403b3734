"""cleanhold baseline: the snapshot that later ones of a dataset are compared with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, ReasonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.core.snapshot import Baseline
    from cleanhold.pipeline.stores import Stores


def baseline(
    dataset: Annotated[str, typer.Argument(help="The dataset.")],
    to: Annotated[
        int | None,
        typer.Option("--to", help="Number of the published snapshot to compare later ones with."),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Compare with none any more.")] = False,
    reason: ReasonOption = "",
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """The snapshot that later ones are compared with for drift: show it, name it, or clear it.

    It is the one a model was trained on, so a person names it. It is kept whatever the settings
    say, and what it was built from.

    **Examples**

    `cleanhold baseline features.customer_churn`

    `cleanhold baseline crm.contacts --to 12 --reason "churn model 7 was trained on it"`

    `cleanhold baseline crm.contacts --clear --reason "no model reads it any more"`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.errors import UsageError
    from cleanhold.workspace.workspace import Workspace

    if clear and to is not None:
        raise UsageError("--to and --clear contradict each other", next="give one of them")
    if reason and not clear and to is None:
        raise UsageError("--reason is for --to and --clear", next="add --to N, or leave it out")
    with Workspace.find(workspace).open() as stores:
        named = _done(stores, dataset, to, clear, reason)
    if json:
        output.emit_json(_as_dict(dataset, named))
    elif named is None:
        output.say(f"{dataset} has no baseline: no drift is looked for")
    else:
        snapshot = named.snapshot
        made = f"{output.rows(snapshot.rows)}, made {snapshot.created_at:%F %H:%M} UTC"
        output.say(f"the baseline of {dataset} is snapshot {snapshot.number} ({made})", hang=4)
        output.say(f"    named by {named.who}, {named.at:%F %H:%M} UTC: {named.why}", hang=4)
    return output.DONE


def _done(
    stores: Stores, dataset: str, to: int | None, clear: bool, reason: str
) -> Baseline | None:
    from cleanhold.pipeline import baseline as verbs

    now = verbs.baseline(stores, dataset)
    if clear:
        verbs.clear_baseline(stores, dataset, reason)
        return None
    return now if to is None else verbs.name_baseline(stores, dataset, to, reason)


def _as_dict(dataset: str, named: Baseline | None) -> dict[str, object]:
    if named is None:
        return {"dataset": dataset, "baseline": None}
    told = {"who": named.who, "why": named.why, "at": named.at.isoformat()}
    return {"dataset": dataset, "baseline": named.snapshot.number, **told}
