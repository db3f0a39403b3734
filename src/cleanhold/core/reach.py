"""How far a column reaches in a lineage graph, down to consumers or up to headers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import Any

from cleanhold.core.column_lineage import Column
from cleanhold.core.graph import Graph, Link


@dataclass(frozen=True, slots=True)
class Reached:
    """A column that others lead to.

    Attributes:
        direct: a way there gives values all along; else it is decided somewhere which values,
            or which rows.
        link: the last step of the way there.
        masked: what arrives does not tell the values any more.
    """

    column: Column
    direct: bool
    link: Link
    masked: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "dataset": self.column.table,
            "column": self.column.name,
            "direct": self.direct,
            "way": str(self.link.origin.way),
            "told": self.link.origin.told,
            "masked": self.masked,
            "via": [self.link.before.table, self.link.before.name],
        }


def downstream(graph: Graph, starts: Iterable[Column]) -> dict[Column, Reached]:
    """Every column that comes from some columns: those that get its values first.

    What decides the rows of a table decides all its columns. A start without a name stands for
    the choice of its table's rows: nothing gets values from it.
    """

    def steps(at: Column) -> Iterator[tuple[Column, Link]]:
        for link in graph.links_from.get(at, ()):
            for after in _columns(graph, link.after):
                yield after, link

    return _walked(steps, _spread(graph, starts))


def upstream(graph: Graph, starts: Iterable[Column]) -> dict[Column, Reached]:
    """Every column that some columns come from: those that give values first."""

    def steps(at: Column) -> Iterator[tuple[Column, Link]]:
        for link in (*graph.links_into.get(at, ()), *graph.links_into.get(_rows(at), ())):
            yield link.before, link

    return _walked(steps, _spread(graph, starts))


def nodes_below(graph: Graph, starts: Iterable[str]) -> list[str]:
    """Every node that comes after some, by the edges; the nearest first, without these."""
    return _followed(starts, lambda at: [edge.after for edge in graph.edges_from.get(at, ())])


def nodes_above(graph: Graph, starts: Iterable[str]) -> list[str]:
    """Every node that comes before some, by the edges; the nearest first, without these."""
    return _followed(starts, lambda at: [edge.before for edge in graph.edges_into.get(at, ())])


def _walked(
    steps: Callable[[Column], Iterator[tuple[Column, Link]]], starts: Mapping[Column, bool]
) -> dict[Column, Reached]:
    """Each column by its best way: one that gives values, shows them, and is short.

    Args:
        starts: with whether they only decide which values, or rows, there are.
    """
    found: dict[Column, Reached] = {}
    turn = count()
    waiting: list[tuple[bool, bool, int, int, Column, Link | None]] = [
        (decided, False, 0, next(turn), at, None) for at, decided in starts.items()
    ]
    while waiting:
        decided, masked, length, _, at, link = heappop(waiting)
        if link is not None:
            if at in found or at in starts:
                continue
            found[at] = Reached(at, not decided, link, masked)
        for other, step in steps(at):
            if other not in found:
                cost = (decided or not step.is_direct, masked or step.origin.masks, length + 1)
                heappush(waiting, (*cost, next(turn), other, step))
    return found


def _spread(graph: Graph, starts: Iterable[Column]) -> dict[Column, bool]:
    """The columns to begin at, and whether what begins there only decides about them."""
    found: dict[Column, bool] = {}
    for start in starts:
        for at in _columns(graph, start):
            found[at] = found.get(at, True) and not start.name
    return found


def _columns(graph: Graph, at: Column) -> list[Column]:
    """The column, or all of its table where it stands for the rows."""
    if at.name:
        return [at]
    node = graph.nodes.get(at.table)
    return [Column(at.table, name) for name in node.columns] if node else []


def _rows(at: Column) -> Column:
    return Column(at.table, "")


def _followed(starts: Iterable[str], steps: Callable[[str], Iterable[str]]) -> list[str]:
    begun = list(starts)
    found: dict[str, None] = {}
    waiting = deque(begun)
    while waiting:
        for other in steps(waiting.popleft()):
            if other not in found and other not in begun:
                found[other] = None
                waiting.append(other)
    return list(found)
