"""What looks like a mistake in a contract and is none loads; what pandera takes, we take."""

from __future__ import annotations

import sys
from pathlib import Path

import pandera.polars as pa
import pytest

import cleanhold
from cleanhold.errors import ContractError
from cleanhold.plan.load import load_contract

HEAD = """from decimal import Decimal
import pandera.polars as pa
import polars as pl
from cleanhold import *
from cleanhold import checks
"""

TERMS = '@contract("a.b", version="1")\n'

GOOD = {
    "a default that 32 bits hold nearly": (
        "class M(pa.DataFrameModel):\n    x: pl.Float32 = pa.Field(default=0.1, nullable=True)\n"
    ),
    "a default that 64 bits hold nearly": (
        "class M(pa.DataFrameModel):\n    x: float = pa.Field(default=2**60 + 1, nullable=True)\n"
    ),
    "whole numbers among decimals": (
        f"{TERMS}class M(pa.DataFrameModel):\n"
        "    x: Decimal = pa.Field(isin=[0, 0.5, Decimal('0.25'), 1])\n"
    ),
    "an inherited check of columns that only some models have": (
        "class Base(pa.DataFrameModel):\n"
        "    x: int\n"
        "    @pa.check('_at$', regex=True)\n"
        "    def c(cls, data):\n"
        "        return data.lazyframe.select(pl.col(data.key).is_not_null())\n"
        f"{TERMS}class M(Base):\n    y: int\n"
    ),
    "an older class of the name": (
        "class M(pa.DataFrameModel):\n    y: int\n    y: str\n"
        f"{TERMS}class M(pa.DataFrameModel):\n    x: int\n"
    ),
    "another class of the name, in a class": (
        "class Tools:\n    class M:\n"
        "        def x(self): ...\n        def x(self): ...\n"
        f"{TERMS}class M(pa.DataFrameModel):\n    x: int\n"
    ),
}


@pytest.mark.parametrize("case", GOOD)
def test_loads(case: str, tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text(HEAD + GOOD[case])
    assert load_contract(str(path)).columns[0].name == "x"


@pytest.mark.parametrize("how", ["", ", element_wise=True"])
def test_a_default_on_which_a_check_raises_is_noted(how: str, tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    body = "x[5] > 'a'" if how else "x.lazyframe.select(pl.col('x').cast(pl.Int64) > 1)"
    path.write_text(
        f"{HEAD}class M(pa.DataFrameModel):\n"
        "    x: str = pa.Field(default='a', nullable=True)\n"
        f"    @pa.check('x'{how})\n"
        f"    def c(cls, x):\n        return {body}\n"
    )
    (note, *_) = load_contract(str(path)).notes
    assert note.startswith("the default 'a' of 'x' makes c raise an error")


def test_a_model_of_a_notebook_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands in no file, and Python says so in its own way."""
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    space = {"pa": pa, "__name__": "__main__"}
    exec("class M(pa.DataFrameModel):\n    x: int = pa.Field(ge=0)\n", space)
    assert not cleanhold.guard(space["M"]).check({"x": "-1"}).ok


BAD = {
    "twice in a nested model": (
        "def make():\n    class M(pa.DataFrameModel):\n        x: int\n        x: str\n"
        "    return M\nM = make()\n",
        "'x' is written twice",
    ),
    "fields in a mixin": (
        "class Mixin:\n    y: int = pa.Field()\nclass M(Mixin, pa.DataFrameModel):\n    x: int\n",
        "pandera cannot make a",
    ),
    "an infinite default": (
        "class M(pa.DataFrameModel):\n    x: pl.Float32 = pa.Field(default=1e300)\n",
        "would become inf",
    ),
    "text for a list": (
        '@contract("a.b", version="1", checks=[checks.implies("x", 1, then="y", is_in="yes")])\n'
        "class M(pa.DataFrameModel):\n    x: int\n    y: str\n",
        "'yes' is one text, not a list of values",
    ),
}


for wrong, message in {
    'goes_with("x", "y", pairs={1: "yes"})': "'yes' is one text",
    'together_in("x", "y", allowed=["DE"])': "needs combinations of 2 values",
    "together_in(allowed=[()])": "needs combinations of 0 values",
    'checked_when("y", checks.iban, when="x")': "'iban', which is no check of a column",
    'checked_when("y", checks.json_schema({}), when="x")': "cannot take 'json_schema'",
    'refers_to("x", to="Shop Lines")': "to='Shop Lines', which is no dataset name",
}.items():
    BAD[wrong] = (
        f'@contract("a.b", version="1", checks=[checks.{wrong}])\n'
        "class M(pa.DataFrameModel):\n    x: int\n    y: str\n",
        message,
    )


@pytest.mark.parametrize("case", BAD)
def test_is_still_refused(case: str, tmp_path: Path) -> None:
    text, message = BAD[case]
    path = tmp_path / "m.py"
    path.write_text(HEAD + text)
    with pytest.raises(ContractError, match=message):
        load_contract(str(path))
