"""run: everything that has arrived, in the order of its business, then what depends on it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl

from cleanhold.core.audit import Overruling
from cleanhold.core.check import Kind
from cleanhold.core.contract import Contract, LoadMode
from cleanhold.core.control import totals_of
from cleanhold.core.extract import Extract
from cleanhold.core.feature import Feature
from cleanhold.core.reading import Progress
from cleanhold.core.run import Input, InputKind, Run, RunState
from cleanhold.core.snapshot import Channel, Snapshot
from cleanhold.core.source import Source
from cleanhold.core.system import refusal, system_error
from cleanhold.errors import CleanholdError, DeliveryError
from cleanhold.pipeline.beneath import beneath
from cleanhold.pipeline.build import Built, build
from cleanhold.pipeline.drift import previous_extract
from cleanhold.pipeline.expire import expire_after_run
from cleanhold.pipeline.flow_run import end_interrupted, flow_run
from cleanhold.pipeline.heal import heal
from cleanhold.pipeline.history import past_snapshots
from cleanhold.pipeline.ingest import Ingested, ingest, reader_of
from cleanhold.pipeline.merge import rank
from cleanhold.pipeline.project import project
from cleanhold.pipeline.publish import Job, Outcome, State, publish
from cleanhold.pipeline.send import send_soon, sending
from cleanhold.pipeline.stores import Stores, snapshot_input
from cleanhold.readers import parquet
from cleanhold.store.kept import gone_since
from cleanhold.store.recovery import recover

_log = logging.getLogger(__name__)

#: What `cleanhold run` is called in lineage; a flow of Prefect is `flow.<its name>`.
FLOW = "flow.run"


def run(
    stores: Stores,
    sources: Sequence[Source],
    features: Sequence[Feature],
    root: Path,
    progress: Progress | None = None,
) -> Iterator[Outcome]:
    """Ingest what has arrived at `sources`, then build `features`; one outcome each.

    Deliveries are taken by business date, and on one date referenced datasets first, so that a
    backlog gives what running every day would have given. A failure of one does not stop the
    others.

    Args:
        sources: in the order that references ask for.
        features: inputs before the tables built from them.
        root: the workspace.
    """
    recover(stores.state, stores.ledger)
    end_interrupted(stores)
    with sending(stores), flow_run(stores, FLOW) as (inside, failures):
        for outcome in _outcomes(inside, sources, features, root, progress):
            if outcome.state is State.FAILED:
                failures.append(f"{outcome.what}: {'; '.join(outcome.reasons)}")
            yield outcome
        for failure in project(inside, send=False):
            kind = failure.event.kind if failure.event else "the outbox"
            _log.warning("%s is not up to date; the next run tries again: %s", kind, failure.error)
    send_soon(stores)
    expire_after_run(stores)


def _outcomes(
    stores: Stores,
    sources: Sequence[Source],
    features: Sequence[Feature],
    root: Path,
    progress: Progress | None,
) -> Iterator[Outcome]:
    landed: list[Landed] = []
    for source in sources:
        ingested = ingest(stores, source, root, progress)
        landed += [(source, extract) for extract in ingested.extracts]
        yield from not_landed(stores.contracts[source.dataset], ingested)
    for source, extract in in_business_order(landed, sources):
        take = partial(run_extract, stores, source, extract, progress)
        yield _outcome(stores.contracts[source.dataset], extract.name, take)
    for dataset in dict.fromkeys(source.dataset for source in sources):
        yield from healed(stores, dataset)
    for feature in features:
        make = partial(run_feature, stores, feature)
        yield _outcome(stores.contracts[feature.dataset], feature.dataset, make)


#: A source and one extract of it.
Landed = tuple[Source, Extract]


def not_landed(contract: Contract, ingested: Ingested) -> list[Outcome]:
    """The outcomes of the deliveries that could not be landed."""
    return [failed(contract, failure.name, failure.error) for failure in ingested.failures]


def in_business_order(landed: Sequence[Landed], sources: Sequence[Source]) -> list[Landed]:
    """Oldest business date first; on one date, referenced datasets before those that refer."""
    rank = {source.name: number for number, source in enumerate(sources)}
    return sorted(landed, key=lambda d: (d[1].order[0], rank[d[0].name], d[1].order[1]))


def run_extract(
    stores: Stores,
    source: Source,
    extract: Extract,
    progress: Progress | None = None,
    overruling: Overruling | None = None,
) -> Outcome:
    """One extract of a source: nothing if it is published already, else all of the path."""
    contract = source.judged_by(stores.contracts[source.dataset])
    take = partial(_take_extract, stores, source, contract, extract, progress, overruling)
    try:
        return _in_channel(stores, stores.in_turn(contract.dataset, take))
    except CleanholdError as error:
        return failed(contract, extract.name, error)


def _take_extract(
    stores: Stores,
    source: Source,
    contract: Contract,
    extract: Extract,
    progress: Progress | None,
    overruling: Overruling | None,
) -> Outcome:
    following = stores.number(contract.dataset)
    known = extract.sha256 in stores.ledger.published_extracts(contract.dataset)
    overtaken_by = _overtaken_by(stores, contract, extract) if known else None
    if known and overtaken_by is None:
        return _unchanged(stores, contract, extract)
    if gone_since(extract, stores.ledger.retention.expired_extracts()):
        return failed(contract, extract.name, _expired(extract))
    snapshots, missing = _published(stores, contract.referenced)
    if missing:
        return _waiting(contract, extract.name, missing)
    job = Job(
        contract=contract,
        source=source.name,
        what=extract.name,
        following=following,
        bytes_in=lambda _: Built(extract.path),
        extract=extract.sha256,
        reader=reader_of(source),
        inputs=(
            Input(InputKind.EXTRACT, extract.name, extract.sha256),
            *(snapshot_input(s) for s in snapshots.values()),
        ),
        ranks=stores.ledger.extract_order(),
        tables=_tables(stores, snapshots),
        late=_is_late(stores, contract, extract),
        previous=previous_extract(stores, contract.dataset, extract),
        after=overtaken_by.manifest if overtaken_by else "",
        overruling=overruling,
        control=totals_of(source.control, extract, contract) if source.control else (),
    )
    return publish(stores, _compared(stores, job), progress=progress)


def _in_channel(stores: Stores, outcome: Outcome) -> Outcome:
    return replace(outcome, channel=stores.publishes_to(outcome.dataset))


def healed(stores: Stores, dataset: str) -> list[Outcome]:
    """What became of the rows of a dataset that heal by themselves."""
    contract = stores.contracts[dataset]
    try:
        outcomes = stores.in_turn(dataset, partial(heal, stores, contract))
        return [_in_channel(stores, outcome) for outcome in outcomes]
    except CleanholdError as error:
        return [failed(contract, "held rows that heal", error)]
    except (OSError, pl.exceptions.PolarsError) as error:
        if refused := system_error(error):
            return [failed(contract, "held rows that heal", refused)]
        raise


def run_feature(stores: Stores, feature: Feature, overruling: Overruling | None = None) -> Outcome:
    """Build and publish one feature table from the published snapshots of its inputs."""
    contract = stores.contracts[feature.dataset]
    take = partial(_take_feature, stores, contract, feature, overruling)
    try:
        return _in_channel(stores, stores.in_turn(feature.dataset, take))
    except CleanholdError as error:
        return failed(contract, feature.dataset, error)


def _take_feature(
    stores: Stores, contract: Contract, feature: Feature, overruling: Overruling | None
) -> Outcome:
    following = stores.number(feature.dataset)
    snapshots, missing = _published(stores, {*feature.inputs.values(), *contract.referenced})
    if missing:
        return _waiting(contract, feature.dataset, missing)
    job = Job(
        contract=contract,
        source="",
        what=feature.dataset,
        following=following,
        bytes_in=lambda folder: build(stores, feature, snapshots, folder),
        extract="",
        reader=parquet(),
        inputs=tuple(snapshot_input(s) for s in snapshots.values()),
        ranks={},
        tables=_tables(stores, snapshots),
        code=feature.code_fingerprint(),
        where=feature.where,
        overruling=overruling,
    )
    compared = _compared(stores, job)
    return (
        _unless_current(stores, job)
        or _unless_rolled_back(stores, compared)
        or publish(stores, _following(stores, compared))
    )


def _expired(extract: Extract) -> DeliveryError:
    return DeliveryError(
        "its bytes have expired, and it was never published here",
        where=f"{extract.source}, {extract.name}",
        next="have it delivered again under another name",
    )


def _compared(stores: Stores, job: Job) -> Job:
    """The job, beside the baseline, and the snapshot it follows if a check asks what has changed.

    A late delivery must not be held for what came after it: for a key that a newer one brought,
    nothing is known of the time before. Its own row may be older than all that is published.
    """
    contract = job.contract
    named = stores.ledger.snapshot(contract.dataset, channel=Channel.BASELINE)
    job = _judged_again(stores, replace(job, baseline=named))
    current = stores.ledger.head(contract.dataset)
    if current is None or all(check.kind is not Kind.CHANGE for check in contract.checks):
        return job
    published = stores.table(current)
    if job.late:
        is_older = rank(job.ranks) < job.ranks[job.prefix]
        published = published.with_columns(pl.when(is_older).then(pl.exclude(contract.key)))
    return replace(job, inputs=(*job.inputs, snapshot_input(current)), published=published)


def _judged_again(stores: Stores, job: Job) -> Job:
    """The job, done again if it was stopped, and what it was compared with is another since."""
    done = stores.ledger.run(job.key)
    if done is None or done.state is not RunState.CANDIDATE:
        return job
    stopped = stores.ledger.snapshot(job.contract.dataset, done.snapshot)
    found = stores.manifest(stopped).details if stopped else {}
    history = past_snapshots(stores, job.contract.dataset, job.source, job.extract)
    now = beneath(job.contract, found.get("stops", ()), history, job.baseline)
    return job if now == found.get("beneath", "") else replace(job, against=now)


def _unless_current(stores: Stores, job: Job) -> Outcome | None:
    """The outcome if what readers have was made by this very job."""
    contract = job.contract
    current = stores.ledger.head(contract.dataset)
    if current is None:
        return None
    made = stores.manifest(current)
    inputs = [i.sha256 for i in made.inputs if i.name != contract.dataset]  # not what it followed
    made_by = (made.contract_fingerprint, made.code, inputs)
    if made_by != (contract.fingerprint(), job.all_code, [i.sha256 for i in job.inputs]):
        return None
    run = stores.ledger.run(current.run)
    return Outcome(contract.dataset, job.what, State.UNCHANGED, run, (), contract.owner)


def _unless_rolled_back(stores: Stores, job: Job) -> Outcome | None:
    """The outcome if this very job was done, and its snapshot taken from readers since."""
    contract, done = job.contract, stores.ledger.run(job.key)
    if why := _rolled_back(stores, done):
        return Outcome(contract.dataset, job.what, State.UNCHANGED, done, why, contract.owner)
    return None


def _rolled_back(stores: Stores, run: Run | None) -> tuple[str, ...]:
    """That what a run published was taken from readers, in words; nothing if it was not.

    A channel points at an older snapshot than the newest published one only after a rollback.
    """
    current = stores.ledger.head(run.dataset) if run else None
    if run is None or current is None or run.state is not RunState.PUBLISHED:
        return ()
    if not run.snapshot or run.snapshot <= current.number:
        return ()
    return (f"readers were rolled back from snapshot {run.snapshot} to {current.number}",)


def _following(stores: Stores, job: Job) -> Job:
    """The job, done again if something else was published since: its code was taken back."""
    done = stores.ledger.run(job.key)
    current = stores.ledger.head(job.contract.dataset)
    if done is None or done.state is not RunState.PUBLISHED or current is None:
        return job
    return replace(job, after=current.manifest)


def _is_late(stores: Stores, contract: Contract, extract: Extract) -> bool:
    """Whether a newer extract of the dataset is published."""
    published = stores.ledger.published_extracts(contract.dataset)
    found = (stores.ledger.extract(sha256) for sha256 in published)
    return any(other is not None and other.order > extract.order for other in found)


def _overtaken_by(stores: Stores, contract: Contract, extract: Extract) -> Snapshot | None:
    """What others published since an extract was, if it was delivered again after that.

    Then its rows are the newest there are, and it is published again. Appended rows stay once:
    the same bytes twice are one extract.
    """
    current = stores.ledger.head(contract.dataset)
    if current is None or contract.load is LoadMode.APPEND or _is_late(stores, contract, extract):
        return None
    published = (s for s in stores.ledger.snapshots(contract.dataset) if s.is_published)
    its_own = next((s for s in published if _is_of(s, extract)), None)
    if its_own is None or its_own.number == current.number:
        return None
    return current if its_own.created_at < extract.landed_at else None


def _is_of(snapshot: Snapshot, extract: Extract) -> bool:
    return any(i.kind is InputKind.EXTRACT and i.sha256 == extract.sha256 for i in snapshot.inputs)


def _published(stores: Stores, datasets: set[str]) -> tuple[dict[str, Snapshot], list[str]]:
    """The published snapshots of datasets, by name in order, and those that have none."""
    found = stores.published(datasets)
    return found, sorted(datasets - found.keys())


def _tables(stores: Stores, snapshots: Mapping[str, Snapshot]) -> dict[str, pl.LazyFrame]:
    return {name: stores.table(snapshot) for name, snapshot in snapshots.items()}


def _unchanged(stores: Stores, contract: Contract, extract: Extract) -> Outcome:
    runs = [
        run
        for run in stores.ledger.runs(contract.dataset)
        if run.state is RunState.PUBLISHED and any(i.sha256 == extract.sha256 for i in run.inputs)
    ]
    run = runs[0] if runs else None
    why = _rolled_back(stores, run)
    return Outcome(contract.dataset, extract.name, State.UNCHANGED, run, why, contract.owner)


def _waiting(contract: Contract, what: str, missing: Sequence[str]) -> Outcome:
    reasons = tuple(f"{name} has no published snapshot yet" for name in missing)
    return Outcome(contract.dataset, what, State.WAITING, None, reasons, contract.owner)


def _outcome(contract: Contract, what: str, step: Callable[[], Outcome]) -> Outcome:
    try:
        return step()
    except (OSError, pl.exceptions.PolarsError) as error:
        if refused := system_error(error):
            return failed(contract, what, refused)
        raise


def failed(contract: Contract, what: str, error: CleanholdError | OSError) -> Outcome:
    """The outcome of a technical failure."""
    if isinstance(error, OSError):
        error = refusal(error, contract.dataset)
    return Outcome(contract.dataset, what, State.FAILED, None, (error.what,), contract.owner, error)
