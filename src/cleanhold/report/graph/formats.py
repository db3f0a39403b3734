"""The lineage graph in each form that it can be given."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from cleanhold.core.column_lineage import Column
from cleanhold.core.graph import Graph
from cleanhold.errors import UsageError
from cleanhold.report.graph import tree
from cleanhold.report.graph.dot import dot
from cleanhold.report.graph.mermaid import mermaid
from cleanhold.report.graph.page import lineage_page
from cleanhold.report.writing import write_page
from cleanhold.store.files import atomic_write


class Format(StrEnum):
    """How the graph is given."""

    TEXT = "text"
    MERMAID = "mermaid"
    HTML = "html"
    JSON = "json"
    DOT = "dot"


_ENDINGS = {
    ".html": Format.HTML,
    ".json": Format.JSON,
    ".dot": Format.DOT,
    ".gv": Format.DOT,
    ".mmd": Format.MERMAID,
}


def meant(file: Path) -> Format:
    """The format that a file's ending means; text if none."""
    return _ENDINGS.get(file.suffix.lower(), Format.TEXT)


def lines(
    graph: Graph, dataset: str | None, column: str | None, width: int | None = None
) -> Iterator[str]:
    """The tree of what was asked for.

    Args:
        width: at which lines are wrapped; None for no end.
    """
    if dataset is None:
        found = tree.whole(graph)
    elif column is None:
        found = tree.around(graph, dataset)
    else:
        found = tree.of_column(graph, Column(dataset, column))
    return tree.wrapped(found, width) if width else (drawn + said for drawn, said in found)


def text(graph: Graph, format: Format, dataset: str | None, column: str | None) -> str:
    """The graph in a format that is text, with its last line end."""
    if format is Format.JSON:
        return json.dumps(graph.as_dict(), indent=2, default=str) + "\n"
    if format in (Format.MERMAID, Format.DOT):
        return (mermaid if format is Format.MERMAID else dot)(graph)
    return "".join(f"{line}\n" for line in lines(graph, dataset, column))


def write(
    graph: Graph, format: Format, path: Path, name: str, dataset: str | None, column: str | None
) -> None:
    """Write it to a file, in one step.

    Args:
        name: of the workspace.

    Raises:
        UsageError: it cannot be written; or it is to be a page, and something else is there.
    """
    if format is Format.HTML:
        write_page(path, lineage_page(graph, name, dataset, column))
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, text(graph, format, dataset, column).encode())
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", next="choose a file you may write to"
        ) from error
