"""Pages that a flow run leaves, or finds, in the state folder, and where links to them lead."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cleanhold.report.graph.page import lineage_page
from cleanhold.report.writing import INDEX, write_page
from cleanhold.workspace.lineage import graph_of
from cleanhold.workspace.workspace import Workspace

#: The page of the lineage graph; and of all audits, where `cleanhold audit report` wrote one.
LINEAGE, REPORT = "lineage.html", f"report/{INDEX}"


def leave_pages(workspace: Workspace) -> dict[str, str]:
    """Write the lineage graph as it is now.

    Returns:
        What a page tells → where it is, for all pages there are.

    Raises:
        UsageError: it cannot be written.
        DamagedFile: a manifest was changed.
    """
    folder = workspace.state / "pages"
    with workspace.open() as stores:
        graph = graph_of(workspace, stores)
    write_page(folder / LINEAGE, lineage_page(graph, workspace.settings.name))
    there = {"the lineage graph": LINEAGE, "the audit report": REPORT}
    return {
        what: _address(workspace, folder, name)
        for what, name in there.items()
        if (folder / name).is_file()
    }


def links(pages: Mapping[str, str]) -> str:
    """Markdown: a link to each page."""
    return "".join(f"- [{what}](<{address}>)\n" for what, address in pages.items())


def _address(workspace: Workspace, folder: Path, name: str) -> str:
    """Under the URL that the folder of pages is served at, if the workspace says one."""
    if served := workspace.settings.pages:
        return f"{served.rstrip('/')}/{name}"
    return (folder / name).absolute().as_uri()
