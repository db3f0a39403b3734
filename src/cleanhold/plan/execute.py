"""Runs a plan over raw rows: one fused streaming pass, two sinks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.account import Account
from cleanhold.core.check import Check, Kind, Severity
from cleanhold.core.contract import Contract
from cleanhold.core.extract import row_ids
from cleanhold.core.finding import REFUSED_FILE_SCHEMA
from cleanhold.core.parsing import DataType
from cleanhold.core.reading import RECORD, Unreadable
from cleanhold.plan.apart import run_apart
from cleanhold.plan.batches import batches
from cleanhold.plan.binding import bind
from cleanhold.plan.changes import change_failures
from cleanhold.plan.facts import DatasetFinding, dataset_findings
from cleanhold.plan.findings import Tally, explain, held_rows, warned_rows
from cleanhold.plan.groups import group_failures
from cleanhold.plan.keys import candidates, duplicates, presumed, reference_keys
from cleanhold.plan.neighbours import Neighbours
from cleanhold.plan.pieces import Pieces
from cleanhold.plan.plan import Plan
from cleanhold.plan.rows import Rows


@dataclass(frozen=True, slots=True)
class CheckCount:
    """What became of one check: rows that failed it, by severity, and rows it was skipped on.

    A check about the whole extract counts as one row.
    """

    check: str
    column: str | None
    severity: str
    failed: int
    warned: int
    skipped: int

    def as_dict(self) -> dict[str, Any]:
        return {
            "check": self.check,
            "column": self.column,
            "severity": self.severity,
            "failed": self.failed,
            "warned": self.warned,
            "skipped": self.skipped,
        }


@dataclass(frozen=True, slots=True)
class Split:
    """An extract divided: each record in exactly one of three files.

    Attributes:
        clean: rows that passed: `row_id`, `record`, the contract's columns.
        held: rows with findings of severity `error`.
        warned: findings on rows in `clean`.
        refused: records that could not become rows.
        headers: raw columns → dtype as text.
        columns: contract column → the raw column it was read from.
        dataset_findings: what is wrong with all rows together; of severity `error`, readers
            must not get the extract.
        encoding: how text was decoded; None for typed formats.
        unfit: why the extract's columns are not what the contract asks for, in words; readers
            must not get the extract either.
    """

    clean: Path
    held: Path
    warned: Path
    refused: Path
    account: Account
    checks: tuple[CheckCount, ...]
    notes: tuple[str, ...]
    headers: Mapping[str, str]
    columns: Mapping[str, str]
    dataset_findings: tuple[DatasetFinding, ...] = ()
    encoding: str | None = None
    unfit: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the pass needs to know beforehand.

    Attributes:
        candidates: what `keys.candidates` found.
        keys: label of a reference check → values that exist.
    """

    candidates: dict[str, pl.DataFrame]
    keys: dict[str, pl.Series]


def look_ahead(plan: Plan, rows: pl.LazyFrame, tables: Mapping[str, pl.LazyFrame]) -> Ahead:
    """The pre-passes: over key columns alone, and over the tables that references name.

    Args:
        plan: the compiled contract.
        rows: all raw rows, in order.
        tables: dataset → clean table, for references.

    Raises:
        ContractError: a table lacks the column a reference names.
    """
    keys = reference_keys(plan, tables)
    return Ahead(candidates(plan, rows), keys)


def compile_plan(
    contract: Contract,
    columns: Mapping[str, DataType],
    unreadable: Mapping[str, Unreadable] | None = None,
) -> Plan:
    """The plan of a contract for an extract with these raw columns.

    Args:
        unreadable: what the reader could not read; see `core.reading.Framing`.
    """
    unreadable = unreadable or {}
    return Plan(contract, bind(contract, columns, unreadable), dict(columns), unreadable)


@dataclass(frozen=True, slots=True)
class Judged:
    """What the fused pass wrote.

    Attributes:
        clean: the rows that passed, as `Split.clean`.
        flagged: record numbers and verdicts of the rows with any.
        failing: what the pass took for the rows that fail checks judged before it.
    """

    clean: Path
    flagged: Path
    failing: dict[str, pl.Series]


def judge(plan: Plan, rows: pl.LazyFrame, ahead: Ahead, sha256: str, into: Path) -> Judged:
    """The fused pass, over rows none of which was refused; keys count as equal if their hashes do.

    Not for a plan whose `needs_whole_columns`.

    Args:
        plan: the compiled contract.
        rows: all raw rows, in order.
        ahead: what `look_ahead` found.
        sha256: of the extract; begins every row id.
        into: folder for the files.
    """
    nothing = pl.Series(dtype=pl.UInt64)
    return _pass(plan, rows, ahead, presumed(plan, ahead.candidates, nothing), sha256, into)


def _pass(
    plan: Plan,
    rows: pl.LazyFrame,
    ahead: Ahead,
    failing: dict[str, pl.Series],
    sha256: str,
    into: Path,
) -> Judged:
    clean, flagged = into / "clean.parquet", into / "flagged.parquet"
    _sink(plan, plan.verdicts(plan.values(rows), failing, ahead.keys), sha256, clean, flagged)
    return Judged(clean, flagged, failing)


def execute(
    plan: Plan,
    rows: Rows,
    ahead: Ahead,
    judged: Judged | None = None,
    *,
    published: pl.LazyFrame | None,
    sha256: str,
    into: Path,
    held_as_json: bool,
    neighbours: Neighbours | None = None,
) -> Split:
    """Divide rows into clean and held, with the findings of each row.

    Args:
        plan: the compiled contract.
        rows: the raw rows.
        ahead: what `look_ahead` found out.
        judged: what `judge` wrote, if these rows went through it already.
        published: the rows of the dataset that readers have, for checks of changes.
        sha256: of the extract; begins every row id.
        into: folder for the files of the split.
        held_as_json: see `findings.held_rows`.
        neighbours: other rows of the extract, which are not judged; None if there are none.

    Raises:
        AccountUnbalanced: the files do not hold each record once. A defect; nothing is lost,
            for the raw rows are still there.
    """
    twice = duplicates(plan, rows, ahead.candidates, neighbours)
    changes = change_failures(plan, rows.scan(), published)
    groups = {**group_failures(plan, rows.scan(), neighbours), **changes.failing}
    apart = run_apart(plan, rows.scan(), neighbours)
    plan = apart.plan
    failing = {**twice, **{label: f[RECORD] for label, f in groups.items()}, **apart.failing}
    if judged is None or not _same(judged.failing, failing):
        judged = _pass(plan, rows.scan(), ahead, failing, sha256, into)
    clean, flagged = judged.clean, judged.flagged
    tally = Tally()
    held, warned = into / "held.parquet", into / "warned.parquet"
    counts = _put_into_words(plan, rows, flagged, sha256, held, warned, tally, groups, held_as_json)
    flagged.unlink()
    refused_file = into / "refused.parquet"
    _refused_rows(rows.scan_refused(), sha256).sink_parquet(refused_file, compression="zstd")
    account = Account(
        records=rows.count + len(rows.refused),
        clean=_height(clean),
        held=counts[0],
        refused=len(rows.refused),
        warned=counts[1],
    )
    account.require_balance(f"extract {sha256[:16]}, contract {plan.contract.dataset}")
    notes = [*plan.binding.notes, *apart.notes, *changes.not_run.values()]
    not_run = {*apart.skipped, *changes.not_run}
    for check in plan.checks:
        if check.kind is Kind.REFERENCE and check.label not in ahead.keys:
            not_run.add(check.label)
            notes.append(f"not checked: {check.label}, for {check.reference} is not at hand")
    whole = {**dataset_findings(plan, rows.scan()), **apart.whole}
    notes += [f.message for f in whole.values()]
    tally.failed.update(whole.keys())
    tally.skipped.update(
        c.label for c in plan.checks if c.kind is Kind.DATASET and plan.is_missing(c)
    )
    checks = tuple(_count(c, tally, rows.count if c.label in not_run else 0) for c in plan.checks)
    bound = [b for b in plan.binding.columns if b.raw is not None]
    return Split(
        clean=clean,
        held=held,
        warned=warned,
        refused=refused_file,
        account=account,
        checks=checks,
        notes=tuple(notes),
        headers={name: str(dtype) for name, dtype in plan.raw.items()},
        columns={b.column.name: str(b.raw) for b in bound},
        dataset_findings=tuple(whole.values()),
        unfit=plan.binding.unfit,
    )


def _sink(plan: Plan, judged: pl.LazyFrame, sha256: str, clean: Path, flagged: Path) -> None:
    """The fused pass: clean rows to one file, the verdicts of rows with any to another."""
    errors, every = plan.flags(Severity.ERROR), plan.flags()
    bad = pl.any_horizontal(errors) if errors else pl.lit(False)
    any_bit = pl.any_horizontal(every) if every else pl.lit(False)
    judged = judged.with_columns(bad.alias("__bad"), any_bit.alias("__any"))
    sinks = [
        judged.filter(~pl.col("__bad"))
        .select(plan.clean_columns(sha256))
        .sink_parquet(clean, lazy=True, compression="lz4"),
        judged.filter("__any")
        .select(RECORD, *every)
        .sink_parquet(flagged, lazy=True, compression="lz4", statistics=False),
    ]
    pl.collect_all(sinks, engine="streaming")


def _put_into_words(
    plan: Plan,
    rows: Rows,
    flagged: Path,
    sha256: str,
    held: Path,
    warned: Path,
    tally: Tally,
    evidence: Mapping[str, pl.DataFrame],
    as_json: bool,
) -> tuple[int, int]:
    """Write the held rows and the findings on rows that passed; (held, warned) counts."""
    with Pieces(held) as all_held, Pieces(warned) as all_warned:
        for batch in batches(flagged, plan.flags(), len(plan.raw)):
            raw = rows.fetch(batch[RECORD])
            values = plan.values(raw.lazy()).collect()
            explained = explain(plan, values.hstack(batch.drop(RECORD)), tally, evidence)
            all_held.write(held_rows(plan, explained, sha256, as_json=as_json))
            all_warned.write(warned_rows(explained, sha256))
    return all_held.height, all_warned.height


def _same(some: dict[str, pl.Series], others: dict[str, pl.Series]) -> bool:
    return some.keys() == others.keys() and all(
        some[label].equals(others[label], check_names=False) for label in others
    )


def _refused_rows(refused: pl.LazyFrame, sha256: str) -> pl.LazyFrame:
    return refused.with_columns(row_ids(sha256, pl.col("record")).alias("row_id")).select(
        pl.col(name).cast(dtype) for name, dtype in REFUSED_FILE_SCHEMA.items()
    )


def _count(check: Check, tally: Tally, not_evaluated: int) -> CheckCount:
    failed = tally.failed[check.label]
    is_error = check.severity is Severity.ERROR
    return CheckCount(
        check=check.name,
        column=check.column,
        severity=str(check.severity),
        failed=failed if is_error else 0,
        warned=0 if is_error else failed,
        skipped=tally.skipped[check.label] or not_evaluated,
    )


def _height(path: Path) -> int:
    return int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
