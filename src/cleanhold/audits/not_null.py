"""Columns that the contract promises to fill, read back from the whole table."""

from __future__ import annotations

import polars as pl

from cleanhold.core.audit import AuditResult, Candidate, Verdict
from cleanhold.core.check import Kind, Severity
from cleanhold.core.contract import Contract


def not_null(candidate: Candidate) -> AuditResult:
    """Stop a candidate that has nulls where the contract allows none.

    Row checks see one extract; rows that were published under an earlier contract lack the
    columns it has gained since.
    """
    rows = pl.scan_parquet(list(candidate.data), glob=False)
    have = rows.collect_schema().names()
    promised = [name for name in _promised(candidate.contract) if name in have]
    if not promised:
        return AuditResult("not_null", Verdict.PASS, "the contract promises no column is filled")
    counts = rows.select(pl.col(promised).null_count()).collect(engine="streaming")
    empty = {name: count for name, count in counts.row(0, named=True).items() if count}
    if not empty:
        return AuditResult("not_null", Verdict.PASS, "no promised value is missing", "0", "0")
    listed = ", ".join(f"{name} in {count}" for name, count in empty.items())
    what = (
        f"in the merged table values are missing that the contract promises ({listed} rows): "
        "let the column be nullable, give it a default, or have everything delivered again"
    )
    missing = str(sum(empty.values()))
    return AuditResult("not_null", Verdict.STOP, what, missing, "0", promised=True)


def _promised(contract: Contract) -> list[str]:
    checks = [
        c for c in contract.checks if c.kind is Kind.NOT_NULL and c.severity is Severity.ERROR
    ]
    columns = (contract.column(check.column or "") for check in checks)
    return [column.name for column in columns if column and column.required and not column.regex]
