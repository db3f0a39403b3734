from __future__ import annotations

import json

import pytest

from cleanhold.store import pointer
from cleanhold.store.events import OutboxEvent
from cleanhold.store.files import file_lock
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.outbox import drain
from tests.conformance.ledgers import claim, commit


@pytest.fixture(autouse=True)
def three_commits(ledger: Ledger) -> None:
    for key in ("r1", "r2", "r3"):
        commit(ledger, claim(ledger, key))


def test_events_are_handled_once_in_commit_order(ledger: Ledger, state: StateFolder) -> None:
    seen: list[OutboxEvent] = []
    handlers = {"pointer": seen.append, "lineage": seen.append}
    assert drain(ledger, handlers, lock=state.outbox_lock) == []
    assert [(event.run, event.kind) for event in seen] == [
        (run, kind) for run in ("r1", "r2", "r3") for kind in ("pointer", "lineage")
    ]
    assert ledger.pending() == []
    assert drain(ledger, handlers, lock=state.outbox_lock) == []
    assert len(seen) == 6


def test_events_without_a_handler_wait(ledger: Ledger, state: StateFolder) -> None:
    assert drain(ledger, {"pointer": lambda _: None}, lock=state.outbox_lock) == []
    assert {event.kind for event in ledger.pending()} == {"lineage"}


def test_a_failing_handler_holds_up_its_own_kind_only(ledger: Ledger, state: StateFolder) -> None:
    seen: list[str] = []

    def fragile(event: OutboxEvent) -> None:
        if event.run == "r2":
            raise OSError("collector is down")
        seen.append(event.run)

    handlers = {"lineage": fragile, "pointer": lambda _: None}
    (failure,) = drain(ledger, handlers, lock=state.outbox_lock)
    assert failure.event is not None
    assert (failure.event.run, str(failure.error)) == ("r2", "collector is down")
    assert [(event.kind, event.run) for event in ledger.pending()] == [
        ("lineage", "r2"),
        ("lineage", "r3"),
    ]
    assert drain(ledger, {"lineage": lambda e: seen.append(e.run)}, lock=state.outbox_lock) == []
    assert seen == ["r1", "r2", "r3"]


def test_events_of_commits_made_meanwhile_are_handled_too(
    ledger: Ledger, state: StateFolder
) -> None:
    seen: list[str] = []

    def handler(event: OutboxEvent) -> None:
        if event.run == "r3":
            commit(ledger, claim(ledger, "r4"))
        seen.append(event.run)

    assert drain(ledger, {"pointer": handler}, lock=state.outbox_lock) == []
    assert seen == ["r1", "r2", "r3", "r4"]


def test_one_process_drains_at_a_time(ledger: Ledger, state: StateFolder) -> None:
    with file_lock(state.outbox_lock, timeout=0):
        (failure,) = drain(
            ledger, {"pointer": lambda _: None}, lock=state.outbox_lock, patience=0.05
        )
    assert failure.event is None
    assert isinstance(failure.error, TimeoutError)
    assert len(ledger.pending()) == 6


def test_a_late_event_cannot_turn_the_pointer_back(ledger: Ledger, state: StateFolder) -> None:
    for event in reversed(ledger.pending("pointer")):
        pointer.project(state, ledger, event.dataset)
        assert json.loads(state.pointer("crm.tiny").read_bytes()) == {
            "dataset": "crm.tiny",
            "number": 3,
            "manifest": f"{'r3':0>64}",
        }


def test_nothing_is_pointed_at_before_anything_is_published(
    ledger: Ledger, state: StateFolder
) -> None:
    commit(ledger, claim(ledger, "r9", "crm.other"), published=False)
    pointer.project(state, ledger, ledger.pending("pointer")[-1].dataset)
    assert not state.pointer("crm.other").exists()
