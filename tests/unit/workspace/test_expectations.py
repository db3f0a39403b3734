"""Expectations of the folder `checks`: found, told apart, and asked by a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.errors import ContractError
from cleanhold.workspace.expectations import with_expectations

Run = Callable[..., Any]

FUNCTION = """
from cleanhold import expectations
from checks.numbers import LEAST


@expectations("{dataset}")
def as_a_whole():
    import great_expectations.expectations as gxe
    from checks.numbers import LEAST as the_same

    least = min(LEAST, the_same)
    return [gxe.ExpectTableRowCountToBeBetween(min_value=least, severity="{severity}")]
"""


def expected(small: Any) -> dict[str, Any]:
    return {name: contract.expectations for name, contract in
            Workspace.find(small.root).catalogue.contracts.items()}  # fmt: skip


def add(small: Any, least: int, severity: str = "critical", dataset: str = "shop.orders") -> None:
    small.write("checks/__init__.py", "")
    small.write("checks/numbers.py", f"LEAST = {least}\n")
    small.write("checks/orders.py", FUNCTION.format(dataset=dataset, severity=severity))


def test_functions_and_suites_are_found(small: Any) -> None:
    small.contract().contract("shop.items")
    before = Workspace.find(small.root).catalogue.contract("shop.items").fingerprint()
    add(small, 2)
    text = json.dumps({"name": "any", "expectations": [
        {"type": "expect_column_to_exist", "kwargs": {"column": "id"}},
        {"type": "expect_column_to_exist", "kwargs": {"column": "amount"}, "severity": "info"},
    ]}, indent=1)  # fmt: skip
    small.write("checks/expectations/shop.orders.json", text)
    found = expected(small)
    assert found["shop.items"] == ()
    function, suite = found["shop.orders"]
    assert function.where == "checks/orders.py:6"
    assert function.gives.__name__ == "as_a_whole"
    lines = [int(where.rpartition(":")[2]) for where, _ in suite.suite]
    assert ["expect_column_to_exist" in text.splitlines()[n - 1] for n in lines] == [True, True]
    assert lines[0] < lines[1]
    catalogue = Workspace.find(small.root).catalogue
    assert catalogue.contract("shop.items").fingerprint() == before
    first = catalogue.contract("shop.orders").fingerprint()
    small.write("checks/expectations/shop.orders.json", text + "\n")
    assert Workspace.find(small.root).catalogue.contract("shop.orders").fingerprint() != first


@pytest.mark.parametrize(
    ("one", "told"),
    [
        ({"kwargs": {}}, "has no type"),
        ({"expectation_type": "expect_column_to_exist"}, "before 1.0"),
        ({"type": "expect_column_to_exist", "serverity": "info"}, "did you mean 'severity'"),
        ({"type": "expect_column_to_exist", "severity": "bad"}, "critical, warning, info"),
        ({"type": "expect_column_to_exist", "kwargs": []}, "kwargs that are no object"),
        ("expect_column_to_exist", "has no type"),
    ],
)
def test_mistakes_in_a_suite_are_told_with_their_line(small: Any, one: Any, told: str) -> None:
    small.contract()
    good = {"type": "expect_column_to_exist", "kwargs": {"column": "id"}}
    text = json.dumps({"expectations": [good, one]}, indent=1)
    file = small.write("checks/expectations/shop.orders.json", text)
    with pytest.raises(ContractError, match="expectation 2") as error:
        expected(small)
    assert told in str(error.value)
    assert str(error.value.where).startswith(f"{file}:")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"expectations": 1}'])
def test_what_is_no_suite_is_refused(small: Any, text: str) -> None:
    small.contract()
    small.write("checks/expectations/shop.orders.json", text)
    with pytest.raises(ContractError, match="suite"):
        expected(small)


@pytest.mark.parametrize(
    ("decorated", "told"),
    [
        ("@expectations('shop.order')\ndef f(): ...", "did you mean 'shop.orders'"),
        ("@expectations\ndef f(): ...", "names no dataset"),
        ("@expectations('shop.orders')\ndef f(rows): ...", "has parameters"),
    ],
)
def test_mistakes_in_a_function_are_told(small: Any, decorated: str, told: str) -> None:
    small.contract()
    small.write("checks/own.py", f"from cleanhold import expectations\n{decorated}\n")
    with pytest.raises(ContractError) as error:
        expected(small)
    assert told in str(error.value)
    assert "own.py:2" in str(error.value.where)


def test_a_function_where_nothing_would_ask_it_is_refused(small: Any) -> None:
    small.contract()
    contract = small.root / "contracts" / "shop_orders.py"
    text = "\nfrom cleanhold import expectations\n@expectations('shop.orders')\ndef f(): ...\n"
    contract.write_text(contract.read_text() + text)
    with pytest.raises(ContractError, match="outside of the folder checks"):
        expected(small)


def test_nothing_is_looked_for_where_nothing_is(tmp_path: Path) -> None:
    assert with_expectations(tmp_path, {}) == {}


def test_a_run_is_stopped_until_the_expectation_is_met(
    small: Any, cleanhold: Run, conserved: Callable[[Path], int]
) -> None:
    pytest.importorskip("great_expectations", reason="the extra 'audits' is not installed")
    small.contract()
    small.deliver("01", "a,1,Anna", "b,2,Ben")
    add(small, 3)
    said = cleanhold("run", "-w", small.root)
    assert said.code == 1
    assert "expect_table_row_count_to_be_between fails: observed 2" in said.out
    assert "Calculating Metrics" not in said.out + said.err
    shown = cleanhold("audit", "show", "shop.orders", "-w", small.root)
    assert shown.code == 1
    assert "stop expectations: " in shown.out
    assert "checks/orders.py:6" in shown.out
    assert str(small.root) not in shown.out
    assert cleanhold("run", "-w", small.root).code == 1  # nothing has changed
    add(small, 3, "warning")
    said = cleanhold("run", "-w", small.root)
    assert said.code == 0
    assert "observed 2" in said.out
    assert small.ids() == {"a": 1, "b": 2}
    assert conserved(small.root) == 2
    small.write("checks/expectations/shop.orders.json", json.dumps({"expectations": [
        {"type": "expect_column_values_to_be_in_set",
         "kwargs": {"column": "note", "value_set": ["Anna"]}},
    ]}))  # fmt: skip
    assert small.states() == ["unchanged"]  # what readers have, they keep
    small.deliver("02", "c,3,Cleo")
    assert small.states()[-1] == "candidate"
    told = cleanhold("audit", "show", "shop.orders", "--json", "-w", small.root).out
    assert "Ben" not in told  # personal
    assert "•••" in told


def test_a_replay_is_asked_too(small: Any, cleanhold: Run) -> None:
    pytest.importorskip("great_expectations", reason="the extra 'audits' is not installed")
    small.contract()
    small.deliver("01", "a,1,Anna", "b,-2,Ben")
    small.write("checks/expectations/shop.orders.json", json.dumps({"expectations": [
        {"type": "expect_column_min_to_be_between", "kwargs": {"column": "amount", "min_value": 0}},
    ]}))  # fmt: skip
    assert small.states() == ["published"]
    chosen = ("-d", "shop.orders", "-w", small.root)
    waived = cleanhold("quarantine", "release", *chosen, "--yes", "--reason", "known")
    assert waived.code == 0, waived.err
    said = cleanhold("replay", *chosen)
    assert said.code == 1, said.out + said.err
    assert "expect_column_min_to_be_between (amount) fails: observed -2" in said.out
    assert small.ids() == {"a": 1}
