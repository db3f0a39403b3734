"""The lineage graph: what a workspace declares and what ran, from sources to consumers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

from cleanhold.core.column_lineage import Column, ColumnLineage, Origin

_K = TypeVar("_K")
_V = TypeVar("_V")


class Kind(StrEnum):
    """What a node is."""

    SOURCE = "source"
    DATASET = "dataset"  # a clean table
    FEATURE = "feature"  # a table built from others
    QUARANTINE = "quarantine"
    CHANNEL = "channel"
    PACT = "pact"  # one consumer of one dataset
    FLOW = "flow"


class Step(StrEnum):
    """What one node does for the next."""

    DELIVERS = "delivers"  # a source to a dataset
    FEEDS = "feeds"  # a table to one that is built from it
    CHECKS = "is referred to by"  # a dataset, to another whose rows are checked against it
    HOLDS = "holds"  # a table to its quarantine
    PUBLISHES = "publishes"  # a table to a channel
    READS = "is read by"  # a channel by a consumer
    RUNS = "runs"  # a flow, a table


#: Kinds that have rows, made of the rows of others.
TABLES = (Kind.DATASET, Kind.FEATURE)


@dataclass(frozen=True, slots=True)
class Node:
    """One thing of the graph.

    Attributes:
        id: unique in its graph: `crm.contacts`, `source:crm.contacts`, `crm.contacts@quarantine`,
            `crm.contacts@production`, `pact:churn-model:features.customer_churn`, `flow:nightly`.
        name: for people.
        dataset: that a quarantine, a channel or a pact belongs to; empty for others.
        owner: who answers for it.
        columns: of a table; headers of a source; what a pact needs.
        details: JSON values, as the kind has them.
    """

    id: str
    kind: Kind
    name: str
    dataset: str = ""
    owner: str = ""
    description: str = ""
    columns: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "id": self.id,
            "kind": str(self.kind),
            "name": self.name,
            "dataset": self.dataset,
            "owner": self.owner,
            "description": self.description,
            "columns": list(self.columns),
            "details": dict(self.details),
        }


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """One node comes before another; what the first does for it."""

    before: str
    after: str
    what: Step


@dataclass(frozen=True, slots=True)
class Link:
    """An origin of one column (`after`), or of the choice of a table's rows (its name is empty).

    The table of both columns is the id of a node.
    """

    origin: Origin
    after: Column

    @property
    def before(self) -> Column:
        return self.origin.column

    @property
    def is_direct(self) -> bool:
        return self.origin.way.is_direct and bool(self.after.name)

    def as_dict(self) -> dict[str, Any]:
        """As JSON values; `after` without a column means the rows of its table."""
        return {
            "before": [self.before.table, self.before.name],
            "after": [self.after.table, self.after.name],
            "way": str(self.origin.way),
            "told": self.origin.told,
            "masks": self.origin.masks,
        }


def links_of(table: str, lineage: ColumnLineage, nodes: Mapping[str, str]) -> Iterator[Link]:
    """The links into a table.

    Args:
        table: id of its node.
        nodes: what the lineage calls its inputs → id of the node.
    """
    rows = (("", origin) for origin in lineage.rows)
    values = ((name, origin) for name, found in lineage.columns.items() for origin in found)
    for name, origin in (*values, *rows):
        at = Column(nodes.get(origin.column.table, origin.column.table), origin.column.name)
        yield Link(Origin(at, origin.way, origin.told, origin.masks), Column(table, name))


@dataclass(frozen=True)
class Graph:
    """Nodes by id, in the order they are declared, and what connects them.

    Attributes:
        unseen: table → what of its columns' lineage could not be read, in words.
        blind: tables of whose columns' lineage nothing is known.
    """

    nodes: Mapping[str, Node]
    edges: tuple[Edge, ...] = ()
    links: tuple[Link, ...] = ()
    unseen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    blind: frozenset[str] = frozenset()

    @cached_property
    def links_from(self) -> Mapping[Column, list[Link]]:
        return _grouped((link.before, link) for link in self.links)

    @cached_property
    def links_into(self) -> Mapping[Column, list[Link]]:
        return _grouped((link.after, link) for link in self.links)

    @cached_property
    def edges_from(self) -> Mapping[str, list[Edge]]:
        return _grouped((edge.before, edge) for edge in self.edges)

    @cached_property
    def edges_into(self) -> Mapping[str, list[Edge]]:
        return _grouped((edge.after, edge) for edge in self.edges)

    def of_kind(self, *kinds: Kind) -> list[Node]:
        return [node for node in self.nodes.values() if node.kind in kinds]

    def part(self, kept: Iterable[str]) -> Graph:
        """The graph of some nodes, and of what connects these."""
        ids = set(kept)
        return Graph(
            {name: node for name, node in self.nodes.items() if name in ids},
            tuple(e for e in self.edges if e.before in ids and e.after in ids),
            tuple(x for x in self.links if x.before.table in ids and x.after.table in ids),
            {table: words for table, words in self.unseen.items() if table in ids},
            self.blind & ids,
        )

    def as_dict(self) -> dict[str, Any]:
        """As JSON values, as `cleanhold lineage --format json` prints it."""
        return {
            "nodes": [node.as_dict() for node in self.nodes.values()],
            "edges": [[edge.before, edge.after, str(edge.what)] for edge in self.edges],
            "columns": [link.as_dict() for link in self.links],
            "unseen": {table: list(words) for table, words in self.unseen.items()},
            "unknown": sorted(self.blind),
        }


def _grouped(pairs: Iterable[tuple[_K, _V]]) -> dict[_K, list[_V]]:
    found: dict[_K, list[_V]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return dict(found)
