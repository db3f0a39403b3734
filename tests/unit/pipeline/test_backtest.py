"""`cleanhold backtest`: a changed contract over extracts that have arrived."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace

Run = Callable[..., Any]
Small = Any


@pytest.fixture
def two_days(small: Small) -> Small:
    small.contract()
    small.deliver("01", "a,1,x", "b,20,y", "c,-1,z", "d,,w")
    small.run()
    small.deliver("02", "e,5,x", "f,30,y", "g,-1,z")
    small.run()
    return small


@pytest.fixture
def draft(tmp_path: Path) -> Callable[[Small, str, str], Path]:
    """The contract of a small workspace with other words in it, put aside."""

    def write(small: Small, before: str, after: str) -> Path:
        text = (small.root / "contracts/shop_orders.py").read_text()
        assert before in text
        path = tmp_path / "draft.py"
        path.write_text(text.replace(before, after, 1))
        return path

    return write


def tell(found: Any, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(one[name] for name in names) for one in found.json["checks"]]


def test_rows_that_would_be_newly_held(
    cleanhold: Run, two_days: Small, draft: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    state = two_days.root / ".cleanhold"
    before = {p: p.stat().st_size for p in state.rglob("*.parquet")}
    file = draft(two_days, "ge=0", "ge=10")
    found = cleanhold("backtest", file, "-w", two_days.root, "--json")
    assert found.code == 1
    assert (found.json["newly_held"], found.json["released"]) == (2, 0)
    (check,) = found.json["checks"]
    assert (check["check"], check["column"]) == ("greater_than_or_equal_to", "amount")
    assert [check[n] for n in ("before", "after", "more", "fewer")] == [2, 4, 2, 0]
    assert [e["value"] for e in check["examples"]] == ["1", "5"]
    assert check["examples"][0]["message"] == "amount is 1; it must be 10 or more"
    days = [(e["before"]["held"], e["after"]["held"], e["newly_held"])
            for e in found.json["extracts"]]  # fmt: skip
    assert days == [(1, 2, 1), (1, 2, 1)]
    assert found.json["extracts"][0]["after"]["records"] == 4
    assert list(scratch.iterdir()) == []
    assert {p: p.stat().st_size for p in state.rglob("*.parquet")} == before
    assert len(Workspace.find(two_days.root).snapshots("shop.orders")) == 2


def test_rows_that_would_be_released(cleanhold: Run, two_days: Small, draft: Any) -> None:
    found = cleanhold("backtest", draft(two_days, "ge=0", "ge=-5"), "-w", two_days.root)
    assert found.code == 0
    assert "amount.greater_than_or_equal_to: no longer fails" in found.out
    assert found.out.splitlines()[-1] == (
        "0 rows would be newly held, 2 released; nothing was published"
    )


def test_the_same_contract_holds_the_same(cleanhold: Run, two_days: Small, draft: Any) -> None:
    found = cleanhold("backtest", draft(two_days, "owner@", "other@"), "-w", two_days.root)
    assert found.code == 0
    assert "0 rows would be newly held, 0 released" in found.out


def test_a_row_held_for_another_reason_is_not_newly_held(
    cleanhold: Run, two_days: Small, draft: Any
) -> None:
    file = draft(two_days, "ge=0", "gt=-1")
    found = cleanhold("backtest", file, "-w", two_days.root, "--json")
    assert (found.code, found.json["newly_held"], found.json["released"]) == (0, 0, 0)
    assert tell(found, "check", "more", "fewer") == [
        ("greater_than", 2, 0),
        ("greater_than_or_equal_to", 0, 2),
    ]


def test_what_is_personal_today_is_masked_whatever_the_draft_says(
    cleanhold: Run, two_days: Small, draft: Any
) -> None:
    file = draft(two_days, 'nullable=True, pii="direct"', 'nullable=True, isin=["secret"]')
    found = cleanhold("backtest", file, "-w", two_days.root, "--json")
    (check,) = found.json["checks"]
    assert check["more"] == 7
    assert {e["value"] for e in check["examples"]} == {"•••"}
    assert {e["message"] for e in check["examples"]} == {"note is •••; it must be one of secret"}


def test_what_becomes_personal_is_masked_in_rows_that_are_released(
    cleanhold: Run, two_days: Small, draft: Any
) -> None:
    file = draft(two_days, "nullable=True, ge=0", 'nullable=True, pii="direct"')
    found = cleanhold("backtest", file, "-w", two_days.root, "--json")
    examples = found.json["checks"][0]["examples"]
    assert [(e["value"], e["message"]) for e in examples] == [("•••", None)] * 2


def test_a_contract_changed_in_place_is_compared_with_what_the_runs_recorded(
    cleanhold: Run, two_days: Small
) -> None:
    file = two_days.root / "contracts/shop_orders.py"
    file.write_text(file.read_text().replace("ge=0", "ge=10").replace("1.0.0", "1.1.0"))
    found = cleanhold("backtest", file, "-w", two_days.root, "--json")
    assert found.json["compared_with"] == "what the runs recorded (contract 1.0.0)"
    assert (found.code, found.json["newly_held"], found.json["released"]) == (1, 2, 0)


def test_extracts_of_one_snapshot_or_of_the_last_days(
    cleanhold: Run, two_days: Small, draft: Any
) -> None:
    file = draft(two_days, "ge=0", "ge=10")

    def names(*options: str) -> list[str]:
        found = cleanhold("backtest", file, "-w", two_days.root, "--json", *options)
        return [e["extract"] for e in found.json["extracts"]]

    both = ["orders_2026-11-01.csv", "orders_2026-11-02.csv"]
    assert names("--against", "1") == both[:1]
    assert names("--against", "2") == both[1:]
    assert names("--days", "1") == names() == both


def test_a_run_that_would_stop(cleanhold: Run, two_days: Small, draft: Any) -> None:
    file = draft(two_days, "tolerance=None", "tolerance='30%'")
    found = cleanhold("backtest", file, "-w", two_days.root, "--json")
    assert (found.code, found.json["newly_held"]) == (1, 0)
    stops = [e["after"]["stops"] for e in found.json["extracts"]]
    assert stops[0] == []
    assert "33.33 % (1 of 3) of the records were held or refused" in stops[1][0]


def test_references_are_checked_against_what_is_published(
    cleanhold: Run, two_days: Small, tmp_path: Path
) -> None:
    two_days.contract("shop.notes")
    two_days.deliver("01", "x,1,n", "y,1,n", what="notes")
    two_days.run()
    text = (two_days.root / "contracts/shop_orders.py").read_text()
    file = tmp_path / "draft.py"
    file.write_text(
        text.replace("note: str = field(", 'note: str = field(references="shop.notes.id", ')
    )
    found = cleanhold("backtest", file, "-w", two_days.root, "--json")
    assert tell(found, "check", "more") == [("references", 3)]  # z, z and w


def test_changes_are_judged_beside_what_was_published_before(
    cleanhold: Run, small: Small, draft: Any
) -> None:
    small.contract().deliver("01", "a,5,x", "b,5,x")
    small.run()
    small.deliver("02", "a,6,x", "b,4,x")
    small.run()
    file = draft(small, "tolerance=None", "tolerance=None, checks=[does_not_decrease('amount')]")
    file.write_text("from cleanhold.checks import does_not_decrease\n" + file.read_text())
    found = cleanhold("backtest", file, "-w", small.root, "--json")
    assert tell(found, "check", "more") == [("does_not_decrease", 1)]
    assert [e["newly_held"] for e in found.json["extracts"]] == [0, 1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--against", "9"), "has no snapshot 9"),
        (("--against", "1", "--days", "2"), "do not go together"),
        (("--dataset", "shop.nothing"), "shop.orders"),
    ],
)
def test_mistakes_are_told(
    cleanhold: Run, two_days: Small, draft: Any, options: tuple[str, ...], said: str
) -> None:
    file = draft(two_days, "ge=0", "ge=10")
    found = cleanhold("backtest", file, "-w", two_days.root, *options)
    assert found.code == 2
    assert said in found.err


def test_a_built_dataset_has_no_extracts(cleanhold: Run, ran: Path) -> None:
    found = cleanhold("backtest", ran / "contracts/features_customer_churn.py", "-w", ran)
    assert found.code == 2
    assert "no source feeds 'features.customer_churn'" in found.err


def test_what_has_not_arrived_cannot_be_judged(cleanhold: Run, small: Small) -> None:
    small.contract()
    found = cleanhold("backtest", small.root / "contracts/shop_orders.py", "-w", small.root)
    assert found.code == 2
    assert "no extract of 'shop.orders'" in found.err


def test_a_contract_of_another_name_over_the_extracts_of_a_dataset(
    cleanhold: Run, two_days: Small, draft: Any
) -> None:
    file = draft(two_days, '"shop.orders"', '"shop.tryout"')
    found = cleanhold("backtest", file, "-w", two_days.root, "-d", "shop.orders", "--json")
    assert (found.code, found.json["newly_held"]) == (0, 0)
