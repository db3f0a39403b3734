"""Held rows are corrected, waived or rejected, judged again, and published where they belong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cleanhold
from cleanhold import Workspace
from cleanhold.core.correction import Correction
from cleanhold.core.decision import Act
from cleanhold.errors import StateError, UsageError
from cleanhold.pipeline.decide import Intent, Preview, Selection, apply, preview
from cleanhold.pipeline.recover import recover
from cleanhold.pipeline.replay import Replayed, replay
from cleanhold.pipeline.verify import verify
from cleanhold.store.decisions import read_rows

ORDERS = "shop.orders"


def run(small: Any) -> None:
    for _ in Workspace.find(small.root).run():
        pass


def put(**values: str | None) -> Intent:
    return Intent(Act.CORRECT, Correction(values, {}, {}))


def look(small: Any, intent: Intent, **which: Any) -> Preview:
    with Workspace.find(small.root).open() as stores:
        return preview(stores, Selection(ORDERS, **which), intent)


def decide(small: Any, intent: Intent, token: str | None = None, **which: Any) -> None:
    with Workspace.find(small.root).open() as stores:
        apply(stores, Selection(ORDERS, **which), intent, "because", token=token)


def again(small: Any, **options: Any) -> list[Replayed]:
    with Workspace.find(small.root).open() as stores:
        found = list(replay(stores, **options))
        assert verify(stores).problems == []
    return found


def table(small: Any) -> dict[str, int | None]:
    rows = cleanhold.read(ORDERS, workspace=small.root).collect()
    return dict(rows.select("id", "amount").sort("id").iter_rows())


def status(small: Any, key: str) -> list[str]:
    with Workspace.find(small.root).open() as stores:
        from cleanhold.store.quarantine import Quarantine

        return Quarantine(stores.state).find(key)["status"].to_list()


@pytest.fixture
def held(small: Any) -> Any:
    """Two good rows, and two with amounts that are not."""
    small.contract().deliver("02", "a,1,", "b,-2,x", "c,-3,y", "d,4,")
    run(small)
    return small


def test_a_corrected_row_is_published_under_its_own_id(held: Any) -> None:
    seen = look(held, put(amount="2"), check="greater_than_or_equal_to")
    assert (seen.rows, seen.released, seen.still) == (2, 2, {})
    decide(held, Intent(Act.CORRECT, Correction({}, {"amount": {"-2": "2"}}, {})), seen.token)
    assert status(held, "b") == ["corrected"]
    assert table(held) == {"a": 1, "d": 4}
    (done,) = again(held)
    assert (done.account.records, done.account.clean, done.snapshot) == (1, 1, 2)
    assert table(held) == {"a": 1, "b": 2, "d": 4}
    assert status(held, "b") == ["released"]
    assert status(held, "c") == ["held"]
    rows = cleanhold.read(ORDERS, workspace=held.root, provenance=True).collect()
    assert rows.filter(pl.col("id") == "b")["record"].item() == 2
    assert rows["row_id"].str.head(16).n_unique() == 1
    assert again(held) == []


def test_a_correction_that_is_not_enough_leaves_the_row_held(held: Any) -> None:
    seen = look(held, put(amount="-7"))
    assert (seen.released, seen.still) == (0, {"amount.greater_than_or_equal_to": 2})
    decide(held, put(amount="-7"))
    (done,) = again(held)
    assert (done.account.clean, done.account.held) == (0, 2)
    assert table(held) == {"a": 1, "d": 4}
    assert status(held, "b") == ["held"]
    assert again(held) == []


def test_a_rehearsal_changes_nothing(held: Any) -> None:
    decide(held, put(amount="2"))
    before = sorted(p.name for p in (held.root / ".cleanhold").rglob("*.parquet"))
    (done,) = again(held, dry_run=True)
    assert (done.account.clean, done.snapshot) == (2, None)
    assert sorted(p.name for p in (held.root / ".cleanhold").rglob("*.parquet")) == before
    assert table(held) == {"a": 1, "d": 4}


def test_a_newer_delivery_of_the_key_is_not_overwritten(held: Any) -> None:
    decide(held, put(amount="2"), check="greater_than_or_equal_to")
    held.deliver("03", "b,30,")
    run(held)
    assert status(held, "b") == ["superseded"]
    (done,) = again(held)
    assert done.account.records == 1
    assert table(held) == {"a": 1, "b": 30, "c": 2, "d": 4}


def test_a_correction_to_a_key_of_the_same_delivery_overwrites_nothing(held: Any) -> None:
    decide(held, put(id="a", amount="9"), rows=(row(held, "b"),))
    (done,) = again(held)
    assert (done.account.clean, done.account.held) == (0, 1)
    assert table(held) == {"a": 1, "d": 4}
    assert status(held, "a") == ["held"]


def row(small: Any, key: str) -> str:
    with Workspace.find(small.root).open() as stores:
        from cleanhold.store.quarantine import Quarantine

        return str(Quarantine(stores.state).find(key)["row_id"][0])


def test_rows_of_a_key_from_two_deliveries_are_no_doubles(held: Any) -> None:
    """Held on the second and, otherwise, on the third; corrected alike: the newer one counts."""
    held.deliver("03", "b,-5,newer", "e,1,")
    run(held)
    assert look(held, put(amount="7")).released == 2
    decide(held, put(amount="7"))
    (done,) = again(held)
    assert (done.account.clean, done.account.held, done.account.superseded) == (2, 0, 1)
    assert status(held, "b") == ["released", "superseded"]
    assert table(held) == {"a": 1, "b": 7, "c": 7, "d": 4, "e": 1}


def test_waived_rows_go_through_marked(held: Any) -> None:
    decide(held, Intent(Act.WAIVE, until=date(2999, 1, 1)), rows=(row(held, "b"),))
    (done,) = again(held)
    assert (done.account.clean, done.account.warned) == (1, 1)
    assert table(held) == {"a": 1, "b": -2, "d": 4}
    with Workspace.find(held.root).open() as stores:
        current = stores.ledger.snapshot(ORDERS)
        assert current is not None
        (waived,) = stores.manifest(current).details["waived"]
    assert waived == {
        "checks": ["amount.greater_than_or_equal_to"],
        "until": "2999-01-01",
        "decision": 1,
        "rows": [row(held, "b")],
    }


def test_a_waiver_of_another_check_does_not_help(held: Any) -> None:
    decide(held, Intent(Act.WAIVE, checks=("id.str_matches",), until=date(2999, 1, 1)))
    (done,) = again(held)
    assert (done.account.clean, done.account.held) == (0, 2)


def test_a_waiver_that_would_be_over_is_refused(held: Any) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    with pytest.raises(UsageError, match="is over: a waiver holds through its last day"):
        decide(held, Intent(Act.WAIVE, until=yesterday))


def test_released_rows_need_no_end(held: Any) -> None:
    decide(held, Intent(Act.RELEASE))
    assert again(held)[0].account.clean == 2


def test_rejected_rows_stay_closed(held: Any) -> None:
    decide(held, Intent(Act.REJECT), rows=(row(held, "c"),))
    assert status(held, "c") == ["rejected"]
    assert again(held) == []
    decide(held, Intent(Act.REOPEN), rows=(row(held, "c"),))
    assert status(held, "c") == ["held"]


def test_rows_that_an_older_contract_held_are_judged_by_the_new_one(held: Any) -> None:
    text = (held.root / "contracts/shop_orders.py").read_text()
    text = text.replace('version="1.0.0"', 'version="1.1.0"').replace("ge=0", "ge=-2")
    held.write("contracts/shop_orders.py", text)
    (done,) = again(held)
    assert (done.account.clean, done.account.held) == (1, 1)
    assert table(held) == {"a": 1, "b": -2, "d": 4}
    assert again(held) == []


def test_dates_are_read_another_way(small: Any) -> None:
    small.contract(more="day: date = field(nullable=True)")
    text = (small.root / "contracts/shop_orders.py").read_text()
    small.write("contracts/shop_orders.py", "from datetime import date\n" + text)
    small.deliver("02", "a,1,,2026-01-02", "b,2,,03.01.2026", header="id,amount,note,day")
    run(small)
    rule = Correction({}, {}, {"day": ("%d.%m.%Y", "%Y-%m-%d")})
    decide(small, Intent(Act.CORRECT, rule))
    assert again(small)[0].account.clean == 1
    days = cleanhold.read(ORDERS, workspace=small.root).collect().sort("id")["day"].to_list()
    assert days == [date(2026, 1, 2), date(2026, 1, 3)]


def test_what_changed_since_the_preview_is_refused(held: Any) -> None:
    seen = look(held, Intent(Act.REJECT))
    decide(held, put(amount="2"), rows=(row(held, "c"),))
    with pytest.raises(StateError, match="no longer what the preview showed"):
        decide(held, Intent(Act.REJECT), seen.token)


def test_mistakes(held: Any) -> None:
    with pytest.raises(UsageError, match="no column 'amuont'"):
        look(held, put(amuont="2"))
    with pytest.raises(UsageError, match="changes none"):
        look(held, Intent(Act.CORRECT, Correction({}, {"amount": {"77": "2"}}, {})))
    for act, what in ((Act.WAIVE, "--until"), (Act.CORRECT, "--set"), (Act.ASSIGN, "--to")):
        with pytest.raises(UsageError, match="needs") as refused:
            look(held, Intent(act))
        assert what in refused.value.next
    with pytest.raises(UsageError, match="no rows"):
        look(held, Intent(Act.REOPEN))
    with Workspace.find(held.root).open() as stores:
        with pytest.raises(UsageError, match="needs a reason"):
            apply(stores, Selection(ORDERS), Intent(Act.REJECT), " ")
        with pytest.raises(UsageError, match=r"no contract for 'shop\.order'"):
            apply(stores, Selection("shop.order"), Intent(Act.REJECT), "because")


def test_personal_values_are_not_in_the_preview(held: Any) -> None:
    seen = look(held, put(note="secret"))
    assert "secret" not in str(seen.as_dict())


def test_the_quarantine_can_be_made_again_with_all_decisions(held: Any) -> None:
    decide(held, put(amount="2"), rows=(row(held, "b"),))
    again(held)
    decide(held, Intent(Act.REJECT), rows=(row(held, "c"),))
    decide(held, Intent(Act.COMMENT), rows=(row(held, "c"),))
    with Workspace.find(held.root).open() as stores:
        recover(stores, rebuild_quarantine=True)
        assert verify(stores).problems == []
    assert (status(held, "b"), status(held, "c")) == (["released"], ["rejected"])


def test_history_is_told(held: Any, cleanhold: Callable[..., Any]) -> None:
    decide(held, put(amount="2"), rows=(row(held, "b"),))
    again(held)
    said = cleanhold("quarantine", "show", row(held, "b"), "-w", held.root)
    assert "correct by" in said.out
    assert ": because" in said.out
    assert "released by" in said.out


def test_the_commands(held: Any, cleanhold: Callable[..., Any]) -> None:
    where = ("-d", ORDERS, "-w", held.root)
    said = cleanhold("quarantine", "correct", *where, "--set", "amount=2", "--reason", "r")
    assert said.code == 2
    assert "add --yes" in said.err
    said = cleanhold(
        "quarantine", "correct", *where, "--set", "amount=2", "--reason", "r", "--preview"
    )
    assert "amount: '-2' → '2'" in said.out
    assert "would release 2" in said.out
    said = cleanhold("quarantine", "correct", *where, "--map", "amount:-2=2", "--reason", "r", "-y")
    assert said.code == 0
    assert "next: cleanhold replay" in said.out
    said = cleanhold("replay", "--dry-run", "-w", held.root)
    assert "rehearsal: 1 rows = 1 released" in said.out
    assert cleanhold("replay", "-w", held.root).code == 0
    assert "no rows wait" in cleanhold("replay", "-w", held.root).out
    said = cleanhold("quarantine", "reject", *where, "--reason", "r", "-y", "--json")
    assert said.json["rows"] == 1
    assert cleanhold("quarantine", "correct", *where, "--set", "amount", "--reason", "r").code == 2
    assert cleanhold("quarantine", "waive", *where, "--until", "soon", "--reason", "r").code == 2


def test_the_reference_workspace_recounted(ran: Path) -> None:
    """Everything that can be corrected is; every row id is in one place, from the files."""
    with Workspace.find(ran).open() as stores:
        rule = Correction({"Country": "DE"}, {}, {})
        chosen = Selection("crm.contacts", check="isin")
        decision = apply(stores, chosen, Intent(Act.CORRECT, rule), "all German")
        corrected = set(read_rows(stores.state, decision)["row_id"])
        (done,) = replay(stores, dataset="crm.contacts")
        assert done.account.clean == len(corrected) == 4
        current = stores.ledger.snapshot("crm.contacts")
        assert current is not None
        ids = stores.table(current).collect()["row_id"]
        assert corrected <= set(ids)
        assert ids.is_unique().all()
        assert verify(stores).problems == []


def test_recovery_collects_what_no_decision_and_no_replay_refers_to(held: Any) -> None:
    decide(held, put(amount="2"))
    again(held)
    state = held.root / ".cleanhold"
    for folder in ("decisions", "replays"):
        assert len(list((state / folder).iterdir())) == 1
        (state / folder / f"{'0' * 64}.parquet").write_bytes(b"of a decision never made")
    with Workspace.find(held.root).open() as stores:
        recover(stores)
        assert verify(stores).problems == []
    for folder in ("decisions", "replays"):
        assert [p.stem for p in (state / folder).iterdir()] != ["0" * 64]
        assert len(list((state / folder).iterdir())) == 1


def sightings(small: Any, key: str) -> int:
    with Workspace.find(small.root).open() as stores:
        from cleanhold.store.quarantine import Quarantine

        return int(Quarantine(stores.state).find(key)["times_seen"][0])


def test_sightings_are_counted_over_what_was_released_and_rejected(held: Any) -> None:
    decide(held, put(amount="2"), rows=(row(held, "b"),))
    again(held)
    decide(held, Intent(Act.REJECT), rows=(row(held, "c"),))
    held.deliver("03", "b,-2,x", "c,-3,y")
    run(held)
    assert (sightings(held, "b"), sightings(held, "c")) == (2, 2)


def test_a_replay_knows_what_is_personal_as_the_run_before_did(small: Any) -> None:
    """Also the header that a pattern found, and the columns that nobody has declared."""
    small.contract(more='mail: str = field(nullable=True, pii="direct", source_matches="Mail.*")')
    text = (small.root / "contracts/shop_orders.py").read_text()
    small.write("contracts/shop_orders.py", text.replace("load=", 'unknown="keep", load='))
    small.deliver("02", "a,-1,x,m,f", header="id,amount,note,Mail (work),Fax")
    run(small)
    decide(small, put(amount="2"))
    again(small)
    with Workspace.find(small.root).open() as stores:
        replayed, first = stores.ledger.snapshots(ORDERS)
        personal = [stores.manifest(s).details["personal"] for s in (first, replayed)]
    assert personal[0] == personal[1] == ["note", "mail", "Mail (work)", "extra"]


@pytest.mark.parametrize("layouts", [("%d.%m.%Y", "%Q"), ("%Q", "%Y-%m-%d"), ("day", "%Y")])
def test_what_is_no_layout_of_dates_is_refused(held: Any, layouts: tuple[str, str]) -> None:
    with pytest.raises(UsageError, match="is not a layout of dates"):
        look(held, Intent(Act.CORRECT, Correction({}, {}, {"note": layouts})))


def test_each_row_that_is_named_must_wait_for_it(held: Any) -> None:
    known = row(held, "b")
    with pytest.raises(UsageError, match="the row 'nonsense-1' of "):
        look(held, Intent(Act.REJECT), rows=(known, "nonsense-1"))
    decide(held, Intent(Act.REJECT), rows=(known,))
    with pytest.raises(UsageError, match="does not wait for this, nor do 1 others"):
        look(held, Intent(Act.WAIVE, until=date(2999, 1, 1)), rows=(known, "nonsense-1"))


def test_a_preview_says_why_rows_are_held_and_how_they_would_stand(held: Any) -> None:
    seen = look(held, Intent(Act.REJECT), rows=(row(held, "b"),))
    (sample,) = seen.samples.values()
    assert sample == {"status": ("held", "rejected")}
    (reasons,) = seen.reasons.values()
    assert reasons == ["amount is -2; it must be 0 or more"]
