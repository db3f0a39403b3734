"""cleanhold audit report and docs: what the audits found, as pages for people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption
from cleanhold.report.numbers import counted


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
        output.say(f"{out / INDEX} tells of {counted(len(entries), 'dataset')}")
    stopped = any(entry.found and entry.found.audited.reasons for entry in entries)
    return output.HELD_BACK if stopped else output.DONE


def docs(
    out: Annotated[Path, typer.Option("--out", help="The folder for the pages.")],
    dataset: Annotated[
        str | None, typer.Argument(help="Only this dataset; all if none is named.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Data Docs of Great Expectations: what is expected of snapshots, and what came of it.

    Expectations of contracts and teams are asked again, of the newest snapshot of each dataset,
    stopped or not. The pages load styles and scripts from other hosts when they are opened.

    **Examples**

    `cleanhold audit docs --out docs`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.data_docs import data_docs
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        done = data_docs(stores, out, dataset)
    left = [f"{answer.name}: {answer.error} ({answer.where})" for answer in done.left]
    if json:
        told = {"index": str(done.index), "snapshots": done.snapshots, "left": left}
        output.emit_json(told)
    else:
        output.say(f"{done.index} tells of {counted(len(done.snapshots), 'dataset')}")
        for line in left:
            output.say(f"not in it: {line}", hang=11)
    return output.DONE
