"""dataframely: `Schema.filter` of a lazy frame, both sides collected together.

dataframely_filter.py FILE ACCOUNTS FOLDER
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date

import dataframely as dy
import polars as pl
from rows import CUSTOM, TEXTS, known, scan, write
from rules import CREATED, KNOWN, NAME_LENGTH, NUMBERS, PRESENT, READ, whole

_, file, accounts, folder = sys.argv
LOW, HIGH = map(date.fromisoformat, CREATED)


def _rule(passes: pl.Expr) -> Callable[[], pl.Expr]:
    return dy.rule()(lambda cls: passes)


def _text(column: str) -> dy.String:
    return dy.String(nullable=column not in PRESENT, regex=whole(column))


def _known(column: str) -> dy.String:
    return dy.String(
        nullable=column not in PRESENT, check={"known": lambda value: value.is_in(KNOWN[column])}
    )


def _number(column: str) -> dy.Float64:
    low, high = NUMBERS[column]
    return dy.Float64(nullable=True, min=low, max=high)


#: Written as a class, this would be the same: the library reads the attributes.
Opportunities = type(dy.Schema)(
    "Opportunities",
    (dy.Schema,),
    {
        "record": dy.UInt32(),
        "opp_id": _text("opp_id"),
        "account_id": dy.String(nullable=False),
        "email": _text("email"),
        "contact_name": dy.String(
            nullable=False,
            check={"length": lambda value: value.str.len_chars().is_between(*NAME_LENGTH)},
        ),
        "country": _known("country"),
        "stage": _known("stage"),
        "amount": _number("amount"),
        "probability": _number("probability"),
        "created_date": dy.Date(nullable=False, min=LOW, max=HIGH),
        "close_date": dy.Date(nullable=True),
        "is_active": dy.Bool(nullable=True),
        "phone": _text("phone"),
        **{text: dy.String(nullable=True) for text in TEXTS},
        **{f"{column}_unread": dy.Bool() for column in READ},
        **{name: _rule(passes) for name, passes in CUSTOM.items()},
        "account_id_known": _rule(known(accounts)),
        # Its own `unique` takes two nulls for the same value.
        "opp_id_unique": _rule(pl.col("opp_id").is_null() | pl.col("opp_id").is_unique()),
    },
)

#: What dataframely calls its own checks, as the rules are called.
NAMES = {
    "nullability": "present",
    "regex": "format",
    "check__length": "length",
    "check__known": "known",
    "min": "range",
    "max": "range",
}


def _name(rule: str) -> str:
    column, _, check = rule.partition("|")
    return f"{column}_{NAMES.get(check, check)}" if check else column


clean, failure = Opportunities.filter(scan(file)).collect_all(engine="streaming")
details = failure.details()
failed = [
    pl.when(pl.col(rule) == "invalid").then(pl.lit(_name(rule)))
    for rule, kind in details.schema.items()
    if isinstance(kind, pl.Enum)
]
write(folder, clean, details.with_columns(failed=pl.concat_list(failed).list.drop_nulls()))
