"""cleanhold skew: what a service saw, beside what a model would be trained on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.pipeline.skew import ColumnSkew, Skew


def skew(
    dataset: Annotated[str, typer.Argument(help="The table that the service reads.")],
    log: Annotated[
        Path, typer.Option("--log", help="What the service saw: NDJSON or Parquet, with the key.")
    ],
    snapshot: Annotated[
        int | None,
        typer.Option("--snapshot", help="Number of one; what readers have if not given."),
    ] = None,
    limit: Annotated[
        float, typer.Option("--limit", min=0, max=1, help="Share of the rows that may differ.")
    ] = 0.01,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Whether a service sees the same values as a model in training, for the same keys.

    Exits 1 if a column is skewed: surely more of its rows differ than may, it has another type, or
    its values as a whole are as far apart as drift is.

    **Examples**

    `cleanhold skew features.customer_churn --log seen.ndjson --snapshot 12`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.workspace.training import skew as compare
    from cleanhold.workspace.workspace import Workspace

    found = compare(Workspace.find(workspace), dataset, log, snapshot, limit)
    if json:
        output.emit_json(found.as_dict())
    else:
        _show(found)
    return output.HELD_BACK if found.skewed else output.DONE


def _show(found: Skew) -> None:
    output.say(
        f"{found.dataset}: {len(found.skewed)} of {len(found.columns)} columns are skewed, in "
        f"{found.rows:,} rows of the log"
    )
    if found.unknown:
        output.say(f"{found.unknown:,} of them have a key that the snapshot lacks", hang=4)
    for where, names in (("log", found.only_offline), ("snapshot", found.only_online)):
        if names:
            output.say(f"not in the {where}: {', '.join(names)}", hang=4)
    for column in found.skewed:
        output.say()
        output.say(f"{column.column}: {'; '.join(column.why)}", hang=4, style="yellow")
        if column.example:
            offline, online = column.example
            output.say(f"    such as {offline} in the snapshot, {online} in the log", hang=8)
    if found.columns:
        output.say()
        output.show_table(
            ["column", "rows that differ", "measure", "value"], [_line(c) for c in found.columns]
        )


def _line(column: ColumnSkew) -> list[object]:
    differs = "" if column.differs is None else f"{100 * column.differs:.2f} %"
    far = [column.measure, f"{column.distance:.3g}"] if column.distance else ["", ""]
    return [column.column, differs, *far]
