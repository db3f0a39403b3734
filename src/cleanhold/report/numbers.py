"""Numbers and times as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

_HOUR, _DAY = 3_600, 86_400


def count(number: float) -> str:
    """`12,345`."""
    return f"{number:,.0f}"


def counted(number: int, noun: str) -> str:
    """`1 row`, `1,204 rows`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def share(part: float, whole: float) -> str:
    """A percentage: `2.6 %`; never rounds something down to nothing, or up to all."""
    if not whole or not part:
        return "0 %"
    percent = 100 * part / whole
    if percent < 0.1:
        return "< 0.1 %"
    return "> 99.9 %" if 99.9 < percent < 100 else f"{percent:.1f} %".replace(".0 %", " %")


def short(number: float) -> str:
    """A number where there is little room: `950`, `12k`, `1.2M`."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= size:
            return f"{number / size:.3g}{letter}"
    return f"{number:.3g}"


def moment(at: datetime) -> str:
    """`2026-11-22 06:40 UTC`."""
    return f"{at.astimezone(UTC):%F %H:%M} UTC"


def size(count: int) -> str:
    """Bytes: `812 bytes`, `3.4 MB`; 1 KB is 1,000 bytes."""
    for unit, power in (("GB", 9), ("MB", 6), ("KB", 3)):
        if count >= 10**power:
            return f"{count / 10**power:,.1f} {unit}"
    return counted(count, "byte")


def span(seconds: int) -> str:
    """The length of a span of time: `hour`, `6 hours`, `day`, `7 days`."""
    unit, name = (_DAY, "day") if seconds % _DAY == 0 else (_HOUR, "hour")
    several = seconds // unit
    return name if several == 1 else f"{several:,} {name}s"


def of_numbers(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[bool, ...]:
    """Whether each column of a table is of numbers; an empty cell does not say."""
    return tuple(
        all(isinstance(row[n], int | float | None) for row in rows) for n in range(len(columns))
    )
