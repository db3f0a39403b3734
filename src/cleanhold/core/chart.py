"""Charts: what a picture of an audit's answer needs beside its evidence, as JSON values.

A chart is an object with its `kind`; pages that do not know a kind show the evidence as a table.
Each is of bounded size, and has no value of a personal column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeAlias

Chart: TypeAlias = Mapping[str, Any]


class ChartKind(StrEnum):
    """What there is a picture of."""

    HISTORY = "history"  # a count beside those before it
    INTERVALS = "intervals"  # a difference and its confidence interval for each row of the evidence
    DISTRIBUTIONS = "distributions"  # rows by part of each column, before and now
    TIMELINE = "timeline"  # events by span of time, and gaps
    TOTALS = "totals"  # what was expected and found, for each row of the evidence


def history(
    points: Sequence[tuple[str, int]], now: tuple[str, int], low: float, high: float | None
) -> Chart:
    """A count beside those before it.

    Args:
        points: (day in ISO format, count), oldest first; `now` the one that is judged.
        low, high: what is usual; None for no upper end.
    """
    return {
        "kind": str(ChartKind.HISTORY),
        "points": [list(point) for point in points],
        "now": list(now),
        "usual": [round(low, 1), None if high is None else round(high, 1)],
    }


def intervals(limit: float) -> Chart:
    """Differences with their intervals, and the largest that is allowed, in the same unit."""
    return {"kind": str(ChartKind.INTERVALS), "limit": limit}


def distribution(
    parts: Sequence[str],
    before: Sequence[int],
    now: Sequence[int],
    *,
    ordered: bool,
    of: str = "",
) -> Chart:
    """Rows of one column by part.

    Args:
        parts: what each is called.
        ordered: they are parts of a range, low to high.
        of: what of the values they are about, as `lengths`; empty for the values themselves.
    """
    return {
        "parts": list(parts),
        "before": [int(rows) for rows in before],
        "now": [int(rows) for rows in now],
        "ordered": ordered,
        "of": of,
    }


def distributions(columns: Mapping[str, Chart]) -> Chart:
    """Columns, the most changed first, and the distribution of each."""
    listed = [{"column": name, **found} for name, found in columns.items()]
    return {"kind": str(ChartKind.DISTRIBUTIONS), "columns": listed}


def timeline(
    start: str, seconds: int, counts: Sequence[int], gaps: Sequence[tuple[str, str]]
) -> Chart:
    """Events by span of time.

    Args:
        start: of the first span, in ISO format; each is `seconds` long.
        gaps: (from, to) in ISO format, without any event where some are usual.
    """
    return {
        "kind": str(ChartKind.TIMELINE),
        "start": start,
        "seconds": seconds,
        "counts": [int(count) for count in counts],
        "gaps": [list(gap) for gap in gaps],
    }


def totals() -> Chart:
    """What was expected and found."""
    return {"kind": str(ChartKind.TOTALS)}
