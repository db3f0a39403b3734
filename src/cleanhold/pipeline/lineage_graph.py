"""lineage_graph: what the workspace declares and what ran, as one graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from cleanhold.core.check import Severity
from cleanhold.core.column_lineage import Column, ColumnLineage, Origin, Way
from cleanhold.core.contract import Contract
from cleanhold.core.feature import Feature
from cleanhold.core.graph import Edge, Graph, Kind, Link, Node, Step, links_of
from cleanhold.core.pact import Pact
from cleanhold.core.snapshot import Channel
from cleanhold.core.source import Source
from cleanhold.pipeline.lineage_columns import columns_of, headers_of
from cleanhold.pipeline.lineage_details import Standing, details_of, standing_of
from cleanhold.pipeline.stores import Stores


def lineage_graph(
    stores: Stores,
    features: Mapping[str, Feature],
    flows: Iterable[Node] = (),
) -> Graph:
    """The graph of a workspace, with what the ledger knows of each dataset.

    Args:
        features: by dataset.
        flows: that take what every source delivers, and build every feature table.

    Raises:
        DamagedFile: a manifest was changed.
    """
    made = _Making(stores, features)
    for source in stores.sources.values():
        made.source(source)
    ordered = dict.fromkeys((*(s.dataset for s in stores.sources.values()), *features))
    for name in dict.fromkeys((*ordered, *stores.contracts)):
        made.table(stores.contracts[name])
    for pact in stores.pacts:
        made.pact(pact)
    for flow in flows:
        made.flow(flow)
    return made.graph()


def source_id(name: str) -> str:
    """The id of a source's node: its name may be that of its dataset."""
    return f"source:{name}"


class _Making:
    """A graph as it grows."""

    def __init__(self, stores: Stores, features: Mapping[str, Feature]) -> None:
        self._stores, self._features = stores, features
        self._headers: dict[str, dict[str, None]] = {}
        self._nodes: dict[str, Node] = {}
        self._edges: dict[Edge, None] = {}
        self._links: list[Link] = []
        self._unseen: dict[str, tuple[str, ...]] = {}
        self._blind: set[str] = set()

    def graph(self) -> Graph:
        links = [link for link in self._links if link.before.table in self._nodes]
        for link in links:
            self._headers.setdefault(link.before.table, {})[link.before.name] = None
        nodes = {
            name: replace(node, columns=tuple(self._headers.get(name, ())))
            if node.kind is Kind.SOURCE
            else node
            for name, node in self._nodes.items()
        }
        edges = (e for e in self._edges if e.before in nodes and e.after in nodes)
        return Graph(nodes, tuple(edges), tuple(links), self._unseen, frozenset(self._blind))

    def source(self, source: Source) -> None:
        naming = self._stores.naming
        name = source_id(source.name)
        self._nodes[name] = Node(
            name,
            Kind.SOURCE,
            source.name,
            source.dataset,
            ", ".join(naming.owners_of(source.name)),
            source.description,
            details={"system": naming.source(source.name).namespace, "pattern": source.pattern},
        )
        self._edge(name, source.dataset, Step.DELIVERS)

    def table(self, contract: Contract) -> None:
        name, stores = contract.dataset, self._stores
        feature, standing = self._features.get(name), standing_of(stores, name)
        parts, read_from = columns_of(stores, name, feature, standing)
        details = details_of(contract, standing, read_from if parts else "")
        self._nodes[name] = Node(
            name,
            Kind.FEATURE if feature else Kind.DATASET,
            name,
            owner=", ".join(stores.naming.owners_of(name, contract.owner)),
            description=contract.description,
            columns=_names(contract, standing),
            details=details,
        )
        for read in feature.inputs.values() if feature else ():
            self._edge(read, name, Step.FEEDS)
        self._references(contract)
        self._lineage(name, parts, feature)
        for source, headers in headers_of(standing.manifest).items():
            self._headers.setdefault(source_id(source), {}).update(dict.fromkeys(headers))
        self._beside(name, standing)

    def _references(self, contract: Contract) -> None:
        """What the rows are checked against decides which of them there are."""
        for check in contract.checks:
            to = check.reference
            if to and to.dataset != contract.dataset and check.severity is Severity.ERROR:
                self._edge(to.dataset, contract.dataset, Step.CHECKS)
                for column in to.columns:
                    read = Column(to.dataset, column)
                    origin = Origin(read, Way.FILTER, f"check {check.label}", masks=True)
                    self._links.append(Link(origin, Column(contract.dataset, "")))

    def _lineage(self, name: str, parts: Sequence[ColumnLineage], feature: Feature | None) -> None:
        sources = (s.name for s in self._stores.sources.values() if s.dataset == name)
        nodes = {} if feature else {one: source_id(one) for one in sources}
        for part in parts:
            self._links += links_of(name, part, nodes)
        if unseen := tuple(dict.fromkeys(words for part in parts for words in part.unseen)):
            self._unseen[name] = unseen
        if not parts:
            self._blind.add(name)

    def _beside(self, name: str, standing: Standing) -> None:
        """Its quarantine, and the channels that give it to readers."""
        self._nodes[f"{name}@quarantine"] = Node(
            f"{name}@quarantine",
            Kind.QUARANTINE,
            "quarantine",
            name,
            details={"held": standing.held},
        )
        self._edge(name, f"{name}@quarantine", Step.HOLDS)
        for channel, number in _channels(self._stores, name, standing).items():
            self._nodes[f"{name}@{channel}"] = Node(
                f"{name}@{channel}", Kind.CHANNEL, channel, name, details={"snapshot": number}
            )
            self._edge(name, f"{name}@{channel}", Step.PUBLISHES)

    def pact(self, pact: Pact) -> None:
        name = f"pact:{pact.consumer}:{pact.dataset}"
        self._nodes[name] = Node(
            name,
            Kind.PACT,
            pact.consumer,
            pact.dataset,
            pact.owner,
            pact.description,
            tuple(pact.columns),
            {"unmet": str(pact.unmet)},
        )
        self._edge(f"{pact.dataset}@{Channel.PRODUCTION}", name, Step.READS)
        for column in pact.columns:
            origin = Origin(Column(pact.dataset, column), Way.IDENTITY, "the pact names it")
            self._links.append(Link(origin, Column(name, column)))

    def flow(self, flow: Node) -> None:
        self._nodes[flow.id] = flow
        for table in (*(s.dataset for s in self._stores.sources.values()), *self._features):
            self._edge(flow.id, table, Step.RUNS)

    def _edge(self, before: str, after: str, what: Step) -> None:
        self._edges[Edge(before, after, what)] = None


def _names(contract: Contract, standing: Standing) -> tuple[str, ...]:
    """The columns that its newest snapshot has, and those that today's contract adds."""
    declared = (c.name for c in contract.columns if not (c.regex and standing.columns))
    return tuple(dict.fromkeys((*standing.columns, *declared)))


def _channels(stores: Stores, name: str, standing: Standing) -> dict[str, int | None]:
    """Channel → the number of the snapshot that it gives."""
    found: dict[str, int | None] = {}
    if stores.publishes_to(name) is Channel.PILOT:
        found[str(Channel.PILOT)] = standing.pilot
    found[str(Channel.PRODUCTION)] = standing.production
    return found
