"""What things of the lineage graph are called, in a few words."""

from __future__ import annotations

from cleanhold.core.column_lineage import Origin, Way
from cleanhold.core.graph import Kind, Node

#: How an origin acts, as people say it.
WAYS = {
    Way.IDENTITY: "as it is",
    Way.TRANSFORMATION: "computed from it",
    Way.AGGREGATION: "summed up from several rows",
    Way.CONDITION: "decides which value",
    Way.WINDOW: "decides over which rows",
    Way.JOIN: "decides which rows meet",
    Way.GROUP_BY: "decides which rows are one",
    Way.FILTER: "decides which rows there are",
    Way.SORT: "decides their order",
}

_KINDS = {
    Kind.SOURCE: "source",
    Kind.DATASET: "clean table",
    Kind.FEATURE: "feature table",
    Kind.QUARANTINE: "quarantine",
    Kind.CHANNEL: "channel",
    Kind.PACT: "consumer",
    Kind.FLOW: "flow",
}


def kind(node: Node) -> str:
    """What a node is."""
    return _KINDS[node.kind]


def title(node: Node) -> str:
    """What a node is, and its name."""
    return kind(node) if node.kind is Kind.QUARANTINE else f"{kind(node)} {node.name}"


def way(origin: Origin) -> str:
    """How an origin acts: in its own words where it has some."""
    said = WAYS[origin.way]
    return f"{said}: {origin.told}" if origin.told else said


def state(node: Node) -> str:
    """How it stands with a node, in a few words; empty if there is nothing to say."""
    details = node.details
    if node.kind is Kind.SOURCE:
        return str(details["system"])
    if node.kind is Kind.QUARANTINE:
        return f"{details['held']:,} held by the newest run"
    if node.kind is Kind.CHANNEL:
        number = details["snapshot"]
        return f"snapshot {number}" if number else "nothing yet"
    if node.kind is Kind.PACT:
        return node.owner or "the pact names no owner"
    if node.kind is Kind.FLOW:
        return str(details["where"])
    return _of_table(node)


def _of_table(node: Node) -> str:
    run, snapshot = node.details["run"], node.details["snapshot"]
    if run is None:
        return "never run"
    said = f"run {run['state']}" if run["state"] != "published" else "published"
    worst = (node.details["audits"] or {}).get("worst", "pass")
    audits = {"pass": "", "warn": ", audits warn", "stop": ", audits stop it"}[worst]
    rows = f", {snapshot['rows']:,} rows" if snapshot else ""
    number = f"snapshot {snapshot['number']} " if snapshot else ""
    return f"{number}{said}{rows}{audits}"
