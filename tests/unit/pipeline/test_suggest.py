"""What could correct a case: suggested with evidence, tried, and applied only by a decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.correction import Correction
from cleanhold.core.suggestion import Suggestion
from cleanhold.errors import UsageError
from cleanhold.pipeline.cases import cases
from cleanhold.pipeline.suggest import suggestion, suggestions

ORDERS = "shop.orders"
MORE = """day: date = field(nullable=True, parse=dates("%Y-%m-%d"))
    state: str = field(nullable=True, isin=["open", "closed"])
    price: Decimal = field(nullable=True, ge=0)
    who: str = field(nullable=True, isin=["Ann", "Bob"], pii="direct")
    shop: str = field(nullable=True, references="shop.shops.id")
"""
IMPORTS = """from datetime import date
from decimal import Decimal
from cleanhold import dates
"""
COLUMNS = ("id", "day", "state", "price", "who", "shop")
HEADER = ",".join(("amount", "note", *COLUMNS))


@pytest.fixture
def wide(small: Any) -> Any:
    """Orders with a column of each kind that something is suggested for."""
    small.contract("shop.shops").contract(more=MORE)
    small.deliver("01", "ab012,1,", "ab013,1,", what="shops")
    file = small.root / "contracts" / "shop_orders.py"
    file.write_text(IMPORTS + file.read_text(encoding="utf-8"), encoding="utf-8")
    return small


def deliver(small: Any, day: str, *rows: dict[str, str]) -> None:
    lines = [",".join(["", "", *(f'"{row.get(c, "")}"' for c in COLUMNS)]) for row in rows]
    small.deliver(day, *lines, header=HEADER)
    small.run()


def offered(small: Any) -> list[Suggestion]:
    """Those of the only case."""
    with Workspace.find(small.root).open() as stores:
        (only,) = cases(stores, ORDERS)
        return suggestions(stores, only)


def rules(small: Any) -> list[Correction]:
    return [each.candidate.correction for each in offered(small)]


def test_dates_in_another_layout_are_reread(wide: Any) -> None:
    deliver(wide, "02", {"id": "a", "day": "31/12/2024"}, {"id": "b", "day": "01/02/2024"})
    (only,) = offered(wide)
    assert only.candidate.correction.reread == {"day": ("%d/%m/%Y", "%Y-%m-%d")}
    assert (only.tried, only.passed, only.confidence) == (2, 2, 1.0)
    assert only.text.endswith("2 of 2 would pass")


def test_dates_that_fit_two_layouts_are_not_guessed(wide: Any) -> None:
    deliver(wide, "02", {"id": "a", "day": "03/04/2024"}, {"id": "b", "day": "01/02/2024"})
    assert offered(wide) == []


def test_dates_that_are_none_are_not_reread(wide: Any) -> None:
    deliver(wide, "02", {"id": "a", "day": "31/02/2024"}, {"id": "b", "day": "30/12/2024"})
    assert offered(wide) == []


def test_numbers_with_the_other_mark_are_read(wide: Any) -> None:
    deliver(wide, "02", {"id": "a", "price": "1.234,50"}, {"id": "b", "price": "9.999,99"})
    (only,) = rules(wide)
    assert only.mapped == {"price": {"1.234,50": "1234.50", "9.999,99": "9999.99"}}


@pytest.mark.parametrize(
    ("said", "meant"), [("OPEN", "open"), ("opne", "open"), (" close", "closed")]
)
def test_a_value_becomes_the_nearest_known(wide: Any, said: str, meant: str) -> None:
    deliver(wide, "02", {"id": "a", "state": said})
    assert [rule.mapped for rule in rules(wide)] == [{"state": {said: meant}}]


def test_blanks_and_a_mistake_are_corrected_together(wide: Any) -> None:
    deliver(wide, "02", {"id": "a", "state": "cl\u200bosd"}, {"id": "b", "state": "OP EN"})
    with Workspace.find(wide.root).open() as stores:
        found = [each for case in cases(stores, ORDERS) for each in suggestions(stores, case)]
    assert sorted(each.candidate.what for each in found) == [
        "remove blanks, take the nearest known value",
        "take the known value that is the same but for its writing",
    ]


def test_the_simplest_of_two_that_help_alike_is_enough(small: Any) -> None:
    small.contract(more="code: str = field(matches='[A-Z]+ [A-Z]+')")
    small.deliver("02", "a,1,,AB  C", header="id,amount,note,code")
    small.run()
    assert [each.candidate.what for each in offered(small)] == ["remove blanks"]


def test_dates_that_the_contract_reads_are_not_read_in_another_way(small: Any) -> None:
    day = 'day: date = field(parse=dates("%d/%m/%Y"), ge=date(2024, 6, 1))'
    small.contract(more=day)
    file = small.root / "contracts" / "shop_orders.py"
    file.write_text(IMPORTS + file.read_text(encoding="utf-8"), encoding="utf-8")
    small.deliver("02", "a,1,,03/05/2024", "b,1,,13/05/2024", header="id,amount,note,day")
    small.run()
    with Workspace.find(small.root).open() as stores:
        assert [s for case in cases(stores, ORDERS) for s in suggestions(stores, case)] == []


@pytest.mark.parametrize("text", ["(1,234.50)", "1234.50-", "\u22121234.50"])
def test_numbers_below_zero_as_accountants_write_them(small: Any, text: str) -> None:
    small.contract(more="fee: Decimal = field(parse=decimal(thousands=','))")
    file = small.root / "contracts" / "shop_orders.py"
    imports = "from decimal import Decimal\nfrom cleanhold import decimal\n"
    file.write_text(imports + file.read_text(encoding="utf-8"), encoding="utf-8")
    small.deliver("02", f'a,1,,"{text}"', header="id,amount,note,fee")
    small.run()
    (only,) = rules(small)
    assert only.mapped["fee"][text] in ("-1,234.50", "-1234.50")


def held_by(small: Any, column: str, more: str, *rows: str) -> list[tuple[int, int]]:
    """`passed` and `tried` of what is suggested for the cases of a column."""
    small.contract(more=more)
    small.deliver("02", *rows, header="id,amount,note,code")
    small.run()
    with Workspace.find(small.root).open() as stores:
        found = [suggestions(stores, c) for c in cases(stores, ORDERS) if c.column == column]
    return [(each.passed, each.tried) for some in found for each in some]


def test_a_correction_does_not_help_that_makes_a_double_of_a_published_key(small: Any) -> None:
    rows = ("ab,1,,x", "AB,2,,y", "CD,3,,z")
    assert held_by(small, "id", "code: str = field()", *rows) == [(1, 2)]


def test_a_correction_does_not_help_that_makes_a_double_of_another_value(small: Any) -> None:
    unique = "code: str = field(unique=True, matches='[a-z]+')"
    assert held_by(small, "code", unique, "a,1,,x", "b,2,,X", "c,3,,Y") == [(1, 2)]


def test_a_correction_does_not_help_that_makes_a_double_of_what_waits(small: Any) -> None:
    unique = "code: str = field(unique=True, matches='[a-z]+')"
    assert held_by(small, "code", unique, "a,-1,,x", "b,2,,X", "c,3,,Y") == [(1, 2)]


def test_a_correction_does_not_help_that_contradicts_its_group(small: Any) -> None:
    city = "field(parse=codes({'Berlin': 'Berlin', 'Munich': 'Munich'}))"
    small.contract(more=f"zip: str = field()\n    city: str = {city}")
    file = small.root / "contracts" / "shop_orders.py"
    text = file.read_text(encoding="utf-8").replace(
        'key="id"', 'key="id", checks=[determines("zip", "city")]'
    )
    imports = "from cleanhold import codes\nfrom cleanhold.checks import determines\n"
    file.write_text(imports + text, encoding="utf-8")
    rows = (f"r{n},1,,10115,Berlin" for n in range(5))
    small.deliver("02", *rows, "x,1,,10115,Munic", "y,1,,80331,Munic",
                  header="id,amount,note,zip,city")  # fmt: skip
    small.run()
    (only,) = offered(small)
    assert (only.passed, only.tried) == (1, 2)


def test_a_value_like_no_other_becomes_none(wide: Any) -> None:
    deliver(wide, "02", {"id": "a", "state": "gone"})
    assert offered(wide) == []


def test_a_reference_that_differs_in_writing_finds_its_key_and_no_neighbour(wide: Any) -> None:
    deliver(wide, "02", {"id": "a", "shop": "AB-12"})
    assert [rule.mapped for rule in rules(wide)] == [{"shop": {"AB-12": "ab012"}}]


def test_a_reference_one_digit_off_is_not_corrected(wide: Any) -> None:
    deliver(wide, "02", {"id": "a", "shop": "ab014"})
    assert offered(wide) == []


def test_the_value_that_the_key_had_before(wide: Any) -> None:
    deliver(wide, "02", {"id": "a", "price": "100"}, {"id": "b", "price": "7.50"})
    deliver(wide, "03", {"id": "a", "price": "-100"}, {"id": "b", "price": "-7.50"})
    (only,) = offered(wide)
    assert only.candidate.correction.mapped == {"price": {"-100": "100", "-7.50": "7.5"}}


def test_what_only_some_rows_had_before_is_not_given_to_all(wide: Any) -> None:
    deliver(wide, "02", {"id": "a", "price": "100"})
    deliver(wide, "03", {"id": "a", "price": "TBD"}, {"id": "b", "price": "TBD"})
    assert offered(wide) == []


def test_a_text_for_no_value_does_not_become_a_value(small: Any) -> None:
    small.contract(more="state: str = field(nulls=['NULL'])")
    small.deliver("02", "a,1,,NULL", header="id,amount,note,state")
    small.run()
    assert offered(small) == []


def test_what_most_rows_of_the_group_have(small: Any) -> None:
    small.contract(more="zip: str = field()\n    city: str = field()")
    file = small.root / "contracts" / "shop_orders.py"
    text = file.read_text(encoding="utf-8").replace(
        'key="id"', 'key="id", checks=[determines("zip", "city")]'
    )
    file.write_text("from cleanhold.checks import determines\n" + text, encoding="utf-8")
    rows = (f"r{n},1,,10115,Berlin" for n in range(5))
    small.deliver("02", *rows, "x,1,,10115,Munich", header="id,amount,note,zip,city")
    small.run()
    (only,) = rules(small)
    assert only.mapped == {"city": {"Munich": "Berlin"}}


def test_damaged_text_is_mended(small: Any) -> None:
    small.contract(more="city: str = field(isin=['München', 'Köln'])")
    small.deliver("02", "a,1,,MÃ¼nchen", header="id,amount,note,city")
    small.run()
    assert {"city": {"MÃ¼nchen": "München"}} in [rule.mapped for rule in rules(small)]


def test_personal_values_are_not_shown(wide: Any) -> None:
    deliver(wide, "02", {"id": "a", "who": "ANN"})
    (only,) = offered(wide)
    assert only.candidate.correction.mapped == {"who": {"ANN": "Ann"}}
    assert "nn" not in only.text + str(only.as_dict()["rule"]) + str(only.as_dict()["evidence"])


def test_a_suggestion_is_applied_by_a_decision(wide: Any, cleanhold: Callable[..., Any]) -> None:
    deliver(wide, "02", {"id": "a", "state": "OPEN"}, {"id": "b", "state": "OPEN"})
    at = ("-w", wide.root)
    (only,) = cleanhold("quarantine", "cases", "--json", *at).json
    shown = cleanhold("quarantine", "case", only["id"], *at).out
    assert "2 of 2 would pass" in shown
    correct = ("quarantine", "correct", "-d", ORDERS, "--reason", "why", *at)
    about = (*correct, "--case", only["id"], "--suggestion", "1")
    assert "a replay would release 2 of them" in cleanhold(*about, "--preview").out
    assert cleanhold(*about, "--yes").code == 0
    assert cleanhold("replay", "--case", only["id"], *at).code == 0
    assert wide.read()["state"].to_list() == ["open", "open"]
    alone = cleanhold(*correct, "--suggestion", "1", "--yes")
    assert (alone.code, "--case" in alone.err) == (2, True)


def test_a_suggestion_that_is_not_there_is_told(wide: Any) -> None:
    deliver(wide, "02", {"id": "a", "state": "OPEN"})
    with Workspace.find(wide.root).open() as stores:
        (only,) = cases(stores, ORDERS)
        with pytest.raises(UsageError, match="no number 9"):
            suggestion(stores, only.id, 9)
