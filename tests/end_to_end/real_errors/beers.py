"""Craft beers as they were collected: units, marks and missing values of many kinds."""

from typing import Annotated

import pandera.polars as pa
import polars as pl

from cleanhold import Expr, check, col, contract, decimal, field
from cleanhold.checks import determines

SHARE = Annotated[pl.Decimal, 4, 3]
OUNCES = Annotated[pl.Decimal, 4, 1]
UNITS = ["oz", "oz.", "OZ.", "ounce", "oz. Alumi-Tek", "oz. Silo Can"]


@contract(
    "beers.beers",
    version="1",
    owner="beers@example.org",
    key="id",
    nulls=("", "N/A"),
    checks=[
        determines("brewery_id", "brewery_name"),
        determines("brewery_id", "city"),
        determines("brewery_id", "state"),
    ],
)
class Beers(pa.DataFrameModel):
    index: int = field()
    id: int = field()
    beer_name: str = field()
    style: str = field(nullable=True)
    ounces: OUNCES = field(parse=decimal(units=UNITS), gt=0)
    abv: SHARE = field(nullable=True, parse=decimal(percent=True, rounded=True), in_range=(0, 1))
    ibu: int = field(nullable=True)
    brewery_id: int = field()
    brewery_name: str = field()
    city: str = field()
    state: str = field(matches="[A-Z]{2}")

    @check(says="{city} ends with a state, which belongs into its own column", column="city")
    def city_without_state() -> Expr:
        return ~col("city").str.contains(r" [A-Z]{2}\z")
