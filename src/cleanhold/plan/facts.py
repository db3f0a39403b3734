"""Checks about all rows together: one answer each, and no row to blame."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from cleanhold.core.check import Check, Kind, Severity
from cleanhold.plan.plan import Plan
from cleanhold.plan.sentences import ROW_FAILS


@dataclass(frozen=True, slots=True)
class DatasetFinding:
    """A check about the whole extract that failed.

    Attributes:
        severity: `error` stops the extract at candidate, `warn` is only told.
    """

    check: str
    column: str | None
    message: str
    severity: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def dataset_findings(plan: Plan, rows: pl.LazyFrame) -> dict[str, DatasetFinding]:
    """What is wrong with the extract as a whole, by the check's label.

    All rows count, those with findings too; a value that could not be parsed is a null. A check
    of a column that the extract does not have is skipped.

    Args:
        plan: the compiled contract.
        rows: all raw rows, raw columns under `raw:`.
    """
    checks = [c for c in plan.checks if c.kind is Kind.DATASET and not plan.is_missing(c)]
    if not checks:
        return {}
    reads = tuple({name for check in checks for name in check.reads})
    answers = [c.passes.alias(c.label) for c in checks if c.passes is not None]
    row = plan.values(rows, only=reads).select(answers).collect(engine="streaming").row(0)
    return {
        c.label: DatasetFinding(c.name, c.column, whole_sentence(c), str(c.severity))
        for c, passed in zip(checks, row, strict=True)
        if not passed
    }


def whole_sentence(check: Check) -> str:
    """The sentence of a check that failed on all rows together: there is no value to show."""
    if "{value}" in check.says:  # a check that could have been about rows
        return f"{check.column} as a whole fails {check.name}"
    says = check.says.removeprefix(ROW_FAILS)
    if says != check.says:
        return f"the extract as a whole fails{says}"
    return check.says.replace("{{", "{").replace("}}", "}")


def stops(findings: tuple[DatasetFinding, ...]) -> dict[str, str]:
    """Label → sentence of those that stop an extract."""
    return {
        f"{f.column}.{f.check}" if f.column else f.check: f.message
        for f in findings
        if f.severity == Severity.ERROR
    }
