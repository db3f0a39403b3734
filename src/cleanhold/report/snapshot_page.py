"""The page of one snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from cleanhold.core.audit import Verdict
from cleanhold.pipeline.dossier import Dossier, Judged
from cleanhold.report.charts.account import account_bar, parts_of
from cleanhold.report.charts.share import share_bar
from cleanhold.report.charts.trend import trend
from cleanhold.report.figures import Figure, figure_of
from cleanhold.report.numbers import counted, of_numbers
from cleanhold.report.rendering import render
from cleanhold.report.words import verdict_of

_ORDER = (Verdict.STOP, Verdict.WARN, Verdict.PASS)


@dataclass(frozen=True, slots=True)
class Section:
    """An audit's answer as a page shows it.

    Attributes:
        answer: as the manifest has it.
        is_overruled: it stopped the snapshot, and a person published it all the same.
        numeric: of each column of the evidence, whether it is of numbers.
    """

    answer: Mapping[str, Any]
    is_overruled: bool
    figure: Figure | None
    numeric: tuple[bool, ...]


def snapshot_page(found: Dossier, index: str = "") -> str:
    """All that is known of a snapshot as one HTML page, without anything remote.

    Args:
        index: where the page of all datasets lies, beside this one; empty for none.
    """
    answers = sorted(found.audited.answers, key=lambda a: _ORDER.index(Verdict(a["verdict"])))
    said = {answer["what"] for answer in answers}
    return render(
        "snapshot.html",
        index=index,
        found=found,
        snapshot=found.snapshot,
        details=found.manifest.details,
        verdict=verdict_of(found),
        account=found.snapshot.account,
        bar=account_bar(found.snapshot.account),
        parts=parts_of(found.snapshot.account),
        trend=trend(found.past) if len(found.past) > 1 else None,
        answers=answers,
        sections=[_section(found, answer) for answer in answers],
        others=sorted(set(found.audited.reasons) - said),
        checks=[(check, _bar(found, check)) for check in found.checks],
    )


def _section(found: Dossier, answer: Mapping[str, Any]) -> Section:
    evidence = answer.get("evidence") or {"columns": (), "rows": ()}
    numeric = of_numbers(evidence["columns"], evidence["rows"])
    stops = found.audited.overruled.get("stops", ())
    return Section(answer, answer["audit"] in stops, figure_of(answer), numeric)


def _bar(found: Dossier, check: Judged) -> Markup:
    rows, style = (check.failed, "held") if check.failed else (check.warned, "warned")
    if check.severity == "refused":
        style = "refused"
    records = found.snapshot.account.records
    return share_bar(rows, records, f"part {style}", f"{counted(rows, 'row')} of {records:,}")
