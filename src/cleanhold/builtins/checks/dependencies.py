"""What one value says about another, over all rows: dependencies and identity."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cleanhold.builtins.checks.conditions import failing, grouped, literal, named, shown
from cleanhold.builtins.checks.listing import listed
from cleanhold.core.contract import DATASET_NAME
from cleanhold.core.reading import RECORD
from cleanhold.core.rule import FOUND, GroupRule, ReferenceRule, is_suspect
from cleanhold.errors import ContractError

_ROWS, _ALL, _TIES, _USUAL = "__rows", "__all", "__ties", "__usual"
_VOTES, _MOST = "__votes", "__most"


def _unusual(rows: pl.LazyFrame, keys: Sequence[str], column: str) -> pl.LazyFrame:
    """Rows whose value is not the one that most rows with the same keys have; all of them where
    no value is the most frequent. A value that is wrong by itself has no vote, and as a key it
    makes no group."""
    trusted = [~is_suspect(key) for key in keys]
    known = rows.drop_nulls([*keys, column]).filter(trusted)
    votes = (~is_suspect(column)).sum()
    counts = known.group_by([*keys, column]).agg(pl.len().alias(_ROWS), votes.alias(_VOTES))
    disputed = (
        counts.group_by(keys)
        .agg(
            pl.col(column)
            .sort_by([_VOTES, column], descending=[True, False])
            .first()
            .alias(_USUAL),
            pl.col(_VOTES).max().alias(_MOST),
            pl.col(_ROWS).sum().alias(_ALL),
            (pl.col(_VOTES) == pl.col(_VOTES).max()).sum().alias(_TIES),
            pl.len().alias("__values"),
        )
        .filter(pl.col("__values") > 1, pl.col(_MOST) > 0)
    )
    usual = pl.col(_USUAL).cast(pl.String)
    of = pl.format("{} of {} rows", _MOST, _ALL)
    found = pl.when(pl.col(_TIES) == 1).then(pl.format("mostly {} ({})", usual, of)).otherwise(
        pl.format("{} different values, each in {}", _TIES, of)
    )  # fmt: skip
    joined = known.join(disputed, on=list(keys), how="inner")
    return failing(joined, (pl.col(_TIES) > 1) | (pl.col(column) != pl.col(_USUAL)), found)


@listed(
    "zip",
    "city",
    passes=[{"zip": ["1", "1", "2", None, None], "city": ["A", "A", "B", "A", "B"]}],
    fails=[
        {"zip": ["1", "1", "1"], "city": ["A", "A", "B"]},
        {"zip": ["1", "1"], "city": ["A", "B"]},
    ],
)
def determines(by: str | Sequence[str], column: str) -> GroupRule:
    """A functional dependency: rows that are alike in some columns are alike in another. Rows
    that differ from most others of their group fail; where there is no majority, all do.
    A value that fails a check of its own column, such as `isin`, is no evidence: it makes no group
    and no majority.

    Args:
        by: column or columns that determine.
        column: that is determined.
    """
    keys = grouped(by)
    return GroupRule(
        name="determines",
        says=f"{{column}} is {{value}}, but for {shown(tuple(keys))} it is {{found}}",
        reads=(*keys, column),
        fails=lambda rows: _unusual(rows, keys, column),
        weighs=True,
        column=column,
    )


@listed(
    "code",
    "name",
    passes=[{"code": ["1", "1", "2"], "name": ["A", "A", "B"]}],
    fails=[
        {"code": ["1", "1", "1"], "name": ["A", "A", "B"]},
        {"code": ["1", "2", "2"], "name": ["A", "A", "A"]},
    ],
)
def one_to_one(column: str, other: str) -> GroupRule:
    """Two columns that stand for the same thing: each value of one goes with one value of the
    other, and the other way round. Rows that differ from the majority fail.
    """

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        there = _unusual(rows, [column], other).with_columns(
            pl.format("{} is {}", pl.lit(other), FOUND).alias(FOUND)
        )
        back = _unusual(rows, [other], column).with_columns(
            pl.format("{} is {}", pl.lit(column), FOUND).alias(FOUND)
        )
        return pl.concat([there, back]).unique(RECORD, keep="first", maintain_order=True)

    pair = (column, other)
    return GroupRule(
        name="one_to_one",
        says=f"{shown(pair)} do not go together elsewhere: {{found}}",
        reads=pair,
        fails=fails,
        weighs=True,
    )


@listed(
    "name",
    "born",
    passes=[{"name": ["a", "a", "b", None, None], "born": [1, 2, 1, 1, 1]}],
    fails=[{"name": ["a", "a"], "born": [1, 1]}],
)
def unique_together(*columns: str, missing_counts: bool = False) -> GroupRule:
    """Columns whose values together occur once. A row without one of them is nobody's duplicate.

    Args:
        missing_counts: missing values are alike; only a row without any of the columns is nobody's
            duplicate.
    """
    keys = list(columns)
    none = pl.all_horizontal([pl.col(c).is_null() for c in keys])

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        count = pl.len().over(keys)
        known = rows.filter(~none) if missing_counts else rows.drop_nulls(keys)
        return failing(known, count > 1, count.cast(pl.String))

    return GroupRule(
        name="unique_together",
        says=f"{{found}} rows have {shown(columns)}; {named(columns)} must be unique together",
        reads=columns,
        fails=fails,
    )


@listed(
    "name",
    passes=[{"name": ["Ada", "Bob", None, None]}],
    fails=[{"name": ["Ada Lovelace", "ADA  lovelace"]}],
)
def unique_but_for_case(column: str) -> GroupRule:
    """Text that occurs once, when upper and lower case, blanks and punctuation are left aside:
    finds the same thing written twice.
    """

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        text = pl.col(column).cast(pl.String).str.to_lowercase()
        plain = text.str.replace_all(r"[^\p{L}\p{N}]+", "")
        known = rows.with_columns(plain.alias("__plain")).filter(pl.col("__plain") != "")
        count = pl.len().over("__plain")
        return failing(known, count > 1, count.cast(pl.String))

    return GroupRule(
        name="unique_but_for_case",
        says="{column} is {value}; {found} rows have it, if case and punctuation do not count",
        reads=(column,),
        fails=fails,
        column=column,
    )


@listed(
    "parent",
    "id",
    passes=[{"id": ["1", "2"], "parent": [None, "1"]}],
    fails=[{"id": ["1", "2"], "parent": [None, "3"]}],
)
def refers_to_row(column: str, key: str) -> GroupRule:
    """A value that another column of the same extract has, in any row: a parent, a manager."""

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        given = rows.filter(pl.col(column).is_not_null())
        keys = rows.select(pl.col(key).alias("__key")).drop_nulls().unique()
        return given.join(keys, left_on=column, right_on="__key", how="anti").select(RECORD)

    return GroupRule(
        name="refers_to_row",
        says=f"{{column}} is {{value}}, which no row of this extract has as its {named((key,))}",
        reads=(column, key),
        fails=fails,
        column=column,
    )


@listed(
    "order",
    "line",
    to="shop.order_lines",
    keys=("order_id", "number"),
    passes=[
        {
            "rows": {"order": ["a", None, "a"], "line": [2, 9, None]},
            "there": {"order_id": ["a", "b"], "number": [2, 1]},
        }
    ],
    fails=[
        {
            "rows": {"order": ["a"], "line": [1]},
            "there": {"order_id": ["a", "b"], "number": [2, 1]},
        }
    ],
)
def refers_to(*columns: str, to: str, keys: str | Sequence[str] = ()) -> ReferenceRule:
    """Columns whose values are, together, those of a row of another dataset: a key of several
    columns. For a key of one column, `field(references=…)` says the same.

    Args:
        to: the other dataset.
        keys: its columns, in the same order; those of the same names if none are given.

    Raises:
        ContractError: no columns are named, or not as many as keys; `to` is no dataset's name.
    """
    if not isinstance(to, str) or not DATASET_NAME.fullmatch(to):
        raise ContractError(
            f"refers_to has to={to!r}, which is no dataset name",
            next="write lower-case words joined with dots, like to='shop.lines'",
        )
    keys = (keys,) if isinstance(keys, str) else tuple(keys)
    if not columns or len(keys or columns) != len(columns):
        raise ContractError(
            f"refers_to has {len(columns)} columns and {len(keys)} keys",
            next="name the columns, and the other dataset's in the same order: "
            "refers_to('order', 'line', to='shop.lines', keys=('order_id', 'number'))",
        )
    return ReferenceRule(
        name="refers_to",
        says=f"{literal(to)} has no row for {shown(columns)}",
        reads=columns,
        dataset=to,
        keys=keys or columns,
    )
