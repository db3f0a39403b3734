"""Order over rows: values that rise or fall, that leave no gap, that do not overlap."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from datetime import date

import polars as pl

from cleanhold.builtins.checks.conditions import failing, grouped, literal, of_group
from cleanhold.builtins.checks.listing import listed
from cleanhold.core.rule import GroupRule, Takes


def _runs(
    name: str,
    column: str,
    by: str | Sequence[str],
    along: str | None,
    wrong: Callable[[pl.Expr, pl.Expr], pl.Expr],
) -> GroupRule:
    """A rule about each value and the one before it; `wrong` says which pairs fail."""
    keys = grouped(by)
    order = [along] if along else []

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        known = rows.drop_nulls([*keys, column, *order])
        known = known.sort(order[0], maintain_order=True) if order else known
        before = pl.col(column).shift(1)
        before = before.over(keys) if keys else before
        return failing(known, wrong(pl.col(column), before), before.cast(pl.String))

    return GroupRule(
        name=name,
        says=f"{{column}} is {{value}}, after {{found}}{of_group(keys)}",
        reads=(*keys, column, *order),
        fails=fails,
        column=column,
    )


@listed(
    "reading",
    by="meter",
    passes=[{"meter": ["a", "b", "a", "b"], "reading": [1, 9, 1, None]}],
    fails=[{"meter": ["a", "a"], "reading": [2, 1]}],
)
def rises(
    column: str, *, by: str | Sequence[str] = (), along: str | None = None, strictly: bool = False
) -> GroupRule:
    """Values that do not go down from row to row, in each group.

    Args:
        by: column or columns that name the group; none for the whole extract.
        along: column that orders the rows; the order of the extract if None.
        strictly: each must be more than the one before.
    """
    return _runs("rises", column, by, along, operator.le if strictly else operator.lt)


@listed(
    "balance",
    by="loan",
    passes=[{"loan": ["a", "b", "a", "b"], "balance": [9, 1, 9, None]}],
    fails=[{"loan": ["a", "a"], "balance": [1, 2]}],
)
def falls(
    column: str, *, by: str | Sequence[str] = (), along: str | None = None, strictly: bool = False
) -> GroupRule:
    """Values that do not go up from row to row, in each group.

    Args:
        by, along: as for `rises`.
        strictly: each must be less than the one before.
    """
    return _runs("falls", column, by, along, operator.ge if strictly else operator.gt)


@listed(
    "number",
    by="book",
    passes=[{"book": ["a", "a", "b"], "number": [2, 1, 7]}],
    fails=[{"book": ["a", "a"], "number": [1, 3]}],
)
def no_gaps(column: str, *, by: str | Sequence[str] = (), most: float = 1) -> GroupRule:
    """Numbers that leave none out: sorted, each is at most `most` more than the one before, in each
    group. The row after a gap fails. Days count as numbers.

    Args:
        by: column or columns that name the group; none for the whole extract.
        most: how far neighbours may be apart; days for dates.
    """
    keys = grouped(by)

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        value = pl.col(column)
        if rows.collect_schema()[column].is_temporal():
            value = value.cast(pl.Date).to_physical()
        known = rows.drop_nulls([*keys, column]).sort(column, maintain_order=True)
        known = known.with_columns(value.alias("__value"))
        before, this = pl.col("__value").shift(1), pl.col("__value")
        shown = pl.col(column).shift(1)
        if keys:
            before, shown = before.over(keys), shown.over(keys)
        return failing(known, this - before > most, shown.cast(pl.String))

    return GroupRule(
        name="no_gaps",
        says=f"{{column}} is {{value}}, and the one before it is {{found}}{of_group(keys)}: "
        "some are missing between them",
        reads=(*keys, column),
        fails=fails,
        column=column,
        needs={column: Takes.MEASURE},
    )


_JAN = [date(2026, 1, d) for d in range(1, 31)]


@listed(
    "starts",
    "ends",
    by="room",
    passes=[
        {"room": ["a", "a", "b"], "starts": [_JAN[0], _JAN[5], _JAN[0]],
         "ends": [_JAN[5], None, _JAN[9]]}
    ],
    fails=[{"room": ["a", "a"], "starts": [_JAN[0], _JAN[3]], "ends": [_JAN[4], _JAN[8]]}],
)  # fmt: skip
def no_overlaps(
    start: str, end: str, *, by: str | Sequence[str] = (), touching: bool = True
) -> GroupRule:
    """Periods of a group that do not overlap. The one that begins later fails. A period without an
    end lasts for ever.

    Args:
        by: column or columns that name the group; none for the whole extract.
        touching: one may begin when another ends.
    """
    keys = grouped(by)

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        known = rows.drop_nulls([*keys, start]).sort(start, maintain_order=True)
        before = pl.col(end).cum_max().forward_fill().shift(1)
        open_before = pl.col(end).is_null().cast(pl.Int32).cum_max().shift(1, fill_value=0)
        if keys:
            before, open_before = before.over(keys), open_before.over(keys)
        begins = pl.col(start)
        bad = (begins < before if touching else begins <= before).fill_null(False)
        found = pl.when(open_before == 1).then(pl.lit("has no end")).otherwise(
            pl.concat_str(pl.lit("ends at "), before.cast(pl.String))
        )  # fmt: skip
        return failing(known, bad | (open_before == 1), found)

    return GroupRule(
        name="no_overlaps",
        says=f"begins at {{{start}}}, while an earlier one{of_group(keys)} {{found}}",
        reads=(*keys, start, end),
        fails=fails,
        needs={start: Takes.MEASURE, end: Takes.MEASURE},
    )


@listed(
    "version",
    by="document",
    passes=[{"document": ["a", "a", "b"], "version": [1, 2, 1]}],
    fails=[{"document": ["a", "a"], "version": [2, 3]}],
)
def begins_at(column: str, *, by: str | Sequence[str] = (), first: float = 1) -> GroupRule:
    """Numbers whose least, in each group, is a certain one. The row with the least fails.

    Args:
        by: column or columns that name the group; none for the whole extract.
        first: the least number.
    """
    keys = grouped(by)

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        known = rows.drop_nulls([*keys, column])
        least = pl.col(column).min()
        least = least.over(keys) if keys else least
        return failing(known, (pl.col(column) == least) & (least != first))

    return GroupRule(
        name="begins_at",
        says=f"{{column}} is {{value}}, the least{of_group(keys)}; "
        f"it must begin at {literal(first)}",
        reads=(*keys, column),
        fails=fails,
        column=column,
        needs={column: Takes.NUMBER},
    )
