"""Days and hours without any event, where there are many in other weeks."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

#: The same hour or day of so many weeks before and after says what is usual; fewer than that are
#: too few to know.
_WEEKS_AROUND, _FEWEST_WEEKS = 4, 2

#: A share of those weeks must have events then, else it is empty as a rule (nights, Sundays).
_MOSTLY = 0.75

#: Events that are missing from a gap worth a word, and its hours (what comes an hour later than
#: usual is not missing).
LEAST_MISSING, _LEAST_HOURS = 50, 3

#: Early and late strays, as a share of all events and a number: the gap beside them is none.
_STRAYS, _MOST_STRAYS = 0.002, 50

#: Beyond so many hours from the first event to the last, days are looked at.
_MOST_HOURS = 200_000

_HOUR, _DAY, _WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)


def event_gaps(
    moments: pl.LazyFrame, *, has_hours: bool, since: datetime | None = None
) -> pl.DataFrame:
    """Spans without any event, where the same hours of the weeks around them have many.

    There are none to be found in less than three weeks of events.

    Args:
        moments: one column `moment`, Datetime without a time zone.
        has_hours: the events have times of day; else whole days are compared.
        since: spans that ended by then are of no interest.

    Returns:
        `start`, `end` (Datetime; the end is where it ended) and `missing`, the number of events
        that is usual (Float64), the longest missed first.
    """
    by_hour = counted(moments, _HOUR if has_hours else _DAY)
    if by_hour.height < 2 or by_hour["at"][-1] - by_hour["at"][0] < _FEWEST_WEEKS * _WEEK:
        return _NONE
    step = _HOUR if has_hours else _DAY
    if (by_hour["at"][-1] - by_hour["at"][0]) / step > _MOST_HOURS and has_hours:
        step, by_hour = _DAY, counted(moments, _DAY)
    every = pl.datetime_range(by_hour["at"][0], by_hour["at"][-1], step, eager=True, time_unit="us")
    week = _WEEK // step
    around = [k * week for k in range(-_WEEKS_AROUND, _WEEKS_AROUND + 1) if k]
    others = pl.concat_list([pl.col("events").shift(k) for k in around]).list.drop_nulls()
    is_usual = (others.list.len() >= _FEWEST_WEEKS) & (
        others.list.eval(pl.element() > 0).list.mean() >= _MOSTLY
    )
    return (
        every.alias("at")
        .to_frame()
        .join(by_hour, on="at", how="left", maintain_order="left")
        .with_columns(pl.col("events").fill_null(0))
        .with_columns(
            missing=pl.when(is_usual).then(others.list.median()).otherwise(0.0),
            run=(pl.col("events") == 0).rle_id(),
        )
        .filter(pl.col("events") == 0)
        .group_by("run")
        .agg(
            start=pl.col("at").min(),
            end=pl.col("at").max() + step,
            missing=pl.col("missing").sum(),
        )
        .filter(
            pl.col("missing") >= LEAST_MISSING,
            pl.col("end") - pl.col("start") >= min(_LEAST_HOURS * _HOUR, _LEAST_HOURS * step),
            pl.lit(True) if since is None else pl.col("end") > since,
        )
        .select(_NONE.columns)
        .sort("missing", "start", descending=[True, False])
    )


_NONE = pl.DataFrame(
    schema={"start": pl.Datetime("us"), "end": pl.Datetime("us"), "missing": pl.Float64}
)


def counted(moments: pl.LazyFrame, step: timedelta) -> pl.DataFrame:
    """Events by hour or day, those without any left out; so are early and late strays."""
    counted = (
        moments.select(pl.col("moment").dt.truncate(step).alias("at"))
        .drop_nulls()
        .group_by("at")
        .agg(pl.len().cast(pl.Int64).alias("events"))
        .sort("at")
        .collect(engine="streaming")
    )
    events = pl.col("events")
    strays = pl.min_horizontal(_STRAYS * events.sum(), _MOST_STRAYS)
    return counted.filter(events.cum_sum() > strays, events.cum_sum(reverse=True) > strays)
