"""What a guard leaves to Polars: no more than is read, and no value in what goes wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

import cleanhold
from cleanhold.errors import ContractError
from cleanhold.online.guard import Guard
from cleanhold.online.left import Left

CONTRACT = """
import pandera.polars as pa
import polars as pl
from cleanhold import Expr, check, col, contract, field

@contract("a.wide", version="1")
class Wide(pa.DataFrameModel):
    name: str = field(pii="direct", nullable=True)
""" + "".join(f"    c{n}: int = field(nullable=True)\n" for n in range(50))

SUM = """
    @check(says="too small")
    def enough() -> Expr:
        return col("c1") + col("c2") > 0
"""
CAST = """
    @check(says="no number")
    def number() -> Expr:
        return col("name").cast(pl.Int64) > 0
"""


def guard(tmp_path: Path, check: str) -> Guard:
    file = tmp_path / "c.py"
    file.write_text(CONTRACT + check)
    return cleanhold.guard(str(file))


def test_only_what_a_check_reads_is_evaluated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Left] = []
    original = Left.__init__

    def remembered(self: Left, *given: object) -> None:
        original(self, *given)  # type: ignore[arg-type]
        made.append(self)

    monkeypatch.setattr(Left, "__init__", remembered)
    record = {"name": "ada", **{f"c{n}": "0" for n in range(50)}}
    found = guard(tmp_path, SUM).check(record)
    assert [f.check for f in found.findings] == ["enough"]
    assert [len(left._values) for left in made if left.checks == ("enough",)] == [2]


def test_what_raises_tells_no_value(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="conversion from `str` to `i64`") as caught:
        guard(tmp_path, CAST).check({"name": "secret"})
    assert "secret" not in str(caught.value)
