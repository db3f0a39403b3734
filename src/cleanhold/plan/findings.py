"""From verdict bits to findings: what failed, on which row, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from cleanhold.core.check import Check, Kind, Severity
from cleanhold.core.contract import MASK
from cleanhold.core.extract import row_ids
from cleanhold.core.finding import FINDING, FINDINGS, business_key
from cleanhold.core.parsing import DataType
from cleanhold.core.reading import LENGTH, OFFSET, RECORD
from cleanhold.core.rule import FOUND
from cleanhold.plan.binding import RAW
from cleanhold.plan.plan import Plan
from cleanhold.plan.sentences import as_text, encodable, fill, shortened, shown_value

_ORDER = "__order"
_WITH_EVIDENCE = (Kind.GROUP, Kind.CHANGE)
#: Columns whose values a finding about several names.
MOST_NAMED = 6


@dataclass
class Tally:
    """How many rows failed and skipped each check, by the check's label."""

    failed: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)


def explain(
    plan: Plan, flagged: pl.DataFrame, tally: Tally, evidence: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """Add `findings` (`core.finding.FINDINGS`) to rows that have a verdict bit set.

    Args:
        plan: the compiled contract.
        flagged: rows with raw columns, values and verdict columns; not changed.
        tally: counts are added to it.
        evidence: of the checks about groups of rows and about changes; see `groups.told`.
    """
    given = {series.name: series for series in flagged.get_columns()}
    hits: dict[str, pl.Expr] = {}
    skips: dict[str, pl.Expr] = {}
    for check in plan.row_checks:
        hits[check.label] = pl.col(plan.flag(check))
        if plan.blockers(check):
            skips[check.label] = plan.unparsed(check)
            hits[check.label] &= ~skips[check.label]
    failed, skipped = _counts(flagged, hits), _counts(flagged, skips)
    tally.failed.update(failed)
    tally.skipped.update(skipped)
    pieces = []
    for order, check in enumerate(plan.row_checks):
        if check.label not in failed:
            continue
        told = _finding(plan, check, order)
        found = [check.found(check.column).alias(FOUND)] if check.found and check.column else []
        asked = (hits[check.label], *told, *found)
        read = dict.fromkeys(name for e in asked for name in e.meta.root_names())
        # Of the columns it reads alone: a query over a wide frame costs more than its answer.
        rows = pl.LazyFrame([given[n] for n in read if n in given]).filter(hits[check.label])
        rows = rows.with_columns(found)
        if check.kind in _WITH_EVIDENCE:
            known = evidence[check.label].lazy()
            rows = rows.drop(FOUND, strict=False).join(known, on=RECORD, how="left")
        pieces.append(rows.select(told))
    if not pieces:
        return flagged.with_columns(pl.lit([], dtype=FINDINGS).alias("findings"))
    findings = (
        pl.concat(pl.collect_all(pieces))
        .sort(RECORD, _ORDER)
        .group_by(RECORD, maintain_order=True)
        .agg(pl.struct(list(FINDING)).alias("findings"))
    )
    return flagged.join(findings, on=RECORD, how="left", maintain_order="left").with_columns(
        pl.col("findings").fill_null(pl.lit([], dtype=FINDINGS))
    )


def _counts(rows: pl.DataFrame, conditions: Mapping[str, pl.Expr]) -> dict[str, int]:
    """On how many rows each condition holds, where on any."""
    sums = rows.select(**{label: held.sum() for label, held in conditions.items()})
    return {label: total for row in sums.to_dicts() for label, total in row.items() if total}


def _finding(plan: Plan, check: Check, order: int) -> list[pl.Expr]:
    columns, masked = plan.dtypes, plan.masked
    value = _offending(plan, check)
    shown = pl.lit(MASK) if check.column in masked else value
    if check.kind in _WITH_EVIDENCE or check.found:
        # It may show another row's values: of any column it reads.
        columns = {**columns, FOUND: pl.String()}
        masked = masked | {FOUND} if masked.intersection(check.reads) else masked
    return [
        pl.col(RECORD),
        pl.lit(order, dtype=pl.Int32).alias(_ORDER),
        pl.lit(check.name).alias("check"),
        pl.lit(check.column, dtype=pl.String).alias("column"),
        value.alias("value"),
        fill(check.says, value=shown, columns=columns, masked=masked).alias("message"),
        pl.lit(str(check.severity)).alias("severity"),
    ]


def _offending(plan: Plan, check: Check) -> pl.Expr:
    """The value to blame, as delivered; for a check of several columns, each by name.

    The value of a personal column is kept in its own finding, which every view masks by its
    column; among others, where no view could tell, it is not.
    """
    bound = plan.bound
    own = bound.get(check.column)
    if own is not None:
        if own.raw is None:
            return pl.lit(None, dtype=pl.String)
        return shortened(as_text(pl.col(f"{RAW}{own.raw}"), own.raw_dtype))
    named = [  # not pl.format, which panics (Polars 2.1) on a frame whose first chunk is empty
        pl.concat_str(
            pl.lit(f"{r}="), shown_value(r, bound[r].column.dtype, plan.masked).fill_null("")
        )
        for r in check.reads[:MOST_NAMED]
        if r in bound
    ]
    if check.kind is Kind.LAYOUT or not named:
        return pl.lit(None, dtype=pl.String)
    return pl.concat_str(named, separator=", ")


def held_rows(plan: Plan, explained: pl.DataFrame, sha256: str, *, as_json: bool) -> pl.DataFrame:
    """Rows to hold, from rows with findings.

    Args:
        plan: the compiled contract.
        explained: what `explain` gives.
        sha256: of the extract.
        as_json: raw and parsed values as two JSON columns (a quarantine batch,
            `core.finding.HELD_SCHEMA`), else one column per raw column (for people).
    """
    held = explained.filter(_has_error())
    identity = [
        row_ids(sha256, pl.col(RECORD)).alias("row_id"),
        pl.col(RECORD).alias("record"),
    ]
    raw = [n for n in held.columns if n.startswith(RAW)]
    if not as_json:
        taken = {"row_id", "record", "findings"}
        plain = {n: n.removeprefix(RAW) for n in raw}
        dtypes = held.schema
        named = [_arrow(n, dtypes[n]).alias(n if p in taken else p) for n, p in plain.items()]
        return held.select(*identity, *named, "findings")
    key = plan.contract.key
    parsed = [b.column.name for b in plan.binding.columns]
    dtypes = held.schema  # made anew each time it is asked for
    return held.select(
        *identity,
        pl.col(OFFSET).alias("offset"),
        pl.col(LENGTH).alias("length"),
        business_key(key).alias("business_key"),
        _json({n.removeprefix(RAW): as_text(pl.col(n), dtypes[n]) for n in raw}).alias("raw"),
        _json({c: encodable(pl.col(c), dtypes[c]) for c in parsed}).alias("parsed"),
        pl.col("findings"),
    )


def warned_rows(explained: pl.DataFrame, sha256: str) -> pl.DataFrame:
    """Findings on rows that passed (`core.finding.WARNED_SCHEMA`)."""
    return explained.filter(~_has_error() & (pl.col("findings").list.len() > 0)).select(
        row_ids(sha256, pl.col(RECORD)).alias("row_id"),
        pl.col(RECORD).alias("record"),
        pl.col("findings"),
    )


def _has_error() -> pl.Expr:
    severities = pl.col("findings").list.eval(pl.element().struct.field("severity"))
    return severities.list.contains(str(Severity.ERROR))


def _arrow(name: str, dtype: DataType) -> pl.Expr:
    """A raw column as Arrow can hold it; 128 bits it cannot."""
    return pl.col(name).cast(pl.String) if dtype in (pl.Int128, pl.UInt128) else pl.col(name)


def _json(fields: dict[str, pl.Expr]) -> pl.Expr:
    if not fields:
        return pl.lit("{}")
    return pl.struct([value.alias(name) for name, value in fields.items()]).struct.json_encode()
