"""What each act of the audit log is in a plain sentence, without who and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cleanhold.pipeline.reveals import REVEALED
from cleanhold.store import (
    auditlog,
    baselines,
    binding,
    configuration,
    decisions,
    overrides,
    receipts,
    retention,
)
from cleanhold.store.channels import PROMOTED, ROLLED_BACK
from cleanhold.store.promotions import REHEARSED

Body = Mapping[str, Any]

#: Changes of a configuration that a sentence lists.
_SHOWN = 4


def sentence(body: Body) -> str:
    """One plain sentence on an act; of one that this version does not know, what it is about."""
    tell = SENTENCES.get(body["act"])
    try:
        return tell(body) if tell else _unknown(body)
    except (KeyError, TypeError, ValueError, IndexError):  # of another version
        return _unknown(body)


def _unknown(body: Body) -> str:
    about = f" {body['dataset']}" if body.get("dataset") else ""
    return f"{str(body['act']).replace('_', ' ')}{about}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _published(body: Body) -> str:
    place = "went to the pilot" if body.get("channel") == "pilot" else "was published"
    return f"snapshot {body['number']} of {body['dataset']} {place}: {_account(body)}"


def _candidate(body: Body) -> str:
    reasons = body["reasons"] or ["no reason is kept"]
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    said = f"snapshot {body['number']} of {body['dataset']} was stopped: {reasons[0]}{more}"
    return f"{said}; {_account(body)}"


def _account(body: Body) -> str:
    account = body["account"]
    parts = [f"{account[n]:,} {n}" for n in ("clean", "held", "refused", "superseded")]
    kept = [part for part in parts if not part.startswith("0 ")] or ["none"]
    return f"{account['records']:,} records = {' + '.join(kept)}"


def _seen(body: Body) -> str:
    if body.get("problem"):
        return f"{body['name']} of {body['source']} could not be landed: {body['problem']['what']}"
    return f"{body['name']} of {body['source']} was seen where it arrives"


def _decided(body: Body) -> str:
    terms, rows = body["terms"], f"{_rows(body['rows'])} of {body['dataset']}"
    does = str(body["does"])
    if does == "propose":
        return f"proposal {body['decision']}: to {terms['does']} {rows}"
    until = f" until {terms['until']}" if terms.get("until") else ""
    return f"decision {body['decision']}: {does} {rows}{until}"


def _expired(body: Body) -> str:
    if extracts := body.get("extracts"):
        return f"the bytes of {len(extracts):,} extracts were removed, as the settings ask"
    gone = ", ".join(f"{one[0]} {one[1]}" for one in body["snapshots"][:_SHOWN])
    more = len(body["snapshots"]) - _SHOWN
    return f"the rows of snapshots were removed: {gone}" + (f" and {more} more" if more > 0 else "")


def _configuration(body: Body) -> str:
    if body["first"]:
        return f"the configuration of runs was recorded: {len(body['configuration'])} settings"
    changes = [_change(*one) for one in body["changed"]]
    more = len(changes) - _SHOWN
    listed = "; ".join(changes[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")
    return f"runs use another configuration: {listed}"


def _change(name: str, before: str | None, after: str | None) -> str:
    if before is None:
        return f"{name} is new ({after})"
    return f"{name} is gone" if after is None else f"{name}: {before} → {after}"


def _exported(body: Body) -> str:
    whose = f" of {body['dataset']}" if body.get("dataset") else ""
    how = "with personal values" if body["revealed"] else "personal values masked"
    return f"{body['rows']:,} lines of held rows{whose} were exported to {body['file']}, {how}"


def _rolled_back(body: Body) -> str:
    where = " in the pilot" if body.get("channel") == "pilot" else ""
    return f"{body['dataset']}{where} was rolled back from snapshot {body['from']} to {body['to']}"


def _promoted(body: Body) -> str:
    before = f", after snapshot {body['from']}" if body.get("from") else ""
    return f"snapshot {body['to']} of {body['dataset']} was promoted to production{before}"


#: Act → its sentence.
SENTENCES: Mapping[str, Callable[[Body], str]] = {
    auditlog.COMMITS[0]: _published,
    auditlog.COMMITS[1]: _candidate,
    binding.BOUND: lambda b: "this ledger and its state folder were bound to each other",
    receipts.LANDED: lambda b: f"{b['name']} of {b['source']} was landed: {b['size']:,} bytes",
    receipts.REDELIVERED: lambda b: f"{b['name']} of {b['source']} was delivered again",
    receipts.SEEN: _seen,
    decisions.DECIDED: _decided,
    ROLLED_BACK: _rolled_back,
    PROMOTED: _promoted,
    REHEARSED: lambda b: f"{b['what']} of {b['dataset']} was rehearsed: {b['said']}",
    overrides.ASKED: lambda b: (
        f"override of gate {b['gate']} of {b['dataset']} was asked for, until {b['until']}"
    ),
    overrides.CONFIRMED: lambda b: f"override of gate {b['gate']} of {b['dataset']} was confirmed",
    overrides.WITHDRAWN: lambda b: f"override of gate {b['gate']} of {b['dataset']} was withdrawn",
    baselines.NAMED: lambda b: f"snapshot {b['to']} became the baseline of {b['dataset']}",
    baselines.CLEARED: lambda b: f"{b['dataset']} has no baseline any more",
    retention.PINNED: lambda b: f"snapshot {b['number']} of {b['dataset']} was pinned",
    retention.UNPINNED: lambda b: f"snapshot {b['number']} of {b['dataset']} was unpinned",
    retention.EXPIRED: _expired,
    configuration.CHANGED: _configuration,
    REVEALED: lambda b: f"personal values were shown: {b['what']}",
    "exported": _exported,
    "signed": lambda b: f"{len(b['snapshots']):,} snapshots were signed with {b['key']}",
}
