"""Changes since a row was published: what it may become, what stays, what only grows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from cleanhold.builtins.checks.conditions import failing, literal
from cleanhold.builtins.checks.listing import listed
from cleanhold.core.rule import WAS_PUBLISHED, ChangeRule, Takes, before
from cleanhold.errors import ContractError

_DAY = 86_400_000_000


@listed(
    "status",
    {"open": ["won", "lost"]},
    initial=["open"],
    passes=[
        {"before": {"deal": [1, 2, 3], "status": ["open", "open", None]},
         "after": {"deal": [1, 2, 3, 4, 5], "status": ["won", "open", "lost", "open", None]}},
    ],
    fails=[
        {"before": {"deal": [1], "status": ["won"]}, "after": {"deal": [1], "status": ["open"]}},
        {"before": {"deal": [1], "status": ["open"]}, "after": {"deal": [2], "status": ["won"]}},
    ],
)  # fmt: skip
def allowed_transitions(
    column: str, allowed: Mapping[Any, Iterable[Any]], *, initial: Iterable[Any] | None = None
) -> ChangeRule:
    """A value that becomes only what its published value may become. It may always stay.

    Args:
        allowed: value → what it may become. One that is not named may not change.
        initial: what it may be where the row is new; anything if None.

    Raises:
        ContractError: one text is given for a list of values.
    """
    steps = [
        (old, _values(new, f"what {old!r} may become"))
        for old, new in sorted(allowed.items(), key=lambda pair: str(pair[0]))
    ]
    first = None if initial is None else _values(initial, "initial")

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        value, was = pl.col(column), before(column)
        good = pl.any_horizontal(value == was, *((was == a) & value.is_in(b) for a, b in steps))
        bad = was.is_not_null() & ~good
        shown = was.cast(pl.String)
        if first is not None:
            bad |= ~pl.col(WAS_PUBLISHED) & ~value.is_in(first)
            new = pl.lit("not published")
            shown = pl.when(WAS_PUBLISHED).then(shown).otherwise(new)
        return failing(rows.drop_nulls(column), bad, shown)

    return ChangeRule(
        name="allowed_transitions",
        says="{column} is {value} and was {found} before, which is no allowed change",
        reads=(column,),
        fails=fails,
        column=column,
    )


def _values(given: Iterable[Any], what: str) -> list[Any]:
    """Several values in an order of their own: a set has another one in each process."""
    if isinstance(given, str):
        raise ContractError(
            f"{what} is one text, {given!r}, not a list of values", next=f"write [{given!r}]"
        )
    return sorted(set(given), key=str)


@listed(
    "born",
    passes=[
        {"before": {"id": ["a", "b"], "born": [1970, None]},
         "after": {"id": ["a", "b", "c", "d"], "born": [1970, 1980, 1990, None]}},
    ],
    fails=[
        {"before": {"id": ["a"], "born": [1970]}, "after": {"id": ["a"], "born": [1971]}},
    ],
)  # fmt: skip
def stays(column: str, *, within: float | str | None = None) -> ChangeRule:
    """The value that was published, but for a tolerance.

    Args:
        within: how far it may be from the published value: a number (of days, for dates), or a
            share of the published value, "5%".

    Raises:
        ContractError: `within` is neither.
    """
    share = isinstance(within, str)
    limit = None if within is None else _limit(within)

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        value, was = pl.col(column), before(column)
        if limit is None:
            return failing(rows, value != was, was)
        if rows.collect_schema()[column].is_temporal():
            now, then = (e.dt.timestamp("us").cast(pl.Float64) / _DAY for e in (value, was))
        else:
            now, then = value.cast(pl.Float64), was.cast(pl.Float64)
        most = then.abs() * limit if share else pl.lit(limit)
        rounding = (now.abs() + then.abs()) * 1e-14  # floats are off by so much anyway
        return failing(rows, (now - then).abs() > most * (1 + 1e-9) + rounding, was)

    return ChangeRule(
        name="stays",
        says="{column} is {value}, and was {found} before; it must stay"
        + ("" if limit is None else f" within {literal(within)}"),
        reads=(column,),
        fails=fails,
        column=column,
        needs={} if limit is None else {column: Takes.NUMBER if share else Takes.MEASURE},
    )


def _limit(within: float | str) -> float:
    """A tolerance as a number; "5%" is 0.05."""
    try:
        limit = float(within[:-1]) / 100 if isinstance(within, str) else float(within)
    except ValueError:
        limit = -1.0
    if not 0 <= limit < float("inf") or (isinstance(within, str) and not within.endswith("%")):
        raise ContractError(
            f"within={within!r} is no tolerance", next="write a number, 0.5, or a share, '5%'"
        )
    return limit


@listed(
    "count",
    passes=[
        {"before": {"id": ["a", "b"], "count": [5, None]},
         "after": {"id": ["a", "b", "c", "d"], "count": [5, 1, 0, None]}},
    ],
    fails=[
        {"before": {"id": ["a"], "count": [5]}, "after": {"id": ["a"], "count": [4]}},
    ],
)  # fmt: skip
def does_not_decrease(column: str) -> ChangeRule:
    """A number or date that is not less than the published one: a counter, a last change."""

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        return failing(rows, pl.col(column) < before(column), before(column))

    return ChangeRule(
        name="does_not_decrease",
        says="{column} is {value}, and was {found} before; it may not go back",
        reads=(column,),
        fails=fails,
        column=column,
        needs={column: Takes.MEASURE},
    )
