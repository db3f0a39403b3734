from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from cleanhold.errors import WorkspaceError
from cleanhold.tracing import Folder, Name, Naming


def test_the_longest_name_that_fits_gives_the_namespace() -> None:
    naming = Naming(namespace="w", sources={"crm": "s3://crm", "crm.contacts": "s3://people"})
    assert naming.source("crm.contacts") == Name("s3://people", "crm.contacts")
    assert naming.source("crm.contacts.daily") == Name("s3://people", "crm.contacts.daily")
    assert naming.source("crm.accounts") == Name("s3://crm", "crm.accounts")
    assert naming.source("crmx") == Name("w/sources", "crmx")


def test_a_source_never_shares_a_name_with_the_dataset_it_feeds() -> None:
    naming = Naming(namespace="w")
    assert naming.source("crm.contacts") != naming.dataset("crm.contacts")


def test_owners_default_to_the_contract() -> None:
    naming = Naming(namespace="w", owners={"crm": "team:crm", "crm.deals": ["team:a", "team:b"]})
    assert naming.owners_of("crm.contacts", "someone@example.org") == ("team:crm",)
    assert naming.owners_of("crm.deals", "someone@example.org") == ("team:a", "team:b")
    assert naming.owners_of("legacy.policies", "someone@example.org") == ("someone@example.org",)
    assert naming.owners_of("legacy.policies") == ()


@pytest.mark.parametrize("bad", ["", "two words", "tab\there", None])
def test_names_that_would_be_no_names_are_refused(bad: str) -> None:
    with pytest.raises(WorkspaceError, match="namespace"):
        Naming(namespace=bad)
    with pytest.raises(WorkspaceError, match="crm"):
        Naming(namespace="w", sources={"crm": bad})
    with pytest.raises(WorkspaceError, match=r"crm\.contacts"):
        Naming(namespace="w", owners={"crm.contacts": [bad]})


def test_the_folder_is_under_the_state_unless_absolute(tmp_path: Path) -> None:
    assert Folder().under(tmp_path) == tmp_path / "lineage"
    assert Folder("/var/spool/lineage").under(tmp_path) == Path("/var/spool/lineage")


def test_the_reference_workspace_names_its_systems() -> None:
    root = Path(__file__).parents[3]
    naming = runpy.run_path(str(root / "lineage" / "naming.py"))["naming"]
    assert naming.source("legacy.policies") == Name("file://legacy-host", "legacy.policies")
    assert naming.source("crm.contacts") == Name("salesforce://insurer", "crm.contacts")
    assert naming.source("crm.opportunities").namespace == "salesforce://insurer"
    assert naming.dataset("features.customer_churn") == Name("insurer", "features.customer_churn")
    assert naming.owners_of("crm.contacts", "the-contract@example.org") == (
        "the-contract@example.org",
    )
