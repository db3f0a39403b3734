"""cleanhold pacts, and what contract diff and audit show say of consumers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PACT = """
from cleanhold import need, pact

@pact("scores", needs="shop.orders", owner="scores@example.org", freshness="26h")
class Scores:
    id: str
    amount: int = need(nulls="50%")
"""


@pytest.fixture
def shop(small: Any) -> Any:
    small.contract(load="replace", freshness="26h").write("contracts/pacts/scores.py", PACT)
    small.deliver("01", "a,1,")
    return small


def test_who_reads_what_and_why(shop: Any, cleanhold: Callable[..., Any]) -> None:
    before = cleanhold("pacts", "-w", shop.root)
    assert before.code == 1
    assert "nothing is published yet" in before.out
    shop.run()
    now = cleanhold("pacts", "shop.orders", "-w", shop.root)
    assert now.code == 0
    line = now.out.splitlines()[1].split()
    assert line[:5] == ["scores", "shop.orders", "scores@example.org", "1", "1"]
    assert "as it needs it" in now.out
    shop.deliver("02", "a,,")
    said = cleanhold("run", "-w", shop.root)
    assert said.code == 0  # readers get it
    assert "warn:  scores (scores@example.org) does not get what it needs: amount" in said.out
    late = cleanhold("pacts", "-w", shop.root, "--json")
    assert late.code == 1
    (told,) = late.json["pacts"]
    assert (told["consumer"], told["reads"], told["newest"]) == ("scores", 1, 2)
    assert told["reasons"][0].startswith("snapshot 2: amount is without a value in 1 of 1 rows")
    shown = cleanhold("audit", "show", "shop.orders", "-w", shop.root)
    assert "warn pact of scores (scores@example.org): amount is without" in shown.out
    shown = cleanhold("audit", "show", "shop.orders", "1", "-w", shop.root, "--json")
    assert shown.json["pacts"][0]["met"] is True


def test_mistakes_are_told(shop: Any, cleanhold: Callable[..., Any]) -> None:
    shop.write("contracts/pacts/bad.py", PACT.replace("shop.orders", "shop.order"))
    shop.write("contracts/pacts/worse.py", "x = yy")
    said = cleanhold("pacts", "-w", shop.root)
    assert said.code == 2
    assert "did you mean 'shop.orders'" in said.out
    assert "NameError" in said.out
    assert len(cleanhold("pacts", "-w", shop.root, "--json").json["mistakes"]) == 2
    assert cleanhold("pacts", "shop.order", "-w", shop.root).code == 2


def test_nobody_has_a_pact(small: Any, cleanhold: Callable[..., Any]) -> None:
    small.contract()
    said = cleanhold("pacts", "-w", small.root)
    assert said.code == 0
    assert "nobody has a pact" in said.out


@pytest.mark.parametrize(
    ("old", "new", "said", "told"),
    [
        ("amount: int = field(nullable=True, ge=0)", "price: int = field()",
         "breaks the pact of scores (scores@example.org)", "there is no column 'amount'"),
        ("amount: int", "amount: float", "breaks the pact", "amount is Float64, not int"),
        ('"shop.orders"', '"shop.order"', "breaks", "the dataset is called shop.order"),
        ("id: str = field(", "id: str = field(nullable=True, ", "may break the pact of scores",
         "perhaps: id may be without a value"),
        ("freshness='26h'", "freshness='2d'", "may break", "perhaps: it may be older"),
    ],
)  # fmt: skip
def test_a_contract_that_takes_something_from_a_consumer(
    shop: Any,
    tmp_path: Path,
    cleanhold: Callable[..., Any],
    old: str,
    new: str,
    said: str,
    told: str,
) -> None:
    file = shop.root / "contracts" / "shop_orders.py"
    before = tmp_path / "old.py"
    before.write_text(file.read_text().replace('key="id",', ""))
    assert old in before.read_text()
    file.write_text(before.read_text().replace(old, new))
    found = cleanhold("contract", "diff", before, file, "-w", shop.root)
    assert said in found.out
    assert told in found.out


def test_a_contract_that_takes_nothing_from_anybody(
    shop: Any, tmp_path: Path, cleanhold: Callable[..., Any]
) -> None:
    file = shop.root / "contracts" / "shop_orders.py"
    before = tmp_path / "old.py"
    before.write_text(file.read_text())
    file.write_text(file.read_text().replace("note: str", "remark: str"))  # nobody needs it
    found = cleanhold("contract", "diff", before, file, "-w", shop.root)
    assert found.code == 1
    assert "pact" not in found.out
    assert cleanhold("contract", "diff", before, file, "-w", tmp_path, "--json").json["pacts"] == []
