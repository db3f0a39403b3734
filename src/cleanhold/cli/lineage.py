"""cleanhold lineage: what comes from what, as a tree, a picture or a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption


def lineage(
    dataset: Annotated[
        str | None, typer.Argument(help="This dataset, and what is before and after it; else all.")
    ] = None,
    column: Annotated[
        str | None, typer.Option("--column", "-c", help="Only this column of the dataset.")
    ] = None,
    format: Annotated[
        Literal["text", "mermaid", "html", "json", "dot"] | None,
        typer.Option("--format", "-f", help="How; if it is not said, as the file's ending says, "
                     "else text.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file to write.", show_default=False)
    ] = None,
    open: Annotated[
        bool, typer.Option("--open", help="Write the page and open it in a browser.")
    ] = False,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:  # fmt: skip
    """What comes from what: sources, tables, quarantines, channels, consumers and flows.

    With what the ledger knows of each: newest run, audits, what readers have. Columns are those of
    the newest snapshot, as it was made. The page (`html`) is one file that asks for nothing
    remote: search and zoom, and click a column to see its whole way.

    **Examples**

    `cleanhold lineage`

    `cleanhold lineage features.customer_churn --column yearly_premium`

    `cleanhold lineage --out lineage.html --open`

    `cleanhold lineage crm.contacts --format mermaid`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.lineage_part import part_of
    from cleanhold.report.graph import formats
    from cleanhold.report.graph.formats import Format
    from cleanhold.workspace.lineage import graph_of
    from cleanhold.workspace.workspace import Workspace

    how = Format(format) if format else formats.meant(out) if out else Format.TEXT
    how = Format.HTML if open else Format.JSON if json and not (format or out) else how
    out = out or (Path("lineage.html") if how is Format.HTML else None)
    opened = Workspace.find(workspace)
    with opened.open() as stores:
        graph = part_of(graph_of(opened, stores), dataset, column)
    if out is None:
        if how is Format.TEXT:
            width = output.width()
            for line in formats.lines(graph, dataset, column, width):
                output.say(line)
        elif how is Format.JSON:
            output.emit_json(graph.as_dict())
        else:
            print(formats.text(graph, how, dataset, column), end="")
        return output.DONE
    formats.write(graph, how, out, opened.settings.name, dataset, column)
    if json:
        output.emit_json({"file": str(out), "format": str(how), "nodes": len(graph.nodes)})
    else:
        output.say(f"{out} tells of {len(graph.nodes)} nodes")
    if open:
        typer.launch(out.absolute().as_uri())
    return output.DONE
