"""Held rows go out as a workbook, are decided by people, and come back as decisions."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.unit.pipeline.conftest import ORDERS, correct


def test_one_line_a_row_with_a_cell_for_each_column_to_blame(export: Any) -> None:
    book = export()
    headings, *lines = book.cells()
    assert headings == [
        "why it is held",
        *("decision", "reason", "until (waive)"),
        *("delivered: amount", "correct: amount"),
        *("delivered: id", "delivered: note"),
        *("case", "row of shop.orders"),
    ]
    assert [line[4] for line in lines] == ["-2", "007x", "-4"]
    assert {line[7] for line in lines} == {"•••"}
    assert all(line[0] for line in lines)
    (_, refused) = book.cells("refused")
    assert refused[1] == "•••"
    assert refused[5] == "too_many_fields"
    assert export("--reveal", "to call").cells()[2][7] == "  y"
    names = CalamineWorkbook.from_path(book.file).sheet_names
    assert names == ["read me", "cases", ORDERS, "refused"]


def test_what_was_written_becomes_decisions(held: Any, export: Any, cleanhold: Any) -> None:
    later = {"decision": "waive", "until (waive)": date(2999, 1, 1), "reason": "known"}
    book = export().fill(correct("2"), correct("007"), later)
    seen = book.brought("--preview")
    assert (seen.code, seen.json["conflicts"], seen.json["made"]) == (0, [], [])
    assert [(d["act"], d["rows"], d["released"]) for d in seen.json["decisions"]] == [
        ("correct", 2, 2),
        ("waive", 1, 1),
    ]
    assert held.ids() == {"a": 1}
    assert book.brought().code == 2
    done = book.brought("--yes")
    assert [(d["act"], d["rows"], d["why"]) for d in done.json["made"]] == [
        ("correct", 2, "asked"),
        ("waive", 1, "known"),
    ]
    assert cleanhold("replay", "-w", held.root).code == 0
    assert held.ids() == {"a": 1, "b": 2, "c": 7, "d": -4}
    assert cleanhold("verify", "-w", held.root).code == 0


def test_one_line_decides_about_a_whole_case(held: Any, export: Any, cleanhold: Any) -> None:
    book = export()
    headings, *lines = book.cells("cases")
    found = {line[headings.index("delivered")]: line for line in lines}
    assert found["007x"][headings.index("rows")] == "1"
    assert found["(different values)"][headings.index("rows")] == "2"
    order = list(found)
    changes: list[dict[str, Any]] = [{}, {}]
    changes[order.index("007x")] = {
        "decision": "correct",
        "reason": "a typing error",
        "correct all to": "7",
    }
    changes[order.index("(different values)")] = {"decision": "reject", "reason": "tests"}
    done = book.fill(*changes, sheet="cases").brought("--yes")
    assert (done.code, done.json["left"]) == (0, 0)
    assert [(d["act"], d["rows"]) for d in done.json["made"]] == [("reject", 2), ("correct", 1)]
    cleanhold("replay", "-w", held.root)
    assert held.ids() == {"a": 1, "c": 7}


def test_a_row_of_its_own_mind_goes_before_its_case(export: Any) -> None:
    book = export()
    headings, *lines = book.cells("cases")
    at = [line[headings.index("delivered")] for line in lines].index("(different values)")
    reject = {"decision": "reject", "reason": "tests"}
    book.fill(*[{}] * at, reject, sheet="cases").fill(correct("2"))
    seen = book.brought("--preview")
    assert seen.code == 0
    assert {(d["act"], d["rows"]) for d in seen.json["decisions"]} == {
        ("correct", 1),
        ("reject", 1),
    }
    seen = export().fill(*[{}] * at, reject, sheet="cases").fill({"decision": "Leave"})
    seen = seen.brought("--preview")
    assert [(d["act"], d["rows"]) for d in seen.json["decisions"]] == [("reject", 1)]
    assert seen.json["left"] == 2
    everything = {"decision": "correct", "reason": "r", "correct all to": "3"}
    seen = export().fill(*[{}] * at, everything, sheet="cases").brought("--preview")
    assert "different values" in seen.json["conflicts"][0]["what"]
    assert seen.json["conflicts"][0]["sheet"] == "cases"


def test_the_same_workbook_again_does_nothing(held: Any, export: Any, cleanhold: Any) -> None:
    reject = {"decision": "reject", "reason": "a test"}
    book = export().fill(correct("2"), correct("-7"), reject)
    assert book.brought("--yes").code == 0
    for _ in range(2):
        again = book.brought("--yes")
        assert (again.code, again.json["done"], again.json["made"]) == (0, 3, [])
        assert again.json["conflicts"] == []
        cleanhold("replay", "-w", held.root)


def test_the_copy_of_somebody_else_is_a_conflict(export: Any) -> None:
    mine = export().fill(correct("2"))
    assert mine.brought("--yes").code == 0
    theirs = mine.fill(correct("3"), {"decision": "reject", "reason": "r"})
    done = theirs.brought("--yes")
    (conflict,) = done.json["conflicts"]
    assert "somebody corrected this row otherwise" in conflict["what"]
    assert re.search(r"\(correct by .+ UTC: asked\)", conflict["what"])
    assert [d["act"] for d in done.json["made"]] == ["reject"]


def test_a_row_that_was_judged_again_since_is_not_decided(
    held: Any, export: Any, cleanhold: Any
) -> None:
    book = export().fill(correct("2"))
    where = ("-d", ORDERS, "-w", held.root, "--reason", "r", "-y")
    assert cleanhold("quarantine", "correct", *where, "--map", "amount:-2=-9").code == 0
    cleanhold("replay", "-w", held.root)
    said = book.brought("--preview")
    assert "checked again since" in said.json["conflicts"][0]["what"]
    (line, *_) = export().cells()[1:]
    assert line[4] == "-9"


def test_yesterdays_workbook_after_todays_delivery(held: Any, export: Any) -> None:
    book = export().fill(correct("2"), correct("7"))
    held.deliver("03", "b,20,")
    held.run()
    done = book.brought("--yes")
    (conflict,) = done.json["conflicts"]
    assert "a later delivery took the place of this row" in conflict["what"]
    assert [d["rows"] for d in done.json["made"]] == [1]


def test_an_empty_value_is_written_as_such(held: Any, export: Any, cleanhold: Any) -> None:
    assert export().fill(correct(" (Empty)")).brought("--yes").code == 0
    cleanhold("replay", "-w", held.root)
    assert held.ids() == {"a": 1, "b": None}


def test_every_dataset_has_a_sheet(held: Any, export: Any, cleanhold: Any) -> None:
    held.contract("shop.bills").deliver("02", "z,-5,", what="bills")
    held.run()
    book = export()
    assert [line[4] for line in book.cells("shop.bills")[1:]] == ["-5"]
    book.fill(correct("5"), sheet="shop.bills").fill(correct("2"))
    done = book.brought("--yes")
    assert done.json["datasets"] == ["shop.bills", ORDERS]
    assert [(d["dataset"], d["rows"]) for d in done.json["made"]] == [
        ("shop.bills", 1),
        (ORDERS, 1),
    ]
    cleanhold("replay", "-w", held.root)
    assert held.ids("shop.bills") == {"z": 5}


def test_what_was_filled_in_is_not_overwritten(held: Any, export: Any, cleanhold: Any) -> None:
    book = export().fill(correct("2"))
    again = ("quarantine", "export", "--to", "xlsx", "-w", held.root, "--out", book.file)
    said = cleanhold(*again)
    assert said.code == 2
    assert "decisions that were not imported" in said.err
    assert book.brought("--yes").json["made"]
    assert cleanhold(*again).code == 0
    assert len(book.cells()) == 3


def test_it_is_a_workbook_of_what_waits(held: Any, cleanhold: Any, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "x", "-w", held.root)
    for options in (("--to", "csv"), ("--all",)):
        said = cleanhold("quarantine", "export", "--for-correction", *options, *out)
        assert said.code == 2
        assert options[-1] in said.err


def test_refused_records_are_exported_too(held: Any, cleanhold: Any, tmp_path: Path) -> None:
    file = tmp_path / "held.csv"
    said = cleanhold("quarantine", "export", "-d", ORDERS, "--out", file, "-w", held.root)
    assert said.out == f"4 lines in {file}\n"
    (line,) = [text for text in file.read_text().splitlines() if "refused:too_many_fields" in text]
    assert "•••" in line
    assert "e,1,x" not in line


def test_more_rows_than_a_sheet_holds(
    held: Any, export: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cleanhold.pipeline.sheet_page.SHEET_ROWS", 3)
    book = export()
    names = CalamineWorkbook.from_path(book.file).sheet_names
    assert names[2:4] == [ORDERS, f"{ORDERS} (2)"]
    assert [len(book.cells(name)) for name in names[2:4]] == [3, 2]
    book.fill(correct("4"), sheet=names[3])
    assert [d["rows"] for d in book.brought("--yes").json["made"]] == [1]
