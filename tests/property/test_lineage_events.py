"""Whatever a run comes to, its events balance, are valid, and are the same bytes again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from cleanhold.core.account import Account
from cleanhold.core.run import InputKind, RunState
from cleanhold.tracing import (
    Naming,
    RunTrace,
    TracedCheck,
    TracedInput,
    TracedOutput,
    own_facet_schemas,
)
from cleanhold.tracing.events import events_of
from cleanhold.tracing.told import Staged, Told, TracedAudit, TracedMeasure

NAMING = Naming(namespace="w", sources={"s": "file://host"})
BASE = {
    "$id": "https://openlineage.io/spec/2-0-2/OpenLineage.json",
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {"RunFacet": {"type": "object"}, "DatasetFacet": {"type": "object"}},
}
REGISTRY = Registry().with_resources(
    (s["$id"], Resource.from_contents(s)) for s in [BASE, *own_facet_schemas().values()]
)

counts = st.integers(0, 2**40)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC))
columns = st.dictionaries(st.text(min_size=1), st.text(), max_size=4)
checks = st.builds(
    TracedCheck,
    name=st.text(min_size=1),
    column=st.none() | st.text(min_size=1),
    severity=st.sampled_from(["error", "warn"]),
    failed=counts,
    warned=counts,
    skipped=counts,
    says=st.text(),
)

accounts = st.builds(Account, counts, counts, counts, counts, counts, counts)
names = st.text(min_size=1)
tolds = st.builds(
    Told,
    audits=st.lists(
        st.builds(TracedAudit, names, st.sampled_from(["pass", "warn", "stop"]), st.text()),
        max_size=2,
    ).map(tuple),
    waived=st.just([{"checks": ["a.b"], "until": None, "decision": 1, "rows": 2}]) | st.just([]),
    measures=st.dictionaries(names, st.builds(TracedMeasure, counts), max_size=2),
    personal=st.dictionaries(names, st.just("direct"), max_size=2),
    channel=st.sampled_from(["", "production"]),
)


@st.composite
def traces(draw: st.DrawFn) -> RunTrace:
    clean, held, refused, superseded = (draw(counts) for _ in range(4))
    records = clean + held + refused + superseded
    return RunTrace(
        run=draw(st.text("0123456789abcdef", min_size=64, max_size=64)),
        attempt=draw(st.integers(1, 9)),
        job="ingest.s.d",
        dataset="s.d",
        state=draw(st.sampled_from([RunState.PUBLISHED, RunState.CANDIDATE, RunState.FAILED])),
        started_at=draw(moments),
        finished_at=draw(moments),
        code="0.1.0",
        inputs=(
            TracedInput(kind=InputKind.EXTRACT, name="s.d", sha256="cd" * 32, file=draw(st.text())),
        ),
        output=TracedOutput(number=1, rows=clean, size=draw(counts), schema=draw(columns)),
        account=Account(records, clean, held, refused, superseded),
        checks=tuple(draw(st.lists(checks, max_size=3))),
        columns=draw(columns),
        reasons=tuple(draw(st.lists(st.text(), max_size=2))),
        interrupted=draw(st.booleans()),
        staged=draw(st.none() | st.builds(Staged, moments, accounts)),
        told=draw(tolds),
    )


@settings(max_examples=100, deadline=None)
@given(traces())
def test_events_of_any_run(trace: RunTrace) -> None:
    lines = [event.line for event in events_of(trace, NAMING)]
    assert lines == [event.line for event in events_of(replace(trace), NAMING)]
    assert all(line.count(b"\n") == 1 and line.endswith(b"\n") for line in lines)

    types = [json.loads(line)["eventType"] for line in lines]
    failed = "ABORT" if trace.interrupted else "FAIL"
    end = failed if trace.state is RunState.FAILED else "COMPLETE"
    assert types == ["START", *(["RUNNING"] if trace.staged else []), end]

    body = json.loads(lines[-1])
    own = {k: f for k, f in body["run"]["facets"].items() if k.startswith("cleanhold_")}
    for facet in own.values():
        validator = Draft202012Validator({"$ref": facet["_schemaURL"]}, registry=REGISTRY)
        assert list(validator.iter_errors(facet)) == []
    assert ("cleanhold_waivers" in own) == bool(trace.told.waived)
    facet = body["run"]["facets"]["cleanhold_account"]

    # What the outputs say was written agrees with the account.
    rows = {o["name"]: o["outputFacets"]["outputStatistics"]["rowCount"] for o in body["outputs"]}
    if trace.state is RunState.FAILED:
        assert rows == {}
        return
    assert rows.get("s.d", rows.get("s.d@candidate")) == facet["clean"]
    assert rows["s.d@quarantine"] == facet["held"]
    assert rows.get("s.d@refused", 0) == facet["refused"]
    assert ("s.d" in rows) == (trace.state is RunState.PUBLISHED)
