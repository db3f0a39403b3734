"""What gates are asked about: where a snapshot comes from."""

from __future__ import annotations

from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.pipeline.gates import scorecard
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
