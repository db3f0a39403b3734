"""The lineage graph as one page: what the script in it needs to draw and to explain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from markupsafe import Markup

from cleanhold.core.graph import Edge, Graph, Kind, Node, Step
from cleanhold.report.graph.layout import layout
from cleanhold.report.graph.words import WAYS, kind, state
from cleanhold.report.numbers import moment
from cleanhold.report.rendering import render
from cleanhold.report.safe import plain

#: Kinds that have a card of their own; the others stand on the card of their table.
CARDS = (Kind.SOURCE, Kind.DATASET, Kind.FEATURE, Kind.PACT)

SCRIPTS = ("graph/model.js", "graph/cards.js", "graph/lines.js", "graph/details.js",
           "graph/search.js", "graph/view.js", "graph/start.js")  # fmt: skip
STYLE = "graph/style.css"


def lineage_page(
    graph: Graph, name: str, dataset: str | None = None, column: str | None = None
) -> str:
    """One HTML file that asks for nothing remote.

    Args:
        name: of the workspace.
        dataset, column: what is chosen when the page opens.
    """
    data = _shown(page_data(graph, dataset, column))
    return render(
        "lineage.html",
        style_of=STYLE,
        scripts=SCRIPTS,
        name=name,
        data=Markup(_embedded(data)),
        counts=[(kind(nodes[0]), len(nodes)) for one in CARDS if (nodes := graph.of_kind(one))],
    )


def page_data(graph: Graph, dataset: str | None, column: str | None) -> dict[str, Any]:
    """What the script gets: nodes, edges between cards, links between columns, places."""
    cards = graph.of_kind(*CARDS)
    number = {node.id: n for n, node in enumerate(cards)}
    edges = dict.fromkeys(
        (before, after, str(e.what)) for e in graph.edges if (found := _ends(graph, e))
        for before, after in [found]
    )  # fmt: skip
    placed = layout(list(number), [(before, after) for before, after, _ in edges])
    bends = {bend: -1 - n for n, bend in enumerate(sorted(placed.bends))}
    at = {**number, **bends}
    return {
        "nodes": [_node(graph, node) for node in cards],
        "edges": [
            [number[b], number[a], what, [bends[x] for x in placed.routes.get((b, a), ())]]
            for b, a, what in edges
        ],
        "links": [
            [number[x.before.table], x.before.name, number[x.after.table], x.after.name,
             str(x.origin.way), x.origin.told, x.is_direct, x.origin.masks]
            for x in graph.links if x.before.table in number and x.after.table in number
        ],
        "layers": [[at[name] for name in layer] for layer in placed.layers],
        "ways": {str(way): said for way, said in WAYS.items()},
        "chosen": [number[dataset], column] if dataset in number else None,
    }  # fmt: skip


def _ends(graph: Graph, edge: Edge) -> tuple[str, str] | None:
    """The cards that an edge connects; None if it connects none."""
    before, after = graph.nodes[edge.before], graph.nodes[edge.after]
    if edge.what is Step.READS:
        return before.dataset, after.id
    return (before.id, after.id) if before.kind in CARDS and after.kind in CARDS else None


def _node(graph: Graph, node: Node) -> dict[str, Any]:
    personal = node.details.get("personal", {})
    return {
        "id": node.id,
        "kind": str(node.kind),
        "label": kind(node),
        "name": node.name,
        "owner": node.owner,
        "says": node.description,
        "state": state(node),
        "mark": _mark(node),
        "columns": list(node.columns),
        "personal": personal,
        "chips": [_chip(one) for one in _beside(graph, node)],
        "facts": _facts(graph, node),
        "unseen": [*graph.unseen.get(node.id, ()), *(_BLIND if node.id in graph.blind else ())],
    }


_BLIND = ("what the columns of this table come from is not known",)


def _mark(node: Node) -> str:
    """How it stands with a table: `pass`, `warn`, `stop` or `none`."""
    run, audits = node.details.get("run"), node.details.get("audits")
    if not run:
        return "none"
    if run["state"] in ("failed", "candidate"):
        return "stop"
    return str(audits["worst"]) if audits else "pass"


def _beside(graph: Graph, node: Node) -> list[Node]:
    edges = graph.edges_from.get(node.id, [])
    return [graph.nodes[e.after] for e in edges if e.what in (Step.PUBLISHES, Step.HOLDS)]


def _chip(node: Node) -> list[str]:
    """What stands at the foot of a card: its kind, and a few words."""
    if node.kind is Kind.QUARANTINE:
        return ["held" if node.details["held"] else "none", f"{node.details['held']:,} held"]
    number = node.details["snapshot"]
    return ["channel" if number else "none", f"{node.name} {number or '–'}"]


def _facts(graph: Graph, node: Node) -> list[list[str]]:
    """What the panel tells of a node, in its order: name and text."""
    told = node.details
    facts: dict[str, str] = {"owner": node.owner or "nobody is named"}
    if node.kind is Kind.SOURCE:
        facts |= {"system": told["system"], "files": told["pattern"]}
    elif node.kind is Kind.PACT:
        unmet = {"last_good": "reads the last good snapshot", "refuse": "reads nothing"}
        facts |= {"reads": node.dataset, "if it is not as needed": unmet[told["unmet"]]}
    else:
        facts |= _facts_of_table(told)
        edges = graph.edges_into.get(node.id, [])
        flows = [graph.nodes[edge.before].name for edge in edges if edge.what is Step.RUNS]
        facts["run by"] = ", ".join(flows)
    return [[name, text] for name, text in facts.items() if text]


def _facts_of_table(told: Mapping[str, Any]) -> dict[str, str]:
    run, newest, audits = told["run"], told["snapshot"], told["audits"]
    verdicts = (audits or {}).get("verdicts", {})
    odd = [f"{name}: {verdict}" for name, verdict in verdicts.items() if verdict != "pass"]
    promised = told["promised_seconds"]
    return {
        "newest run": f"{run['state']}, {_when(run['started_at'])}" if run else "never run",
        "because": "; ".join(run["reasons"]) if run else "",
        "account": _account(run["account"]) if run and run["account"] else "",
        "audits": ", ".join(odd) or (f"all {len(verdicts)} pass" if verdicts else ""),
        "newest snapshot": f"{newest['number']}, {newest['rows']:,} rows, "
        f"{_when(newest['created_at'])}" if newest else "",
        "readers have": f"snapshot {told['production']}" if told["production"] else "nothing yet",
        "pilot": f"snapshot {told['pilot']}" if told["pilot"] else "",
        "promised age": f"at most {promised / 3600:g} h" if promised else "",
        "contract": f"{told['contract']}, {told['checks']} checks",
        "key": ", ".join(told["key"]),
        "loaded by": told["load"],
        "columns as of": told["columns_from"],
    }  # fmt: skip


def _account(account: Mapping[str, int]) -> str:
    parts = [f"{account[n]:,} {n}" for n in ("clean", "held", "refused", "superseded")]
    return f"{account['records']:,} records = " + " + ".join(parts)


def _when(text: str) -> str:
    return moment(datetime.fromisoformat(text))


def _shown(value: Any) -> Any:
    """Texts of others with their control characters made visible."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, Mapping):
        return {plain(name): _shown(item) for name, item in value.items()}
    return [_shown(item) for item in value] if isinstance(value, list | tuple) else value


def _embedded(data: Mapping[str, Any]) -> str:
    """JSON that no parser of HTML takes for anything else."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
