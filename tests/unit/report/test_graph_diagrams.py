"""The lineage graph for Mermaid and Graphviz: texts of others do nothing in them."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from cleanhold.core.graph import Edge, Graph, Kind, Node, Step
from cleanhold.report.graph.dot import dot
from cleanhold.report.graph.mermaid import mermaid

HOSTILE = 'a"] --> <b>#1 \\ `x`\n[y] \u202e& end'


@pytest.fixture
def graph() -> Graph:
    nodes = {
        "pact:m:s": Node("pact:m:s", Kind.PACT, HOSTILE, "s", owner=HOSTILE),
        'x"y': Node('x"y', Kind.SOURCE, "end", details={"system": "file://a"}),
    }
    return Graph(nodes, (Edge('x"y', "pact:m:s", Step.DELIVERS),))


def test_mermaid_shows_it_as_text(graph: Graph) -> None:
    lines = mermaid(graph).splitlines()
    assert lines[0] == "flowchart LR"
    said = r"a#quot;] --#gt; #lt;b#gt;#35;1 \ #96;x#96; [y] \u202e#amp; end"
    assert lines[1] == f'    n1{{{{"consumer {said}<br>{said}"}}}}:::pact'
    assert lines[3] == '    n2 -->|"delivers"| n1'


def test_graphviz_shows_it_as_text(graph: Graph) -> None:
    text = dot(graph)
    said = r"a\"] --> <b>#1 \\ `x` [y] \\u202e& end"
    assert rf'  "pact:m:s" [label="consumer {said}\n{said}", shape=ellipse' in text
    assert r'  "x\"y" -> "pact:m:s" [label="delivers"];' in text


def test_graphviz_takes_it(graph: Graph) -> None:
    if not shutil.which("dot"):
        pytest.skip("needs Graphviz: the program `dot`")
    done = subprocess.run(
        ["dot", "-Tplain"], input=dot(graph), text=True, capture_output=True, check=True
    )
    assert "edge" in done.stdout
    assert not done.stderr
