"""What the drift audit says of what it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cleanhold.audits.drift_chart import drift_chart
from cleanhold.audits.drift_measures import Measured
from cleanhold.audits.drift_segments import LEAST_ROWS, Segment
from cleanhold.audits.drift_together import LIMIT, Together
from cleanhold.core.audit import AuditResult, Evidence, Verdict
from cleanhold.core.promise import Alarm

#: Comparisons that the evidence lists, the worst first; columns that a sentence names.
_MOST_EVIDENCE, _MOST_NAMED = 20, 5

#: What is said where scikit-learn is not there.
_ALONE = "columns were not compared together: `pip install 'cleanhold[audits]'`"


@dataclass(frozen=True, slots=True)
class Drifted:
    """What became of all comparisons of a candidate with its baseline.

    Attributes:
        since: the baseline, in words.
        columns: how many were compared, `left`: those that could not be.
        bad: what has drifted in the whole table, the worst first; `bad_parts`: in segments.
        fine: what has not, the nearest to it first.
        together: how well all other columns tell the tables apart; None where nobody can say.
    """

    since: str
    columns: int
    segments: Sequence[Segment]
    bad: Sequence[Measured]
    bad_parts: Sequence[Measured]
    fine: Sequence[Measured]
    together: Together | None
    left: Sequence[str]

    def answer(self) -> AuditResult:
        """The audit's answer."""
        bad = [*self.bad, *self.bad_parts]
        said = [s for s in (self._whole(), self._parts(), self._together()) if s]
        what = "; ".join([*(said or [self._nothing()]), *self._not_compared()])
        if any(m.column.then is Alarm.STOP for m in bad):
            verdict = Verdict.STOP
        else:
            verdict = Verdict.WARN if said else Verdict.PASS
        worst = (*bad, *self.fine)[0]
        measured = f"{worst.where} {worst.measure} {worst.value:.3g}"
        expected = f"at most {worst.limit:.3g}, unless by chance"
        if not bad and self.together and self.together.columns:
            measured = f"area under the curve {_area(self.together)}"
            expected = f"surely at most {LIMIT:g}"
        return AuditResult(
            "drift",
            verdict,
            what,
            measured,
            expected,
            evidence=self._evidence(),
            chart=drift_chart([m for m in (*self.bad, *self.fine) if not m.segment]),
        )

    def _whole(self) -> str:
        if not self.bad:
            return ""
        names = list(dict.fromkeys(m.column.name for m in self.bad))
        return (
            f"{_listed(names, 'drifted')} of {self.columns} columns {self.since}: "
            f"{names[0]}: {self.bad[0].change}"
        )

    def _parts(self) -> str:
        if not self.bad_parts:
            return ""
        names = list(dict.fromkeys(m.column.name for m in self.bad_parts))
        worst = self.bad_parts[0]
        of_all = "" if self.bad else f" of {self.columns} columns {self.since}"
        told = f"{worst.segment}: {worst.column.name}: {worst.change}"
        more = len({m.segment for m in self.bad_parts}) - 1
        told += f"; {more} more segment{'s' * (more > 1)}" if more else ""
        return f"{_listed(names, 'drifted within segments')}{of_all}: {told}"

    def _together(self) -> str:
        found = self.together
        if found is None or not found.columns:
            return ""
        others = "the other " if self.bad or self.bad_parts else ""
        return (
            f"by {others}columns together rows can be told from those of the baseline, though "
            f"none has drifted alone: {', '.join(found.columns)} (area under the curve "
            f"{_area(found)})"
        )

    def _nothing(self) -> str:
        large = sum(segment.is_large for segment in self.segments)
        within = f", nor within any of {large} segments" if large else ""
        return f"none of {self.columns} columns has drifted {self.since}{within}"

    def _not_compared(self) -> list[str]:
        said = []
        if small := sum(not segment.is_large for segment in self.segments):
            verb = "segments have" if small > 1 else "segment has"
            said.append(f"{small} {verb} fewer than {LEAST_ROWS} rows to compare")
        if self.left:
            said.append(f"not there to compare with: {', '.join(self.left[:_MOST_NAMED])}")
        return said if self.together else [*said, _ALONE]

    def _evidence(self) -> Evidence:
        rows: list[tuple[Any, ...]] = [
            (m.where, m.measure, _short(m.value), _short(m.limit), _short(m.chance), m.change)
            for m in (*self.bad, *self.bad_parts, *self.fine)
        ]
        found = self.together
        if found is not None and found.error:
            change = "rows can be told apart" if found.columns else "rows are alike"
            names = ", ".join(found.columns) or "all together"
            row = (names, "area", _short(found.area), LIMIT, _short(found.chance), change)
            rows.insert(len(self.bad) + len(self.bad_parts), row)
        columns = ("column", "measure", "value", "limit", "p", "what changed")
        return Evidence(columns, tuple(rows[:_MOST_EVIDENCE]))


def _listed(names: Sequence[str], what: str) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    verb = "have" if len(names) > 1 else "has"
    return f"{', '.join(names[:_MOST_NAMED])}{more} {verb} {what}, {len(names)}"


def _area(found: Together) -> str:
    return f"{found.area:.2f}, surely {found.low:.2f}"


def _short(value: float) -> float:
    return float(f"{value:.3g}")
