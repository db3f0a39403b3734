"""The lineage graph as a tree of text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from cleanhold.core.column_lineage import Column
from cleanhold.core.graph import Edge, Graph, Kind, Link, Node, Step
from cleanhold.report.graph.words import state, title, way

#: A line of a tree: what is drawn before it, and its text.
Line = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Branch:
    """What hangs below a line."""

    text: str
    at: Hashable


def whole(graph: Graph) -> Iterator[Line]:
    """Everything, from the sources down; what stands above already is not drawn again."""
    seen: set[Hashable] = set()
    roots = [
        node for node in graph.nodes.values()
        if not graph.edges_into.get(node.id) and node.kind is not Kind.FLOW
    ]  # fmt: skip
    for root in roots:
        yield "", _node(root)
        yield from _drawn(root.id, lambda at: _below(graph, at), "", seen)
    for flow in graph.of_kind(Kind.FLOW):
        runs = graph.edges_from.get(flow.id, [])
        yield "", f"{_node(flow)}, runs {len(runs)} tables"


def around(graph: Graph, table: str) -> Iterator[Line]:
    """What a table comes from, and what comes of it."""
    node = graph.nodes[table]
    yield "", _node(node)
    yield from _section("comes from", table, lambda at: _above(graph, at))
    yield from _section("goes to", table, lambda at: _below(graph, at))
    flows = [e.before for e in graph.edges_into.get(table, []) if e.what is Step.RUNS]
    for flow in flows:
        yield "", f"run by {_node(graph.nodes[flow])}"


def of_column(graph: Graph, column: Column) -> Iterator[Line]:
    """Where the values of a column come from, what decides about them, and what they go into."""
    yield "", f"{_label(graph, column)}"
    into = graph.links_into.get(column, [])
    direct = [link for link in into if link.is_direct]
    decides = [link for link in into if not link.is_direct]
    rows = graph.links_into.get(Column(column.table, ""), [])

    def before(at: Hashable) -> list[Branch]:
        assert isinstance(at, Column)
        return _origins(graph, [x for x in graph.links_into.get(at, []) if x.is_direct])

    def after(at: Hashable) -> list[Branch]:
        assert isinstance(at, Column)
        return [_into(graph, link) for link in graph.links_from.get(at, [])]

    yield from _listed("its values come from", _origins(graph, direct), before)
    yield from _listed("decided by", _origins(graph, decides), lambda at: [])
    yield from _listed("its rows are chosen by", _origins(graph, rows), lambda at: [])
    yield from _listed("goes into", after(column), after)
    if column.table in graph.blind:
        yield "", "where the columns of this table come from is not known"
    for unseen in graph.unseen.get(column.table, ()):
        yield "", f"not seen: {unseen}"


def wrapped(lines: Iterable[Line], width: int) -> Iterator[str]:
    """Lines that fit a width where words allow it; what hangs goes on below what is drawn."""
    for drawn, said in lines:
        below = drawn.replace("├─ ", "│  ").replace("└─ ", "   ") + "  "
        pieces = textwrap.wrap(
            said,
            max(width, 40),
            initial_indent=drawn,
            subsequent_indent=below,
            break_long_words=False,
            break_on_hyphens=False,
            drop_whitespace=True,
        )
        yield from pieces or [drawn]


def _section(
    title: str, at: Hashable, children: Callable[[Hashable], Sequence[Branch]]
) -> Iterator[Line]:
    return _listed(title, children(at), children)


def _listed(
    title: str, found: Sequence[Branch], children: Callable[[Hashable], Sequence[Branch]]
) -> Iterator[Line]:
    if found:
        yield "", title
        yield from _hung(found, children, "", set())


def _drawn(
    at: Hashable,
    children: Callable[[Hashable], Sequence[Branch]],
    before: str,
    seen: set[Hashable],
) -> Iterator[Line]:
    seen.add(at)
    yield from _hung(children(at), children, before, seen)


def _hung(
    found: Sequence[Branch],
    children: Callable[[Hashable], Sequence[Branch]],
    before: str,
    seen: set[Hashable],
) -> Iterator[Line]:
    for number, branch in enumerate(found, start=1):
        last = number == len(found)
        below = children(branch.at)
        again = branch.at in seen and bool(below)
        yield before + ("└─ " if last else "├─ "), branch.text + (" (see above)" if again else "")
        if not again:
            yield from _drawn(branch.at, children, before + ("   " if last else "│  "), seen)


def _below(graph: Graph, at: Hashable) -> list[Branch]:
    edges = graph.edges_from.get(str(at), [])
    words = {Step.CHECKS: "referred to by "}
    return [_step(graph.nodes[edge.after], words.get(edge.what, "")) for edge in _tidy(edges)]


def _above(graph: Graph, at: Hashable) -> list[Branch]:
    edges = graph.edges_into.get(str(at), [])
    words = {Step.CHECKS: "refers to "}
    shown = (edge for edge in _tidy(edges) if edge.what is not Step.RUNS)
    return [_step(graph.nodes[edge.before], words.get(edge.what, "")) for edge in shown]


_TURN = (Step.HOLDS, Step.PUBLISHES, Step.READS, Step.DELIVERS, Step.FEEDS, Step.CHECKS, Step.RUNS)


def _tidy(edges: Iterable[Edge]) -> list[Edge]:
    return sorted(edges, key=lambda edge: _TURN.index(edge.what))


def _step(node: Node, words: str) -> Branch:
    return Branch(words + _node(node), node.id)


def _node(node: Node) -> str:
    return f"{title(node)}  {state(node)}".rstrip()


def _label(graph: Graph, column: Column) -> str:
    node = graph.nodes[column.table]
    if node.kind is Kind.SOURCE:
        return f"source {node.name}, header {column.name!r}"
    if node.kind is Kind.PACT:
        return f"consumer {node.name}"
    return f"{node.name}.{column.name}" if column.name else f"rows of {node.name}"


def _origins(graph: Graph, links: Iterable[Link]) -> list[Branch]:
    return [Branch(f"{_label(graph, x.before)}  {way(x.origin)}", x.before) for x in links]


def _into(graph: Graph, link: Link) -> Branch:
    return Branch(f"{_label(graph, link.after)}  {way(link.origin)}", link.after)
