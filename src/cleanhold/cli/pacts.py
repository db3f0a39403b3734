"""cleanhold pacts: who depends on what, and which snapshot each consumer reads today."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.errors import CleanholdError
    from cleanhold.pipeline.pact_read import Choice


def pacts(
    dataset: Annotated[
        str | None, typer.Argument(help="Only consumers of this dataset; all if none is named.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Who depends on what, and which snapshot each consumer reads now, and why.

    Exits 1 if a consumer does not get what its pact says: it reads an older snapshot, an old
    delivery, or nothing. Exits 2 if a pact is mistaken.

    **Examples**

    `cleanhold pacts`

    `cleanhold pacts features.customer_churn --json`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.pact_read import standing
    from cleanhold.workspace.pacts import mistaken
    from cleanhold.workspace.workspace import Workspace

    opened = Workspace.find(workspace)
    contracts = opened.catalogue.contracts
    if dataset is not None and dataset not in contracts:
        opened.catalogue.contract(dataset)  # which says what there is
    wrong = [*opened.pacts.mistakes, *mistaken(opened.pacts, contracts)]
    with opened.open() as stores:
        found = standing(stores, dataset)
    if json:
        told = [{"what": error.what, "where": error.where, "next": error.next} for error in wrong]
        output.emit_json({"pacts": [one.as_dict() for one in found], "mistakes": told})
    else:
        _show(found, wrong)
    if wrong:
        return output.USAGE
    return output.HELD_BACK if any(one.reasons for one in found) else output.DONE


def _show(found: list[Choice], wrong: list[CleanholdError]) -> None:
    if found:
        columns = ("consumer", "dataset", "owner", "reads", "newest", "")
        output.show_table(columns, [_line(one) for one in found])
    else:
        output.say("nobody has a pact; one is declared in contracts/pacts/")
    for error in wrong:
        output.say()
        output.say(f"mistake: {error}", style="red")


def _line(one: Choice) -> list[object]:
    from cleanhold.core.span import in_days

    reads = one.snapshot.number if one.snapshot else "nothing"
    newest = one.newest.number if one.newest else ""
    fine = f"as it needs it, {in_days(one.age)} old" if one.age is not None else ""
    why = "; ".join(one.reasons) or fine
    return [one.pact.consumer, one.pact.dataset, one.pact.owner, str(reads), str(newest), why]
