"""Lists of values that are kept in a file."""

from __future__ import annotations

import csv
from pathlib import Path

from cleanhold.builtins.beside import Place, place_of_call, text_beside
from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.shapes import text_rule
from cleanhold.core.rule import ColumnRule
from cleanhold.errors import ContractError

#: A list beside this file, for the examples.
_EXAMPLE = "regions.txt"


@listed(_EXAMPLE, passes=["north", "south"], fails=["North", "up", ""])
def in_file(path: str, *, column: str | None = None) -> ColumnRule:
    """One of the values that a file lists. Values are compared as text, to the letter.

    Args:
        path: relative to the file this is called in, the contract. One value a line, or CSV with a
            header if `column` names one of its columns; UTF-8.

    Raises:
        ContractError: the file cannot be read, has no such column, or lists nothing.
    """
    values = _values(path, column, place_of_call())
    meant = f"is not in {_shown(path)}"
    return text_rule("in_file", meant, lambda text: text.is_in(values))


@listed(_EXAMPLE, passes=["North", "up"], fails=["north", "south"])
def not_in_file(path: str, *, column: str | None = None) -> ColumnRule:
    """None of the values that a file lists.

    Args:
        path, column: as for `in_file`.

    Raises:
        ContractError: the file cannot be read, has no such column, or lists nothing.
    """
    values = _values(path, column, place_of_call())
    meant = f"is in {_shown(path)}, which lists what must not occur"
    return text_rule("not_in_file", meant, lambda text: ~text.is_in(values))


def _shown(path: str) -> str:
    return Path(path).name.replace("{", "{{").replace("}", "}}")


def _values(path: str, column: str | None, place: Place) -> list[str]:
    file, where = place.file.parent / path, str(place)
    text = text_beside(place, path, "list")
    rows = csv.reader(text.splitlines())
    if column is None:
        found = [line.strip() for line in text.splitlines()]
    else:
        header = next(rows, [])
        if column not in header:
            raise ContractError(
                f"the list {file} has no column {column!r}",
                where=where,
                next="its columns are " + ", ".join(header),
            )
        at = header.index(column)
        found = [row[at].strip() for row in rows if len(row) > at]
    values = sorted({value for value in found if value})
    if not values:
        raise ContractError(
            f"the list {file} has no values", where=where, next="write one value a line"
        )
    return values
