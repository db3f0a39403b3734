"""A file and a contract, judged: through the door that users take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cleanhold import check_file, delimited, load_contract, parquet
from cleanhold.core.account import Account
from cleanhold.plan.facts import DatasetFinding

HEAD = """from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Optional
import pandera.polars as pa
import polars as pl
from cleanhold import *
from cleanhold import checks
"""


@dataclass(frozen=True)
class Judged:
    clean: pl.DataFrame
    held: pl.DataFrame
    findings: pl.DataFrame
    account: Account
    notes: tuple[str, ...]
    counts: Mapping[tuple[str, str | None], tuple[int, int, int]]
    dataset_findings: tuple[DatasetFinding, ...]
    held_back: bool

    @property
    def records(self) -> tuple[list[int], list[int]]:
        """Record numbers that are clean, and that are held."""
        return self.clean["record"].to_list(), self.held["record"].to_list()

    @property
    def verdicts(self) -> list[tuple[int, str, str | None]]:
        rows = self.findings.sort("record", maintain_order=True).iter_rows(named=True)
        return [(r["record"], r["check"], r["column"]) for r in rows]

    @property
    def messages(self) -> list[str]:
        return self.findings["message"].to_list()


Judge = Callable[..., Judged]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    def judged(
        contract: str,
        data: str | pl.DataFrame,
        *,
        tables: Mapping[str, pl.LazyFrame] | None = None,
        terms: str = "",
    ) -> Judged:
        """`contract` is the body of a model, or a whole file; `data` CSV or a frame."""
        if "pa.DataFrameSchema(" not in contract and "class A(" not in contract:
            body = "".join(f"    {line}\n" for line in contract.strip().splitlines())
            contract = (
                f'@contract("a.b", version="1", {terms})\nclass A(pa.DataFrameModel):\n{body}'
            )
        file = tmp_path / "c.py"
        file.write_text(HEAD + contract)
        declared = load_contract(f"{file}:A" if "class A(" in contract else str(file))
        path: Any = tmp_path / ("d.csv" if isinstance(data, str) else "d.parquet")
        if isinstance(data, str):
            path.write_text(data)
        else:
            data.write_parquet(path)
        reader = delimited() if isinstance(data, str) else parquet()
        report = check_file(path, declared, reader, out=tmp_path / "out", tables=tables)
        parts = {n: pl.read_parquet(p) for n, p in report.files.items() if n != "refused"}
        found = pl.concat(p.select("record", "findings") for n, p in parts.items() if n != "clean")
        return Judged(
            clean=parts["clean"].drop("row_id"),
            held=parts["held"],
            findings=found.explode("findings").unnest("findings"),
            account=report.account,
            notes=report.notes,
            dataset_findings=report.dataset_findings,
            held_back=report.held_back,
            counts={(c.check, c.column): (c.failed, c.warned, c.skipped) for c in report.checks},
        )

    return judged
