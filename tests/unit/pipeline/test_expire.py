"""What the settings no longer keep goes; what anybody needs stays, and verify agrees with both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cleanhold import Workspace
from cleanhold.core.correction import Correction
from cleanhold.core.decision import Act
from cleanhold.core.snapshot import Channel
from cleanhold.errors import SnapshotExpired, UsageError
from cleanhold.pipeline.backtest import backtest
from cleanhold.pipeline.chosen_extracts import choose
from cleanhold.pipeline.decide import Intent, Selection, apply
from cleanhold.pipeline.diff import diff
from cleanhold.pipeline.expire import Expiry, expire, to_expire
from cleanhold.pipeline.explain import explain
from cleanhold.pipeline.pin import pin, unpin
from cleanhold.pipeline.quarantine import review
from cleanhold.pipeline.recover import recover
from cleanhold.pipeline.replay import replay
from cleanhold.pipeline.rollback import rollback
from cleanhold.pipeline.verify import verify

pytestmark = pytest.mark.slow  # every test fills a workspace over many days


FEATURE = """
import polars as pl
from cleanhold import feature


@feature("features.totals", orders="shop.orders")
def totals(orders: pl.LazyFrame) -> pl.LazyFrame:
    return orders.select("id", "amount", "note")
"""


def keep(small: Any, **settings: Any) -> None:
    """Set what is kept; without grace, so that what is due goes at once."""
    lines = "".join(
        f"{name} = {value!r}\n" for name, value in {"grace_hours": 0, **settings}.items()
    )
    small.write(
        "pyproject.toml",
        f'[tool.cleanhold]\nname = "small"\n[tool.cleanhold.retention]\n{lines}',
    )


def days(small: Any, *numbers: int, what: str = "orders") -> None:
    """Each day: one row that stays, one of the day, one that is held, one that is refused."""
    for day in numbers:
        small.deliver(f"{day:02}", f"a,{day},", f"b{day},1,", f"c{day},x,", f"d{day}", what=what)
        small.run()


def expired(small: Any, dataset: str | None = None) -> Expiry:
    with Workspace.find(small.root).open() as stores:
        return expire(stores, dataset)


def due(small: Any) -> dict[str, list[int]]:
    with Workspace.find(small.root).open() as stores:
        return {s.dataset: sorted(x.number for x in s.going) for s in to_expire(stores).storage}


def why(small: Any, number: int, dataset: str = "shop.orders") -> tuple[str, ...]:
    with Workspace.find(small.root).open() as stores:
        fates = to_expire(stores, dataset).storage[0].fates
    return next(f.kept for f in fates if f.snapshot.number == number)


def problems(small: Any) -> list[str]:
    with Workspace.find(small.root).open() as stores:
        return [str(problem) for problem in verify(stores).problems]


def files(small: Any, dataset: str = "shop.orders") -> list[str]:
    folder = small.root / ".cleanhold" / "snapshots" / dataset
    return sorted(path.name.split("-")[0] for path in folder.iterdir())


@pytest.fixture
def week(small: Any) -> Any:
    small.contract()
    days(small, *range(1, 7))
    return small


def test_everything_is_kept_unless_the_settings_say_otherwise(week: Any) -> None:
    done = expired(week)
    assert (done.expired, done.removed) == ((), 0)
    assert why(week, 1) == ("the settings keep all",)
    assert week.read(snapshot=1).height == 2


def test_rows_go_and_everything_else_stays(week: Any) -> None:
    keep(week, snapshots=2)
    before = files(week)
    assert due(week) == {"shop.orders": [1, 2, 3, 4]}
    assert files(week) == before, "a preview changes nothing"
    newest = week.read()
    done = expired(week)
    assert [s.number for s in done.expired] == [4, 3, 2, 1]
    assert done.removed == 4
    assert sum(s.frees for s in done.storage) > 0
    left = files(week)
    assert left.count("data") == 2
    assert left.count("held") == 6
    assert left.count("refused") == 6
    assert week.read().equals(newest)
    assert problems(week) == []
    with Workspace.find(week.root).open() as stores:
        listed = stores.ledger.snapshots("shop.orders")
        assert len(listed) == 6
        assert [s.number for s in listed if s.expired] == [4, 3, 2, 1]
        assert all(stores.manifest(s).account == s.account for s in listed)
        entry = stores.ledger.audit_log()[-1].body
        assert entry["act"] == "expired"
        assert [s[1] for s in entry["snapshots"]] == [4, 3, 2, 1]
        found = verify(stores)
        assert (found.snapshots, found.expired) == (6, 4)


def test_doing_it_again_changes_nothing(week: Any) -> None:
    keep(week, snapshots=2)
    expired(week)
    with Workspace.find(week.root).open() as stores:
        entries = len(stores.ledger.audit_log())
        again = expire(stores)
        assert (again.expired, again.removed) == ((), 0)
        assert len(stores.ledger.audit_log()) == entries


def test_the_quarantine_is_made_again_as_it_was(small: Any) -> None:
    """A clean row of an expired snapshot had settled a held one: that is not forgotten."""
    small.contract()
    small.deliver("01", "a,x,", "b,y,", "c,1,")
    small.run()
    small.deliver("02", "a,1,", "d,2,")  # settles the held row of a
    small.run()
    days(small, 3, 4, 5)
    keep(small, snapshots=1)
    expired(small)
    assert problems(small) == [], "the one from before is as one that is made now"
    with Workspace.find(small.root).open() as stores:
        recover(stores, rebuild_quarantine=True)
        assert verify(stores).problems == []
        listed = stores.ledger.snapshots("shop.orders")
        kept = [s.expired.key_file for s in listed if s.expired and s.expired.key_file]
        assert kept, "a was held, and is clean in all that expired since"
        for name in set(kept):
            assert pl.read_parquet(stores.state.key_file(name))["business_key"].to_list() == ["a"]
            stores.state.key_file(name).unlink()
        assert any("keys that are kept" in p.what for p in verify(stores).problems)


def test_readers_are_told_when_why_and_what_to_do(week: Any) -> None:
    keep(week, snapshots=2)
    expired(week)
    with pytest.raises(SnapshotExpired) as told:
        week.read(snapshot=1)
    assert "snapshot 1 of shop.orders expired on 20" in told.value.what
    assert "the newest 2 published" in str(told.value.where)
    assert "cleanhold snapshots shop.orders" in str(told.value.next)
    with Workspace.find(week.root).open() as stores:
        with pytest.raises(SnapshotExpired):
            diff(stores, "shop.orders", 1, 6)
        with pytest.raises(SnapshotExpired):
            rollback(stores, "shop.orders", 1, "why not")
        with pytest.raises(SnapshotExpired):
            pin(stores, "shop.orders", 1, "too late")


def test_what_a_rollback_needs_stays(week: Any) -> None:
    with Workspace.find(week.root).open() as stores:
        rollback(stores, "shop.orders", 3, "the later ones are wrong")
    keep(week, snapshots=1)
    assert why(week, 3) == ("it is in production",)
    assert why(week, 2) == ("a rollback would go to it",)
    assert "readers were rolled back from it" in why(week, 5)
    assert due(week) == {"shop.orders": [1]}
    expired(week)
    with Workspace.find(week.root).open() as stores:
        rollback(stores, "shop.orders", 2, "further back")
        assert verify(stores).problems == []


def test_what_is_pinned_stays_until_it_is_not(week: Any) -> None:
    keep(week, snapshots=1)
    with Workspace.find(week.root).open() as stores:
        pin(stores, "shop.orders", 2, "model 7")
        with pytest.raises(UsageError, match="pinned already: model 7"):
            pin(stores, "shop.orders", 2, "model 8")
        with pytest.raises(UsageError, match="reason"):
            pin(stores, "shop.orders", 1, " ")
    assert due(week) == {"shop.orders": [1, 3, 4]}
    expired(week)
    assert week.read(snapshot=2).height == 3
    with Workspace.find(week.root).open() as stores:
        unpin(stores, "shop.orders", 2, "model 7 is retired")
        with pytest.raises(UsageError, match="not pinned"):
            unpin(stores, "shop.orders", 2, "again")
        acts = [entry.body["act"] for entry in stores.ledger.audit_log()]
        assert [a for a in acts if "pinned" in a] == ["pinned", "unpinned"]
    assert due(week) == {"shop.orders": [2]}
    assert problems(week) == []


def test_what_a_kept_table_was_built_from_stays(small: Any) -> None:
    small.contract()
    small.contract("features.totals", load="replace")
    small.write("flows/features.py", FEATURE)
    days(small, 1, 2, 3, 4)
    keep(small, snapshots=1)
    with Workspace.find(small.root).open() as stores:
        (first,) = stores.ledger.snapshot("features.totals", 1).inputs  # type: ignore[union-attr]
        pin(stores, "features.totals", 1, "model 7 was trained on it")
    assert why(small, 1) == ("features.totals 1 was built from it",)
    assert first.number == 1
    assert due(small) == {"features.totals": [2], "shop.orders": [2]}
    expired(small)
    assert small.read(snapshot=1).height == 2
    assert problems(small) == []


def test_files_that_a_kept_snapshot_shares_stay(small: Any) -> None:
    small.contract(load="append")
    for day in range(1, 5):
        small.deliver(f"{day:02}", f"b{day},1,", f"c{day},x,")
        small.run()
    keep(small, snapshots=1)
    rows = small.read()
    done = expired(small)
    assert [s.number for s in done.expired] == [2, 1]
    assert done.removed == 0
    assert small.read().equals(rows)
    assert problems(small) == []
    with pytest.raises(SnapshotExpired):
        small.read(snapshot=1)


def test_either_setting_keeps(week: Any) -> None:
    keep(week, snapshots=1, days=1)
    assert due(week) == {"shop.orders": []}
    assert "it is not 1 days old" in why(week, 1)
    keep(week, days=0)
    assert due(week) == {"shop.orders": [1, 2, 3, 4]}


def test_who_may_still_have_it_open_is_given_time(week: Any) -> None:
    keep(week, snapshots=1, grace_hours=24)
    assert due(week) == {"shop.orders": []}
    assert why(week, 1) == ("readers may have had it 24 hours ago",)


def test_a_dataset_can_have_its_own_rule(small: Any) -> None:
    small.contract().contract("shop.returns")
    days(small, 1, 2, 3, 4)
    days(small, 1, 2, 3, 4, what="returns")
    small.write(
        "pyproject.toml",
        "[tool.cleanhold.retention]\ngrace_hours = 0\n"
        '[tool.cleanhold.retention.datasets."shop.returns"]\nsnapshots = 1\n',
    )
    assert due(small) == {"shop.orders": [], "shop.returns": [1, 2]}
    with Workspace.find(small.root).open() as stores:
        assert [s.dataset for s in expire(stores, "shop.orders").expired] == []
        assert [s.number for s in expire(stores, "shop.returns").expired] == [2, 1]
        assert verify(stores).problems == []


def test_a_run_expires_what_is_due_if_it_is_told_to(week: Any) -> None:
    keep(week, snapshots=1, expire="after-run")
    days(week, 7)
    assert due(week) == {"shop.orders": []}
    assert files(week).count("data") == 2
    assert problems(week) == []


def test_a_candidate_that_is_old_goes_too(small: Any) -> None:
    small.contract(tolerance="10%")
    small.deliver("01", "a,1,")
    small.run()
    small.deliver("02", "b,x,")
    assert small.states() == ["unchanged", "candidate"]
    for day in (3, 4):
        small.deliver(f"{day:02}", f"a,{day},")
        small.run()
    keep(small, snapshots=1)
    assert due(small)["shop.orders"] == [1, 2]
    expired(small)
    with Workspace.find(small.root).open() as stores:
        assert stores.ledger.snapshot("shop.orders", 2).channel is Channel.CANDIDATE  # type: ignore[union-attr]
        assert verify(stores).problems == []
    assert "overtaken" in small.states()


def test_marks_and_pins_that_nobody_made_are_found(
    week: Any, tamper: Callable[[Path, str], None]
) -> None:
    keep(week, snapshots=2)
    with Workspace.find(week.root).open() as stores:
        pin(stores, "shop.orders", 1, "model 7")
    tamper(week.root, "delete from pins")
    tamper(
        week.root,
        "insert into expired (dataset, number, at, why, key_file) values "
        "('shop.orders', 6, '2026-11-01T00:00:00.000000+00:00', '', null)",
    )
    found = problems(week)
    said = " ".join(found)
    assert "the row of pins with dataset shop.orders, number 1 is missing" in said
    assert "the row of expired with dataset shop.orders, number 6 is not in the log" in said


@pytest.fixture
def tamper() -> Callable[[Path, str], None]:
    from sqlalchemy import text

    from cleanhold.store.database import Database

    def tamper(root: Path, statement: str) -> None:
        database = Database(root / ".cleanhold" / "ledger.db")
        with database.write() as connection:
            connection.execute(text(statement))
        database.close()

    return tamper


def test_a_released_row_still_has_its_story(week: Any) -> None:
    """It is in no file any more; by elimination, its replay published it."""
    with Workspace.find(week.root).open() as stores:
        put = Correction({"amount": "5"}, {}, {})
        apply(stores, Selection("shop.orders"), Intent(Act.CORRECT, put), "they said so")
        (done,) = replay(stores)
        (held,) = stores.data_files(stores.ledger.snapshot("shop.orders", done.snapshot))  # type: ignore[arg-type]
        rows = pl.read_parquet(held).filter(pl.col("id") == "c1")["row_id"].to_list()
    for day in (8, 9):
        week.deliver(f"{day:02}", f"a,{day},", *(f"c{n},{day}," for n in range(1, 7)))
        week.run()
    keep(week, snapshots=1)
    expired(week)
    with Workspace.find(week.root).open() as stores:
        (story,) = explain(stores, rows[0], review(stores))
    assert (story.ended, story.published_in) == ("published", ())
    assert story.expired_in == (done.snapshot,)
    assert story.quarantine is not None
    assert story.delivered is not None, "the extract is there"


def test_a_backtest_names_the_extracts_that_it_cannot_judge(small: Any) -> None:
    small.contract()
    path = small.root / "contracts" / "shop_orders.py"
    checks = path.read_text().replace(
        "tolerance=", 'checks=[does_not_decrease("amount")], tolerance='
    )
    path.write_text("from cleanhold.checks import *\n" + checks)
    days(small, 1, 2, 3, 4)
    keep(small, snapshots=1)
    assert [s.number for s in expired(small).expired] == [2, 1]
    with Workspace.find(small.root).open() as stores:
        what = choose(stores, stores.sources, stores.contracts["shop.orders"])
        tested = list(backtest(stores, what))
    notes = ["; ".join(t.notes) for t in tested]
    assert [t.after is None for t in tested] == [False, True, True, False]
    assert "snapshot 1 of shop.orders expired on" in notes[1]


def test_who_has_it_open_goes_on_reading(week: Any) -> None:
    """A file that is open survives; a lazy frame that opens it later is told, not misled."""
    workspace = Workspace.find(week.root)
    with workspace.open() as stores:
        (path,) = stores.data_files(stores.ledger.snapshot("shop.orders", 1))  # type: ignore[arg-type]
    early, late = path.open("rb"), workspace.read("shop.orders", snapshot=1)
    keep(week, snapshots=1)
    expired(week)
    with early:
        assert pl.read_parquet(early).height == 2
    with pytest.raises((pl.exceptions.PolarsError, OSError), match=path.name):
        late.collect()
