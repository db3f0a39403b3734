"""`[tool.cleanhold.gates]`: which datasets production asks of, and what."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from cleanhold.core.contract import DATASET_NAME
from cleanhold.core.gate import Gates
from cleanhold.errors import WorkspaceError
from cleanhold.gates import NAMES
from cleanhold.workspace.known import require_known

TABLE = "[tool.cleanhold.gates]"

_KNOWN = [f.name for f in fields(Gates)]
_LISTS = ("datasets", "off")


def gates_of(table: object, file: str) -> Gates:
    """What a workspace's table says.

    Args:
        table: as TOML has it; empty asks nothing of any dataset.
        file: for messages.

    Raises:
        WorkspaceError: it sets something unknown, or to something that it cannot be.
    """
    where = f"{file}, {TABLE}"
    if not isinstance(table, dict):
        raise WorkspaceError(f"`gates` must be a table, not {table!r}", where=where)
    values: dict[str, Any] = {}
    for name, value in table.items():
        require_known(name, _KNOWN, where)
        values[name] = _texts(name, value, where) if name in _LISTS else _number(name, value, where)
    for name in values.get("datasets", ()):
        if not DATASET_NAME.fullmatch(name.removesuffix(".*")):
            raise WorkspaceError(
                f"{name!r} is no dataset, and not all of one prefix",
                where=where,
                next='write datasets = ["features.customer_churn"], or ["features.*"]',
            )
    for name in values.get("off", ()):
        require_known(name, NAMES, f"{where}, off")
    return Gates(**values)


def _texts(name: str, value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise WorkspaceError(
            f"the setting {name!r} cannot be {value!r}",
            where=where,
            next=f'write a list of names: {name} = ["…"]',
        )
    return tuple(value)


def _number(name: str, value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise WorkspaceError(
            f"the setting {name!r} cannot be {value!r}",
            where=where,
            next=f"write {name} = 30: a whole number, 1 or more",
        )
    return value
