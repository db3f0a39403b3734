"""The fields of a copybook as a list, and the names that columns get."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from cleanhold.readers.mainframe.copybook_text import copybook_text
from cleanhold.readers.mainframe.items import records_of
from cleanhold.readers.mainframe.layout import Place, lay_out


class CopybookField(NamedTuple):
    """One field of a record, arrays at their most occurrences.

    Attributes:
        name: the column it becomes.
        offset: its first byte; the record's first is 0.
        length: bytes.
        type: `text`, `integer`, `decimal` or `float`.
        picture: as written; empty for floats.
        usage: `display`, `binary`, `native` (COMP-5), `little` (endian), `packed`,
            `unsigned` (packed without a sign), `float` or `double`.
        digits: of a number, else 0.
        scale: digits after the decimal point; negative for zeros before it that are not there.
        signed: it may be negative.
        values: condition names (level 88) → values as written.
        group: the names of the groups around it, joined by dots.
    """

    name: str
    offset: int
    length: int
    type: str
    picture: str
    usage: str
    digits: int
    scale: int
    signed: bool
    values: dict[str, list[str]]
    group: str


def fields_of(copybook: str | Path, *, filler: bool = False) -> list[CopybookField]:
    """The fields a copybook describes, in order; what REDEFINES describes again is there too.

    Args:
        copybook: its text, or the path of the file it is in.
        filler: list FILLER too.

    Raises:
        UsageError: it cannot be read; with the line.
    """
    places = named(lay_out(records_of(copybook_text(copybook))).places, filler=filler)
    return [_field(name, place) for name, place in zip(column_names(places), places, strict=True)]


def named(places: Iterable[Place], *, filler: bool) -> list[Place]:
    """The places that become columns."""
    return [place for place in places if place.item.name or filler]


def column_names(places: Sequence[Place]) -> list[str]:
    """A name per field: its own, after the groups it takes to tell it from others.

    An occurrence has its subscripts behind it: `AMOUNT[2]`, `CELL[2,1]`.
    """
    paths = {id(place.item): place.path for place in places}
    names = _told_apart(
        {
            key: [item.name or "FILLER" for item in path if item.name or not item.children]
            for key, path in paths.items()
        }
    )
    return [
        names[id(place.item)]
        + (f"[{','.join(map(str, place.subscripts))}]" if place.subscripts else "")
        for place in places
    ]


def _told_apart(paths: dict[int, list[str]]) -> dict[int, str]:
    names: dict[int, str] = {}
    depth, open_ = 1, dict(paths)
    while open_:
        tries = {key: ".".join(path[-depth:]) for key, path in open_.items()}
        taken = [name.upper() for name in (*tries.values(), *names.values())]
        for key, name in tries.items():
            if taken.count(name.upper()) == 1 or depth >= len(open_[key]):
                names[key] = name
        open_ = {key: path for key, path in open_.items() if key not in names}
        depth += 1
    return names


def _field(name: str, place: Place) -> CopybookField:
    item, usage = place.item, place.item.usage or "display"
    picture = item.picture
    numeric = picture is not None and picture.kind == "number"
    if usage in ("float", "double"):
        type_ = "float"
    elif not numeric:
        type_ = "text"
    else:
        type_ = "decimal" if picture is not None and picture.scale > 0 else "integer"
    return CopybookField(
        name,
        place.at,
        place.length,
        type_,
        item.written,
        usage,
        picture.size if numeric and picture else 0,
        picture.scale if numeric and picture else 0,
        bool(picture and picture.signed) or type_ == "float",
        item.values,
        ".".join(group.name for group in place.path[:-1] if group.name),
    )
