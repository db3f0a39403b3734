"""Events by span of time, for a picture."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from cleanhold.audits.event_gaps import counted
from cleanhold.core.chart import Chart, timeline

#: Spans of a picture at most, and how long they may be; the shortest that fits is taken.
_MOST_SPANS = 180
_SPANS = tuple(timedelta(hours=h) for h in (1, 6, 24, 7 * 24, 28 * 24, 7 * 52 * 24, 70 * 52 * 24))


def event_counts(moments: pl.LazyFrame, gaps: pl.DataFrame) -> Chart | None:
    """Events by the shortest span that a picture has room for; None if there are none.

    Args:
        moments: one column `moment`, Datetime without a time zone.
        gaps: what `event_gaps` found.
    """
    by_hour = counted(moments, timedelta(hours=1))
    if by_hour.is_empty():
        return None
    first, last = by_hour["at"][0], by_hour["at"][-1]
    whole = last - first
    span = next((span for span in _SPANS if whole / span < _MOST_SPANS), _SPANS[-1])
    start = first.replace(hour=0)
    places = ((pl.col("at") - start).dt.total_seconds() // int(span.total_seconds())).alias("n")
    rows = by_hour.group_by(places).agg(pl.col("events").sum())
    counts = [0] * (rows["n"].max() + 1)  # type: ignore[operator]
    for place, events in rows.iter_rows():
        counts[place] = events
    told = [(a.isoformat(), b.isoformat()) for a, b in gaps.select("start", "end").iter_rows()]
    return timeline(start.isoformat(), int(span.total_seconds()), counts, told)
