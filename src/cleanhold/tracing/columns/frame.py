"""What is known of a table in the middle of a plan, and how origins pass through a step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cleanhold.core.column_lineage import Column, ColumnLineage, Join, Origin, Way

#: Origins of one column or of the choice of rows; one per input column and way.
Origins = tuple[Origin, ...]

#: How an origin is told that an expression may have used, and a whole step.
UNSEEN, UNSEEN_STEP = "not seen", "a step not seen"

#: Between the steps that an origin went through, as they are told.
_THEN = " → "

#: How many steps, and how many different ways to the same end, an origin tells of.
_STEPS, _PATHS = 6, 3


@dataclass(frozen=True, slots=True)
class Frame:
    """The lineage of a table in the middle of a plan.

    Attributes:
        order: what decided the order of its rows. It says nothing of the table until a step
            depends on the order: a limit, a running sum, the first of a group.
    """

    columns: Mapping[str, Origins]
    rows: Origins = ()
    joined: tuple[Join, ...] = ()
    order: Origins = ()
    unseen: tuple[str, ...] = ()

    @property
    def lineage(self) -> ColumnLineage:
        """What is told of it once the plan ends."""
        return ColumnLineage(self.columns, self.rows, self.joined, self.unseen)

    @classmethod
    def of(cls, lineage: ColumnLineage) -> Frame:
        """The table that a lineage is of, to go on from."""
        return cls(lineage.columns, lineage.rows, lineage.joined, unseen=lineage.unseen)

    def everything(self, told: str) -> Origins:
        """All columns, as what something that cannot be seen may have used."""
        return through(merged(*self.columns.values()), Way.TRANSFORMATION, told)


def together(frames: Iterable[Frame], columns: Mapping[str, Origins] | None = None) -> Frame:
    """One frame of several: all that acts on one of them acts on what they become.

    Args:
        columns: those of the result; if not given, those of all frames.
    """
    one, *others = frames
    for other in others:
        one = Frame(
            {**one.columns, **other.columns},
            merged(one.rows, other.rows),
            tuple(dict.fromkeys((*one.joined, *other.joined))),
            merged(one.order, other.order),
            tuple(dict.fromkeys((*one.unseen, *other.unseen))),
        )
    return one if columns is None else replace(one, columns=columns)


def through(origins: Origins, way: Way, told: str = "", *, masks: bool = False) -> Origins:
    """Origins after one more step, which acts on them in `way`.

    What decides stays what decides, whatever becomes of the value; of direct ways the furthest
    from the value stays. `masks` once is masked from then on.
    """
    return merged(
        tuple(
            Origin(o.column, _way(o.way, way), _told(o.told, told), o.masks or masks)
            for o in origins
        )
    )


def merged(*several: Origins) -> Origins:
    """All origins, one per column and way; it masks only if each of them does."""
    found: dict[tuple[Column, Way], Origin] = {}
    for origin in (o for origins in several for o in origins):
        known = found.setdefault((origin.column, origin.way), origin)
        if known != origin:
            told = _either(known.told, origin.told)
            masks = known.masks and origin.masks
            found[origin.column, origin.way] = replace(known, told=told, masks=masks)
    return tuple(found.values())


def _way(before: Way, now: Way) -> Way:
    if not now.is_direct:
        return now
    if not before.is_direct:
        return before
    return max(before, now, key=(Way.IDENTITY, Way.TRANSFORMATION, Way.AGGREGATION).index)


def _told(before: str, now: str) -> str:
    steps = [step for step in before.split(_THEN) if step]
    if now and steps[-1:] not in ([now], ["…"]):
        steps.append(now if len(steps) < _STEPS else "…")
    return _THEN.join(steps)


def _either(one: str, other: str) -> str:
    paths = list(dict.fromkeys(p for p in (*one.split(" / "), *other.split(" / ")) if p))
    return " / ".join(paths if len(paths) <= _PATHS else [*paths[:_PATHS], "…"])
