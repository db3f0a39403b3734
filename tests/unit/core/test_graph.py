"""How far a column reaches, and what a change of it touches, on graphs made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cleanhold.core.column_lineage import Column, ColumnLineage, Origin, Way
from cleanhold.core.graph import Edge, Graph, Kind, Link, Node, Step, links_of
from cleanhold.core.impact import impact
from cleanhold.core.reach import downstream, nodes_above, nodes_below, upstream


def column(text: str) -> Column:
    table, _, name = text.rpartition(".")
    return Column(table, name)


def origin(text: str, way: Way, told: str = "", *, masks: bool = False) -> Origin:
    return Origin(column(text), way, told, masks)


PEOPLE = ColumnLineage(
    {
        "id": (origin("people.ID", Way.IDENTITY),),
        "born": (origin("people.Birth", Way.TRANSFORMATION, "a date"),),
        "note": (origin("people.Note", Way.IDENTITY),),
    }
)
SCORES = ColumnLineage(
    {
        "id": (origin("people.id", Way.IDENTITY),),
        "age": (origin("people.born", Way.TRANSFORMATION),),
        "count": (origin("sales.person", Way.AGGREGATION, masks=True),),
        "kind": (origin("people.id", Way.IDENTITY), origin("sales.kind", Way.CONDITION)),
    },
    (origin("sales.person", Way.JOIN, "left join"),),
)


def node(id: str, kind: Kind, *columns: str, dataset: str = "", owner: str = "") -> Node:
    details = {"snapshot": 3} if kind is Kind.CHANNEL else {}
    return Node(id, kind, id.rpartition(":")[2], dataset, owner, "", columns, details)


@pytest.fixture
def graph() -> Graph:
    """people → people, sales → scores → production → a model; sales refers to people."""
    nodes = (
        node("source:people", Kind.SOURCE, "ID", "Birth", "Note"),
        node("people", Kind.DATASET, "id", "born", "note", owner="crm@example.org"),
        node("sales", Kind.DATASET, "person", "kind"),
        node("scores", Kind.FEATURE, "id", "age", "count", "kind"),
        node("scores@production", Kind.CHANNEL, dataset="scores"),
        node("pact:model:scores", Kind.PACT, "age", "kind", dataset="scores"),
        node("flow:nightly", Kind.FLOW),
    )
    edges = (
        Edge("source:people", "people", Step.DELIVERS),
        Edge("people", "sales", Step.CHECKS),
        Edge("people", "scores", Step.FEEDS),
        Edge("sales", "scores", Step.FEEDS),
        Edge("scores", "scores@production", Step.PUBLISHES),
        Edge("scores@production", "pact:model:scores", Step.READS),
        *(Edge("flow:nightly", table, Step.RUNS) for table in ("people", "sales", "scores")),
    )
    links = (
        *links_of("people", PEOPLE, {"people": "source:people"}),
        *links_of("scores", SCORES, {}),
        Link(origin("people.id", Way.FILTER, "a reference"), Column("sales", "")),
        *(
            Link(Origin(Column("scores", name), Way.IDENTITY), Column("pact:model:scores", name))
            for name in ("age", "kind")
        ),
    )
    return Graph({one.id: one for one in nodes}, edges, links, blind=frozenset({"sales"}))


def told(found: dict[Column, object]) -> set[str]:
    return {str(at) for at in found}


def test_a_value_goes_all_the_way_down(graph: Graph) -> None:
    found = downstream(graph, [Column("source:people", "Birth")])
    assert told(found) == {"people.born", "scores.age", "pact:model:scores.age"}
    assert all(one.direct and not one.masked for one in found.values())
    assert found[column("scores.age")].link.before == column("people.born")


def test_what_decides_rows_decides_every_column(graph: Graph) -> None:
    found = downstream(graph, [Column("sales", "person")])
    values = {str(at) for at, one in found.items() if one.direct}
    assert values == {"scores.count"}
    assert found[column("scores.count")].masked
    assert {"scores.age", "scores.kind", "pact:model:scores.age"} <= told(found) - values


def test_a_way_that_gives_values_goes_before_one_that_decides(graph: Graph) -> None:
    found = downstream(graph, [Column("people", "id")])
    assert found[column("scores.kind")].direct  # though the reference decides about it, too
    assert not found[column("sales.kind")].direct


def test_the_rows_of_a_table_give_no_values(graph: Graph) -> None:
    found = downstream(graph, [Column("people", "")])
    assert column("scores.age") in found
    assert not any(one.direct for one in found.values())


def test_a_value_comes_all_the_way_from_its_header(graph: Graph) -> None:
    found = upstream(graph, [Column("pact:model:scores", "age")])
    direct = {str(at) for at, one in found.items() if one.direct}
    assert direct == {"scores.age", "people.born", "source:people.Birth"}
    assert {"sales.person", "people.id"} <= told(found) - direct


def test_a_circle_comes_to_an_end(graph: Graph) -> None:
    back = Link(origin("scores.age", Way.IDENTITY), Column("people", "born"))
    found = downstream(replace(graph, links=(*graph.links, back)), [Column("people", "born")])
    assert column("scores.age") in found
    assert column("people.born") not in found


def test_nodes_before_and_after(graph: Graph) -> None:
    assert nodes_below(graph, ["scores"]) == ["scores@production", "pact:model:scores"]
    assert set(nodes_above(graph, ["scores"])) == {
        "people", "sales", "source:people", "flow:nightly"
    }  # fmt: skip


def test_a_change_of_a_header(graph: Graph) -> None:
    found = impact(graph, "header", [Column("source:people", "Birth")])
    assert [node.id for node in found.tables] == ["people", "scores"]
    assert [(one.pact.name, one.values, one.rows) for one in found.pacts] == [
        ("scores", ("age",), ())
    ]
    assert [node.dataset for node in found.channels] == ["scores"]
    assert [node.id for node in found.flows] == ["flow:nightly"]
    assert not found.unsure
    assert not found.is_none


def test_a_column_that_nothing_is_made_of(graph: Graph) -> None:
    found = impact(graph, "column", [Column("people", "note")])
    assert found.is_none
    assert found.columns == ()


def test_tables_of_whose_columns_nothing_is_known_are_unsure(graph: Graph) -> None:
    blind = replace(
        graph,
        links=tuple(link for link in graph.links if link.after.table != "scores"),
        blind=frozenset({"scores"}),
    )
    found = impact(blind, "column", [Column("people", "note")])
    assert [node.id for node in found.unsure] == ["scores"]
    assert [(one.values, one.rows) for one in found.pacts] == [((), ())]
    assert not found.is_none
    assert found.as_dict()["datasets"] == [{"dataset": "scores", "owner": "", "known": False}]


def test_a_change_of_rows_names_their_table_first(graph: Graph) -> None:
    found = impact(graph, "check", [Column("people", "")])
    assert [node.id for node in found.tables] == ["people", "sales", "scores"]
    assert found.pacts[0].values == ()
    assert found.pacts[0].rows == ("age", "kind")


def test_a_part_keeps_what_connects_its_nodes(graph: Graph) -> None:
    part = graph.part(["people", "scores"])
    assert part.edges == (Edge("people", "scores", Step.FEEDS),)
    assert {link.after.table for link in part.links} == {"scores"}
    assert part.blind == frozenset()


def test_the_json_form(graph: Graph) -> None:
    found = graph.as_dict()
    assert found["edges"][0] == ["source:people", "people", "delivers"]
    assert found["columns"][0] == {
        "before": ["source:people", "ID"], "after": ["people", "id"], "way": "IDENTITY",
        "told": "", "masks": False,
    }  # fmt: skip
    assert found["unknown"] == ["sales"]
