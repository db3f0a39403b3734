"""Held rows go out as a workbook, are corrected by people, and come back as decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

ORDERS = "shop.orders"


@pytest.fixture
def held(small: Any) -> Any:
    small.contract().deliver("02", "a,1,", "b,-2,x", "c,007x,  y", "d,-4,z", "e,1,x,7")
    small.run()
    return small


@pytest.fixture
def export(held: Any, cleanhold: Callable[..., Any], tmp_path: Path) -> Callable[..., Path]:
    def write(*options: str) -> Path:
        file = tmp_path / "held.xlsx"
        where = ("-d", ORDERS, "-w", held.root, "--out", file)
        said = cleanhold("quarantine", "export", "--for-correction", *where, *options)
        assert said.code == 0, said.err
        assert "quarantine import" in said.out
        return file

    return write


def cells(file: Path, name: str = "corrections") -> list[list[Any]]:
    return CalamineWorkbook.from_path(file).get_sheet_by_name(name).to_python(skip_empty_area=False)


def fill(file: Path, *changes: Mapping[str, Any]) -> Path:
    """Write into the lines, by heading, as a spreadsheet program would save them."""
    headings, *lines = cells(file)
    for line, change in zip(lines, changes, strict=False):
        for name, value in change.items():
            line[headings.index(name)] = value
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet("corrections")
        for number, line in enumerate([headings, *lines]):
            for column, cell in enumerate(line):
                match cell:
                    case str():
                        page.write_string(number, column, cell)
                    case date():
                        page.write_datetime(number, column, cell)
                    case _:
                        page.write(number, column, cell)
    return file


def brought(cleanhold: Callable[..., Any], held: Any, file: Path, *options: str) -> Any:
    return cleanhold("quarantine", "import", file, "-w", held.root, "--json", *options)


def correct(value: Any, reason: str = "asked") -> dict[str, Any]:
    return {"decision": "correct", "correct: amount": value, "reason": reason}


def test_one_line_a_row_with_a_cell_for_each_column_to_blame(export: Any) -> None:
    headings, *lines = cells(export())
    assert headings == [
        "row of shop.orders",
        "why it is held",
        *("delivered: id", "delivered: amount", "delivered: note"),
        "correct: amount",
        *("decision", "until (waive)", "reason"),
    ]
    assert [line[2:4] for line in lines] == [["b", "-2"], ["c", "007x"], ["d", "-4"]]
    assert {line[4] for line in lines} == {"•••"}
    assert all(line[1] for line in lines)
    (_, refused) = cells(export(), "refused")
    assert refused[3] == "too_many_fields"
    assert refused[5] == "•••"
    assert cells(export("--reveal", "to call"))[2][4] == "  y"
    assert "read me" in CalamineWorkbook.from_path(export()).sheet_names


def test_what_was_written_becomes_decisions(held: Any, export: Any, cleanhold: Any) -> None:
    later = {"decision": "waive", "until (waive)": date(2999, 1, 1), "reason": "known"}
    file = fill(export(), correct("2"), correct("007"), later)
    seen = brought(cleanhold, held, file, "--preview")
    assert (seen.code, seen.json["conflicts"], seen.json["made"]) == (0, [], [])
    assert [(d["act"], d["rows"], d["released"]) for d in seen.json["decisions"]] == [
        ("correct", 2, 2),
        ("waive", 1, 1),
    ]
    assert held.ids() == {"a": 1}
    assert brought(cleanhold, held, file).code == 2
    done = brought(cleanhold, held, file, "--yes")
    assert [(d["act"], d["rows"], d["why"]) for d in done.json["made"]] == [
        ("correct", 2, "asked"),
        ("waive", 1, "known"),
    ]
    assert cleanhold("replay", "-w", held.root).code == 0
    assert held.ids() == {"a": 1, "b": 2, "c": 7, "d": -4}
    assert cleanhold("verify", "-w", held.root).code == 0
    again = brought(cleanhold, held, file, "--yes")
    assert again.code == 1
    assert {c["what"] for c in again.json["conflicts"]} == {"it was settled since: released"}


def test_what_cannot_be_taken_is_told_and_the_rest_is_done(
    held: Any, export: Any, cleanhold: Any
) -> None:
    reject = {"decision": "reject", "reason": "a test"}
    file = fill(export(), correct(2.0), {"delivered: id": "cc", **correct("7")}, reject)
    done = brought(cleanhold, held, file, "--yes")
    assert done.code == 1
    first, second = (conflict["what"] for conflict in done.json["conflicts"])
    assert "made a float of the cell 'correct: amount' (2)" in first
    assert "the locked cell of 'id' was changed" in second
    assert [d["act"] for d in done.json["made"]] == ["reject"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"decision": "correct", "correct: amount": "2"}, "no reason"),
        ({"decision": "correct", "reason": "r"}, "corrects nothing"),
        (correct("-2"), "corrects nothing"),
        (correct(date(2026, 1, 2)), "made a date of"),
        ({"correct: amount": "2"}, "no decision to correct"),
        ({"decision": "burn", "reason": "r"}, "'burn' is no decision"),
        ({"decision": "waive", "until (waive)": "soon", "reason": "r"}, "ends some day"),
        ({**correct("2"), "decision": "reject"}, "the decision is to reject"),
        ({"row of shop.orders": "0123456789abcdef-1:00", **correct("2")}, "no such row"),
    ],
)
def test_conflicts(held: Any, export: Any, cleanhold: Any, change: Any, what: str) -> None:
    said = brought(cleanhold, held, fill(export(), change), "--preview")
    assert said.code == 1
    assert said.json["decisions"] == []
    (conflict,) = said.json["conflicts"]
    assert what in conflict["what"]
    assert conflict["line"] == 2


def test_a_row_that_was_judged_again_since_is_not_decided(
    held: Any, export: Any, cleanhold: Any
) -> None:
    file = fill(export(), correct("2"))
    where = ("-d", ORDERS, "-w", held.root, "--reason", "r", "-y")
    assert cleanhold("quarantine", "correct", *where, "--map", "amount:-2=-9").code == 0
    cleanhold("replay", "-w", held.root)
    said = brought(cleanhold, held, file, "--preview")
    assert "judged again or corrected since" in said.json["conflicts"][0]["what"]
    (line, *_) = cells(export())[1:]
    assert line[3] == "-9"


def test_an_empty_value_is_written_as_such(held: Any, export: Any, cleanhold: Any) -> None:
    assert brought(cleanhold, held, fill(export(), correct("(empty)")), "--yes").code == 0
    cleanhold("replay", "-w", held.root)
    assert held.ids() == {"a": 1, "b": None}


def test_other_files_are_refused(held: Any, cleanhold: Any, tmp_path: Path) -> None:
    assert brought(cleanhold, held, tmp_path / "none.xlsx").code == 2
    (tmp_path / "text.xlsx").write_text("id,amount\n")
    assert brought(cleanhold, held, tmp_path / "text.xlsx").code == 3
    with xlsxwriter.Workbook(tmp_path / "other.xlsx") as book:
        book.add_worksheet("corrections").write_string(0, 0, "id")
    said = brought(cleanhold, held, tmp_path / "other.xlsx")
    assert said.code == 2
    assert "is not a sheet of held rows" in said.json["error"]["what"]


def test_it_is_of_one_dataset(held: Any, cleanhold: Any, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "x", "-w", held.root)
    assert cleanhold("quarantine", "export", "--for-correction", *out).code == 2
    options = ("--for-correction", "-d", ORDERS, "--to", "csv")
    assert cleanhold("quarantine", "export", *options, *out).code == 2


def test_refused_records_are_exported_too(held: Any, cleanhold: Any, tmp_path: Path) -> None:
    file = tmp_path / "held.csv"
    said = cleanhold("quarantine", "export", "-d", ORDERS, "--out", file, "-w", held.root)
    assert said.out == f"4 lines in {file}\n"
    (line,) = [text for text in file.read_text().splitlines() if "refused:too_many_fields" in text]
    assert "•••" in line
    assert "e,1,x" not in line
