"""Loss bias: did holding rows back change who is in the table?

A table can be made of good rows and still be wrong about a population: if every tenth customer of
one branch is held, and every hundredth of the others, models learn from a world that has less of
that branch.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cleanhold.audits.proportions import bonferroni, newcombe, quantile_of
from cleanhold.audits.segments import segments, shown
from cleanhold.core import chart
from cleanhold.core.audit import AuditResult, Candidate, Evidence, Verdict

#: How sure the audit is of all its comparisons together.
CONFIDENCE = 0.99

_FINE = "no segment surely lost more than the others"

#: Segments that the evidence lists, the worst first.
_MOST_EVIDENCE = 20


def loss_bias(candidate: Candidate) -> AuditResult:
    """Stop a candidate that lost more of one segment than of the others.

    For each segment of each column in the contract's `segments`, the share of its rows that is
    held is compared with that of all other rows. It stops if the difference is beyond the
    contract's `loss_bias` even at the low end of its confidence interval (Newcombe's, corrected
    for the number of segments by Bonferroni's inequality), and warns if the estimate is, and chance
    alone does not explain a difference. Refused records, and rows that are held because of the very
    column, belong to no segment that is known.
    """
    limit = candidate.contract.loss_bias
    if not candidate.contract.segments or candidate.clean is None:
        return AuditResult("loss_bias", Verdict.PASS, "the contract names no segments")
    expected = f"at most {100 * limit:g} points more than of the others"
    if not candidate.account.held:
        return AuditResult("loss_bias", Verdict.PASS, "no row is held", "0 points", expected)
    compared = _compared(candidate)
    if compared.is_empty():
        return AuditResult("loss_bias", Verdict.PASS, "no segment has rows", "", expected)
    worst = compared.row(0, named=True)
    if worst["low"] > limit:
        verdict = Verdict.STOP
    elif worst["low"] > 0 and worst["excess"] > limit:
        verdict = Verdict.WARN
    else:
        verdict = Verdict.PASS
    also = compared.filter(pl.col("low") > limit).height - 1
    what = _said(worst) if verdict is not Verdict.PASS else _FINE
    what += f"; {also} more segments lost too many" if also > 0 else ""
    return AuditResult(
        "loss_bias",
        verdict,
        what,
        _points(worst),
        expected,
        evidence=_evidence(compared.head(_MOST_EVIDENCE)),
        chart=chart.intervals(100 * limit),
    )


def _compared(candidate: Candidate) -> pl.DataFrame:
    """Every segment beside all other rows, the one whose loss is surest first."""
    counted = [
        shown(column, found).select(pl.lit(column.name).alias("column"), pl.all())
        for column, found in segments(candidate)
        if found.height > 1  # else there are no others
    ]
    if not counted:
        return pl.DataFrame()
    rows = pl.concat(counted)
    z = quantile_of(bonferroni(CONFIDENCE, rows.height))
    part, whole = pl.col("held"), pl.col("rows")
    all_held, all_rows = part.sum().over("column"), whole.sum().over("column")
    others, other_rows = all_held - part, all_rows - whole
    low, high = newcombe(part, whole, others, other_rows, z)
    return rows.with_columns(
        (part / whole).alias("lost"),
        (others / other_rows).alias("others_lost"),
        (part / whole - others / other_rows).alias("excess"),
        low.alias("low"),
        high.alias("high"),
        (whole / all_rows).alias("share"),
        ((whole - part) / (all_rows - all_held)).fill_nan(0.0).alias("share_left"),
    ).sort("low", descending=True)


def _said(row: dict[str, Any]) -> str:
    return (
        f"{row['column']} = {row['segment']}: {_percent(row['lost'])} of its {row['rows']:,} rows "
        f"are held, of the others {_percent(row['others_lost'])}; its share of the rows falls from "
        f"{_percent(row['share'])} to {_percent(row['share_left'])}"
    )


def _points(row: dict[str, Any]) -> str:
    low, high = 100 * row["low"], 100 * row["high"]
    return f"{100 * row['excess']:.1f} points more ({low:.1f} to {high:.1f})"


def _evidence(rows: pl.DataFrame) -> Evidence:
    told = {
        "column": pl.col("column"),
        "segment": pl.col("segment"),
        "rows": pl.col("rows"),
        "held": pl.col("held"),
        "held %": _hundredths("lost"),
        "of others %": _hundredths("others_lost"),
        "points more": _hundredths("excess"),
        "from": _hundredths("low"),
        "to": _hundredths("high"),
        "share %": _hundredths("share"),
        "left %": _hundredths("share_left"),
    }
    return Evidence(tuple(told), tuple(rows.select(**told).rows()))


def _hundredths(name: str) -> pl.Expr:
    return (100 * pl.col(name)).round(1)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
