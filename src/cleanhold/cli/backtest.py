"""cleanhold backtest: what a changed contract would do to extracts that have arrived."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.backtest_shown import show
from cleanhold.cli.interrupts import stop_if_requested
from cleanhold.cli.output import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.pipeline.backtest import Tested


def backtest(
    contract: Annotated[
        str, typer.Argument(metavar="FILE[:Name]", help="The changed contract.")
    ],
    against: Annotated[
        int | None,
        typer.Option("--against", metavar="N", help="Take the extracts that snapshot N was made "
                     "from; those of the newest 10 if neither this nor --days is given."),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option("--days", metavar="D", min=1, help="Take the extracts landed in the last D "
                     "days."),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option("--dataset", "-d", help="Take the extracts of this dataset; else of the "
                     "contract's own."),
    ] = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:  # fmt: skip
    """What a changed contract would hold of extracts that have arrived; nothing is published.

    It is compared with the workspace's contract over the same extracts, row by row. If it is that
    contract, already changed in place, with what the runs recorded. Exits 1 if any row would be
    newly held, or a run stop that did not.

    **Examples**

    `cleanhold backtest drafts/crm_contacts.py`

    `cleanhold backtest contracts/crm_contacts.py --days 30 --json`

    `cleanhold backtest draft.py:Contacts --dataset crm.contacts --against 7`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.errors import UsageError
    from cleanhold.pipeline.backtest import backtest as test
    from cleanhold.pipeline.backtested import Backtested
    from cleanhold.pipeline.chosen_extracts import choose
    from cleanhold.plan.load import load_beside
    from cleanhold.workspace.workspace import Workspace

    if against is not None and days is not None:
        raise UsageError("--against and --days do not go together", next="give one of them")
    opened = Workspace.find(workspace)
    changed = load_beside(contract, opened.root)
    tested: list[Tested] = []
    with opened.open() as stores:
        sources = opened.catalogue.sources
        what = choose(stores, sources, changed, dataset=dataset, against=against, days=days)
        with output.progress(f"judging {changed.dataset}", what.size, quiet=json) as advance:
            for one in test(stores, what, advance):
                stop_if_requested()
                tested.append(one)
    found = Backtested(what, tested)
    if json:
        output.emit_json(found.as_dict())
    else:
        show(found)
    return output.HELD_BACK if found.holds_more else output.DONE
