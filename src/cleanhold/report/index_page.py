"""The page of all datasets: the newest snapshot of each, and how it went lately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from cleanhold.core.audit import Verdict
from cleanhold.core.span import in_days
from cleanhold.pipeline.ages import Age
from cleanhold.pipeline.dossier import Dossier
from cleanhold.report.charts.account import account_bar
from cleanhold.report.charts.trend import sparkline
from cleanhold.report.rendering import render
from cleanhold.report.words import Said, verdict_of

_ORDER = (Verdict.STOP, Verdict.WARN, Verdict.PASS)


@dataclass(frozen=True, slots=True)
class Entry:
    """A dataset on the page.

    Attributes:
        found: its newest snapshot, stopped or not; None if it has none.
        age: how old what readers have is; None for a dataset without a contract.
        page: where the page of the snapshot lies, beside this one.
    """

    dataset: str
    found: Dossier | None
    age: Age | None
    page: str

    @property
    def said(self) -> Said | None:
        return verdict_of(self.found) if self.found else None

    @property
    def is_late(self) -> bool:
        return self.age is not None and self.age.is_late

    @property
    def fresh(self) -> str:
        """How old what readers have is, in words."""
        if self.age is None or self.age.age is None:
            return "never published" if self.age else ""
        promised = f", promised {in_days(self.age.promised)}" if self.age.promised else ""
        return in_days(self.age.age) + promised

    @property
    def bar(self) -> Markup | None:
        return account_bar(self.found.snapshot.account) if self.found else None

    @property
    def spark(self) -> Markup | None:
        return sparkline(self.found.past) if self.found else None


def index_page(name: str, entries: Sequence[Entry], at: datetime) -> str:
    """All datasets on one HTML page, those that need somebody first.

    Args:
        name: of the workspace.
        at: when this was found out.
    """
    ordered = sorted(entries, key=lambda e: (_rank(e), e.dataset))
    return render("index.html", name=name, entries=ordered, at=at, troubled=_troubled(entries))


def _rank(entry: Entry) -> int:
    """Its place: stopped, then with warnings or late, then well, then what has no snapshot."""
    place = _ORDER.index(entry.said.style) if entry.said else len(_ORDER)
    return min(place, _ORDER.index(Verdict.WARN)) if entry.is_late else place


def _troubled(entries: Sequence[Entry]) -> dict[str, int]:
    """How many datasets are in which trouble."""
    styles = [entry.said.style for entry in entries if entry.said]
    found = {
        "stopped": styles.count(Verdict.STOP),
        "with warnings": styles.count(Verdict.WARN),
        "late": sum(entry.is_late for entry in entries),
    }
    return {what: count for what, count in found.items() if count}
