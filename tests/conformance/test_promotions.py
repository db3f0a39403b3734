"""From the pilot to production, on every ledger."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from cleanhold.core.retention import Retention, Rule
from cleanhold.core.run import Run
from cleanhold.core.snapshot import Channel, Snapshot
from cleanhold.errors import NeverPublished, Overtaken, RunInProgress, StateError, UsageError
from cleanhold.store.events import OutboxEvent
from cleanhold.store.ledger import Ledger
from tests.conformance.ledgers import MOMENT, claim, manifest_of

TINY = "crm.tiny"


def made(ledger: Ledger, key: str, to: Channel = Channel.PILOT, **more: Any) -> Snapshot:
    claimed = claim(ledger, key, **more)
    return ledger.commit(
        claimed, manifest_of(claimed), f"{key:0>64}", published=True, to=to, created_at=MOMENT
    )


def promoted(ledger: Ledger, number: int, as_of: int | None = None) -> Snapshot:
    return ledger.promotions.promote(
        TINY,
        number,
        as_of=ledger.promotions.as_of() if as_of is None else as_of,
        certificate={"gates": [{"gate": "owner", "passed": True}], "overrides": []},
        who="ada",
        why="ready",
        events=[OutboxEvent("pointer")],
    )


def numbers(ledger: Ledger) -> dict[str, int]:
    found = {str(c): ledger.snapshot(TINY, channel=c) for c in Channel}
    return {name: snapshot.number for name, snapshot in found.items() if snapshot}


def rolled_back(ledger: Ledger, number: int, channel: Channel = Channel.PRODUCTION) -> Snapshot:
    return ledger.roll_back(TINY, number, details={"who": "bo", "why": "x"}, channel=channel)


def test_a_run_of_a_pilot_leaves_readers_what_they_have(ledger: Ledger) -> None:
    made(ledger, "r1", Channel.PRODUCTION)
    second = made(ledger, "r2")
    assert second.channel is Channel.PILOT
    assert second.is_published
    assert numbers(ledger) == {"candidate": 2, "pilot": 2, "production": 1}
    assert ledger.head(TINY) == second
    ledger.verify_audit()


def test_a_promotion_gives_it_to_readers_with_its_certificate(ledger: Ledger) -> None:
    made(ledger, "r1")
    assert promoted(ledger, 1).number == 1
    assert numbers(ledger) == {"candidate": 1, "pilot": 1, "production": 1}
    now = ledger.snapshot(TINY)
    assert now is not None
    assert now.channel is Channel.PRODUCTION
    (kept,) = ledger.promotions.of(TINY)
    assert (kept.before, kept.number, kept.manifest) == (None, 1, now.manifest)
    assert kept.certificate["gates"][0]["gate"] == "owner"
    newest = ledger.audit_log()[-1]
    assert (kept.entry, kept.hash, newest.body["act"]) == (newest.number, newest.hash, "promoted")
    assert [event.run for event in ledger.pending("pointer")] == [now.run]
    ledger.verify_audit()
    with pytest.raises(UsageError, match="already"):
        promoted(ledger, 1)


def test_what_was_recorded_meanwhile_ends_a_promotion(ledger: Ledger) -> None:
    made(ledger, "r1")
    seen = ledger.promotions.as_of()
    made(ledger, "r2")
    before = ledger.audit_log()
    with pytest.raises(Overtaken):
        promoted(ledger, 1, seen)
    assert "production" not in numbers(ledger)
    assert ledger.audit_log() == before
    seen = ledger.promotions.as_of()
    made(ledger, "other", dataset="crm.other")  # that of others does not matter
    assert promoted(ledger, 1, seen).number == 1


def test_a_run_that_is_under_way_goes_on(ledger: Ledger) -> None:
    made(ledger, "r1")
    claimed = claim(ledger, "r2", following=1)
    promoted(ledger, 1)
    ledger.commit(
        claimed, manifest_of(claimed), "2" * 64, published=True, to=Channel.PILOT, created_at=MOMENT
    )
    assert numbers(ledger) == {"candidate": 2, "pilot": 2, "production": 1}
    with pytest.raises(RunInProgress):
        claim(ledger, "r3", following=1)  # planned upon what readers have, not upon the pilot
    assert not isinstance(claim(ledger, "r3", following=2), Run)
    ledger.verify_audit()


def test_only_what_is_newer_in_the_pilot_is_promoted(ledger: Ledger) -> None:
    stopped = claim(ledger, "r1")
    ledger.commit(stopped, manifest_of(stopped), "1" * 64, published=False, reasons=("x",))
    for key in ("r2", "r3"):
        made(ledger, key)
    for number in (1, 9):
        with pytest.raises(NeverPublished, match="in the pilot"):
            promoted(ledger, number)
    promoted(ledger, 3)
    with pytest.raises(UsageError, match="which is newer than 2"):
        promoted(ledger, 2)


def test_each_channel_is_rolled_back_by_itself(ledger: Ledger) -> None:
    for key in ("r1", "r2", "r3"):
        made(ledger, key)
    promoted(ledger, 1)
    promoted(ledger, 3)
    with pytest.raises(NeverPublished, match="published are 1, 3"):
        rolled_back(ledger, 2)  # readers never had it
    rolled_back(ledger, 1)
    assert numbers(ledger) == {"candidate": 3, "pilot": 3, "production": 1}
    rolled_back(ledger, 2, Channel.PILOT)
    assert numbers(ledger) == {"candidate": 3, "pilot": 2, "production": 1}
    ledger.verify_audit()
    assert ledger.promotions.last_rehearsal(TINY, "rollback") is not None
    assert ledger.promotions.last_rehearsal(TINY, "fallback") is None


def test_without_gates_again_the_line_goes_on(ledger: Ledger) -> None:
    made(ledger, "r1")
    made(ledger, "r2", Channel.PRODUCTION, following=1)
    assert numbers(ledger) == {"candidate": 2, "production": 2}
    ledger.verify_audit()


def test_what_a_channel_needs_does_not_expire(ledger: Ledger) -> None:
    for n in range(1, 7):
        made(ledger, f"r{n}")
        if n in (1, 2):
            promoted(ledger, n)
    rule = Retention(Rule(snapshots=1, grace_hours=0))
    kept = {fate.snapshot.number: fate.kept for fate in ledger.retention.fates(rule)}
    assert [n for n, why in sorted(kept.items()) if not why] == [3, 4]
    assert "a rollback would go to it" in kept[1]
    assert "it is in production" in kept[2]
    assert "a rollback would go to it" in kept[5]
    assert "it is in pilot" in kept[6]


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("update channels set number = 2 where channel = 'production'", "has another number"),
        ("update snapshots set channel = 'production' where number = 2", "has another channel"),
        ("update snapshots set channel = 'pilot' where number = 1", "has another channel"),
        ("delete from channels where channel = 'pilot'", "is missing"),
    ],
)
def test_a_channel_that_was_moved_by_hand_is_found(
    ledger: Ledger, statement: str, why: str
) -> None:
    for key in ("r1", "r2"):
        made(ledger, key)
    promoted(ledger, 1)
    with ledger._database.write() as connection:
        connection.execute(text(statement))
    with pytest.raises(StateError, match=why):
        ledger.verify_audit()


def test_an_override_needs_two_and_ends(ledger: Ledger) -> None:
    day = date(2026, 2, 1)
    asked = ledger.overrides.ask(TINY, "goal", until=day, who="ada", why="soon")
    assert not asked.holds_on(day)
    done = ledger.overrides.confirm(TINY, asked, who="bo", why="seen", same_account=False)
    assert (done.asked_by, done.confirmed_by, done.confirmed_why) == ("ada", "bo", "seen")
    assert done.holds_on(day)
    assert not done.holds_on(date(2026, 2, 2))
    assert ledger.overrides.of(TINY) == {"goal": done}
    assert ledger.overrides.of("crm.other") == {}
    with pytest.raises(Overtaken):
        ledger.overrides.confirm(TINY, asked, who="cy", why="late", same_account=False)
    ledger.overrides.withdraw(TINY, done, who="bo", why="done")
    assert ledger.overrides.of(TINY) == {}
    ledger.verify_audit()
