"""Where the cards of a lineage graph stand: in layers, from left to right, with few crossings.

Layers by longest path, then orders by the barycentre of neighbours, sweeping to and fro and keeping
the best (Sugiyama, Tagawa, Toda: Methods for visual understanding of hierarchical system
structures, 1981). An edge over several layers has a place in each of them, so that it is drawn
around the cards.
"""

from __future__ import annotations

from bisect import bisect, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

#: Sweeps to and fro; more change nothing in graphs of a few hundred cards.
_SWEEPS = 12


@dataclass(frozen=True, slots=True)
class Layout:
    """Cards and bends of edges in layers.

    Attributes:
        layers: from left to right, each from top to bottom: names of cards, and names of bends
            (`bends` has them).
        routes: edge → the bends it runs through, from left to right.
    """

    layers: tuple[tuple[str, ...], ...]
    routes: Mapping[tuple[str, str], tuple[str, ...]]

    @property
    def bends(self) -> set[str]:
        return {bend for route in self.routes.values() for bend in route}


def layout(cards: Sequence[str], edges: Iterable[tuple[str, str]]) -> Layout:
    """Place the cards of a graph; edges that close a circle are not looked at.

    Args:
        cards: their names, in the order that decides where nothing else does.
        edges: from the left one to the right one.
    """
    known = set(cards)
    wanted = dict.fromkeys(e for e in edges if e[0] != e[1] and known.issuperset(e))
    kept = _without_circles(cards, list(wanted))
    depth = _depths(cards, kept)
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for card in cards:
        layers[depth[card]].append(card)
    routes, steps = {}, []
    for number, (left, right) in enumerate(kept):
        bends = [f"\0{number}.{at}" for at in range(depth[left] + 1, depth[right])]
        for at, bend in enumerate(bends, start=depth[left] + 1):
            layers[at].append(bend)
        routes[left, right] = tuple(bends)
        steps += list(zip([left, *bends], [*bends, right], strict=True))
    return Layout(tuple(map(tuple, _ordered(layers, steps))), routes)


def _without_circles(cards: Sequence[str], edges: list[tuple[str, str]]) -> list[tuple[str, str]]:
    while True:
        above: dict[str, list[str]] = {card: [] for card in cards}
        for left, right in edges:
            above[right].append(left)
        try:
            TopologicalSorter(above).prepare()
        except CycleError as error:
            circle = error.args[1]  # each comes before the next one
            edges = [e for e in edges if e != (circle[0], circle[1])]
        else:
            return edges


def _depths(cards: Sequence[str], edges: Iterable[tuple[str, str]]) -> dict[str, int]:
    """The layer of each card: behind all that come before it; a root right before what follows."""
    above: dict[str, set[str]] = {card: set() for card in cards}
    below: dict[str, set[str]] = {card: set() for card in cards}
    for left, right in edges:
        above[right].add(left)
        below[left].add(right)
    depth: dict[str, int] = {}
    for card in TopologicalSorter(above).static_order():
        depth[card] = 1 + max((depth[one] for one in above[card]), default=-1)
    for card in cards:
        if not above[card] and below[card]:
            depth[card] = min(depth[one] for one in below[card]) - 1
    return depth


def _ordered(layers: list[list[str]], steps: list[tuple[str, str]]) -> list[list[str]]:
    left: dict[str, list[str]] = defaultdict(list)
    right: dict[str, list[str]] = defaultdict(list)
    for one, other in steps:
        right[one].append(other)
        left[other].append(one)
    best, fewest = [list(layer) for layer in layers], _crossings(layers, right)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        forth = sweep % 2 == 0
        turn = range(1, len(layers)) if forth else range(len(layers) - 2, -1, -1)
        for at in turn:
            beside = layers[at - 1 if forth else at + 1]
            place = {name: n for n, name in enumerate(beside)}
            layers[at] = _by_barycentre(layers[at], left if forth else right, place)
        if (crossings := _crossings(layers, right)) < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    return best


def _by_barycentre(
    layer: list[str], beside: Mapping[str, list[str]], place: Mapping[str, int]
) -> list[str]:
    """A layer in the order of its neighbours' mean places; what has none stays where it is."""

    def centre(at: int, name: str) -> float:
        places = [place[one] for one in beside.get(name, ())]
        return sum(places) / len(places) if places else at

    ranked = sorted((centre(at, name), at, name) for at, name in enumerate(layer))
    return [name for _, _, name in ranked]


def _crossings(layers: list[list[str]], right: Mapping[str, list[str]]) -> int:
    """Pairs of steps between neighbouring layers that cross."""
    found = 0
    for layer, beside in pairwise(layers):
        place = {name: n for n, name in enumerate(beside)}
        ends: list[int] = []
        for name in layer:
            own = sorted(place[one] for one in right.get(name, ()))
            found += sum(len(ends) - bisect(ends, end) for end in own)
            for end in own:
                insort(ends, end)
    return found
