"""Whether consumers get what they need: told when it is published, held to when it is read."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cleanhold as ch
from cleanhold import Workspace
from cleanhold.audits.pacts import Table, unmet
from cleanhold.core.pact import Need, Pact
from cleanhold.errors import NeverPublished, PactUnmet, PactWarning, UsageError
from cleanhold.pipeline.audited import audited
from cleanhold.pipeline.baseline import name_baseline
from cleanhold.pipeline.expire import expire
from cleanhold.pipeline.pact_read import Reading
from cleanhold.pipeline.rollback import rollback
from cleanhold.pipeline.stores import Stores
from tests.conftest import long_ago

PACT = """
from cleanhold import need, pact

@pact("scores", needs="shop.orders", owner="scores@example.org"{terms})
class Scores:
    {body}
"""
BODY = "id: str\n    amount: int = need(nulls='50%')"


@pytest.fixture
def shop(small: Any) -> Any:
    """A table that each delivery replaces."""
    return small.contract(load="replace")


def declare(shop: Any, body: str = BODY, terms: str = "") -> None:
    shop.write("contracts/pacts/scores.py", PACT.format(body=body, terms=terms and f", {terms}"))


def reading(shop: Any, **options: Any) -> Reading:
    return Workspace.find(shop.root).reading("shop.orders", pact="scores", **options)


def answers(stores: Stores, number: int) -> list[tuple[bool, list[str]]]:
    return [(a.is_met, list(a.reasons)) for a in audited(stores, "shop.orders", number).pacts]


def test_a_publication_answers_each_pact_and_stops_for_none(shop: Any) -> None:
    declare(shop, terms="rows=2")
    shop.deliver("01", "a,1,", "b,2,")
    (good,) = shop.run()
    shop.deliver("02", "a,,")
    _, bad = shop.run()
    assert (str(good.state), good.warnings) == ("published", ())
    assert str(bad.state) == "published"
    assert bad.warnings == (
        "scores (scores@example.org) does not get what it needs: it has 1 row, fewer than 2; "
        "amount is without a value in 1 of 1 rows (100.0 %), allowed are 50 %",
    )
    with Workspace.find(shop.root).open() as stores:
        assert answers(stores, 1) == [(True, [])]
        met, reasons = answers(stores, 2)[0]
        assert (met, len(reasons)) == (False, 2)


def test_a_consumer_reads_the_newest_that_is_what_it_needs(shop: Any) -> None:
    declare(shop)
    shop.deliver("01", "a,1,x", "b,,y")
    shop.deliver("02", "a,,x", "b,,y")
    shop.run()
    found = reading(shop)
    assert found.snapshot.number == 1
    assert found.frame.collect().rows() == [("a", 1), ("b", None)]
    assert found.reasons == (
        "snapshot 2: amount is without a value in 2 of 2 rows (100.0 %), allowed are 50 %",
    )
    shop.deliver("03", "a,3,")
    shop.run()
    assert reading(shop).reasons == ()
    assert reading(shop).frame.collect().rows() == [("a", 3)]


def test_reading_warns_where_the_call_is(shop: Any) -> None:
    declare(shop)
    shop.deliver("01", "a,1,")
    shop.deliver("02", "a,,")
    shop.run()
    with pytest.warns(PactWarning, match=r"scores reads snapshot 1 of shop\.orders: snap") as told:
        rows = ch.read("shop.orders", pact="scores", workspace=shop.root)
    assert told[0].filename == __file__
    assert rows.collect().rows() == [("a", 1)]
    with pytest.warns(PactWarning) as told:
        Workspace.find(shop.root).read("shop.orders", pact="scores")
    assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a program that asks is not warned
        ch.reading("shop.orders", pact="scores", workspace=shop.root)


def test_a_pact_may_refuse(shop: Any) -> None:
    declare(shop, terms="unmet='refuse'")
    shop.deliver("01", "a,1,")
    shop.run()
    assert reading(shop).snapshot.number == 1
    shop.deliver("02", "a,,")
    shop.run()
    with pytest.raises(
        PactUnmet, match=r"nothing of shop\.orders is what scores needs: snapshot 2"
    ):
        reading(shop)


def test_nothing_is_what_it_needs(shop: Any) -> None:
    declare(shop, "id: str\n    other: int")
    with pytest.raises(NeverPublished, match="was never published"):
        reading(shop)
    shop.deliver("01", "a,1,")
    (outcome,) = shop.run()
    assert "there is no column 'other'" in outcome.warnings[0]
    with pytest.raises(PactUnmet, match="there is no column 'other'"):
        reading(shop)


def test_types_and_limits_are_told(shop: Any) -> None:
    declare(shop, "id: str\n    amount: str\n    note: str")
    shop.deliver("01", "a,1,", *(f"n{n},1,x" for n in range(2_999)))
    (outcome,) = shop.run()
    assert outcome.warnings[0].partition("needs: ")[2] == (
        "amount is Int64, not str; "
        "note is without a value in 1 of 3,000 rows (< 0.1 %), and needs one in all"
    )


def test_snapshots_from_before_the_pact_are_judged_when_it_reads(shop: Any) -> None:
    shop.deliver("01", "a,1,")
    shop.deliver("02", "a,,")
    shop.run()
    declare(shop)
    assert reading(shop).snapshot.number == 1
    declare(shop, "id: str\n    amount: int | None")  # another pact, another answer
    assert reading(shop).snapshot.number == 2
    with Workspace.find(shop.root).open() as stores:
        assert answers(stores, 2) == []


def test_an_answer_that_was_kept_is_not_asked_again(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(shop)
    shop.deliver("01", "a,1,")
    shop.run()

    def never(*_: Any) -> Any:
        raise AssertionError

    monkeypatch.setattr("cleanhold.pipeline.pacts.unmet", never)
    assert reading(shop).snapshot.number == 1
    declare(shop, terms="rows=1")
    with pytest.raises(AssertionError):
        reading(shop)


def test_old_data_is_told_when_it_is_read(shop: Any) -> None:
    declare(shop, terms="freshness='26h', never_older='800d'")
    shop.deliver("01", "a,1,")
    with long_ago():
        (outcome,) = shop.run()
    assert outcome.warnings == ()
    found = reading(shop)
    assert found.age.days in (364, 365)
    assert found.reasons == (
        "snapshot 1: the newest delivery in it is 365 days old, allowed are 26 h",
    )
    declare(shop, terms="freshness='26h', never_older='7d'")
    with pytest.raises(PactUnmet, match="is 365 days old, allowed are 7 days"):
        reading(shop)
    declare(shop, terms="freshness='26h', unmet='refuse'")
    with pytest.raises(PactUnmet, match="365 days old"):
        reading(shop)
    shop.deliver("02", "a,2,")
    shop.run()
    assert reading(shop).reasons == ()


def test_numbers_of_snapshots(shop: Any) -> None:
    for day in ("01", "02", "03"):
        shop.deliver(day, f"a,{int(day)},")
    shop.run()
    for terms, number in (("snapshot=2", 2), ("snapshots=(1, 2)", 2), ("snapshots=(2, None)", 3)):
        declare(shop, terms=terms)
        assert reading(shop).snapshot.number == number
        assert reading(shop).reasons == ()
    declare(shop, terms="snapshots=(4, None)")
    with pytest.raises(PactUnmet, match="no snapshot from 4 is published"):
        reading(shop)
    declare(shop, terms="snapshot=9")
    with pytest.raises(PactUnmet, match="snapshot 9, which it reads, is not published, or was"):
        reading(shop)


def test_what_was_taken_back_or_stopped_is_not_read(shop: Any) -> None:
    shop.contract(load="replace", tolerance="10%")
    declare(shop)
    for day in ("01", "02", "03"):
        shop.deliver(day, f"a,{int(day)},")
    shop.run()
    with Workspace.find(shop.root).open() as stores:
        rollback(stores, "shop.orders", 1, "the delivery of 2 November is wrong")
    assert reading(shop).snapshot.number == 1
    assert reading(shop).reasons == ()
    shop.deliver("04", "a,,")
    shop.deliver("05", "a,5,", "b,-1,")  # stopped: half of it is held
    shop.run()
    assert reading(shop).snapshot.number == 1  # 2 and 3 were taken back, 4 lacks values
    with Workspace.find(shop.root).open() as stores:
        done = rollback(stores, "shop.orders", 3, "it was right")
        back = rollback(stores, "shop.orders", 4, "it was not")
        rollback(stores, "shop.orders", 3, "it was, in the end")
    assert done.warnings == ()
    assert back.warnings[0].startswith("scores reads snapshot 3 of shop.orders: snapshot 4: amount")
    assert reading(shop).snapshot.number == 3


def test_drift_is_measured_from_the_baseline_of_the_pact_or_of_the_dataset(shop: Any) -> None:
    rows = [f"n{n},{n % 50},x" for n in range(500)]
    moved = [f"n{n},{n % 50 + 30},x" for n in range(500)]
    body = "id: str\n    amount: int = need(drift=0.3)"
    shop.contract(load="replace", drift="off")
    declare(shop, body)
    shop.deliver("01", *rows)
    shop.deliver("02", *moved)
    assert [o.warnings for o in shop.run()] == [(), ()]  # nothing to measure from
    assert reading(shop).snapshot.number == 2
    with Workspace.find(shop.root).open() as stores:
        name_baseline(stores, "shop.orders", 1, "trained on it")
    found = reading(shop)
    assert found.snapshot.number == 1
    assert "snapshot 2: amount has drifted since snapshot 1: " in found.reasons[0]
    declare(shop, body, terms="baseline=2")
    assert reading(shop).snapshot.number == 2
    declare(shop, body, terms="baseline=7")
    with pytest.raises(PactUnmet, match="there is no snapshot 7, its baseline"):
        reading(shop)


def test_personal_values_are_not_told(shop: Any) -> None:
    body = "id: str\n    note: str = need(drift=True)"
    declare(shop, body, terms="baseline=1")
    shop.deliver("01", *(f"n{n},1,Bob" for n in range(300)))
    shop.run()
    shop.deliver("02", *(f"n{n},1,Eve" for n in range(300)))
    (outcome,) = (o for o in shop.run() if str(o.state) == "published")
    assert "note has drifted" in outcome.warnings[0]
    assert "Eve" not in outcome.warnings[0]
    assert "Bob" not in outcome.warnings[0]


def test_only_its_columns_are_read(shop: Any) -> None:
    declare(shop)
    shop.deliver("01", "a,1,x")
    shop.run()
    assert reading(shop, columns=["amount"]).frame.collect().columns == ["amount"]
    traced = reading(shop, provenance=True).frame.collect()
    assert traced.columns == ["row_id", "record", "id", "amount"]
    with pytest.raises(UsageError, match="'note' is not among the columns that scores needs"):
        reading(shop, columns=["note"])
    with pytest.raises(UsageError, match="says which snapshot is read"):
        shop.read(pact="scores", snapshot=1)


def test_a_replay_answers_too(shop: Any, cleanhold: Callable[..., Any]) -> None:
    declare(shop, "id: str\n    amount: int")
    shop.deliver("01", "a,1,", "b,-2,")
    shop.run()
    release = ("quarantine", "release", "--dataset", "shop.orders", "--reason", "r", "--yes")
    assert cleanhold(*release, "-w", shop.root).code == 0
    replayed = cleanhold("replay", "-w", shop.root, "--json")
    assert replayed.json[0]["warnings"] == []
    with Workspace.find(shop.root).open() as stores:
        assert answers(stores, 2) == [(True, [])]


def test_what_cannot_be_judged_stops_nothing(shop: Any) -> None:
    declare(shop, "id: str\n    amount: int = need(drift=True)", terms="baseline=1")
    shop.deliver("01", "a,1,")
    (outcome,) = shop.run()
    assert "there is no snapshot 1, its baseline" in outcome.warnings[0]
    assert reading(shop).snapshot.number == 1  # by now there is


def test_no_number_is_no_value(tmp_path: Path) -> None:
    pl.DataFrame({"x": [1.0, float("nan"), None, 2.0]}).write_parquet(tmp_path / "t.parquet")
    pact = Pact("c", "d", (Need("x", (pl.Float64,), "float", 0.3),))
    assert list(unmet(pact, Table([tmp_path / "t.parquet"]))) == [
        "x is without a value in 2 of 4 rows (50.0 %), allowed are 30 %"
    ]


def test_two_consumers_each_get_their_own(shop: Any) -> None:
    declare(shop)
    other = PACT.format(body="id: str", terms="").replace("scores", "list")
    shop.write("contracts/pacts/list.py", other)
    shop.deliver("01", "a,1,")
    shop.deliver("02", "a,,")
    shop.run()
    assert reading(shop).snapshot.number == 1
    frame = shop.read(pact="list")
    assert frame.columns == ["id"]
    assert Workspace.find(shop.root).reading("shop.orders", pact="list").snapshot.number == 2


def test_what_a_consumer_reads_does_not_expire(shop: Any) -> None:
    shop.write("pyproject.toml", "[tool.cleanhold.retention]\nsnapshots = 1\ngrace_hours = 0\n")
    declare(shop, terms="baseline=2")
    for day, amount in (("01", "1"), ("02", "2"), ("03", "3"), ("04", ""), ("05", ""), ("06", "")):
        shop.deliver(day, f"a,{amount},{day}")
    shop.run()
    with Workspace.find(shop.root).open() as stores:
        expired = [snapshot.number for snapshot in expire(stores).expired]
    assert expired == [4, 1]  # 2 is its baseline, 3 what it reads, 5 where a rollback would go
    assert reading(shop).frame.collect().rows() == [("a", 3)]
