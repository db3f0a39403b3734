"""One run of each kind, and the schemas its events are judged by."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from cleanhold.core.account import Account
from cleanhold.core.column_lineage import Column, ColumnLineage, Origin, Way
from cleanhold.core.run import InputKind, RunState
from cleanhold.tracing import (
    Naming,
    Parent,
    RunTrace,
    TracedCheck,
    TracedInput,
    TracedOutput,
    own_facet_schemas,
)

SPEC = Path(__file__).parents[3].parent / "shared" / "data" / "contracts" / "openlineage"
BASE = "https://openlineage.io/spec/2-0-2/OpenLineage.json"

_STATUS, _HOLDER = (Column("legacy.policies", name) for name in ("status", "holder_id"))
BUILT = ColumnLineage(
    {
        "contact_id": (Origin(Column("crm.contacts", "contact_id"), Way.IDENTITY),),
        "yearly_premium": (
            Origin(Column("legacy.policies", "premium"), Way.AGGREGATION, "filter → sum"),
            Origin(_STATUS, Way.CONDITION, "== → filter → sum"),
        ),
        "policies": (Origin(_STATUS, Way.AGGREGATION, "count", masks=True),),
        "as_of": (),
    },
    rows=(Origin(_HOLDER, Way.GROUP_BY), Origin(_HOLDER, Way.JOIN, "left join")),
)

Trace = Callable[..., RunTrace]
Facets = Iterator[tuple[str, dict[str, Any]]]


@pytest.fixture
def naming() -> Naming:
    return Naming(namespace="insurer", sources={"crm": "salesforce://insurer"})


@pytest.fixture
def ingest() -> Trace:
    """A published ingestion of an extract; keywords replace parts of it."""

    def make(**changes: Any) -> RunTrace:
        parts: dict[str, Any] = {
            "run": "ab" * 32,
            "attempt": 1,
            "job": "ingest.crm.contacts",
            "dataset": "crm.contacts",
            "state": RunState.PUBLISHED,
            "started_at": datetime(2026, 11, 2, 23, 59, 59, 5, tzinfo=UTC),
            "finished_at": datetime(2026, 11, 3, 0, 0, 1, tzinfo=UTC),
            "code": "0.1.0",
            "owner": "growth-models@example.org",
            "description": "People, as the CRM knows them",
            "contract_version": "1.2.0",
            "contract_fingerprint": "fe" * 32,
            "inputs": (
                TracedInput(
                    kind=InputKind.EXTRACT,
                    name="crm.contacts",
                    sha256="cd" * 32,
                    file="contacts_2026-11-02.csv",
                    rows=10,
                    size=1234,
                    schema={"Contact ID": "String", "E-mail": "String"},
                ),
                TracedInput(
                    kind=InputKind.SNAPSHOT, name="crm.accounts", sha256="ef" * 32, number=7
                ),
            ),
            "output": TracedOutput(
                number=4,
                rows=120,
                size=4567,
                files=2,
                schema={"row_id": "String", "contact_id": "String", "email": "String"},
                replaces=3,
            ),
            "account": Account(records=10, clean=6, held=3, refused=1, warned=2),
            "checks": (
                TracedCheck(name="not_null", column="contact_id"),
                TracedCheck(name="matches", column="email", failed=3, says="{value} is no e-mail"),
                TracedCheck(name="usual", column="email", severity="warn", warned=2),
                TracedCheck(name="closes_after_it_opens", skipped=9),
            ),
            "columns": {"contact_id": "Contact ID", "email": "E-mail"},
            "lineage": ColumnLineage(
                {
                    "contact_id": (Origin(Column("crm.contacts", "Contact ID"), Way.IDENTITY),),
                    "email": (
                        Origin(Column("crm.contacts", "E-mail"), Way.TRANSFORMATION, "text"),
                    ),
                }
            ),
            "nominal_at": datetime(2026, 11, 2, tzinfo=UTC),
            "parent": Parent("6f1e8f3e-4a0f-4a55-a94a-04a5b1a9a0a3", "prefect", "nightly"),
        }
        return RunTrace(**{**parts, **changes})

    return make


@pytest.fixture
def build(ingest: Trace) -> RunTrace:
    """A published build of a feature table: no extract."""
    inputs = tuple(
        TracedInput(kind=InputKind.SNAPSHOT, name=name, sha256="aa" * 32, number=number)
        for name, number in (("crm.contacts", 4), ("legacy.policies", 2))
    )
    return ingest(
        job="build.features.customer_churn",
        dataset="features.customer_churn",
        inputs=inputs,
        columns={},
        lineage=BUILT,
        account=Account(records=10, clean=7, held=3, refused=0, warned=2),
        parent=None,
        nominal_at=None,
    )


@pytest.fixture
def runs(ingest: Trace, build: RunTrace) -> dict[str, RunTrace]:
    """A run of each kind and end."""
    return {
        "published": ingest(),
        "candidate": ingest(
            state=RunState.CANDIDATE, reasons=("40.0 % held or refused; 5.0 % tolerated",)
        ),
        "failed": ingest(
            state=RunState.FAILED,
            reasons=("the extract is truncated", "record 11 has no end"),
            output=None,
            account=None,
            checks=(),
        ),
        "staging": ingest(
            state=RunState.STAGING, finished_at=None, output=None, account=None, checks=()
        ),
        "built": build,
        "bare": RunTrace(
            run="00" * 32,
            attempt=1,
            job="ingest.a",
            dataset="a",
            state=RunState.PUBLISHED,
            started_at=datetime(2026, 1, 1, tzinfo=UTC),
            finished_at=datetime(2026, 1, 1, tzinfo=UTC),
            code="0.1.0",
            output=TracedOutput(number=1, rows=0, size=0),
            account=Account(records=0, clean=0, held=0, refused=0),
        ),
    }


def facets_in(body: dict[str, Any]) -> Facets:
    """(key, facet) of every facet of an event."""
    holders = [body["run"]["facets"], body["job"]["facets"]]
    for dataset in body["inputs"] + body["outputs"]:
        holders += [dataset.get(k, {}) for k in ("facets", "inputFacets", "outputFacets")]
    for holder in holders:
        yield from holder.items()


def own_registry() -> Registry[Any]:
    """Our facet schemas, over the base facets as the specification defines them."""
    base_facet = {
        "type": "object",
        "properties": {"_producer": {"type": "string"}, "_schemaURL": {"type": "string"}},
        "required": ["_producer", "_schemaURL"],
    }
    base = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": BASE,
        "$defs": {"RunFacet": base_facet, "DatasetFacet": base_facet},
    }
    return registry_of([base, *own_facet_schemas().values()])


def spec_registry() -> Registry[Any]:
    """The specification's schemas and ours; skips where the former are not at hand."""
    if not SPEC.is_dir():
        pytest.skip(f"the OpenLineage schemas are not in {SPEC.name}")
    files = [SPEC / "OpenLineage.json", *sorted((SPEC / "facets").glob("*.json"))]
    return registry_of([*map(_load, files), *own_facet_schemas().values()])


def registry_of(schemas: list[dict[str, Any]]) -> Registry[Any]:
    return Registry().with_resources((s["$id"], Resource.from_contents(s)) for s in schemas)


def judge(reference: str, registry: Registry[Any], value: Any) -> list[str]:
    """What is wrong with a value under the schema a URL points to."""
    validator = Draft202012Validator(
        {"$ref": reference}, registry=registry, format_checker=FormatChecker()
    )
    return [f"{e.json_path}: {e.message}" for e in validator.iter_errors(value)]


def _load(path: Path) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema
