"""Layouts of fixed-width text: where each field is, in Python or in a table."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from cleanhold.core.reading import ROW_SPAN
from cleanhold.errors import UsageError

#: A field: its name, where it starts (the first character is 1), how many characters it has.
Field = tuple[str, int, int]

#: Columns of a layout table that must be there.
_NEEDED = ("name", "start", "length")


def checked(layout: object) -> tuple[Field, ...]:
    """The fields of a layout, or of the table at a path; see `FixedWidth.layout`.

    Raises:
        UsageError: it is no layout, or its fields overlap.
    """
    if isinstance(layout, str | Path):
        return checked(_table(Path(layout)))
    if not isinstance(layout, Sequence) or not layout:
        raise _mistaken("it has no fields")
    fields: list[Field] = []
    for number, item in enumerate(layout, start=1):
        match item:
            case [str(name), int(start), int(length)] if name.strip() and start > 0 and length > 0:
                fields.append((name, start, length))
            case _:
                raise _mistaken(f"field {number} is {item!r}")
    names = [name for name, _, _ in fields]
    for name in names:
        if names.count(name) > 1 or name in ROW_SPAN:
            why = "is reserved" if name in ROW_SPAN else "is there twice"
            raise _mistaken(f"the name {name!r} {why}")
    ordered = sorted(fields, key=lambda field: field[1])
    for (before, start, length), (after, begin, _) in pairwise(ordered):
        if begin < start + length:
            raise _mistaken(
                f"{before!r} ends at {start + length - 1}, but {after!r} starts at {begin}"
            )
    return tuple(fields)


def _table(path: Path) -> list[tuple[str, int, int]]:
    """The fields that a CSV or TSV file lists: columns name, start, length; others are for people.

    `length` may be left out where there is a column `end` (the last character).
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the layout cannot be read: {error}",
            where=str(path),
            next="give a CSV file in UTF-8 with the columns name, start, length",
        ) from error
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    rows = csv.DictReader(text.splitlines(), delimiter=delimiter)
    rows.fieldnames = [name.strip().lower() for name in rows.fieldnames or ()]
    missing = [name for name in _NEEDED if name not in rows.fieldnames]
    if missing and not (missing == ["length"] and "end" in rows.fieldnames):
        raise _mistaken(f"{path.name} has no column {', '.join(missing)}")
    return [_row(path, number, row) for number, row in enumerate(rows, start=2)]


def _row(path: Path, line: int, row: Mapping[str, str | None]) -> tuple[str, int, int]:
    try:
        start = int(row["start"] or "")
        length = int(row.get("length") or 0) or int(row.get("end") or "") - start + 1
        return (row["name"] or "").strip(), start, length
    except ValueError as error:
        raise _mistaken(f"line {line} of {path.name} is {dict(row)!r}") from error


def _mistaken(why: str) -> UsageError:
    return UsageError(
        f"the layout is mistaken: {why}",
        next='write each field as ("name", start, length); the first character of a line is 1',
    )
