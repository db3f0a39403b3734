"""breaking: what the breaking changes of a contract would touch downstream."""

from __future__ import annotations

from collections.abc import Iterator

from cleanhold.core.column_lineage import Column
from cleanhold.core.contract import Contract
from cleanhold.core.graph import Graph
from cleanhold.core.impact import Impact, impact
from cleanhold.core.revision import Revision
from cleanhold.core.weight import Weight


def broken(graph: Graph, found: Revision) -> list[Impact]:
    """For each thing that a breaking change is about, all that is made of it.

    What the change of a check is about is its column; else the rows of the dataset. Nothing is told
    of a change that touches nobody.
    """
    dataset = found.before.dataset
    starts: dict[str, list[Column]] = {}
    for change in found.changes:
        if change.weight is Weight.BREAKING and dataset in graph.nodes:
            starts.update(_about(found.before, change.about))
    impacts = (impact(graph, what, columns) for what, columns in starts.items())
    return [one for one in impacts if not one.is_none]


def _about(contract: Contract, about: str) -> Iterator[tuple[str, list[Column]]]:
    """What is said of it, and where it begins."""
    name = contract.dataset
    column = about.partition(".")[0]
    if contract.column(column):
        yield f"{name}.{column}", [Column(name, column)]
    elif about:
        yield f"{name}, {about}", [Column(name, "")]
    else:
        whole = [Column(name, column.name) for column in contract.columns]
        yield name, [*whole, Column(name, "")]
