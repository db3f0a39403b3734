"""The columns that a contract names as segments."""

from __future__ import annotations

from cleanhold.core.contract import Column
from cleanhold.errors import ContractError
from cleanhold.plan.terms import unknown_column


def require_segments(segments: tuple[str, ...], columns: tuple[Column, ...], where: str) -> None:
    """Segments are columns whose values can be told apart.

    Raises:
        ContractError: one is not.
    """
    known = {column.name: column for column in columns if not column.regex}
    for name in segments:
        if name not in known:
            unknown_column("segments names", name, known, where)
        if known[name].dtype.is_nested():
            raise ContractError(
                f"segments names {name!r}, which has several values in a row",
                where=where,
                next="name columns with one value each",
            )
