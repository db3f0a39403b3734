from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from cleanhold.core.run import InputKind, RunState
from cleanhold.errors import UsageError
from cleanhold.tracing import (
    Naming,
    Parent,
    RunTrace,
    TracedInput,
    event_id,
    own_facet_schemas,
    run_id,
)
from cleanhold.tracing.event import EventType
from cleanhold.tracing.events import events_of

from .conftest import BASE, Trace, facets_in, judge, own_registry, spec_registry

KINDS = ["published", "candidate", "failed", "staging", "built", "bare"]


def bodies(trace: RunTrace, naming: Naming) -> list[dict[str, Any]]:
    return [json.loads(event.line) for event in events_of(trace, naming)]


def end(trace: RunTrace, naming: Naming) -> dict[str, Any]:
    return bodies(trace, naming)[-1]


# --- the specification ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_events_and_their_facets_are_valid_by_the_specification(
    kind: str, runs: dict[str, RunTrace], naming: Naming
) -> None:
    registry = spec_registry()
    for body in bodies(runs[kind], naming):
        assert judge(BASE, registry, body) == []
        assert judge(f"{BASE}#/$defs/RunEvent", registry, body) == []
        for key, facet in facets_in(body):
            # The URL must resolve to exactly the version the facet claims, and the schema must
            # file that class under the key we use.
            url = facet["_schemaURL"]
            assert judge(url, registry, facet) == [], key
            filed = registry[url.partition("#")[0]].contents["properties"]
            assert filed[key]["$ref"] == "#" + url.partition("#")[2]


@pytest.mark.parametrize("kind", KINDS)
def test_our_own_facets_are_valid_by_the_schemas_we_ship(
    kind: str, runs: dict[str, RunTrace], naming: Naming
) -> None:
    registry = own_registry()
    seen = 0
    for body in bodies(runs[kind], naming):
        for key, facet in facets_in(body):
            if key.startswith("cleanhold_"):
                assert judge(facet["_schemaURL"], registry, facet) == []
                seen += 1
    assert seen > 0


def test_our_schemas_refuse_a_facet_that_lacks_a_count(
    runs: dict[str, RunTrace], naming: Naming
) -> None:
    facet = end(runs["published"], naming)["run"]["facets"]["cleanhold_account"]
    url = facet["_schemaURL"]
    for name in ("records", "clean", "held", "refused", "superseded", "state", "_producer"):
        broken = {k: v for k, v in facet.items() if k != name}
        assert judge(url, own_registry(), broken) != [], name
    assert judge(url, own_registry(), {**facet, "held": -1}) != []
    assert judge(url, own_registry(), {**facet, "state": "done"}) != []


def test_our_schemas_are_named_as_the_specification_asks() -> None:
    for identifier, schema in own_facet_schemas().items():
        version, _, name = identifier.removeprefix("urn:cleanhold:spec:facets:").partition(":")
        assert version == "1-0-0"
        assert name.startswith("Cleanhold")
        assert name.endswith(("RunFacet", "DatasetFacet"))
        assert list(schema["$defs"]) == [name]


# --- which events, and their ids -----------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "types"),
    [
        ("staging", ["START"]),
        ("published", ["START", "COMPLETE"]),
        ("candidate", ["START", "COMPLETE"]),
        ("failed", ["START", "FAIL"]),
    ],
)
def test_a_run_tells_its_start_and_its_end(
    kind: str, types: list[str], runs: dict[str, RunTrace], naming: Naming
) -> None:
    found = bodies(runs[kind], naming)
    assert [b["eventType"] for b in found] == types
    assert found[0]["eventTime"] == "2026-11-02T23:59:59.000005Z"
    assert [b["eventTime"] for b in found[1:]] == ["2026-11-03T00:00:01.000000Z"] * (len(types) - 1)


def test_the_same_trace_gives_the_same_bytes(runs: dict[str, RunTrace], naming: Naming) -> None:
    for trace in runs.values():
        assert [e.line for e in events_of(trace, naming)] == [
            e.line for e in events_of(replace(trace), naming)
        ]


def test_start_is_the_same_whatever_the_run_comes_to(
    runs: dict[str, RunTrace], naming: Naming
) -> None:
    kinds = ("staging", "published", "candidate", "failed")
    starts = {events_of(runs[kind], naming)[0].line for kind in kinds}
    assert len(starts) == 1


def test_ids_are_pinned_and_differ_by_run_attempt_and_type() -> None:
    # Pinned: a changed id would write every event of a replay a second time.
    assert run_id("ab" * 32, 1) == "82e270cc-2156-58e4-9697-d06268024229"
    assert event_id("ab" * 32, 1, EventType.START) == "5c8ccff9-0991-5e5e-9b48-5fca447e3c3e"
    ids = {
        event_id(run, attempt, kind)
        for run in ("ab" * 32, "cd" * 32)
        for attempt in (1, 2)
        for kind in EventType
    }
    assert len(ids) == 20


def test_times_are_told_in_utc(ingest: Trace, naming: Naming) -> None:
    east = timezone(timedelta(hours=2))
    trace = ingest(
        started_at=datetime(2026, 11, 3, 1, 0, tzinfo=east),
        finished_at=datetime(2026, 11, 3, 1, 30, tzinfo=east),
    )
    start, ending = events_of(trace, naming)
    assert start.body["eventTime"] == "2026-11-02T23:00:00.000000Z"
    assert ending.at.date().isoformat() == "2026-11-02"


# --- what they tell ------------------------------------------------------------------------


def test_a_published_run_writes_its_table_its_quarantine_and_what_it_refused(
    runs: dict[str, RunTrace], naming: Naming
) -> None:
    outputs = end(runs["published"], naming)["outputs"]
    rows = {
        (o["namespace"], o["name"]): o["outputFacets"]["outputStatistics"]["rowCount"]
        for o in outputs
    }
    assert rows == {
        ("insurer", "crm.contacts"): 120,
        ("insurer", "crm.contacts@quarantine"): 3,
        ("insurer", "crm.contacts@refused"): 1,
    }
    table = outputs[0]["facets"]
    assert table["version"]["datasetVersion"] == "4"
    assert table["lifecycleStateChange"]["lifecycleStateChange"] == "OVERWRITE"
    assert table["ownership"]["owners"] == [{"name": "growth-models@example.org", "type": "OWNER"}]
    assert table["documentation"]["description"] == "People, as the CRM knows them"
    assert [(f["name"], f["type"], f["ordinal_position"]) for f in table["schema"]["fields"]] == [
        ("row_id", "String", 1),
        ("contact_id", "String", 2),
        ("email", "String", 3),
    ]
    assert outputs[0]["outputFacets"]["outputStatistics"]["size"] == 4567
    assert outputs[0]["outputFacets"]["outputStatistics"]["fileCount"] == 2
    assert "findings" in [f["name"] for f in outputs[1]["facets"]["schema"]["fields"]]
    assert "bytes" in [f["name"] for f in outputs[2]["facets"]["schema"]["fields"]]


def test_the_first_snapshot_of_a_table_creates_it(ingest: Trace, naming: Naming) -> None:
    published = ingest()
    assert published.output is not None
    first = replace(published, output=replace(published.output, replaces=None))
    facet = end(first, naming)["outputs"][0]["facets"]["lifecycleStateChange"]
    assert facet["lifecycleStateChange"] == "CREATE"


def test_a_candidate_is_not_told_as_what_readers_get(
    runs: dict[str, RunTrace], naming: Naming
) -> None:
    body = end(runs["candidate"], naming)
    names = [o["name"] for o in body["outputs"]]
    assert "crm.contacts@candidate" in names
    assert "crm.contacts" not in names
    assert "lifecycleStateChange" not in body["outputs"][0]["facets"]
    account = body["run"]["facets"]["cleanhold_account"]
    assert account["state"] == "candidate"
    assert account["reasons"] == ["40.0 % held or refused; 5.0 % tolerated"]


def test_a_failed_run_says_why_and_claims_no_output(
    runs: dict[str, RunTrace], naming: Naming
) -> None:
    body = end(runs["failed"], naming)
    assert body["outputs"] == []
    error = body["run"]["facets"]["errorMessage"]
    assert error["message"] == "the extract is truncated\nrecord 11 has no end"
    for kind in ("published", "candidate"):
        assert "errorMessage" not in end(runs[kind], naming)["run"]["facets"]


def test_a_run_that_failed_late_tells_its_account_but_claims_no_output(
    ingest: Trace, naming: Naming
) -> None:
    body = end(ingest(state=RunState.FAILED, reasons=("the disk is full",)), naming)
    assert body["outputs"] == []
    assert body["run"]["facets"]["cleanhold_account"]["held"] == 3


def test_the_account_is_told_in_full(runs: dict[str, RunTrace], naming: Naming) -> None:
    facet = end(runs["published"], naming)["run"]["facets"]["cleanhold_account"]
    told = {k: v for k, v in facet.items() if not k.startswith("_")}
    assert told == {
        "run": "ab" * 32,
        "attempt": 1,
        "state": "published",
        "reasons": [],
        "records": 10,
        "clean": 6,
        "held": 3,
        "refused": 1,
        "superseded": 0,
        "warned": 2,
    }


def test_checks_of_an_extract_are_told_on_it_by_its_own_headers(
    runs: dict[str, RunTrace], naming: Naming
) -> None:
    body = end(runs["published"], naming)
    extract, reference = body["inputs"]
    assert (extract["namespace"], extract["name"]) == ("salesforce://insurer", "crm.contacts")
    assert extract["facets"]["version"]["datasetVersion"] == "cd" * 32
    assert extract["inputFacets"]["dataQualityMetrics"]["rowCount"] == 10
    told = [
        (a["name"], a.get("column"), a["success"], a["severity"], a["actual"])
        for a in extract["inputFacets"]["dataQualityAssertions"]["assertions"]
    ]
    assert told == [
        ("contact_id.not_null", "Contact ID", True, "error", "0"),
        ("email.matches", "E-mail", False, "error", "3"),
        ("email.usual", "E-mail", False, "warn", "2"),
    ]
    assert (reference["namespace"], reference["name"]) == ("insurer", "crm.accounts")
    assert reference["facets"]["version"]["datasetVersion"] == "7"
    assert "dataQualityAssertions" not in reference["inputFacets"]
    assert "dataQualityAssertions" not in body["outputs"][0]["facets"]


def test_checks_of_a_built_table_are_told_on_the_table(build: RunTrace, naming: Naming) -> None:
    body = end(build, naming)
    assertions = body["outputs"][0]["facets"]["dataQualityAssertions"]["assertions"]
    assert [a.get("column") for a in assertions] == ["contact_id", "email", "email", None]
    assert all("dataQualityAssertions" not in i["inputFacets"] for i in body["inputs"])


def test_a_check_that_could_judge_no_row_is_skipped_not_passed(
    runs: dict[str, RunTrace], naming: Naming
) -> None:
    # 9 of 10 records became rows; one was refused and never judged.
    executions = end(runs["published"], naming)["run"]["facets"]["test"]["tests"]
    assert {t["name"]: t["status"] for t in executions} == {
        "contact_id.not_null": "pass",
        "email.matches": "fail",
        "email.usual": "fail",
        "closes_after_it_opens": "skip",
    }
    # An assertion is true or false, so this check has none.
    assertions = end(runs["published"], naming)["inputs"][0]["inputFacets"]["dataQualityAssertions"]
    assert "closes_after_it_opens" not in [a["name"] for a in assertions["assertions"]]
    assert executions[3]["params"] == {"failed": 0, "warned": 0, "skipped": 9}
    assert executions[1]["description"] == "{value} is no e-mail"


def test_columns_lead_back_to_headers(runs: dict[str, RunTrace], naming: Naming) -> None:
    facet = end(runs["published"], naming)["outputs"][0]["facets"]["columnLineage"]
    (field,) = facet["fields"]["email"]["inputFields"]
    assert (field["namespace"], field["name"], field["field"]) == (
        "salesforce://insurer",
        "crm.contacts",
        "E-mail",
    )
    assert sorted(facet["fields"]) == ["contact_id", "email"]


def test_checks_over_two_extracts_are_told_once(ingest: Trace, naming: Naming) -> None:
    one = ingest().inputs[0]
    body = end(ingest(inputs=(one, replace(one, sha256="dd" * 32))), naming)
    assert all("dataQualityAssertions" not in i["inputFacets"] for i in body["inputs"])
    assert "dataQualityAssertions" in body["outputs"][0]["facets"]


def test_the_parent_and_the_business_date_are_told_where_given(
    runs: dict[str, RunTrace], naming: Naming
) -> None:
    for body in bodies(runs["published"], naming):
        facets = body["run"]["facets"]
        assert facets["parent"]["run"]["runId"] == "6f1e8f3e-4a0f-4a55-a94a-04a5b1a9a0a3"
        assert facets["parent"]["job"] == {"namespace": "prefect", "name": "nightly"}
        assert facets["nominalTime"]["nominalStartTime"] == "2026-11-02T00:00:00.000000Z"
    facets = end(runs["built"], naming)["run"]["facets"]
    assert "parent" not in facets
    assert "nominalTime" not in facets


def test_every_event_names_its_maker_and_its_contract(
    runs: dict[str, RunTrace], naming: Naming
) -> None:
    for kind in KINDS:
        for body in bodies(runs[kind], naming):
            assert body["producer"] == "urn:cleanhold:0.1.0"
            assert all(f["_producer"] == "urn:cleanhold:0.1.0" for _, f in facets_in(body))
            assert body["run"]["facets"]["cleanhold_contract"]["dataset"] == runs[kind].dataset
            assert body["run"]["facets"]["processing_engine"]["version"] == "0.1.0"
            assert body["job"]["facets"]["jobType"]["processingType"] == "BATCH"


# --- what cannot be traced -----------------------------------------------------------------


def test_a_time_without_a_zone_is_refused(ingest: Trace) -> None:
    with pytest.raises(UsageError, match="no time zone"):
        ingest(started_at=datetime(2026, 1, 1))


@pytest.mark.parametrize("missing", ["finished_at", "output", "account"])
def test_a_finished_run_must_bring_its_end(missing: str, ingest: Trace) -> None:
    with pytest.raises(UsageError, match=missing):
        ingest(**{missing: None})


def test_a_failed_run_needs_no_output_but_an_end(ingest: Trace) -> None:
    ingest(state=RunState.FAILED, output=None, account=None)
    with pytest.raises(UsageError, match="finished_at"):
        ingest(state=RunState.FAILED, finished_at=None)


def test_a_parent_must_have_a_uuid() -> None:
    with pytest.raises(UsageError, match="not a UUID"):
        Parent("flow-run-1", "prefect", "nightly")


def test_importing_the_room_does_not_import_the_client() -> None:
    code = (
        "import sys, cleanhold.tracing;"
        "sys.exit(any(m.partition('.')[0] == 'openlineage' for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_extract_of_no_known_source_has_a_namespace_of_its_own(
    ingest: Trace, naming: Naming
) -> None:
    stray = TracedInput(kind=InputKind.EXTRACT, name="crm2.contacts", sha256="aa" * 32)
    (told,) = end(ingest(inputs=(stray,)), naming)["inputs"]
    assert (told["namespace"], told["name"]) == ("insurer/sources", "crm2.contacts")
