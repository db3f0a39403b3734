"""The bytes of an extract go when nobody needs them: not before, and for good."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.pipeline.backtest import backtest
from cleanhold.pipeline.chosen_extracts import choose
from cleanhold.pipeline.expire import expire, to_expire
from cleanhold.pipeline.explain import explain
from cleanhold.pipeline.quarantine import review
from cleanhold.pipeline.recover import recover
from cleanhold.pipeline.verify import verify
from cleanhold.store.extract_bytes import remove_expired_extracts
from cleanhold.store.files import file_lock
from tests.conftest import long_ago

pytestmark = pytest.mark.slow  # every test fills a workspace over many days


SETTINGS = """
[tool.cleanhold.retention]
grace_hours = 0
snapshots = 1
extracts_days = 30
"""


@pytest.fixture
def old(small: Any) -> Any:
    """A table that is delivered whole each day, a year ago; on the second day a row is held."""
    small.contract(load="replace")
    small.write("pyproject.toml", SETTINGS)
    with long_ago():
        for day in range(1, 6):
            small.deliver(f"{day:02}", f"a,{day},", "b,x," if day == 2 else "b,1,")
            small.run()
    return small


def names(small: Any) -> list[str]:
    """Extracts whose bytes are there."""
    with Workspace.find(small.root).open() as stores:
        return [e.name[-6:-4] for e in stores.ledger.extracts() if e.path.is_file()]


def expired(small: Any) -> list[str]:
    with Workspace.find(small.root).open() as stores:
        assert verify(stores).problems == []
        done = expire(stores)
        assert verify(stores).problems == []
        again = expire(stores)
        assert (again.extracts, again.removed) == ((), 0)
        recover(stores, rebuild_quarantine=True)
        assert verify(stores).problems == []
    return [e.name[-6:-4] for e in done.extracts]


def test_what_nobody_needs_goes(old: Any) -> None:
    assert expired(old) == ["01", "02", "03"]
    assert names(old) == ["04", "05"], "of snapshots that stay"


def test_bytes_are_kept_for_ever_unless_the_settings_say_otherwise(old: Any) -> None:
    old.write("pyproject.toml", SETTINGS.replace("extracts_days = 30", ""))
    assert expired(old) == []
    assert len(names(old)) == 5


def test_young_bytes_stay(old: Any) -> None:
    old.write("pyproject.toml", SETTINGS.replace("= 30", "= 3000"))
    assert expired(old) == []


def test_bytes_stay_while_a_row_of_them_waits_or_is_refused_or_published(small: Any) -> None:
    small.contract()
    small.write("pyproject.toml", SETTINGS)
    with long_ago():
        small.deliver("01", "a,1,", "b,x,")  # b waits
        small.run()
        small.deliver("02", "a,2,", "c")  # c is refused
        small.run()
        small.deliver("03", "a,3,", "d,1,")  # d is what readers have
        small.run()
        for day in (4, 5, 6, 7):
            small.deliver(f"{day:02}", f"a,{day},")
            small.run()
    assert expired(small) == ["04", "05"]
    assert names(small) == ["01", "02", "03", "06", "07"]


def test_a_run_does_not_bring_them_back(old: Any) -> None:
    expired(old)
    assert set(old.states()) == {"unchanged"}
    assert names(old) == ["04", "05"]
    (old.root / "in" / "orders_2026-11-01.csv").touch()
    assert set(old.states()) == {"unchanged"}
    with Workspace.find(old.root).open() as stores:
        recover(stores)
        assert verify(stores).problems == []
    assert names(old) == ["04", "05"]


def test_a_new_delivery_does(old: Any) -> None:
    expired(old)
    old.deliver("06", "a,1,", "b,1,")  # what the first day had
    assert "published" in old.states()
    assert sorted(names(old)) == ["04", "05", "06"]
    with Workspace.find(old.root).open() as stores:
        assert verify(stores).problems == []
        recover(stores)
    assert len(names(old)) == 3
    assert old.ids() == {"a": 1, "b": 1}


def test_a_row_still_has_its_story(old: Any) -> None:
    with Workspace.find(old.root).open() as stores:
        first, second = stores.ledger.extracts()[:2]
    expired(old)
    with Workspace.find(old.root).open() as stores:
        ids = [f"{e.sha256[:16]}-{n}" for e, n in ((first, 1), (second, 2))]
        published, held = (explain(stores, row, review(stores))[0] for row in ids)
        assert (published.ended, published.expired_in) == ("published", (1,))
        assert published.delivered is None
        assert published.extract_expired is not None
        assert published.extract_expired.date() == datetime.now(UTC).date()
        assert held.ended == "superseded"
        assert held.quarantine is not None
        assert held.quarantine["raw"] == {"id": "b", "amount": "x", "note": None}


def test_a_backtest_says_so(old: Any) -> None:
    expired(old)
    with Workspace.find(old.root).open() as stores:
        what = choose(stores, stores.sources, stores.contracts["shop.orders"])
        tested = list(backtest(stores, what))
    notes = [t.notes for t in tested]
    assert ["expired" in str(n) for n in notes] == [True, True, True, False, False]


def test_nothing_goes_while_something_lands(old: Any) -> None:
    with Workspace.find(old.root).open() as stores:
        with file_lock(stores.state.landing_lock, shared=True, timeout=1):
            assert len(expire(stores).extracts) == 3
            assert len(names(old)) == 5
        assert verify(stores).problems == []
        assert remove_expired_extracts(stores.state, stores.ledger) == 3


def test_a_preview_says_which(old: Any) -> None:
    with Workspace.find(old.root).open() as stores:
        seen = to_expire(stores)
        assert [e["name"] for e in seen.as_dict()["extracts"]] == [
            f"orders_2026-11-0{day}.csv" for day in (1, 2, 3)
        ]
    assert len(names(old)) == 5
