"""What the records of an extract look like: a copybook, and what else is declared about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from cleanhold.core.reading import Unreadable
from cleanhold.errors import UsageError
from cleanhold.readers.mainframe.columns import Coding, unreadable
from cleanhold.readers.mainframe.fields import column_names, named
from cleanhold.readers.mainframe.items import Item
from cleanhold.readers.mainframe.layout import Layout, Place, lay_out
from cleanhold.readers.naming import column_names as unique

#: A field's item and subscripts: what becomes one column.
Column = tuple[int, tuple[int, ...]]


@dataclass(frozen=True)
class Shape:
    """Records as a copybook describes them.

    Attributes:
        top: its items of level 01.
        coding: how their bytes are written.
        variable: arrays that depend on a count take only the bytes of their occurrences.
        segment_field: name of the field with the segment id.
        segments: segment id → name of the group that only such records have.
        wanted: segment ids whose records become rows; empty for all.
        filler: FILLER becomes columns too.
        head, tail: bytes before and after what the copybook describes.
        pad: records may end before the last field.
        surplus: records may go on after the last field.
    """

    top: list[Item]
    coding: Coding
    variable: bool = False
    segment_field: str | None = None
    segments: Mapping[str, str] = field(default_factory=dict)
    wanted: tuple[str, ...] = ()
    filler: bool = False
    head: int = 0
    tail: int = 0
    pad: bool = False
    surplus: bool = False

    @cached_property
    def full(self) -> Layout:
        """Everything, arrays at their most occurrences."""
        return lay_out(self.top)

    def place_of(self, name: str) -> Place:
        """The field of that name, which must lie at the same place in every record.

        Raises:
            UsageError: there is no such field, several at different places, or one after an array.
        """
        found = [p for p in self.full.places if p.item.name.upper() == name.upper()]
        where = {(place.at, place.length) for place in found}
        if len(where) != 1:
            raise UsageError(
                f"{name!r} is no field of the copybook"
                if not found
                else f"several fields of the copybook are called {name!r}",
                next="name a field that the copybook has once",
            )
        if self.variable and any(count.by.at < found[0].at for count in self.full.counts):
            raise UsageError(
                f"{name!r} lies after an array of varying length", next="name a field before it"
            )
        return found[0]

    @cached_property
    def groups(self) -> list[str]:
        """The groups that only some records have; one empty name if there are none."""
        return list(dict.fromkeys(self.segments.values())) or [""]

    @cached_property
    def layouts(self) -> list[Layout]:
        """The layout per group, arrays at their most occurrences."""
        return [lay_out(self.top, left_out) for left_out in self.left_out]

    @cached_property
    def left_out(self) -> list[frozenset[int]]:
        """The items (ids) that records with each of the groups lack."""
        if self.groups == [""]:
            return [frozenset()]
        items = {name: id(self._group(name)) for name in self.groups}
        return [
            frozenset(other for name, other in items.items() if name != mine)
            for mine in self.groups
        ]

    def _group(self, name: str) -> Item:
        found = [item for item in _all(self.top) if item.name.upper() == name.upper()]
        if len(found) != 1:
            raise UsageError(
                f"the copybook has {len(found) or 'no'} items called {name!r}",
                next="give each segment id the name of one group: segments={'C': 'COMPANY'}",
            )
        return found[0]

    @cached_property
    def columns(self) -> dict[Column, str]:
        """The columns, in the copybook's order, with their names."""
        groups = {self.segments[i] for i in self.wanted} or set(self.groups)
        there: dict[Column, Place] = {}
        wanted = [
            layout for name, layout in zip(self.groups, self.layouts, strict=True) if name in groups
        ]
        order = {column_of(place): n for n, place in enumerate(self.full.places)}
        for layout in wanted:
            there |= {column_of(place): place for place in named(layout.places, filler=self.filler)}
        places = [there[key] for key in sorted(there, key=order.__getitem__)]
        names, _ = unique(column_names(places))
        return dict(zip(map(column_of, places), names, strict=True))

    @cached_property
    def unreadable(self) -> dict[str, Unreadable]:
        """What is true of a column's text where the field could not be read."""
        places = {column_of(place): place for place in self.full.places}
        return {name: unreadable(places[key]) for key, name in self.columns.items()}


def _all(items: list[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        yield from _all(item.children)


def column_of(place: Place) -> Column:
    """Which column a field becomes."""
    return id(place.item), place.subscripts
