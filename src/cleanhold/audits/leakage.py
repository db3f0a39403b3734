"""Leakage: what a training set knows that nobody could know when it matters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from cleanhold.audits.proportions import bonferroni, quantile_of, wilson
from cleanhold.audits.separation import separation
from cleanhold.core.audit import AuditResult, Evidence, Verdict
from cleanhold.core.moments import as_moment
from cleanhold.errors import UsageError

#: A column that tells the target as well as this is no feature: the share of right pairs.
LIMIT = 0.95

#: How sure all comparisons together are.
CONFIDENCE = 0.999

#: Different values that a target may have, each of which is told from the others.
_MOST_CLASSES = 20

#: Rows that the evidence lists.
_MOST_EVIDENCE = 20


def leaks(
    frame: pl.DataFrame | pl.LazyFrame,
    *,
    target: str | None = None,
    as_of: str | None = None,
    ignore: Sequence[str] = (),
) -> tuple[AuditResult, ...]:
    """What in a training set looks like the future, or like the answer.

    - `after_as_of`: dates and times that are after the row's own. Some may be (the end of a
      contract); others say that the row was made up later.
    - `target`: columns each of which alone tells the target almost perfectly: surely (99.9 %, all
      columns together) better than in 95 % of pairs. A target with at most 20 different values
      is told one value from the others; another one, above its median from below.

    Args:
        frame: the training set; it is taken into memory.
        target: the column that is to be predicted; rows without a value do not count.
        as_of: the column of dates or times that says as of when each row is.
        ignore: columns that are no features.

    Returns:
        An answer for each of both that was asked about: it passes or warns, with its evidence.

    Raises:
        UsageError: there is no such column, or neither was named.
    """
    rows = frame.lazy().collect(engine="streaming")
    for name in (target, as_of, *ignore):
        if name is not None and name not in rows.columns:
            raise UsageError(
                f"the training set has no column {name!r}", next=f"use {', '.join(rows.columns)}"
            )
    others = [name for name in rows.columns if name not in (target, as_of, *ignore)]
    found = []
    if as_of is not None:
        found.append(_after(rows, as_of, others))
    if target is not None:
        found.append(_of_target(rows.drop_nulls(target), target, others))
    if not found:
        raise UsageError("nothing was asked", next="name the target=, or as_of=, or both")
    return tuple(found)


def _after(rows: pl.DataFrame, as_of: str, others: Sequence[str]) -> AuditResult:
    schema = rows.schema
    if not isinstance(schema[as_of], pl.Date | pl.Datetime):
        raise UsageError(
            f"column {as_of!r} is of type {schema[as_of]}", next="it must be of dates or times"
        )
    then = as_moment(as_of, schema[as_of], late=False)
    times = [name for name in others if isinstance(schema[name], pl.Date | pl.Datetime)]
    # A date may have been at its beginning.
    counts = rows.select(
        (
            (pl.col(name) > then.dt.date())
            if isinstance(schema[name], pl.Date)
            else as_moment(name, schema[name], late=False) > then
        )
        .sum()
        .alias(name)
        for name in times
    )
    bad = sorted(((name, counts[name][0]) for name in times if counts[name][0]), key=_by_second)
    if not bad:
        what = f"none of {len(times)} columns of dates or times is after {as_of}"
        return AuditResult("after_as_of", Verdict.PASS, what)
    name, count = bad[0]
    return AuditResult(
        "after_as_of",
        Verdict.WARN,
        f"{name} is after {as_of} in {count:,} of {rows.height:,} rows{_more(len(bad) - 1)}",
        measured=f"{100 * count / rows.height:.1f} % of the rows",
        expected="none",
        evidence=Evidence(("column", "rows"), tuple(bad[:_MOST_EVIDENCE])),
    )


def _of_target(rows: pl.DataFrame, target: str, others: Sequence[str]) -> AuditResult:
    features = [name for name in others if not rows.schema[name].is_nested()]
    kinds = list(_kinds(rows[target]))
    if not kinds or not features:
        what = f"{target} has less than two different values, or there are no features"
        return AuditResult("target", Verdict.PASS, what)
    z = quantile_of(2 * bonferroni(CONFIDENCE, len(features) * len(kinds)) - 1)  # of one side
    found = []
    for name in features:
        least, area = max(_told(rows[name], hits, z) for hits in kinds)
        found.append((name, round(area, 4), round(least, 4)))
    found.sort(key=lambda one: (-one[2], -one[1]))
    evidence = Evidence(("column", "AUC", "at least"), tuple(found[:_MOST_EVIDENCE]))
    bad = [one for one in found if one[2] > LIMIT]
    name, area, least = found[0]
    what = (
        f"{name} alone tells {target} almost perfectly{_more(len(bad) - 1)}"
        if bad
        else f"none of {len(features)} columns alone tells {target} almost perfectly"
    )
    return AuditResult(
        "target",
        Verdict.WARN if bad else Verdict.PASS,
        what,
        measured=f"{name}: AUC {area:.3f}, surely {least:.3f}",
        expected=f"surely no more than {LIMIT}",
        evidence=evidence,
    )


def _kinds(values: pl.Series) -> Iterator[pl.Series]:
    """Which rows are of one kind; the kinds that a target is told as."""
    counts = values.value_counts(sort=True, name="rows")
    if counts.height < 2:
        return
    if counts.height > _MOST_CLASSES and (values.dtype.is_numeric() or values.dtype.is_temporal()):
        numbers = values.to_physical().cast(pl.Float64)
        yield numbers > numbers.median()
        return
    classes = counts[values.name][: 1 if counts.height == 2 else _MOST_CLASSES]
    for position in range(classes.len()):
        yield values == classes[position]


def _told(values: pl.Series, hits: pl.Series, z: float) -> tuple[float, float]:
    """The least that the area surely is, and what it is.

    It is taken for a share of as many pairs as have no row in common: the fewer of hits and others.
    """
    fewer = min(int(hits.sum()), hits.len() - int(hits.sum()))
    if not fewer:
        return 0.0, 0.5
    area = separation(values, hits)
    least, _ = wilson(pl.lit(area * fewer), pl.lit(fewer), z)
    return float(pl.select(least).item()), area


def _more(count: int) -> str:
    return f", and {count} more" if count > 0 else ""


def _by_second(one: tuple[str, int]) -> tuple[int, str]:
    return -one[1], one[0]
