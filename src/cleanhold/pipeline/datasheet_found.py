"""datasheet_found: what checks and audits found, who lost rows, and what is known to be missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cleanhold.core.case import in_general
from cleanhold.core.datasheet import Section, Sheet
from cleanhold.pipeline.datasheet_known import Known, facts
from cleanhold.pipeline.waivers import waivers

#: Names of the audits that have a section of their own.
_BIAS, _DRIFT = "loss_bias", "drift"


def checks(known: Known) -> Section:
    """Each check, and how many rows it found."""
    contract = known.contract
    says = {check.label: in_general(check.says) for check in contract.checks} if contract else {}
    counted: dict[str, list[Any]] = {}
    for one in known.manifest.checks:  # a replay judges rows in groups
        label = f"{one['column']}.{one['check']}" if one["column"] else str(one["check"])
        line = counted.setdefault(
            label, [label, says.get(label, ""), str(one["severity"]), 0, 0, 0]
        )
        for place, name in enumerate(("failed", "warned", "skipped"), start=3):
            line[place] += one[name]
    rows = sorted(map(tuple, counted.values()), key=lambda line: (-line[3], -line[4], line[0]))
    refused = tuple(
        (check.label.removeprefix("refused: "), check.says, check.failed)
        for check in known.dossier.checks
        if check.severity == "refused"
    )
    heads = ("check", "what is wrong", "severity", "rows held", "rows warned", "not looked at")
    return Section(
        "checks",
        "Checks and their results",
        facts(checks=len(rows), that_found_nothing=sum(not (r[3] or r[4]) for r in rows)),
        sheets=(
            Sheet("Checks", heads, tuple(rows)),
            Sheet("Records that could not become rows", ("code", "what", "records"), refused),
        ),
        missing=known.unless(rows, "what a row must be", "checks"),
    )


def audits(known: Known) -> Section:
    """What was found in the snapshot as a whole before anyone could read it."""
    rows = tuple(
        (one["audit"], one["verdict"], one["what"], one["measured"], one["expected"])
        for one in known.dossier.audited.answers
    )
    stopped = "; ".join(known.dossier.audited.reasons)
    overruled = known.dossier.audited.overruled
    said = ""
    if overruled:
        said = f"{', '.join(overruled['stops'])}, by {overruled['who']}: {overruled['why']}"
    heads = ("audit", "verdict", "found", "measured", "expected")
    told = facts(stopped_by=stopped, overruled=said)
    return Section("audits", "Audits", told, (Sheet("Audits", heads, rows),))


def bias(known: Known) -> Section:
    """Whether holding rows back changed who is in the table, segment by segment."""
    contract, account = known.contract, known.snapshot.account
    segments = ", ".join(contract.segments) if contract else ""
    answer = _answer(known, _BIAS)
    return Section(
        "bias",
        "Held and refused, by segment",
        facts(
            held=_share(account.held, account.records),
            refused=_share(account.refused, account.records),
            may_be_held_or_refused=f"{100 * contract.tolerance:g} %"
            if contract and contract.tolerance is not None
            else "",
            segments=segments,
            found=answer.get("what", ""),
            allowed=answer.get("expected", ""),
        ),
        sheets=_evidence(answer, "Segments, the surest loss first"),
        missing=(
            *known.unless(segments, "parts of the population to compare", "segments=('region',)"),
            *known.unless(
                contract and contract.tolerance is not None,
                "how much may be held or refused",
                "tolerance='5%'",
            ),
        ),
    )


def drift(known: Known) -> Section:
    """How far its columns moved from the baseline, and what is new in its layout."""
    answer, layout = _answer(known, _DRIFT), known.manifest.details.get("drift") or {}
    baseline = known.dossier.baseline
    named = f"snapshot {baseline.snapshot.number}: {baseline.why}" if baseline else ""
    how = f"`cleanhold baseline {known.dataset} --to N --reason WHY`"
    missing = () if named else (f"what to compare with: say it by {how}",)
    return Section(
        "drift",
        "Drift",
        facts(
            baseline=named,
            found=answer.get("what", ""),
            layout_since=layout.get("since", ""),
            layout="; ".join(layout.get("says", ())),
        ),
        sheets=_evidence(answer, "Columns"),
        missing=missing,
    )


def gaps(known: Known) -> Section:
    """What is known to be missing or wrong: rows held back, records refused, columns left out."""
    snapshot = known.snapshot
    waiting = tuple(
        (case.title, case.column or "", case.rows, f"{case.first_seen:%F}")
        for case in known.dossier.waiting
    )
    past = tuple(
        (s.number, f"{s.created_at:%F}", s.account.records, s.account.held, s.account.refused)
        for s in known.dossier.past
    )
    return Section(
        "gaps",
        "Known gaps",
        facts(
            held_of_this_snapshot=f"{snapshot.account.held:,} rows",
            refused_of_this_snapshot=f"{snapshot.account.refused:,} records",
            expired=f"its rows were removed on {snapshot.expired.at:%F}"
            if snapshot.expired
            else "",
            stopped="; ".join(known.dossier.audited.reasons),
        ),
        sheets=(
            Sheet("Cases that wait now", ("what", "column", "rows", "since"), waiting),
            Sheet("So far", ("snapshot", "made", "records", "held", "refused"), past),
        ),
    )


def let_through(known: Known) -> Section:
    """Rows that fail a check, and that people let through."""
    rows = tuple(
        (
            one.decision.id,
            str(one.decision.act),
            ", ".join(one.decision.terms.get("checks", ())),
            one.published,
            one.until.isoformat() if one.until else "no end",
            one.decision.who,
            one.decision.why,
        )
        for one in waivers(known.stores, known.dataset)
    )
    heads = ("decision", "act", "checks", "rows published", "until", "by", "because")
    return Section(
        "waivers", "Waivers and releases", facts(made=len(rows)), (Sheet("Waivers", heads, rows),)
    )


def _answer(known: Known, audit: str) -> Mapping[str, Any]:
    found = (one for one in known.dossier.audited.answers if one["audit"] == audit)
    return next(found, {})


def _evidence(answer: Mapping[str, Any], caption: str) -> tuple[Sheet, ...]:
    evidence = answer.get("evidence")
    if not evidence:
        return ()
    rows = tuple(tuple(row) for row in evidence["rows"])
    return (Sheet(caption, tuple(evidence["columns"]), rows),)


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} ({100 * part / whole:.1f} %)" if whole else "0 of 0"
