"""Memory stays bounded however long the extract: every parse rule is applied as rows stream by."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cleanhold import (
    booleans,
    codes,
    dates,
    datetimes,
    decimal,
    integer,
    julian,
    load_contract,
    text,
)
from cleanhold.builtins import default_rule
from cleanhold.core.contract import Column, Contract
from cleanhold.core.parsing import DataType, ParseRule
from cleanhold.testing.check_suite import in_bounded_memory

ROOT = Path(__file__).parents[3]
CONTRACTS = [*sorted((ROOT / "contracts").glob("[!_]*.py")), ROOT / "benchmarks" / "contract.py"]


@pytest.mark.parametrize(
    ("rule", "dtype"),
    [
        (text(lower=True), pl.String()),
        (codes({"A": "1", "B": "2"}), pl.Int64()),
        (booleans(), pl.Boolean()),
        (decimal(thousands=",", symbols="$", percent=True, negatives=True), pl.Float64()),
        (decimal(implied=2), pl.Decimal(12, 2)),
        (integer(thousands="."), pl.Int64()),
        (dates("%Y-%m-%d", "%d/%m/%Y"), pl.Date()),
        (julian(), pl.Date()),
        (datetimes("%Y-%m-%d %H:%M:%S"), pl.Datetime("us")),
        (datetimes("%Y-%m-%d %H:%M:%S"), pl.Datetime("us", "Europe/Paris")),
        (None, pl.Float64()),
        (None, pl.Date()),
    ],
    ids=str,
)
def test_parse_rules(rule: ParseRule | None, dtype: DataType) -> None:
    contract = Contract(
        "tried.table", (Column("a", dtype, parse=rule or default_rule(dtype), nullable=True),), ()
    )
    assert in_bounded_memory(contract, pl.DataFrame({"a": ["1"]}))


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.stem)
def test_contracts(path: Path) -> None:
    contract = load_contract(str(path))
    raw = {c.name: pl.String if c.parse else c.dtype for c in contract.columns}
    assert in_bounded_memory(contract, pl.DataFrame(schema=raw))
