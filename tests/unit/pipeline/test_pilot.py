"""Where a snapshot of the pilot comes from, and what lineage tells of its way to readers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.gates import NAMES
from cleanhold.pipeline.gates import scorecard
from cleanhold.pipeline.promote import promote
from cleanhold.pipeline.recover import recover
from cleanhold.pipeline.verify import verify
from cleanhold.store.ledger import Ledger


def test_inputs_are_followed_to_what_landed(
    reference: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Workspace.find(reference).open() as stores:
        card = scorecard(stores, "features.customer_churn")
        lineage = next(a for a in card.answers if a.gate == "lineage")
        assert lineage.passed
        assert lineage.evidence is not None
        made_from = {row[1].partition(" ")[0] for row in lineage.evidence.rows}
        assert {"crm.contacts", "contacts_2026-11-03.csv"} <= made_from
        monkeypatch.setattr(Ledger, "extracts", lambda self, *_: [])
        broken = scorecard(stores, "features.customer_churn")
    assert "lineage" in [a.gate for a in broken.closed]


def events(small: Any) -> dict[tuple[str, str], Any]:
    """Job and version of the table that it made → the event."""
    found = {}
    for file in (small.root / ".cleanhold" / "lineage").glob("*/*.json"):
        body = json.loads(file.read_text())
        if body["outputs"]:
            version = body["outputs"][0]["facets"]["version"]["datasetVersion"]
            found[body["job"]["name"], version] = body
    return found


def test_lineage_tells_of_the_pilot_and_of_its_promotion(small: Any) -> None:
    off = [name for name in NAMES if name != "lineage"]
    small.write(
        "pyproject.toml", f'[tool.cleanhold.gates]\ndatasets = ["shop.orders"]\noff = {off}\n'
    )
    small.contract()
    small.deliver("02", "a,2,")
    small.run()
    made = events(small)["ingest.shop.orders", "1"]
    assert made["outputs"][0]["name"] == "shop.orders@pilot"
    assert "lifecycleStateChange" not in made["outputs"][0]["facets"]
    with Workspace.find(small.root).open() as stores:
        promote(stores, "shop.orders")
        before = events(small)
        given = before["promote.shop.orders", "1"]
        assert [i["name"] for i in given["inputs"]] == ["shop.orders@pilot"]
        (table,) = given["outputs"]
        assert table["name"] == "shop.orders"
        assert table["facets"]["lifecycleStateChange"]["lifecycleStateChange"] == "CREATE"
        (gate,) = given["run"]["facets"]["test"]["tests"]
        assert (gate["name"], gate["status"]) == ("lineage", "pass")
        assert before["ingest.shop.orders", "1"] == made
        for file in (small.root / ".cleanhold" / "lineage").glob("*/*.json"):
            file.unlink()
        assert verify(stores).problems
        recover(stores)
        assert events(small) == before  # a run is told as it was, though its snapshot went on
        assert verify(stores).problems == []


FEATURE = """
import polars as pl
from cleanhold import feature

@feature("features.orders", orders="shop.orders")
def build(orders: pl.LazyFrame) -> pl.LazyFrame:
    return orders.select("id", "amount", "note")
"""


def test_a_feature_table_is_to_be_built_by_the_contract_of_today(small: Any) -> None:
    promised = {"tolerance": "60%", "freshness": "26h"}
    small.contract().contract("features.orders", load="replace", **promised)
    small.write("flows/features.py", FEATURE)
    small.deliver("02", "a,2,")
    small.run()

    def asked() -> Any:
        with Workspace.find(small.root).open() as stores:
            answers = scorecard(stores, "features.orders").answers
        return next(answer for answer in answers if answer.gate == "contract")

    assert asked().passed
    small.contract("features.orders", load="replace", **{**promised, "tolerance": "50%"})
    changed = asked()
    assert not changed.passed
    assert "the contract was changed since" in changed.what
    small.run()
    assert asked().passed
