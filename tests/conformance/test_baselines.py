"""The snapshot that later ones are compared with, on every ledger."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from cleanhold.core.retention import Retention, Rule
from cleanhold.core.snapshot import Channel
from cleanhold.errors import NeverPublished, SnapshotExpired, StateError, UsageError
from cleanhold.store.ledger import Ledger
from tests.conformance.ledgers import claim, commit

TINY = "crm.tiny"


def named(ledger: Ledger, number: int) -> int:
    baseline = ledger.baselines.name(TINY, number, who="ada", why=f"model {number}")
    return baseline.snapshot.number


def acts(ledger: Ledger) -> list[str]:
    return [str(entry.body["act"]) for entry in ledger.audit_log()]


def test_it_is_what_a_person_named_not_the_newest(ledger: Ledger) -> None:
    assert ledger.baselines.of(TINY) is None
    first = commit(ledger, claim(ledger, "r1"))
    assert named(ledger, 1) == 1
    commit(ledger, claim(ledger, "r2"))
    kept = ledger.baselines.of(TINY)
    assert kept is not None
    assert (kept.snapshot, kept.who, kept.why) == (first, "ada", "model 1")
    assert named(ledger, 2) == 2
    entry = ledger.audit_log()[-1].body
    assert (entry["act"], entry["from"], entry["to"]) == ("baseline_named", 1, 2)
    assert ledger.baselines.clear(TINY, who="bo", why="retired").number == 2
    assert ledger.baselines.of(TINY) is None
    assert ledger.snapshot(TINY, channel=Channel.BASELINE) is None
    assert acts(ledger)[-1] == "baseline_cleared"
    ledger.verify_audit()
    assert named(ledger, 2) == 2
    ledger.verify_audit()


def test_what_cannot_be_one_is_refused(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="no baseline"):
        ledger.baselines.clear(TINY, who="ada", why="x")
    commit(ledger, claim(ledger, "r1"), published=False)
    for number in (1, 7):  # a stopped candidate is for nobody; nothing is no snapshot
        with pytest.raises(NeverPublished):
            named(ledger, number)
    commit(ledger, claim(ledger, "r2"))
    named(ledger, 2)
    with pytest.raises(UsageError, match="already"):
        named(ledger, 2)
    assert acts(ledger).count("baseline_named") == 1


def test_it_does_not_expire(ledger: Ledger) -> None:
    first, second = (commit(ledger, claim(ledger, f"r{n}")) for n in (1, 2))
    for n in (3, 4):
        commit(ledger, claim(ledger, f"r{n}"))
    named(ledger, 1)
    rule = Retention(Rule(snapshots=1, grace_hours=0))
    fates = {fate.snapshot.number: fate for fate in ledger.retention.fates(rule)}
    assert (fates[1].goes, fates[2].goes) == (False, True)
    assert "it is the baseline" in fates[1].kept
    wanted = dict.fromkeys((first.manifest, second.manifest))
    gone = ledger.retention.expire(rule, wanted, who="ada", is_there=lambda _: True)
    assert [snapshot.number for snapshot in gone] == [2]
    with pytest.raises(SnapshotExpired):
        named(ledger, 2)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("delete from channels where channel = 'baseline'", "is missing"),
        ("update channels set number = 2 where channel = 'baseline'", "has another number"),
    ],
)
def test_a_baseline_that_was_moved_by_hand_is_found(
    ledger: Ledger, statement: str, why: str
) -> None:
    for n in (1, 2):
        commit(ledger, claim(ledger, f"r{n}"))
    named(ledger, 1)
    with ledger._database.write() as connection:
        connection.execute(text(statement))
    with pytest.raises(StateError, match=f"channels with dataset {TINY}, channel baseline {why}"):
        ledger.verify_audit()


def test_one_that_nobody_named_is_found(ledger: Ledger) -> None:
    commit(ledger, claim(ledger, "r1"))
    with ledger._database.write() as connection:
        connection.execute(text(f"insert into channels values ('{TINY}', 'baseline', 1)"))
    with pytest.raises(StateError, match="channel baseline is not in the log"):
        ledger.verify_audit()
