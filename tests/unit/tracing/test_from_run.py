from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from cleanhold.core.account import Account
from cleanhold.core.check import Check, Kind
from cleanhold.core.contract import Contract
from cleanhold.core.extract import Extract
from cleanhold.core.run import Input, InputKind, Run, RunState
from cleanhold.core.snapshot import DataFile, Manifest, Role
from cleanhold.tracing import Naming, TracedCheck, trace_of
from cleanhold.tracing.events import events_of

ACCOUNT = Account(records=10, clean=6, held=3, refused=1)
DELIVERED = Input(InputKind.EXTRACT, "contacts_2026-11-02.csv", "cd" * 32)
READ = Input(InputKind.SNAPSHOT, "crm.accounts", "ef" * 32, 7)
CONTRACT = Contract(
    dataset="crm.contacts",
    columns=(),
    checks=(Check("matches", Kind.ROW, says="{value} is no e-mail", column="email"),),
    version="1.2.0",
    owner="growth-models@example.org",
    description="People",
)
RUN = Run(
    id="ab" * 32,
    dataset="crm.contacts",
    state=RunState.PUBLISHED,
    attempt=2,
    started_at=datetime(2026, 11, 3, 2, tzinfo=UTC),
    finished_at=datetime(2026, 11, 3, 3, tzinfo=UTC),
    account=ACCOUNT,
    snapshot=4,
    contract_version="1.2.0",
    inputs=(DELIVERED, READ),
)
MANIFEST = Manifest(
    dataset="crm.contacts",
    run=RUN.id,
    contract_version="1.2.0",
    contract_fingerprint="fe" * 32,
    code="0.1.0",
    inputs=RUN.inputs,
    account=ACCOUNT,
    files=(
        DataFile(Role.DATA, "11" * 32, 100, 1000),
        DataFile(Role.DATA, "22" * 32, 20, 200),
        DataFile(Role.HELD, "33" * 32, 3, 30),
    ),
    schema={"row_id": "String", "email": "String"},
    checks=(
        {"check": "matches", "column": "email", "severity": "error", "failed": 3, "warned": 0,
         "skipped": 1},
    ),
)  # fmt: skip
EXTRACT = Extract(
    sha256="cd" * 32,
    name="contacts_2026-11-02.csv",
    path=Path("anywhere"),
    size=1234,
    source="crm.contacts",
    landed_at=datetime(2026, 11, 3, 1, tzinfo=UTC),
    dated=date(2026, 11, 2),
)


def test_a_trace_tells_what_ledger_manifest_and_contract_say() -> None:
    trace = trace_of(
        RUN,
        job="ingest.crm.contacts",
        code="0.1.0",
        contract=CONTRACT,
        manifest=MANIFEST,
        extracts={EXTRACT.sha256: EXTRACT},
        headers={"E-mail": "String"},
        columns={"email": "E-mail"},
        replaces=3,
    )
    assert (trace.run, trace.attempt, trace.account) == (RUN.id, 2, ACCOUNT)
    assert trace.owner == "growth-models@example.org"
    assert trace.contract_fingerprint == "fe" * 32
    assert trace.nominal_at == datetime(2026, 11, 2, tzinfo=UTC)
    delivered, read = trace.inputs
    assert (delivered.name, delivered.file) == ("crm.contacts", "contacts_2026-11-02.csv")
    assert (delivered.rows, delivered.size) == (10, 1234)
    assert delivered.schema == {"E-mail": "String"}
    assert (read.name, read.number, read.rows, read.schema) == ("crm.accounts", 7, None, {})
    output = trace.output
    assert output is not None
    assert (output.number, output.rows, output.size, output.files) == (4, 120, 1200, 2)
    assert output.replaces == 3
    assert trace.checks == (
        TracedCheck(
            name="matches", column="email", failed=3, skipped=1, says="{value} is no e-mail"
        ),
    )


def test_a_run_that_has_only_started_tells_the_start_it_will_have_told() -> None:
    naming = Naming(namespace="w")
    common = {"job": "j", "code": "0.1.0", "extracts": {EXTRACT.sha256: EXTRACT}}
    claimed = replace(RUN, state=RunState.STAGING, finished_at=None, account=None, snapshot=None)
    manifest = replace(MANIFEST, contract_fingerprint=CONTRACT.fingerprint())
    now = trace_of(claimed, contract=CONTRACT, **common)
    later = trace_of(RUN, contract=CONTRACT, manifest=manifest, **common)
    assert events_of(now, naming)[0].line == events_of(later, naming)[0].line


def test_a_failed_run_has_no_manifest() -> None:
    failed = replace(RUN, state=RunState.FAILED, snapshot=None, account=None, reasons=("torn",))
    trace = trace_of(failed, job="j", code="0.1.0", contract=CONTRACT)
    assert trace.output is None
    assert trace.checks == ()
    assert trace.reasons == ("torn",)
    assert trace.inputs[0].name == "contacts_2026-11-02.csv"
    assert trace.contract_fingerprint == CONTRACT.fingerprint()


def test_rows_of_two_extracts_are_not_guessed() -> None:
    two = replace(RUN, inputs=(DELIVERED, replace(DELIVERED, sha256="dd" * 32)))
    newer = replace(EXTRACT, sha256="dd" * 32, dated=date(2026, 11, 3))
    trace = trace_of(
        two,
        job="j",
        code="0.1.0",
        contract=CONTRACT,
        manifest=MANIFEST,
        extracts={e.sha256: e for e in (EXTRACT, newer)},
        headers={"E-mail": "x"},
    )
    assert trace.nominal_at == datetime(2026, 11, 3, tzinfo=UTC)
    assert [(i.rows, dict(i.schema)) for i in trace.inputs] == [(None, {}), (None, {})]
