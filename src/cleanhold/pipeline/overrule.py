"""overrule: a person publishes a candidate that audits stopped, and says why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cleanhold.core.audit import Overruling, Verdict
from cleanhold.core.feature import Feature
from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Channel, Manifest, Snapshot
from cleanhold.core.source import Source
from cleanhold.errors import Overtaken, UsageError
from cleanhold.pipeline.audited import audited
from cleanhold.pipeline.person import reason_of, who_acts
from cleanhold.pipeline.project import project
from cleanhold.pipeline.publish import Outcome
from cleanhold.pipeline.run import run_extract, run_feature
from cleanhold.pipeline.stores import Stores


@dataclass(frozen=True, slots=True)
class Stopped:
    """A candidate that a person may publish.

    Attributes:
        stops: name of each audit, or label of each check of all rows, that stopped it → what it
            found, in words.
    """

    snapshot: Snapshot
    manifest: Manifest
    stops: Mapping[str, str]


def stopped(stores: Stores, dataset: str, number: int | None = None) -> Stopped:
    """The candidate that a person wants to publish: the newest snapshot if no number is given.

    Raises:
        UnknownDataset: there is no contract and no snapshot of that name.
        NeverPublished: there is no such snapshot.
        UsageError: it was not stopped, or by what nobody may overrule.
        Overtaken: it is not what a run would bring today.
    """
    snapshot = audited(stores, dataset, number).snapshot
    where = f"{dataset} snapshot {snapshot.number}"
    if snapshot.channel is not Channel.CANDIDATE:
        others = [
            str(other.number)
            for other in stores.ledger.snapshots(dataset)
            if other.channel is Channel.CANDIDATE
        ]
        raise UsageError(
            "nothing stopped it: readers can read it",
            where=where,
            next=f"of this dataset were stopped: {', '.join(others) or 'none'}",
        )
    manifest = stores.manifest(snapshot)
    _require_overrulable(manifest, where)
    _require_current(stores, snapshot, manifest, where)
    return Stopped(snapshot, manifest, manifest.details["stops"])


def _require_overrulable(manifest: Manifest, where: str) -> None:
    found = manifest.details.get("audits", ())
    broken = [a["what"] for a in found if a["verdict"] == Verdict.STOP and a.get("promised")]
    broken += manifest.details.get("unfit", ())
    if broken:
        raise UsageError(
            f"nobody may publish what breaks a promise of the contract: {'; '.join(broken)}",
            where=where,
            next="have the extract delivered again, or change the contract",
        )
    if "stops" not in manifest.details:
        raise UsageError(
            "it was stopped by an older version of cleanhold, or is a replay",
            where=where,
            next="`cleanhold run`, or `cleanhold replay`, judges it again",
        )


def _require_current(stores: Stores, snapshot: Snapshot, manifest: Manifest, where: str) -> None:
    newer = [
        other.number
        for other in stores.ledger.snapshots(snapshot.dataset)
        if other.number > snapshot.number and _own(other) == _own(snapshot)
    ]
    if newer:
        raise Overtaken(
            f"the same was judged anew since, as snapshot {newer[0]}",
            where=where,
            next=f"look at that one: `cleanhold audit show {snapshot.dataset} {newer[0]}`",
        )
    if _fingerprint(stores, manifest) != manifest.contract_fingerprint:
        raise Overtaken(
            "the contract has changed since", where=where, next="`cleanhold run` judges it anew"
        )


def _fingerprint(stores: Stores, manifest: Manifest) -> str:
    """Of the contract that it would be judged under today; empty if there is none."""
    contract = stores.contracts.get(manifest.dataset)
    source = stores.sources.get(manifest.details.get("source", ""))
    if contract is None:
        return ""
    return (source.judged_by(contract) if source else contract).fingerprint()


def _own(snapshot: Snapshot) -> tuple[str, ...]:
    """What a snapshot is made from: its extract, or all inputs of a feature table."""
    extracts = [i.sha256 for i in snapshot.inputs if i.kind is InputKind.EXTRACT]
    return tuple(extracts or [i.sha256 for i in snapshot.inputs if i.name != snapshot.dataset])


def require_reason(why: str) -> None:
    """Raise `UsageError` if there is no reason."""
    such_as = "the branch in Ghent was closed, it is no loss"
    reason_of("publishing it all the same", why, such_as=such_as)


def overrule(
    stores: Stores,
    chosen: Stopped,
    features: Sequence[Feature],
    why: str,
    *,
    who: str | None = None,
) -> Outcome:
    """Publish a candidate although audits stopped it; nothing else may stop it by now.

    It is judged again, beside what readers have today, and kept with who overruled what, and why,
    in its manifest and in the audit log.

    Args:
        stores: of the workspace.
        chosen: what `stopped` gave.
        features: of the workspace.
        why: in words.
        who: decides; whoever runs this if None.

    Raises:
        UsageError: there is no reason, or nothing makes this dataset any more.
    """
    require_reason(why)
    snapshot = chosen.snapshot
    overruling = Overruling(
        who or who_acts(), why.strip(), snapshot.number, snapshot.manifest, tuple(chosen.stops)
    )
    outcome = _again(stores, chosen, features, overruling)
    project(stores)
    return outcome


def _again(
    stores: Stores, chosen: Stopped, features: Sequence[Feature], overruling: Overruling
) -> Outcome:
    dataset = chosen.snapshot.dataset
    for feature in features:
        if feature.dataset == dataset:
            return run_feature(stores, feature, overruling)
    source: Source | None = stores.sources.get(chosen.manifest.details.get("source", ""))
    (sha256,) = _own(chosen.snapshot)
    extract = stores.ledger.extract(sha256, source.name) if source else None
    if source is None or extract is None:
        raise UsageError(
            "its source is no longer declared",
            where=f"{dataset} snapshot {chosen.snapshot.number}",
            next="declare it again in flows/",
        )
    return run_extract(stores, source, extract, overruling=overruling)
