"""The lineage graph in Graphviz' DOT (https://graphviz.org/doc/info/lang.html)."""

from __future__ import annotations

from collections.abc import Iterator

from cleanhold.core.graph import Graph, Kind, Node, Step
from cleanhold.report.graph.words import state, title
from cleanhold.report.safe import plain

_SHAPES = {
    Kind.SOURCE: 'shape=note, fillcolor="#e8eef7"',
    Kind.DATASET: 'shape=box, fillcolor="#e3f4ea"',
    Kind.FEATURE: 'shape=box, fillcolor="#e9e6fb"',
    Kind.QUARANTINE: 'shape=box, fillcolor="#fff1cf"',
    Kind.CHANNEL: 'shape=box, fillcolor="#f6f7f9"',
    Kind.PACT: 'shape=ellipse, fillcolor="#fde6e4"',
    Kind.FLOW: 'shape=component, fillcolor="#ffffff"',
}


def dot(graph: Graph) -> str:
    """A graph from left to right, with its last line end."""
    return "\n".join(_lines(graph)) + "\n"


def _lines(graph: Graph) -> Iterator[str]:
    yield "digraph lineage {"
    yield "  rankdir=LR;"
    yield '  node [style="filled,rounded", fontname="Helvetica", fontsize=11];'
    yield '  edge [color="#77839a", fontname="Helvetica", fontsize=9];'
    for name, node in graph.nodes.items():
        yield f"  {_text(name)} [label={_text(*_label(node))}, {_SHAPES[node.kind]}];"
    for edge in graph.edges:
        dashed = edge.what in (Step.CHECKS, Step.HOLDS, Step.RUNS)
        style = ", style=dashed" if dashed else ""
        yield f"  {_text(edge.before)} -> {_text(edge.after)} [label={_text(edge.what)}{style}];"
    yield "}"


def _label(node: Node) -> tuple[str, ...]:
    return tuple(filter(None, (title(node), state(node))))


def _text(*lines: str) -> str:
    """A quoted string; in labels a backslash would begin an escape of Graphviz' own."""
    shown = (plain(one).replace("\n", " ") for one in lines)
    return '"' + r"\n".join(one.replace("\\", r"\\").replace('"', r"\"") for one in shown) + '"'
