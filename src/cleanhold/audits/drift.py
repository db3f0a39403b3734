"""Drift: is the table still like the one that models were trained on?

The other table is the baseline, a snapshot that a person named. Yesterday's would follow every slow
change and never tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from cleanhold.audits.drift_chart import drift_chart
from cleanhold.audits.drift_columns import Watched, watched
from cleanhold.audits.drift_measures import Measured, measured
from cleanhold.audits.proportions import bonferroni
from cleanhold.audits.samples import height, sample
from cleanhold.core.audit import AuditResult, Candidate, Evidence, Verdict
from cleanhold.core.promise import Alarm

#: How sure the audit is of all its comparisons together.
CONFIDENCE = 0.999

#: Columns whose samples are in memory together.
_TOGETHER = 20

#: Comparisons that the evidence lists, the worst first; columns that a sentence names.
_MOST_EVIDENCE, _MOST_NAMED = 20, 5


def drift(candidate: Candidate) -> AuditResult:
    """Warn of a candidate whose columns are no longer distributed as the baseline's are.

    A column has drifted if a measure of it is over its limit, and chance does not explain that it
    is more than nothing: all comparisons together are sure at 99.9 % (Bonferroni's inequality). The
    contract says whether that stops the candidate. Of tables with more than 200,000 rows a sample
    of about as many is compared.
    """
    contract, baseline = candidate.contract, candidate.baseline
    if contract.drift is Alarm.OFF and not any(c.drift for c in contract.columns):
        return _passed("the contract looks for no drift")
    if baseline is None:
        return _passed(
            "no snapshot is named as the baseline to compare with (`cleanhold baseline`)"
        )
    since = f"since the baseline, snapshot {baseline.number}"
    schemas = [_schema(files) for files in (baseline.data, candidate.data)]
    rows = [height(files) for files in (baseline.data, candidate.data)]
    columns = list(watched(contract, schemas[1]))
    comparable = [c for c in columns if _fits(schemas[0].get(c.name), c.dtype)]
    if not all(rows) or not comparable:
        return _passed(f"there is nothing to compare {since}")
    found = [
        one
        for first in range(0, len(comparable), _TOGETHER)
        for one in _measured(candidate, comparable[first : first + _TOGETHER], rows)
    ]
    left = [c.name for c in columns if c not in comparable]
    doubt = 1 - bonferroni(CONFIDENCE, len(found))
    return _answer(found, len(comparable), doubt, since, left)


def _answer(
    found: Sequence[Measured], columns: int, doubt: float, since: str, left: Sequence[str]
) -> AuditResult:
    bad = sorted(
        (m for m in found if m.drifted(doubt)),
        key=lambda m: (m.column.then is not Alarm.STOP, -m.excess),
    )
    fine = sorted((m for m in found if not m.drifted(doubt)), key=lambda m: -m.excess)
    ordered = [*bad, *fine]
    names = list(dict.fromkeys(m.column.name for m in bad))
    if not bad:
        verdict, what = Verdict.PASS, f"none of {columns} columns has drifted {since}"
    else:
        is_stop = any(m.column.then is Alarm.STOP for m in bad)
        verdict = Verdict.STOP if is_stop else Verdict.WARN
        what = f"{_listed(names)} of {columns} columns {since}: {names[0]}: {bad[0].change}"
    if left:
        what += f"; not there to compare with: {', '.join(left[:_MOST_NAMED])}"
    worst = ordered[0]
    return AuditResult(
        "drift",
        verdict,
        what,
        f"{worst.column.name} {worst.measure} {worst.value:.3g}",
        f"at most {worst.limit:.3g}, unless by chance",
        evidence=_evidence(ordered[:_MOST_EVIDENCE]),
        chart=drift_chart(ordered),
    )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    verb = "have" if len(names) > 1 else "has"
    return f"{', '.join(names[:_MOST_NAMED])}{more} {verb} drifted, {len(names)}"


def _measured(
    candidate: Candidate, columns: Sequence[Watched], rows: Sequence[int]
) -> Iterator[Measured]:
    assert candidate.baseline is not None
    names = [column.name for column in columns]
    before = sample(candidate.baseline.data, names, rows[0])
    now = sample(candidate.data, names, rows[1])
    for column in columns:
        was = before[column.name].cast(column.dtype, strict=False)
        yield from measured(column, was, now[column.name])


def _schema(files: Sequence[Path]) -> pl.Schema:
    return pl.scan_parquet(list(files), glob=False).collect_schema()


def _fits(before: pl.DataType | None, now: pl.DataType) -> bool:
    """Whether the baseline has the column, as numbers if it is of numbers."""
    return before is not None and (before == now or (before.is_numeric() and now.is_numeric()))


def _evidence(found: Sequence[Measured]) -> Evidence:
    rows = (
        (m.column.name, m.measure, _short(m.value), _short(m.limit), _short(m.chance), m.change)
        for m in found
    )
    return Evidence(("column", "measure", "value", "limit", "p", "what changed"), tuple(rows))


def _short(value: float) -> float:
    return float(f"{value:.3g}")


def _passed(what: str) -> AuditResult:
    return AuditResult("drift", Verdict.PASS, what)
