"""What people do to workbooks: nothing is lost, and nothing is done that nobody meant."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.unit.pipeline.conftest import ORDERS, Workbook, correct

REJECT = {"decision": "reject", "reason": "r"}


#: What is wrong with a line → what is said of it.
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"decision": "correct", "correct: amount": "2"}, "the reason is missing"),
    ({"decision": "correct", "reason": "r"}, "the right value is missing"),
    (correct("   "), "the right value is missing"),
    (correct("-2"), "is what is there already"),
    (correct(2.5), "made a number of the correction of 'amount' (2.5)"),
    (correct(date(2026, 1, 2)), "made a date of"),
    (correct("•••"), "a value that is hidden"),
    ({"correct: amount": "2"}, "the decision is not 'correct'"),
    ({"decision": "burn", "reason": "r"}, "'burn' is no decision"),
    ({"decision": "waive", "until (waive)": "soon", "reason": "r"}, "like 2026-12-31"),
    ({"decision": "waive", "until (waive)": "2020-01-31", "reason": "r"}, "is over"),
    ({**correct("2"), "decision": "reject"}, "the decision is to reject"),
    ({"row of shop.orders": "0123456789abcdef-1:00", **correct("2")}, "no such row"),
    ({"row of shop.orders": "", **correct("2")}, "nothing says which row"),
    ({"delivered: id": "cc", **correct("2")}, "'delivered: id' was changed"),
    ({"delivered: amount": "2"}, "'delivered: amount' was changed"),
]


def test_lines_that_cannot_be_taken(small: Any, cleanhold: Any, tmp_path: Path) -> None:
    rows = [f"r{number},-2," for number in range(len(WRONG))]
    small.contract().deliver("02", "a,1,", *rows, "last,-9,")
    small.run()
    file = tmp_path / "held.xlsx"
    cleanhold("quarantine", "export", "--to", "xlsx", "-w", small.root, "--out", file)
    book = Workbook(file, small.root, cleanhold).fill(*(change for change, _ in WRONG), REJECT)
    done = book.brought("--yes")
    assert done.code == 1
    assert [(d["act"], d["rows"]) for d in done.json["made"]] == [("reject", 1)]
    found = done.json["conflicts"]
    assert [(c["sheet"], c["line"]) for c in found] == [(ORDERS, n + 2) for n in range(len(WRONG))]
    for conflict, (_, what) in zip(found, WRONG, strict=True):
        assert what in conflict["what"]


def test_lines_are_told_in_words(held: Any, export: Any, cleanhold: Any) -> None:
    book = export().fill(correct(""), correct("7"))
    said = cleanhold("quarantine", "import", book.file, "-w", held.root, "--preview")
    assert "not taken: sheet shop.orders, line 2: the right value is missing" in said.out
    assert "nothing is asked about 1 row\n" in said.out


def _sorted(sheets: dict[str, Any]) -> None:
    head, *lines = sheets[ORDERS]
    sheets[ORDERS] = [head, *reversed(lines)]


def _moved(sheets: dict[str, Any]) -> None:
    sheets[ORDERS] = [[line[-1], "mine", *line[:-1]] for line in sheets[ORDERS]]
    sheets[ORDERS][0][1] = "my notes"


def _headed(sheets: dict[str, Any]) -> None:
    sheets[ORDERS] = [["For Ann"], [], *sheets[ORDERS], [], ["a note at the bottom", "", "later"]]


def _renamed(sheets: dict[str, Any]) -> None:
    sheets["Tabelle1"] = sheets.pop(ORDERS)


def _thinned(sheets: dict[str, Any]) -> None:
    head = sheets[ORDERS][0]
    gone = {head.index("delivered: note"), head.index("case"), head.index("why it is held")}
    sheets[ORDERS] = [[c for n, c in enumerate(line) if n not in gone] for line in sheets[ORDERS]]
    del sheets[ORDERS][-1], sheets["cases"], sheets["refused"], sheets["read me"]


def _copied(sheets: dict[str, Any]) -> None:
    sheets[f"{ORDERS} (2)"] = [list(line) for line in sheets[ORDERS]]


@pytest.mark.parametrize("habit", [_sorted, _moved, _headed, _renamed, _thinned, _copied])
def test_harmless_habits(export: Any, habit: Callable[[dict[str, Any]], None]) -> None:
    book = export().fill(correct("2"), correct("7"))
    sheets = book.sheets
    habit(sheets)
    done = book.save(sheets).brought("--yes")
    assert (done.code, done.json["conflicts"]) == (0, [])
    assert [(d["act"], d["rows"]) for d in done.json["made"]] == [("correct", 2)]


def test_two_wishes_for_one_row(export: Any) -> None:
    book = export().fill(correct("2"), correct("7"))
    sheets = book.sheets
    copy = [list(line) for line in sheets[ORDERS]]
    copy[1][copy[0].index("correct: amount")] = "3"
    done = book.save({**sheets, "copy": copy}).brought("--yes")
    assert [(c["sheet"], c["line"]) for c in done.json["conflicts"]] == [("copy", 2), (ORDERS, 2)]
    assert [d["rows"] for d in done.json["made"]] == [1]


@pytest.mark.parametrize(
    ("heading", "now", "what"),
    [
        ("decision", "what to do", "has no column 'decision'"),
        ("reason", "decision", "has no column 'reason'"),
        ("row of shop.orders", "", "has no column 'row of …'"),
        ("case", "reason", "has the column 'reason' twice"),
    ],
)
def test_headings_that_are_needed(export: Any, heading: str, now: str, what: str) -> None:
    book = export().fill(correct("2"))
    sheets = book.sheets
    head = sheets[ORDERS][0]
    head[head.index(heading)] = now
    said = book.save(sheets).brought("--yes")
    assert said.code == 2
    assert what in said.json["error"]["what"]
    assert said.json["error"]["next"]


def test_a_column_that_no_row_has(export: Any) -> None:
    book = export().fill(correct("2"))
    sheets = book.sheets
    head = sheets[ORDERS][0]
    head[head.index("correct: amount")] = "correct: amuont"
    (conflict,) = book.save(sheets).brought("--yes").json["conflicts"]
    assert "this row has no column 'amuont'" in conflict["what"]


def test_merged_cells(export: Any) -> None:
    book = export()
    sheets = book.sheets
    with xlsxwriter.Workbook(book.file) as written:
        page = written.add_worksheet(ORDERS)
        for number, line in enumerate(sheets[ORDERS]):
            page.write_row(number, 0, line)
        page.merge_range(1, 1, 2, 1, "reject")
        page.write_row(1, 2, ["one reason"])
        page.write_row(3, 1, ["reject", "another"])
    done = book.brought("--yes")
    assert [c["line"] for c in done.json["conflicts"]] == [2]
    assert "merged" in done.json["conflicts"][0]["what"]
    assert [d["rows"] for d in done.json["made"]] == [1]


@pytest.mark.parametrize(
    ("delimiter", "encoding"),
    [(",", "utf-8-sig"), (";", "cp1252"), ("\t", "utf-16"), (";", "utf-8")],
)
def test_a_sheet_saved_as_csv(export: Any, delimiter: str, encoding: str, tmp_path: Path) -> None:
    book = export().fill(correct("2", reason="Müller; said, so"), REJECT)
    file = tmp_path / "held.csv"
    with file.open("w", encoding=encoding, newline="") as handle:
        csv.writer(handle, delimiter=delimiter).writerows(book.cells())
    done = book.brought("--yes", file=file)
    assert (done.code, done.json["conflicts"]) == (0, [])
    assert [d["why"] for d in done.json["made"]] == ["Müller; said, so", "r"]


def test_letters_that_an_old_encoding_lost(export: Any, tmp_path: Path) -> None:
    book = export().fill(correct("Ł2", reason="Müller"))
    file = tmp_path / "held.csv"
    with file.open("w", encoding="cp1252", errors="replace", newline="") as handle:
        csv.writer(handle).writerows(book.cells())
    (conflict,) = book.brought("--yes", file=file).json["conflicts"]
    assert "letters of the correction of 'amount'" in conflict["what"]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"id,amount\n", "has no sheet with held rows"),
        (b"<html><table></table></html>", "has no sheet with held rows"),
        (bytes(range(256)) * 9, "has no sheet with held rows"),
        (b"", "has no sheet with held rows"),
        (b"PK\x03\x04 and no more", "cannot be opened: the workbook is damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "cannot be opened"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
    ],
)
def test_what_is_no_workbook(export: Any, tmp_path: Path, data: bytes, what: str) -> None:
    file = tmp_path / "other.xlsx"
    file.write_bytes(data)
    said = export().brought("--yes", file=file)
    assert said.code == 2
    assert what in said.json["error"]["what"]
    assert said.json["error"]["next"]


def test_other_workbooks(held: Any, export: Any, tmp_path: Path, new_small: Any) -> None:
    book = export().fill(correct("2"))
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(book.file.read_bytes()[:-200])
    assert book.brought("--yes", file=cut).code == 2
    assert book.brought(file=tmp_path / "none.xlsx").code == 2
    other = new_small(tmp_path / "elsewhere").contract()
    other.deliver("02", "q,-1,")
    other.run()
    said = Workbook(book.file, other.root, book.cleanhold).brought("--yes")
    assert said.code == 2
    assert "in the quarantine of this workspace" in said.json["error"]["what"]


STRANGE = [
    "=cmd|' /C calc'!A0",
    "@SUM(A1)",
    "+1-2",
    "-9-9",
    "a\tb",
    "a\x01b",
    "x" * 40_000,
    "_x0001_",
]


def test_held_values_stay_text(small: Any, cleanhold: Any, tmp_path: Path) -> None:
    rows = [f'r{n},"{value}",' for n, value in enumerate(STRANGE)]
    small.contract().deliver("02", "a,1,", *rows)
    small.run()
    file = tmp_path / "held.xlsx"
    where = ("-w", small.root, "--out", file)
    assert cleanhold("quarantine", "export", "--to", "xlsx", *where).code == 0
    book = Workbook(file, small.root, cleanhold)
    at = book.cells()[0].index("delivered: amount")
    shown = [line[at] for line in book.cells()[1:]]
    assert shown[:5] == STRANGE[:5]
    assert shown[5] == "a␁b"
    assert (len(shown[6]), shown[6][-1]) == (32_767, "…")
    assert all(isinstance(cell, str) for line in book.cells() for cell in line)
    done = book.fill(*[correct("1")] * len(STRANGE)).brought("--yes")
    assert done.json["conflicts"] == []
    cleanhold("replay", "-w", small.root)
    assert set(small.ids().values()) == {1}


def test_names_that_no_sheet_can_have(small: Any, cleanhold: Any, tmp_path: Path) -> None:
    names = ["shop.customer_orders_of_the_north_a", "shop.customer_orders_of_the_north_b"]
    for name in names:
        what = name.removeprefix("shop.")
        small.contract(name).deliver("02", "a,-1,", what=what)
    small.run()
    file = tmp_path / "held.xlsx"
    cleanhold("quarantine", "export", "--to", "xlsx", "-w", small.root, "--out", file)
    found = CalamineWorkbook.from_path(file).sheet_names
    assert found[2:4] == ["shop.customer_orders_of_the_nor", "shop.customer_orders_of_t (2)"]
    book = Workbook(file, small.root, cleanhold)
    done = book.fill(correct("1"), sheet=found[3]).brought("--yes")
    assert [d["dataset"] for d in done.json["made"]] == [names[1]]
