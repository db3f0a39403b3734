"""Where each field of a record lies.

Lengths follow IBM Enterprise COBOL for z/OS, Language Reference, "USAGE clause"; binary numbers of
more than 18 digits take the fewest bytes that hold them and a sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, log2

from cleanhold.readers.mainframe.copybook_text import mistaken
from cleanhold.readers.mainframe.items import Item

#: Most columns a layout may have.
MOST_COLUMNS = 10_000

#: An array at one place: the item that occurs, and the subscripts of the groups it is in.
Key = tuple[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Count:
    """How often an array occurs: between `least` and `most` times, as the field `by` says."""

    key: Key
    least: int
    most: int
    by: Place


@dataclass(frozen=True, slots=True)
class Place:
    """A field in a record.

    Attributes:
        item: what it is.
        path: the groups it is in, outermost first, and its own item.
        at: its first byte; the record's first is 0.
        length: bytes.
        subscripts: which occurrence it is, from 1, per array it is in.
        needs: it is there only if these arrays occur at least so often.
    """

    item: Item
    path: tuple[Item, ...]
    at: int
    length: int
    subscripts: tuple[int, ...] = ()
    needs: tuple[tuple[Count, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """The fields of a record, and the counts that its arrays depend on.

    Attributes:
        end: bytes up to the end of the last field.
        storage: bytes with everything that shares its place with other items; at least `end`.
    """

    places: tuple[Place, ...]
    counts: tuple[Count, ...]
    end: int
    storage: int


class CountNeeded(Exception):
    """The layout depends on a count that is in the record."""

    def __init__(self, count: Count) -> None:
        self.count = count


def length_of(item: Item) -> int:
    """Bytes of a field."""
    if item.usage in ("float", "double"):
        return 4 if item.usage == "float" else 8
    assert item.picture is not None  # `items` sees to it
    size = item.picture.size
    if item.usage == "packed":
        return size // 2 + 1
    if item.usage == "unsigned":
        return (size + 1) // 2
    if item.usage in ("binary", "native", "little"):
        if size <= 2 and item.usage == "little":
            return 1
        return next(
            (n for most, n in ((4, 2), (9, 4), (18, 8)) if size <= most),
            ceil((size * log2(10) + 1) / 8),
        )
    if item.picture.kind == "wide":
        return 2 * size
    if item.picture.kind == "number":
        return size + item.separate + (item.picture.point is not None)
    return size


def lay_out(
    top: list[Item],
    left_out: frozenset[int] = frozenset(),
    counts: Mapping[Key, int] | None = None,
) -> Layout:
    """Lay a record out.

    Args:
        top: items of level 01; they all describe the same bytes.
        left_out: ids of items (`id(item)`) that are not in this record.
        counts: how often the arrays occur whose count is in the record. Without it, each has
            the place of its most occurrences, and the fields say what they need.

    Raises:
        CountNeeded: `counts` lacks one.
        UsageError: the copybook contradicts itself.
    """
    walk = _Walk(left_out, counts)
    storage = max(walk.group([item], 0, (), (), ()) for item in top)
    return Layout(tuple(walk.places), tuple(walk.counts), walk.end, max(storage, walk.end))


class _Walk:
    def __init__(self, left_out: frozenset[int], counts: Mapping[Key, int] | None) -> None:
        self.left_out, self.known = left_out, counts
        self.places: list[Place] = []
        self.counts: list[Count] = []
        self.end = 0

    def group(
        self,
        children: list[Item],
        at: int,
        path: tuple[Item, ...],
        subscripts: tuple[int, ...],
        needs: tuple[tuple[Count, int], ...],
    ) -> int:
        """Place some items one after the other; gives where the next one would start."""
        starts: dict[str, int] = {}
        for item in children:
            start = at
            if item.redefines and path:
                try:
                    start = starts[item.redefines.upper()]
                except KeyError:
                    raise mistaken(
                        f"{item.name or 'FILLER'} redefines {item.redefines}, which is not beside "
                        "it, above",
                        item.line,
                    ) from None
            starts[item.name.upper()] = start
            at = max(at, self._occurrences(item, start, path, subscripts, needs))
        return at

    def _occurrences(
        self,
        item: Item,
        at: int,
        path: tuple[Item, ...],
        subscripts: tuple[int, ...],
        needs: tuple[tuple[Count, int], ...],
    ) -> int:
        if item.occurs is None:
            return self._one(item, at, path, subscripts, needs)
        times = item.occurs.most
        count = None
        if item.occurs.counted_by and id(item) not in self.left_out:
            count = self._count(item, item.occurs.counted_by, subscripts)
            if self.known is not None:
                if count.key not in self.known:
                    raise CountNeeded(count)
                times = self.known[count.key]
            self.counts.append(count)
        for number in range(1, times + 1):
            more = ((count, number),) if count else ()
            at = self._one(item, at, path, (*subscripts, number), needs + more)
        return at

    def _one(
        self,
        item: Item,
        at: int,
        path: tuple[Item, ...],
        subscripts: tuple[int, ...],
        needs: tuple[tuple[Count, int], ...],
    ) -> int:
        if id(item) in self.left_out:
            return at + _most_bytes(item)
        path = (*path, item)
        if item.children:
            return self.group(item.children, at, path, subscripts, needs)
        length = length_of(item)
        if item.synchronized:
            _require_aligned(item, at, length, in_array=bool(subscripts))
        self.places.append(Place(item, path, at, length, subscripts, needs))
        if len(self.places) > MOST_COLUMNS:
            raise mistaken(f"its records have more than {MOST_COLUMNS:,} fields", item.line)
        self.end = max(self.end, at + length)
        return at + length

    def _count(self, item: Item, name: str, subscripts: tuple[int, ...]) -> Count:
        """The nearest field of that name above, in the same occurrence of a group around both."""
        assert item.occurs is not None  # the caller sees to it
        for place in reversed(self.places):
            within = place.subscripts == subscripts[: len(place.subscripts)]
            if place.item.name.upper() == name.upper() and within:
                return Count((id(item), subscripts), item.occurs.least, item.occurs.most, place)
        raise mistaken(f"{item.name} depends on {name}, which is not above it", item.line)


def _most_bytes(item: Item) -> int:
    """Bytes of one occurrence of an item, its arrays as long as they get."""
    if not item.children:
        return length_of(item)
    at = start = 0
    for child in item.children:
        start = start if child.redefines else at
        at = max(at, start + _most_bytes(child) * (child.occurs.most if child.occurs else 1))
    return at


def _require_aligned(item: Item, at: int, length: int, *, in_array: bool) -> None:
    """SYNCHRONIZED moves nothing that starts where the machine wants it."""
    if item.usage not in ("binary", "native", "little", "float", "double"):
        return
    boundary = 8 if item.usage == "double" else min(length, 4)
    if at % boundary or in_array:
        raise mistaken(
            f"{item.name} is SYNCHRONIZED, and compilers differ in the bytes they leave before it; "
            "write them as FILLER, and leave SYNCHRONIZED out",
            item.line,
        )
