"""Drift: is the table still like the one that models were trained on?

The other table is the baseline, a snapshot that a person named. Yesterday's would follow every slow
change and never tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cleanhold.audits.drift_answer import Drifted
from cleanhold.audits.drift_columns import Watched, watched
from cleanhold.audits.drift_measures import Measured, measured
from cleanhold.audits.drift_segments import Segment, segments_of, within
from cleanhold.audits.drift_tables import Tables
from cleanhold.audits.drift_together import MOST_ROWS, Together, together
from cleanhold.audits.proportions import bonferroni
from cleanhold.core.audit import AuditResult, Candidate, Verdict
from cleanhold.core.promise import Alarm

#: How sure the audit is of all its comparisons together.
CONFIDENCE = 0.999

#: Columns whose samples are in memory together.
_TOGETHER = 20


def drift(candidate: Candidate) -> AuditResult:
    """Warn of a candidate whose columns are no longer distributed as the baseline's are.

    A column has drifted if a measure of it is over its limit, and chance does not explain that it
    is more than nothing: all comparisons together are sure at 99.9 % (Bonferroni's inequality). The
    contract says whether that stops the candidate. Of tables with more than 200,000 rows a sample
    of about as many is compared.

    Columns that have not drifted as a whole are compared within each of the contract's segments,
    again sure at 99.9 % together; those that have in none of these, all together by a classifier:
    where it can tell rows of both tables apart, that is a warning.
    """
    contract, baseline = candidate.contract, candidate.baseline
    if contract.drift is Alarm.OFF and not any(c.drift for c in contract.columns):
        return _passed("the contract looks for no drift")
    if baseline is None:
        return _passed(
            "no snapshot is named as the baseline to compare with (`cleanhold baseline`)"
        )
    tables = Tables.of(baseline.data, candidate.data)
    columns = list(watched(contract, tables.schemas[1]))
    comparable = [c for c in columns if tables.has(c)]
    since = f"since the baseline, snapshot {baseline.number}"
    if not all(tables.rows) or not comparable:
        return _passed(f"there is nothing to compare {since}")
    segments = segments_of(contract, *tables.samples(tables.shared(contract.segments)))
    found = [
        one
        for first in range(0, len(comparable), _TOGETHER)
        for one in _measured(tables, comparable[first : first + _TOGETHER], segments)
    ]
    whole, bad = _judged(m for m in found if not m.segment)
    names = {m.column.name for m in bad}
    parts, bad_parts = _judged(m for m in found if m.segment and m.column.name not in names)
    names |= {m.column.name for m in bad_parts}
    quiet = [c for c in comparable if c.values and c.name not in names]
    drifted = Drifted(
        since=since,
        columns=len(comparable),
        segments=segments,
        bad=bad,
        bad_parts=bad_parts,
        fine=sorted((*whole, *parts), key=lambda m: -m.excess),
        together=_together(tables, quiet),
        left=[c.name for c in columns if c not in comparable],
    )
    return drifted.answer()


def _judged(found: Iterable[Measured]) -> tuple[list[Measured], list[Measured]]:
    """What has not drifted, and what has, the worst first; comparisons that are one family."""
    every = list(found)
    doubt = 1 - bonferroni(CONFIDENCE, len(every))
    bad = [m for m in every if m.drifted(doubt)]
    fine = [m for m in every if not m.drifted(doubt)]
    return fine, sorted(bad, key=lambda m: (m.column.then is not Alarm.STOP, -m.excess))


def _measured(
    tables: Tables, columns: Sequence[Watched], segments: Sequence[Segment]
) -> Iterator[Measured]:
    before, now = tables.samples([column.name for column in columns])
    for column in columns:
        pair = before[column.name].cast(column.dtype, strict=False), now[column.name]
        yield from measured(column, *pair)
        yield from within(segments, column, *pair)


def _together(tables: Tables, columns: Sequence[Watched]) -> Together | None:
    """All columns together; None where scikit-learn is not installed."""
    names = [column.name for column in columns]
    try:
        return together(columns, *tables.samples(names, MOST_ROWS))
    except ImportError:
        return None


def _passed(what: str) -> AuditResult:
    return AuditResult("drift", Verdict.PASS, what)
