"""Schema drift: how the columns of an extract differ from those of the extract before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from typing import Any

#: How alike two names must be (0 to 1) to be one column renamed; and if it stands in its place too.
_ALIKE, _ALIKE_IN_PLACE = 0.8, 0.5

#: Share of its values that a column must have kept to be the same under another name.
_SAME_VALUES = 0.5

#: Columns that a sentence names; JSON has all.
_MOST_NAMED = 12

#: (column before, column now) → share of the first's distinct values that the second has; None if
#: nobody can tell.
SharedValues = Callable[[str, str], float | None]


@dataclass(frozen=True, slots=True)
class Renamed:
    """A column that seems to have another name now, and why it seems so."""

    before: str
    now: str
    because: str


@dataclass(frozen=True, slots=True)
class Retyped:
    """A column that arrives as another type."""

    column: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Drift:
    """What has changed since an earlier extract of the source.

    Attributes:
        since: name of that extract.
        new: columns that were not there.
        gone: columns that are not there any more.
        renamed: guessed from evidence; these are neither new nor gone.
        retyped: columns of typed formats; all text is one type.
        reordered: whether columns that are in both come in another order.
    """

    since: str
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    retyped: tuple[Retyped, ...] = ()
    reordered: bool = False

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.renamed or self.retyped or self.reordered)

    def as_dict(self) -> dict[str, Any]:
        """As JSON values, for the manifest."""
        return {**asdict(self), "says": list(self.says())}

    def says(self) -> Iterator[str]:
        """One sentence for each change."""
        for one in self.renamed:
            yield f"{one.before!r} seems to be called {one.now!r} now: {one.because}"
        if self.new:
            yield f"new {_listed(self.new)}"
        if self.gone:
            yield f"gone {_listed(self.gone)}"
        for changed in self.retyped:
            yield f"{changed.column!r} arrives as {changed.now}, and was {changed.before}"
        if self.reordered:
            yield "the columns come in another order"


def drift(
    since: str, before: Mapping[str, str], now: Mapping[str, str], shared: SharedValues
) -> Drift:
    """Compare the columns of two extracts.

    Args:
        since: name of the earlier one.
        before: its raw columns → dtype as text, in order.
        now: those of the later one.
        shared: asked about pairs of a column that is gone and one that is new.
    """
    gone = [name for name in before if name not in now]
    new = [name for name in now if name not in before]
    renamed = _renamed(list(before), list(now), gone, new, shared)
    taken = {one.before for one in renamed} | {one.now for one in renamed}
    names = {one.now: one.before for one in renamed}
    order = [names.get(name, name) for name in now]
    both = {name for name in order if name in before}
    return Drift(
        since,
        new=tuple(name for name in new if name not in taken),
        gone=tuple(name for name in gone if name not in taken),
        renamed=tuple(renamed),
        retyped=tuple(
            Retyped(name, before[name], dtype)
            for name, dtype in now.items()
            if name in before and before[name] != dtype
        ),
        reordered=[n for n in order if n in both] != [n for n in before if n in both],
    )


def _renamed(
    before: list[str], now: list[str], gone: list[str], new: list[str], shared: SharedValues
) -> list[Renamed]:
    """The likeliest pairs of a column that is gone and one that is new, each in one pair."""
    pairs = [(old, name, _likeness(old, name)) for old in gone for name in new]
    judged = []
    for old, name, alike in pairs:
        in_place = before.index(old) == now.index(name)
        values = shared(old, name)
        keeps = values is not None and values >= _SAME_VALUES
        lost = values is not None and values == 0
        if keeps or (not lost and alike >= (_ALIKE_IN_PLACE if in_place else _ALIKE)):
            evidence = [f"{100 * values:.0f} % of its values are there"] if values else []
            evidence += ["the names are alike"] if alike >= _ALIKE_IN_PLACE else []
            evidence += ["it stands in the same place"] if in_place else []
            judged.append(((values or 0) + alike + in_place, old, name, ", ".join(evidence)))
    found: list[Renamed] = []
    for _, old, name, because in sorted(judged, key=lambda pair: -pair[0]):
        if not any(one.before == old or one.now == name for one in found):
            found.append(Renamed(old, name, because))
    return found


def _listed(names: tuple[str, ...]) -> str:
    """`column 'a'`, `columns 'a', 'b'`; not more than some."""
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    shown = ", ".join(map(repr, names[:_MOST_NAMED]))
    return f"column{'s' * (len(names) > 1)} {shown}{more}"


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False).ratio()
