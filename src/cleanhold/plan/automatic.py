"""What a contract says of corrections that are made without asking, and where that makes sense."""

from __future__ import annotations

from collections.abc import Sequence

from cleanhold.builtins.listed_texts import listed_texts
from cleanhold.core.check import Check, Severity
from cleanhold.core.contract import Column
from cleanhold.core.remedy import Remedy
from cleanhold.errors import ContractError
from cleanhold.plan.terms import nearest, share, words

#: What is suggested to people, but needs more than the value and its contract to be known.
_FOR_PEOPLE = {
    "case": "write automatic='writing', which knows case too, or parse=text(lower=True)",
    "dates": "name the other layout in parse=dates(…): then no row is held",
    "before": "what the key had before may be out of date: a person decides",
    "majority": "what most rows have may change with the next delivery: a person decides",
}


def remedies(given: str | Sequence[str], where: str) -> tuple[Remedy, ...]:
    """The corrections that a field names, in the order in which they are made.

    Raises:
        ContractError: there is no correction of that name.
    """
    named = words(given, "automatic", where)
    for name in named:
        if name not in list(Remedy):
            raise ContractError(
                f"automatic={name!r} is not a correction",
                where=where,
                next=_FOR_PEOPLE.get(name)
                or f"{nearest(name, list(Remedy))}use some of "
                + ", ".join(repr(str(remedy)) for remedy in Remedy),
            )
    return tuple(remedy for remedy in Remedy if remedy in named)


def share_or_number(given: str | float | None, where: str) -> float | int | None:
    """`"2%"` or 0.02 as a share, 50 as a number of rows."""
    if isinstance(given, bool) or (isinstance(given, int) and given < 1):
        raise ContractError(
            f"automatic_limit={given!r} is neither a share nor a number of rows",
            where=where,
            next="write '2%' or 50; for no automatic corrections, leave automatic= out",
        )
    return given if isinstance(given, int) else share(given, "automatic_limit", where)


def require_correctable(
    column: Column, checks: Sequence[Check], key: tuple[str, ...], where: str
) -> None:
    """Raise `ContractError` where automatic corrections of a column make no sense.

    Args:
        checks: of the contract; `key`: its key columns.
        where: of the field, for messages.
    """
    if not column.automatic:
        return
    listed = bool(listed_texts(column, checks))
    named = ", ".join(column.automatic)
    for is_wrong, why, what in (
        (column.name in key, "is a key column: another key is another row", "remove automatic"),
        (column.regex, "is a pattern, which many columns match", "name the columns"),
        (
            column.severity is Severity.WARN,
            "is only warned of: its values hold no row",
            "remove automatic, or severity='warn'",
        ),
        (
            Remedy.NEAREST in column.automatic and not listed,
            "is no list that a nearest value could be of"
            + (": a key that is merely alike is somebody else" if column.references else ""),
            "remove 'nearest'" + ("" if column.references else ", or list the values: isin=[…]"),
        ),
        (
            Remedy.WRITING in column.automatic and not listed and not column.references,
            "is no list and refers to no table that another writing could be looked up in",
            "remove 'writing', or list the values: isin=[…]",
        ),
    ):
        if is_wrong:
            raise ContractError(
                f"automatic={named!r}, but the column {column.name!r} {why}",
                where=where,
                next=what,
            )
