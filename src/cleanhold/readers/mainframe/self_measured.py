"""Records without headers that say themselves how long they are (recfm U)."""

from __future__ import annotations

from functools import lru_cache

from cleanhold.readers.mainframe.items import Item
from cleanhold.readers.mainframe.layout import CountNeeded, Key, Place, lay_out
from cleanhold.readers.mainframe.record_formats import Measure
from cleanhold.readers.mainframe.shape import Shape
from cleanhold.readers.mainframe.single_values import text_of, whole_number

#: Few records differ in what they say of their length.
_remembered = lru_cache(maxsize=4096)


def by_field(shape: Shape, name: str, adjustment: int) -> Measure:
    """The field of that name, plus an adjustment, is the number of bytes."""
    place = shape.place_of(name)

    @_remembered
    def length(content: bytes) -> int:
        found = whole_number(place.item, content, shape.coding)
        return -1 if found is None else max(found + adjustment, -1)

    def measure(data: bytes, at: int) -> int | None:
        content = _content(data, at + shape.head, place)
        return None if content is None else length(content)

    return measure


def by_counts(shape: Shape) -> Measure:
    """Arrays take the bytes of their occurrences, segments those of their group."""
    kind = shape.place_of(shape.segment_field) if shape.segment_field else None

    @_remembered
    def group(content: bytes) -> int:
        assert kind is not None  # there is no content otherwise
        name = text_of(kind.item, content, shape.coding) or ""
        return shape.groups.index(shape.segments[name]) if name in shape.segments else -1

    @_remembered
    def length(number: int, counts: tuple[tuple[Key, int], ...]) -> int | CountNeeded:
        try:
            layout = lay_out(shape.top, shape.left_out[number], dict(counts))
        except CountNeeded as needed:
            return needed
        return shape.head + layout.end + shape.tail

    @_remembered
    def times(item: Item, content: bytes) -> int | None:
        return whole_number(item, content, shape.coding)

    def measure(data: bytes, at: int) -> int | None:
        at += shape.head
        number = 0
        if kind is not None:
            content = _content(data, at, kind)
            if content is None:
                return None
            number = group(content)
            if number < 0:
                return -1
        counts: tuple[tuple[Key, int], ...] = ()
        while not isinstance(found := length(number, counts), int):
            count = found.count
            content = _content(data, at, count.by)
            if content is None:
                return None
            said = times(count.by.item, content)
            if said is None or not count.least <= said <= count.most:
                return -1
            counts = (*counts, (count.key, said))
        return found

    return measure


def _content(data: bytes, at: int, place: Place) -> bytes | None:
    """A field's bytes in the record at `at`, None if they are not all given."""
    begin = at + place.at
    end = begin + place.length
    return data[begin:end] if end <= len(data) else None
