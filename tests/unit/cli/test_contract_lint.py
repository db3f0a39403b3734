from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

CONTRACT = r"""
import pandera.polars as pa, polars as pl
from cleanhold import check, col, contract, field
from cleanhold.checks import determines, iban, json_text

@contract("shop.customers", version="2.0.0")
class Customers(pa.DataFrameModel):
    name: str = field(matches="[A-Z].+")

@contract("shop.orders", version="1.2.0", key="id", checks=[determines("zip", "city")])
class Orders(pa.DataFrameModel):
    id: str = field(matches=r"O-\d+")
    account: str = field(nullable=True, checks=[iban(), json_text()])
    zip: str = field(nullable=True)
    city: str = field(nullable=True)
    total: int = field(nullable=True, ge=0)
    net: int = field(nullable=True)
    customer: str = field(nullable=True, references="shop.customers.name")

    @check(says="is too much")
    def net_fits():
        return col("net") + 1 <= col("total")

    @pa.check("city")
    def several(cls, data):
        return data.lazyframe.group_by("zip").agg(pl.len()).select(pl.col("len").min() > 0)

    @pa.check("total", element_wise=True)
    def each(cls, value):
        return value > 0

    @pa.check("net")
    def together(cls, data):
        return data.lazyframe.select(pl.col("net").sum() > 0)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "orders.py"
    file.write_text(CONTRACT)
    return file


def test_each_check_is_told_and_what_keeps_it(file: Path, cleanhold: Run) -> None:
    said = cleanhold("contract", "lint", f"{file}:Orders", "--json")
    assert said.code == 1
    (orders,) = said.json
    assert orders.keys() == {"contract", "version", "checks", "while_reading"}
    assert (orders["contract"], orders["version"]) == ("shop.orders", "1.2.0")
    assert orders["while_reading"] == 9  # seven times present; parse of the two numbers
    because = {(c["column"], c["check"]): c["because"] for c in orders["checks"]}
    assert because == {
        ("id", "not_null"): None,
        ("id", "unique"): None,
        (
            "id",
            "str_matches",
        ): "the pattern '^(?:O-\\\\d+)$', for \\d and \\w are of all scripts in "
        "one engine and ASCII in another: [0-9], [0-9A-Za-z_]",
        ("account", "iban"): None,
        ("account", "json_text"): "str.json_path_match",
        ("total", "greater_than_or_equal_to"): None,
        ("total", "each"): "a Python function",
        ("net", "together"): "one answer for all rows together",
        ("city", "several"): "a Python function: it calls .group_by() on the frame",
        ("city", "determines"): "a query of Polars over groups of rows",
        ("customer", "references"): "the keys of another table",
        (None, "net_fits"): "+, which may leave Int64",
    }
    for check in orders["checks"]:
        assert check["portable"] is (check["because"] is None)
    remarks = {c["check"]: c["remark"] for c in orders["checks"] if c["remark"]}
    assert remarks == {
        "each": "calls a Python function with each value, which is slow",
        "several": "runs apart from the pass, with city, zip in memory",
        "determines": "runs before the pass, with city, zip in memory",
    }


def test_a_file_is_all_its_contracts_one_table_each(file: Path, cleanhold: Run) -> None:
    said = cleanhold("contract", "lint", file)
    assert said.code == 1
    assert "shop.customers 2.0.0: 2 of 2 checks are portable" in said.out
    assert "shop.orders 1.2.0: 4 of 12 checks are portable; 9 more are over" in said.out
    line = next(line for line in said.out.splitlines() if line.startswith("json_text"))
    assert line.split() == ["json_text", "account", "no", "str.json_path_match"]
    assert "note: city.several runs apart from the pass" in said.out


def test_a_portable_contract_is_fine(file: Path, cleanhold: Run) -> None:
    assert cleanhold("contract", "lint", f"{file}:Customers").code == 0


def test_a_contract_that_cannot_be_used_is_refused(tmp_path: Path, cleanhold: Run) -> None:
    said = cleanhold("contract", "lint", tmp_path / "nothing.py", "--json")
    assert said.code == 2
    assert said.json["error"]["type"] == "ContractError"


def test_checking_a_file_does_not_load_narwhals(file: Path, tmp_path: Path) -> None:
    """It is for lint, and for other engines; a check would start later by it."""
    data = tmp_path / "customers.csv"
    data.write_text("name\nAnn\n")
    program = (
        "import sys\nfrom cleanhold.cli.main import main\n"
        f"try: main(['check', {str(data)!r}, '-c', {f'{file}:Customers'!r}])\n"
        "except SystemExit as ended: assert ended.code == 0\n"
        "assert 'polars' in sys.modules\nassert 'narwhals' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
