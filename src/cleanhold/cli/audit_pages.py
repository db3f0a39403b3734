"""cleanhold audit report: what the audits found, as pages for people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption


def report(
    out: Annotated[Path, typer.Option("--out", help="The folder for the pages.")],
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """A page of all datasets, and one of the newest snapshot of each, with pictures.

    Each is one HTML file without scripts or anything remote. Pages of an earlier report are
    replaced. Exits 1 if the newest snapshot of a dataset was stopped.

    **Examples**

    `cleanhold audit report --out report`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.report.writing import INDEX, write_report
    from cleanhold.workspace.workspace import Workspace

    found = Workspace.find(workspace)
    with found.open() as stores:
        entries = write_report(stores, found.settings.name, out)
    if json:
        told = [
            {"dataset": e.dataset, "page": str(out / e.page) if e.found else None} for e in entries
        ]
        output.emit_json({"index": str(out / INDEX), "datasets": told})
    else:
        output.say(f"{len(entries)} datasets are told in {out / INDEX}")
    stopped = any(entry.found and entry.found.audited.reasons for entry in entries)
    return output.HELD_BACK if stopped else output.DONE
