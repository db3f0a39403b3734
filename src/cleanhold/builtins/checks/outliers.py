"""Numbers that are far from the others, overall or in their group."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from cleanhold.builtins.checks.conditions import failing, grouped, of_group
from cleanhold.builtins.checks.listing import listed
from cleanhold.core.rule import GroupRule, Takes
from cleanhold.errors import ContractError

#: Of a normal distribution: median absolute deviation / standard deviation.
_NORMAL_MAD = 0.6745
_SEVERAL = 8

_TIGHT = [10.0, 11.0, 9.0, 10.5, 9.5, 10.2, 9.8, 10.1, None]
_WILD = [*_TIGHT[:-1], 1000.0]
_MANY = [*_TIGHT[:-1], *_TIGHT[:-1], 1000.0]


_VALUE, _LOWER, _UPPER = "__value", "__lower", "__upper"
_SIDES = ("both", "below", "above")

#: Spreads a figure of a group over its rows.
_Spread = Callable[[pl.Expr], pl.Expr]


def _outlier_rule(
    name: str,
    column: str,
    by: str | Sequence[str],
    limits: Callable[[pl.LazyFrame, _Spread], pl.LazyFrame],
    least: int,
    side: str,
    strictly: bool = False,
) -> GroupRule:
    """A rule for values outside limits that are made of figures of the group.

    Args:
        limits: adds the lower and the upper limit to rows.
        least: rows that a group must have to be judged.
        side: on which side of the limits values fail; see `_SIDES`.
        strictly: a value that is the limit fails, too.

    Raises:
        ContractError: there is no such side.
    """
    if side not in _SIDES:
        raise ContractError(f"side={side!r} is no side", next=f"write one of {', '.join(_SIDES)}")
    keys = grouped(by)

    def spread(figure: pl.Expr) -> pl.Expr:
        return figure.over(keys) if keys else figure

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        known = rows.drop_nulls([*keys, column])
        known = known.with_columns(pl.col(column).cast(pl.Float64).alias(_VALUE))
        known = known.filter(pl.col(_VALUE).is_finite())
        judged = limits(known, spread).with_columns(spread(pl.len()).alias("__count"))
        value = pl.col(_VALUE)
        below, above = value < pl.col(_LOWER), value > pl.col(_UPPER)
        if strictly:
            below, above = value <= pl.col(_LOWER), value >= pl.col(_UPPER)
        outside = {"both": below | above, "below": below, "above": above}[side]
        varied = (pl.col(_LOWER) != pl.col(_UPPER)) & (pl.col("__count") >= least)
        shown = (pl.col(c).round_sig_figs(6).cast(pl.String) for c in (_LOWER, _UPPER))
        return failing(judged, outside & varied, pl.format("{} to {}", *shown))

    return GroupRule(
        name=name,
        says=f"{{column}} is {{value}}, far from the others{of_group(keys)}: usual are {{found}}",
        reads=(*keys, column),
        fails=fails,
        column=column,
        needs={column: Takes.NUMBER},
    )


@listed("amount", passes=[{"amount": _TIGHT}, {"amount": [1.0, 1000.0]}], fails=[{"amount": _WILD}])
def no_mad_outliers(
    column: str,
    *,
    by: str | Sequence[str] = (),
    most: float = 3.5,
    least: int = _SEVERAL,
    side: str = "both",
) -> GroupRule:
    """Numbers not far from the median, in median absolute deviations. Where more than half of the
    values are alike there is nothing to measure with, and all pass.

    Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993): the modified z-score.

    Args:
        by: column or columns that name the group; none for the whole extract.
        most: modified z-score.
        least: rows that a group must have to be judged.
        side: `above` or `below` the others, or `both`.
    """

    def limits(rows: pl.LazyFrame, spread: _Spread) -> pl.LazyFrame:
        middle = pl.col("__median")
        measured = rows.with_columns(spread(pl.col(_VALUE).median()).alias("__median"))
        off = (pl.col(_VALUE) - middle).abs()
        measured = measured.with_columns(off.alias("__off"))
        measured = measured.with_columns(spread(pl.col("__off").median()).alias("__mad"))
        reach = pl.col("__mad") * (most / _NORMAL_MAD)
        return measured.with_columns((middle - reach).alias(_LOWER), (middle + reach).alias(_UPPER))

    return _outlier_rule("no_mad_outliers", column, by, limits, least, side)


@listed("amount", passes=[{"amount": _TIGHT}], fails=[{"amount": _WILD}])
def no_iqr_outliers(
    column: str,
    *,
    by: str | Sequence[str] = (),
    most: float = 1.5,
    least: int = _SEVERAL,
    side: str = "both",
) -> GroupRule:
    """Numbers not far below the first quartile or above the third, in interquartile ranges.

    Source: Tukey, Exploratory Data Analysis (1977): fences; 1.5 for outside, 3 for far out.

    Args:
        by: column or columns that name the group; none for the whole extract.
        most: interquartile ranges.
        least: rows that a group must have to be judged.
        side: `above` or `below` the others, or `both`.
    """

    def limits(rows: pl.LazyFrame, spread: _Spread) -> pl.LazyFrame:
        value, low, high = pl.col(_VALUE), pl.col("__q1"), pl.col("__q3")
        measured = rows.with_columns(
            spread(value.quantile(0.25, "linear")).alias("__q1"),
            spread(value.quantile(0.75, "linear")).alias("__q3"),
        )
        reach = (high - low) * most
        return measured.with_columns((low - reach).alias(_LOWER), (high + reach).alias(_UPPER))

    return _outlier_rule("no_iqr_outliers", column, by, limits, least, side)


@listed("amount", passes=[{"amount": _TIGHT}], fails=[{"amount": _MANY}])
def no_z_outliers(
    column: str,
    *,
    by: str | Sequence[str] = (),
    most: float = 3.0,
    least: int = _SEVERAL,
    side: str = "both",
    strictly: bool = False,
) -> GroupRule:
    """Numbers not far from the mean, in standard deviations. One extreme value widens them: the
    medians of `no_mad_outliers` are not moved by it.

    Args:
        by: column or columns that name the group; none for the whole extract.
        most: standard deviations.
        least: rows that a group must have to be judged.
        side: `above` or `below` the others, or `both`.
        strictly: they must be less than `most` away.
    """

    def limits(rows: pl.LazyFrame, spread: _Spread) -> pl.LazyFrame:
        value, mean, deviation = pl.col(_VALUE), pl.col("__mean"), pl.col("__std")
        measured = rows.with_columns(
            spread(value.mean()).alias("__mean"), spread(value.std()).alias("__std")
        )
        reach = deviation * most
        return measured.with_columns((mean - reach).alias(_LOWER), (mean + reach).alias(_UPPER))

    return _outlier_rule("no_z_outliers", column, by, limits, least, side, strictly)
