"""The texts that a column may have, where its contract lists them."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from cleanhold.builtins.booleans import Booleans
from cleanhold.builtins.codes import Codes
from cleanhold.core.check import Check
from cleanhold.core.contract import Column


def listed_texts(column: Column, checks: Iterable[Check]) -> frozenset[str]:
    """The texts of a code map, of `isin`, or of categories; none if nothing lists them.

    Args:
        checks: of the contract.
    """
    if isinstance(column.parse, Codes):
        return frozenset(code for code, _ in column.parse.mapping)
    if isinstance(column.parse, Booleans):
        return frozenset((*column.parse.true, *column.parse.false))
    if isinstance(column.dtype, pl.Enum):
        return frozenset(column.dtype.categories)
    found = frozenset[str]()
    for check in checks:
        listed = check.options.get("allowed_values") if check.column == column.name else None
        if isinstance(listed, list | tuple | set | frozenset):
            found = found & set(map(str, listed)) if found else frozenset(map(str, listed))
    return found
