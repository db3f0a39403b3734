"""cleanhold quarantine import: decisions that were written into a worksheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.deciding import (
    AsOption,
    PreviewOption,
    YesOption,
    agreed,
    say_decision,
    show_preview,
)
from cleanhold.cli.output import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.pipeline.sheet_import import Imported

#: Lines told that cannot be taken.
_TOLD = 50


def import_file(
    file: Annotated[Path, typer.Argument(help="The workbook, filled in.")],
    preview: PreviewOption = False,
    yes: YesOption = False,
    name: AsOption = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Decide about held rows as a workbook of `quarantine export --for-correction` says.

    What it would do is shown first. Lines that cannot be taken are told, and nothing is done about
    their rows: it exits 1 then.

    **Examples**

    `cleanhold quarantine import held.xlsx --preview`

    `cleanhold quarantine import held.xlsx --yes`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.person import who_acts
    from cleanhold.pipeline.sheet_import import import_sheet, look_at_sheet
    from cleanhold.workspace.workspace import Workspace

    who = who_acts(name)
    with Workspace.find(workspace).open() as stores:
        wanted = look_at_sheet(stores, file, who=who)
        code = output.HELD_BACK if wanted.conflicts else output.DONE
        if not json:
            _show(wanted)
        if preview or not wanted.decisions:
            if json:
                output.emit_json({**wanted.as_dict(), "made": []})
            return code
        total = sum(proposed.preview.rows for proposed in wanted.decisions)
        if not yes and not agreed(f"do this for {output.rows(total)}?"):
            return output.DONE
        made = import_sheet(stores, wanted, who=who)
    if json:
        output.emit_json({**wanted.as_dict(), "made": [decision.as_dict() for decision in made]})
        return code
    for decision in made:
        say_decision(decision)
    if any(proposed.preview.released is not None for proposed in wanted.decisions):
        datasets = {decision.dataset for decision in made}
        only = f" -d {datasets.pop()}" if len(datasets) == 1 else ""
        output.say(f"next: cleanhold replay{only}")
    return code


def _show(wanted: Imported) -> None:
    for proposed in wanted.decisions:
        show_preview(proposed.preview)
        output.say(f"  because: {proposed.why}", hang=4)
    if wanted.done:
        output.say(f"{output.rows(wanted.done)} stand already as is asked")
    output.say(f"nothing is asked about {output.rows(wanted.left)}")
    for conflict in wanted.conflicts[:_TOLD]:
        where = f"sheet {conflict.sheet}, line {conflict.line}"
        output.say(f"not taken: {where}: {conflict.what}", hang=4)
    if len(wanted.conflicts) > _TOLD:
        more = len(wanted.conflicts) - _TOLD
        output.say(f"not taken: {more:,} more lines; --json lists them all")
