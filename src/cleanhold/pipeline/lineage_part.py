"""lineage_part: the part of the lineage graph that a person asks for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace

from cleanhold.core.column_lineage import Column
from cleanhold.core.graph import TABLES, Graph, Kind, Step
from cleanhold.core.reach import downstream, nodes_above, nodes_below, upstream
from cleanhold.errors import UsageError
from cleanhold.pipeline.known import unknown


def part_of(graph: Graph, dataset: str | None, column: str | None) -> Graph:
    """A dataset with all that is before and after it, or one column's way; else all.

    Raises:
        UnknownDataset: there is no such dataset.
        UsageError: it has no such column.
    """
    if dataset is None:
        if column is not None:
            raise UsageError(
                f"the column {column!r} of which dataset?",
                next=f"name it before: cleanhold lineage DATASET --column {column}",
            )
        return graph
    tables = [node.id for node in graph.of_kind(*TABLES)]
    if dataset not in tables:
        raise unknown(f"there is no dataset {dataset!r}", dataset, tables)
    if column is None:
        around = (*nodes_above(graph, [dataset]), *nodes_below(graph, [dataset]))
        return graph.part(_with_theirs(graph, (dataset, *around)))
    _require_column(graph.nodes[dataset].columns, dataset, column)
    start = Column(dataset, column)
    kept = {start, *upstream(graph, [start]), *downstream(graph, [start])}
    part = graph.part(_with_theirs(graph, {at.table for at in kept}))
    return replace(part, links=tuple(x for x in part.links if _is_on(x.before, x.after, kept)))


def _with_theirs(graph: Graph, names: Iterable[str]) -> set[str]:
    """Nodes, and the quarantines, channels and flows of the tables among them."""
    tables = set(names)
    beside = {n.id for n in graph.of_kind(Kind.QUARANTINE, Kind.CHANNEL) if n.dataset in tables}
    runs = {e.before for e in graph.edges if e.what is Step.RUNS and e.after in tables}
    return tables | beside | runs


def _is_on(before: Column, after: Column, kept: set[Column]) -> bool:
    return before in kept and (after in kept or not after.name)


def _require_column(columns: Iterable[str], dataset: str, column: str) -> None:
    known = list(columns)
    if column in known:
        return
    close = difflib.get_close_matches(column, known, n=1)
    raise UsageError(
        f"{dataset} has no column {column!r}",
        next=f"did you mean {close[0]!r}?" if close else "use one of " + ", ".join(known),
    )
