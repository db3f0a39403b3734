"""What lineage tells of everything that happens in a workspace, by events that are valid."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.correction import Correction
from cleanhold.core.decision import Act
from cleanhold.pipeline import publish
from cleanhold.pipeline.decide import Intent, Selection, apply
from cleanhold.pipeline.expire import expire
from cleanhold.pipeline.recover import recover
from cleanhold.pipeline.replay import replay
from cleanhold.pipeline.rollback import rollback
from cleanhold.pipeline.verify import verify
from cleanhold.store.crashpoints import VARIABLE
from tests.unit.tracing.conftest import BASE, facets_in, judge, spec_registry

PARENT = "6f1e8f3e-4a0f-4a55-a94a-04a5b1a9a0a3"


def events(small: Any) -> list[dict[str, Any]]:
    """All of them, in the order in which they happened."""
    files = (small.root / ".cleanhold" / "lineage").glob("*/*.json")
    found = [json.loads(file.read_bytes()) for file in files]
    rank = {"START": 0, "RUNNING": 1}
    return sorted(found, key=lambda e: (e["eventTime"], rank.get(e.get("eventType", ""), 2)))


def told(small: Any, job: str) -> list[str]:
    return [e["eventType"] for e in events(small) if e["job"]["name"] == job]


def last(small: Any, job: str) -> dict[str, Any]:
    return [e for e in events(small) if e["job"]["name"] == job][-1]


def facet(event: dict[str, Any], name: str) -> dict[str, Any]:
    found = event["run"]["facets"][name]
    return {key: value for key, value in found.items() if not key.startswith("_")}


def require_valid(small: Any) -> None:
    """Every event by the specification; and nothing contradicts the ledger."""
    with Workspace.find(small.root).open() as stores:
        assert verify(stores).problems == []
    registry = spec_registry()
    for event in events(small):
        kind = "RunEvent" if "run" in event else "JobEvent"
        assert judge(BASE, registry, event) == []
        assert judge(f"{BASE}#/$defs/{kind}", registry, event) == []
        whole = {"run": {"facets": {}}, "outputs": [], "inputs": [], **event}
        for key, found in facets_in(whole):
            url = found["_schemaURL"]
            assert judge(url, registry, found) == [], key
            filed = registry[url.partition("#")[0]].contents["properties"]
            assert filed[key]["$ref"] == "#" + url.partition("#")[2]


def test_a_night_is_the_parent_of_its_runs(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENLINEAGE_PARENT_ID", f"airflow/nights.cleanhold/{PARENT}")
    small.contract().contract("shop.people")
    small.deliver("02", "a,1,", "b,-1,", "c,2,x")
    small.deliver("02", "p,1,", what="people")
    small.run()
    assert told(small, "flow.run") == ["START", "COMPLETE"]
    flow = last(small, "flow.run")
    assert facet(flow, "parent")["run"]["runId"] == PARENT
    for dataset in ("shop.orders", "shop.people"):
        assert told(small, f"ingest.{dataset}") == ["START", "RUNNING", "COMPLETE"]
        parent = facet(last(small, f"ingest.{dataset}"), "parent")
        assert parent["run"] == {"runId": flow["run"]["runId"]}
        assert parent["root"]["job"] == {"namespace": "airflow", "name": "nights.cleanhold"}
    staged = next(e for e in events(small) if e["eventType"] == "RUNNING")
    counts = {"records": 3, "clean": 2, "held": 1, "refused": 0, "warned": 0}
    assert facet(staged, "cleanhold_staged") == counts
    require_valid(small)
    # Nothing has arrived: there is nothing to tell.
    before = len(events(small))
    assert set(small.states()) == {"unchanged"}
    assert len(events(small)) == before


def test_a_failure_fails_its_run_and_its_night(small: Any) -> None:
    small.contract()
    small.write("in/orders_2026-11-02.csv", "id,amount".encode("utf-16"))
    small.run()
    assert told(small, "ingest.shop.orders") == ["START", "FAIL"]
    assert told(small, "flow.run") == ["START", "FAIL"]
    why = facet(last(small, "flow.run"), "errorMessage")["message"]
    assert why.startswith("orders_2026-11-02.csv: ")
    small.run()
    starts = [
        e for e in events(small) if e["eventType"] == "START" and "ingest" in e["job"]["name"]
    ]
    assert len({e["run"]["runId"] for e in starts}) == 2
    require_valid(small)


def test_what_a_person_interrupts_is_aborted(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    small.contract().deliver("02", "a,1,")
    with monkeypatch.context() as patched:
        patched.setattr(publish, "merge", stop)
        with pytest.raises(KeyboardInterrupt):
            small.run()
    assert told(small, "ingest.shop.orders") == ["START", "RUNNING", "ABORT"]
    assert told(small, "flow.run") == ["START", "ABORT"]
    assert last(small, "ingest.shop.orders")["outputs"] == []
    assert small.states() == ["published"]
    assert told(small, "ingest.shop.orders")[3:] == ["START", "RUNNING", "COMPLETE"]
    require_valid(small)


def test_what_was_killed_is_aborted_by_the_next(small: Any) -> None:
    small.contract().deliver("02", "a,1,")
    killed = subprocess.run(
        [sys.executable, "-m", "cleanhold", "run", "--workspace", str(small.root)],
        env={**os.environ, VARIABLE: "commit-begun"},
        capture_output=True,
        check=False,
    )
    assert killed.returncode < 0
    assert told(small, "flow.run") == ["START"]
    with Workspace.find(small.root).open() as stores:
        recover(stores)
        assert recover(stores).nothing
    assert told(small, "ingest.shop.orders") == ["START", "RUNNING", "ABORT"]
    assert told(small, "flow.run") == ["START", "ABORT"]
    assert "interrupted" in facet(last(small, "flow.run"), "errorMessage")["message"]
    require_valid(small)
    assert small.states() == ["published"]
    runs = {e["run"]["runId"] for e in events(small) if e["job"]["name"] == "ingest.shop.orders"}
    assert len(runs) == 2
    require_valid(small)


def test_replays_rollbacks_and_expiry_are_told(small: Any) -> None:
    small.contract()
    small.deliver("02", "a,1,", "b,-1,")
    small.deliver("03", "c,1,")
    small.run()
    with Workspace.find(small.root).open() as stores:
        correct = Intent(Act.CORRECT, Correction({"amount": "5"}, {}, {}))
        apply(stores, Selection("shop.orders"), correct, "a slip")
        (done,) = replay(stores)
        assert done.account.clean == 1
        rollback(stores, "shop.orders", 2, "the correction is wrong")
    replayed = last(small, "replay.shop.orders")
    assert [i["name"] for i in replayed["inputs"]][:1] == ["shop.orders@quarantine"]
    assert "parent" not in replayed["run"]["facets"]  # a command of its own
    back = last(small, "rollback.shop.orders")
    assert facet(back, "cleanhold_readers") == {"channel": "production", "before": 3, "now": 2}
    about = back["outputs"][0]["facets"]
    assert about["version"]["datasetVersion"] == "2"
    assert about["lifecycleStateChange"]["lifecycleStateChange"] == "OVERWRITE"
    assert told(small, "rollback.shop.orders") == ["START", "COMPLETE"]
    for day in ("04", "05", "06"):
        small.deliver(day, "a,1,")
        small.run()
    keep = '[tool.cleanhold]\nname = "small"\n[tool.cleanhold.retention]\n'
    small.write("pyproject.toml", f"{keep}snapshots = 1\ngrace_hours = 0\n")
    with Workspace.find(small.root).open() as stores:
        expire(stores)
        gone = [s.number for s in stores.ledger.snapshots("shop.orders") if s.expired]
    assert gone
    expiries = [e for e in events(small) if e["job"]["name"] == "expire.shop.orders"]
    ends = [e for e in expiries if e["eventType"] == "COMPLETE"]
    assert sorted(facet(e, "cleanhold_expiry")["snapshot"] for e in ends) == sorted(gone)
    # The table is not dropped: nobody who reads it loses it.
    assert all(e["outputs"] == [] for e in expiries)
    require_valid(small)


PACT = """
from cleanhold import pact


@pact("model", needs="shop.orders", owner="models@example.org", rows=5)
class Model:
    id: str
"""


def test_what_is_in_a_table_who_reads_it_and_where_its_code_is(small: Any) -> None:
    def git(*arguments: str) -> str:
        found = subprocess.run(
            ["git", "-C", str(small.root), *arguments], capture_output=True, text=True, check=True
        )
        return found.stdout.strip()

    small.contract().deliver("02", "a,1,secret", "b,7,", "c,,")
    small.write("contracts/pacts/model.py", PACT)
    git("init", "--quiet")
    git("remote", "add", "origin", "https://me:s3cret@git.example.org/team/shop.git")
    git("add", ".")
    who = ("-c", "user.name=n", "-c", "user.email=e@example.org")
    git(*who, "commit", "--quiet", "-m", "first")
    small.run()
    ended = last(small, "ingest.shop.orders")
    place = ended["job"]["facets"]["sourceCodeLocation"]
    commit = git("rev-parse", "HEAD")
    assert place["version"] == commit
    assert place["path"] == "contracts/shop_orders.py"
    assert place["repoUrl"] == "https://git.example.org/team/shop.git"
    assert place["url"].endswith(f"/team/shop/blob/{commit}/contracts/shop_orders.py")

    about = ended["outputs"][0]["facets"]
    metrics = about["dataQualityMetrics"]["columnMetrics"]
    assert metrics["amount"] == {"nullCount": 1, "count": 2, "min": 1.0, "max": 7.0}
    assert metrics["note"] == {"nullCount": 2, "count": 1}
    tags = {(t["key"], t["value"], t.get("field")) for t in about["tags"]["tags"]}
    assert tags == {("channel", "production", None), ("privacy", "direct", "note")}
    (link,) = about["symlinks"]["identifiers"]
    assert link["name"] == ".cleanhold/snapshots/shop.orders"
    audits = {t["name"]: t["status"] for t in facet(ended, "test")["tests"] if t["type"] == "audit"}
    assert audits["tolerance"] == "pass"

    (reads,) = [e for e in events(small) if e["job"]["name"] == "consumer.model"]
    (needs,) = reads["inputs"]
    assert (needs["name"], needs["facets"]["version"]["datasetVersion"]) == ("shop.orders", "1")
    (pact,) = needs["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert (pact["success"], "5" in pact["description"]) == (False, True)

    require_valid(small)
    text = "".join(map(json.dumps, events(small)))
    assert "secret" not in text
    assert str(Path(small.root)) not in text


def test_changed_code_is_told_as_such(small: Any) -> None:
    small.contract().deliver("02", "a,1,")
    for arguments in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "-m", "first")):
        who = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        subprocess.run(["git", "-C", str(small.root), *who, *arguments], check=True)
    small.contract(version="1.0.1")
    small.run()
    place = last(small, "ingest.shop.orders")["job"]["facets"]["sourceCodeLocation"]
    assert place["version"].endswith("-dirty")
    assert place["url"].startswith("urn:git:")


def test_loss_bias_and_waivers_have_facets_of_their_own(small: Any) -> None:
    small.contract(segments=["id"], loss_bias="50%", tolerance="60%")
    small.deliver("02", "a,-1,", "b,1,")
    small.run()
    skew = facet(last(small, "ingest.shop.orders"), "cleanhold_loss_bias")
    assert skew["verdict"] in ("pass", "warn", "stop")
    lost = {segment["segment"]: segment["held"] for segment in skew["segments"]}
    assert lost["a"] == 1
    with Workspace.find(small.root).open() as stores:
        apply(
            stores, Selection("shop.orders"), Intent(Act.WAIVE, until=date(2999, 1, 1)), "so it is"
        )
        list(replay(stores))
    waived = facet(last(small, "replay.shop.orders"), "cleanhold_waivers")
    assert waived["rows"] == 1
    assert waived["waivers"][0]["checks"] == ["amount.greater_than_or_equal_to"]
    require_valid(small)
