"""A contract of what is translated, and of what is not, side by side."""

from datetime import date, datetime
from typing import Annotated

import pandera.polars as pa
import polars as pl

from cleanhold import check, col, contract, dates, datetimes, decimal, field, number, text

Money = Annotated[pl.Decimal, 12, 2]
Choice = Annotated[pl.Enum, ["a", "ab", "Y"]]
Moment = Annotated[pl.Datetime, "us", None]
Tick = Annotated[pl.Datetime, "ms", None]
There = Annotated[pl.Datetime, "us", "Europe/Madrid"]


@contract("a.zoo", version="1", owner="a@b.example", key="id", nulls=("", "?"))
class Zoo(pa.DataFrameModel):
    """What is translated, and what is not, side by side."""

    id: str = field(parse=text(trim=False), matches=r"\w+\s?\d*")
    small: pl.Int8 = field(nullable=True, isin=[1, 5, 100, 300], severity="warn")
    plain: int = field(ge=-5, ne=7, default=12)
    ratio: float = field(nullable=True, parse=number(), lt=1.5, ge=-1)
    single: pl.Float32 = field(nullable=True, gt=0)
    price: Money = field(
        nullable=True,
        parse=decimal(
            negatives=True, percent=True, symbols="$€", units=["kg", "kg."], rounded=True
        ),
        gt=-2,
    )
    choice: Choice = field(nullable=True)
    short: str = field(
        nullable=True,
        parse=text(collapse=True, upper=True),
        str_length={"min_value": 1, "max_value": 9},
    )
    day: date = field(nullable=True, parse=dates("%d%m%y", "%Y-%m-%d", "%y/%m/%d"))
    moment: Moment = field(nullable=True, parse=datetimes(), le=datetime(2024, 6, 1))
    tick: Tick = field(nullable=True, parse=datetimes("%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M:%S%.f%z"))
    there: There = field(nullable=True, parse=datetimes())
    said: str = field(nullable=True, str_startswith="a", pii="direct")
    tail: str = field(nullable=True, str_contains=r"(a+)+$", str_endswith="a")

    @check(says="{said} and {small} and {price}, {ratio} of {day}")
    def sum_is_small() -> pl.Expr:
        return col("small") + col("plain") < 100

    @check(says="{said} is not {tail}", severity="warn")
    def said_is_tail() -> pl.Expr:
        return (col("said") == col("tail")) | ~col("said").is_in(["a", "ab"])

    @check(says="{ratio} or {price}", column="ratio")
    def ratio_is_known() -> pl.Expr:
        return (
            pl.when(col("small") > 3)
            .then(col("ratio").is_between(0, 1))
            .otherwise(col("price") >= 1)
        )

    @check(says="{plain} is the largest at {moment} and {tick}")
    def below_the_mean() -> pl.Expr:
        return col("plain") <= col("plain").max()
