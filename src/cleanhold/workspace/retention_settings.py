"""`[tool.cleanhold.retention]`: what is kept of the snapshots, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cleanhold.core.retention import Retention, Rule
from cleanhold.errors import UsageError, WorkspaceError
from cleanhold.store.layout import check_dataset_name
from cleanhold.workspace.known import require_known

TABLE = "[tool.cleanhold.retention]"

#: Least value of each number. Readers have the newest snapshot in any case.
_RULE = {"snapshots": 1, "days": 0, "grace_hours": 0}

#: When what is due expires.
_WHEN = ("by-hand", "after-run")


def retention_of(table: object, file: str) -> Retention:
    """What a workspace's table says.

    Args:
        table: as TOML has it; empty keeps everything.
        file: for messages.

    Raises:
        WorkspaceError: it sets something unknown, or to something that it cannot be.
    """
    where = f"{file}, {TABLE}"
    table = _table(table, "retention", where)
    datasets = _table(table.pop("datasets", {}), "datasets", where)
    expire = table.pop("expire", _WHEN[0])
    if expire not in _WHEN:
        raise WorkspaceError(
            f"the setting 'expire' cannot be {expire!r}",
            where=where,
            next="write " + " or ".join(f'expire = "{when}"' for when in _WHEN),
        )
    days = _number("extracts_days", table.pop("extracts_days", None), 1, where)
    more = ("datasets", "expire", "extracts_days")
    common = _values(table, more, where)
    own = {}
    for name, values in datasets.items():
        place = f'{file}, [tool.cleanhold.retention.datasets."{name}"]'
        try:
            check_dataset_name(name)
        except UsageError as error:
            raise WorkspaceError(error.what, where=place, next=error.next) from error
        own[name] = Rule(**{**common, **_values(_table(values, name, place), (), place)})
    return Retention(Rule(**common), own, days, after_run=expire == "after-run")


def _table(value: object, name: str, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WorkspaceError(f"`{name}` must be a table, not {value!r}", where=where)
    return dict(value)


def _values(table: Mapping[str, Any], more: tuple[str, ...], where: str) -> dict[str, int]:
    for name in table:
        require_known(name, (*_RULE, *more), where)
    found = {name: _number(name, value, _RULE[name], where) for name, value in table.items()}
    return {name: value for name, value in found.items() if value is not None}


def _number(name: str, value: object, least: int, where: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise WorkspaceError(
            f"the setting {name!r} cannot be {value!r}",
            where=where,
            next=f"write {name} = 30: a whole number, {least} or more",
        )
    return value
