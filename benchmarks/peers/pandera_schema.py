"""The rules as a pandera schema."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandera.polars as pa
import polars as pl
from rows import CUSTOM, known
from rules import CREATED, KNOWN, NAME_LENGTH, NUMBERS, PRESENT, whole


def schema(accounts: str, **options: Any) -> pa.DataFrameSchema:
    """The rules, every check under its name."""
    low, high = map(date.fromisoformat, CREATED)
    between = pa.Check.in_range
    columns = {
        "opp_id": _column("opp_id", pl.String, _pattern("opp_id"), unique=True),
        "account_id": _column(
            "account_id", pl.String, _custom("account_id_known", known(accounts))
        ),
        "email": _column("email", pl.String, _pattern("email")),
        "contact_name": _column(
            "contact_name",
            pl.String,
            pa.Check.str_length(*NAME_LENGTH, error="contact_name_length"),
        ),
        "country": _column("country", pl.String, _known("country")),
        "stage": _column("stage", pl.String, _known("stage")),
        "amount": _column("amount", pl.Float64, _range("amount")),
        "probability": _column("probability", pl.Float64, _range("probability")),
        "created_date": _column(
            "created_date", pl.Date, between(low, high, error="created_date_range")
        ),
        "close_date": _column("close_date", pl.Date),
        "is_active": _column("is_active", pl.Boolean),
        "phone": _column("phone", pl.String, _pattern("phone")),
    }
    return pa.DataFrameSchema(columns, **options)


def _column(name: str, kind: Any, *checks: pa.Check, unique: bool = False) -> pa.Column:
    own = [_custom(rule, passes) for rule, passes in CUSTOM.items() if rule.startswith(name)]
    return pa.Column(kind, [*checks, *own], nullable=name not in PRESENT, unique=unique)


def _custom(rule: str, passes: pl.Expr) -> pa.Check:
    return pa.Check(lambda data: data.lazyframe.select(passes), error=rule)


def _pattern(column: str) -> pa.Check:
    return pa.Check.str_matches(whole(column), error=f"{column}_format")


def _known(column: str) -> pa.Check:
    return pa.Check.isin(KNOWN[column], error=f"{column}_known")


def _range(column: str) -> pa.Check:
    return pa.Check.in_range(*NUMBERS[column], error=f"{column}_range")
