"""Contracts that no delivery could keep: told when they are loaded, not by holding every row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandera.polars as pa
import polars as pl

from cleanhold.core.check import Check, Kind
from cleanhold.core.contract import Column
from cleanhold.errors import CleanholdError, ContractError
from cleanhold.plan.culprit import RAISED

#: Texts that a parse rule is tried on. None need be of its kind: what is not becomes null.
_TEXTS = pl.Series("text", [None, "", "0", "a"], dtype=pl.String)

#: Checks that set a limit → the option that says so, and whether it is a lower one.
_LIMITS = {
    "greater_than": ("min_value", True),
    "greater_than_or_equal_to": ("min_value", True),
    "less_than": ("max_value", False),
    "less_than_or_equal_to": ("max_value", False),
}


def require_possible(column: Column, source: pa.Column, where: str) -> None:
    """Raise `ContractError` where a column's own declaration lets no value pass.

    Args:
        column: as cleanhold has it; `source`: as pandera has it.
        where: of the field, for messages.
    """
    _require_parsable(column, where)
    _require_category(column, where)
    _require_room(column, source, where)


def failing_default(column: Column, checks: Sequence[Check]) -> str | None:
    """What to note of a default that the column's own checks do not let pass.

    Args:
        checks: of the contract.
    """
    if column.default is None or column.regex:
        return None
    value = pl.Series(column.name, [column.default], dtype=column.dtype, strict=False).to_frame()
    for check in checks:
        if check.kind is not Kind.ROW or check.reads != (column.name,) or check.passes is None:
            continue
        try:
            passes = value.select(check.passes).item()
        except RAISED:
            return (
                f"the default {column.default!r} of {column.name!r} makes {check.name} raise an "
                "error: the first row without a value stops the run"
            )
        if not passes:
            return (
                f"the default {column.default!r} of {column.name!r} fails {check.name}: every "
                "row without a value does"
            )
    return None


def _require_parsable(column: Column, where: str) -> None:
    """Raise `ContractError` where the parse rule cannot make values of the column's type."""
    if column.parse is None:
        return
    try:
        made = _TEXTS.to_frame().select(column.parse.value(pl.col("text"), column.dtype))
    except CleanholdError as error:
        raise ContractError(error.what, where=error.where or where, next=error.next) from error
    except RAISED as error:  # anybody's rule may fail in any way, Polars' panics too
        raise ContractError(
            f"the parse rule of {column.name!r} cannot make {column.dtype} of text: "
            f"{str(error).splitlines()[0]}",
            where=where,
            next="take another rule or type; text that a rule cannot read must become null",
        ) from error
    if made.dtypes != [column.dtype]:
        raise ContractError(
            f"the parse rule of {column.name!r} makes {made.dtypes[0]}, not {column.dtype}",
            where=where,
            next="annotate the column with that type, or cast in the rule's `value`",
        )


def _require_category(column: Column, where: str) -> None:
    if isinstance(column.dtype, pl.Enum) and not len(column.dtype.categories):
        raise ContractError(
            f"the column {column.name!r} is an Enum without categories: no value can be one",
            where=where,
            next="list them: pl.Enum(['a', 'b'])",
        )


def _require_room(column: Column, source: pa.Column, where: str) -> None:
    """Raise `ContractError` where a lower limit is above an upper one."""
    lower: list[tuple[Any, str, bool]] = []
    upper: list[tuple[Any, str, bool]] = []
    for option, limit, is_lower, is_open in _limits(source):
        (lower if is_lower else upper).append((limit, option, is_open))
    for least, by, least_open in lower:
        for most, other, most_open in upper:
            try:
                room = least < most or (least == most and not least_open and not most_open)
            except TypeError:  # limits of two types: told where the checks are made
                continue
            if not room:
                raise ContractError(
                    f"no value of {column.name!r} can pass both {by} ({least}) and "
                    f"{other} ({most})",
                    where=where,
                    next="mend one of the limits",
                )


def _limits(source: pa.Column) -> Iterator[tuple[str, Any, bool, bool]]:
    """Each limit: the check that sets it, its value, whether it is a lower one, and open."""
    for check in source.checks:
        said, name = check.statistics or {}, str(check.name)
        if name in _LIMITS:
            option, is_lower = _LIMITS[name]
            yield name, said.get(option), is_lower, not name.endswith("_to")
        elif name == "in_range":
            yield name, said.get("min_value"), True, not said.get("include_min", True)
            yield name, said.get("max_value"), False, not said.get("include_max", True)
