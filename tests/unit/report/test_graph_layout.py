"""Where the cards of the lineage graph stand."""

from __future__ import annotations

import random

from cleanhold.report.graph.layout import layout


def test_each_stands_behind_what_it_comes_from() -> None:
    found = layout(list("abcd"), [("a", "b"), ("b", "c"), ("a", "c"), ("d", "c")])
    places = {name: depth for depth, layer in enumerate(found.layers) for name in layer}
    assert (places["a"], places["b"], places["c"]) == (0, 1, 2)
    assert places["d"] == 1  # a root stands right before what follows
    (bend,) = found.routes["a", "c"]
    assert places[bend] == 1
    assert found.routes["a", "b"] == ()
    assert found.bends == {bend}


def test_a_ladder_is_drawn_without_crossings() -> None:
    left, right = [f"l{n}" for n in range(9)], [f"r{n}" for n in range(9)]
    edges = [(f"l{n}", f"r{8 - n}") for n in range(9)]
    found = layout([*left, *right], edges)
    order = {name: n for layer in found.layers for n, name in enumerate(layer)}
    assert [order[b] for a, b in sorted(edges, key=lambda e: order[e[0]])] == list(range(9))


def test_circles_and_strangers_do_no_harm() -> None:
    found = layout(list("ab"), [("a", "b"), ("b", "a"), ("a", "a"), ("a", "x")])
    assert sorted(name for layer in found.layers for name in layer) == ["a", "b"]
    assert layout([], []).layers == ()


def test_the_same_graph_has_the_same_places_and_every_card_has_one() -> None:
    chance = random.Random(7)
    cards = [f"c{n}" for n in range(120)]
    edges = [(cards[chance.randrange(n)], cards[n]) for n in range(1, 120) for _ in range(2)]
    found = layout(cards, edges)
    assert found == layout(cards, edges)
    named = [name for layer in found.layers for name in layer if name not in found.bends]
    assert sorted(named) == sorted(cards)
