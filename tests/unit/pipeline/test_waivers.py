"""Waivers: every snapshot lists what they let through; they end by their day and by their size."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

import cleanhold as public
from cleanhold import Workspace
from cleanhold.core.decision import Act
from cleanhold.errors import UsageError
from cleanhold.pipeline.approve import approve
from cleanhold.pipeline.decide import Intent, Selection, apply
from cleanhold.pipeline.person import who_acts
from cleanhold.pipeline.recover import recover
from cleanhold.pipeline.replay import replay
from cleanhold.pipeline.verify import verify
from cleanhold.pipeline.waivers import Waiver, waivers
from cleanhold.store import ledger
from cleanhold.store import quarantine as store
from cleanhold.store.quarantine import Quarantine

ORDERS = "shop.orders"
LAST = date(2026, 12, 31)
FEATURE = """
import polars as pl
from cleanhold import feature

@feature("features.totals", orders="shop.orders")
def totals(orders: pl.LazyFrame) -> pl.LazyFrame:
    return orders.select("id", "amount", "note")
"""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets the time by which everybody goes, in UTC."""

    def at(moment: str) -> None:
        now = datetime.fromisoformat(moment).replace(tzinfo=UTC)

        class Fixed(store.datetime):  # type: ignore[misc, name-defined]
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return now.astimezone(tz)

        monkeypatch.setattr(store, "datetime", Fixed)
        monkeypatch.setattr(ledger.Ledger, "_now", lambda self, connection: now)

    at("2026-12-01T12:00:00")
    return at


def waive(small: Any, keys: str = "b", until: date = LAST, at_most: int | None = None) -> None:
    with Workspace.find(small.root).open() as stores:
        rows = [Quarantine(stores.state).find(key)["row_id"][0] for key in keys]
        intent = Intent(Act.WAIVE, until=until, at_most=at_most)
        apply(stores, Selection(ORDERS, rows=tuple(rows)), intent, "known")
        list(replay(stores))


def listed(small: Any, snapshot: int | None = None) -> set[str]:
    """Ids (of the table's own column) of the rows that the manifest says were let through."""
    rows = public.read(ORDERS, snapshot=snapshot, provenance=True, workspace=small.root).collect()
    waived = public.waived(ORDERS, snapshot=snapshot, workspace=small.root)
    assert set(waived["row_id"]) <= set(rows["row_id"])
    failing = rows.filter(pl.col("amount") < 0)["row_id"]
    assert set(waived["row_id"]) == set(failing)
    return set(rows.filter(pl.col("row_id").is_in(waived["row_id"].implode()))["id"])


def known(small: Any) -> list[Waiver]:
    with Workspace.find(small.root).open() as stores:
        assert verify(stores).problems == []
        return waivers(stores)


def status(small: Any, key: str) -> list[str]:
    with Workspace.find(small.root).open() as stores:
        return Quarantine(stores.state).find(key)["status"].to_list()


@pytest.mark.parametrize("load", ["upsert", "append"])
def test_every_later_snapshot_lists_what_is_still_in_its_table(
    small: Any, clock: Any, load: str
) -> None:
    small.contract(load=load).deliver("02", "a,1,", "b,-2,x", "c,-3,y")
    small.run()
    assert listed(small) == set()
    waive(small, "bc")
    assert listed(small) == {"b", "c"}
    for day in ("03", "04"):
        small.deliver(day, f"d{day},1,")
        (done,) = small.run()[-1:]
        assert done.waived == 2
        assert listed(small) == {"b", "c"}
    with Workspace.find(small.root).open() as stores:
        recover(stores, rebuild_quarantine=True)
    small.deliver("05", "e,1,")
    small.run()
    assert listed(small) == {"b", "c"}
    waived = public.waived(ORDERS, workspace=small.root)
    assert waived.select("checks", "until", "decision").unique().rows() == [
        (["amount.greater_than_or_equal_to"], LAST, 1)
    ]
    if load == "upsert":
        small.deliver("06", "b,20,x")
        small.run()
        assert listed(small) == {"c"}
        assert known(small)[0].published == 1
    assert listed(small, 1) == set()


def test_a_table_that_is_replaced_lists_nothing_of_the_old_one(small: Any, clock: Any) -> None:
    small.contract(load="replace").deliver("02", "a,1,", "b,-2,x")
    small.run()
    waive(small)
    assert listed(small) == {"b"}
    small.deliver("03", "a,1,", "b,2,x")
    small.run()
    assert listed(small) == set()


def test_a_waived_row_that_passes_anyway_is_not_listed(small: Any, clock: Any) -> None:
    small.contract().deliver("02", "a,1,", "b,-2,x")
    small.run()
    text = (small.root / "contracts/shop_orders.py").read_text().replace("ge=0", "ge=-2")
    small.write("contracts/shop_orders.py", text.replace('"1.0.0"', '"1.1.0"'))
    waive(small)
    assert public.waived(ORDERS, workspace=small.root).is_empty()
    assert small.ids() == {"a": 1, "b": -2}


def test_the_last_day_is_a_whole_day_in_utc_and_no_delivery_is_needed(
    small: Any, clock: Any
) -> None:
    small.contract().contract("features.totals", load="replace")
    text = (small.root / "contracts/features_totals.py").read_text().replace(", ge=0", "")
    small.write("contracts/features_totals.py", text)
    small.write("flows/features.py", FEATURE)
    small.deliver("02", "a,1,", "b,-2,x")
    small.run()
    waive(small)
    small.run()
    assert small.ids("features.totals") == {"a": 1, "b": -2}

    clock("2026-12-31T23:59:59")
    assert [str(o.state) for o in small.run()] == ["unchanged", "unchanged"]
    assert small.ids() == {"a": 1, "b": -2}

    clock("2027-01-01T00:00:00")
    said = [(o.dataset, str(o.state), o.what) for o in small.run()][1:]
    assert said == [
        (ORDERS, "published", "held rows: 1 whose waiver is over"),
        ("features.totals", "published", "features.totals"),
    ]
    assert small.ids() == small.ids("features.totals") == {"a": 1}
    assert listed(small) == set()
    assert status(small, "b") == ["held"]
    assert [(w.is_over, w.published) for w in known(small)] == [(True, 0)]


def test_a_waiver_for_a_number_of_rows_counts_later_deliveries(small: Any, clock: Any) -> None:
    small.contract(load="append").deliver("02", "a,1,", "b,-2,x", "c,-3,y")
    small.run()
    with pytest.raises(UsageError, match="2 rows, more than the 1 that the waiver may let"):
        waive(small, "bc", at_most=1)
    waive(small, "b", at_most=2)
    for day, states in (("03", ["released"] * 2), ("04", ["held", "released", "released"])):
        small.deliver(day, f"d{day},1,", "b,-2,x")
        healed = [o for o in small.run() if o.what.startswith("held rows")]
        assert status(small, "b") == states
    assert [(o.what, o.reasons) for o in healed] == [
        (
            "held rows: 1 stay held",
            ("the waiver of decision 1 lets 2 rows through, later deliveries included, and has",),
        )
    ]
    assert small.run()[-1].what == "held rows: 1 stay held"
    with Workspace.find(small.root).open() as stores:
        quarantine = Quarantine(stores.state)
        row = quarantine.row(quarantine.find("b")["row_id"][0])
        assert len(stores.ledger.decisions()) == 3
    assert row is not None
    assert [h["what"] for h in row["history"]] == ["comment"]
    assert "stays held: the waiver of decision 1 lets 2 rows through" in row["history"][0]["why"]
    (waiver,) = known(small)
    assert (waiver.at_most, waiver.passed, waiver.published) == (2, 2, 1)


def test_a_decision_is_not_made_again_for_more_rows_than_it_and_one_person_may(
    small: Any, clock: Any
) -> None:
    small.contract(load="append", approval_above=1).deliver("02", "b,-2,x", "c,-2,x")
    small.run()
    with Workspace.find(small.root).open() as stores:
        intent = Intent(Act.REJECT)
        apply(stores, Selection(ORDERS), intent, "tests", who=who_acts("Ada"))
        approve(stores, 1, "yes", who=who_acts("Bob"))
    small.deliver("03", "a,1,", "b,-2,x", "c,-2,x")
    assert small.run()[-1].what == "held rows: 2 rejected again, as in decision 2"
    small.deliver("04", "b,-2,x", "c,-2,x", "b,-2,x")
    (left,) = [o for o in small.run() if "stay held" in o.what]
    assert left.reasons == (
        "decision 2 was about 2 rows, and not made again for 3: that is more than one person may "
        "decide on",
    )
    assert status(small, "b").count("held") == 2


def test_a_waiver_that_the_contract_forbids_by_now_is_not_made_again(
    small: Any, clock: Any
) -> None:
    small.contract().deliver("02", "b,-2,x")
    small.run()
    waive(small)
    small.contract(never_waived="greater_than_or_equal_to")
    small.deliver("03", "a,1,", "b,-2,x")
    (left,) = [o for o in small.run() if "stay held" in o.what]
    assert "which the contract does not any more" in left.reasons[0]
    assert status(small, "b") == ["held", "released"]


def test_explain_and_the_command_line_say_so(small: Any, clock: Any, cleanhold: Any) -> None:
    small.contract().deliver("02", "a,1,", "b,-2,x")
    small.run()
    waive(small, at_most=5)
    here = ("-w", small.root)
    said = cleanhold("explain", "b", *here)
    told = "let through until 2026-12-31 although it fails amount.greater_than_or_equal_to"
    assert told in " ".join(said.out.split())
    assert cleanhold("explain", "b", "--json", *here).json[0]["waived"]["decision"] == 1
    assert cleanhold("explain", "a", "--json", *here).json[0]["waived"] is None
    shown = cleanhold("quarantine", "waivers", *here).out
    assert "1  waive shop.orders until 2026-12-31" in shown
    assert "1 row, of 5 at most; 1 in the published table" in shown
    small.deliver("03", "c,1,")
    assert "let through by waivers" in cleanhold("run", *here).out
