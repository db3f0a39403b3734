"""datasheet_used: who uses a snapshot, what production asks, what is kept, and what proves it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cleanhold.core.datasheet import Section, Sheet
from cleanhold.errors import ReadRefused
from cleanhold.pipeline.costs import cost
from cleanhold.pipeline.datasheet_known import Known, facts, span_of
from cleanhold.pipeline.exported import EXPORTED
from cleanhold.pipeline.gates import scorecard
from cleanhold.pipeline.pact_read import standing
from cleanhold.pipeline.reveals import REVEALED, may_have_shown
from cleanhold.store import seals


def consumers(known: Known) -> Section:
    """Who reads it, and what they need."""
    read = {one.pact.consumer: one for one in standing(known.stores, known.dataset)}
    met = {one.consumer: "yes" if one.is_met else "no" for one in known.dossier.audited.pacts}
    rows = tuple(
        (
            name,
            one.pact.owner,
            one.pact.description,
            ", ".join(one.pact.columns),
            span_of(one.pact.freshness),
            met.get(name, "not asked"),
            one.snapshot.number if one.snapshot else None,
        )
        for name, one in read.items()
    )
    heads = (
        "consumer",
        "owner",
        "described as",
        "columns",
        "freshness",
        "met by this",
        "reads now",
    )
    return Section(
        "consumers",
        "Consumers",
        facts(pacts=len(rows)),
        (Sheet("Pacts", heads, rows),),
        () if rows else ("who reads it: say it by a pact in contracts/pacts/",),
    )


def gates(known: Known) -> Section:
    """What production asks of it, and how it answers."""
    held = known.stores.gates.hold(known.dataset)
    promotion = known.dossier.audited.promotion
    try:
        card = scorecard(known.stores, known.dataset, known.snapshot.number)
        rows = tuple(
            (a.gate, "open" if card.is_open(a) else "closed", a.what) for a in card.answers
        )
    except ReadRefused:  # it was stopped, or its contract is gone
        rows = ()
    told = facts(
        hold_it="yes, it goes to production only by a promotion"
        if held
        else "no: it publishes at once",
        promoted=f"{promotion.at:%F %H:%M} UTC by {promotion.who}: {promotion.why}"
        if promotion
        else "",
    )
    return Section(
        "gates", "Gates of production", told, (Sheet("Gates today", ("gate", "is", "says"), rows),)
    )


def retention(known: Known) -> Section:
    """How long it is kept."""
    setting, snapshot = known.stores.retention, known.snapshot
    rule = setting.of(known.dataset)
    days = setting.extracts_days
    missing = (
        ("how long it is kept: say it in [tool.cleanhold.retention] of pyproject.toml",)
        if rule.keeps_all
        else ()
    )
    return Section(
        "retention",
        "Retention",
        facts(
            published_rows=f"kept: {rule}",
            deliveries=f"kept for {days} days" if days else "kept: all",
            pinned=f"by {snapshot.pin.who}: {snapshot.pin.why}" if snapshot.pin else "",
            expired=f"{snapshot.expired.at:%F}: {snapshot.expired.why}" if snapshot.expired else "",
        ),
        missing=missing,
    )


def privacy(known: Known) -> Section:
    """Personal columns, and how often their values were shown."""
    contract = known.contract
    if contract is None:
        return _unstated(known)
    personal = tuple((c.name, str(c.privacy)) for c in contract.personal)
    unsaid = [c.name for c in contract.columns if not c.classified]
    return Section(
        "privacy",
        "Personal data",
        facts(
            personal_columns=len(personal),
            shown="masked in every view, unless somebody asks with a reason",
            times_shown_or_exported=_reveals(known),
        ),
        sheets=(Sheet("Personal columns", ("column", "class"), personal),),
        missing=known.unless(
            not unsaid, f"whether {', '.join(unsaid)} are personal", "pii='none' or its class"
        ),
    )


def _unstated(known: Known) -> Section:
    """Of a dataset that has no contract any more, nobody knows which columns are personal."""
    return Section(
        "privacy",
        "Personal data",
        facts(
            personal_columns="not stated: which columns are personal; every value is masked",
            times_shown_or_exported=_reveals(known),
        ),
        missing=("which columns are personal: its contract is gone; declare it in contracts/",),
    )


def _reveals(known: Known) -> int:
    acts = known.stores.ledger.audit_acts((REVEALED, EXPORTED))
    datasets = {*known.stores.contracts, *known.stores.ledger.datasets()}
    return sum(_is_reveal(body, known.dataset, datasets) for body in acts)


def _is_reveal(body: Mapping[str, Any], dataset: str, datasets: Collection[str]) -> bool:
    if body["act"] == EXPORTED:
        return bool(body["revealed"]) and body["dataset"] in (None, dataset)
    return may_have_shown(body, dataset, datasets)


def price(known: Known) -> Section:
    """What it costs."""
    found = cost(known.stores, known.dataset)
    told = facts(
        runs=len(found.runs),
        processor_time=f"{sum(run.usage.cpu_seconds for run in found.runs):,.1f} s",
        kept=f"{found.held_bytes:,} bytes",
        a_thousand_records=found.told(found.per_thousand),
        a_month=found.told(found.month),
        budget=found.told(found.budget),
    )
    return Section("cost", "Cost", told)


def evidence(known: Known) -> Section:
    """What shows that all this is so."""
    stores, snapshot = known.stores, known.snapshot
    told = [b for b in stores.ledger.audit_acts(_ABOUT) if b.get("dataset") == known.dataset]
    rows = tuple(
        (b["entry"], str(b["at"])[:16].replace("T", " "), b["act"], str(b.get("who", "")))
        for b in told
        if snapshot.number in (b.get("number"), b.get("to"), b.get("from"))
    )
    seal = seals.read(stores.state, snapshot.manifest)
    return Section(
        "evidence",
        "Evidence",
        facts(
            audit_log=f"{len(told):,} acts on its snapshots; `cleanhold log -d {known.dataset}`",
            log_when_it_was_made=f"{seal.entries:,} entries, ending in {seal.hash}" if seal else "",
            signed_with=seal.key if seal else "",
            verify="`cleanhold verify`, `cleanhold log verify`",
            one_row="`cleanhold explain ROW_ID`: from a row to the bytes that it came from",
        ),
        sheets=(Sheet("Entries about this snapshot", ("entry", "at (UTC)", "act", "by"), rows),),
    )


_ABOUT = ("published", "candidate", "promoted", "rolled_back", "pinned", "unpinned")
