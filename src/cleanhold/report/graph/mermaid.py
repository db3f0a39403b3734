"""The lineage graph as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html)."""

from __future__ import annotations

from collections.abc import Iterator

from cleanhold.core.graph import Graph, Kind, Node, Step
from cleanhold.report.graph.words import state, title
from cleanhold.report.safe import plain

#: Kind → what stands around the label.
_SHAPES = {
    Kind.SOURCE: ("[/", "/]"),
    Kind.DATASET: ("[(", ")]"),
    Kind.FEATURE: ("[(", ")]"),
    Kind.QUARANTINE: ("[[", "]]"),
    Kind.CHANNEL: ("([", "])"),
    Kind.PACT: ("{{", "}}"),
    Kind.FLOW: ("((", "))"),
}

_COLOURS = {
    Kind.SOURCE: "fill:#e8eef7,stroke:#6b7f9e,color:#1a2029",
    Kind.DATASET: "fill:#e3f4ea,stroke:#2e8b5e,color:#1a2029",
    Kind.FEATURE: "fill:#e9e6fb,stroke:#6a5acd,color:#1a2029",
    Kind.QUARANTINE: "fill:#fff1cf,stroke:#b07a12,color:#1a2029",
    Kind.CHANNEL: "fill:#f6f7f9,stroke:#8b97a8,color:#1a2029",
    Kind.PACT: "fill:#fde6e4,stroke:#b34a42,color:#1a2029",
    Kind.FLOW: "fill:#ffffff,stroke:#8b97a8,color:#1a2029",
}


def mermaid(graph: Graph) -> str:
    """A flowchart from left to right, with its last line end."""
    return "\n".join(_lines(graph)) + "\n"


def _lines(graph: Graph) -> Iterator[str]:
    numbers = {name: f"n{number}" for number, name in enumerate(graph.nodes, start=1)}
    yield "flowchart LR"
    for name, node in graph.nodes.items():
        left, right = _SHAPES[node.kind]
        yield f'    {numbers[name]}{left}"{_label(node)}"{right}:::{node.kind}'
    for edge in graph.edges:
        arrow = "-.->" if edge.what in (Step.CHECKS, Step.HOLDS, Step.RUNS) else "-->"
        yield f'    {numbers[edge.before]} {arrow}|"{edge.what}"| {numbers[edge.after]}'
    for one in dict.fromkeys(node.kind for node in graph.nodes.values()):
        yield f"    classDef {one} {_COLOURS[one]}"


def _label(node: Node) -> str:
    said = (title(node), state(node))
    return "<br>".join(_text(part) for part in said if part)


def _text(text: str) -> str:
    """What Mermaid shows as it is: its entities are `#…;`, and labels are HTML."""
    marks = {"#": "#35;", '"': "#quot;", "&": "#amp;", "<": "#lt;", ">": "#gt;", "`": "#96;"}
    return "".join(marks.get(one, one) for one in plain(text).replace("\n", " "))
