"""cleanhold lineage and cleanhold impact."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def shop(small: Any) -> Any:
    """Orders that refer to customers, a feature table of both, and who reads it."""
    small.contract("shop.customers")
    small.contract("shop.orders", more='customer: str = field(references="shop.customers.id")')
    small.contract("features.spent", load="replace")
    small.write("flows/features.py", FEATURES)
    small.write("contracts/pacts/model.py", PACT)
    small.write("flows/nightly.py", FLOW)
    return small


FEATURES = """
from cleanhold import col, feature

@feature("features.spent", customers="shop.customers", orders="shop.orders")
def spent(customers, orders):
    sums = orders.group_by("customer").agg(amount=col("amount").sum())
    return customers.select("id", "note").join(
        sums, left_on="id", right_on="customer", how="left"
    ).select("id", "amount", "note")
"""

PACT = """
from cleanhold import need, pact

@pact("model", needs="features.spent", owner="models@example.org")
class Model:
    id: str
    amount: int = need(nulls="50%")
"""

FLOW = '''
import prefect

@prefect.flow(name="every night")
def nightly():
    """Takes all."""
    run_workspace(".")

def other(): ...
'''


def lines(said: Any) -> list[str]:
    assert said.code == 0, said.err
    return str(said.out).splitlines()


def test_the_tree_of_everything(shop: Any, cleanhold: Run) -> None:
    drawn = lines(cleanhold("lineage", "-w", shop.root))
    assert drawn[0] == "source shop.customers  file://small"
    assert drawn[1] == "└─ clean table shop.customers  never run"
    assert any(line.endswith("   └─ consumer model  models@example.org") for line in drawn)
    assert "   └─ referred to by clean table shop.orders  never run" in drawn
    assert sum("consumer model" in line for line in drawn) == 1  # drawn once
    assert drawn[-1] == "flow every night  flows/nightly.py:5, runs 3 tables"


def test_one_dataset_both_ways(shop: Any, cleanhold: Run) -> None:
    drawn = lines(cleanhold("lineage", "shop.orders", "-w", shop.root))
    up, down = drawn.index("comes from"), drawn.index("goes to")
    assert "├─ source shop.orders  file://small" in drawn[up:down]
    assert "└─ refers to clean table shop.customers  never run" in drawn[up:down]
    assert any("features.spent" in line for line in drawn[down:])
    assert drawn[-1].startswith("run by flow every night")


def test_what_ran_is_told(shop: Any, cleanhold: Run) -> None:
    shop.deliver("01", "a,1,x", "b,2,", "?,3,", what="customers")
    shop.run()
    drawn = lines(cleanhold("lineage", "shop.customers", "-w", shop.root))
    assert drawn[0] == "clean table shop.customers  snapshot 1 published, 2 rows"
    assert "├─ quarantine  1 held by the newest run" in drawn
    assert "├─ channel production  snapshot 1" in drawn
    said = cleanhold("lineage", "shop.customers", "-w", shop.root, "--json").json
    (node,) = [one for one in said["nodes"] if one["id"] == "shop.customers"]
    assert node["details"]["run"]["account"]["held"] == 1
    assert node["details"]["personal"] == {"note": "direct"}
    assert node["owner"] == "owner@example.org"


def test_each_format_by_name_and_by_ending(shop: Any, cleanhold: Run, tmp_path: Path) -> None:
    chart = cleanhold("lineage", "--format", "mermaid", "-w", shop.root).out
    assert chart.startswith("flowchart LR\n")
    assert '"source shop.customers<br>file://small"' in chart
    drawing = cleanhold("lineage", "--format", "dot", "-w", shop.root).out
    assert '  "shop.orders" -> "features.spent" [label="feeds"];' in drawing
    for ending, begin in ((".mmd", "flowchart LR"), (".dot", "digraph lineage {"), (".txt", "sou")):
        file = tmp_path / f"lineage{ending}"
        assert f"{file} tells of" in cleanhold("lineage", "-o", file, "-w", shop.root).out
        assert file.read_text(encoding="utf-8").startswith(begin)
    file = tmp_path / "l.json"
    said = cleanhold("lineage", "--out", file, "-w", shop.root, "--json").json
    assert said == {"file": str(file), "format": "json", "nodes": 13}
    assert len(json.loads(file.read_text())["nodes"]) == 13


def test_what_is_not_there_is_told(shop: Any, cleanhold: Run) -> None:
    for arguments, said in (
        (("lineage", "shop.order"), "did you mean 'shop.orders'?"),
        (("lineage", "shop.orders", "--column", "amout"), "did you mean 'amount'?"),
        (("lineage", "--column", "amount"), "cleanhold lineage DATASET --column amount"),
        (("impact", "shop.orders.amout"), "did you mean 'shop.orders.amount'"),
        (("impact", "amount"), "did you mean 'shop.customers.amount' or"),
        (("impact", "zzz"), "datasets: shop.customers, shop.orders, features.spent"),
        (("impact", "check:amount.greater"), "'check:amount.greater_than_or_equal_to'"),
    ):
        found = cleanhold(*arguments, "-w", shop.root)
        assert found.code == 2
        assert said in found.err


def test_impact_of_a_check(shop: Any, cleanhold: Run) -> None:
    check = "greater_than_or_equal_to"
    said = lines(cleanhold("impact", f"shop.customers:amount.{check}", "-w", shop.root))
    assert said[0] == f"check amount.{check} of shop.customers"
    assert said[2:4] == ["shop.customers  owner@example.org", "  which rows it has"]
    assert "shop.orders  owner@example.org" in said
    every = cleanhold("impact", f"check:{check}", "-w", shop.root, "--json").json
    tables = {at for at, name in every["starts"] if name is None}
    assert tables == {"shop.customers", "shop.orders", "features.spent"}
    assert every["flows"] == ["every night"]
    assert every["what"].startswith(f"check {check} of ")
    rule = 'amount: int = field(nullable=True, ge=0, severity="warn")'
    file = shop.root / "contracts" / "shop_customers.py"
    file.write_text(file.read_text().replace("amount: int = field(nullable=True, ge=0)", rule))
    said = lines(cleanhold("impact", f"shop.customers:amount.{check}", "-w", shop.root))
    assert said[0].endswith(", which only warns")
    assert said[1:] == ["  nothing is made of it"]


def test_impact_of_a_column_that_others_refer_to(shop: Any, cleanhold: Run) -> None:
    said = cleanhold("impact", "shop.customers.id", "-w", shop.root, "--json").json
    of_orders = [one for one in said["columns"] if one["dataset"] == "shop.orders"]
    assert {one["column"] for one in of_orders} == {"id", "amount", "note", "customer"}
    assert {(one["direct"], one["way"], one["told"]) for one in of_orders} == {
        (False, "FILTER", "check customer.references")
    }
    assert said["pacts"][0]["owner"] == "models@example.org"
    assert {"dataset": "features.spent", "channel": "production", "snapshot": None} in said[
        "channels"
    ]


def test_a_column_from_its_header_to_its_consumer(shop: Any, cleanhold: Run) -> None:
    for ran in (False, True):
        if ran:
            shop.deliver("01", "a,1,x", what="customers")
            shop.write("in/orders_2026-11-01.csv", "id,amount,note,customer\no,5,,a\n")
            shop.run()
        drawn = lines(cleanhold("lineage", "features.spent", "--column", "amount", "-w", shop.root))
        assert drawn[0] == "features.spent.amount"
        assert drawn[2].startswith("└─ shop.orders.amount  summed up from several rows: sum")
        assert drawn[3].startswith("   └─ source shop.orders, header 'amount'  computed from it")
        rows = drawn[drawn.index("its rows are chosen by") :]
        assert any("shop.customers.id  decides which rows meet" in line for line in rows)
        assert drawn[-1] == "└─ consumer model  as it is: the pact names it"
        said = cleanhold("lineage", "features.spent", "-w", shop.root, "--json").json
        (node,) = [one for one in said["nodes"] if one["id"] == "features.spent"]
        assert node["details"]["columns_from"] == ("snapshot 1" if ran else "today's declarations")


def test_a_column_leads_to_its_consumer_in_every_form(shop: Any, cleanhold: Run) -> None:
    asked = ("lineage", "features.spent", "--column", "amount", "-w", shop.root)
    said = cleanhold(*asked, "--json").json
    edges = {(before, after) for before, after, _ in said["edges"]}
    assert ("features.spent@production", "pact:model:features.spent") in edges
    assert {link["after"][1] for link in said["columns"]} >= {"amount", ""}
    assert ["source:shop.customers", "note"] not in [link["before"] for link in said["columns"]]


def test_impact_of_a_header(shop: Any, cleanhold: Run) -> None:
    said = cleanhold("impact", "source:shop.orders.amount", "-w", shop.root, "--json").json
    assert said["what"] == "header shop.orders.amount"
    told = {f"{one['dataset']}.{one['column']}": one["direct"] for one in said["columns"]}
    assert told == {"shop.orders.amount": True, "features.spent.amount": True}
    (pact,) = said["pacts"]
    assert (pact["consumer"], pact["direct"], pact["indirect"]) == ("model", ["amount"], [])
    drawn = lines(cleanhold("impact", "shop.orders.amount", "-w", shop.root))
    assert drawn[0] == "header shop.orders.amount and column shop.orders.amount"
    assert "    its pact names amount of features.spent" in drawn
    assert drawn[-1] == "flows: every night"


def test_a_header_that_nothing_is_made_of(shop: Any, cleanhold: Run) -> None:
    shop.deliver("01", "a,1,x,!", what="customers", header="id,amount,note,extra")
    shop.run()
    said = lines(cleanhold("impact", "shop.customers.extra", "-w", shop.root))
    assert said == ["header shop.customers.extra", "  nothing is made of it"]


def test_a_contract_that_has_changed_since_is_told(shop: Any, cleanhold: Run) -> None:
    shop.deliver("01", "a,1,x", what="customers")
    shop.run("shop.customers")
    shop.contract("shop.customers", version="1.1.0")
    said = cleanhold("lineage", "shop.customers", "-w", shop.root, "--json").json
    (node,) = [one for one in said["nodes"] if one["id"] == "shop.customers"]
    assert node["details"]["columns_from"] == "snapshot 1, made under contract 1.0.0"


def test_a_breaking_contract_names_what_is_made_of_it(
    shop: Any, cleanhold: Run, tmp_path: Path
) -> None:
    file, new = shop.root / "contracts" / "shop_orders.py", tmp_path / "new.py"
    new.write_text(file.read_text().replace("amount: int", "amount: float"))
    compare = ("contract", "diff", file, new, "-w", shop.root)
    said = cleanhold(*compare)
    assert said.code == 1
    made = said.out[said.out.index("made of shop.orders.amount:") :].splitlines()
    assert made[1] == "  amount of features.spent, owner owner@example.org"
    assert made[2] == "  model reads it (models@example.org)"
    told = cleanhold(*compare, "--json").json
    assert [one["what"] for one in told["impact"]] == ["shop.orders.amount"]
    assert told["unknown"] is None


def test_a_breaking_contract_of_rows_and_of_nobody(
    shop: Any, cleanhold: Run, tmp_path: Path
) -> None:
    file, new = shop.root / "contracts" / "shop_customers.py", tmp_path / "new.py"
    new.write_text(file.read_text().replace('load="upsert"', 'load="append"'))
    compare = ("contract", "diff", file, new, "-w", shop.root)
    assert "made of shop.customers:\n" in cleanhold(*compare).out
    new.write_text(file.read_text().replace("amount: int", "amount: float"))
    assert "made of" not in cleanhold(*compare).out  # nothing reads the customers' amount


def test_a_workspace_that_cannot_be_read_is_told(shop: Any, cleanhold: Run, tmp_path: Path) -> None:
    file, new = shop.root / "contracts" / "shop_orders.py", tmp_path / "new.py"
    new.write_text(file.read_text().replace("amount: int", "amount: float"))
    shop.write("flows/features.py", "x = yy")
    said = cleanhold("contract", "diff", file, new, "-w", shop.root)
    assert "what is made of it is not known: the file raises NameError" in said.out
