"""The columnLineage facet."""

from __future__ import annotations

from typing import Any

from cleanhold.tracing import Naming, RunTrace
from cleanhold.tracing.events import events_of


def facet_of(trace: RunTrace, naming: Naming) -> dict[str, Any]:
    body = events_of(trace, naming)[-1].body
    facet: dict[str, Any] = body["outputs"][0]["facets"]["columnLineage"]
    return facet


def test_delivered_columns_lead_to_the_source(runs: dict[str, RunTrace], naming: Naming) -> None:
    facet = facet_of(runs["published"], naming)
    assert facet["fields"]["email"]["inputFields"] == [
        {
            "namespace": "salesforce://insurer",
            "name": "crm.contacts",
            "field": "E-mail",
            "transformations": [
                {
                    "type": "DIRECT",
                    "subtype": "TRANSFORMATION",
                    "description": "text",
                    "masking": False,
                }
            ],
        }
    ]
    assert "dataset" not in facet


def test_built_columns_lead_to_datasets_with_all_that_acts(build: RunTrace, naming: Naming) -> None:
    facet = facet_of(build, naming)
    assert sorted(facet["fields"]) == ["contact_id", "policies", "yearly_premium"]
    premium = facet["fields"]["yearly_premium"]["inputFields"]
    assert [(f["namespace"], f["name"], f["field"]) for f in premium] == [
        ("insurer", "legacy.policies", "premium"),
        ("insurer", "legacy.policies", "status"),
    ]
    (condition,) = premium[1]["transformations"]
    assert (condition["type"], condition["subtype"]) == ("INDIRECT", "CONDITION")
    (counted,) = facet["fields"]["policies"]["inputFields"]
    assert counted["transformations"][0]["masking"] is True
    (holder,) = facet["dataset"]
    assert [t["subtype"] for t in holder["transformations"]] == ["GROUP_BY", "JOIN"]
