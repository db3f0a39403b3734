"""`[tool.cleanhold.retention]`: what it may say, and what it means."""

from __future__ import annotations

from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.retention import Retention, Rule
from cleanhold.errors import WorkspaceError


def test_everything_is_kept_by_default(small: Any) -> None:
    found = Workspace.find(small.root).settings.retention
    assert found == Retention()
    assert found.of("shop.orders").keeps_all
    assert not found.after_run


def test_a_dataset_has_what_it_does_not_set_from_all(small: Any) -> None:
    small.write(
        "pyproject.toml",
        "[tool.cleanhold.retention]\nsnapshots = 30\ndays = 90\nextracts_days = 400\n"
        'expire = "after-run"\n'
        '[tool.cleanhold.retention.datasets."shop.orders"]\nsnapshots = 5\n',
    )
    found = Workspace.find(small.root).settings.retention
    assert found.of("shop.orders") == Rule(snapshots=5, days=90)
    assert found.of("shop.returns") == Rule(snapshots=30, days=90, grace_hours=24)
    assert (found.extracts_days, found.after_run) == (400, True)
    assert str(found.rule) == "the newest 30 published and those of 90 days"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("snapshots = 0", "'snapshots' cannot be 0"),
        ("days = '90'", "'days' cannot be '90'"),
        ("snapshot = 3", "did you mean 'snapshots'"),
        ("expire = 'always'", "'expire' cannot be 'always'"),
        ("datasets = 3", "`datasets` must be a table"),
        ("[tool.cleanhold.retention.datasets.'Shop Orders']", "cannot be the name of a dataset"),
        ("[tool.cleanhold.retention.datasets.a]\ndasy = 3", "did you mean 'days'"),
    ],
)
def test_mistaken_settings_are_refused(small: Any, table: str, message: str) -> None:
    small.write("pyproject.toml", f"[tool.cleanhold.retention]\n{table}\n")
    with pytest.raises(WorkspaceError, match=message):
        Workspace.find(small.root)
