"""`[tool.cleanhold.gates]` and what a contract says for gates: what may be written."""

from __future__ import annotations

from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.gate import Gates
from cleanhold.core.readiness import Fallback, Goal, Readiness
from cleanhold.core.snapshot import Channel
from cleanhold.errors import ContractError, WorkspaceError
from cleanhold.workspace.doctor_gates import gate_symptoms
from cleanhold.workspace.symptom import Health


def test_nothing_has_gates_by_default(small: Any) -> None:
    found = Workspace.find(small.root).settings.gates
    assert found == Gates()
    assert found.channel("shop.orders") is Channel.PRODUCTION


def test_datasets_are_named_one_by_one_or_by_what_they_begin_with(small: Any) -> None:
    small.write(
        "pyproject.toml",
        '[tool.cleanhold.gates]\ndatasets = ["features.*", "crm.a"]\nruns = 5\noff = ["goal"]\n',
    )
    found = Workspace.find(small.root).settings.gates
    assert (found.runs, found.off) == (5, ("goal",))
    held = ("features.churn", "crm.a")
    assert [n for n in (*held, "features", "crm.ab", "featuresx.a") if found.hold(n)] == [*held]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("runs = 0", "'runs' cannot be 0"),
        ("run = 3", "did you mean 'runs'"),
        ("datasets = 'a.b'", "'datasets' cannot be 'a.b'"),
        ("datasets = ['*']", "is no dataset"),
        ("off = ['audit']", "did you mean 'audits'"),
    ],
)
def test_mistaken_settings_are_refused(small: Any, table: str, message: str) -> None:
    small.write("pyproject.toml", f"[tool.cleanhold.gates]\n{table}\n")
    with pytest.raises(WorkspaceError, match=message):
        Workspace.find(small.root)


def test_what_a_contract_says_changes_no_verdict(small: Any) -> None:
    small.contract()
    before = Workspace.find(small.root).catalogue.contract("shop.orders")
    small.contract(
        responder="oncall@example.org", goal=("kept", "82 %"), purpose="calls", fallback="last good"
    )
    after = Workspace.find(small.root).catalogue.contract("shop.orders")
    assert after.readiness == Readiness(
        "oncall@example.org", Goal("kept", "82 %"), "calls", Fallback.LAST_GOOD
    )
    assert after.fingerprint() == before.fingerprint()
    assert [c.name for c in after.columns if c.classified] == ["note"]


def test_none_can_be_written_of_a_column(small: Any) -> None:
    small.contract(more='size: int = field(nullable=True, pii="none")')
    found = Workspace.find(small.root).catalogue.contract("shop.orders")
    assert [c.name for c in found.columns if c.classified] == ["note", "size"]
    assert [c.name for c in found.personal] == ["note"]


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"goal": "kept"}, "is not a measure and its threshold"),
        ({"goal": ("kept", " ")}, "is not a measure and its threshold"),
        ({"fallback": "default values"}, "did you mean 'default'"),
        ({"responder": 3}, "is not a text"),
    ],
)
def test_mistaken_terms_are_refused(small: Any, terms: dict[str, Any], message: str) -> None:
    small.contract(**terms)
    with pytest.raises(ContractError, match=message):
        _ = Workspace.find(small.root).catalogue


@pytest.mark.parametrize(
    ("named", "mend"), [("shop.order", "did you mean 'shop.orders'?"), ("crm.*", "write one of")]
)
def test_the_doctor_tells_of_gates_that_hold_nothing(small: Any, named: str, mend: str) -> None:
    small.contract().write("pyproject.toml", f"[tool.cleanhold.gates]\ndatasets = ['{named}']\n")
    (found,) = gate_symptoms(Workspace.find(small.root))
    assert (found.health, named in found.says) == (Health.CONFIGURATION, True)
    assert found.mend.startswith(mend)


def test_the_doctor_is_content_with_gates_that_hold_something(small: Any) -> None:
    small.contract().write("pyproject.toml", '[tool.cleanhold.gates]\ndatasets = ["shop.*"]\n')
    assert list(gate_symptoms(Workspace.find(small.root))) == []
