"""`[tool.cleanhold.prices]`: what a workspace pays for its runs, and means to pay at most."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from cleanhold.core.cost import Prices
from cleanhold.errors import UsageError, WorkspaceError
from cleanhold.store.layout import check_dataset_name
from cleanhold.workspace.known import require_known

TABLE = "[tool.cleanhold.prices]"

_NAMES = [f.name for f in fields(Prices)]


def prices_of(table: object, file: str) -> Prices:
    """What a workspace's table says; empty costs nothing.

    Args:
        file: for messages.

    Raises:
        WorkspaceError: it sets something unknown, or to something that it cannot be.
    """
    where = f"{file}, {TABLE}"
    found: dict[str, Any] = {}
    for name, value in _table(table, "prices", where).items():
        require_known(name, _NAMES, where)
        if name == "budgets":
            found[name] = _budgets(_table(value, name, where), where)
        elif name == "currency":
            found[name] = _currency(value, where)
        else:
            found[name] = _number(name, value, where)
    return Prices(**found)


def _table(value: object, name: str, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WorkspaceError(f"`{name}` must be a table, not {value!r}", where=where)
    return value


def _budgets(table: dict[str, Any], where: str) -> dict[str, float]:
    for name in table:
        try:
            check_dataset_name(name)
        except UsageError as error:
            raise WorkspaceError(error.what, where=where, next=error.next) from error
    return {name: _number(name, value, where) for name, value in table.items()}


def _currency(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise WorkspaceError(
            f"the currency cannot be {value!r}", where=where, next='write currency = "EUR"'
        )
    return value.strip()


def _number(name: str, value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise WorkspaceError(
            f"the price {name!r} cannot be {value!r}",
            where=where,
            next=f"write {name} = 0.05: a number, not below 0",
        )
    return float(value)
