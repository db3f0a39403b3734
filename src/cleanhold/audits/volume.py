"""Volume: does the extract have as many records as those before it?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from statistics import median

from cleanhold.audits.usual import MOST, Usual, usual
from cleanhold.core import chart
from cleanhold.core.audit import AuditResult, Candidate, Evidence, Past, Verdict
from cleanhold.core.promise import Alarm

#: Below this share of the median, an extract is as good as empty, however few were before it.
NEARLY_NONE = 0.1

_MONDAY_TO_SUNDAY = (
    "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays",
)  # fmt: skip


def volume(candidate: Candidate) -> AuditResult:
    """Warn of a candidate with unusually many or few records; stop one beyond hard limits.

    Records of the extract are counted, whatever became of them; of a feature table, the rows that
    were built. See `audits.usual` for what is usual.
    """
    promised, records = candidate.contract.volume, candidate.account.records
    told = _counted(records)
    if not promised.allows(records):
        what = f"{told}, and the contract's `rows` allows {promised.limits}"
        return AuditResult("volume", Verdict.STOP, what, f"{records:,}", promised.limits)
    if promised.unusual is Alarm.OFF:
        return AuditResult("volume", Verdict.PASS, "the contract does not ask", f"{records:,}")
    if not (history := candidate.history):
        return AuditResult("volume", Verdict.PASS, f"{told}, and none before to compare with")
    day = _day(candidate)
    known = usual(history, day)
    if known is None:
        compared, low, high = history, NEARLY_NONE * _middle(history), float("inf")
        expected = f"not nearly none: at least {low:,.0f}"
    else:
        compared, low, high = known.compared, known.low, known.high
        expected = f"{low:,.0f} to {high:,.0f}"
    before = _before(compared, known)
    picture = chart.history(
        [(past.day.isoformat(), past.account.records) for past in compared[-MOST:]],
        (day.isoformat() if day else "", records),
        low,
        None if known is None else high,
    )
    if low <= records <= high:
        return AuditResult(
            "volume",
            Verdict.PASS,
            f"{told}; {before}",
            f"{records:,}",
            expected,
            _table(compared),
            chart=picture,
        )
    far = "fewer" if records < low else "more"
    return AuditResult(
        "volume",
        Verdict.STOP if promised.unusual is Alarm.STOP else Verdict.WARN,
        f"{told}, far {far} than usual: {before}",
        f"{records:,} ({_difference(records, compared)})",
        expected,
        _table(compared),
        chart=picture,
    )


def _day(candidate: Candidate) -> date | None:
    """The day it stands for."""
    return candidate.business_date or (candidate.now.date() if candidate.now else None)


def _before(compared: Sequence[Past], known: Usual | None) -> str:
    counts = [past.account.records for past in compared]
    if len(counts) == 1:
        return f"the one before it had {counts[0]:,}"
    what = _MONDAY_TO_SUNDAY[compared[-1].day.weekday()] + " " if known and known.of_weekday else ""
    least, most = min(counts), max(counts)
    had = (
        f"{least:,}" if least == most else f"{least:,} to {most:,}, median {_middle(compared):,.0f}"
    )
    return f"the {len(counts)} {what}before it had {had}"


def _middle(compared: Sequence[Past]) -> float:
    return median(past.account.records for past in compared)


def _difference(records: int, compared: Sequence[Past]) -> str:
    middle = _middle(compared)
    return f"{100 * (records / middle - 1):+,.0f} %" if middle else "there were none"


def _counted(records: int) -> str:
    return "1 record" if records == 1 else f"{records:,} records"


def _table(compared: Sequence[Past]) -> Evidence:
    """What it is compared with, the newest first."""
    rows = tuple(
        (p.number, f"{p.day:%a %F}", p.account.records) for p in reversed(compared[-MOST:])
    )
    return Evidence(("snapshot", "day", "records"), rows)
