from __future__ import annotations

from pathlib import Path

import pytest

from cleanhold.errors import UsageError
from cleanhold.store.layout import StateFolder, check_dataset_name


@pytest.mark.parametrize("name", ["crm.contacts", "features.customer_churn_2", "a"])
def test_good_dataset_names(name: str) -> None:
    assert check_dataset_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "crm..x",
        ".crm",
        "crm.",
        "Crm.x",
        "crm/x",
        "../x",
        "crm.2x",
        "crm.x\n",
        "ü",
        "a" * 121,
    ],
)
def test_names_that_would_be_unsafe_in_a_path_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be the name"):
        check_dataset_name(name)
    with pytest.raises(UsageError):
        StateFolder(tmp_path).dataset(name)
    with pytest.raises(UsageError):
        StateFolder(tmp_path).pointer(name)


def test_create_makes_every_folder_and_bears_repetition(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "deep" / ".cleanhold").create().create()
    made = {path.name for path in state.root.iterdir()}
    kept = {"extracts", "snapshots", "manifests", "decisions", "replays"}
    assert made == {*kept, "staging", "current"}


def test_extracts_are_spread_by_their_first_digits(tmp_path: Path) -> None:
    sha256 = "ab" + "0" * 62
    assert StateFolder(tmp_path).extract(sha256) == tmp_path / "extracts" / "ab" / sha256
