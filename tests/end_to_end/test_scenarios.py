"""What a data team meets in a year, one case a test."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cleanhold
from cleanhold import Workspace
from cleanhold.errors import NeverPublished
from cleanhold.pipeline import report

FEATURE = """
from datetime import date
import polars as pl
from cleanhold import feature

@feature("features.totals", orders="shop.orders")
def totals(orders: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    return orders.select("id", "amount", note=pl.lit(as_of).cast(pl.String))
"""


def contents(root: Path) -> dict[str, str]:
    """Every file below a folder, by the hash of its bytes."""
    files = (path for path in root.rglob("*") if path.is_file())
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if "__pycache__" not in path.parts
    }


# --- again -----------------------------------------------------------------------------------


def test_a_second_run_changes_nothing(ran: Path) -> None:
    before = contents(ran)
    states = {str(outcome.state) for outcome in Workspace.find(ran).run()}
    assert states == {"unchanged"}
    after = contents(ran)
    # Opening a SQLite file in WAL mode makes and removes its companions.
    assert {k: v for k, v in after.items() if "ledger.db" not in k} == {
        k: v for k, v in before.items() if "ledger.db" not in k
    }
    with Workspace.find(ran).open() as stores:
        assert len(stores.ledger.runs()) == len(stores.ledger.snapshots()) == 7
        assert not stores.ledger.pending()


def test_a_workspace_can_be_moved(ran: Path, tmp_path: Path) -> None:
    moved = Path(shutil.move(ran, tmp_path / "elsewhere"))
    assert {str(o.state) for o in Workspace.find(moved).run()} == {"unchanged"}
    assert cleanhold.read("crm.contacts", workspace=moved).collect().height == 1057


# --- the gate --------------------------------------------------------------------------------


def test_over_tolerance_stops_at_candidate_and_the_next_contract_publishes(
    small: Any, conserved: Callable[[Path], int]
) -> None:
    small.contract(tolerance="10%").deliver("02", "a,1,", "b,1,")
    small.run()
    small.deliver("03", "a,-1,", "c,3,")
    outcomes = small.run()
    assert [str(o.state) for o in outcomes] == ["unchanged", "candidate"]
    assert report.exit_code(outcomes) == 1
    words = "\n".join(report.in_words(outcomes[1]))
    assert "50.00 % (1 of 2)" in words
    assert "at most 10 %" in words
    assert "owner: owner@example.org" in words
    assert small.ids() == {"a": 1, "b": 1}
    assert small.ids(channel="candidate") == {"a": 1, "b": 1, "c": 3}
    # Still so the next day: nobody has decided.
    assert report.exit_code(small.run()) == 1
    small.contract(tolerance="60%", version="1.0.1")
    assert small.states() == ["unchanged", "published"]
    assert small.ids() == {"a": 1, "b": 1, "c": 3}
    assert small.states() == ["unchanged", "unchanged"]
    assert conserved(small.root) == 3


def test_exactly_the_tolerance_passes(small: Any) -> None:
    small.contract(tolerance="50%").deliver("02", "a,-1,", "c,3,")
    assert small.states() == ["published"]


def test_refused_records_count_against_the_tolerance(small: Any) -> None:
    small.contract(tolerance="40%").deliver("02", "a,1", "c,3,")
    (outcome,) = small.run()
    assert str(outcome.state) == "candidate"
    assert outcome.run.account.refused == 1


def test_a_candidate_does_not_trouble_for_ever_once_a_newer_extract_is_published(
    small: Any,
) -> None:
    small.contract(tolerance="10%").deliver("02", "a,-1,")
    assert report.exit_code(small.run()) == 1
    small.deliver("03", "b,1,")
    outcomes = small.run()
    assert [str(o.state) for o in outcomes] == ["candidate", "published"]
    assert report.exit_code(outcomes) == 1
    outcomes = small.run()
    assert [str(o.state) for o in outcomes] == ["overtaken", "unchanged"]
    assert report.exit_code(outcomes) == 0
    words = "\n".join(report.in_words(outcomes[0]))
    assert "the rows of this one are not" in words
    assert "allows at most 10 %" in words
    # A contract that takes it publishes it all the same; it does not undo what is newer.
    small.contract(tolerance=None, version="1.0.1")
    assert small.states() == ["published", "unchanged"]
    assert small.ids() == {"b": 1}


def test_a_newer_candidate_still_troubles_after_older_publications(small: Any) -> None:
    small.contract(tolerance="10%").deliver("02", "a,1,")
    small.deliver("03", "b,-1,")
    for _ in range(2):
        assert report.exit_code(small.run()) == 1


def test_nothing_to_read_while_only_a_candidate_exists(small: Any) -> None:
    small.contract(tolerance="10%").deliver("02", "a,-1,", "b,1,")
    small.run()
    with pytest.raises(NeverPublished, match=r"nothing of shop\.orders is in production"):
        small.read()
    with pytest.raises(NeverPublished, match="stopped at candidate"):
        small.read(snapshot=1)
    assert small.ids(channel="candidate", snapshot=1) == {"b": 1}


# --- what depends on others ------------------------------------------------------------------


def test_a_dataset_waits_for_what_it_references(small: Any) -> None:
    small.contract("shop.people")
    small.contract(more='person: str = field(references="shop.people.id")')
    small.deliver("02", "a,1,,p1", "b,1,,p9", header="id,amount,note,person")
    (outcome,) = small.run()
    assert str(outcome.state) == "waiting"
    assert report.exit_code([outcome]) == 1
    assert outcome.reasons == ("shop.people has no published snapshot yet",)
    small.deliver("02", "p1,1,", what="people")
    assert small.states() == ["published", "published"]
    assert small.ids() == {"a": 1}


def test_a_held_row_is_settled_when_its_key_comes_clean(small: Any) -> None:
    small.contract().deliver("02", "a,-1,", "b,1,")
    small.run()
    small.deliver("03", "a,1,")
    small.run()
    with Workspace.find(small.root).open() as stores:
        from cleanhold.pipeline.quarantine import review

        assert review(stores).counts("shop.orders")["held"] == 0
        assert review(stores).counts("shop.orders")["superseded"] == 1


def test_a_feature_is_built_again_only_when_what_it_reads_changed(small: Any) -> None:
    small.contract().contract("features.totals", load="replace")
    small.write("flows/features.py", FEATURE)
    small.deliver("02", "a,1,", "b,1,")
    assert small.states() == ["published", "published"]
    assert small.states() == ["unchanged", "unchanged"]
    small.deliver("03", "b,2,")
    assert small.states() == ["unchanged", "published", "published"]
    assert small.ids("features.totals") == {"a": 1, "b": 2}
    assert small.read("features.totals")["note"].unique().to_list() == ["2026-11-03"]
    # A late delivery of an older day does not turn the clock back.
    small.deliver("01", "z,1,")
    small.run()
    assert small.read("features.totals")["note"].unique().to_list() == ["2026-11-03"]


def test_a_feature_function_that_is_taken_back_is_published_again(small: Any) -> None:
    small.contract().contract("features.totals", load="replace")
    small.write("flows/features.py", FEATURE)
    small.deliver("02", "a,1,")
    small.run()
    small.write("flows/features.py", FEATURE.replace('"amount"', 'amount=pl.col("amount") * 10'))
    small.run()
    assert small.ids("features.totals") == {"a": 10}
    small.write("flows/features.py", FEATURE)
    assert small.states() == ["unchanged", "published"]
    assert small.ids("features.totals") == {"a": 1}
    assert small.states() == ["unchanged", "unchanged"]


def test_a_feature_from_a_feature_knows_the_day(small: Any) -> None:
    small.contract().contract("features.totals", load="replace")
    small.contract("features.more", load="replace")
    small.write(
        "flows/features.py",
        FEATURE
        + FEATURE.replace("features.totals", "features.more")
        .replace("shop.orders", "features.totals")
        .replace("def totals", "def more"),
    )
    small.deliver("02", "a,1,")
    small.run()
    assert small.read("features.more")["note"].to_list() == ["2026-11-02"]


def test_rows_of_a_feature_that_break_its_contract_are_held(
    small: Any, conserved: Callable[[Path], int]
) -> None:
    small.contract().contract("features.totals", load="replace", tolerance="50%")
    negative = FEATURE.replace('"amount"', 'amount=pl.col("amount") - 5')
    small.write("flows/features.py", negative)
    small.deliver("02", "a,1,", "b,9,")
    outcome = small.run()[-1]
    assert str(outcome.state) == "published"
    assert outcome.run.account.held == 1
    assert small.ids("features.totals") == {"b": 4}
    conserved(small.root)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('raise ValueError("no such rate")', "raises ValueError: no such rate"),
        ("return orders.collect()", "it gives DataFrame, not a LazyFrame"),
        ('return orders.select("missing")', "ColumnNotFoundError"),
    ],
)
def test_a_feature_function_that_fails(small: Any, body: str, says: str) -> None:
    small.contract().contract("features.totals", load="replace")
    head = FEATURE.partition("    return")[0]
    small.write("flows/features.py", f"{head}    {body}\n")
    small.deliver("02", "a,1,")
    outcomes = small.run()
    assert [str(o.state) for o in outcomes] == ["published", "failed"]
    assert says in outcomes[1].reasons[0]
    assert "flows/features.py:" in outcomes[1].error.where
    assert report.exit_code(outcomes) == 3
    small.write("flows/features.py", FEATURE)
    assert small.states() == ["unchanged", "published"]


def test_a_feature_that_runs_without_inputs_waits(small: Any) -> None:
    small.contract().contract("features.totals", load="replace")
    small.write("flows/features.py", FEATURE)
    assert small.states() == ["waiting"]


def test_naming_a_source_builds_what_depends_on_it_and_nothing_else(small: Any) -> None:
    small.contract().contract("shop.people").contract("features.totals", load="replace")
    small.write("flows/features.py", FEATURE)
    small.deliver("02", "a,1,")
    small.deliver("02", "p,1,", what="people")
    assert [o.dataset for o in small.run("shop.people")] == ["shop.people"]
    assert [o.dataset for o in small.run("shop.orders")] == ["shop.orders", "features.totals"]


def test_the_clock_of_the_feature_is_the_newest_delivery(reference: Path) -> None:
    from cleanhold.pipeline.build import as_of

    with Workspace.find(reference).open() as stores:
        first = stores.ledger.snapshot("crm.contacts", 1)
        second = stores.ledger.snapshot("crm.contacts", 2)
        assert first is not None
        assert second is not None
        assert as_of(stores, [first]) == date(2026, 11, 2)
        assert as_of(stores, [first, second]) == date(2026, 11, 3)


def test_frames_are_fixed_when_they_are_asked_for(small: Any) -> None:
    small.contract(load="replace").deliver("02", "a,1,")
    small.run()
    frame = cleanhold.read("shop.orders", workspace=small.root)
    small.deliver("03", "b,2,")
    small.run()
    assert frame.select(pl.col("id")).collect()["id"].to_list() == ["a"]
    assert small.ids() == {"b": 2}
