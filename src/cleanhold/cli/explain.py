"""cleanhold explain: the whole way of one row."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption


def explain(
    row: Annotated[
        str,
        typer.Argument(help="A row id, or a business key; the parts of one joined with ' | '."),
    ],
    dataset: Annotated[
        str | None, typer.Option("--dataset", "-d", help="Only rows of this one.")
    ] = None,
    snapshot: Annotated[
        int | None, typer.Option("--snapshot", help="Only the row in this version of --dataset.")
    ] = None,
    column: Annotated[
        str | None,
        typer.Option("--column", help="Of a built table: why it has this value in the row."),
    ] = None,
    reveal: Annotated[
        str | None,
        typer.Option("--reveal", help="Show personal values, for this reason; it is recorded."),
    ] = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """The whole way of one row: where it came from, what became of it, what was made of it.

    Of a row of a feature table it tells the rows that made it, and those that would have, were
    they not held or refused.

    **Examples**

    `cleanhold explain 6f0c2a91d3b7e845-17`

    `cleanhold explain C-000123`

    `cleanhold explain C-000123 --dataset crm.contacts --snapshot 7`

    `cleanhold explain C-000123 -d features.customer_churn --column yearly_premium`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.cli.explained import show
    from cleanhold.pipeline.explain import explain as tell
    from cleanhold.pipeline.quarantine import review
    from cleanhold.pipeline.reveals import asked_for, shown_with
    from cleanhold.workspace.workspace import Workspace

    opened = Workspace.find(workspace)
    features = opened.catalogue.features
    with opened.open() as stores:
        seen = review(
            stores,
            reveal,
            what=asked_for("explain", row, dataset),
            datasets=shown_with(stores, row, dataset, features) if reveal is not None else (),
        )
        stories = tell(
            stores,
            row,
            seen,
            features=features,
            dataset=dataset,
            snapshot=snapshot,
            column=column,
        )
    if json:
        output.emit_json([story.as_dict() for story in stories])
    else:
        show(stories, column)
    return output.DONE
