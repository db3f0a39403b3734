"""From the ledger's nouns to a trace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time

from cleanhold.core.contract import Contract
from cleanhold.core.extract import Extract
from cleanhold.core.flow_run import Parent
from cleanhold.core.run import Input, InputKind, Run
from cleanhold.core.snapshot import Channel, Manifest, Role
from cleanhold.tracing.columns import of_manifest
from cleanhold.tracing.told import Staged, Told
from cleanhold.tracing.trace import RunTrace, TracedCheck, TracedInput, TracedOutput


def trace_of(
    run: Run,
    *,
    job: str,
    code: str,
    contract: Contract,
    manifest: Manifest | None = None,
    extracts: Mapping[str, Extract] | None = None,
    headers: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    replaces: int | None = None,
    parent: Parent | None = None,
    root: Parent | None = None,
    interrupted: bool = False,
    staged: Staged | None = None,
    told: Told | None = None,
) -> RunTrace:
    """The trace of a run, from what the ledger, its manifest and its contract say.

    Args:
        run: as the ledger has it.
        job: stable name of what ran.
        code: the version of cleanhold that ran.
        manifest: of the snapshot it made; None for a run that made none.
        extracts: SHA-256 → extract, for those of the run's inputs that are extracts.
        headers: the extract's header names → dtypes as text.
        columns: contract column → header it came from.
        replaces: number of the snapshot readers had before.
        parent: the run that started this one; `root`: the one that started all of it.
        interrupted: somebody or something stopped it.
        staged: how its rows were divided.
        told: what else is known of it.
    """
    dates = [e.dated for e in (extracts or {}).values() if e.dated]
    return RunTrace(
        run=run.id,
        attempt=run.attempt,
        job=job,
        dataset=run.dataset,
        state=run.state,
        started_at=run.started_at,
        finished_at=run.finished_at,
        code=code,
        owner=contract.owner,
        description=contract.description,
        contract_version=run.contract_version or contract.version,
        contract_fingerprint=(
            manifest.contract_fingerprint if manifest else contract.fingerprint()
        ),
        inputs=tuple(
            _input(one, run, (extracts or {}).get(one.sha256), headers or {}) for one in run.inputs
        ),
        output=_output(run, manifest, replaces) if manifest else None,
        account=run.account,
        checks=_checks(manifest, contract) if manifest else (),
        columns=dict(columns or {}),
        reasons=run.reasons,
        nominal_at=datetime.combine(max(dates), time(), UTC) if dates else None,
        parent=parent,
        root=root,
        interrupted=interrupted,
        staged=staged,
        told=told or Told(),
        lineage=of_manifest(manifest) if manifest else None,
    )


def _input(
    one: Input, run: Run, extract: Extract | None, headers: Mapping[str, str]
) -> TracedInput:
    if one.kind is not InputKind.EXTRACT:
        return TracedInput(kind=one.kind, name=one.name, sha256=one.sha256, number=one.number)
    alone = sum(i.kind is InputKind.EXTRACT for i in run.inputs) == 1
    return TracedInput(
        kind=one.kind,
        name=extract.source if extract else one.name,
        sha256=one.sha256,
        file=one.name,
        rows=run.account.records if run.account and alone else None,
        size=extract.size if extract else None,
        schema=headers if alone else {},
    )


def _output(run: Run, manifest: Manifest, replaces: int | None) -> TracedOutput | None:
    if run.snapshot is None:
        return None
    data = manifest.of(Role.DATA)
    return TracedOutput(
        number=run.snapshot,
        rows=manifest.rows,
        size=sum(f.size for f in data),
        files=len(data),
        schema=manifest.schema,
        replaces=replaces,
        waits=manifest.details.get("channel") == Channel.PILOT,
    )


def _checks(manifest: Manifest, contract: Contract) -> tuple[TracedCheck, ...]:
    sentences = {(c.name, c.column): c.says for c in contract.checks}
    return tuple(
        TracedCheck(
            name=c["check"],
            column=c.get("column"),
            severity=str(c.get("severity", "error")),
            failed=c.get("failed", 0),
            warned=c.get("warned", 0),
            skipped=c.get("skipped", 0),
            says=sentences.get((c["check"], c.get("column")), ""),
        )
        for c in manifest.checks
    )
