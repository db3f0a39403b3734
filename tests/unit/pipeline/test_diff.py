"""What changed between two snapshots."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.errors import NeverPublished
from cleanhold.pipeline.diff import Difference, diff


def compared(root: Path, dataset: str, *numbers: int) -> Difference:
    with Workspace.find(root).open() as stores:
        return diff(stores, dataset, *numbers)


def run(root: Path) -> None:
    for _ in Workspace.find(root).run():
        pass


def test_rows_by_key_and_columns(small: Any) -> None:
    small.contract().deliver("02", "a,1,x", "b,2,y", "c,,z")
    small.deliver("03", "b,5,y", "d,9,w")
    run(small.root)
    found = compared(small.root, "shop.orders")
    assert (found.before.number, found.after.number, found.key) == (1, 2, ("id",))
    assert (found.added, found.removed, found.changed, found.same) == (1, 0, 1, 2)
    assert found.examples == {"added": ["d"], "removed": [], "changed": ["b"]}
    amount = next(c for c in found.columns if c.column == "amount")
    assert amount.changed == 1
    assert amount.profile_after is not None
    assert (amount.profile_after.nulls, amount.profile_after.least) == (1, "1")
    assert (amount.profile_after.greatest, amount.profile_after.mean) == ("9", "5.0")
    back = compared(small.root, "shop.orders", 2, 1)
    assert (back.added, back.removed) == (0, 1)


def test_personal_values_are_not_shown(small: Any) -> None:
    small.contract().deliver("02", "a,1,secret1")
    small.deliver("03", "a,1,secret2")
    run(small.root)
    found = compared(small.root, "shop.orders")
    assert next(c for c in found.columns if c.column == "note").changed == 1
    assert "secret" not in str(found.as_dict())


def test_a_column_that_came_and_a_type_that_changed(small: Any) -> None:
    small.contract().deliver("02", "a,1,x")
    run(small.root)
    small.contract(version="2.0.0", more="more: str = field(nullable=True)")
    text = (small.root / "contracts/shop_orders.py").read_text()
    small.write("contracts/shop_orders.py", text.replace("amount: int", "amount: float"))
    small.deliver("03", "a,1,x,new", header="id,amount,note,more")
    run(small.root)
    columns = {c.column: (c.before, c.after) for c in compared(small.root, "shop.orders").columns}
    assert columns["amount"] == ("Int64", "Float64")
    assert columns["more"] == (None, "String")


def test_without_a_unique_key_rows_are_told_apart_by_their_ids(small: Any) -> None:
    small.contract(load="append")
    text = (small.root / "contracts/shop_orders.py").read_text()
    small.write(
        "contracts/shop_orders.py", text.replace(", unique=True", "").replace('key="id",', "")
    )
    small.deliver("02", "a,1,x")
    small.deliver("03", "a,2,x")
    run(small.root)
    found = compared(small.root, "shop.orders")
    assert found.key == ("row_id",)
    assert (found.added, found.changed, found.same) == (1, 0, 1)


def test_what_cannot_be_compared(small: Any) -> None:
    small.contract().deliver("02", "a,1,x")
    run(small.root)
    with pytest.raises(NeverPublished, match="no published snapshot before 1"):
        compared(small.root, "shop.orders")
    with pytest.raises(NeverPublished, match="no snapshot 7"):
        compared(small.root, "shop.orders", 7)


def test_the_command(ran: Path, cleanhold: Callable[..., Any]) -> None:
    said = cleanhold("diff", "crm.contacts", "-w", ran)
    assert said.code == 1
    assert "rows are told apart by contact_id" in said.out
    assert "192" in said.out
    assert cleanhold("diff", "crm.contacts", "2", "2", "-w", ran).code == 0
    assert cleanhold("diff", "crm.contacts", "1", "2", "--json", "-w", ran).json["added"] == 192
    assert cleanhold("diff", "crm.contcats", "-w", ran).code == 2
