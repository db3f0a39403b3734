"""Control totals: what a source says that an extract of it should come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from cleanhold.core.contract import Contract
from cleanhold.core.extract import Extract
from cleanhold.errors import SourceError

#: The name of the total that counts records; others are columns, whose values are summed.
RECORDS = "records"

#: Gives the totals of an extract: `{"records": 1200, "amount": "34567.80"}`; None for none. A pair
#: is a total and how far off it may be: `("34567.80", 0.01)`.
Control = Callable[[Extract], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Total:
    """One total that an extract should come to.

    Attributes:
        name: `records`, or a column of the contract.
        within: how far off it may be.
    """

    name: str
    expected: Decimal
    within: Decimal = Decimal(0)


def totals_of(control: Control, extract: Extract, contract: Contract) -> tuple[Total, ...]:
    """What an extract should come to, by name.

    Raises:
        SourceError: the function raises, or gives something else than totals of this contract.
    """
    try:
        given = control(extract)
        given = {} if given is None else given
        if not isinstance(given, Mapping):
            raise TypeError(f"it gives {type(given).__name__}, not a mapping")
    except Exception as error:  # a person's function may raise anything
        raise SourceError(
            f"the control totals of {extract.name} cannot be had: {type(error).__name__}: "
            f"{next(iter(str(error).splitlines()), '')}",
            where=f"source {extract.source}",
            next="mend the function of control=…, or bring what it reads; then run again",
        ) from error
    return tuple(_total(name, given[name], contract, extract) for name in sorted(given))


def _total(name: str, given: Any, contract: Contract, extract: Extract) -> Total:
    expected, within = given if isinstance(given, tuple | list) and len(given) == 2 else (given, 0)
    column = contract.column(name)
    if name != RECORDS and not (
        column and (column.dtype.is_numeric() or column.dtype.is_decimal())
    ):
        raise SourceError(
            f"the control totals have {name!r}, which is no column of numbers in the contract",
            where=f"source {extract.source}, {extract.name}",
            next=f"give {RECORDS!r}, and sums of columns of {contract.dataset}",
        )
    try:
        total = Total(name, Decimal(str(expected)), Decimal(str(within)))
        if not (total.expected.is_finite() and total.within >= 0):
            raise InvalidOperation
    except InvalidOperation:
        raise SourceError(
            f"the control total {name}={given!r} is not a number",
            where=f"source {extract.source}, {extract.name}",
            next="give a number, or a pair of it and how far off it may be",
        ) from None
    return total
