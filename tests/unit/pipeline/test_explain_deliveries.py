"""A row through redeliveries, corrections, replays, rollbacks, expiry and the pilot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.correction import Correction
from cleanhold.core.decision import Act
from cleanhold.core.extract import sha256_of
from cleanhold.core.snapshot import Channel
from cleanhold.core.story import Story
from cleanhold.errors import NeverPublished, SnapshotExpired, UnknownDataset, UsageError
from cleanhold.gates import NAMES
from cleanhold.pipeline.decide import Intent, Selection, apply
from cleanhold.pipeline.expire import expire
from cleanhold.pipeline.explain import explain
from cleanhold.pipeline.promote import promote
from cleanhold.pipeline.quarantine import review
from cleanhold.pipeline.replay import replay
from cleanhold.pipeline.rollback import rollback

ORDERS = "shop.orders"


def tell(root: Path, what: str, **asked: Any) -> list[Story]:
    workspace = Workspace.find(root)
    with workspace.open() as stores:
        return explain(stores, what, review(stores), **asked)


def id_of(delivered: Path, record: int = 1) -> str:
    return f"{sha256_of(delivered)[:16]}-{record}"


def corrected(small: Any, amount: str, *, run: bool = True, **to: str) -> None:
    with Workspace.find(small.root).open() as stores:
        put = Correction({"amount": amount, **to}, {}, {})
        rows = review(stores).rows(ORDERS, status=None)
        chosen = Selection(ORDERS, rows=tuple(row["row_id"] for row in rows))
        apply(stores, chosen, Intent(Act.CORRECT, put), "they said so")
        if run:
            list(replay(stores))


def test_the_deliveries_of_a_key_and_which_took_the_place_of_which(small: Any) -> None:
    small.contract()
    days = {}
    for day, amount in (("02", 1), ("04", 2), ("03", 9), ("05", 3)):
        days[day] = id_of(small.deliver(day, f"a,{amount},", f"b{day},1,"))
        small.run()
    for row_id in days.values():
        (story,) = tell(small.root, row_id)
        assert story.key == "a"
        assert [v.row_id for v in story.versions] == [days[d] for d in ("05", "04", "03", "02")]
        newest, second, late, first = story.versions
        assert (newest.became, newest.since, newest.replaced_by) == ("published", 4, None)
        assert (second.since, second.until, second.replaced_by) == (2, 4, newest.row_id)
        assert late.became == "superseded"
        assert (first.since, first.replaced_by) == (1, second.row_id)
        assert newest.name == "orders_2026-11-05.csv"
    (late_one,) = tell(small.root, days["03"])
    assert late_one.ended == "superseded"
    (first_one,) = tell(small.root, days["02"])
    assert (first_one.published_in, first_one.current) == ((1,), 4)


def test_a_row_that_came_stays_in_every_snapshot_until_it_is_replaced(small: Any) -> None:
    small.contract()
    first = id_of(small.deliver("02", "a,1,"))
    small.run()
    for day in range(3, 12):
        small.deliver(f"{day:02}", f"b,{day},")
        small.run()
    (story,) = tell(small.root, first)
    assert story.published_in == tuple(range(1, 11))
    small.deliver("12", "a,2,")
    small.run()
    (story,) = tell(small.root, first)
    assert story.published_in == tuple(range(1, 11))
    assert story.current == 11


def test_the_same_bytes_delivered_again_after_others(small: Any) -> None:
    small.contract()
    first = id_of(small.deliver("02", "a,1,"))
    small.run()
    small.deliver("03", "a,2,")
    small.run()
    small.deliver("04", "a,1,")
    small.run()
    (story,) = tell(small.root, first)
    assert story.published_in == (1, 3)
    assert story.extract is not None
    assert story.extract.name == "orders_2026-11-04.csv"


def test_corrections_tell_before_and_after(small: Any) -> None:
    small.contract()
    row_id = id_of(small.deliver("02", "a,-1,hidden"))
    small.run()
    corrected(small, "-5", run=False, note="also hidden")
    corrected(small, "5")
    (story,) = tell(small.root, row_id)
    assert story.ended == "published"
    assert story.published_in == (2,)
    first, second = story.corrections
    assert first.changes == {"amount": ("-1", "-5"), "note": ("•••", "•••")}
    assert second.changes == {"amount": ("-5", "5")}
    assert (second.decision, second.why) == (2, "they said so")
    assert second.who
    assert "hidden" not in str(story.as_dict()["corrections"])
    (version,) = story.versions
    assert (version.became, version.since) == ("published", 2)


def test_a_row_released_among_later_snapshots(small: Any) -> None:
    small.contract()
    row_id = id_of(small.deliver("02", "a,-1,", "b,1,"))
    small.run()
    for day in ("03", "04"):
        small.deliver(day, f"b,{day},")
        small.run()
    corrected(small, "5")
    small.deliver("05", "b,5,")
    small.run()
    (story,) = tell(small.root, row_id)
    assert story.published_in == (4, 5)


def test_what_a_rollback_took_back(small: Any) -> None:
    small.contract().deliver("02", "a,1,")
    small.run()
    second = id_of(small.deliver("03", "a,2,"))
    small.run()
    with Workspace.find(small.root).open() as stores:
        rollback(stores, ORDERS, 1, "the amounts are wrong")
    (story,) = tell(small.root, second)
    assert story.ended == "taken back"
    assert (story.taken_back_in, story.current) == ((2,), 1)
    assert story.rolled_back is not None
    assert (story.rolled_back.to, story.rolled_back.why) == (1, "the amounts are wrong")
    assert [s.ended for s in tell(small.root, "a")] == ["published", "taken back"]
    with Workspace.find(small.root).open() as stores:
        rollback(stores, ORDERS, 2, "they are right")
    (story,) = tell(small.root, second)
    assert (story.ended, story.taken_back_in, story.rolled_back) == ("published", (), None)


def test_a_row_that_comes_back_with_a_rollback(small: Any) -> None:
    """The third snapshot is built on the first, and has the first's row again."""
    small.contract()
    first = id_of(small.deliver("02", "a,1,"))
    small.run()
    small.deliver("03", "a,2,")
    small.run()
    with Workspace.find(small.root).open() as stores:
        rollback(stores, ORDERS, 1, "wrong")
    small.deliver("04", "b,1,")
    small.run()
    (story,) = tell(small.root, first)
    assert story.published_in == (1, 3)
    assert [(v.became, v.since) for v in story.versions] == [("taken back", 2), ("published", 1)]


def test_what_only_the_pilot_has_is_not_published(small: Any) -> None:
    off = ", ".join(f"'{name}'" for name in NAMES)
    gates = f"[tool.cleanhold.gates]\ndatasets = ['{ORDERS}']\noff = [{off}]\n"
    small.contract().write("pyproject.toml", f"[tool.cleanhold]\n{gates}")
    row_id = id_of(small.deliver("02", "a,1,"))
    small.run()
    (story,) = tell(small.root, row_id)
    assert (story.ended, story.published_in, story.pilot_in) == ("in the pilot", (), (1,))
    assert (story.current, story.fed) == (None, None)
    with Workspace.find(small.root).open() as stores:
        promote(stores, ORDERS)
    (story,) = tell(small.root, row_id)
    assert (story.ended, story.published_in, story.pilot_in) == ("published", (1,), ())
    second = id_of(small.deliver("03", "a,2,"))
    small.run()
    with Workspace.find(small.root).open() as stores:
        rollback(stores, ORDERS, 1, "bad", Channel.PILOT)
    (story,) = tell(small.root, second)
    assert (story.ended, story.pilot_in) == ("in the pilot", (2,))


def test_expired_snapshots_are_told_from_those_that_are_kept(small: Any) -> None:
    small.contract()
    first = id_of(small.deliver("02", "a,1,"))
    for day in ("03", "04", "05"):
        small.run()
        small.deliver(day, f"b,{day},")
    small.run()
    small.write("pyproject.toml", "[tool.cleanhold.retention]\nsnapshots = 1\ngrace_hours = 0\n")
    with Workspace.find(small.root).open() as stores:
        assert {s.number for s in expire(stores).expired} == {1, 2}
    (story,) = tell(small.root, first)
    assert story.ended == "published"
    assert (story.expired_in, story.published_in) == ((1,), (3, 4))
    with pytest.raises(SnapshotExpired):
        tell(small.root, "a", dataset=ORDERS, snapshot=1)


def test_a_key_in_one_snapshot(small: Any) -> None:
    small.contract()
    first = id_of(small.deliver("02", "a,1,"))
    small.run()
    second = id_of(small.deliver("03", "a,2,"))
    small.run()
    for number, row_id in ((1, first), (2, second)):
        (story,) = tell(small.root, "a", dataset=ORDERS, snapshot=number)
        assert story.row_id == row_id
        assert [s.row_id for s in tell(small.root, row_id, dataset=ORDERS, snapshot=number)]
    with pytest.raises(UsageError, match="of snapshot 2"):
        tell(small.root, first, dataset=ORDERS, snapshot=2)
    with pytest.raises(UsageError, match="of snapshot 2"):
        tell(small.root, "z", dataset=ORDERS, snapshot=2)
    with pytest.raises(NeverPublished):
        tell(small.root, "a", dataset=ORDERS, snapshot=9)
    with pytest.raises(UnknownDataset, match=r"shop\.order"):
        tell(small.root, "a", dataset="shop.order")


def test_a_key_that_the_newest_table_has_not_any_more(small: Any) -> None:
    small.contract(load="replace")
    first = id_of(small.deliver("02", "a,1,", "b,1,"))
    small.run()
    small.deliver("03", "b,1,")
    small.run()
    (story,) = tell(small.root, "a")
    assert (story.row_id, story.published_in, story.current) == (first, (1,), 2)
    assert [(v.since, v.until, v.replaced_by) for v in story.versions] == [(1, 2, None)]


def test_a_composite_key(small: Any) -> None:
    small.contract(more="size: int = field()")
    path = small.root / "contracts/shop_orders.py"
    text = path.read_text().replace('key="id"', 'key=("id", "size")').replace(", unique=True", "")
    path.write_text(text)
    delivered = small.deliver("02", "a,1,,5", "a,2,,6", "b,-1,,5", header="id,amount,note,size")
    small.run()
    (story,) = tell(small.root, "a | 6")
    assert (story.row_id, story.key) == (id_of(delivered, 2), "a | 6")
    (story,) = tell(small.root, "b | 5", dataset=ORDERS)
    assert (story.row_id, story.ended) == (id_of(delivered, 3), "held")
    with pytest.raises(UsageError):
        tell(small.root, "a")


def test_warnings_of_a_row_that_passed(small: Any) -> None:
    small.contract(more='size: int = field(nullable=True, le=5, severity="warn")')
    delivered = small.deliver("02", "a,1,,9", header="id,amount,note,size")
    small.run()
    (story,) = tell(small.root, id_of(delivered))
    assert story.ended == "published"
    assert [(f["severity"], f["column"]) for f in story.findings] == [("warn", "size")]
