from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.contract import MASK
from cleanhold.errors import UnknownDataset, UsageError
from cleanhold.pipeline.quarantine import Review, review


@contextmanager
def opened(small: Any, reveal: str | None = None) -> Iterator[Review]:
    with Workspace.find(small.root).open() as stores:
        yield review(stores, reveal)


@pytest.fixture
def two(small: Any) -> Any:
    """Held rows in two datasets; one has other columns, and a personal column of a pattern."""
    more = 'q: str = field(alias="q_[0-9]", regex=True, nullable=True, pii="sensitive")'
    small.contract().contract("shop.people", more=more)
    small.deliver("02", "a,-1,anna", "b,x,bert")
    small.deliver("02", "p,-1,paul,secret", what="people", header="id,amount,note,q_1")
    small.run()
    return small


def test_an_export_of_one_dataset_has_its_raw_values_as_columns(two: Any) -> None:
    with opened(two) as seen:
        frame = seen.export("shop.orders")
    assert frame.columns[-4:] == ["contract_version", "id", "amount", "note"]
    assert frame["note"].to_list() == [MASK, MASK]
    assert frame["value"].to_list() == ["-1", "x"]


def test_an_export_of_all_has_them_as_json(two: Any) -> None:
    with opened(two) as seen:
        frame = seen.export()
    raw = {row["business_key"]: json.loads(row["raw"]) for row in frame.to_dicts()}
    assert raw["p"] == {"id": "p", "amount": "-1", "note": MASK, "q_1": MASK}
    assert raw["a"]["note"] == MASK


def test_a_raw_column_whose_name_is_taken(small: Any) -> None:
    small.contract().deliver("02", "a,-1,,7,x", header="id,amount,note,record,status")
    small.run()
    with opened(small) as seen:
        (row,) = seen.export("shop.orders").to_dicts()
    assert row["record"] == 1
    assert row["raw: record"] == "7"
    assert row["raw: status"] == "x"


def test_revealed_values_are_shown_and_recorded(two: Any) -> None:
    with opened(two, "to call them") as seen:
        assert "anna" in str(seen.rows())
        assert "secret" in seen.export().write_csv()
    with Workspace.find(two.root).open() as stores:
        body = stores.ledger.audit_log()[-1].body
        assert (body["act"], body["why"]) == ("revealed", "to call them")


@pytest.mark.parametrize("reason", ["", " ", "\n"])
def test_no_reason_no_values(two: Any, reason: str) -> None:
    with Workspace.find(two.root).open() as stores:
        before = len(stores.ledger.audit_log())
        with pytest.raises(UsageError, match="for a reason only"):
            review(stores, reason)
        assert len(stores.ledger.audit_log()) == before


def test_a_personal_key_is_masked_wherever_it_stands(small: Any) -> None:
    small.contract()
    file = small.root / "contracts" / "shop_orders.py"
    file.write_text(file.read_text().replace("unique=True", 'unique=True, pii="direct"'))
    small.deliver("02", "annasecret,-1,", "BAD SECRET,1,")
    small.run()
    with opened(small) as seen:
        views = str(seen.rows()) + seen.export().write_csv()
        views += str([seen.row(row["row_id"]) for row in seen.rows()])
    assert "secret" not in views.lower()
    assert MASK in views


def test_rows_of_a_dataset_that_is_no_longer_declared_are_masked_whole(two: Any) -> None:
    (two.root / "contracts" / "shop_people.py").unlink()
    two.contract()
    with opened(two) as seen:
        (row,) = seen.rows("shop.people")
        assert set(row["raw"].values()) == {MASK}
        assert row["business_key"] == MASK


def test_an_unknown_dataset_is_an_error_and_not_an_empty_answer(two: Any) -> None:
    with opened(two) as seen:
        for ask in (seen.rows, seen.summary, seen.counts, seen.export):
            with pytest.raises(UnknownDataset, match=r"did you mean 'shop\.orders'"):
                ask("shop.order")


def test_nothing_waits(small: Any) -> None:
    small.contract().deliver("02", "a,1,")
    small.run()
    with opened(small) as seen:
        assert seen.rows() == []
        assert seen.export().is_empty()
        assert seen.export("shop.orders").is_empty()


def test_a_quarantine_that_is_gone_does_not_look_empty(two: Any, cleanhold: Any) -> None:
    before = cleanhold("quarantine", "rows", "-w", two.root).out
    assert "orders_2026-11-02.csv, record 1" in before
    for command in ("rows", "export", "cases"):
        (two.root / ".cleanhold/quarantine.duckdb").unlink()
        out = ["-o", two.root / "held.csv"] if command == "export" else []
        assert cleanhold("quarantine", command, "-w", two.root, *out).code == 0
        assert cleanhold("quarantine", "rows", "-w", two.root).out == before
    assert len((two.root / "held.csv").read_text().splitlines()) == 4
