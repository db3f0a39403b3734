"""What lineage tells of the values of a table: only of columns of numbers that are not personal."""

from __future__ import annotations

from typing import Any

import polars as pl

from tests.unit.pipeline.test_lineage_of_acts import last, told

FEATURES = """
import pandera.polars as pa
import polars as pl
from cleanhold import contract, field


@contract("features.pay", version="1.0.0", owner="o@example.org", key="id", load="replace")
class Pay(pa.DataFrameModel):
    id: str = field(unique=True)
    salaries: pl.List(pl.Int64) = field(pii="direct")
    person: pl.Struct({"age": pl.Int64}) = field(pii="direct")
"""

MADE = """
import polars as pl
from cleanhold import feature


@feature("features.pay", orders="shop.orders")
def pay(orders):
    amount = pl.col("amount").cast(pl.Int64)
    return orders.select(
        "id", salaries=pl.concat_list(amount * 1000), person=pl.struct(age=amount * 7)
    )
"""

FROM_PARQUET = """
from cleanhold import Source
from cleanhold.readers import parquet

sources = [Source(name="shop.orders", arrives="in", pattern="orders_*.parquet", reader=parquet(),
                  dated=r"_([0-9]{4}-[0-9]{2}-[0-9]{2})")]
"""


def metrics(small: Any, job: str) -> dict[str, Any]:
    facets = last(small, job)["outputs"][0]["facets"]
    return facets["dataQualityMetrics"]["columnMetrics"]  # type: ignore[no-any-return]


def test_nothing_is_told_of_what_is_within_a_value(small: Any) -> None:
    small.contract().deliver("02", "a,5,", "b,7,")
    small.write("contracts/features_pay.py", FEATURES)
    small.write("flows/features.py", MADE)
    assert small.states() == ["published", "published"]
    assert metrics(small, "build.features.pay").keys() == {"row_id", "record", "id"}


def test_a_date_that_python_has_not_is_not_measured(small: Any) -> None:
    contract = small.contract(more="day: date = field()").root / "contracts/shop_orders.py"
    contract.write_text(f"from datetime import date\n{contract.read_text()}")
    small.write("flows/sources.py", FROM_PARQUET)
    day = pl.Series([4_000_000], dtype=pl.Int32).cast(pl.Date)
    table = pl.DataFrame({"id": ["a"], "amount": [1], "note": ["x"], "day": day})
    table.write_parquet(small.root / "in" / "orders_2026-11-02.parquet")
    assert small.states() == ["published"]
    assert told(small, "ingest.shop.orders")[-1] == "COMPLETE"
    assert metrics(small, "ingest.shop.orders")["day"] == {"nullCount": 0, "count": 1}
    assert metrics(small, "ingest.shop.orders")["amount"]["max"] == 1.0
