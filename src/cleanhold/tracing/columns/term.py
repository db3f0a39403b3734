"""An expression as lineage sees it: what gives its value, what decides it, and how many rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from cleanhold.core.column_lineage import Way
from cleanhold.tracing.columns.frame import UNSEEN, Frame, Origins, merged, through


class Height(IntEnum):
    """How many rows an expression gives, beside the rows that it is given."""

    ONE = 0
    SAME = 1
    OTHER = 2


@dataclass(frozen=True, slots=True)
class Term:
    """One expression of a step.

    Attributes:
        told: the function, in a word.
        values: what its value is made of, in `way`.
        deciding: what else decides it, and how.
        column: it is this column of the frame, as it is.
        masks: its value does not tell what it is made of.
        ordered: its value depends on the order of rows.
        unseen: why it cannot be read; empty where it can.
        own: the values that it has of its own, in words; they come from no column.
    """

    told: str = ""
    values: tuple[Term, ...] = ()
    way: Way = Way.TRANSFORMATION
    deciding: tuple[tuple[Way, Term], ...] = ()
    column: str | None = None
    masks: bool = False
    ordered: bool = False
    height: Height = Height.ONE
    unseen: str = ""
    own: str = ""


def origins(term: Term, frame: Frame) -> Origins:
    """The origins of what an expression gives over a frame."""
    if term.unseen:
        return frame.everything(UNSEEN)
    if term.column is not None:
        return frame.columns.get(term.column, ())
    found = [
        through(origins(value, frame), term.way, term.told, masks=term.masks)
        for value in term.values
    ]
    found += [through(origins(other, frame), way, term.told) for way, other in term.deciding]
    if term.ordered:
        found.append(through(frame.order, Way.SORT, term.told))
    return merged(*found)


def unseen(term: Term) -> tuple[str, ...]:
    """What of an expression cannot be read, in words."""
    within = (*term.values, *(other for _, other in term.deciding))
    said = filter(None, (term.unseen, term.own))
    return tuple(dict.fromkeys((*said, *(w for one in within for w in unseen(one)))))
