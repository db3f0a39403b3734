"""What a change of a column, a dataset or a check touches."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cleanhold.core.column_lineage import Column
from cleanhold.core.graph import TABLES, Graph, Kind, Node, Step
from cleanhold.core.reach import Reached, downstream


@dataclass(frozen=True, slots=True)
class PactTouched:
    """A pact about a table that is touched.

    Attributes:
        values: columns it names that get other values.
        rows: columns it names for which it may be decided otherwise which values, or which rows.
    """

    pact: Node
    values: tuple[str, ...]
    rows: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "consumer": self.pact.name,
            "dataset": self.pact.dataset,
            "owner": self.pact.owner,
            "direct": list(self.values),
            "indirect": list(self.rows),
        }


@dataclass(frozen=True, slots=True)
class Impact:
    """All that lies downstream of something.

    Attributes:
        what: what it is, in words.
        starts: its columns; one without a name stands for the choice of its table's rows.
        columns: of tables, those that get its values first.
        tables: that have such columns, or whose rows are chosen by it.
        unsure: tables of which it is not known whether they have such columns.
        channels: by which the tables are given to readers.
    """

    what: str
    starts: tuple[Column, ...]
    columns: tuple[Reached, ...]
    tables: tuple[Node, ...]
    unsure: tuple[Node, ...]
    pacts: tuple[PactTouched, ...]
    channels: tuple[Node, ...]
    flows: tuple[Node, ...]

    @property
    def is_none(self) -> bool:
        return not (self.tables or self.unsure or self.pacts)

    def as_dict(self) -> dict[str, Any]:
        """As in the JSON of `cleanhold impact`."""
        return {
            "what": self.what,
            "starts": [[at.table, at.name or None] for at in self.starts],
            "columns": [one.as_dict() for one in self.columns],
            "datasets": [_table(node, sure=True) for node in self.tables]
            + [_table(node, sure=False) for node in self.unsure],
            "pacts": [one.as_dict() for one in self.pacts],
            "channels": [_channel(node) for node in self.channels],
            "flows": [node.name for node in self.flows],
        }


def impact(graph: Graph, what: str, starts: Iterable[Column]) -> Impact:
    """Everything downstream of some columns."""
    begun = tuple(starts)
    found = downstream(graph, begun)
    tables = {table.id for table in graph.of_kind(*TABLES)}
    columns = tuple(one for at, one in found.items() if at.table in tables)
    own = {at.table for at in begun}
    rows = (at.table for at in begun if not at.name)
    whole = {at.table for at in begun if at.name}
    touched = dict.fromkeys(table for table in rows if table in tables - whole)
    touched |= dict.fromkeys(one.column.table for one in columns)
    unsure = _unsure(graph, {*touched, *own})
    concerned = {*touched, *unsure, *(own & tables)}
    return Impact(
        what,
        begun,
        columns,
        tuple(node for name, node in graph.nodes.items() if name in touched),
        tuple(node for name, node in graph.nodes.items() if name in unsure),
        tuple(_pacts(graph, found, unsure)),
        tuple(n for n in graph.of_kind(Kind.CHANNEL) if n.dataset in concerned),
        tuple(n for n in graph.of_kind(Kind.FLOW) if _runs(graph, n.id) & concerned),
    )


def _unsure(graph: Graph, reached: Collection[str]) -> list[str]:
    """Tables made of those that are reached, of whose columns nobody knows what they come from."""
    found: dict[str, None] = {}
    waiting = deque(reached)
    while waiting:
        at = waiting.popleft()
        for edge in graph.edges_from.get(at, ()):
            is_new = edge.after not in reached and edge.after not in found
            gives = edge.what in (Step.DELIVERS, Step.FEEDS)
            if is_new and gives and (edge.after in graph.blind or at in found):
                found[edge.after] = None
                waiting.append(edge.after)
    return list(found)


def _pacts(
    graph: Graph, found: Mapping[Column, Reached], unsure: Collection[str]
) -> Iterator[PactTouched]:
    for pact in graph.of_kind(Kind.PACT):
        at = [found.get(Column(pact.id, name)) for name in pact.columns]
        values = tuple(one.column.name for one in at if one and one.direct)
        rows = tuple(one.column.name for one in at if one and not one.direct)
        if values or rows or pact.dataset in unsure:
            yield PactTouched(pact, values, rows)


def _runs(graph: Graph, flow: str) -> set[str]:
    return {edge.after for edge in graph.edges_from.get(flow, [])}


def _table(node: Node, *, sure: bool) -> dict[str, Any]:
    return {"dataset": node.id, "owner": node.owner, "known": sure}


def _channel(node: Node) -> dict[str, Any]:
    return {"dataset": node.dataset, "channel": node.name, **node.details}
